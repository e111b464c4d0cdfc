import {
  GraphQLBoolean,
  GraphQLFloat,
  GraphQLID,
  type GraphQLInputFieldConfig,
  type GraphQLInputFieldConfigMap,
  type GraphQLInputObjectType,
  GraphQLInt,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLScalarType,
  GraphQLString,
} from 'graphql';
import {
  type CampaignSchema,
  enumeratedValues,
  findAttribute,
  type SchemaAttribute,
  type SchemaElement,
  type SchemaLink,
} from '../../model/campaign-schema.js';
import { resolveProperty } from '../resolvers/fields.js';
import { isthmus, type SchemaTarget, type ValueKind } from './field-source.js';
import { campaignTypeName, elementTypeName, FILTER_WORDS, nameScope } from './names.js';
import { nodeParts } from './nodes.js';
import {
  buildConnection,
  buildFilter,
  buildOrder,
  type FieldConfig,
  RECORD_TYPE_SUFFIXES,
  type RecordTypes,
  recordsField,
} from './record-types.js';
import { GraphQLBigInt, GraphQLDate, GraphQLDateTime } from './scalars.js';
import type { Build, SupportTypes } from './support-types.js';

/** The types of a Campaign schema. */
export interface SchemaTypes extends RecordTypes {
  readonly target: SchemaTarget;
}

/** Types by name of the schema. */
export type SchemasTypes = ReadonlyMap<string, SchemaTypes>;

/**
 * Builds the types of every schema: the record with its elements, its page, its filter and its order. A schema without a key describes no
 * records that could be read page by page, but parts of others (`xtk:common`) or messages (`xtk:session`); a view without a table has none.
 */
export function buildSchemaTypes(build: Build, schemas: readonly CampaignSchema[]): SchemasTypes {
  const types = new Map<string, SchemaTypes>();
  for (const schema of schemas.filter(hasPages)) types.set(schema.name, buildSchema(build, schema, types));
  return types;
}

/** Where nothing can be compared, a key cannot either: such records cannot be told apart. */
function hasPages({ root, keys, isStored = true }: CampaignSchema): boolean {
  return isStored && keys.length > 0 && isSortable(root);
}

function buildSchema(build: Build, schema: CampaignSchema, types: SchemasTypes): SchemaTypes {
  const name = build.names.claim(campaignTypeName(schema.name), RECORD_TYPE_SUFFIXES);
  const description = `${schema.labelSingular}: a record of the Campaign schema ${schema.name}.`;
  const schemaBuild = { build, schema, types, key: singleKey(schema) };
  const { object, filter, order } = buildElement(schemaBuild, {
    element: schema.root,
    name,
    description,
    isRoot: true,
  });
  if (order === null) throw new Error(`Expected ${schema.name} to have an attribute that can be sorted by.`);
  return {
    object,
    filter,
    order,
    target: { system: 'campaign', typeName: name, schema },
    connection: buildConnection(build, object),
  };
}

/** The attribute that alone is the primary key of a schema; null where there is none, or where the key has several. */
export function singleKey(schema: CampaignSchema): SchemaAttribute | null {
  const [field, ...others] = schema.keys[0]?.fields ?? [];
  if (field === undefined || others.length > 0) return null;
  return findAttribute(schema, field) ?? null;
}

/** What the elements of one schema share. */
export interface SchemaBuild {
  readonly build: Build;
  readonly schema: CampaignSchema;
  readonly types: SchemasTypes;
  readonly key: SchemaAttribute | null;
}

/** The types of the root element or of a nested one. */
interface ElementTypes {
  readonly object: GraphQLObjectType;
  readonly filter: GraphQLInputObjectType;
  /** Null where the element holds nothing that records can be sorted by: GraphQL allows no input without fields. */
  readonly order: GraphQLInputObjectType | null;
}

interface Shown {
  readonly element: SchemaElement;
  /** Name of the GraphQL type. */
  readonly name: string;
  readonly description: string;
  readonly isRoot: boolean;
}

function buildElement(schemaBuild: SchemaBuild, shown: Shown): ElementTypes {
  const { build } = schemaBuild;
  const { name, description } = shown;
  // A key that stands in an element is not among the record's own properties.
  const key = shown.isRoot ? shown.element.attributes.find((attribute) => attribute === schemaBuild.key) : undefined;
  const node = key && nodeParts(build, name, key.name);
  const nested = new Map<string, ElementTypes>();
  for (const element of shown.element.elements.filter(isShown)) {
    nested.set(element.name, buildNested(schemaBuild, element, name));
  }
  return {
    object: build.add(
      new GraphQLObjectType({
        name,
        description,
        ...(node && { interfaces: node.interfaces }),
        fields: () => ({ ...(node && { nodeId: node.nodeId }), ...outputFields(schemaBuild, shown, nested) }),
      }),
    ),
    filter: buildFilter(build, `${name}Filter`, () => filterFields(schemaBuild, shown, nested)),
    order: isSortable(shown.element)
      ? buildOrder(build, `${name}Order`, () => orderFields(schemaBuild, shown, nested))
      : null,
  };
}

function buildNested(schemaBuild: SchemaBuild, element: SchemaElement, parent: string): ElementTypes {
  const name = schemaBuild.build.names.claim(elementTypeName(parent, element.name), ['', 'Filter', 'Order']);
  return buildElement(schemaBuild, { element, name, description: element.label, isRoot: false });
}

/** Calls one of these for each part of an element, under the name that the part has in GraphQL. */
export function mapParts<Field>(
  schemaBuild: SchemaBuild,
  shown: Pick<Shown, 'element'>,
  taken: readonly string[],
  field: {
    attribute(attribute: SchemaAttribute, name: string): Field | null;
    element(element: SchemaElement, name: string): Field | null;
    link(link: SchemaLink, target: SchemaTypes, name: string): Field | null;
    collection?(link: SchemaLink, target: SchemaTypes, name: string): Field | null;
  },
): Record<string, Field> {
  const fields: Record<string, Field> = {};
  const put = (name: string, value: Field | null): void => {
    if (value !== null) fields[name] = value;
  };
  const { element } = shown;
  const attributes = scope(element.attributes.filter(isSupportedAttribute), taken);
  for (const [attribute, name] of attributes) put(name, field.attribute(attribute, name));
  const elements = scope(element.elements.filter(isShown), [...taken, ...attributes.values()]);
  for (const [child, name] of elements) put(name, field.element(child, name));
  const simple = element.links.filter((link) => link.cardinality === 'one');
  const links = scope(simple, [...taken, ...attributes.values(), ...elements.values()]);
  for (const [link, name] of links) {
    const target = schemaBuild.types.get(link.target);
    if (target) put(name, field.link(link, target, name));
  }
  const many = element.links.filter((link) => link.cardinality === 'many');
  for (const [link, name] of scope(many, [...taken, ...attributes.values(), ...elements.values(), ...links.values()])) {
    const target = schemaBuild.types.get(link.target);
    if (target && isJoined(element, link, target)) put(name, field.collection?.(link, target, name) ?? null);
  }
  return fields;
}

/** A join can be followed where both its sides are attributes that records are asked for and compared by. */
function isJoined(element: SchemaElement, { join }: SchemaLink, { target }: SchemaTypes): boolean {
  const isHere = (name: string) => element.attributes.some((attribute) => attribute.name === name);
  return join.length > 0 && join.every((pair) => isHere(pair.source) && findAttribute(target.schema, pair.destination));
}

function scope<Part extends { readonly name: string }>(
  parts: readonly Part[],
  taken: readonly string[],
): ReadonlyMap<Part, string> {
  const names = nameScope(
    parts.map(({ name }) => name),
    taken,
  );
  return new Map(parts.map((part) => [part, names.get(part.name) ?? part.name]));
}

type Nested = ReadonlyMap<string, ElementTypes>;

function outputFields(schemaBuild: SchemaBuild, shown: Shown, nested: Nested): Record<string, FieldConfig> {
  return mapParts<FieldConfig>(schemaBuild, shown, ['nodeId'], {
    attribute: (attribute, name) => ({
      type:
        attribute === schemaBuild.key
          ? new GraphQLNonNull(GraphQLID)
          : attributeType(schemaBuild.build.support, attribute),
      description: attribute.label,
      extensions: isthmus({ kind: 'attribute', name: attribute.name }),
      ...propertyResolver(attribute.name, name),
    }),
    element: (element, name) => {
      const types = nested.get(element.name);
      if (!types) return null;
      const extensions = isthmus({ kind: 'element', name: element.name });
      return { type: types.object, description: element.label, extensions, ...propertyResolver(element.name, name) };
    },
    link: (link, target, name) => ({
      type: target.object,
      description: link.label,
      extensions: isthmus({ kind: 'link', name: link.name, key: target.target.schema.keys[0]?.fields ?? [] }),
      ...propertyResolver(link.name, name),
    }),
    collection: (link, target) =>
      recordsField(target, link.label, { related: { kind: 'collection', join: link.join, target: target.target } }),
  });
}

/** GraphQL reads a property that is named like the field by itself. */
function propertyResolver(property: string, field: string): Pick<FieldConfig, 'resolve'> {
  return property === field ? {} : { resolve: resolveProperty(property) };
}

function filterFields(schemaBuild: SchemaBuild, shown: Shown, nested: Nested): GraphQLInputFieldConfigMap {
  return mapParts<GraphQLInputFieldConfig>(schemaBuild, shown, FILTER_WORDS, {
    attribute: (attribute) => {
      if (!isComparable(attribute)) return null;
      const { type, value } = attributeOperators(schemaBuild, attribute);
      const enumeration = enumeratedValues(schemaBuild.schema, attribute);
      return {
        type,
        description: attribute.label,
        extensions: isthmus({
          kind: 'value',
          path: attribute.name,
          value,
          ...(enumeration.length > 0 && { enumeration }),
        }),
      };
    },
    element: (element) => nestedInput(element, nested.get(element.name)?.filter),
    link: (link, target) => nestedInput(link, target.filter),
  });
}

function orderFields(schemaBuild: SchemaBuild, shown: Shown, nested: Nested): GraphQLInputFieldConfigMap {
  return mapParts<GraphQLInputFieldConfig>(schemaBuild, shown, [], {
    attribute: (attribute) => {
      const extensions = isthmus({ kind: 'value', path: attribute.name, value: 'text' });
      const type = schemaBuild.build.support.orderDirection;
      return isComparable(attribute) ? { type, description: attribute.label, extensions } : null;
    },
    element: (element) => nestedInput(element, nested.get(element.name)?.order),
    link: (link, target) => nestedInput(link, target.order),
  });
}

function nestedInput(
  { name, label }: SchemaElement | SchemaLink,
  type: GraphQLInputObjectType | null | undefined,
): GraphQLInputFieldConfig | null {
  return type ? { type, description: label, extensions: isthmus({ kind: 'nested', name }) } : null;
}

function attributeType(support: SupportTypes, attribute: SchemaAttribute): GraphQLOutputType {
  return attribute.enumeration === null ? attributeScalar(attribute) : support.enumerationValue;
}

/** The values of an attribute, as they are read and written. */
export function attributeScalar({ type }: SchemaAttribute): GraphQLScalarType {
  switch (type) {
    case 'byte':
    case 'short':
    case 'long':
      return GraphQLInt;
    case 'int64':
      return GraphQLBigInt;
    case 'float':
    case 'double':
    case 'timespan':
      return GraphQLFloat;
    case 'boolean':
      return GraphQLBoolean;
    case 'datetime':
      return GraphQLDateTime;
    case 'date':
      return GraphQLDate;
    default:
      return GraphQLString;
  }
}

/** The filter of an attribute, and the form in which its values are compared. */
export function attributeOperators(
  { build, schema, key }: SchemaBuild,
  attribute: SchemaAttribute,
): { readonly type: GraphQLInputObjectType; readonly value: ValueKind } {
  const { filters } = build.support;
  if (attribute === key) return { type: filters.id, value: keyKind(attribute) };
  const isEnumerated = enumeratedValues(schema, attribute).length > 0;
  switch (attribute.type) {
    case 'byte':
    case 'short':
    case 'long':
      return { type: isEnumerated ? filters.enumeration : filters.int, value: 'number' };
    case 'int64':
      return { type: filters.bigint, value: 'bigint' };
    case 'float':
    case 'double':
    case 'timespan':
      return { type: filters.float, value: 'number' };
    case 'boolean':
      return { type: filters.boolean, value: 'boolean' };
    case 'datetime':
      return { type: filters.campaignDatetime, value: 'datetime' };
    case 'date':
      return { type: filters.campaignDate, value: 'date' };
    default:
      return { type: isEnumerated ? filters.textEnumeration : filters.text, value: 'text' };
  }
}

/** An id is text in GraphQL; Campaign compares it by the type of its attribute. */
function keyKind({ type }: SchemaAttribute): ValueKind {
  if (type === 'int64') return 'bigintId';
  return type === 'byte' || type === 'short' || type === 'long' ? 'numericId' : 'text';
}

/** Tells whether an attribute is shown: neither binary ones nor credentials are. */
export function isSupportedAttribute({ type, name }: SchemaAttribute): boolean {
  return type !== 'blob' && !CREDENTIAL.test(name);
}

/** Campaign keeps credentials, encrypted or hashed, as texts like any other: `@password`, `@clientSecret`, `@awsSecret`. */
const CREDENTIAL = /password|passphrase|privateKey|secret(?!ar)/i;

/** Tells whether records are found and sorted by an attribute. Long texts are kept where Campaign's database does neither. */
export function isComparable(attribute: SchemaAttribute): boolean {
  return isSupportedAttribute(attribute) && attribute.type !== 'memo' && attribute.type !== 'html';
}

/** Tells whether an element holds anything that can be shown. */
export function isShown(element: SchemaElement): boolean {
  return element.attributes.some(isSupportedAttribute) || element.elements.some(isShown);
}

/** Tells whether an element holds anything that records can be sorted by. */
function isSortable(element: SchemaElement): boolean {
  return element.attributes.some(isComparable) || element.elements.some(isSortable);
}
