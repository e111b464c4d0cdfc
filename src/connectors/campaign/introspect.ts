import type {
  AttributeType,
  CampaignSchema,
  EnumerationValue,
  SchemaAttribute,
  SchemaElement,
  SchemaEnumeration,
  SchemaKey,
  SchemaLink,
} from '../../model/campaign-schema.js';
import { DEFAULT_SEQUENCE, neutralPath } from '../../model/campaign-schema.js';
import { childElements, type XmlElement } from '../../model/xml.js';

/**
 * Describes a compiled schema (`xtk:schema`) in neutral words.
 *
 * Enumerations that other schemas declare are not in it: `referencedSchemas` names those schemas, `withReferenced` adds what they declare.
 * Collections stored as XML are left out, as queries cannot select them.
 * https://experienceleague.adobe.com/docs/campaign-classic/using/configuring-campaign-classic/schema-reference/schema-structure.html
 */
export function describeSchema(document: XmlElement): CampaignSchema {
  const { namespace = '', name = '', label, labelSingular, md5 } = document.attributes;
  const rootElement = findRoot(document, name);
  const root = rootElement ? describeElement(rootElement) : emptyElement(name);
  const autopk = isTrue(rootElement?.attributes.autopk);
  return {
    name: `${namespace}:${name}`,
    label: label || name,
    labelSingular: labelSingular || rootElement?.attributes.labelSingular || label || name,
    md5: md5 || null,
    root: autopk ? withId(root) : root,
    enumerations: childElements(document, 'enumeration').map(describeEnumeration),
    keys: rootElement ? describeKeys(rootElement, autopk) : [],
    sequence: autopk ? rootElement?.attributes.pkSequence || DEFAULT_SEQUENCE : null,
    isStored: !isTrue(document.attributes.view) || rootElement?.attributes.sqltable !== undefined,
  };
}

/** The element named after the schema; in a schema of several tables, the first. */
function findRoot(document: XmlElement, name: string): XmlElement | undefined {
  const elements = childElements(document, 'element');
  return elements.find((element) => element.attributes.name === name) ?? elements[0];
}

function emptyElement(name: string): SchemaElement {
  return { name, label: name, attributes: [], elements: [], links: [] };
}

function describeElement(element: XmlElement): SchemaElement {
  const children = childElements(element, 'element').filter((child) => child.attributes.name);
  const texts = children.filter(isTextElement);
  const links = children.filter((child) => child.attributes.type === 'link');
  const nested = children.filter(
    (child) => !texts.includes(child) && !links.includes(child) && !isTrue(child.attributes.unbound),
  );
  const { name = '', label } = element.attributes;
  return {
    name,
    label: label || name,
    attributes: [
      ...childElements(element, 'attribute').map((attribute) => describeAttribute(attribute, false)),
      ...texts.map((text) => describeAttribute(text, true)),
    ],
    elements: nested.map(describeElement),
    links: links.filter((link) => link.attributes.target).map(describeLink),
  };
}

/** A value that stands in an element of its own: `<element name="desc" type="memo"/>`. */
function isTextElement(element: XmlElement): boolean {
  const { type } = element.attributes;
  return type !== undefined && type in TYPES && childElements(element, 'attribute').length === 0;
}

const TYPES: Readonly<Record<string, AttributeType>> = {
  string: 'string',
  memo: 'memo',
  CDATA: 'memo',
  byte: 'byte',
  short: 'short',
  long: 'long',
  int: 'long',
  primarykey: 'string',
  int64: 'int64',
  float: 'float',
  percent: 'double',
  double: 'double',
  boolean: 'boolean',
  datetime: 'datetime',
  datetimetz: 'datetime',
  datetimenotz: 'datetime',
  date: 'date',
  time: 'time',
  timespan: 'timespan',
  uuid: 'uuid',
  html: 'html',
  blob: 'blob',
  bin: 'blob',
};

function describeAttribute(attribute: XmlElement, isElement: boolean): SchemaAttribute {
  const { name = '', label, type, length, enum: enumeration, userEnum, dbEnum, expr } = attribute.attributes;
  return {
    name,
    label: label || name,
    type: TYPES[type ?? 'string'] ?? 'string',
    length: length && /^\d+$/.test(length) ? Number(length) : null,
    enumeration: enumeration || null,
    itemizedList: userEnum || dbEnum || null,
    computed: Boolean(expr),
    isElement,
  };
}

function describeLink(link: XmlElement): SchemaLink {
  const { name = '', label, target = '', unbound } = link.attributes;
  const cardinality = isTrue(unbound) ? 'many' : 'one';
  const join = childElements(link, 'join').map((pair) => ({
    source: neutralPath(pair.attributes['xpath-src'] ?? ''),
    destination: neutralPath(pair.attributes['xpath-dst'] ?? ''),
  }));
  return {
    name,
    label: label || name,
    target,
    cardinality,
    join: join.length > 0 ? join : defaultJoin(name, cardinality),
  };
}

/** A link that names no join is made by a foreign key of its own name: `folder` by `folder-id`. */
function defaultJoin(name: string, cardinality: 'one' | 'many'): SchemaLink['join'] {
  return cardinality === 'one' ? [{ source: `${name}-id`, destination: 'id' }] : [];
}

function describeEnumeration(enumeration: XmlElement): SchemaEnumeration {
  const { name = '', label } = enumeration.attributes;
  return { name, label: label || name, values: childElements(enumeration, 'value').map(describeValue) };
}

function describeValue(value: XmlElement): EnumerationValue {
  const { name = '', label, value: stored } = value.attributes;
  return { name, value: stored ?? name, label: label || name };
}

/** `autopk` makes the id and its key, which is then the primary one; else it is the first that is declared. */
function describeKeys(root: XmlElement, autopk: boolean): readonly SchemaKey[] {
  const declared = childElements(root, 'key').map((key) => describeKey(key, root));
  const keys = declared.filter((key) => key.fields.length > 0);
  const isId = (key: SchemaKey) => key.fields.length === 1 && key.fields[0] === 'id';
  if (!autopk) return keys;
  const id = keys.find(isId) ?? { name: 'id', fields: ['id'], internal: true };
  return [id, ...keys.filter((key) => !isId(key))];
}

function describeKey(key: XmlElement, root: XmlElement): SchemaKey {
  const { name = '', internal } = key.attributes;
  const fields = childElements(key, 'keyfield').flatMap((field) => keyFields(field, root));
  return { name, fields, internal: isTrue(internal) };
}

/** A key may hold a link, which stands for the foreign keys that make it. */
function keyFields(field: XmlElement, root: XmlElement): readonly string[] {
  const { xpath, xlink } = field.attributes;
  if (xpath) return [neutralPath(xpath)];
  const link = childElements(root, 'element').find((element) => element.attributes.name === xlink);
  return link ? describeLink(link).join.map((pair) => pair.source) : [];
}

function withId(root: SchemaElement): SchemaElement {
  if (root.attributes.some((attribute) => attribute.name === 'id')) return root;
  const id = describeAttribute(
    { name: 'attribute', attributes: { name: 'id', type: 'long', label: 'Primary key' }, children: [] },
    false,
  );
  return { ...root, attributes: [id, ...root.attributes] };
}

function isTrue(value: string | undefined): boolean {
  return value === 'true' || value === '1';
}

/** Names of the schemas whose enumerations this one refers to, as in `enum="nms:recipient:gender"`. */
export function referencedSchemas(schema: CampaignSchema): readonly string[] {
  return [...new Set(foreignReferences(schema).map(schemaOf))];
}

/** Adds the enumerations that the schema refers to by their full names, under these names. */
export function withReferenced(schema: CampaignSchema, others: readonly CampaignSchema[]): CampaignSchema {
  const added = foreignReferences(schema).flatMap((reference) => {
    const owner = others.find(({ name }) => name === schemaOf(reference));
    const found = owner?.enumerations.find(({ name }) => `${owner.name}:${name}` === reference);
    return found ? [{ ...found, name: reference }] : [];
  });
  return added.length === 0 ? schema : { ...schema, enumerations: [...schema.enumerations, ...added] };
}

function foreignReferences(schema: CampaignSchema): readonly string[] {
  const full = enumerationNames(schema.root).filter((name) => name.split(':').length === 3);
  return [...new Set(full)].filter((name) => schemaOf(name) !== schema.name);
}

function enumerationNames(element: SchemaElement): readonly string[] {
  const own = element.attributes.flatMap(({ enumeration }) => enumeration ?? []);
  return [...own, ...element.elements.flatMap(enumerationNames)];
}

/** `nms:recipient:gender` → `nms:recipient` */
function schemaOf(reference: string): string {
  return reference.split(':').slice(0, 2).join(':');
}
