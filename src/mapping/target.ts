import type { AttributeType, CampaignSchema, SchemaAttribute, SchemaElement } from '../model/campaign-schema.js';
import { RequestError } from '../model/errors.js';
import { childElements, type XmlElement } from '../model/xml.js';
import { isReservedNamespace, isSystemSchema, parseSchemaName } from './names.js';
import { findNamed, rootElement } from './schema-document.js';

/** The schema that a table is mapped to, with the source schema where attributes are added to it. */
export interface Target {
  /** `nms:recipient` */
  readonly schema: string;
  /** The source schema to write: `cus:recipient`, which extends `nms:recipient`; a customer's own schema itself. */
  readonly document: string;
  /** As Campaign compiled it; null where it is to be made. */
  readonly compiled: CampaignSchema | null;
  /** The source schema as it stands, with what was planned for it so far; null where it is to be made. */
  readonly source: XmlElement | null;
}

/** An attribute that a target has already. */
export interface HeldAttribute {
  readonly attribute: SchemaAttribute;
  /** The `desc` of the attribute in the source schema; null where it stands elsewhere or has none. */
  readonly desc: string | null;
}

/** A path from the root element, taken apart. */
export interface AttributePath {
  readonly elements: readonly string[];
  readonly name: string;
}

/** The name of the source schema that changes when attributes are added to a schema. */
export function documentName(schema: string, namespace: string): string {
  const parsed = parseSchemaName(schema);
  return parsed && isReservedNamespace(parsed.namespace) ? `${namespace}:${parsed.local}` : schema;
}

/**
 * Finds where a table is to be mapped to. Rejects, naming `field`, a name that is none, a schema that is missing and may not be made
 * (BAD_USER_INPUT), one that Campaign itself works by (UNSUPPORTED), and a source schema that stands in the way (CONFLICT).
 */
export function resolveTarget(
  schema: string,
  context: {
    readonly schemas: readonly CampaignSchema[];
    readonly documents: ReadonlyMap<string, XmlElement>;
    readonly namespace: string;
    readonly field: string;
  },
): Target {
  const { field, namespace } = context;
  const parsed = parseSchemaName(schema);
  if (!parsed) {
    throw new RequestError('BAD_USER_INPUT', `Expected a schema name like "cus:loyalty", got "${schema}".`, { field });
  }
  if (isSystemSchema(parsed)) throw isNotForData(schema, parsed, namespace, field);
  const compiled = context.schemas.find((one) => one.name === schema) ?? null;
  if (!compiled && isReservedNamespace(parsed.namespace)) throw cannotBeMade(schema, parsed, namespace, field);
  const document = documentName(schema, namespace);
  const source = context.documents.get(document) ?? null;
  if (source) assertRightDocument(schema, document, source, field);
  if (compiled && !source && document === schema) throw noSource(schema, field);
  return { schema, document, compiled, source };
}

/** The name of the root element of the target. */
export function rootName(target: Target): string {
  return target.compiled?.root.name ?? target.schema.slice(target.schema.indexOf(':') + 1);
}

/** The attribute at a path; its name is compared without regard to case, as the database columns beneath are. */
export function heldAttribute(target: Target, path: AttributePath): HeldAttribute | null {
  const authored = authoredAttribute(target, path);
  const compiled = compiledAttribute(target, path);
  if (!authored) return compiled ? { attribute: compiled, desc: null } : null;
  return { attribute: compiled ?? readAttribute(authored), desc: authored.attributes.desc ?? null };
}

/** `location/@city`; a memo, which stands in an element of its own, without the `@`. */
export function formatPath(path: AttributePath, isElement: boolean): string {
  return [...path.elements, isElement ? path.name : `@${path.name}`].join('/');
}

function compiledAttribute(target: Target, path: AttributePath): SchemaAttribute | undefined {
  let element: SchemaElement | undefined = target.compiled?.root;
  for (const step of path.elements) element = element?.elements.find((child) => child.name === step);
  return byName(element?.attributes ?? [], path.name, (attribute) => attribute.name);
}

function authoredAttribute(target: Target, path: AttributePath): XmlElement | undefined {
  let element = target.source ? rootElement(target.source, rootName(target)) : undefined;
  for (const step of path.elements) element = element && findNamed(element, 'element', step);
  if (!element) return undefined;
  const candidates = [...childElements(element, 'attribute'), ...childElements(element, 'element').filter(isMemo)];
  return byName(candidates, path.name, (candidate) => candidate.attributes.name ?? '');
}

function byName<Item>(items: readonly Item[], name: string, nameOf: (item: Item) => string): Item | undefined {
  const wanted = name.toLowerCase();
  return items.find((item) => nameOf(item) === name) ?? items.find((item) => nameOf(item).toLowerCase() === wanted);
}

function readAttribute(element: XmlElement): SchemaAttribute {
  const { name = '', label, type = 'string', length, enum: enumeration, userEnum, expr } = element.attributes;
  return {
    name,
    label: label ?? name,
    // A source schema written by somebody else may name a type we do not know; it is then compatible with nothing.
    type: type as AttributeType,
    length: length === undefined ? null : Number(length),
    enumeration: enumeration ?? null,
    itemizedList: userEnum ?? null,
    computed: expr !== undefined,
    isElement: element.name === 'element',
  };
}

function isMemo(element: XmlElement): boolean {
  return ['memo', 'CDATA', 'html'].includes(element.attributes.type ?? '');
}

function assertRightDocument(schema: string, document: string, source: XmlElement, field: string): void {
  const extended = source.attributes.extendedSchema || null;
  if (document === schema && extended !== null) {
    throw new RequestError(
      'BAD_USER_INPUT',
      `"${schema}" is an extension of "${extended}": name "${extended}" as the target.`,
      {
        field,
      },
    );
  }
  if (document !== schema && extended !== schema) {
    throw new RequestError(
      'CONFLICT',
      `Attributes of "${schema}" would be added in "${document}", but that is a schema of its own. Rename it, or name another target.`,
      { field },
    );
  }
}

function isNotForData(schema: string, parsed: { local: string }, namespace: string, field: string) {
  return new RequestError(
    'UNSUPPORTED',
    `"${schema}" is a schema that Campaign itself works by, where an import could make operators or settings: name one that holds data such as "nms:recipient", or one to be made such as "${namespace}:${parsed.local}".`,
    { field },
  );
}

function cannotBeMade(schema: string, parsed: { local: string; namespace: string }, namespace: string, field: string) {
  return new RequestError(
    'BAD_USER_INPUT',
    `Campaign has no schema "${schema}", and the namespace "${parsed.namespace}" is reserved: name an existing schema, or one to be made such as "${namespace}:${parsed.local}".`,
    { field },
  );
}

function noSource(schema: string, field: string): RequestError {
  return new RequestError(
    'CONFLICT',
    `Campaign has "${schema}", but no source schema of that name to add attributes to. Name the schema that it comes from.`,
    { field },
  );
}
