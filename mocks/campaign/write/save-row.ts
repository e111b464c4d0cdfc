import { databaseError, notSaved } from '../errors.js';
import {
  displayName,
  type ElementNode,
  type LinkNode,
  linksBelow,
  type ValueNode,
  valuesBelow,
} from '../schema-model.js';
import { isSame, type Row, type RowValues, type Table } from '../store.js';
import { emptyValue, kindOf, type Value } from '../values.js';
import { defaultValue, momentOf, type TableSchema, valueAt, type WriteContext } from './write-context.js';

/** Inserts a row with its defaults, which are added to `values`. Throws where the database would refuse it. */
export function insertRow(schema: TableSchema, values: Record<string, Value>, context: WriteContext): Row {
  if (schema.autopk && values.id) context.store.reserveId(Number(values.id));
  else if (schema.autopk) values.id = context.store.newId();
  applyDefaults(schema, values, context);
  touch(schema, values, context);
  assertComplete(schema, values);
  const table = context.view.tableOf(schema);
  assertUnique(schema, values, table, undefined);
  return context.store.insert(table, values);
}

/** Changes a row; one that already is as asked stays untouched, also its date. Throws where the database would refuse the change. */
export function updateRow(row: Row, schema: TableSchema, given: RowValues, context: WriteContext): Row {
  if (!differs(row, given, schema)) return row;
  const table = context.view.tableOf(schema);
  const values = table.copy(row);
  for (const path in given) {
    const value = given[path];
    if (value !== undefined && !isMissingId(path, value, schema)) values[path] = value;
  }
  if (schema.autopk && values.id !== row.values.id) context.store.reserveId(Number(values.id));
  touch(schema, values, context);
  assertComplete(schema, values);
  assertUnique(schema, values, table, row);
  return context.store.update(table, row, values);
}

/** The date of the last change is the server's own: a document cannot change it. */
function differs(row: Row, given: RowValues, schema: TableSchema): boolean {
  for (const path in given) {
    const value = given[path];
    if (value === undefined || path === 'lastModified' || isMissingId(path, value, schema)) continue;
    if (!isSame(row.values[path], value)) return true;
  }
  return false;
}

/** A document whose id is 0 or empty has none: a row never loses its own to it. */
function isMissingId(path: string, value: Value, schema: TableSchema): boolean {
  return path === 'id' && !value && schema.autopk;
}

/** Fills in the defaults of what has no value. */
export function applyDefaults(schema: TableSchema, values: Record<string, Value>, context: WriteContext): void {
  for (const node of defaultsOf(schema)) {
    const fields = node.kind === 'link' ? node.joins.map((join) => join.source) : [node.path];
    if (fields.some((field) => values[field] !== undefined)) continue;
    const value = defaultOf(node, schema, context);
    for (const field of fields) values[field] = value;
  }
}

function defaultOf(node: ValueNode | LinkNode, schema: TableSchema, context: WriteContext): Value {
  const isNow = node.default === 'GetDate()' && node.kind === 'value' && node.type === 'datetime';
  return isNow ? momentOf(context) : defaultValue(node, schema, context);
}

const DEFAULTS = new WeakMap<ElementNode, readonly (ValueNode | LinkNode)[]>();

function defaultsOf(schema: TableSchema): readonly (ValueNode | LinkNode)[] {
  let defaults = DEFAULTS.get(schema.root);
  if (!defaults) {
    defaults = [...valuesBelow(schema.root), ...linksBelow(schema.root)].filter((node) => node.default !== null);
    DEFAULTS.set(schema.root, defaults);
  }
  return defaults;
}

/** The server keeps the date of the last change itself, and who made it. */
function touch(schema: TableSchema, values: Record<string, Value>, context: WriteContext): void {
  const { attributes } = schema.root;
  if (attributes.has('lastModified')) values.lastModified = momentOf(context);
  if (attributes.has('modifiedBy-id')) values['modifiedBy-id'] = context.view.operatorId;
  if (attributes.has('createdBy-id')) values['createdBy-id'] ??= context.view.operatorId;
}

function assertComplete(schema: TableSchema, values: RowValues): void {
  for (const node of requiredOf(schema)) {
    const value = values[node.path];
    if (value !== undefined && value !== null && value !== '') continue;
    const message = `ERROR: null value in column "${node.column ?? node.path}" violates not-null constraint`;
    throw notSaved(databaseError(message), displayName(schema));
  }
}

const REQUIRED = new WeakMap<ElementNode, readonly ValueNode[]>();

/** Numbers are never null, so only text and dates can be missing. */
function requiredOf(schema: TableSchema): readonly ValueNode[] {
  let required = REQUIRED.get(schema.root);
  if (!required) {
    required = valuesBelow(schema.root).filter((node) => node.required && emptyValue(kindOf(node.type)) !== 0);
    REQUIRED.set(schema.root, required);
  }
  return required;
}

/** Text that is empty is NULL to the database, and NULLs are never equal. */
function assertUnique(schema: TableSchema, values: RowValues, table: Table, self: Row | undefined): void {
  for (const rule of schema.unique) {
    const parts = rule.fields.map((field) => values[field]);
    if (parts.some((part) => part === undefined || part === '' || part === null)) continue;
    const taken = table.findSame(rule.fields, parts).some((row) => row.serial !== self?.serial);
    if (!taken) continue;
    const columns = rule.fields.map((field) => valueAt(schema, field)?.column ?? field).join(', ');
    const message =
      `ERROR: duplicate key value violates unique constraint "${schema.table}_${rule.name}" ` +
      `DETAIL: Key (${columns})=(${parts.join(', ')}) already exists.`;
    throw notSaved(databaseError(message), displayName(schema));
  }
}
