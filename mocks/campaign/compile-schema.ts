import { createHash } from 'node:crypto';
import { withDisplayName, withIndexes, withPrimaryKey } from './compile-keys.js';
import { mergeExtension } from './merge-schema.js';
import { columnName, tableName } from './sql-names.js';
import { childNamed, childrenNamed, formatXml, isTrue, type XmlElement, xml } from './xml.js';

/** The source schemas that one compiled schema is made from. */
export interface SchemaSources {
  source(id: string): XmlElement | undefined;
  /** Source schemas that extend this one, in the order of their ids. */
  extensionsOf(id: string): readonly XmlElement[];
  /** Links of other schemas that lead to this one, for its reverse links. */
  linksTo(id: string): readonly ForeignLink[];
  /** Whether what leads nowhere in this schema is an error; elsewhere it is left out, as its target may have been removed. */
  isStrict(id: string): boolean;
}

/** A link as its own schema declares it, with its join complete. `parent` is the path of the element that holds it. */
export interface ForeignLink {
  readonly schema: string;
  readonly label: string;
  readonly link: XmlElement;
  readonly parent: string;
}

/** A source schema that cannot be compiled. The message names the schema and the element. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError';
}

/**
 * Compiles a source schema and its extensions into the `schema` element that clients see: aggregates and references resolved,
 * primary and foreign keys made, reverse links added, SQL names filled in.
 * https://experienceleague.adobe.com/docs/campaign-classic/using/configuring-campaign-classic/schema-reference/schema-structure.html
 */
export function compileSchema(id: string, sources: SchemaSources): XmlElement {
  const prepared = prepareSchema(id, sources);
  const name = nameOf(id);
  const children = prepared.children.map((child) =>
    child.name === 'element' && child.attributes.name === name
      ? withSqlNames(withReverseLinks(child, sources.linksTo(id)), prepared)
      : child,
  );
  const document = { ...prepared, children };
  return { ...document, attributes: { ...document.attributes, md5: md5Of(document) } };
}

/** Upper-case hexadecimal, as Campaign writes it. */
export function md5Of(document: XmlElement): string {
  const { md5: _, ...attributes } = document.attributes;
  return createHash('md5')
    .update(formatXml({ ...document, attributes }))
    .digest('hex')
    .toUpperCase();
}

/** The schema with all that it declares itself, before other schemas' links to it are added. */
export function prepareSchema(id: string, sources: SchemaSources): XmlElement {
  const source = sources.source(id);
  if (!source) throw new SchemaError(`Schema '${id}' does not exist.`);
  const merged = sources.extensionsOf(id).reduce(mergeExtension, source);
  const expanded = expandReferences(merged, id, sources, { seen: [id], total: { nodes: 0 } });
  const name = source.attributes.name ?? '';
  const children = expanded.children.map((child) => {
    if (child.name !== 'element') return child;
    if (child.attributes.name !== name) return withForeignKeys(child, id, sources);
    return withDisplayName(withIndexes(withForeignKeys(withPrimaryKey(child), id, sources)));
  });
  const depending = sources.extensionsOf(id).map(({ attributes }) => `${attributes.namespace}:${attributes.name}`);
  return xml('schema', { ...compiledAttributes(source), dependingSchemas: depending.join(',') }, children);
}

function compiledAttributes(source: XmlElement): Record<string, string | undefined> {
  const { extendedSchema: _, _operation, _key, md5, ...kept } = source.attributes;
  const label = kept.label ?? kept.name;
  return {
    _cs: `${label} (${kept.namespace})`,
    ...kept,
    label,
    labelSingular: kept.labelSingular ?? label,
    mappingType: kept.mappingType ?? 'sql',
    entitySchema: 'xtk:schema',
    xtkschema: 'xtk:schema',
  };
}

const MAX_NODES = 100_000;
const MAX_REFERENCE_DEPTH = 100;

/** The references that are being resolved, outermost first, and how much all of them have come to. */
interface Expansion {
  readonly seen: readonly string[];
  readonly total: { nodes: number };
}

/** Replaces `aggregate` and `template` elements by what they name, and fills elements that `ref` another one. */
function expandReferences(
  element: XmlElement,
  schemaId: string,
  sources: SchemaSources,
  expansion: Expansion,
): XmlElement {
  expansion.total.nodes += element.children.length;
  if (expansion.total.nodes > MAX_NODES || expansion.seen.length > MAX_REFERENCE_DEPTH) {
    throw new SchemaError(
      `Schema '${schemaId}' grows too large where element '${element.attributes.name}' is resolved.`,
    );
  }
  const children = element.children.flatMap((child) =>
    child.name === 'element' ? expandElement(child, schemaId, sources, expansion) : [child],
  );
  return { ...element, children };
}

function expandElement(
  child: XmlElement,
  schemaId: string,
  sources: SchemaSources,
  { seen, total }: Expansion,
): readonly XmlElement[] {
  const reference = child.attributes.aggregate ?? child.attributes.ref ?? child.attributes.template;
  if (reference === undefined) return [expandReferences(child, schemaId, sources, { seen, total })];
  const absolute = absoluteReference(reference, schemaId);
  if (seen.includes(absolute))
    throw new SchemaError(`Element '${child.attributes.name}' of '${schemaId}' refers to itself.`);
  const target = findReferenced(absolute, sources);
  if (!target && sources.isStrict(schemaId)) {
    const subject = `Element '${child.attributes.name}' of schema '${schemaId}'`;
    throw new SchemaError(`${subject} refers to '${reference}', which does not exist.`);
  }
  const inner = { seen: [...seen, absolute], total };
  const content = target ? expandReferences(target, schemaId, sources, inner).children : [];
  return child.attributes.aggregate === undefined ? [{ ...child, children: [...content, ...child.children] }] : content;
}

/** `xtk:common:auditTrail` as it is; `location` of `nms:recipient` becomes `nms:recipient:location`. */
function absoluteReference(reference: string, schemaId: string): string {
  return reference.split(':').length === 3 ? reference : `${schemaId}:${reference}`;
}

function findReferenced(reference: string, sources: SchemaSources): XmlElement | undefined {
  const at = reference.lastIndexOf(':');
  let found = sources.source(reference.slice(0, at));
  for (const step of reference.slice(at + 1).split('/')) {
    found = found && childrenNamed(found, 'element').find((child) => child.attributes.name === step);
  }
  return found;
}

/** A link without a join gets one, with a foreign key attribute for each field of the target's key: `folder-id`. */
function withForeignKeys(element: XmlElement, schemaId: string, sources: SchemaSources): XmlElement {
  const declared = new Set(childrenNamed(element, 'attribute').map((it) => it.attributes.name));
  const children = element.children.flatMap((child) => {
    if (child.name !== 'element') return [child];
    if (child.attributes.type !== 'link') return [withForeignKeys(child, schemaId, sources)];
    const problem = linkProblem(child, sources);
    if (problem !== undefined && !sources.isStrict(schemaId)) return [];
    if (problem !== undefined)
      throw new SchemaError(`Link '${child.attributes.name}' of schema '${schemaId}' ${problem}.`);
    if (isTrue(child.attributes.unbound)) return [child];
    const named = withReverseName(child, schemaId);
    if (childNamed(child, 'join')) return [named];
    const { link, attributes } = makeForeignKey(named, sources);
    return [...attributes.filter((attribute) => !declared.has(attribute.attributes.name)), link];
  });
  return { ...element, children };
}

/** A link names its other end: by default after its schema. */
function withReverseName(link: XmlElement, schemaId: string): XmlElement {
  const { revLink = nameOf(schemaId), ...attributes } = link.attributes;
  return revLink === '_NONE_' ? link : { ...link, attributes: { ...attributes, revLink } };
}

function nameOf(schemaId: string): string {
  return schemaId.slice(schemaId.indexOf(':') + 1);
}

function linkProblem(link: XmlElement, sources: SchemaSources): string | undefined {
  const { target = '' } = link.attributes;
  const schema = sources.source(target);
  if (!schema) return `leads to '${target}', which does not exist`;
  if (childNamed(link, 'join') || isTrue(link.attributes.unbound)) return undefined;
  return keyFieldsOf(schema, sources).length === 0 ? `needs a join, as '${target}' has no key` : undefined;
}

function makeForeignKey(link: XmlElement, sources: SchemaSources) {
  const name = link.attributes.name ?? '';
  const target = sources.source(link.attributes.target ?? '');
  const fields = target ? keyFieldsOf(target, sources) : [];
  const label = link.attributes.label ?? name;
  const joins = fields.map((field) => xml('join', { 'xpath-dst': field.xpath, 'xpath-src': `@${name}-${field.name}` }));
  const attributes = fields.map((field) =>
    xml('attribute', {
      advanced: 'true',
      label: `Foreign key of '${label}' link ('${field.name}' field)`,
      length: field.length,
      name: `${name}-${field.name}`,
      type: field.type,
    }),
  );
  return { link: { ...link, children: [...joins, ...link.children] }, attributes };
}

/** A field of a key that foreign keys point at; `xpath` leads to it, `name` is its part of their names. */
interface KeyField {
  readonly name: string;
  readonly xpath: string;
  readonly type: string;
  readonly length: string | undefined;
}

const PRIMARY_KEY: KeyField = { name: 'id', xpath: '@id', type: 'long', length: undefined };
const MAX_KEYS_OVER_LINKS = 10;

/** Fields of the key that foreign keys point at: the id, else the first internal key, else the first key. */
function keyFieldsOf(schema: XmlElement, sources: SchemaSources, depth = 0): readonly KeyField[] {
  const root = childrenNamed(schema, 'element').find((child) => child.attributes.name === schema.attributes.name);
  if (isTrue(root?.attributes.autopk)) return [PRIMARY_KEY];
  const keys = root ? childrenNamed(root, 'key') : [];
  const key = keys.find((candidate) => isTrue(candidate.attributes.internal)) ?? keys[0];
  if (!root || !key || depth > MAX_KEYS_OVER_LINKS) return [];
  return childrenNamed(key, 'keyfield').flatMap(({ attributes: { xpath = '', xlink } }) => {
    if (xlink === undefined) return [keyField(root, xpath)];
    const link = childrenNamed(root, 'element').find((child) => child.attributes.name === xlink);
    const target = sources.source(link?.attributes.target ?? '');
    const fields = target ? keyFieldsOf(target, sources, depth + 1) : [];
    return fields.map((field) => ({ ...field, name: `${xlink}-${field.name}`, xpath: `@${xlink}-${field.name}` }));
  });
}

function keyField(root: XmlElement, xpath: string): KeyField {
  const steps = xpath.replaceAll('@', '').split('/');
  const name = steps.pop() ?? '';
  const holder = steps.reduce<XmlElement | undefined>(
    (element, step) => element && childrenNamed(element, 'element').find((child) => child.attributes.name === step),
    root,
  );
  const attribute = holder && childrenNamed(holder, 'attribute').find((child) => child.attributes.name === name);
  return { name, xpath, type: attribute?.attributes.type ?? 'string', length: attribute?.attributes.length };
}

/** Adds the other end of every link that leads here, unless the link forbids it or its name is taken. */
function withReverseLinks(root: XmlElement, links: readonly ForeignLink[]): XmlElement {
  const taken = new Set(childrenNamed(root, 'element').map((child) => child.attributes.name));
  const added: XmlElement[] = [];
  for (const { schema, label, link, parent } of links) {
    const name = link.attributes.revLink ?? nameOf(schema);
    if (name === '_NONE_' || taken.has(name)) continue;
    taken.add(name);
    const single = link.attributes.revCardinality === 'single';
    const joins = childrenNamed(link, 'join').map((join) => {
      const source = join.attributes['xpath-src'] ?? '';
      return xml('join', {
        'xpath-dst': parent === '' || source.startsWith('/') ? source.replace(/^\//, '') : `${parent}/${source}`,
        'xpath-src': join.attributes['xpath-dst'],
      });
    });
    const attributes = {
      advanced: 'true',
      belongsTo: schema,
      desc: link.attributes.revDesc,
      externalJoin: 'true',
      integrity: link.attributes.revIntegrity ?? 'normal',
      label: link.attributes.revLabel ?? label,
      name,
      revLink: link.attributes.name,
      target: schema,
      type: 'link',
      unbound: single ? undefined : 'true',
    };
    added.push(xml('element', attributes, joins));
  }
  return { ...root, children: [...root.children, ...added] };
}

function withSqlNames(root: XmlElement, schema: XmlElement): XmlElement {
  const isSql = schema.attributes.mappingType === 'sql';
  const needsTable = isSql && !isTrue(schema.attributes.view) && root.attributes.sqltable === undefined;
  const sqltable = needsTable ? tableName(schema) : root.attributes.sqltable;
  const named = sqltable === undefined ? root : { ...root, attributes: { ...root.attributes, sqltable } };
  return withColumns(named, schema.attributes.name ?? '', isSql && sqltable !== undefined);
}

function withColumns(element: XmlElement, entity: string, isSql: boolean): XmlElement {
  const children = element.children.map((child) => {
    if (child.name !== 'attribute' && child.name !== 'element') return child;
    if (child.attributes.type === 'link') return child;
    const isGroup = child.name === 'element' && child.attributes.type === undefined;
    const inSql = isSql && !isTrue(child.attributes.xml) && !isTrue(child.attributes.unbound);
    if (isGroup) return withColumns(child, entity, inSql);
    const stored = inSql && child.attributes.expr === undefined && child.attributes.sqlname === undefined;
    const sqlname = stored ? columnName(child, entity) : child.attributes.sqlname;
    const type = child.attributes.type ?? 'string';
    const length = child.attributes.length ?? (type === 'string' && inSql ? '255' : undefined);
    const attributes: Record<string, string> = { ...child.attributes, type };
    if (sqlname !== undefined) attributes.sqlname = sqlname;
    if (length !== undefined) attributes.length = length;
    return { ...child, attributes };
  });
  return { ...element, children };
}
