import type { RequestContext } from '../context.js';
import { queryError, unknownProperty } from '../errors.js';
import type { OrderItem } from '../odata/ast.js';
import { assertMayFollow, followed } from '../reach.js';
import { isReference, type Row } from '../store.js';
import type { ColumnDefinition } from '../table-definitions.js';
import { type Table, targetType } from '../tables.js';
import { formattedValue } from './formatted-value.js';
import type { TableRow } from './related.js';

/** What rows are ordered by: text in lower case, numbers (booleans as 0 and 1), null. */
export type SortKey = string | number | null;

/** An entry of `$orderby` that can be computed for a row. */
export interface Ordering {
  /** As the paging cookie names it. */
  readonly name: string;
  readonly descending: boolean;
  keyOf(row: TableRow): SortKey;
}

/**
 * Compiles `$orderby`. Lookup columns order by the name of the row they point at, choices by their number.
 * https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query/order-rows
 *
 * @throws DynamicsError 400 naming a property that the table does not have, 403 where a path leads to a table that the caller may not read.
 */
export function compileOrder(context: RequestContext, table: Table, items: readonly OrderItem[]): Ordering[] {
  return items.map(({ path, descending }) => {
    assertOrderPath(context, table, path);
    return { name: path.join('_'), descending, keyOf: (row) => sortKey(context, row, path) };
  });
}

/** Orders by the keys, null first, as SQL Server does; then by id, so that the order is total. */
export function compareKeys(orderings: readonly Pick<Ordering, 'descending'>[], a: SortedRow, b: SortedRow): number {
  for (let at = 0; at < orderings.length; at += 1) {
    const order = compareKey(a.keys[at] ?? null, b.keys[at] ?? null);
    if (order !== 0) return orderings[at]?.descending === true ? -order : order;
  }
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/** The place of a row in an order. */
export interface SortedRow {
  readonly id: string;
  readonly keys: readonly SortKey[];
}

function compareKey(a: SortKey, b: SortKey): number {
  if (a === b) return 0;
  if (a === null) return -1;
  if (b === null) return 1;
  return a < b ? -1 : 1;
}

function assertOrderPath(context: RequestContext, table: Table, path: readonly string[]): void {
  const [first = '', ...rest] = path;
  if (rest.length === 0) {
    if (!table.properties.has(first)) throw unknownProperty(first, table.name);
    return;
  }
  const navigation = table.navigation.get(first);
  if (navigation === undefined) throw unknownProperty(first, table.name);
  if (navigation.kind !== 'lookup') {
    throw queryError(`The $orderby path '${path.join('/')}' does not lead to a single value.`);
  }
  assertMayFollow(context, navigation);
  assertOrderPath(context, targetType(context.tables, navigation), rest);
}

function sortKey(context: RequestContext, row: TableRow, path: readonly string[]): SortKey {
  const [first = '', ...rest] = path;
  const navigation = row.table.navigation.get(first);
  if (rest.length > 0) {
    const target = navigation === undefined ? undefined : followed(context, row, navigation);
    return target === undefined ? null : sortKey(context, target, rest);
  }
  const column = row.table.properties.get(first)?.column;
  return column === undefined ? null : columnKey(context, row.row, column);
}

/** The sort key of a column; lookups sort by the name of the row they point at. */
export function columnKey(context: RequestContext, row: Row, column: ColumnDefinition): SortKey {
  const cell = row[column.name];
  if (cell === undefined) return null;
  if (isReference(cell)) return formattedValue(context, row, column)?.toLowerCase() ?? null;
  if (typeof cell === 'boolean') return cell ? 1 : 0;
  return typeof cell === 'string' ? cell.toLowerCase() : cell;
}
