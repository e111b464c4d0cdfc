import { accessDenied, MethodError, notSaved } from '../errors.js';
import type { Compiled } from '../expression/compile.js';
import { isTruthy } from '../expression/operand.js';
import { queryContext } from '../query/context.js';
import { systemFilter } from '../query/system-filter.js';
import { matchingRows } from '../query-def.js';
import { type CompiledSchema, displayName, type LinkNode } from '../schema-model.js';
import type { Row, RowValues } from '../store.js';
import { emptyValue, kindOf, type Value } from '../values.js';
import { type XmlElement, xml } from '../xml.js';
import { deleteRow } from './delete-row.js';
import { findRow } from './find-row.js';
import { readDraft } from './read-draft.js';
import { applyDefaults, insertRow, updateRow } from './save-row.js';
import { schemaOf, type TableSchema, valueAt, type WriteContext } from './write-context.js';
import { mergeMembers } from './xml-content.js';

type Operation = 'insertOrUpdate' | 'insert' | 'update' | 'delete' | 'none';

const OPERATIONS: ReadonlySet<string> = new Set(['insertOrUpdate', 'insert', 'update', 'delete', 'none']);

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
  // Documents may name their schemas themselves; a collection without any has to.
  if (id || collection.children.length === 0) schemaOf(id, collection.name, context.view);
  context.store.transaction(() => {
    for (const document of collection.children) {
      const schema = schemaOf(document.attributes.xtkschema ?? id, collection.name, context.view);
      writeRecord(document, schema, context);
    }
  });
}

/** A row as it would be inserted from a document, with defaults, without being kept. */
export function newInstance(document: XmlElement | undefined, schema: TableSchema, context: WriteContext): Row {
  const draft = readDraft(document ?? xml(schema.name), schema, context);
  const { values } = draft;
  for (const { link, element } of draft.links) Object.assign(values, referenced(link, element, schema, context));
  for (const [node, members] of draft.members) values[node.path] = mergeMembers(undefined, members);
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

/** Writes a record; gives the row, or undefined where there is none (deleted, or not found and not to be made). */
function writeRecord(
  document: XmlElement,
  schema: TableSchema,
  context: WriteContext,
  given: RowValues = {},
): Row | undefined {
  const operation = operationOf(document);
  const draft = readDraft(document, schema, context, given);
  for (const { link, element } of draft.links) Object.assign(draft.values, reconcile(link, element, schema, context));
  const existing = operation === 'insert' ? undefined : findRow(document, schema, draft, context);
  if (operation === 'none') return existing;
  if (existing) assertMayWrite(existing, schema, context);
  if (operation === 'delete') {
    if (existing) deleteRow(existing, schema, context);
    return undefined;
  }
  if (!existing && operation === 'update') return undefined;
  for (const [node, members] of draft.members) {
    draft.values[node.path] = mergeMembers(existing?.values[node.path], members);
  }
  const row = existing ? updateRow(existing, schema, draft.values, context) : insertRow(schema, draft.values, context);
  assertMayWrite(row, schema, context);
  for (const { link, element } of draft.collections) writeMember(link, element, row, context);
  return row;
}

/** The schema's own filters may keep rows from being written, as they were and as they become. */
function assertMayWrite(row: Row, schema: TableSchema, context: WriteContext): void {
  const filter = writeFilter(schema, context);
  if (filter && !isTruthy(filter.evaluate({ row }))) {
    throw accessDenied(`Documents of type '${displayName(schema)}' may not be written like this by this operator.`);
  }
}

const WRITE_FILTERS = new WeakMap<WriteContext, Map<TableSchema, Compiled | undefined>>();

function writeFilter(schema: TableSchema, context: WriteContext): Compiled | undefined {
  let filters = WRITE_FILTERS.get(context);
  if (!filters) {
    filters = new Map();
    WRITE_FILTERS.set(context, filters);
  }
  if (!filters.has(schema)) {
    filters.set(schema, systemFilter(schema, 'writeAccess', queryContext(NO_QUERY, context.view)));
  }
  return filters.get(schema);
}

const NO_QUERY = xml('queryDef');

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

/** The foreign keys of a row that exists; a document that is not kept makes no others. */
function referenced(link: LinkNode, element: XmlElement, schema: TableSchema, context: WriteContext): RowValues {
  const target = schemaOf(link.target, element.name, context.view);
  const row = findRow(element, target, readDraft(element, target, context), context);
  return row ? foreignKeys(link, row, schema) : {};
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
