import { databaseError, notSaved, unknownNode } from '../errors.js';
import { smartCase } from '../expression/text-functions.js';
import {
  type CompiledSchema,
  displayName,
  type ElementNode,
  type LinkNode,
  type SchemaNode,
  type ValueNode,
} from '../schema-model.js';
import type { RowValues } from '../store.js';
import { castText, formatValue, kindOf, type Value, ValueError } from '../values.js';
import type { XmlElement } from '../xml.js';
import type { TableSchema, WriteContext } from './write-context.js';
import { contentText, isFreeContent } from './xml-content.js';

/** What a document says about a row, before it is known which row. */
export interface Draft {
  /** By attribute path; what the document does not tell is absent or undefined. */
  readonly values: Record<string, Value>;
  readonly links: { readonly link: LinkNode; readonly element: XmlElement }[];
  readonly collections: { readonly link: LinkNode; readonly element: XmlElement }[];
  /** Members of collections kept as XML, by the path of their element. */
  readonly members: Map<ElementNode, XmlElement[]>;
}

/** Attributes of a document that are about it, and audit columns that the server keeps itself. */
const ABOUT: ReadonlySet<string> = new Set(['xtkschema', 'createdBy-id', 'modifiedBy-id']);

/** Reads what a document says. `given` are values that its place in another document implies. */
export function readDraft(
  document: XmlElement,
  schema: TableSchema,
  context: WriteContext,
  given: RowValues = {},
): Draft {
  const blank = schema.table === null ? {} : context.view.tableOf(schema).blank();
  const values: Record<string, Value> = Object.assign(blank, given);
  const draft: Draft = { values, links: [], collections: [], members: new Map() };
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
    const attribute = node.attributes.get(name);
    if (attribute) setValue(draft, attribute, element.attributes[name] ?? '', schema);
    else if (!isAboutDocument(name)) refuseUnknown('Attribute', name, schema, context);
  }
  for (const child of element.children) {
    const childNode = node.children.get(child.name);
    if (childNode) readChild(child, childNode, schema, context, draft);
    else refuseUnknown('Element', child.name, schema, context);
  }
}

function isAboutDocument(name: string): boolean {
  return name.startsWith('_') || ABOUT.has(name) || name === 'xmlns' || name.includes(':');
}

function readChild(
  child: XmlElement,
  node: SchemaNode,
  schema: TableSchema,
  context: WriteContext,
  draft: Draft,
): void {
  if (node.kind === 'link') (node.unbound ? draft.collections : draft.links).push({ link: node, element: child });
  else if (node.kind === 'value') setValue(draft, node, isFreeContent(node) ? contentText(child) : child.text, schema);
  else if (node.unbound) addMember(child, node, schema, context, draft);
  else readElement(child, node, schema, context, draft);
}

function addMember(
  element: XmlElement,
  node: ElementNode,
  schema: TableSchema,
  context: WriteContext,
  draft: Draft,
): void {
  const member = checkedMember(element, node, schema, context);
  const members = draft.members.get(node);
  if (members) members.push(member);
  else draft.members.set(node, [member]);
}

/** A member of a collection kept as XML, with its values as their types have them. */
function checkedMember(element: XmlElement, node: ElementNode, schema: TableSchema, context: WriteContext): XmlElement {
  const attributes: Record<string, string> = {};
  for (const [name, text] of Object.entries(element.attributes)) {
    const attribute = node.attributes.get(name);
    if (attribute) attributes[name] = formatValue(castValue(text, attribute, schema));
    else if (name.startsWith('_') && name !== '_cs') attributes[name] = text;
    else refuseUnknown('Attribute', name, schema, context);
  }
  const children = element.children.flatMap((child) => {
    const inner = node.children.get(child.name);
    if (inner) return [inner.kind === 'element' ? checkedMember(child, inner, schema, context) : child];
    refuseUnknown('Element', child.name, schema, context);
    return [];
  });
  return { ...element, attributes, children };
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
  if (node.expr === null) draft.values[node.path] = castValue(text, node, schema);
}

function castValue(text: string, node: ValueNode, schema: CompiledSchema): Value {
  if (node.length !== null && text.length > node.length && [...text].length > node.length) {
    const message = `ERROR: value too long for type character varying(${node.length}) (attribute '${node.path}')`;
    throw notSaved(databaseError(message), displayName(schema));
  }
  try {
    return kindOf(node.type) === 'text' ? applyPolicy(text, node) : castOften(text, node.type);
  } catch (error) {
    if (error instanceof ValueError) throw notSaved(databaseError(`ERROR: ${error.message}`), displayName(schema));
    throw error;
  }
}

const MAX_OFTEN = 10_000;
const CASTS = new Map<string, Map<string, Value>>();

/** Casts what is no text. The few values that most rows share are cast once. */
function castOften(text: string, type: string): Value {
  let casts = CASTS.get(type);
  if (!casts) {
    casts = new Map();
    CASTS.set(type, casts);
  }
  const known = casts.get(text);
  if (known !== undefined) return known;
  const value = castText(text, type);
  if (casts.size >= MAX_OFTEN) casts.clear();
  if (text.length < 40) casts.set(text, value);
  return value;
}

/** Data policies change text as it is saved. Only those that change case are kept here. */
function applyPolicy(text: string, node: ValueNode): string {
  if (node.dataPolicy === 'lowerCase') return text.toLowerCase();
  if (node.dataPolicy === 'upperCase') return text.toUpperCase();
  return node.dataPolicy === 'smartCase' ? smartCase(text) : text;
}
