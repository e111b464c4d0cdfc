import {
  assertValidSchema,
  GraphQLInt,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  graphql,
  printType,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { composeSchema } from '../../src/unified/compose-schema.js';
import { buildGeneratedSchema, NO_FIELDS } from '../../src/unified/schema/build-generated-schema.js';
import { CRM_CATALOG, STATIC_SCHEMA, whole } from './catalogs.js';

describe('one GraphQL schema out of two parts', () => {
  it('has the static fields and the generated ones', async () => {
    const schema = composeSchema(STATIC_SCHEMA, buildGeneratedSchema(CRM_CATALOG));
    assertValidSchema(whole(schema));
    expect(Object.keys(schema.getQueryType()?.getFields() ?? {})).toEqual([
      'version',
      'dynamics',
      'campaign',
      'unified',
      'node',
      '_service',
      '_entities',
    ]);
    expect(await graphql({ schema, source: '{ version }' })).toEqual({ data: { version: '1' } });
  });

  it('leaves the static schema as it was', () => {
    composeSchema(STATIC_SCHEMA, buildGeneratedSchema(CRM_CATALOG));
    expect(Object.keys(STATIC_SCHEMA.getQueryType()?.getFields() ?? {})).toEqual(['version']);
  });

  it('shares the types for paging with the static API', () => {
    const pageInfo = new GraphQLObjectType({ name: 'PageInfo', fields: { endCursor: { type: GraphQLString } } });
    const totalCount = new GraphQLObjectType({
      name: 'TotalCount',
      fields: { value: { type: new GraphQLNonNull(GraphQLInt) } },
    });
    const fields = { pageInfo: { type: pageInfo }, totalCount: { type: totalCount } };
    const beside = new GraphQLSchema({ query: new GraphQLObjectType({ name: 'Query', fields }) });
    const schema = composeSchema(beside, buildGeneratedSchema(CRM_CATALOG, { beside }));
    expect(schema.getType('PageInfo')).toBe(pageInfo);
    expect(schema.getType('TotalCount')).toBe(totalCount);
  });

  it('keeps the static mutations', () => {
    const mutation = new GraphQLObjectType({ name: 'Mutation', fields: { touch: { type: GraphQLString } } });
    const beside = new GraphQLSchema({ query: STATIC_SCHEMA.getQueryType(), mutation });
    const added = { ...NO_FIELDS, mutationFields: { createThing: { type: GraphQLString } } };
    expect(printType(composeSchema(beside, added).getMutationType() ?? mutation)).toContain(
      '\ntype Mutation {\n  touch: String\n  createThing: String\n}',
    );
  });

  it('refuses a root field that both parts have', () => {
    const twice = { ...NO_FIELDS, queryFields: { version: { type: GraphQLString } } };
    expect(() => composeSchema(STATIC_SCHEMA, twice)).toThrow('Query.version is both static and generated.');
  });
});
