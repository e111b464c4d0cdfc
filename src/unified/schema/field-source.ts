import type { GraphQLField, GraphQLInputField, GraphQLResolveInfo } from 'graphql';
import type { AggregateFunction } from '../../model/aggregate.js';
import type { CampaignSchema, EnumerationValue, SchemaAttribute, SchemaLink } from '../../model/campaign-schema.js';
import type { TableMapping } from '../../model/mapping.js';
import type { Selection } from '../../model/query.js';
import type { Column, OptionSet, Table } from '../../model/table.js';

/**
 * What a generated field stands for. It is kept in the field's `extensions.isthmus`, where the shared resolvers and the planner of
 * selections find it.
 */
export type FieldSource =
  /** A column of the Dynamics record at hand. */
  | { readonly kind: 'column'; readonly column: string }
  | LookupSource
  | RelatedSource
  | CollectionSource
  /** One record by its id, or by one of the alternate keys of its table. */
  | { readonly kind: 'record'; readonly target: RecordTarget; readonly keys?: readonly KeyArguments[] }
  /** A page of records. */
  | { readonly kind: 'records'; readonly target: RecordTarget }
  /** A Campaign attribute or nested element of the record or element at hand. */
  | { readonly kind: 'attribute'; readonly name: string }
  | { readonly kind: 'element'; readonly name: string }
  /**
   * A simple link of the Campaign record at hand; `key` are the fields of the linked record's key, which
   * are asked for always: without them a linked record could not be told from none.
   */
  | { readonly kind: 'link'; readonly name: string; readonly key: readonly string[] }
  /** Records of `target` summed up, all together or in groups; `keyType` is the name of the type that shows what a group agrees in. */
  | { readonly kind: 'aggregate'; readonly target: RecordTarget }
  | { readonly kind: 'groups'; readonly target: RecordTarget; readonly keyType: string }
  | { readonly kind: 'groupKey' }
  /** What is told of the records at hand: how many they are, and what a function makes of the values at a path. */
  | { readonly kind: 'count' }
  | { readonly kind: 'measures'; readonly function: AggregateFunction }
  | { readonly kind: 'measure'; readonly path: string }
  /** The fields that a unified record has beyond its columns. */
  | { readonly kind: 'id' }
  | { readonly kind: 'dynamics'; readonly unified: UnifiedTarget }
  | { readonly kind: 'campaign'; readonly unified: UnifiedTarget }
  | { readonly kind: 'syncState'; readonly unified: UnifiedTarget }
  | { readonly kind: 'drift'; readonly unified: UnifiedTarget };

/** The arguments that together are an alternate key, with the columns they stand for. */
export type KeyArguments = readonly (Omit<ValueSource, 'kind'> & { readonly argument: string })[];

/** A lookup column and where it may lead, by logical name of the table. */
export interface LookupSource {
  readonly kind: 'lookup';
  readonly column: string;
  readonly targets: ReadonlyMap<string, TableTarget | UnifiedTarget>;
  /** Name of the type that shows a reference to any other table; null where there is no such table. */
  readonly referenceType: string | null;
}

/**
 * The records of `target` that are tied to the record at hand, which is one of `table`: those that have its id, which stands in its
 * property `id`, at the path `column`. That is a lookup, or a path over a many-to-many relationship. `navigation` leads to them.
 */
export interface RelatedSource {
  readonly kind: 'related';
  readonly table: Table;
  readonly navigation: string;
  readonly column: string;
  readonly id: string;
  readonly target: TableTarget | UnifiedTarget;
}

/** The Campaign records of `target` that have what `join` names of the record or element at hand. */
export interface CollectionSource {
  readonly kind: 'collection';
  readonly join: SchemaLink['join'];
  readonly target: SchemaTarget;
}

/** Which records a field yields, and the name of the GraphQL type that shows them. */
export type RecordTarget = TableTarget | SchemaTarget | UnifiedTarget;

export interface TableTarget {
  readonly system: 'dynamics';
  readonly typeName: string;
  readonly table: Table;
  /** Finds another table of the graph, which a filter on this one may lead to. */
  readonly related: (logicalName: string) => Table | undefined;
}

export interface SchemaTarget {
  readonly system: 'campaign';
  readonly typeName: string;
  readonly schema: CampaignSchema;
}

/** A mapped table with the schema it is tied to, both as described in the catalog. */
export interface UnifiedTarget {
  readonly system: 'unified';
  readonly typeName: string;
  readonly table: Table;
  readonly schema: CampaignSchema;
  readonly related: TableTarget['related'];
  readonly mapping: TableMapping;
  readonly compared: Compared;
}

/** What is compared to tell whether the two sides of a unified record agree. */
export interface Compared {
  /** The mapping, reduced to the columns and attributes that both systems still have. */
  readonly mapping: TableMapping;
  readonly dynamics: Selection;
  readonly campaign: Selection;
}

/** How a value given in GraphQL becomes a `Scalar` of the neutral filter. */
export type ValueKind =
  | 'text'
  | 'number'
  | 'boolean'
  | 'bigint'
  | 'date'
  | 'datetime'
  | 'guid'
  | 'numericId'
  | 'bigintId';

/** What a field of a generated filter or order input stands for. */
export type InputSource =
  | ValueSource
  | { readonly kind: 'nested'; readonly name: string }
  /** The record that a lookup leads to by a navigation property; such conditions go across one lookup at most. */
  | { readonly kind: 'across'; readonly navigation: string }
  | { readonly kind: 'and' | 'or' | 'not' };

/** A value to compare or to sort by. */
export interface ValueSource {
  readonly kind: 'value';
  readonly path: string;
  readonly value: ValueKind;
  /** Of a choice: its options, which a filter may name by label. */
  readonly optionSet?: OptionSet;
  /** Of an attribute with an enumeration: its values, which a filter may name by name or label. */
  readonly enumeration?: readonly EnumerationValue[];
}

/** The `extensions` that carry a source. */
export function isthmus(source: FieldSource | InputSource): { readonly isthmus: FieldSource | InputSource } {
  return { isthmus: source };
}

/** The source of a generated output field; undefined for every other field. */
export function fieldSource(field: GraphQLField<unknown, unknown> | undefined): FieldSource | undefined {
  // GraphQL types extensions as unknown; only this folder writes this one.
  return field?.extensions.isthmus as FieldSource | undefined;
}

/** The source of a generated input field; undefined for every other field. */
export function inputSource(field: GraphQLInputField | undefined): InputSource | undefined {
  // As above.
  return field?.extensions.isthmus as InputSource | undefined;
}

/** The `extensions` of a field of a generated write input. */
export function inputColumn(column: Column): { readonly isthmus: { readonly column: Column } } {
  return { isthmus: { column } };
}

/** The column that a field of a generated write input sets; undefined for every other field. */
export function columnOfInput(field: GraphQLInputField | undefined): Column | undefined {
  // As above.
  return (field?.extensions.isthmus as { readonly column?: Column } | undefined)?.column;
}

/** What a field of a generated write input of a Campaign schema sets. */
export type WriteSource =
  /** An attribute; `values` are those of its enumeration, empty where it has none or none is known. */
  | { readonly kind: 'attribute'; readonly attribute: SchemaAttribute; readonly values: readonly EnumerationValue[] }
  /** What an element holds. */
  | { readonly kind: 'element'; readonly name: string }
  /** Where a link leads: the record with one of the keys. `key` is the attribute that stands for it. */
  | { readonly kind: 'link'; readonly name: string; readonly key: string; readonly keys: readonly KeyArguments[] };

/** The `extensions` of a field of a generated write input of a Campaign schema. */
export function inputOf(source: WriteSource): { readonly isthmus: WriteSource } {
  return { isthmus: source };
}

/** What a field of a generated write input of a Campaign schema sets; undefined for every other field. */
export function writeSource(field: GraphQLInputField | undefined): WriteSource | undefined {
  // As above.
  return field?.extensions.isthmus as WriteSource | undefined;
}

/** The source of the field being resolved, which must be one of the kinds named. */
export function resolvedSource<Kind extends FieldSource['kind']>(
  info: GraphQLResolveInfo,
  ...kinds: readonly Kind[]
): Extract<FieldSource, { readonly kind: Kind }> {
  const source = fieldSource(info.parentType.getFields()[info.fieldName]);
  if (source && isKind(source, kinds)) return source;
  throw new Error(
    `The field ${info.parentType.name}.${info.fieldName} carries no source of kind ${kinds.join(' or ')}.`,
  );
}

function isKind<Kind extends FieldSource['kind']>(
  source: FieldSource,
  kinds: readonly Kind[],
): source is Extract<FieldSource, { readonly kind: Kind }> {
  return kinds.some((kind) => kind === source.kind);
}
