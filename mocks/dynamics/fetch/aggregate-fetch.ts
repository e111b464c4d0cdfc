import type { RequestContext } from '../context.js';
import { type AggregateMethod, type Aggregation, groupRows } from '../query/aggregate.js';
import { columnKey, compareKeys } from '../query/order.js';
import type { Cell } from '../store.js';
import type { DateGrouping, FetchColumn, FetchEntity, FetchQuery } from './query.js';
import type { Scope } from './scope.js';
import { type AggregateValue, writeAggregate } from './write-scope.js';

/**
 * The groups of an aggregate query, ordered, as rows of an answer.
 * https://learn.microsoft.com/power-apps/developer/data-platform/fetchxml/aggregate-data
 *
 * @throws DynamicsError 400 beyond 50,000 rows.
 */
export function aggregateFetch(context: RequestContext, query: FetchQuery, scopes: Iterable<Scope>): object[] {
  const columns = query.entities.flatMap((entity) => entity.columns.map((column) => ({ entity, column })));
  const keys = columns.filter((it) => it.column.isGroup);
  const aggregates = columns.filter((it) => !it.column.isGroup);
  const groups = groupRows(scopes, {
    keys: keys.map(({ entity, column }) => keyOf(entity, column)),
    aggregations: aggregates.map(({ entity, column }) => aggregationOf(entity, column)),
  });
  const rows = groups.map((group) => [
    ...keys.map(({ column }, at) => valueIn(column, group.keys[at])),
    ...aggregates.map(({ column }, at) => valueIn(column, group.values[at])),
  ]);
  return ordered(context, query, rows).map((values) => writeAggregate(context, values));
}

function keyOf({ index }: FetchEntity, { column, dateGrouping }: FetchColumn): (scope: Scope) => Cell | undefined {
  const read = (scope: Scope) => scope[index]?.[column.name];
  if (dateGrouping === null) return read;
  return (scope) => {
    const cell = read(scope);
    return typeof cell === 'string' ? datePart(dateGrouping, new Date(cell)) : undefined;
  };
}

/** Parts of a date in UTC; a fiscal year is a calendar year and a fiscal period a quarter of it. */
function datePart(grouping: DateGrouping, date: Date): number {
  const month = date.getUTCMonth();
  switch (grouping) {
    case 'day':
      return date.getUTCDate();
    case 'week':
      return weekOf(date);
    case 'month':
      return month + 1;
    case 'quarter':
    case 'fiscal-period':
      return Math.floor(month / 3) + 1;
    case 'year':
    case 'fiscal-year':
      return date.getUTCFullYear();
  }
}

/** Week 1 holds the first of January; weeks begin on Sunday. */
function weekOf(date: Date): number {
  const first = new Date(Date.UTC(date.getUTCFullYear(), 0, 1));
  const day = Math.floor((date.getTime() - first.getTime()) / 86_400_000);
  return Math.floor((day + first.getUTCDay()) / 7) + 1;
}

function aggregationOf({ index }: FetchEntity, column: FetchColumn): Aggregation<Scope> {
  return { method: methodOf(column), valueOf: (scope) => scope[index]?.[column.column.name] };
}

function methodOf({ aggregate, isDistinct }: FetchColumn): AggregateMethod {
  if (aggregate === 'countcolumn' && isDistinct) return 'countdistinct';
  return aggregate ?? 'count';
}

function valueIn({ alias, column, aggregate, dateGrouping }: FetchColumn, cell: Cell | undefined): AggregateValue {
  const isCount = aggregate === 'count' || aggregate === 'countcolumn' || dateGrouping !== null;
  return { alias: alias ?? column.name, column, cell, isOfColumn: !isCount };
}

function ordered(
  context: RequestContext,
  { orders }: FetchQuery,
  rows: readonly (readonly AggregateValue[])[],
): readonly (readonly AggregateValue[])[] {
  if (orders.length === 0) return rows;
  const places = rows.map((values, at) => ({
    values,
    place: { id: String(at).padStart(9, '0'), keys: orders.map(({ alias }) => sortKeyOf(context, values, alias)) },
  }));
  return places.sort((a, b) => compareKeys(orders, a.place, b.place)).map(({ values }) => values);
}

function sortKeyOf(context: RequestContext, values: readonly AggregateValue[], alias: string | null) {
  const value = values.find((it) => it.alias === alias);
  if (value?.cell === undefined) return null;
  return columnKey(context, { [value.column.name]: value.cell }, value.column);
}
