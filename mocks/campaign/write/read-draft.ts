import { databaseError, notSaved, unknownNode } from '../errors.js';
import { smartCase } from '../expression/functions.js';
import {
  type CompiledSchema,
  displayName,
  type ElementNode,
  type LinkNode,
  type SchemaNode,
  type ValueNode,
} from '../schema-model.js';
import type { RowValues } from '../store.js';
import { castText, type Value, ValueError } from '../values.js';
import type { XmlElement } from '../xml.js';
import type { TableSchema, WriteContext } from './write-context.js';

/** What a document says about a row, before it is known which row. */
export interface Draft {
  readonly values: Record<string, Value>;
  readonly links: { readonly link: LinkNode; readonly element: XmlElement }[];
  readonly collections: { readonly link: LinkNode; readonly element: XmlElement }[];
}

/** Attributes of a document that are about it, and audit columns that the server keeps itself. */
const ABOUT: ReadonlySet<string> = new Set(['xtkschema', '_operation', '_key', '_cs', 'createdBy-id', 'modifiedBy-id']);

/** Reads what a document says. `given` are values that its place in another document implies. */
export function readDraft(
  document: XmlElement,
  schema: TableSchema,
  context: WriteContext,
  given: RowValues = {},
): Draft {
  const draft: Draft = { values: { ...given }, links: [], collections: [] };
  readElement(document, schema.root, schema, context, draft);
  return draft;
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
