import {
  GraphQLBoolean,
  GraphQLEnumType,
  GraphQLError,
  type GraphQLFieldConfig,
  GraphQLFloat,
  GraphQLID,
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLInterfaceType,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  GraphQLUnionType,
} from 'graphql';
import { GraphQLDateTime, GraphQLJSON } from 'graphql-scalars';
import { RequestError } from '../../src/model/errors.js';

/** A GraphQL schema that has every kind of type, and fields that fail in every way, to hold compiled answers against graphql-js's. */
export function zooSchema(): GraphQLSchema {
  return new GraphQLSchema({ query, mutation, types: [cat, dog] });
}

const size = new GraphQLEnumType({
  name: 'Size',
  values: { SMALL: { value: 1 }, LARGE: { value: 'l' } },
});

const filter: GraphQLInputObjectType = new GraphQLInputObjectType({
  name: 'Filter',
  fields: () => ({
    name: { type: GraphQLString },
    size: { type: size, defaultValue: 1 },
    born: { type: GraphQLDateTime },
    ids: { type: new GraphQLList(new GraphQLNonNull(GraphQLID)) },
    not: { type: filter },
  }),
});

const by = new GraphQLInputObjectType({
  name: 'By',
  isOneOf: true,
  fields: { name: { type: GraphQLString }, id: { type: GraphQLID } },
});

const animal = new GraphQLInterfaceType({
  name: 'Animal',
  fields: () => ({ id: { type: new GraphQLNonNull(GraphQLID) }, name: { type: GraphQLString } }),
  resolveType: ({ barks }: { barks?: boolean }) => (barks === undefined ? 'Cat' : 'Dog'),
});

const ANIMAL: Record<string, GraphQLFieldConfig<unknown, unknown>> = {
  id: { type: new GraphQLNonNull(GraphQLID) },
  name: { type: GraphQLString },
  size: { type: size },
  born: { type: GraphQLDateTime },
  facts: { type: GraphQLJSON },
  heavy: { type: GraphQLFloat },
};

const cat: GraphQLObjectType = new GraphQLObjectType({
  name: 'Cat',
  interfaces: [animal],
  fields: () => ({
    ...ANIMAL,
    lives: { type: GraphQLInt },
    friend: { type: pet, resolve: () => Promise.resolve(DOG) },
    kittens: { type: new GraphQLList(new GraphQLNonNull(cat)), resolve: () => [CAT, Promise.resolve(CAT)] },
    failing: {
      type: GraphQLString,
      resolve: () => Promise.reject(new RequestError('CONFLICT', 'The cat refuses.', { field: 'cat' })),
    },
    throwing: { type: GraphQLString, resolve: fails('thrown') },
    missing: { type: new GraphQLNonNull(GraphQLString), resolve: () => null },
    broken: { type: new GraphQLNonNull(GraphQLString), resolve: fails('broken') },
    wrong: { type: GraphQLInt, resolve: () => 'many' },
    echo: {
      type: GraphQLString,
      args: {
        text: { type: GraphQLString, defaultValue: 'none' },
        count: { type: GraphQLInt },
        filter: { type: filter },
        json: { type: GraphQLJSON },
        by: { type: by },
        needed: { type: new GraphQLNonNull(GraphQLBoolean), defaultValue: true },
      },
      resolve: (_, args) => shown(args),
    },
    asked: { type: GraphQLString, resolve: (_source, _args, _context, info) => `${info.fieldNodes.length}` },
  }),
});

const dog = new GraphQLObjectType({
  name: 'Dog',
  interfaces: [animal],
  fields: () => ({ ...ANIMAL, barks: { type: GraphQLBoolean }, master: { type: cat, resolve: () => CAT } }),
});

const pet = new GraphQLUnionType({
  name: 'Pet',
  types: [cat, dog],
  resolveType: ({ barks }: { barks?: boolean }) => (barks === undefined ? 'Cat' : 'Dog'),
});

const CAT = {
  id: 7,
  name: 'Mia',
  size: 1,
  born: new Date('2020-02-03T04:05:06.000Z'),
  facts: { likes: ['fish', { and: null }] },
  heavy: 4.2,
  lives: 9,
};
const DOG = { id: 'd', name: null, size: 'l', born: '2019-01-01T00:00:00.000Z', facts: [1, 'two'], barks: true };

const query = new GraphQLObjectType({
  name: 'Query',
  fields: {
    cat: { type: cat, resolve: () => CAT },
    later: { type: new GraphQLNonNull(cat), resolve: () => Promise.resolve(CAT) },
    none: { type: cat, resolve: () => null },
    pets: { type: new GraphQLList(pet), resolve: () => [CAT, DOG, null] },
    animals: { type: new GraphQLNonNull(new GraphQLList(animal)), resolve: async () => [DOG, CAT] },
    failing: { type: new GraphQLList(cat), resolve: fails('failing', { code: 'NOT_FOUND' }) },
  },
});

const mutation = new GraphQLObjectType({
  name: 'Mutation',
  fields: {
    adopt: { type: GraphQLString, args: { name: { type: GraphQLString } }, resolve: (_, args) => shown(args) },
  },
});

function fails(message: string, extensions?: Record<string, unknown>): () => never {
  return () => {
    throw extensions ? new GraphQLError(message, { extensions }) : new Error(message);
  };
}

/** Arguments as text; their order means nothing. */
function shown(value: unknown): string {
  return JSON.stringify(value, (_key, inner) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  );
}
