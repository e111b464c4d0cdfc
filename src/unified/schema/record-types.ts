import {
  type GraphQLFieldConfigArgumentMap,
  GraphQLID,
  type GraphQLInputFieldConfigMap,
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLString,
} from 'graphql';
import { resolveRecord, resolveRecords } from '../resolvers/records.js';
import { resolveCollection, resolveRelated } from '../resolvers/related.js';
import type { AlternateKeys } from './alternate-keys.js';
import { type FieldSource, isthmus, type RecordTarget } from './field-source.js';
import type { Build } from './support-types.js';

/** GraphQL's own loosest kind of field: what a resolver gets as its source differs from type to type. */
export type FieldConfig = ReturnType<GraphQLObjectType['toConfig']>['fields'][string];

/** The types that every kind of record has. */
export interface RecordTypes {
  readonly target: RecordTarget;
  readonly object: GraphQLObjectType;
  readonly connection: GraphQLObjectType;
  readonly filter: GraphQLInputObjectType;
  readonly order: GraphQLInputObjectType;
  /** What lists of these records can be asked besides filter, order and page. */
  readonly listArguments?: GraphQLFieldConfigArgumentMap;
}

/** What the name of a record's type is followed by in the names of the types that go with it. */
export const RECORD_TYPE_SUFFIXES = ['', 'Filter', 'Order', 'Connection', 'Edge'];

/** The page of records that a list answers with. */
export function buildConnection(build: Build, object: GraphQLObjectType): GraphQLObjectType {
  const { support } = build;
  const edge = build.add(
    new GraphQLObjectType({
      name: `${object.name}Edge`,
      description: 'A record of a page, and where it stands in its list.',
      fields: () => ({
        cursor: {
          type: new GraphQLNonNull(GraphQLString),
          description: 'Pass it as `after` to continue behind this record.',
        },
        node: { type: new GraphQLNonNull(object), description: 'The record.' },
      }),
    }),
  );
  return build.add(
    new GraphQLObjectType({
      name: `${object.name}Connection`,
      description: 'A page of a list.',
      fields: () => ({
        nodes: { type: listOf(object), description: 'The records of the page.' },
        edges: { type: listOf(edge), description: 'The same records, each with its cursor.' },
        pageInfo: { type: new GraphQLNonNull(support.pageInfo), description: 'Whether and how the list goes on.' },
        totalCount: {
          type: new GraphQLNonNull(support.totalCount),
          description:
            'How many records match in all. Counting may cost a request, which is made only where this is asked for.',
        },
      }),
    }),
  );
}

function listOf(type: GraphQLObjectType) {
  return new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(type)));
}

/** The filter of a kind of record: its own fields, and the words that join conditions. */
export function buildFilter(
  build: Build,
  name: string,
  fields: () => GraphQLInputFieldConfigMap,
): GraphQLInputObjectType {
  const filter: GraphQLInputObjectType = new GraphQLInputObjectType({
    name,
    description: 'Fields named together must all match.',
    fields: () => ({
      ...fields(),
      and: {
        type: new GraphQLList(new GraphQLNonNull(filter)),
        description: 'All of these match.',
        extensions: isthmus({ kind: 'and' }),
      },
      or: {
        type: new GraphQLList(new GraphQLNonNull(filter)),
        description: 'At least one of these matches.',
        extensions: isthmus({ kind: 'or' }),
      },
      not: { type: filter, description: 'This does not match.', extensions: isthmus({ kind: 'not' }) },
    }),
  });
  return build.add(filter);
}

/** The order of a kind of record. */
export function buildOrder(
  build: Build,
  name: string,
  fields: () => GraphQLInputFieldConfigMap,
): GraphQLInputObjectType {
  return build.add(
    new GraphQLInputObjectType({
      name,
      description: 'Name exactly one field in an item; the first item of a list weighs most.',
      fields,
    }),
  );
}

/** `contact(id: ID!)`; with alternate keys `contact(id: ID, emailaddress1: String)`, of which one key is to be given. */
export function recordField(
  types: RecordTypes,
  description: string,
  alternate: AlternateKeys | null = null,
): FieldConfig {
  const id = { type: alternate ? GraphQLID : new GraphQLNonNull(GraphQLID), description: 'The key of the record.' };
  return {
    type: types.object,
    description,
    args: { id, ...alternate?.args },
    extensions: isthmus({ kind: 'record', target: types.target, ...(alternate && { keys: alternate.keys }) }),
    resolve: resolveRecord,
  };
}

/** `contacts(filter, orderBy, first, after)`. Nullable, so that a fault of one system leaves what was asked of the other. */
export function recordsField(
  types: RecordTypes,
  description: string,
  options: {
    readonly related?: Extract<FieldSource, { kind: 'related' | 'collection' }>;
    readonly args?: GraphQLFieldConfigArgumentMap;
  } = {},
): FieldConfig {
  return {
    type: types.connection,
    description,
    args: { ...listArguments(types), ...options.args },
    extensions: isthmus(options.related ?? { kind: 'records', target: types.target }),
    resolve: RESOLVERS[options.related?.kind ?? 'records'],
  };
}

const RESOLVERS = { records: resolveRecords, related: resolveRelated, collection: resolveCollection };

function listArguments(types: RecordTypes): GraphQLFieldConfigArgumentMap {
  return {
    filter: { type: types.filter, description: 'Only records that match.' },
    ...types.listArguments,
    orderBy: {
      type: new GraphQLList(new GraphQLNonNull(types.order)),
      description: 'What they are sorted by; those that agree in it, and all without it, by their keys.',
    },
    first: { type: GraphQLInt, defaultValue: 50, description: 'Records a page, 1 to 5000.' },
    after: { type: GraphQLString, description: 'A cursor of this list, for the same filter and order.' },
  };
}
