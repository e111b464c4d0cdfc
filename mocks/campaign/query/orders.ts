import { type Compiled, compileExpression, type Scope } from '../expression/compile.js';
import { compareOperands, isTruthy, type Operand } from '../expression/operand.js';
import type { CompiledSchema, ValueNode } from '../schema-model.js';
import type { SessionView } from '../session-view.js';
import type { Row, Table } from '../store.js';
import { emptyValue, kindOf } from '../values.js';
import { isTrue, type XmlElement } from '../xml.js';
import type { QueryContext } from './context.js';
import { filterRows } from './rows.js';

export interface Order {
  readonly expression: Compiled;
  readonly direction: 1 | -1;
}

/** Compiles the nodes of an `orderBy`. `sortAsc="false"`, which the console writes, is descending too. */
export function compileOrders(
  nodes: readonly XmlElement[],
  schema: CompiledSchema,
  { view, parameters }: QueryContext,
): readonly Order[] {
  return nodes.map(({ attributes }) => ({
    expression: compileExpression(attributes.expr ?? '', schema, view, parameters),
    direction: isTrue(attributes.sortDesc) || attributes.sortAsc === 'false' ? -1 : 1,
  }));
}

/** Orders scopes. Those that compare equal keep their order. */
export function sortScopes(scopes: readonly Scope[], orders: readonly Order[]): readonly Scope[] {
  if (orders.length === 0) return scopes;
  const keyed = scopes.map((scope) => ({ scope, keys: orders.map(({ expression }) => expression.evaluate(scope)) }));
  keyed.sort((left, right) => compareKeys(left.keys, right.keys, orders));
  return keyed.map(({ scope }) => scope);
}

function compareKeys(left: readonly Operand[], right: readonly Operand[], orders: readonly Order[]): number {
  for (let index = 0; index < orders.length; index += 1) {
    const order = compareOperands(left[index] ?? null, right[index] ?? null);
    if (order !== 0) return order * (orders[index]?.direction ?? 1);
  }
  return 0;
}

/** The first rows, at most `limit`, that a filter lets through, in the order asked for; equal ones in the order they came to be. */
export function orderedRows(
  filter: Compiled | undefined,
  orders: readonly Order[],
  schema: CompiledSchema,
  view: SessionView,
  limit: number,
): readonly Row[] {
  const [first, ...rest] = orders;
  if (!first) return filterRows(filter, schema, view, limit);
  const column = first.expression.column;
  if (column && canWalk(column, filter))
    return walk({ filter, column, first, rest, table: view.tableOf(schema), limit });
  const scopes = filterRows(filter, schema, view).map((row) => ({ row }));
  return sortScopes(scopes, orders)
    .slice(0, limit)
    .flatMap(({ row }) => row ?? []);
}

/** An index tells the order of whole tables; what a condition picks by value is sorted instead. Text of an int64 has another order. */
function canWalk(column: ValueNode, filter: Compiled | undefined): boolean {
  const isElsewhere = filter?.range !== undefined && filter.range.column.path !== column.path;
  return kindOf(column.type) !== 'int64' && !filter?.candidates && !isElsewhere;
}

interface Walk {
  readonly filter: Compiled | undefined;
  readonly column: ValueNode;
  readonly first: Order;
  readonly rest: readonly Order[];
  readonly table: Table;
  readonly limit: number;
}

/** Reads the index of the first order from one end, run by run of equal values, until there are rows enough. */
function walk({ filter, column, first, rest, table, limit }: Walk): readonly Row[] {
  const index = table.ordered(column.path, emptyValue(kindOf(column.type)));
  const { start, end } = index.range(filter?.range?.low, filter?.range?.high);
  const serials = index.serials();
  const isAscending = first.direction > 0;
  const found: Row[] = [];
  let at = isAscending ? start : end - 1;
  while (found.length < limit && at >= start && at < end) {
    const value = index.valueOf(serials[at] ?? 0);
    const isSame = (position: number) => index.valueOf(serials[position] ?? 0) === value;
    const from = at;
    if (isAscending)
      do at += 1;
      while (at < end && isSame(at));
    else
      do at -= 1;
      while (at >= start && isSame(at));
    const [low, high] = isAscending ? [from, at] : [at + 1, from + 1];
    const wanted = limit - found.length;
    for (const row of runOf(serials, low, high, { filter, rest, table, wanted })) found.push(row);
  }
  return found;
}

function runOf(
  serials: readonly number[],
  low: number,
  high: number,
  { filter, rest, table, wanted }: Pick<Walk, 'filter' | 'rest' | 'table'> & { readonly wanted: number },
): readonly Row[] {
  const rows: Row[] = [];
  for (let at = low; at < high; at += 1) {
    // Without further orders the run is in its final order.
    if (rest.length === 0 && rows.length >= wanted) break;
    const row = table.get(serials[at] ?? 0);
    if (row && (!filter || isTruthy(filter.evaluate({ row })))) rows.push(row);
  }
  if (rest.length === 0 || rows.length < 2) return rows.slice(0, wanted);
  const sorted = sortScopes(
    rows.map((row) => ({ row })),
    rest,
  );
  return sorted.slice(0, wanted).flatMap(({ row }) => row ?? []);
}
