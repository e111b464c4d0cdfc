import { type CampaignSchema, neutralPath, type SchemaElement, type SchemaLink } from '../model/campaign-schema.js';
import type { Catalog } from '../model/catalog.js';
import type { TableMapping } from '../model/mapping.js';
import { childElements, type XmlElement } from '../model/xml.js';
import { isLink } from './links.js';
import { rootElement } from './schema-document.js';

/** A step of a change under way: a source schema as the change found it, and as the step writes it; null where there is none. */
export interface SourceStep {
  /** Name of the source schema. */
  readonly subject: string;
  readonly before: XmlElement | null;
  readonly after: XmlElement | null;
}

/** Tells whether a change takes anything away that Campaign has built, if only until a later step. */
export function takesAway(steps: readonly SourceStep[]): boolean {
  return takenParts(steps).size > 0;
}

/**
 * The catalog without what a change under way takes away from Campaign: attributes, links from either side, whole schemas, and of the mappings
 * the fields that need them. Campaign may have it still, or no more; what is left it has throughout.
 */
export function withhold<Kept extends Catalog>(catalog: Kept, steps: readonly SourceStep[]): Kept {
  const taken = takenParts(steps);
  if (taken.size === 0) return catalog;
  const lost = new Set(catalog.schemas.filter((schema) => isLost(taken, schema)).map(({ name }) => name));
  const left = catalog.schemas.filter(({ name }) => !lost.has(name));
  return {
    ...catalog,
    schemas: left.map((schema) => ({
      ...withoutKeys(taken, schema),
      root: trim({ taken, lost, schema }, '', schema.root),
    })),
    mappings: catalog.mappings.flatMap((mapping) => leftOf(taken, mapping) ?? []),
  };
}

/** The tables whose mappings lack something while a change is under way. */
export function withheldTables(mappings: readonly TableMapping[], steps: readonly SourceStep[]): readonly string[] {
  const taken = takenParts(steps);
  const isWhole = (mapping: TableMapping) => leftOf(taken, mapping)?.fields.length === mapping.fields.length;
  return mappings.filter((mapping) => !isWhole(mapping)).map(({ table }) => table);
}

/** Parts of schemas, as `partOf` writes them. */
type Parts = ReadonlySet<string>;

/** `nms:recipient location/city`; a schema as a whole has the empty path. */
function partOf(schema: string, path: string): string {
  return `${schema} ${path}`;
}

function takenParts(steps: readonly SourceStep[]): Parts {
  const taken = new Set<string>();
  for (const { subject, before, after } of steps) {
    const staying = describeParts(subject, after);
    for (const [part, facts] of describeParts(subject, before)) if (staying.get(part) !== facts) taken.add(part);
  }
  return taken;
}

/** What a source schema adds to what Campaign builds, with the facts that requests depend on: labels and lengths are none of those. */
function describeParts(name: string, document: XmlElement | null): ReadonlyMap<string, string> {
  const parts = new Map<string, string>();
  // A view has no records that could be asked for.
  if (!document || document.attributes.view === 'true') return parts;
  const { extendedSchema } = document.attributes;
  const schema = extendedSchema || name;
  if (!extendedSchema) parts.set(partOf(schema, ''), 'schema');

  function describe(element: XmlElement, prefix: string): void {
    for (const child of childElements(element)) {
      const path = `${prefix}${child.attributes.name}`;
      if (child.name === 'attribute') parts.set(partOf(schema, path), child.attributes.type ?? 'string');
      else if (isLink(child)) describeLink(child, path);
      else if (child.attributes.type !== undefined) parts.set(partOf(schema, path), child.attributes.type);
      else if (child.name === 'element') describe(child, `${path}/`);
    }
  }

  function describeLink(link: XmlElement, path: string): void {
    const { target = '', revLink } = link.attributes;
    const facts = JSON.stringify([target, ...childElements(link, 'join').map(({ attributes }) => attributes)]);
    parts.set(partOf(schema, path), facts);
    if (revLink) parts.set(partOf(target, revLink), facts);
  }

  const root = rootElement(document, schema.slice(schema.indexOf(':') + 1));
  if (root) describe(root, '');
  return parts;
}

/** Records of a schema are told apart by its first key, so that nothing of it can be served without that. */
function isLost(taken: Parts, { name, keys }: CampaignSchema): boolean {
  const [primary] = keys;
  return taken.has(partOf(name, '')) || (primary?.fields.some((field) => taken.has(partOf(name, field))) ?? false);
}

function withoutKeys(taken: Parts, schema: CampaignSchema): CampaignSchema {
  const keys = schema.keys.filter(({ fields }) => !fields.some((field) => taken.has(partOf(schema.name, field))));
  return { ...schema, keys };
}

interface Trimming {
  readonly taken: Parts;
  /** Names of the schemas that are withheld as a whole. */
  readonly lost: ReadonlySet<string>;
  readonly schema: CampaignSchema;
}

function trim(trimming: Trimming, prefix: string, element: SchemaElement): SchemaElement {
  const isStaying = ({ name }: { readonly name: string }) =>
    !trimming.taken.has(partOf(trimming.schema.name, `${prefix}${name}`));
  const elements = element.elements.flatMap((child) => {
    const trimmed = trim(trimming, `${prefix}${child.name}/`, child);
    return isEmpty(trimmed) && !isEmpty(child) ? [] : [trimmed];
  });
  return {
    ...element,
    attributes: element.attributes.filter(isStaying),
    links: element.links.filter((link) => isStaying(link) && isTied(trimming, prefix, link)),
    elements,
  };
}

function isEmpty({ attributes, elements, links }: SchemaElement): boolean {
  return attributes.length + elements.length + links.length === 0;
}

/** Tells whether a link leads somewhere still, from and to attributes that stay. */
function isTied({ taken, lost, schema }: Trimming, prefix: string, { target, join }: SchemaLink): boolean {
  if (lost.has(target)) return false;
  return !join.some(({ source, destination }) => {
    return taken.has(partOf(schema.name, `${prefix}${source}`)) || taken.has(partOf(target, destination));
  });
}

/** What is left of a mapping; null where its records cannot be found in Campaign any more. */
function leftOf(taken: Parts, mapping: TableMapping): TableMapping | null {
  const isTaken = (path: string) => taken.has(partOf(mapping.schema, neutralPath(path)));
  if (isTaken('') || isTaken(mapping.key)) return null;
  return { ...mapping, fields: mapping.fields.filter(({ path }) => !isTaken(path)) };
}
