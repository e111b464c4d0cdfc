/**
 * What Campaign describes, in neutral words: a compiled schema with its root element, attributes, nested elements, links, keys and enumerations.
 * All of it is plain data, so that a description can be kept in the database and compared with a later one.
 */

export type AttributeType =
  | 'string'
  | 'memo'
  | 'byte'
  | 'short'
  | 'long'
  | 'int64'
  | 'float'
  | 'double'
  | 'boolean'
  | 'datetime'
  | 'date'
  | 'time'
  | 'timespan'
  | 'uuid'
  | 'html'
  | 'blob';

/** A row of the schema list. */
export interface CampaignSchemaSummary {
  /** `nms:recipient` */
  readonly name: string;
  readonly label: string;
}

export interface CampaignSchema extends CampaignSchemaSummary {
  readonly labelSingular: string;
  /** Upper-case hexadecimal, as Campaign computes it; null where it gives none. */
  readonly md5: string | null;
  readonly root: SchemaElement;
  /** Enumerations declared in this schema, found by their own name (`gender`). */
  readonly enumerations: readonly SchemaEnumeration[];
  /** Keys of the root element, the primary one first. */
  readonly keys: readonly SchemaKey[];
  /** The sequence that the ids of new records come from; null where records bring their keys, absent from older descriptions. */
  readonly sequence?: string | null;
  /** False where Campaign holds no records of it, as of a view that no table is named for; absent from older descriptions. */
  readonly isStored?: boolean;
}

/** The sequence of a schema that names none: https://experienceleague.adobe.com/docs/campaign-classic/using/configuring-campaign-classic/schema-reference/database-keys.html */
export const DEFAULT_SEQUENCE = 'XtkNewId';

export interface SchemaElement {
  readonly name: string;
  readonly label: string;
  readonly attributes: readonly SchemaAttribute[];
  readonly elements: readonly SchemaElement[];
  readonly links: readonly SchemaLink[];
}

export interface SchemaAttribute {
  /** Without its `@`. */
  readonly name: string;
  readonly label: string;
  readonly type: AttributeType;
  readonly length: number | null;
  /** Name of the enumeration that lists the values, as written: `gender` or `nms:recipient:gender`; null where there is none. */
  readonly enumeration: string | null;
  /** Name of the itemized list that offers values; null where there is none. */
  readonly itemizedList: string | null;
  /** Computed by Campaign from an expression and so not writable. */
  readonly computed: boolean;
  /** True where the value stands in a child element (memo and CDATA) and not in an attribute. */
  readonly isElement: boolean;
}

export interface SchemaLink {
  readonly name: string;
  readonly label: string;
  /** Schema the link leads to, `xtk:folder`. */
  readonly target: string;
  readonly cardinality: 'one' | 'many';
  /** The pairs of paths that tie the two sides, without `@`: `folder-id` here, `id` there. */
  readonly join: readonly { readonly source: string; readonly destination: string }[];
}

export interface SchemaEnumeration {
  readonly name: string;
  readonly label: string;
  readonly values: readonly EnumerationValue[];
}

export interface EnumerationValue {
  readonly name: string;
  readonly value: string;
  readonly label: string;
}

export interface SchemaKey {
  readonly name: string;
  /** Paths without `@`: `id`, `location/countryCode`. */
  readonly fields: readonly string[];
  readonly internal: boolean;
}

/** An itemized list (`xtk:enum`): values that users may choose from and extend. */
export interface ItemizedList {
  readonly name: string;
  readonly label: string;
  readonly values: readonly ItemizedValue[];
}

export interface ItemizedValue {
  readonly name: string;
  readonly label: string;
}

/**
 * Finds an attribute by its path from the root element, with or without `@`: `@email`, `location/@city`, `location/city`.
 */
export function findAttribute(schema: CampaignSchema, path: string): SchemaAttribute | undefined {
  const steps = neutralPath(path).split('/');
  const name = steps.pop();
  let element: SchemaElement | undefined = schema.root;
  for (const step of steps) element = element?.elements.find((child) => child.name === step);
  return element?.attributes.find((attribute) => attribute.name === name);
}

/** `location/@city` → `location/city`: the path of an attribute as record queries and records name it. */
export function neutralPath(xpath: string): string {
  return xpath.replaceAll('@', '');
}

/** The values of an attribute's enumeration; empty where it has none, or none is known. */
export function enumeratedValues(
  { name, enumerations }: CampaignSchema,
  { enumeration }: SchemaAttribute,
): readonly EnumerationValue[] {
  const found = enumerations.find((one) => one.name === enumeration || `${name}:${one.name}` === enumeration);
  return found?.values ?? [];
}
