import type { Order, Selection } from '../../model/query.js';
import type { Column, Table } from '../../model/table.js';
import { propertyOf, readableColumn } from './literal.js';

/** The columns that a selection asks for, the primary id first. */
export function selectedColumns(table: Table, selection: Selection): readonly Column[] {
  const known = knownColumns.get(selection);
  if (known?.table === table) return known.columns;
  const columns = findColumns(table, selection);
  knownColumns.set(selection, { table, columns });
  return columns;
}

/** Queries that come again select by the same objects. */
const knownColumns = new WeakMap<Selection, { readonly table: Table; readonly columns: readonly Column[] }>();

function findColumns(table: Table, selection: Selection): readonly Column[] {
  const names = new Set([table.primaryId, ...selection.fields]);
  return [...names].map((name) => readableColumn(table, name));
}

/** The properties that a selection asks for, the primary id first. */
export function compileSelect(table: Table, selection: Selection): string {
  return selectedColumns(table, selection).map(propertyOf).join(',');
}

/** Compiles an order, made total by the primary id. */
export function compileOrder(table: Table, orders: readonly Order[]): string {
  if (orders.length === 0) return `${table.primaryId} asc`;
  const parts = new Map<string, string>();
  for (const { path, descending } of orders) {
    const property = propertyOf(readableColumn(table, path));
    if (!parts.has(property)) parts.set(property, `${property} ${descending ? 'desc' : 'asc'}`);
  }
  if (!parts.has(table.primaryId)) parts.set(table.primaryId, `${table.primaryId} asc`);
  return [...parts.values()].join(',');
}
