import type { Table, Tables } from '../tables.js';
import { type Attribute, buildAttributes } from './attributes.js';
import type { JsonObject } from './common.js';
import { entityJson } from './entities.js';
import { globalOptionSet } from './option-sets.js';
import { keyJson, manyToManyJson, manyToManyOf, manyToOneOf, oneToManyJson, oneToManyOf } from './relationships.js';

/** A thing of the metadata: its properties, and what it leads to. */
export interface MetadataNode {
  /** Name of its type without the namespace, as `PicklistAttributeMetadata`. */
  readonly type: string;
  readonly json: JsonObject;
  /** Navigation properties, made when asked for. */
  readonly links: Readonly<Record<string, () => MetadataNode | MetadataNode[] | null>>;
}

/** The types of a set, and the properties that only its derived types have. */
export interface MetadataSet {
  readonly baseType: string;
  /** The names by which one is addressed, beside `MetadataId`. */
  readonly keys: readonly string[];
  readonly nodes: () => readonly MetadataNode[];
}

/** The entity sets of the metadata, by name. What is small is built once, when first asked for. */
export function buildMetadataSets(tables: Tables): Readonly<Record<string, MetadataSet>> {
  return {
    EntityDefinitions: {
      baseType: 'EntityMetadata',
      keys: ['LogicalName'],
      nodes: once(() => tables.all.map((table) => entityNode(tables, table))),
    },
    RelationshipDefinitions: {
      baseType: 'RelationshipMetadataBase',
      keys: ['SchemaName'],
      nodes: once(() => relationshipNodes(tables)),
    },
    GlobalOptionSetDefinitions: {
      baseType: 'OptionSetMetadataBase',
      keys: ['Name'],
      nodes: once(() => [...tables.globalOptionSets.values()].map((set) => optionSetNode(globalOptionSet(set)))),
    },
    ManagedPropertyDefinitions: { baseType: 'ManagedPropertyMetadata', keys: ['LogicalName'], nodes: () => [] },
  };
}

/** What the members of a collection-valued navigation property are. */
export const LINKED_SETS: Readonly<Record<string, Pick<MetadataSet, 'baseType' | 'keys'>>> = {
  Attributes: { baseType: 'AttributeMetadata', keys: ['LogicalName'] },
  Keys: { baseType: 'EntityKeyMetadata', keys: ['LogicalName', 'SchemaName'] },
  OneToManyRelationships: { baseType: 'OneToManyRelationshipMetadata', keys: ['SchemaName'] },
  ManyToOneRelationships: { baseType: 'OneToManyRelationshipMetadata', keys: ['SchemaName'] },
  ManyToManyRelationships: { baseType: 'ManyToManyRelationshipMetadata', keys: ['SchemaName'] },
};

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function entityNode(tables: Tables, table: Table): MetadataNode {
  const nodes = (type: string, make: () => JsonObject[]) =>
    once(() => make().map((json): MetadataNode => ({ type, json, links: {} })));
  return {
    type: 'EntityMetadata',
    json: entityJson(table),
    links: {
      // Made anew each time: a real organization's would fill hundreds of megabytes.
      Attributes: () => buildAttributes(tables, table).map(attributeNode),
      Keys: nodes('EntityKeyMetadata', () => (table.definition.keys ?? []).map((key) => keyJson(table, key))),
      OneToManyRelationships: nodes('OneToManyRelationshipMetadata', () => oneToManyOf(tables, table)),
      ManyToOneRelationships: nodes('OneToManyRelationshipMetadata', () => manyToOneOf(tables, table)),
      ManyToManyRelationships: nodes('ManyToManyRelationshipMetadata', () => manyToManyOf(tables, table)),
    },
  };
}

const WITH_OPTION_SETS = new Set(['Picklist', 'MultiSelectPicklist', 'State', 'Status', 'Boolean']);

function attributeNode({ metadataType, json, optionSet, globalOptionSet: global }: Attribute): MetadataNode {
  const nodeOf = (set: JsonObject | null) => () => (set === null ? null : optionSetNode(set));
  const links: MetadataNode['links'] = { OptionSet: nodeOf(optionSet), GlobalOptionSet: nodeOf(global) };
  const type = `${metadataType ?? ''}AttributeMetadata`;
  return { type, json, links: WITH_OPTION_SETS.has(metadataType ?? '') ? links : {} };
}

function optionSetNode(json: JsonObject): MetadataNode {
  return { type: json.OptionSetType === 'Boolean' ? 'BooleanOptionSetMetadata' : 'OptionSetMetadata', json, links: {} };
}

function relationshipNodes(tables: Tables): MetadataNode[] {
  return [
    ...tables.relationships.map((it) => ({
      type: 'OneToManyRelationshipMetadata',
      json: oneToManyJson(it),
      links: {},
    })),
    ...tables.manyToMany.map((it) => ({ type: 'ManyToManyRelationshipMetadata', json: manyToManyJson(it), links: {} })),
  ];
}
