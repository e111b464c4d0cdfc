import { formatMoment, type RequestContext } from '../context.js';
import type { FilterNode, OrderItem } from '../odata/ast.js';
import { equalityTerms, type RangeTerm, rangeTerms } from '../odata/index-terms.js';
import { reachOf } from '../reach.js';
import type { Row, Store } from '../store.js';
import type { ColumnDefinition } from '../table-definitions.js';
import type { Table } from '../tables.js';
import { columnNamed, compileCondition } from './filter.js';
import { compareKeys, compileOrder, type Ordering, type SortedRow } from './order.js';

/** Which rows of a table, in which order. `ids` limits them to a filtered collection; null means all. */
export interface RowSelection {
  readonly table: Table;
  readonly ids: Iterable<string> | null;
  readonly filter: FilterNode | null;
  readonly orderBy: readonly OrderItem[];
}

/** Rows of a selection in its order, each with its place. Iterate as far as needed; without an order nothing is sorted. */
export interface SelectedRows {
  readonly orderings: readonly Ordering[];
  after(start: SortedRow | null): Iterable<{ readonly row: Row; readonly place: SortedRow }>;
}

/** Selects rows, by way of an index where the condition has a term that one serves. */
export function selectRows(context: RequestContext, selection: RowSelection): SelectedRows {
  const orderings = compileOrder(context, selection.table, selection.orderBy);
  return {
    orderings,
    after: (start) =>
      orderings.length === 0 ? inIdOrder(context, selection, start) : sorted(context, { selection, orderings, start }),
  };
}

function* inIdOrder(context: RequestContext, selection: RowSelection, start: SortedRow | null) {
  const { table } = selection;
  const rows = context.store.table(table.name);
  const matches = matcher(context, selection);
  const ids = candidateIds(context, selection) ?? rows.sortedIds();
  for (let at = start === null ? 0 : firstAfter(ids, start.id); at < ids.length; at += 1) {
    const id = ids[at] ?? '';
    const row = rows.get(id);
    if (row !== undefined && matches(row)) yield { row, place: { id, keys: [] } };
  }
}

interface SortedSelection {
  readonly selection: RowSelection;
  readonly orderings: readonly Ordering[];
  readonly start: SortedRow | null;
}

function* sorted(context: RequestContext, { selection, orderings, start }: SortedSelection) {
  const rows = context.store.table(selection.table.name);
  for (const place of sortedPlaces(context, selection, orderings)) {
    if (start !== null && compareKeys(orderings, place, start) <= 0) continue;
    const row = rows.get(place.id);
    if (row !== undefined) yield { row, place };
  }
}

/** The last orders that were computed, by what they were computed from: the pages of one query share their order. */
const ORDERS = new WeakMap<object, Map<string, readonly SortedRow[]>>();
const ORDERS_LIMIT = 8;

function sortedPlaces(
  context: RequestContext,
  selection: RowSelection,
  orderings: readonly Ordering[],
): readonly SortedRow[] {
  if (selection.ids !== null) return computePlaces(context, selection, orderings);
  const cache = ORDERS.get(context.store.epoch) ?? new Map<string, readonly SortedRow[]>();
  ORDERS.set(context.store.epoch, cache);
  // Conditions and orders may reach other tables and the time, so any write anywhere and any second makes a new entry.
  const isTimed = JSON.stringify(selection.filter).includes('"function"') ? formatMoment(context.now()) : '';
  const key = JSON.stringify([
    context.store.version,
    context.user.systemuserid,
    selection.table.name,
    selection.filter,
    selection.orderBy,
    isTimed,
  ]);
  const known = cache.get(key);
  if (known !== undefined) return known;
  const places = computePlaces(context, selection, orderings);
  if (cache.size >= ORDERS_LIMIT) cache.delete(cache.keys().next().value ?? '');
  cache.set(key, places);
  return places;
}

function computePlaces(
  context: RequestContext,
  selection: RowSelection,
  orderings: readonly Ordering[],
): readonly SortedRow[] {
  const { table } = selection;
  const rows = context.store.table(table.name);
  const matches = matcher(context, selection);
  const places: SortedRow[] = [];
  for (const id of candidateIds(context, selection) ?? rows.sortedIds()) {
    const row = rows.get(id);
    if (row === undefined || !matches(row)) continue;
    places.push({ id, keys: orderings.map((ordering) => ordering.keyOf({ table, row })) });
  }
  return places.sort((a, b) => compareKeys(orderings, a, b));
}

/** Rows that the caller may not read are passed over. */
function matcher(context: RequestContext, { table, filter }: RowSelection): (row: Row) => boolean {
  const reach = reachOf(context, 'Read', table) ?? (() => true);
  if (filter === null) return reach;
  const matches = compileCondition(context, filter);
  return (row) => reach(row) && matches({ table, row });
}

/** Sorted ids that hold every row of the selection, from a related collection or an index; null: all rows. */
function candidateIds(context: RequestContext, { table, ids, filter }: RowSelection): readonly string[] | null {
  if (ids !== null) return [...ids].sort();
  const terms = filter === null ? [] : equalityTerms(filter);
  const rows = context.store.table(table.name);
  for (const { property, values } of terms) {
    const column = columnNamed(table, property);
    if (column === undefined || column.type === 'DateTime' || column.type === 'DateOnly') continue;
    const found = new Set(values.flatMap((value) => [...rows.idsWith(column.name, value)]));
    return [...found].sort();
  }
  for (const term of filter === null ? [] : rangeTerms(filter)) {
    const found = idsInRange(context.store, table, term);
    if (found !== null) return found;
  }
  return null;
}

/** A range that holds more than this share of the rows is read faster in the order of ids, page by page. */
const NARROW = 0.125;

function idsInRange(store: Store, table: Table, { property, from, to }: RangeTerm): readonly string[] | null {
  const column = columnNamed(table, property);
  if (column === undefined) return null;
  const rows = store.table(table.name);
  const found = rows.idsBetween(column.name, { from: storedBound(column, from), to: storedBound(column, to) });
  return found.length > rows.size * NARROW ? null : [...found].sort();
}

/** A bound in the form that rows hold: moments to the second, days as such. */
function storedBound(column: ColumnDefinition, bound: string | number | null): string | number | null {
  if (typeof bound !== 'string') return bound;
  if (Number.isNaN(Date.parse(bound))) return null;
  const moment = `${new Date(bound).toISOString().slice(0, 19)}Z`;
  return column.type === 'DateOnly' ? moment.slice(0, 10) : moment;
}

/** The index of the first id above another; ids are sorted. */
function firstAfter(ids: readonly string[], id: string): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ids[middle] ?? '') <= id) low = middle + 1;
    else high = middle;
  }
  return low;
}
