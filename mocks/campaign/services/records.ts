import { noDataSource, notFound, unknownSchema } from '../errors.js';
import type { CompiledSchema, ElementNode } from '../schema-model.js';
import type { Row } from '../store.js';
import { formatValue } from '../values.js';
import type { WriteContext } from '../write/write-context.js';
import { writeDocument } from '../write/writes.js';
import { type XmlElement, xml } from '../xml.js';
import type { MethodCall } from './method.js';

/** A schema that has rows. */
export type RowSchema = CompiledSchema & { readonly root: ElementNode };

/** The schema of this id, as the session sees it. Faults where there is none, or none with rows. */
export function rowSchema(id: string, { view }: MethodCall): RowSchema {
  const schema = view.lookup(id);
  if (!schema) throw unknownSchema(id);
  if (!schema.root) throw noDataSource(id);
  return { ...schema, root: schema.root };
}

/** The row that has this text or number at a path without `@`, or undefined. */
export function findBy(schemaId: string, path: string, value: string | number, call: MethodCall): Row | undefined {
  return call.view.tableOf(rowSchema(schemaId, call)).findSame([path], [value])[0];
}

/** The row of a primary key such as `nms:recipient|1610`, or of what stands after the bar alone: an id, or the first key's name. */
export function findByKey(pk: string, schema: RowSchema, { view }: MethodCall): Row | undefined {
  const key = pk.slice(pk.indexOf('|') + 1);
  const table = view.tableOf(schema);
  if (schema.autopk && /^-?\d+$/.test(key)) return table.find(['id'], [Number(key)])[0];
  const named = schema.keys.find((candidate) => candidate.fields.length === 1 && candidate.fields[0] !== 'id');
  return named && table.findSame(named.fields, [key])[0];
}

/** As `findByKey`, with a fault where there is no such row. */
export function requireByKey(pk: string, schema: RowSchema, call: MethodCall): Row {
  const row = findByKey(pk, schema, call);
  if (!row) throw notFound(pk, schema.id);
  return row;
}

/** The text of a row's value at a path without `@`. */
export function textOf(row: Row, path: string): string {
  return formatValue(row.values[path]);
}

/** What writes on behalf of a call work on. */
export function writeContext({
  engine,
  view,
  settings,
}: Pick<MethodCall, 'engine' | 'view' | 'settings'>): WriteContext {
  return { view, store: engine.store, ignoreUnknown: settings.ignoreUnknown };
}

/** Inserts a row as a document of attributes and memo elements would; gives its id. */
export function insertRecord(
  schemaId: string,
  attributes: Readonly<Record<string, string>>,
  call: MethodCall,
  children: readonly XmlElement[] = [],
): number {
  const id = call.engine.store.newId();
  const about = { xtkschema: schemaId, _operation: 'insert', id: String(id) };
  writeDocument(xml(nameOf(schemaId), { ...attributes, ...about }, children), writeContext(call));
  return id;
}

/** Changes the row of this id. */
export function updateRecord(
  schemaId: string,
  id: number | string,
  attributes: Readonly<Record<string, string>>,
  call: MethodCall,
  children: readonly XmlElement[] = [],
): void {
  const about = { xtkschema: schemaId, _operation: 'update', _key: '@id', id: String(id) };
  writeDocument(xml(nameOf(schemaId), { ...attributes, ...about }, children), writeContext(call));
}

function nameOf(schemaId: string): string {
  return schemaId.slice(schemaId.indexOf(':') + 1);
}
