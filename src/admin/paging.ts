import { Field, Int, ObjectType } from 'type-graphql';
import { RequestError } from '../model/errors.js';

@ObjectType('PageInfo', { simpleResolvers: true, description: 'Whether and how a list goes on.' })
export class PageInfoType {
  @Field(() => Boolean, { description: 'Whether more comes after this page.' })
  hasNextPage!: boolean;

  @Field(() => String, { nullable: true, description: 'Pass it as `after` to continue behind this page.' })
  endCursor!: string | null;
}

@ObjectType('TotalCount', { simpleResolvers: true, description: 'How many there are.' })
export class TotalCountType {
  @Field(() => Int, { description: 'How many were counted.' })
  value!: number;

  @Field(() => Boolean, { description: 'False where the remote stopped counting: there are at least `value`.' })
  exact!: boolean;
}

export interface ListPage<Item> {
  readonly nodes: readonly Item[];
  readonly edges: readonly { readonly cursor: string; readonly node: Item }[];
  readonly pageInfo: PageInfoType;
  readonly totalCount: TotalCountType;
}

/** Cuts one page out of a list that is at hand as a whole and sorted by `nameOf`; a cursor is that name, encoded. */
export function pageOf<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
  page: { readonly first: number | null; readonly after?: string | null },
): ListPage<Item> {
  const first = pageSize(page.first, 50);
  const after = page.after == null ? null : decodeCursor(page.after);
  const rest = after === null ? items : items.filter((item) => nameOf(item) > after);
  const nodes = rest.slice(0, first);
  const edges = nodes.map((node) => ({ cursor: encodeCursor(nameOf(node)), node }));
  return {
    nodes,
    edges,
    pageInfo: { hasNextPage: rest.length > nodes.length, endCursor: edges.at(-1)?.cursor ?? null },
    totalCount: { value: items.length, exact: true },
  };
}

/** The page size asked for, `usual` where it is null. Throws BAD_USER_INPUT where it is out of bounds. */
export function pageSize(first: number | null, usual: number): number {
  const size = first ?? usual;
  if (size >= 1 && size <= MAX_PAGE_SIZE) return size;
  throw new RequestError('BAD_USER_INPUT', `Expected "first" between 1 and ${MAX_PAGE_SIZE}, but got ${size}.`, {
    field: 'first',
  });
}

const MAX_PAGE_SIZE = 1_000;

export function encodeCursor(name: string): string {
  return Buffer.from(name, 'utf8').toString('base64url');
}

export function decodeCursor(cursor: string): string {
  const name = Buffer.from(cursor, 'base64url').toString('utf8');
  if (encodeCursor(name) === cursor && name !== '') return name;
  throw new RequestError('BAD_USER_INPUT', 'Expected "after" to be a cursor of this list, as endCursor gives it.', {
    field: 'after',
  });
}
