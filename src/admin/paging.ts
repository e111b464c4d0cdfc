import { Field, Int, ObjectType } from 'type-graphql';
import { RequestError } from '../model/errors.js';

@ObjectType('PageInfo', { simpleResolvers: true })
export class PageInfoType {
  @Field(() => Boolean)
  hasNextPage!: boolean;

  @Field(() => String, { nullable: true, description: 'Pass it as `after` to continue behind this page.' })
  endCursor!: string | null;
}

@ObjectType('TotalCount', { simpleResolvers: true })
export class TotalCountType {
  @Field(() => Int)
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
  page: { readonly first: number; readonly after?: string | null },
): ListPage<Item> {
  assertFirst(page.first);
  const after = page.after == null ? null : decodeCursor(page.after);
  const rest = after === null ? items : items.filter((item) => nameOf(item) > after);
  const nodes = rest.slice(0, page.first);
  const edges = nodes.map((node) => ({ cursor: encodeCursor(nameOf(node)), node }));
  return {
    nodes,
    edges,
    pageInfo: { hasNextPage: rest.length > nodes.length, endCursor: edges.at(-1)?.cursor ?? null },
    totalCount: { value: items.length, exact: true },
  };
}

export function assertFirst(first: number): void {
  if (first >= 1 && first <= 1000) return;
  throw new RequestError('BAD_USER_INPUT', `Expected "first" between 1 and 1000, but got ${first}.`, {
    field: 'first',
  });
}

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
