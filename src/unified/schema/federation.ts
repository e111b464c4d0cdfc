import {
  GraphQLList,
  type GraphQLNamedType,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLScalarType,
  type GraphQLSchema,
  GraphQLString,
  GraphQLUnionType,
} from 'graphql';
import { printTypes } from '../print-graph.js';
import { resolveEntities } from '../resolvers/records.js';
import type { RecordTarget } from './field-source.js';
import type { FieldConfig, RecordTypes } from './record-types.js';
import type { Build } from './support-types.js';

/** A kind of record that another subgraph may refer to by its key. */
export interface Entity {
  readonly target: RecordTarget;
  /** The GraphQL field that holds the key. */
  readonly key: string;
}

/** The entities by name of their type. */
export type Entities = ReadonlyMap<string, Entity>;

/**
 * What a subgraph of Apollo Federation 2 offers its router: `_service` tells the GraphQL schema with its keys, `_entities` reads records
 * by them. https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/subgraph-spec
 */
export function federationFields({ add }: Build, kinds: readonly RecordTypes[]): Record<string, FieldConfig> {
  const entities = new Map(kinds.map(({ target }) => [target.typeName, { target, key: keyField(target) }]));
  const service = add(
    new GraphQLObjectType({
      name: '_Service',
      description: 'What a router of Apollo Federation asks of a subgraph.',
      fields: {
        sdl: {
          type: new GraphQLNonNull(GraphQLString),
          description: 'The GraphQL schema with its keys.',
          resolve: (_, __, ___, info) => sdlOf(info.schema, entities),
        },
      },
    }),
  );
  const described = {
    type: new GraphQLNonNull(service),
    description: 'For a router of Apollo Federation, which includes this graph in a larger one.',
    resolve: () => ({}),
  };
  if (kinds.length === 0) return { _service: described };
  return { _service: described, _entities: entitiesField(add, kinds, entities) };
}

function entitiesField(add: Build['add'], kinds: readonly RecordTypes[], entities: Entities): FieldConfig {
  const any = add(
    new GraphQLScalarType({ name: '_Any', description: 'A record as another subgraph names it: its type and key.' }),
  );
  const entity = add(
    new GraphQLUnionType({
      name: '_Entity',
      description: 'A record that another subgraph may name.',
      types: kinds.map(({ object }) => object),
      resolveType: (record: { readonly __typename: string }) => record.__typename,
    }),
  );
  return {
    type: new GraphQLNonNull(new GraphQLList(entity)),
    description: 'For a router of Apollo Federation: records by type and key, in order; null where there is none.',
    args: {
      representations: {
        type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(any))),
        description: 'The records, each by its type and its key.',
      },
    },
    resolve: resolveEntities(entities),
  };
}

function keyField(target: RecordTarget): string {
  if (target.system === 'unified') return 'id';
  return target.system === 'dynamics' ? target.table.primaryId : (target.schema.keys[0]?.fields[0] ?? 'id');
}

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])';

const printed = new WeakMap<GraphQLSchema, Promise<string>>();

/** The GraphQL schema as text, with what only a router understands: the keys, and the type that other subgraphs have too. */
function sdlOf(schema: GraphQLSchema, entities: Entities): Promise<string> {
  const sdl = printed.get(schema) ?? writeSdl(schema, entities);
  printed.set(schema, sdl);
  return sdl;
}

async function writeSdl(schema: GraphQLSchema, entities: Entities): Promise<string> {
  const pieces = [`${LINK}\n\n`];
  for await (const piece of printTypes(ownTypes(schema))) pieces.push(withKeys(piece, entities));
  return `${pieces.join('')}\n`;
}

function withKeys(sdl: string, entities: Entities): string {
  return sdl.replace(/^type (\w+)[^{\n]*(?= \{)/gm, (head, name: string) => {
    const entity = entities.get(name);
    if (entity) return `${head} @key(fields: "${entity.key}")`;
    return name === 'PageInfo' ? `${head} @shareable` : head;
  });
}

/** The types without those, and the fields, that a router adds itself. */
function ownTypes(schema: GraphQLSchema): readonly GraphQLNamedType[] {
  const query = schema.getQueryType();
  const own = Object.entries(query?.toConfig().fields ?? {}).filter(([name]) => !FIELDS.includes(name));
  const types = Object.values(schema.getTypeMap()).filter((type) => type !== query && !TYPES.includes(type.name));
  return query ? [...types, new GraphQLObjectType({ ...query.toConfig(), fields: Object.fromEntries(own) })] : types;
}

const FIELDS: readonly string[] = ['_service', '_entities'];
const TYPES: readonly string[] = ['_Service', '_Any', '_Entity'];
