import { childElements, type XmlElement } from '../model/xml.js';
import { isLink } from './links.js';
import { sameElement } from './schema-document.js';

export type SchemaChangeKind =
  | 'CREATE_SCHEMA'
  | 'EXTEND_SCHEMA'
  | 'CHANGE_SCHEMA'
  | 'REMOVE_SCHEMA'
  | 'ADD_TABLE'
  | 'REMOVE_TABLE'
  | 'ADD_KEY'
  | 'REMOVE_KEY'
  | 'ADD_ATTRIBUTE'
  | 'CHANGE_ATTRIBUTE'
  | 'REMOVE_ATTRIBUTE'
  | 'ADD_LINK'
  | 'CHANGE_LINK'
  | 'REMOVE_LINK'
  | 'ADD_ENUMERATION'
  | 'CHANGE_ENUMERATION'
  | 'REMOVE_ENUMERATION'
  | 'ADD_MAPPING'
  | 'CHANGE_MAPPING'
  | 'REMOVE_MAPPING';

/** One thing that a plan changes. `subject` names it (`nms:recipient/@jobtitle`), `detail` is for a person to read. */
export interface SchemaChange {
  readonly kind: SchemaChangeKind;
  readonly subject: string;
  readonly detail: string;
}

/** How one source schema becomes another; nothing where they say the same. `before` is null for a new one, `after` for one that goes. */
export function describeChanges(name: string, before: XmlElement | null, after: XmlElement | null): SchemaChange[] {
  if (!after) return before ? [change('REMOVE_SCHEMA', name, `Source schema "${name}" is removed.`)] : [];
  if (before && sameElement(before, after)) return [];
  const subject = after.attributes.extendedSchema || name;
  const parts = [...describeEnumerations(subject, before, after), ...describeRoots(subject, before, after)];
  if (!before) return [describeNew(name, after), ...parts];
  return parts.length > 0 ? parts : [change('CHANGE_SCHEMA', subject, `Source schema "${name}" is written anew.`)];
}

function describeNew(name: string, after: XmlElement): SchemaChange {
  const extended = after.attributes.extendedSchema;
  if (!extended) return change('CREATE_SCHEMA', name, `Source schema "${name}" is made: ${after.attributes.label}`);
  return change('EXTEND_SCHEMA', extended, `Source schema "${name}" is made to extend "${extended}".`);
}

function describeEnumerations(subject: string, before: XmlElement | null, after: XmlElement): SchemaChange[] {
  return compareNamed(childrenOf(before, 'enumeration'), childrenOf(after, 'enumeration'), {
    added: (one) => change('ADD_ENUMERATION', `${subject}:${nameOf(one)}`, countValues(one)),
    changed: (one) => change('CHANGE_ENUMERATION', `${subject}:${nameOf(one)}`, countValues(one)),
    removed: (one) => change('REMOVE_ENUMERATION', `${subject}:${nameOf(one)}`, countValues(one)),
  });
}

/** The account's schema has an element for each table; every other one has a single root element, which is told with its schema. */
function describeRoots(subject: string, before: XmlElement | null, after: XmlElement): SchemaChange[] {
  const isAccount = after.attributes.view === 'true';
  const held = childrenOf(before, 'element');
  return childrenOf(after, 'element')
    .flatMap((root) => {
      const old = held.find((one) => nameOf(one) === nameOf(root));
      if (isAccount && !old) return [change('ADD_TABLE', `${subject}/${nameOf(root)}`, countAttributes(root))];
      return describeElement(isAccount ? `${subject}/${nameOf(root)}` : subject, old ?? null, root);
    })
    .concat(removedTables(subject, held, after));
}

function removedTables(subject: string, held: readonly XmlElement[], after: XmlElement): SchemaChange[] {
  const kept = childrenOf(after, 'element').map(nameOf);
  const gone = held.filter((one) => !kept.includes(nameOf(one)));
  return gone.map((one) => change('REMOVE_TABLE', `${subject}/${nameOf(one)}`, countAttributes(one)));
}

function describeElement(subject: string, before: XmlElement | null, after: XmlElement): SchemaChange[] {
  const nested = childrenOf(after, 'element').filter(isGroup);
  const nestedBefore = childrenOf(before, 'element').filter(isGroup);
  const names = [...new Set([...nestedBefore, ...nested].map(nameOf))];
  return [
    ...describeKeys(subject, before, after),
    ...describeAttributes(subject, before, after),
    ...describeLinks(subject, before, after),
    ...names.flatMap((name) => {
      const old = nestedBefore.find((one) => nameOf(one) === name) ?? null;
      const now = nested.find((one) => nameOf(one) === name) ?? { name: 'element', attributes: {}, children: [] };
      return describeElement(`${subject}/${name}`, old, now);
    }),
  ];
}

function describeKeys(subject: string, before: XmlElement | null, after: XmlElement): SchemaChange[] {
  return compareNamed(childrenOf(before, 'key'), childrenOf(after, 'key'), {
    added: (key) => change('ADD_KEY', `${subject}#${nameOf(key)}`, `Key over ${keyFields(key)}`),
    changed: (key) => change('ADD_KEY', `${subject}#${nameOf(key)}`, `Key over ${keyFields(key)}`),
    removed: (key) => change('REMOVE_KEY', `${subject}#${nameOf(key)}`, `Key over ${keyFields(key)}`),
  });
}

function describeAttributes(subject: string, before: XmlElement | null, after: XmlElement): SchemaChange[] {
  const pathOf = (one: XmlElement) => `${subject}/${one.name === 'attribute' ? '@' : ''}${nameOf(one)}`;
  return compareNamed(attributesOf(before), attributesOf(after), {
    added: (one) => change('ADD_ATTRIBUTE', pathOf(one), describeAttribute(one)),
    changed: (one, old) =>
      change('CHANGE_ATTRIBUTE', pathOf(one), `${describeAttribute(old)} → ${describeAttribute(one)}`),
    removed: (one) => change('REMOVE_ATTRIBUTE', pathOf(one), describeAttribute(one)),
  });
}

function describeLinks(subject: string, before: XmlElement | null, after: XmlElement): SchemaChange[] {
  const links = (element: XmlElement | null) => childrenOf(element, 'element').filter(isLink);
  const pathOf = (one: XmlElement) => `${subject}/${nameOf(one)}`;
  return compareNamed(links(before), links(after), {
    added: (one) => change('ADD_LINK', pathOf(one), describeLink(one)),
    changed: (one) => change('CHANGE_LINK', pathOf(one), describeLink(one)),
    removed: (one) => change('REMOVE_LINK', pathOf(one), describeLink(one)),
  });
}

/** `@accountid → cus:crmAccount/@crmId` */
function describeLink(link: XmlElement): string {
  const [join] = childrenOf(link, 'join');
  return `${join?.attributes['xpath-src'] ?? ''} → ${link.attributes.target}/${join?.attributes['xpath-dst'] ?? ''}`;
}

/** `string(50) "Job Title"` */
function describeAttribute({ attributes }: XmlElement): string {
  const length = attributes.length === undefined ? '' : `(${attributes.length})`;
  const enumeration = attributes.enum === undefined ? '' : ` of ${attributes.enum}`;
  return `${attributes.type ?? 'string'}${length}${enumeration} "${attributes.label ?? ''}"`;
}

interface Describe {
  added(one: XmlElement): SchemaChange;
  changed(one: XmlElement, old: XmlElement): SchemaChange;
  removed(one: XmlElement): SchemaChange;
}

function compareNamed(before: readonly XmlElement[], after: readonly XmlElement[], describe: Describe): SchemaChange[] {
  const keyOf = (one: XmlElement) => `${one.name} ${nameOf(one)}`;
  const old = new Map(before.map((one) => [keyOf(one), one]));
  const kept = new Set(after.map(keyOf));
  const changes = after.flatMap((one) => {
    const held = old.get(keyOf(one));
    if (!held) return [describe.added(one)];
    return sameElement(held, one) ? [] : [describe.changed(one, held)];
  });
  return [...changes, ...before.filter((one) => !kept.has(keyOf(one))).map((one) => describe.removed(one))];
}

function attributesOf(element: XmlElement | null): readonly XmlElement[] {
  return [...childrenOf(element, 'attribute'), ...childrenOf(element, 'element').filter(isMemo)];
}

/** An element that groups attributes, such as `location`. */
function isGroup(element: XmlElement): boolean {
  return !isMemo(element) && !isLink(element);
}

function isMemo(element: XmlElement): boolean {
  return element.attributes.type === 'memo';
}

function childrenOf(element: XmlElement | null, name: string): readonly XmlElement[] {
  return element ? childElements(element, name) : [];
}

function nameOf(element: XmlElement): string {
  return element.attributes.name ?? '';
}

function countValues(enumeration: XmlElement): string {
  return plural(childElements(enumeration, 'value').length, 'value');
}

function countAttributes(element: XmlElement): string {
  return plural(childElements(element, 'attribute').length, 'attribute');
}

function plural(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}

function keyFields(key: XmlElement): string {
  return childElements(key, 'keyfield')
    .map((field) => field.attributes.xpath)
    .join(', ');
}

function change(kind: SchemaChangeKind, subject: string, detail: string): SchemaChange {
  return { kind, subject, detail };
}
