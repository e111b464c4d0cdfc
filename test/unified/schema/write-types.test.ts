import { GraphQLBoolean, GraphQLObjectType, GraphQLSchema, printType } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { Catalog } from '../../../src/model/catalog.js';
import { composeSchema } from '../../../src/unified/compose-schema.js';
import { buildGeneratedSchema } from '../../../src/unified/schema/build-generated-schema.js';
import { aColumn } from '../../support/builders.js';
import { attribute, CRM_CATALOG, column, mapping, STATIC_SCHEMA, schema, table } from '../catalogs.js';

/** The GraphQL schema of a catalog beside a static API with these mutations. */
function served(catalog: Catalog, mutations: readonly string[] = ['nothing']): GraphQLSchema {
  const fields = Object.fromEntries(mutations.map((name) => [name, { type: GraphQLBoolean }]));
  const mutation = new GraphQLObjectType({ name: 'Mutation', fields });
  const beside = new GraphQLSchema({ ...STATIC_SCHEMA.toConfig(), mutation });
  return composeSchema(beside, buildGeneratedSchema(catalog, { beside }));
}

/** The text of a type without descriptions. */
function sdl(graphQLSchema: GraphQLSchema, name: string): string {
  const type = graphQLSchema.getType(name);
  if (!type) throw new Error(`There is no type ${name}.`);
  const text = printType(type).replace(/^ *""".*"""\n/gm, '');
  return text.replace(/^ *"""\n[^"]*"""\n/gm, '').replace(/\n\n/g, '\n');
}

/** The text of one mutation on one line. */
function mutation(graphQLSchema: GraphQLSchema, name: string): string | undefined {
  const text = sdl(graphQLSchema, 'Mutation')
    .replace(/\(\s+/g, '(')
    .replace(/,?\n\s{4}(?=\S)/g, ', ')
    .replace(/\n\s+\)/g, ')');
  return text
    .split('\n')
    .map((line) => line.trim())
    .find((line) => line.startsWith(`${name}(`));
}

const product = table(
  'product',
  [
    column('number'),
    column('region', 'integer'),
    column('input'),
    aColumn('statecode', 'integer', { creatable: false }),
    aColumn('serial', 'string', { updatable: false }),
    aColumn('versionnumber', 'bigint', { creatable: false, updatable: false }),
  ],
  {
    keys: [
      { name: 'by_number', columns: ['number', 'region'], active: true },
      { name: 'by_input', columns: ['input'], active: true },
    ],
  },
);
const PRODUCTS: Catalog = {
  tables: [product],
  schemas: [schema('cus:product', [attribute('number'), attribute('crmId')])],
  mappings: [mapping('product', 'cus:product', { number: '@number' })],
};

describe('the mutations of a mapped table', () => {
  it('upsert by id or by a whole alternate key', () => {
    expect(mutation(served(PRODUCTS), 'upsertDynamicsProduct')).toBe(
      'upsertDynamicsProduct(id: ID, number: String, region: Int, input_2: String, mode: UpsertMode! = CREATE_OR_UPDATE, input: UpsertDynamicsProductInput!): UpsertDynamicsProductPayload!',
    );
    expect(mutation(served(CRM_CATALOG), 'upsertDynamicsContact')).toContain('upsertDynamicsContact(id: ID!, mode:');
  });

  it('upsert what can be both made and changed', () => {
    expect(sdl(served(PRODUCTS), 'UpsertDynamicsProductInput')).toBe(
      'input UpsertDynamicsProductInput {\n  number: String\n  region: Int\n  input: String\n}',
    );
    expect(sdl(served(PRODUCTS), 'UpsertDynamicsProductPayload')).toBe(
      'type UpsertDynamicsProductPayload {\n  created: Boolean\n  record: DynamicsProduct\n}',
    );
  });

  it('are named apart from those of the static API', () => {
    const names = Object.keys(
      served(PRODUCTS, ['createDynamicsProduct', 'upsertDynamicsProduct']).getMutationType()?.getFields() ?? {},
    );
    expect(names).toContain('createDynamicsProduct_2');
    expect(names).toContain('upsertDynamicsProduct_2');
    expect(names).toContain('updateDynamicsProduct');
  });
});
