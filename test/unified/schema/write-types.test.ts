import { assertValidSchema, GraphQLBoolean, GraphQLObjectType, GraphQLSchema, printType } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { Catalog } from '../../../src/model/catalog.js';
import { composeSchema } from '../../../src/unified/compose-schema.js';
import { buildGeneratedSchema } from '../../../src/unified/schema/build-generated-schema.js';
import { aColumn } from '../../support/builders.js';
import { attribute, CRM_CATALOG, column, mapping, SCHEMAS, STATIC_SCHEMA, schema, table } from '../catalogs.js';

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

describe('the mutations of both sides of a record', () => {
  const mapped = { ...mapping('contact', 'nms:recipient', { emailaddress1: '@email', parentcustomerid: '@company' }) };
  const catalog: Catalog = { ...CRM_CATALOG, mappings: [mapped] };

  it('take the mapped columns, and an id of choice for a new record', () => {
    expect(sdl(served(catalog), 'CreateContactInput')).toBe(
      'input CreateContactInput {\n  emailaddress1: String\n  parentcustomerid: DynamicsReferenceInput\n}',
    );
    expect(mutation(served(catalog), 'createContact')).toBe(
      'createContact(id: ID, input: CreateContactInput!): WriteContactPayload!',
    );
    expect(mutation(served(catalog), 'updateContact')).toBe(
      'updateContact(id: ID!, input: UpdateContactInput!): WriteContactPayload!',
    );
    expect(sdl(served(catalog), 'WriteContactPayload')).toBe(
      'type WriteContactPayload {\n  id: ID!\n  dynamics: WrittenSide!\n  campaign: WrittenSide!\n  record: Contact\n}',
    );
  });

  it('say which columns stay in Dynamics', () => {
    const fields = mapped.fields.map((field) => ({ ...field, direction: 'TO_DYNAMICS' as const }));
    const type = served({ ...catalog, mappings: [{ ...mapped, fields }] }).getType('UpdateContactInput');
    expect(type && printType(type)).toContain('emailaddress1. Written in Dynamics alone');
  });

  it('are named apart from those of the static API', () => {
    const fields = served(catalog, ['createContact', 'deleteContact']).getMutationType()?.getFields() ?? {};
    expect(Object.keys(fields)).toEqual(
      expect.arrayContaining(['createContact_2', 'updateContact', 'deleteContact_2']),
    );
  });
});

describe('the mutations of a mapped schema', () => {
  it('take its attributes and elements, and links by the keys of the records they lead to', () => {
    const graphQLSchema = served(CRM_CATALOG);
    expect(sdl(graphQLSchema, 'CampaignNmsRecipientInput')).toBe(
      'input CampaignNmsRecipientInput {\n  email: String\n  firstName: String\n  gender: Int\n  location: CampaignNmsRecipientLocationInput\n  folder: CampaignXtkFolderKey\n}',
    );
    expect(sdl(graphQLSchema, 'CampaignNmsRecipientLocationInput')).toBe(
      'input CampaignNmsRecipientLocationInput {\n  city: String\n  zipCode: String\n}',
    );
    expect(sdl(graphQLSchema, 'CampaignXtkFolderKey')).toBe('input CampaignXtkFolderKey {\n  id: ID\n}');
    expect(mutation(graphQLSchema, 'createCampaignNmsRecipient')).toBe(
      'createCampaignNmsRecipient(input: CampaignNmsRecipientInput!): CampaignNmsRecipient!',
    );
  });

  it('take the foreign key itself where the records a link leads to cannot be named by a key', () => {
    const { recipient, folder } = SCHEMAS;
    const [id, ...others] = folder.root.attributes;
    const attributes = [{ ...(id ?? attribute('id')), computed: true }, ...others];
    const unnamed = { ...folder, root: { ...folder.root, attributes } };
    const graphQLSchema = served({ ...CRM_CATALOG, schemas: [recipient, unnamed] });
    assertValidSchema(graphQLSchema);
    const text = sdl(graphQLSchema, 'CampaignNmsRecipientInput');
    expect(text).toContain('folder_id: Int');
    expect(text).not.toContain('folder:');
  });

  it('are none that change the id of Campaign or that of Dynamics, and no upsert by them', () => {
    const withKeys = {
      ...schema('cus:product', [attribute('number'), attribute('crmId')]),
      keys: [
        { name: 'id', fields: ['id'], internal: true },
        { name: 'crmId', fields: ['crmId'], internal: false },
      ],
    };
    const graphQLSchema = served({ ...PRODUCTS, schemas: [withKeys] });
    expect(sdl(graphQLSchema, 'CampaignCusProductInput')).toBe('input CampaignCusProductInput {\n  number: String\n}');
    expect(mutation(graphQLSchema, 'upsertCampaignCusProduct')).toBeUndefined();
  });

  it('take the key of a new record where Campaign gives none', () => {
    const keyed = {
      ...schema('cus:product', [attribute('number'), attribute('name'), attribute('crmId')]),
      keys: [{ name: 'number', fields: ['number'], internal: false }],
      sequence: null,
    };
    const graphQLSchema = served({ ...PRODUCTS, schemas: [keyed] });
    expect(mutation(graphQLSchema, 'createCampaignCusProduct')).toContain('createCampaignCusProduct(id: ID!, input:');
    expect(mutation(graphQLSchema, 'upsertCampaignCusProduct')).toContain(
      'upsertCampaignCusProduct(number: ID, input:',
    );
  });
});
