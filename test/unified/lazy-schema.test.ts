import {
  assertValidSchema,
  GraphQLInterfaceType,
  GraphQLObjectType,
  type GraphQLSchema,
  GraphQLString,
  graphql,
  introspectionFromSchema,
  isObjectType,
  lexicographicSortSchema,
  parse,
  printSchema,
  printType,
  validate,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import type { Catalog } from '../../src/model/catalog.js';
import { composeSchema } from '../../src/unified/compose-schema.js';
import { glimpse, LazySchema } from '../../src/unified/lazy-schema.js';
import { buildGeneratedSchema } from '../../src/unified/schema/build-generated-schema.js';
import { CRM_CATALOG, column, STATIC_SCHEMA, schema, table, whole } from './catalogs.js';

/** Lookups of every kind: to one table, to several, to some outside the graph, within the table, and of mapped tables. */
const LOOKUPS: Catalog = {
  ...CRM_CATALOG,
  tables: [
    ...CRM_CATALOG.tables,
    table('alone', [column('ghostid', 'lookup', ['ghost'])]),
    table('many', [
      column('customerid', 'customer', ['account', 'contact']),
      column('somewhereid', 'lookup', ['account', 'ghost']),
      column('parentid', 'lookup', ['many']),
    ]),
  ],
  schemas: [...CRM_CATALOG.schemas, schema('cus:empty', [])],
};

function lazySchemaOf(catalog: Catalog): GraphQLSchema {
  return composeSchema(STATIC_SCHEMA, buildGeneratedSchema(catalog, { beside: STATIC_SCHEMA }));
}

describe('the GraphQL schema whose fields are made when asked for', () => {
  it.each([
    ['nothing is mapped', { tables: [], schemas: [], mappings: [] }],
    ['tables are mapped', CRM_CATALOG],
    ['lookups lead everywhere', LOOKUPS],
  ])('is the one that GraphQL makes of all at once where %s', (_, catalog) => {
    const lazy = lazySchemaOf(catalog);
    const complete = whole(lazy);
    assertValidSchema(complete);
    expect(printSchema(lexicographicSortSchema(lazy))).toBe(printSchema(lexicographicSortSchema(complete)));
    expect(Object.keys(lazy.getTypeMap()).sort()).toEqual(Object.keys(complete.getTypeMap()).sort());
  });

  it('answers introspection as that one', () => {
    const lazy = lazySchemaOf(LOOKUPS);
    const byName = ({ __schema }: ReturnType<typeof introspectionFromSchema>) =>
      new Map(__schema.types.map((type) => [type.name, type]));
    expect(byName(introspectionFromSchema(lazy))).toEqual(byName(introspectionFromSchema(whole(lazy))));
  });

  it('finds the faults of a query that the one finds', () => {
    const lazy = lazySchemaOf(LOOKUPS);
    const wrong = parse(`{
      node(id: "x") { nodeId ... on DynamicsMany { nothing } ... on DynamicsManyCustomerid { __typename } ... on Nobody { id } }
      dynamics { manys(filter: { customerid: { eq: 3 }, nobody: true }) { nodes { customerid { ... on DynamicsLead { leadid } } } } }
    }`);
    const messages = (schema: GraphQLSchema) => validate(schema, wrong).map(({ message }) => message);
    expect(messages(lazy)).toEqual(messages(whole(lazy)));
    expect(messages(lazy).length).toBeGreaterThan(3);
  });

  it('knows a union before anybody has asked for the record whose lookup it is', () => {
    expect(lazySchemaOf(LOOKUPS).getType('DynamicsManyCustomerid')?.toString()).toBe('DynamicsManyCustomerid');
  });
});

describe('a query against it', () => {
  function world() {
    const made: string[] = [];
    const animal = new GraphQLInterfaceType({ name: 'Animal', fields: { name: { type: GraphQLString } } });
    const kind = (name: string, friend?: () => GraphQLObjectType) =>
      new GraphQLObjectType({
        name,
        interfaces: [animal],
        isTypeOf: (value) => value === name,
        fields: () => {
          made.push(name);
          const name_ = { type: GraphQLString, resolve: () => `a ${name}` };
          return { name: name_, ...(friend && { friend: { type: friend(), resolve: () => 'Dog' } }) };
        },
      });
    const dog = kind('Dog');
    const cat = kind('Cat', () => dog);
    const query = new GraphQLObjectType({
      name: 'Query',
      fields: { cat: { type: cat, resolve: () => 'Cat' }, animal: { type: animal, resolve: () => 'Dog' } },
    });
    return { made, schema: new LazySchema({ query, types: [animal, cat, dog] }) };
  }

  it('has the fields made of those types only that it names', async () => {
    const { made, schema } = world();
    expect(made).toEqual([]);
    expect(await graphql({ schema, source: '{ cat { name } }' })).toEqual({ data: { cat: { name: 'a Cat' } } });
    expect(made).toEqual(['Cat']);
    await graphql({ schema, source: '{ cat { friend { name } } }' });
    expect(made).toEqual(['Cat', 'Dog']);
  });

  it('may have a glimpse of a type, which leaves the type as it was', () => {
    const { made, schema } = world();
    const cat = schema.getType('Cat');
    const seen = cat && glimpse(cat);
    expect([isObjectType(seen), seen?.name, seen && printType(seen)]).toEqual([
      true,
      'Cat',
      'type Cat implements Animal {\n  name: String\n  friend: Dog\n}',
    ]);
    expect(made).toEqual(['Cat']);
    if (isObjectType(cat)) cat.getFields();
    expect(made).toEqual(['Cat', 'Cat']);
  });

  it('reaches records by an interface', async () => {
    const { schema } = world();
    const source = '{ animal { name ... on Cat { friend { name } } __typename } }';
    expect(await graphql({ schema, source })).toEqual({ data: { animal: { name: 'a Dog', __typename: 'Dog' } } });
  });

  it('meets one type of each name', () => {
    const twin = () => new GraphQLObjectType({ name: 'Twin', fields: { name: { type: GraphQLString } } });
    const query = new GraphQLObjectType({ name: 'Query', fields: { one: { type: twin() } } });
    expect(() => new LazySchema({ query, types: [twin(), twin()] })).toThrow('There are two types named "Twin".');
  });
});
