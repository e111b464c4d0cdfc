import type { SchemaNode, ValueNode } from '../schema-model.js';
import type { RowValues } from '../store.js';
import type { Value } from '../values.js';
import { formatXml, localName, parseXml, type XmlElement } from '../xml.js';

/** Whether an element may hold elements that no schema describes, as the context of an event does. */
export function isFreeContent(node: ValueNode): boolean {
  return node.isElement && node.type === 'ANY';
}

/** The content of an element as text of XML: what is kept of free content. */
export function contentText({ text, children }: XmlElement): string {
  const kept = children.map((child) => withOwnPrefixes(child));
  return formatXml({ name: '', attributes: {}, text, children: kept }).replace(/^<(?:\/>$|>)|<\/>$/g, '');
}

/** Prefixes that every document knows. https://www.w3.org/TR/xml-names/#ns-decl */
const PREFIXES: ReadonlySet<string> = new Set(['', 'xml', 'xmlns']);

/**
 * An element as it can be read in other documents than it came in: prefixes that it does not declare itself are taken off elements, and
 * attributes with such prefixes are left out.
 */
export function withOwnPrefixes(element: XmlElement, declared = PREFIXES): XmlElement {
  const names = Object.keys(element.attributes);
  const own = names.filter((name) => name.startsWith('xmlns:')).map((name) => name.slice('xmlns:'.length));
  const known = own.length === 0 ? declared : new Set([...declared, ...own]);
  const kept = Object.entries(element.attributes).filter(([name]) => known.has(prefixOf(name)));
  return {
    name: known.has(prefixOf(element.name)) ? element.name : localName(element.name),
    attributes: Object.fromEntries(kept),
    children: element.children.map((child) => withOwnPrefixes(child, known)),
    text: element.text,
  };
}

function prefixOf(name: string): string {
  return name.slice(0, Math.max(0, name.indexOf(':')));
}

/**
 * The elements of a node whose content is kept as XML: the members of a collection that is no link, or one element with free content.
 * Undefined for every other node.
 */
export function storedContent(node: SchemaNode, values: RowValues): readonly XmlElement[] | undefined {
  const text = String(values[node.path] ?? '');
  if (node.kind === 'element' && node.unbound) return readMembers(text);
  if (node.kind !== 'value' || !isFreeContent(node)) return undefined;
  return text === '' ? [] : [parseXml(`<${node.name}>${text}</${node.name}>`)];
}

/** As `storedContent`, as the text of XML that it is kept as. */
export function storedText(node: SchemaNode, values: RowValues): string {
  const text = String(values[node.path] ?? '');
  if (node.kind === 'element' && node.unbound) return text;
  return text === '' || node.kind !== 'value' || !isFreeContent(node) ? '' : `<${node.name}>${text}</${node.name}>`;
}

/**
 * The text that is kept of a collection: the members given, in place of those before. Where a member carries an `_operation`, those
 * before stay, and each given one is merged with the one of its key (`_key`, else `@id`, else `@name`).
 */
export function mergeMembers(before: Value | undefined, given: readonly XmlElement[]): string {
  const isMerge = given.some((member) => member.attributes._operation !== undefined);
  const members = isMerge ? [...readMembers(String(before ?? ''))] : [];
  for (const member of given) {
    const at = members.findIndex((candidate) => hasSameKey(candidate, member));
    const operation = member.attributes._operation ?? 'insertOrUpdate';
    const existing = operation === 'insert' ? undefined : members[at];
    if (operation === 'delete' && existing) members.splice(at, 1);
    if (operation === 'delete' || operation === 'none' || (operation === 'update' && !existing)) continue;
    const plain = withoutDirections(member);
    if (existing) members[at] = mergeMember(existing, plain);
    else members.push(plain);
  }
  return members.map(formatXml).join('');
}

function readMembers(text: string): readonly XmlElement[] {
  return text === '' ? [] : parseXml(`<all>${text}</all>`).children;
}

function hasSameKey(left: XmlElement, right: XmlElement): boolean {
  const named = right.attributes._key?.split(',').map((part) => part.trim().replace(/^@/, ''));
  const key = named ?? ['id', 'name'].filter((name) => right.attributes[name] !== undefined).slice(0, 1);
  return key.length > 0 && key.every((name) => left.attributes[name] === right.attributes[name]);
}

function mergeMember(existing: XmlElement, given: XmlElement): XmlElement {
  const replaced = new Set(given.children.map((child) => child.name));
  const kept = existing.children.filter((child) => !replaced.has(child.name));
  const attributes = { ...existing.attributes, ...given.attributes };
  return { ...given, attributes, text: given.text || existing.text, children: [...kept, ...given.children] };
}

/** What a document says about a member is not part of it. */
function withoutDirections(element: XmlElement): XmlElement {
  const { _operation, _key, ...attributes } = element.attributes;
  return { ...element, attributes, children: element.children.map(withoutDirections) };
}
