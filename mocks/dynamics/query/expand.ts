import { toBytes } from '../byte-text.js';
import { type RequestContext, rowUrl } from '../context.js';
import { queryError, unknownProperty } from '../errors.js';
import type { ExpandItem } from '../odata/ast.js';
import { followed } from '../reach.js';
import type { Row } from '../store.js';
import {
  type ManyToManyNavigation,
  type Navigation,
  type OneToManyNavigation,
  type Table,
  targetType,
} from '../tables.js';
import { encodeSkipToken } from './cookie.js';
import { assertFilter } from './filter.js';
import { compileOrder } from './order.js';
import { relatedIds } from './related.js';
import { selectRows } from './select-rows.js';
import { type RowShape, selectProperties, writeRow } from './write-row.js';

/** A collection inside a row holds at most this many rows. */
const MAX_EXPANDED_ROWS = 5000;

const LIMITED_OPTIONS =
  'Only $select and $filter clause can be provided while doing $expand on many-to-one relationship or nested one-to-many relationship.';

/**
 * Checks `$expand` against the rules of the service.
 * https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query/join-tables
 *
 * @throws DynamicsError 400 with the service's own text.
 */
export function assertExpand(context: RequestContext, table: Table, items: readonly ExpandItem[]): void {
  const isNested = items.some((item) => (item.expand ?? []).length > 0);
  for (const item of items) assertItem({ context, table, isNested, depth: 1 }, item);
  const kinds = new Set(items.map((item) => table.navigation.get(item.property)?.kind));
  if (kinds.has('many-to-many') && kinds.size > 1)
    throw queryError('Many-to-many relationships cannot be expanded together with one-to-many or many-to-one ones.');
}

interface Position {
  readonly context: RequestContext;
  readonly table: Table;
  /** Whether any entry of the query has a `$expand` of its own. */
  readonly isNested: boolean;
  readonly depth: number;
}

function assertItem(position: Position, item: ExpandItem): void {
  const { context, table, isNested, depth } = position;
  const navigation = table.navigation.get(item.property);
  if (navigation === undefined) throw unknownProperty(item.property, table.name);
  const isCollection = navigation.kind !== 'lookup';
  if (item.ref && isCollection)
    throw queryError('Expand with $ref is only supported on lookup type navigation property.');
  const isLimited = !isCollection || isNested;
  if (isLimited && (item.orderBy !== undefined || item.top !== undefined)) throw queryError(LIMITED_OPTIONS);
  if (!isCollection && item.filter !== undefined) throw queryError(LIMITED_OPTIONS);
  if (navigation.kind === 'many-to-many' && (depth > 1 || (item.expand ?? []).length > 0)) {
    throw queryError('Nested $expand is not supported on many-to-many relationships.');
  }
  const target = targetType(context.tables, navigation);
  selectProperties(target, item.select);
  if (item.filter !== undefined) assertFilter(context, target, item.filter);
  for (const inner of item.expand ?? []) assertItem({ context, table: target, isNested, depth: depth + 1 }, inner);
}

export interface Expansion {
  readonly table: Table;
  readonly row: Row;
  readonly items: readonly ExpandItem[];
}

/** What `$expand` asks for, as members that follow others in the byte text of a row: each begins with a comma. */
export function writeExpansions(context: RequestContext, { table, row, items }: Expansion): string {
  const isNested = items.some((item) => (item.expand ?? []).length > 0);
  const members = items.map((item) => {
    const navigation = table.navigation.get(item.property);
    if (navigation === undefined) return '';
    if (navigation.kind !== 'lookup') return writeCollection(context, { table, row, navigation, item, isNested });
    return `,"${item.property}":${writeSingle(context, { table, row }, navigation, item)}`;
  });
  return members.join('');
}

function writeSingle(
  context: RequestContext,
  from: { readonly table: Table; readonly row: Row },
  navigation: Navigation,
  item: ExpandItem,
): string {
  const target = followed(context, from, navigation);
  if (target === undefined) return 'null';
  const id = String(target.row[target.table.definition.primaryId]);
  if (item.ref) return toBytes(JSON.stringify({ '@odata.id': rowUrl(context, target.table.name, id) }));
  return writeRow(context, shapeOf(targetType(context.tables, navigation), item), target.row);
}

/** By the item, which is the same for every row of a page and for queries that come again. */
const SHAPES = new WeakMap<ExpandItem, RowShape>();

/** The tables may have been redefined since a shape was made. */
function shapeOf(table: Table, item: ExpandItem): RowShape {
  const known = SHAPES.get(item);
  if (known?.table === table) return known;
  const made = { table, properties: selectProperties(table, item.select), expand: item.expand ?? [] };
  SHAPES.set(item, made);
  return made;
}

interface CollectionExpansion {
  readonly table: Table;
  readonly row: Row;
  readonly navigation: OneToManyNavigation | ManyToManyNavigation;
  readonly item: ExpandItem;
  readonly isNested: boolean;
}

function writeCollection(context: RequestContext, expansion: CollectionExpansion): string {
  const { table, row, navigation, item, isNested } = expansion;
  const target = context.tables.get(navigation.table);
  const selected = selectRows(context, {
    table: target,
    ids: relatedIds(context.store, { table, row }, navigation),
    filter: item.filter ?? null,
    orderBy: item.orderBy ?? [],
  });
  const shape = shapeOf(target, item);
  const pageSize = isNested ? context.prefer.maxPageSize : null;
  const limit = Math.min(item.top ?? MAX_EXPANDED_ROWS, pageSize ?? MAX_EXPANDED_ROWS);
  const rows = [...take(selected.after(null), limit + 1)];
  const page = rows.slice(0, limit);
  const link = nextLink(context, { expansion, page: page.map((it) => it.place), hasMore: rows.length > limit });
  const written = page.map((it) => writeRow(context, shape, it.row)).join(',');
  const linked = link === null ? '' : `,"${item.property}@odata.nextLink":${toBytes(JSON.stringify(link))}`;
  return `,"${item.property}":[${written}]${linked}`;
}

interface ExpandedPage {
  readonly expansion: CollectionExpansion;
  readonly page: readonly { readonly id: string; readonly keys: readonly (string | number | null)[] }[];
  readonly hasMore: boolean;
}

/**
 * A single-level expansion always comes with a link to the same collection, although nothing is left to read; a nested one with a
 * link to its next page, where there is one.
 */
function nextLink(context: RequestContext, { expansion, page, hasMore }: ExpandedPage): string | null {
  const { table, row, item, isNested } = expansion;
  const id = String(row[table.definition.primaryId]);
  const options = item.select === undefined ? [] : [`$select=${item.select.join(',')}`];
  const url = `${rowUrl(context, table.name, id)}/${item.property}`;
  if (!isNested) return [url, ...options].join('?');
  const [first, last] = [page[0], page.at(-1)];
  if (!hasMore || first === undefined || last === undefined) return null;
  const target = context.tables.get(expansion.navigation.table);
  const orderings = compileOrder(context, target, item.orderBy ?? []);
  const token = encodeSkipToken({ number: 1, first, last }, { primaryId: target.definition.primaryId, orderings });
  return `${url}?${[...options, `$skiptoken=${token}`].join('&')}`;
}

export function* take<T>(items: Iterable<T>, limit: number): Generator<T> {
  if (limit <= 0) return;
  let left = limit;
  for (const item of items) {
    yield item;
    left -= 1;
    if (left === 0) return;
  }
}
