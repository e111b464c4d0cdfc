import { assertValidSchema, GraphQLObjectType, GraphQLSchema, GraphQLString, printSchema, printType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { type Catalog, EMPTY_CATALOG } from '../../../src/model/catalog.js';
import type { ColumnType } from '../../../src/model/table.js';
import { composeSchema } from '../../../src/unified/compose-schema.js';
import { buildGeneratedSchema } from '../../../src/unified/schema/build-generated-schema.js';
import {
  attribute,
  CRM_CATALOG,
  column,
  element,
  link,
  mapping,
  STATIC_SCHEMA,
  schema,
  table,
  whole,
} from '../catalogs.js';
import { schemaOf } from '../fake-remotes.js';

/** The text of one generated type, without descriptions and what makes it a node. */
function sdl(catalog: Catalog, name: string): string {
  const type = schemaOf(catalog).getType(name);
  if (!type) throw new Error(`There is no type ${name}.`);
  return printType(type)
    .replace(/^ *""".*"""\n/gm, '')
    .replace(/^ *"""\n[^"]*"""\n/gm, '')
    .replace(/\n\n/g, '\n')
    .replace(/ implements Node {\n {2}nodeId: ID!/, ' {');
}

function withTable(...columns: readonly ReturnType<typeof column>[]): Catalog {
  return { ...EMPTY_CATALOG, tables: [table('thing', columns)] };
}

describe('the generated GraphQL schema', () => {
  it('has the three namespaces before anything is mapped', () => {
    const text = printSchema(schemaOf(EMPTY_CATALOG));
    expect(text).toContain('dynamics: Dynamics!');
    expect(text).toContain('campaign: Campaign!');
    expect(text).toContain('unified: Unified!');
    expect(sdl(EMPTY_CATALOG, 'Unified')).toBe('type Unified {\n  _empty: Boolean\n}');
  });

  it('shows a table with its lookups and its relationships', () => {
    expect(sdl(CRM_CATALOG, 'DynamicsAccount')).toBe(`type DynamicsAccount {
  accountid: ID!
  name: String
  primarycontactid: DynamicsContact
  contact_customer_accounts(
    filter: DynamicsContactFilter
    orderBy: [DynamicsContactOrder!]
    first: Int = 50
    after: String
  ): DynamicsContactConnection
}`);
  });

  it('gives a table a field for one record and a field for many', () => {
    const text = sdl(CRM_CATALOG, 'Dynamics');
    expect(text).toContain('contact(\n    id: ID!\n  ): DynamicsContact\n');
    expect(text).toContain('): DynamicsContactConnection\n');
  });

  it.each<[ColumnType, string]>([
    ['string', 'String'],
    ['memo', 'String'],
    ['integer', 'Int'],
    ['bigint', 'BigInt'],
    ['decimal', 'Float'],
    ['double', 'Float'],
    ['money', 'Float'],
    ['boolean', 'Boolean'],
    ['datetime', 'DateTime'],
    ['date', 'Date'],
    ['choice', 'Choice'],
    ['choices', '[Choice!]'],
    ['state', 'Choice'],
    ['status', 'Choice'],
    ['uniqueid', 'ID'],
    ['entityname', 'String'],
    ['image', 'String'],
    ['file', 'ID'],
  ])('shows a column of type %s as %s', (type, expected) => {
    expect(sdl(withTable(column('value', type)), 'DynamicsThing')).toContain(`  value: ${expected}\n`);
  });

  it.each<[ColumnType]>([['partylist'], ['managedproperty'], ['virtual']])('leaves out a column of type %s', (type) => {
    expect(sdl(withTable(column('value', type)), 'DynamicsThing')).toBe('type DynamicsThing {\n  thingid: ID!\n}');
  });

  it('neither compares nor sorts by pictures and files', () => {
    const catalog = withTable(column('name'), column('picture', 'image'), column('contract', 'file'));
    expect(sdl(catalog, 'DynamicsThing')).toContain('picture: String\n');
    const others = Object.values(schemaOf(catalog).getTypeMap()).filter(({ name }) => name !== 'DynamicsThing');
    expect(others.map((type) => printType(type)).join()).not.toMatch(/picture|contract/);
  });

  it('leaves out a column that cannot be read', () => {
    const secret = { ...column('secret'), readable: false };
    expect(sdl(withTable(secret), 'DynamicsThing')).not.toContain('secret');
  });

  it('shows a lookup with several targets as a union, targets outside the graph as references', () => {
    const catalog = withTable(
      column('owner', 'owner', ['systemuser', 'team']),
      column('parent', 'customer', ['thing', 'account']),
      column('self', 'lookup', ['thing']),
    );
    const text = sdl(catalog, 'DynamicsThing');
    expect(text).toContain('owner: DynamicsReference\n');
    expect(text).toContain('parent: DynamicsThingParent\n');
    expect(text).toContain('self: DynamicsThing\n');
    expect(sdl(catalog, 'DynamicsThingParent')).toBe('union DynamicsThingParent = DynamicsThing | DynamicsReference');
  });

  it('leaves out relationships to tables outside the graph, and those without a way back', () => {
    const account = table('account', [], {
      relationships: [
        { kind: 'one-to-many', name: 'a', navigation: 'account_tasks', table: 'task', column: 'regardingobjectid' },
        { kind: 'many-to-many', name: 'b', navigation: 'account_lists', table: 'account', intersectTable: 'x' },
      ],
    });
    expect(sdl({ ...EMPTY_CATALOG, tables: [account] }, 'DynamicsAccount')).toBe(
      'type DynamicsAccount {\n  accountid: ID!\n}',
    );
  });

  it('shows a Campaign schema with its elements, its enumerations and its simple links', () => {
    expect(sdl(CRM_CATALOG, 'CampaignNmsRecipient')).toBe(`type CampaignNmsRecipient {
  id: ID!
  email: String
  firstName: String
  gender: CampaignEnumerationValue
  crmId: String
  folder_id: Int
  location: CampaignNmsRecipientLocation
  folder: CampaignXtkFolder
}`);
    expect(sdl(CRM_CATALOG, 'CampaignNmsRecipientLocation')).toContain('city: String\n  zipCode: String');
  });

  it('nests the filter of a Campaign schema as its elements are, and compares an enumeration by its stored value', () => {
    const text = sdl(CRM_CATALOG, 'CampaignNmsRecipientFilter');
    expect(text).toContain('location: CampaignNmsRecipientLocationFilter\n');
    expect(text).toContain('folder: CampaignXtkFolderFilter\n');
    expect(text).toContain('gender: IntFilter\n');
    expect(text).toContain('id: IDFilter\n');
  });

  it('gives a schema whose key has several attributes no field for one record', () => {
    const composite = { ...schema('xtk:schema', [attribute('name'), attribute('namespace')]) };
    const keys = [{ name: 'name', fields: ['namespace', 'name'], internal: false }];
    const text = sdl({ ...EMPTY_CATALOG, schemas: [{ ...composite, keys }] }, 'Campaign');
    expect(text).toContain('xtkSchemas(');
    expect(text).not.toContain('xtkSchema(');
  });

  it('shows no records of a schema without a key, which no page could be read of, and no links to them', () => {
    const parts = { ...schema('xtk:common', [attribute('name')]), keys: [] };
    const thing = schema('cus:thing', [attribute('name')], { links: [link('part', 'xtk:common')] });
    const catalog = { ...EMPTY_CATALOG, schemas: [parts, thing] };
    expect(sdl(catalog, 'Campaign')).toContain('cusThings(');
    expect(sdl(catalog, 'Campaign')).not.toContain('Common');
    expect(sdl(catalog, 'CampaignCusThing')).not.toContain('part');
  });

  it('shows no records of a view without a table, and no links to them', () => {
    const view = { ...schema('cus:view', [attribute('name')]), isStored: false };
    const thing = schema('cus:thing', [attribute('name')], { links: [link('part', 'cus:view')] });
    const catalog = { ...EMPTY_CATALOG, schemas: [view, thing] };
    expect(sdl(catalog, 'Campaign')).not.toContain('View');
    expect(sdl(catalog, 'CampaignCusThing')).not.toContain('part');
  });

  it('shows no credentials that Campaign keeps, nor finds, sorts or counts records by them', () => {
    const access = element('access', [attribute('password'), attribute('unrestricted', 'boolean')]);
    const attributes = ['name', 'clientSecret', 'awsSecret', 'privateKey', 'secretary'].map((name) => attribute(name));
    const catalog = { ...EMPTY_CATALOG, schemas: [schema('cus:thing', attributes, { elements: [access] })] };
    const text = printSchema(schemaOf(catalog));
    expect(text).not.toMatch(/password|clientSecret|awsSecret|privateKey/);
    expect(text).toMatch(/secretary: String/);
    expect(text).toMatch(/unrestricted: Boolean/);
  });

  it('tells an attribute, an element and a link of one name apart', () => {
    const parts = { elements: [element('folder', [attribute('name')])], links: [link('folder', 'cus:thing')] };
    const catalog = { ...EMPTY_CATALOG, schemas: [schema('cus:thing', [attribute('folder')], parts)] };
    expect(sdl(catalog, 'CampaignCusThing')).toContain(
      'folder: String\n  folder_2: CampaignCusThingFolder\n  folder_3: CampaignCusThing\n',
    );
  });

  it('sorts by nothing in an element that holds long texts only', () => {
    const notes = element('notes', [attribute('text', 'memo')]);
    const catalog = { ...EMPTY_CATALOG, schemas: [schema('cus:thing', [], { elements: [notes] })] };
    expect(sdl(catalog, 'CampaignCusThing')).toContain('notes: CampaignCusThingNotes');
    expect(sdl(catalog, 'CampaignCusThingOrder')).toBe('input CampaignCusThingOrder {\n  id: OrderDirection\n}');
  });

  it('shows a mapping as a unified record', () => {
    expect(sdl(CRM_CATALOG, 'Contact')).toBe(`type Contact {
  id: ID!
  dynamics: DynamicsContact
  campaign: CampaignNmsRecipient
  syncState: SyncState
  drift: [FieldDrift!]
  firstname: String
  emailaddress1: String
  gendercode: Choice
  parentcustomerid: ContactParentcustomerid
  accountid: Account
}`);
    expect(sdl(CRM_CATALOG, 'ContactParentcustomerid')).toBe('union ContactParentcustomerid = Account | Contact');
  });

  it('lets a unified list follow either system', () => {
    expect(sdl(CRM_CATALOG, 'Unified')).toContain('from: UnifiedSource = DYNAMICS\n  ): ContactConnection');
  });

  it('keeps the words of a unified record when a column has the same name', () => {
    const thing = table('thing', [column('campaign'), column('id')]);
    const catalog = {
      tables: [thing],
      schemas: [schema('cus:thing', [attribute('crmId'), attribute('a'), attribute('b')])],
      mappings: [mapping('thing', 'cus:thing', { campaign: '@a', id: '@b' })],
    };
    const text = sdl(catalog, 'Thing');
    expect(text).toContain('campaign: CampaignCusThing\n');
    expect(text).toContain('campaign_2: String\n');
    expect(text).toContain('id_2: String\n');
  });

  it('does not give the name of a static type again', () => {
    const workflow = new GraphQLObjectType({ name: 'Workflow', fields: { name: { type: GraphQLString } } });
    const beside = new GraphQLSchema({
      query: new GraphQLObjectType({ name: 'Query', fields: { workflow: { type: workflow } } }),
    });
    const catalog = {
      tables: [table('workflow', [column('name')])],
      schemas: [schema('cus:workflow', [attribute('crmId'), attribute('name')])],
      mappings: [mapping('workflow', 'cus:workflow', { name: '@name' })],
    };
    const composed = composeSchema(beside, buildGeneratedSchema(catalog, { beside }));
    expect(composed.getType('Workflow')).toBe(workflow);
    expect(composed.getType('Workflow_2')).toBeInstanceOf(GraphQLObjectType);
    assertValidSchema(whole(composed));
  });

  it('tells tables apart whose names differ in marks only', () => {
    const tables = [table('new_ab', []), table('new__ab', []), table('new_ab_filter', [])];
    const names = buildGeneratedSchema({ ...EMPTY_CATALOG, tables }).types.map((type) => type.name);
    expect(new Set(names).size).toBe(names.length);
    assertValidSchema(whole(schemaOf({ ...EMPTY_CATALOG, tables })));
  });

  it('is the same text whatever the order of the catalog', () => {
    const reversed: Catalog = {
      tables: [...CRM_CATALOG.tables].reverse(),
      schemas: [...CRM_CATALOG.schemas].reverse(),
      mappings: [...CRM_CATALOG.mappings].reverse(),
    };
    expect(printSchema(schemaOf(reversed))).toBe(printSchema(schemaOf(CRM_CATALOG)));
  });

  it('leaves out a mapping whose table is not described', () => {
    expect(sdl({ ...CRM_CATALOG, tables: [] }, 'Unified')).toContain('_empty');
  });

  it('is made of parts that a static schema takes in', () => {
    assertValidSchema(whole(composeSchema(STATIC_SCHEMA, buildGeneratedSchema(CRM_CATALOG))));
  });
});
