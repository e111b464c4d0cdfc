import { type GraphQLSchema, getOperationAST, getVariableValues, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createVariableReader } from '../../src/unified/read-variables.js';
import { zooSchema } from './zoo-schema.js';

const schema = zooSchema();

function both(definitions: string, inputs: Readonly<Record<string, unknown>>, of: GraphQLSchema = schema) {
  const operation = getOperationAST(parse(`query (${definitions}) { __typename }`));
  if (!operation) throw new Error('Expected an operation.');
  const theirs = getVariableValues(of, operation.variableDefinitions ?? [], inputs, { maxErrors: 50 });
  return { ours: createVariableReader(of, operation)(inputs), theirs };
}

const VALUES = [
  'a',
  '',
  '1',
  1,
  -0,
  1.5,
  2 ** 31,
  -(2 ** 31),
  Number.NaN,
  true,
  false,
  null,
  undefined,
  [],
  ['a'],
  {},
  { a: 1 },
];

describe('the variables of an operation', () => {
  it.each([
    'ID',
    'ID!',
    'String',
    'String!',
    'Int',
    'Int!',
    'Boolean',
    'Boolean!',
    'Float!',
    '[ID!]',
    'JSON',
    'Filter',
  ])('are read as graphql-js reads them: %s', (type) => {
    for (const x of VALUES) {
      const { ours, theirs } = both(`$x: ${type}`, { x });
      expect(ours).toEqual(theirs);
    }
  });

  it.each<[string, Record<string, unknown>]>([
    ['$x: ID', {}],
    ['$x: ID!', {}],
    ['$x: ID = "d"', {}],
    ['$x: ID! = "d"', {}],
    ['$toString: String', {}],
    ['$x: ID!, $n: Int', { x: 'a' }],
    ['$x: ID!, $n: Int = 3', { x: 'a', y: 'b' }],
    ['$x: ID!, $f: Filter', { x: 'a', f: { name: 'Mia' } }],
    ['$x: Missing', { x: 'a' }],
    ['$x: Cat', { x: 'a' }],
  ])('are those that are defined, given or not: %s with %j', (definitions, inputs) => {
    const { ours, theirs } = both(definitions, inputs);
    expect(ours).toEqual(theirs);
  });
});
