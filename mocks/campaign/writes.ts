import { deleteRow } from './delete-row.js';
import {
  accessDenied,
  databaseError,
  MethodError,
  missingXtkschema,
  noDataSource,
  notSaved,
  unknownNode,
  unknownSchema,
} from './errors.js';
import { compileExpression } from './expression/compile.js';
import { smartCase } from './expression/functions.js';
import { matchingRows } from './query-def.js';
import {
  type CompiledSchema,
  displayName,
  type ElementNode,
  type LinkNode,
  linksBelow,
  type SchemaNode,
  type ValueNode,
  valuesBelow,
} from './schema-model.js';
import type { SessionView } from './session-view.js';
import type { Row, RowValues, Store, Table } from './store.js';
import { castText, emptyValue, formatMoment, kindOf, type Value, ValueError } from './values.js';
import type { XmlElement } from './xml.js';

export interface WriteContext {
  readonly view: SessionView;
  readonly store: Store;
  /** Whether attributes and elements that the schema does not know are left out instead of refused. */
  readonly ignoreUnknown: boolean;
}

/** Schemas are not rows: what is compiled cannot be written at all. */
const SCHEMAS_APART =
  'Source schemas are written in a document or collection of their own; compiled schemas are built from them.';

type Operation = 'insertOrUpdate' | 'insert' | 'update' | 'delete' | 'none';

const OPERATIONS: ReadonlySet<string> = new Set(['insertOrUpdate', 'insert', 'update', 'delete', 'none']);

/** Attributes of a document that are about it, and audit columns that the server keeps itself. */
const ABOUT: ReadonlySet<string> = new Set(['xtkschema', '_operation', '_key', '_cs', 'createdBy-id', 'modifiedBy-id']);

/**
 * Writes one document: finds the row by its key, then inserts, updates or deletes it as `_operation` says.
 * https://experienceleague.adobe.com/docs/campaign-classic/using/configuring-campaign-classic/api/data-oriented-apis.html
 */
export function writeDocument(document: XmlElement, context: WriteContext): void {
  const schema = schemaOf(document.attributes.xtkschema, document.name, context.view);
  context.store.transaction(() => writeRecord(document, schema, context));
}

/** Writes the documents of a collection, all or none. The name of the root does not matter. */
export function writeCollection(collection: XmlElement, context: WriteContext): void {
  const id = collection.attributes.xtkschema;
  context.store.transaction(() => {
    for (const document of collection.children) {
      const schema = schemaOf(document.attributes.xtkschema ?? id, collection.name, context.view);
      writeRecord(document, schema, context);
    }
  });
}

/** A row as it would be inserted from a document, with defaults, without being kept. */
export function newInstance(document: XmlElement | undefined, schema: TableSchema, context: WriteContext): Row {
  const draft: Draft = { values: {}, links: [], collections: [] };
  if (document) readElement(document, schema.root, schema, context, draft);
  const values: Record<string, Value> = { ...draft.values };
  applyDefaults(schema, values, context);
  return { serial: -1, values };
}

/** Deletes every row that a `where` finds, all or none; without conditions every row of the schema. */
export function deleteMatching(schemaId: string, where: XmlElement | undefined, context: WriteContext): void {
  const schema = schemaOf(schemaId, schemaId, context.view);
  const rows = matchingRows(where, schema, context.view);
  context.store.transaction(() => {
    for (const row of rows) deleteRow(row, schema, context);
  });
}

export type TableSchema = CompiledSchema & { readonly root: ElementNode };

function schemaOf(id: string | undefined, root: string, view: SessionView): TableSchema {
  if (!id) throw missingXtkschema(root);
  if (id === 'xtk:schema' || id === 'xtk:srcSchema') throw accessDenied(SCHEMAS_APART);
  const schema = view.lookup(id);
  if (!schema) throw unknownSchema(id);
  return withRoot(schema);
}

function withRoot(schema: CompiledSchema): TableSchema {
  if (!schema.root || schema.table === null) throw noDataSource(schema.id);
  return { ...schema, root: schema.root };
}

/** What a document says about a row, before it is known which row. */
interface Draft {
  readonly values: Record<string, Value>;
  readonly links: { readonly link: LinkNode; readonly element: XmlElement }[];
  readonly collections: { readonly link: LinkNode; readonly element: XmlElement }[];
}

/** Writes a record; gives the row, or undefined where there is none (deleted, or not found and not to be made). */
function writeRecord(
  document: XmlElement,
  schema: TableSchema,
  context: WriteContext,
  given: RowValues = {},
): Row | undefined {
  const operation = operationOf(document);
  const draft: Draft = { values: { ...given }, links: [], collections: [] };
  readElement(document, schema.root, schema, context, draft);
  for (const { link, element } of draft.links) Object.assign(draft.values, reconcile(link, element, schema, context));
  const existing = operation === 'insert' ? undefined : findRow(document, schema, draft, context);
  if (operation === 'none') return existing;
  if (operation === 'delete') {
    if (existing) deleteRow(existing, schema, context);
    return undefined;
  }
  if (!existing && operation === 'update') return undefined;
  const row = existing ? updateRow(existing, schema, draft.values, context) : insertRow(schema, draft.values, context);
  for (const { link, element } of draft.collections) writeMember(link, element, row, context);
  return row;
}

function operationOf(document: XmlElement): Operation {
  const operation = document.attributes._operation || 'insertOrUpdate';
  if (!isOperation(operation)) {
    throw new MethodError([`XTK-170006 Unknown operation '${operation}' on element '${document.name}'.`]);
  }
  return operation;
}

function isOperation(text: string): text is Operation {
  return OPERATIONS.has(text);
}

/** Casts what an element holds, and sorts what is below it into values, links and members of collections. */
function readElement(
  element: XmlElement,
  node: ElementNode,
  schema: TableSchema,
  context: WriteContext,
  draft: Draft,
): void {
  for (const name in element.attributes) {
    if (ABOUT.has(name) && !node.attributes.has(name)) continue;
    if (name.startsWith('_') || name === 'xmlns' || name.includes(':')) continue;
    const attribute = node.attributes.get(name);
    if (attribute) setValue(draft, attribute, element.attributes[name] ?? '', schema);
    else refuseUnknown('Attribute', name, schema, context);
  }
  for (const child of element.children) {
    const childNode = node.children.get(child.name);
    if (childNode) readChild(child, childNode, schema, context, draft);
    else refuseUnknown('Element', child.name, schema, context);
  }
}

function readChild(
  child: XmlElement,
  node: SchemaNode,
  schema: TableSchema,
  context: WriteContext,
  draft: Draft,
): void {
  if (node.kind === 'element') readInnerElement(child, node, schema, context, draft);
  else if (node.kind === 'value') setValue(draft, node, child.text, schema);
  else (node.unbound ? draft.collections : draft.links).push({ link: node, element: child });
}

function readInnerElement(
  element: XmlElement,
  node: ElementNode,
  schema: TableSchema,
  context: WriteContext,
  draft: Draft,
): void {
  if (node.unbound) {
    const cause = `XTK-170006 The mock does not keep '${node.path}': collections in XML are not imitated.`;
    throw notSaved(cause, displayName(schema));
  }
  readElement(element, node, schema, context, draft);
}

function refuseUnknown(
  kind: 'Attribute' | 'Element',
  name: string,
  schema: CompiledSchema,
  context: WriteContext,
): void {
  if (context.ignoreUnknown) return;
  throw notSaved(`XTK-170036 ${unknownNode(kind, name, schema)}`, displayName(schema));
}

function setValue(draft: Draft, node: ValueNode, text: string, schema: CompiledSchema): void {
  // A computed attribute has no column: a document that was read with it can be written back.
  if (node.expr !== null) return;
  try {
    draft.values[node.path] = castText(applyPolicy(text, node), node.type);
  } catch (error) {
    if (error instanceof ValueError) throw notSaved(databaseError(`ERROR: ${error.message}`), displayName(schema));
    throw error;
  }
  if (node.length === null || [...text].length <= node.length) return;
  const message = `ERROR: value too long for type character varying(${node.length}) (attribute '${node.path}')`;
  throw notSaved(databaseError(message), displayName(schema));
}

/** Data policies change text as it is saved. Only those that change case are kept here. */
function applyPolicy(text: string, node: ValueNode): string {
  if (node.dataPolicy === 'lowerCase') return text.toLowerCase();
  if (node.dataPolicy === 'upperCase') return text.toUpperCase();
  return node.dataPolicy === 'smartCase' ? smartCase(text) : text;
}

/** Writes or only finds the row that a link element describes, and gives the foreign keys that lead to it. */
function reconcile(link: LinkNode, element: XmlElement, schema: TableSchema, context: WriteContext): RowValues {
  const target = schemaOf(link.target, element.name, context.view);
  if (leadsNowhere(element, target)) return foreignKeys(link, undefined, schema);
  const row = writeRecord(element, target, context);
  if (!row && element.attributes._operation !== 'delete') {
    const cause = `XSV-350000 The link '${link.name}' leads to no document of schema '${displayName(target)}'.`;
    throw notSaved(cause, displayName(schema));
  }
  return foreignKeys(link, row, schema);
}

/** `<folder id="0"/>` takes a link away. */
function leadsNowhere(element: XmlElement, target: CompiledSchema): boolean {
  return (
    target.autopk && (element.attributes.id === '0' || element.attributes.id === '') && element.children.length === 0
  );
}

function foreignKeys(link: LinkNode, row: Row | undefined, schema: TableSchema): RowValues {
  const keys: Record<string, Value> = {};
  for (const { source, destination } of link.joins) {
    const node = valueAt(schema, source);
    keys[source] = row?.values[destination] ?? emptyValue(kindOf(node?.type ?? 'string'));
  }
  return keys;
}

/** A member of a collection knows its owner by the join of the collection's link. */
function writeMember(link: LinkNode, element: XmlElement, owner: Row, context: WriteContext): void {
  const target = schemaOf(link.target, element.name, context.view);
  const given: Record<string, Value> = {};
  for (const { source, destination } of link.joins) given[destination] = owner.values[source] ?? '';
  writeRecord(element, target, context, given);
}

/** The row a document is about: by `_key`, else by its id, else by the first key of which it has every part. */
function findRow(document: XmlElement, schema: TableSchema, draft: Draft, context: WriteContext): Row | undefined {
  const fields = keyFields(document, schema, draft);
  if (!fields) return undefined;
  const values = fields.map(
    (field) => draft.values[field] ?? emptyValue(kindOf(valueAt(schema, field)?.type ?? 'string')),
  );
  const found = context.view.tableOf(schema).find(fields, values);
  if (found.length > 1) {
    const message = `The key '${fields.join(', ')}' is ambiguous: ${found.length} documents match.`;
    throw notSaved(`XTK-170024 ${message}`, displayName(schema));
  }
  return found[0];
}

function keyFields(document: XmlElement, schema: TableSchema, draft: Draft): readonly string[] | undefined {
  const named = document.attributes._key;
  if (named) {
    const fields = named.split(',').flatMap((xpath) => namedKeyFields(xpath.trim(), schema, draft));
    assertKeyGiven(fields, schema, draft);
    return fields;
  }
  if (schema.autopk && draft.values.id !== undefined && draft.values.id !== 0) return ['id'];
  const eligible = schema.keys.find(
    (key) => !(key.internal && schema.autopk) && isEligible(key.fields, key.allowEmptyPart, draft),
  );
  return eligible?.fields;
}

/** A named key must have a value for each part: without one it would find any row that has none either. */
function assertKeyGiven(fields: readonly string[], schema: TableSchema, draft: Draft): void {
  const missing = fields.find((field) => isMissing(draft.values[field]));
  if (missing === undefined) return;
  const message = `The key '${fields.join(', ')}' has no value for '${missing}' in the document.`;
  throw notSaved(`XTK-170024 ${message}`, displayName(schema));
}

function isMissing(value: Value | undefined): boolean {
  return value === undefined || value === '' || value === null;
}

function isEligible(fields: readonly string[], allowEmptyPart: boolean, draft: Draft): boolean {
  return fields.every((field) => {
    const value = draft.values[field];
    return value !== undefined && (allowEmptyPart || !isMissing(value));
  });
}

/** `@email`, `location/@city`; `[folder/@name]` is settled by the foreign key that its link was reconciled to. */
function namedKeyFields(xpath: string, schema: TableSchema, draft: Draft): readonly string[] {
  const path = xpath.replace(/^\[(.*)\]$/, '$1').replace(/^\//, '');
  const neutral = path.replaceAll('@', '');
  if (valueAt(schema, neutral)) return [neutral];
  const link = linksBelow(schema.root).find(
    (candidate) => neutral === candidate.path || neutral.startsWith(`${candidate.path}/`),
  );
  if (!link || !draft.links.some((given) => given.link.path === link.path)) {
    const name = neutral.slice(neutral.lastIndexOf('/') + 1);
    throw notSaved(
      `XTK-170036 ${unknownNode(path.includes('@') ? 'Attribute' : 'Element', name, schema)}`,
      displayName(schema),
    );
  }
  return link.joins.map((join) => join.source);
}

function insertRow(schema: TableSchema, given: RowValues, context: WriteContext): Row {
  const values: Record<string, Value> = { ...given };
  if (schema.autopk && !values.id) values.id = context.store.newId();
  applyDefaults(schema, values, context);
  touch(schema, values, context);
  assertComplete(schema, values);
  const table = context.view.tableOf(schema);
  assertUnique(schema, values, table, undefined);
  return context.store.insert(table, values);
}

function updateRow(row: Row, schema: TableSchema, given: RowValues, context: WriteContext): Row {
  const { lastModified: _, ...changes } = given;
  const differs = Object.entries(changes).some(([path, value]) => (row.values[path] ?? '') !== (value ?? ''));
  if (!differs) return row;
  const values: Record<string, Value> = { ...row.values, ...changes };
  touch(schema, values, context);
  assertComplete(schema, values);
  const table = context.view.tableOf(schema);
  assertUnique(schema, values, table, row);
  return context.store.update(table, row, values);
}

function applyDefaults(schema: TableSchema, values: Record<string, Value>, context: WriteContext): void {
  for (const node of defaultsOf(schema)) {
    const fields = node.kind === 'link' ? node.joins.map((join) => join.source) : [node.path];
    if (fields.some((field) => values[field] !== undefined)) continue;
    const compiled = compileExpression(node.default ?? '', schema, context.view);
    const value = compiled.evaluate({ row: null });
    const type = node.kind === 'value' ? node.type : 'long';
    for (const field of fields) values[field] = castText(value === null ? '' : String(value), type);
  }
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
  if (attributes.has('lastModified')) values.lastModified = formatMoment(context.view.now());
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
    const taken = table.find(rule.fields, parts).some((row) => row.serial !== self?.serial);
    if (!taken) continue;
    const columns = rule.fields.map((field) => valueAt(schema, field)?.column ?? field).join(', ');
    const message =
      `ERROR: duplicate key value violates unique constraint "${schema.table}_${rule.name}" ` +
      `DETAIL: Key (${columns})=(${parts.join(', ')}) already exists.`;
    throw notSaved(databaseError(message), displayName(schema));
  }
}

const BY_PATH = new WeakMap<ElementNode, ReadonlyMap<string, ValueNode>>();

function valueAt(schema: TableSchema, path: string): ValueNode | undefined {
  let byPath = BY_PATH.get(schema.root);
  if (!byPath) {
    byPath = new Map(valuesBelow(schema.root).map((node) => [node.path, node]));
    BY_PATH.set(schema.root, byPath);
  }
  return byPath.get(path);
}
