import type { TableMapping } from '../model/mapping.js';
import { type Column, findColumn, type Table } from '../model/table.js';
import { childElements, type XmlElement, xml } from '../model/xml.js';
import { targetShape } from './attribute-types.js';
import { COMPANION_SHAPE, isCompanion } from './companions.js';
import { withoutLinks } from './links.js';
import { attributeElement, enumerationElement, isMade, keyElement, madeFor } from './made-elements.js';
import { enumerationName, parseAttributePath } from './names.js';
import { newDocument, newRoot } from './new-document.js';
import {
  findNamed,
  putAttribute,
  putEnumeration,
  putNamed,
  rootElement,
  updateAt,
  withoutChildren,
} from './schema-document.js';
import { type AttributePath, heldAttribute, rootName, type Target } from './target.js';

/**
 * The source schema of a target with the attributes, enumerations and key that the mapping needs and that are missing or ours to keep current.
 * Attributes that somebody else made are used and left as they are, as are values that are options no more but `used`. Null where nothing is missing and there is no source schema.
 */
export function amendTarget(
  target: Target,
  table: Table,
  mapping: TableMapping,
  used: UsedValues = new Map(),
): XmlElement | null {
  const made = madeAttributes(target, table, mapping);
  if (made.length === 0) return target.source;
  let document = target.source ?? newDocument(target, table, mapping.account);
  for (const { column, element } of made) {
    const enumeration = column && element.attributes.enum ? enumerationElement(table, column) : null;
    const name = enumeration?.attributes.name ?? '';
    if (enumeration) document = putEnumeration(document, enumeration, used.get(name));
  }
  let root = rootElement(document, rootName(target)) ?? newRoot(target, table);
  if (made.some(({ column }) => column === null)) root = putKey(root, mapping.key, target.compiled !== null);
  for (const { path, element } of made) root = updateAt(root, path.elements, (parent) => putAttribute(parent, element));
  return putNamed(document, root);
}

/**
 * The source schema without what was made for a mapping and is used by none of those that stay: attributes, their keys and enumerations.
 * Null where it was made as a whole and nothing is left in it.
 */
export function releaseTarget(
  document: XmlElement,
  mapping: TableMapping,
  staying: readonly TableMapping[],
): XmlElement | null {
  const used = pathsInUse(mapping.schema, staying);
  const unused = [mapping.key, ...mapping.fields.map((field) => field.path)].filter((path) => !used.has(path));
  const local = mapping.schema.slice(mapping.schema.indexOf(':') + 1);
  const root = rootElement(document, local);
  if (!root) return document;
  const isStaying = staying.some((one) => one.table === mapping.table && one.schema === mapping.schema);
  const unlinked = isStaying ? root : withoutLinks(root, mapping.table);
  const trimmed = withoutKeys(unused.reduce(removeMade, unlinked), root);
  const released = withoutEnumerations(putNamed(document, trimmed), mapping);
  return isMade(document) && isEmpty(released, local) ? null : released;
}

/** The values that records of Campaign hold, by name of the enumeration made for their column. */
export type UsedValues = ReadonlyMap<string, ReadonlySet<string>>;

/** Values of an enumeration made for a column that are options of it no more, and the path of the attribute that may hold them. */
export interface GoneValues {
  readonly enumeration: string;
  readonly path: string;
  readonly values: readonly string[];
}

/** What the source schema of a mapping lists and Dynamics does not: to be removed unless records hold it. */
export function goneOptions(document: XmlElement, table: Table, mapping: TableMapping): readonly GoneValues[] {
  return mapping.fields.flatMap((field) => {
    const optionSet = findColumn(table, field.column)?.optionSet;
    const enumeration = enumerationName(table.logicalName, field.column);
    const held = optionSet && findNamed(document, 'enumeration', enumeration);
    if (!held) return [];
    const options = new Set(optionSet.options.map((option) => String(option.value)));
    const names = childElements(held, 'value').map((value) => value.attributes.name ?? '');
    const values = names.filter((name) => !options.has(name));
    return values.length > 0 ? [{ enumeration, path: field.path, values }] : [];
  });
}

/** An attribute to be made; `column` is null for the key. */
interface MadeAttribute {
  readonly path: AttributePath;
  readonly column: Column | null;
  readonly element: XmlElement;
}

function madeAttributes(target: Target, table: Table, mapping: TableMapping): readonly MadeAttribute[] {
  const desc = madeFor(table.logicalName);
  const wanted: MadeAttribute[] = [];
  const add = (text: string, column: Column | null, build: (name: string) => XmlElement) => {
    const path = parseAttributePath(text);
    if (!path) return;
    const held = heldAttribute(target, path);
    if (!held || held.desc === desc) wanted.push({ path, column, element: build(path.name) });
  };
  add(mapping.key, null, (name) => keyAttribute(name, desc));
  for (const field of mapping.fields) {
    const column = findColumn(table, field.column);
    if (!column) continue;
    if (isCompanion(field, mapping.fields)) {
      const label = `${column.label} (table)`;
      add(field.path, column, (name) => attributeElement(name, { label, shape: COMPANION_SHAPE, desc }));
      continue;
    }
    const shape = targetShape(column, field.conversion);
    const enumeration = enumerationName(table.logicalName, column.name);
    add(field.path, column, (name) => attributeElement(name, { label: column.label, shape, enumeration, desc }));
  }
  return wanted;
}

function keyAttribute(name: string, desc: string): XmlElement {
  return attributeElement(name, {
    label: 'Dynamics id',
    shape: { type: 'string', length: 36, enumerated: false },
    desc,
  });
}

/**
 * Records that never came from Dynamics have no id. In a schema that has such records the key must therefore allow an empty value,
 * and its index must not be unique.
 */
function putKey(root: XmlElement, key: string, isExtension: boolean): XmlElement {
  const name = key.slice(key.lastIndexOf('@') + 1);
  if (childElements(root, 'key').some((held) => keyPaths(held).includes(key))) return root;
  if (!isExtension) return putNamed(root, keyElement(name, key), ['attribute', 'element']);
  const index = xml('dbindex', { name }, [xml('keyfield', { xpath: key })]);
  const withIndex = putNamed(root, index, ['key', 'attribute', 'element']);
  return putNamed(withIndex, keyElement(name, key, { allowEmptyPart: true, noDbIndex: true }), [
    'attribute',
    'element',
  ]);
}

function pathsInUse(schema: string, mappings: readonly TableMapping[]): ReadonlySet<string> {
  const same = mappings.filter((mapping) => mapping.schema === schema);
  return new Set(same.flatMap((mapping) => [mapping.key, ...mapping.fields.map((field) => field.path)]));
}

/** The root without the attribute at a path, if it is ours, and without an element that this leaves empty. */
function removeMade(root: XmlElement, text: string): XmlElement {
  const path = parseAttributePath(text);
  if (!path) return root;
  const tag = text.includes('@') ? 'attribute' : 'element';
  const remove = (parent: XmlElement, steps: readonly string[]): XmlElement => {
    const [step, ...rest] = steps;
    if (step === undefined) {
      return withoutChildren(
        parent,
        (child) => child.name === tag && child.attributes.name === path.name && isMade(child),
      );
    }
    const child = findNamed(parent, 'element', step);
    if (!child) return parent;
    const next = remove(child, rest);
    const isEmptied = next !== child && next.children.length === 0 && Object.keys(next.attributes).length === 1;
    return isEmptied ? withoutChildren(parent, (one) => one === child) : putNamed(parent, next);
  };
  return remove(root, path.elements);
}

/** Drops the keys and indexes over attributes that `before` had and the root has no more. */
function withoutKeys(root: XmlElement, before: XmlElement): XmlElement {
  const gone = childElements(before, 'attribute')
    .filter((attribute) => !childElements(root, 'attribute').includes(attribute))
    .map((attribute) => `@${attribute.attributes.name}`);
  if (gone.length === 0) return root;
  return withoutChildren(
    root,
    (child) =>
      (child.name === 'key' || child.name === 'dbindex') && keyPaths(child).some((path) => gone.includes(path)),
  );
}

function keyPaths(key: XmlElement): readonly string[] {
  return childElements(key, 'keyfield').map((field) => field.attributes.xpath ?? '');
}

/** Drops the enumerations made for columns of the mapping that no attribute refers to any more. */
function withoutEnumerations(document: XmlElement, mapping: TableMapping): XmlElement {
  const made = new Set(mapping.fields.map((field) => enumerationName(mapping.table, field.column)));
  const referred = referredEnumerations(document);
  return withoutChildren(document, ({ name, attributes }) => {
    return name === 'enumeration' && made.has(attributes.name ?? '') && !referred.has(attributes.name ?? '');
  });
}

function referredEnumerations(element: XmlElement): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (one: XmlElement) => {
    if (one.attributes.enum !== undefined) names.add(one.attributes.enum);
    for (const child of childElements(one)) visit(child);
  };
  visit(element);
  return names;
}

function isEmpty(document: XmlElement, local: string): boolean {
  const children = childElements(document);
  const root = rootElement(document, local);
  return children.length === 1 && root !== undefined && childElements(root).length === 0;
}
