import type { RequestContext } from './context.js';
import { CODES, DynamicsError, queryError, rowNotFound } from './errors.js';
import { isGuid, type Key, normalizeGuid } from './resource-path.js';
import type { Cell, Row } from './store.js';
import type { ColumnDefinition, KeyDefinition } from './table-definitions.js';
import { isLookup, propertyName, type Table } from './tables.js';

/** A row as a URL addresses it, there or not. */
export interface AddressedRow {
  readonly table: Table;
  /** The id of the row, or the one it would get; null where an alternate key finds no row. */
  readonly id: string | null;
  readonly row: Row | undefined;
  /** The values of the alternate key; null where the row is addressed by its id. */
  readonly keyValues: Readonly<Record<string, Cell>> | null;
}

/**
 * Finds the row that a key names: `(guid)`, `(accountid=guid)`, or an alternate key.
 * https://learn.microsoft.com/power-apps/developer/data-platform/use-alternate-key-reference-record
 *
 * @throws DynamicsError 400 where the names are no key of the table.
 */
export function addressRow(context: RequestContext, table: Table, key: Key): AddressedRow {
  if (key.kind === 'none') throw invalidKey(table);
  if (key.kind === 'id') return byId(context, table, key.id);
  const id = key.values.get(keyProperty(table));
  if (id !== undefined && key.values.size === 1) {
    if (!isGuid(id)) throw invalidKey(table);
    return byId(context, table, normalizeGuid(id));
  }
  return byAlternateKey(context, table, key.values);
}

/** The row, or the service's own 404. */
export function requireRow({ table, row, id, keyValues }: AddressedRow): Row {
  if (row !== undefined) return row;
  if (keyValues === null) throw rowNotFound(table.name, id ?? '');
  throw new DynamicsError(
    404,
    CODES.notFoundByKey,
    `A record with the specified key values does not exist in ${table.name} entity`,
  );
}

/** Users and teams are principals, whose key is `ownerid`. */
export function keyProperty(table: Table): string {
  return table.name === 'systemuser' || table.name === 'team' ? 'ownerid' : table.definition.primaryId;
}

function byId(context: RequestContext, table: Table, id: string): AddressedRow {
  return { table, id, row: context.store.table(table.name).get(id), keyValues: null };
}

function byAlternateKey(context: RequestContext, table: Table, values: ReadonlyMap<string, string>): AddressedRow {
  const key = (table.definition.keys ?? []).find((it) => isKey(table, it, values));
  if (key === undefined) throw invalidKey(table);
  const keyValues = Object.fromEntries(key.columns.map((name) => [name, keyCell(table, name, values)]));
  const row = findByKey(context, table, keyValues);
  return { table, id: row === undefined ? null : String(row[table.definition.primaryId]), row, keyValues };
}

function isKey(table: Table, key: KeyDefinition, values: ReadonlyMap<string, string>): boolean {
  if ((key.status ?? 'Active') !== 'Active' || key.columns.length !== values.size) return false;
  return key.columns.every((name) => {
    const column = table.columns.get(name);
    return column !== undefined && values.has(propertyName(column));
  });
}

function keyCell(table: Table, name: string, values: ReadonlyMap<string, string>): Cell {
  const column = table.columns.get(name);
  const text = column === undefined ? '' : (values.get(propertyName(column)) ?? '');
  return column === undefined ? text : cellOf(column, text);
}

function cellOf(column: ColumnDefinition, text: string): Cell {
  if (isLookup(column)) return { table: column.targets?.[0]?.table ?? '', id: normalizeGuid(text) };
  if (column.type === 'Boolean') return text === 'true';
  if (['Integer', 'BigInt', 'Decimal', 'Double', 'Money', 'Picklist'].includes(column.type)) return Number(text);
  return column.type === 'Uniqueidentifier' ? normalizeGuid(text) : text;
}

/** The row whose columns hold these values; text is compared without regard to case. */
export function findByKey(
  context: RequestContext,
  table: Table,
  values: Readonly<Record<string, Cell>>,
): Row | undefined {
  const rows = context.store.table(table.name);
  const [first, ...rest] = Object.entries(values).map(([name, cell]) =>
    rows.idsWith(name, typeof cell === 'object' ? cell.id : cell),
  );
  for (const id of first ?? []) if (rest.every((ids) => ids.has(id))) return rows.get(id);
  return undefined;
}

function invalidKey(table: Table): DynamicsError {
  return queryError(
    `The key in the request URI is not valid for resource 'Microsoft.Dynamics.CRM.${table.name}'. Ensure that the names and number of key properties match the declared or alternate key properties for the resource 'Microsoft.Dynamics.CRM.${table.name}'.`,
  );
}
