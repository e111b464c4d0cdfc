import { accessDenied, MethodError, notSaved } from '../errors.js';
import type { Compiled } from '../expression/compile.js';
import { isTruthy } from '../expression/operand.js';
import { queryContext } from '../query/context.js';
import { systemFilter } from '../query/system-filter.js';
import { matchingRows } from '../query-def.js';
import { displayName, type LinkNode } from '../schema-model.js';
import type { Row, RowValues } from '../store.js';
import { emptyValue, kindOf, type Value } from '../values.js';
import { type XmlElement, xml } from '../xml.js';
import { deleteRow } from './delete-row.js';
import { type Draft, type LinkedDraft, readDraft } from './draft.js';
import { findRow } from './find-row.js';
import { applyDefaults, insertRow, updateRow } from './save-row.js';
import { schemaOf, type TableSchema, valueAt, type WriteContext } from './write-context.js';
import { mergeMembers } from './xml-content.js';

type Operation = 'insertOrUpdate' | 'insert' | 'update' | 'delete' | 'none';

const OPERATIONS: ReadonlySet<string> = new Set(['insertOrUpdate', 'insert', 'update', 'delete', 'none']);

/** Writes one document, all or nothing. Throws where it is refused. */
export function writeDocument(document: XmlElement, context: WriteContext): void {
  const schema = schemaOf(document.attributes.xtkschema, document.name, context.view);
  const draft = readDraft(document, schema, context);
  context.store.transaction(() => writeRecord(draft, context));
}

/** A row as it would be inserted from a document, with defaults, without being kept. */
export function newInstance(document: XmlElement | undefined, schema: TableSchema, context: WriteContext): Row {
  const draft = readDraft(document ?? xml(schema.name), schema, context);
  if (draft.problem) throw draft.problem;
  const { values } = draft;
  for (const linked of draft.links) Object.assign(values, referenced(linked, schema, context));
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

/**
 * Writes a record: finds the row by its key, then inserts, updates or deletes it as `_operation` says. `given` are values that its place
 * in another document implies. Gives the row, or undefined where there is none (deleted, or not found and not to be made). Throws where
 * the document or the database does not allow it; what was written by then is for the transaction to undo.
 * https://experienceleague.adobe.com/docs/campaign-classic/using/configuring-campaign-classic/api/data-oriented-apis.html
 */
export function writeRecord(draft: Draft, context: WriteContext, given: RowValues = {}): Row | undefined {
  const { schema, values } = draft;
  if (!schema) throw draft.problem;
  const operation = operationOf(draft);
  if (draft.problem) throw draft.problem;
  for (const path in given) if (values[path] === undefined) values[path] = given[path] ?? null;
  for (const linked of draft.links) Object.assign(values, reconcile(linked, schema, context));
  const existing = operation === 'insert' ? undefined : findRow(schema, draft, context);
  if (operation === 'none') return existing;
  if (existing) assertMayWrite(existing, schema, context);
  if (operation === 'delete') {
    if (existing) deleteRow(existing, schema, context);
    return undefined;
  }
  if (!existing && operation === 'update') return undefined;
  for (const [node, members] of draft.members) {
    values[node.path] = mergeMembers(existing?.values[node.path], members);
  }
  const row = existing ? updateRow(existing, schema, values, context) : insertRow(schema, values, context);
  assertMayWrite(row, schema, context);
  for (const linked of draft.collections) writeMember(linked, row, context);
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

function operationOf({ operation, name }: Draft): Operation {
  if (operation === '') return 'insertOrUpdate';
  if (!isOperation(operation)) {
    throw new MethodError([`XTK-170006 Unknown operation '${operation}' on element '${name}'.`]);
  }
  return operation;
}

function isOperation(text: string): text is Operation {
  return OPERATIONS.has(text);
}

/** Writes or only finds the row that a link element describes, and gives the foreign keys that lead to it. */
function reconcile({ link, draft }: LinkedDraft, schema: TableSchema, context: WriteContext): RowValues {
  const target = draft.schema;
  if (!target) throw draft.problem;
  if (leadsNowhere(draft)) return foreignKeys(link, undefined, schema);
  const row = writeRecord(draft, context);
  if (!row && draft.operation !== 'delete') {
    const cause = `XSV-350000 The link '${link.name}' leads to no document of schema '${displayName(target)}'.`;
    throw notSaved(cause, displayName(schema));
  }
  return foreignKeys(link, row, schema);
}

/** The foreign keys of a row that exists; a document that is not kept makes no others. */
function referenced({ link, draft }: LinkedDraft, schema: TableSchema, context: WriteContext): RowValues {
  if (draft.problem || !draft.schema) throw draft.problem;
  const row = findRow(draft.schema, draft, context);
  return row ? foreignKeys(link, row, schema) : {};
}

/** Tells whether a document at the end of a link takes the link away, as `<folder id="0"/>` does. */
export function leadsNowhere({ id, hasElements, schema }: Draft): boolean {
  return schema?.autopk === true && (id === '0' || id === '') && !hasElements;
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
function writeMember({ link, draft }: LinkedDraft, owner: Row, context: WriteContext): void {
  const given: Record<string, Value> = {};
  for (const { source, destination } of link.joins) given[destination] = owner.values[source] ?? '';
  writeRecord(draft, context, given);
}
