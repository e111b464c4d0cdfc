import type { XmlElement } from './xml.js';

const NAMED: ReadonlySet<string> = new Set([
  'element',
  'attribute',
  'enumeration',
  'value',
  'key',
  'dbindex',
  'interface',
  'method',
]);
const REPLACED: ReadonlySet<string> = new Set(['compute-string', 'sysFilter', 'default', 'help']);
const OWN_ATTRIBUTES: ReadonlySet<string> = new Set([
  'name',
  'namespace',
  'label',
  'labelSingular',
  'desc',
  'img',
  'md5',
]);

/** Lays an extension (a source schema with `extendedSchema`) over the schema it extends. Nodes of the same name become one. */
export function mergeExtension(base: XmlElement, extension: XmlElement): XmlElement {
  // An extension's element carries the extension's name at times and the extended schema's at others: both mean the root.
  const children = extension.children.map((child) =>
    child.name === 'element' && child.attributes.name === extension.attributes.name
      ? { ...child, attributes: { ...child.attributes, name: base.attributes.name ?? '' } }
      : child,
  );
  const merged = mergeNodes(base, { ...extension, children }, sourceName(extension));
  const kept = Object.entries(base.attributes).filter(([name]) => OWN_ATTRIBUTES.has(name));
  return { ...merged, attributes: { ...merged.attributes, ...Object.fromEntries(kept) } };
}

function sourceName({ attributes }: XmlElement): string {
  return `${attributes.namespace ?? ''}:${attributes.name ?? ''}`;
}

/** What the extension adds says that it belongs to it. */
function mergeNodes(base: XmlElement, over: XmlElement, owner: string): XmlElement {
  const children = [...base.children];
  for (const child of over.children) {
    const at = children.findIndex((candidate) => isSameNode(candidate, child));
    const existing = children[at];
    if (existing && child.attributes._operation === 'delete') children.splice(at, 1);
    else if (existing) children[at] = REPLACED.has(child.name) ? child : mergeNodes(existing, child, owner);
    else if (child.attributes._operation !== 'delete') children.push(belongingTo(owner, child));
  }
  return { ...base, attributes: { ...base.attributes, ...over.attributes }, children, text: over.text || base.text };
}

function belongingTo(owner: string, node: XmlElement): XmlElement {
  const isField = node.name === 'attribute' || node.name === 'element';
  return isField ? { ...node, attributes: { belongsTo: owner, ...node.attributes } } : node;
}

function isSameNode(left: XmlElement, right: XmlElement): boolean {
  if (left.name !== right.name) return false;
  // A filter for reading and one for writing are two.
  if (left.name === 'sysFilter') return left.attributes.name === right.attributes.name;
  if (left.name === 'methods' || REPLACED.has(left.name)) return true;
  return NAMED.has(left.name) && left.attributes.name === right.attributes.name;
}
