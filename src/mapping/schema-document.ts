import { childElements, isElement, type XmlElement, type XmlNode, xml } from '../model/xml.js';

/**
 * Editing of source schemas (`xtk:srcSchema`). Everything here gives back the element it was given where nothing changes,
 * and leaves alone what it does not know.
 */

/** The child of this tag and name, as in `<attribute name="email"/>`. */
export function findNamed(element: XmlElement, tag: string, name: string): XmlElement | undefined {
  return childElements(element, tag).find((child) => child.attributes.name === name);
}

/** Puts the element beside its like: in place of the one with its tag and name, or after the last one of its tag, or `before` the first of those. */
export function putNamed(parent: XmlElement, child: XmlElement, before: readonly string[] = []): XmlElement {
  const held = findNamed(parent, child.name, child.attributes.name ?? '');
  if (held === child) return parent;
  if (held) return { ...parent, children: parent.children.map((node) => (node === held ? child : node)) };
  const last = parent.children.findLastIndex((node) => isTag(node, [child.name]));
  const follower = parent.children.findIndex((node) => isTag(node, before));
  const place = last >= 0 ? last + 1 : follower >= 0 ? follower : parent.children.length;
  return { ...parent, children: parent.children.toSpliced(place, 0, child) };
}

/** The parent without the children for which `isGone` holds. */
export function withoutChildren(parent: XmlElement, isGone: (child: XmlElement) => boolean): XmlElement {
  const kept = parent.children.filter((node) => !(isElement(node) && isGone(node)));
  return kept.length === parent.children.length ? parent : { ...parent, children: kept };
}

/** Sets attributes; a null one is taken away. */
export function withAttributes(element: XmlElement, attributes: Readonly<Record<string, string | null>>): XmlElement {
  const next: Record<string, string> = { ...element.attributes };
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null) delete next[name];
    else next[name] = value;
  }
  return sameAttributes(element.attributes, next) ? element : { ...element, attributes: next };
}

/** Applies a change to the element reached by the names of nested `<element>`s, made where they are missing. */
export function updateAt(
  element: XmlElement,
  steps: readonly string[],
  update: (element: XmlElement) => XmlElement,
): XmlElement {
  const [step, ...rest] = steps;
  if (step === undefined) return update(element);
  const child = findNamed(element, 'element', step) ?? xml('element', { name: step });
  return putNamed(element, updateAt(child, rest, update));
}

/** Puts an attribute (or a memo's element), keeping what the held one has beyond the facts given. */
export function putAttribute(parent: XmlElement, made: XmlElement): XmlElement {
  const held = findNamed(parent, made.name, made.attributes.name ?? '');
  if (!held) return putNamed(parent, made, ['element']);
  const facts = Object.fromEntries(FACTS.map((fact) => [fact, made.attributes[fact] ?? null]));
  return putNamed(parent, withAttributes(held, facts));
}

/**
 * Puts an enumeration with the values given, keeping the rest of a value that is held already. Of the other values it holds only those
 * named in `kept` stay, behind them.
 */
export function putEnumeration(document: XmlElement, made: XmlElement, kept: ReadonlySet<string> = NONE): XmlElement {
  const held = findNamed(document, 'enumeration', made.attributes.name ?? '');
  if (!held) return putNamed(document, made, ['element']);
  const values = childElements(made, 'value').map((value) => {
    const known = findNamed(held, 'value', value.attributes.name ?? '');
    return known ? withAttributes(known, value.attributes) : value;
  });
  const foreign = held.children.filter((node) => !isTag(node, ['value']));
  const staying = childElements(held, 'value').filter(({ attributes }) => {
    return kept.has(attributes.name ?? '') && !findNamed(made, 'value', attributes.name ?? '');
  });
  const next = { ...withAttributes(held, made.attributes), children: [...foreign, ...values, ...staying] };
  return sameElement(held, next) ? document : putNamed(document, next);
}

/** Tells whether two elements say the same; the order of attributes does not matter, that of children does. */
export function sameElement(one: XmlElement, other: XmlElement): boolean {
  if (one === other) return true;
  if (one.name !== other.name || !sameAttributes(one.attributes, other.attributes)) return false;
  return (
    one.children.length === other.children.length && one.children.every((node, i) => sameNode(node, other.children[i]))
  );
}

/** Tells whether two source schemas say the same, apart from what Campaign itself notes on them: their time, author and checksum. */
export function sameSource(one: XmlElement, other: XmlElement): boolean {
  return sameElement(withAttributes(one, NOTES), withAttributes(other, NOTES));
}

/** The root element of the schema: the first `<element>`, or the one of this name where there are several. */
export function rootElement(document: XmlElement, name: string): XmlElement | undefined {
  return findNamed(document, 'element', name) ?? childElements(document, 'element')[0];
}

const NONE: ReadonlySet<string> = new Set();

const NOTES = Object.fromEntries(
  ['_operation', '_key', '_cs', 'md5', 'created', 'lastModified', 'createdBy-id', 'modifiedBy-id'].map((name) => [
    name,
    null,
  ]),
);

/** The facts of an attribute that follow its column. */
const FACTS = ['label', 'type', 'length', 'enum', 'desc'] as const;

function sameNode(one: XmlNode, other: XmlNode | undefined): boolean {
  if (other === undefined || !isElement(one) || !isElement(other)) return one === other;
  return sameElement(one, other);
}

function sameAttributes(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}

function isTag(node: XmlNode, tags: readonly string[]): node is XmlElement {
  return isElement(node) && tags.includes(node.name);
}
