import { assertValidSchema, printType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { type Catalog, EMPTY_CATALOG } from '../../../src/model/catalog.js';
import { anAttribute } from '../../support/builders.js';
import { CRM_CATALOG, column, element, schema, table, whole } from '../catalogs.js';
import { schemaOf } from '../fake-remotes.js';

/** The text of one generated type, without descriptions. */
function sdl(catalog: Catalog, name: string): string | null {
  const type = schemaOf(catalog).getType(name);
  const text = type ? printType(type) : null;
  return (
    text
      ?.replace(/^ *""".*"""\n/gm, '')
      .replace(/^ *"""\n[^"]*"""\n/gm, '')
      .replace(/\n\n/g, '\n') ?? null
  );
}

describe('the types of an aggregate', () => {
  it('stand beside the list of every kind of record', () => {
    expect(sdl(CRM_CATALOG, 'Dynamics')).toContain(
      'contactsAggregate(\n    filter: DynamicsContactFilter\n  ): DynamicsContactAggregate\n',
    );
    expect(sdl(CRM_CATALOG, 'Campaign')).toContain(
      'nmsRecipientsAggregate(\n    filter: CampaignNmsRecipientFilter\n  ): CampaignNmsRecipientAggregate\n',
    );
    expect(sdl(CRM_CATALOG, 'Unified')).toContain(
      'contactsAggregate(\n    filter: ContactFilter\n    campaignFilter: CampaignNmsRecipientFilter\n  ): ContactAggregate\n',
    );
  });

  it('sum up all records, and group by group', () => {
    expect(sdl(CRM_CATALOG, 'DynamicsContactAggregate')).toBe(`type DynamicsContactAggregate {
  count: Int!
  sum: DynamicsContactSums
  avg: DynamicsContactAverages
  min: DynamicsContactExtremes
  max: DynamicsContactExtremes
  countDistinct: DynamicsContactDistinctCounts
  groupBy(
    columns: [DynamicsContactGroupColumn!]!
    orderBy: [DynamicsContactGroupOrder!]
    first: Int = 100
  ): [DynamicsContactGroup!]
}`);
    expect(sdl(CRM_CATALOG, 'DynamicsContactGroup')).toContain('key: DynamicsContactGroupKey!\n  count: Int!\n  sum:');
  });

  it('know no sum of a text and no average of a date', () => {
    expect(sdl(CRM_CATALOG, 'DynamicsContactSums')).toBe('type DynamicsContactSums {\n  numberofchildren: BigInt\n}');
    expect(sdl(CRM_CATALOG, 'DynamicsContactAverages')).toBe(
      'type DynamicsContactAverages {\n  numberofchildren: Float\n}',
    );
    expect(sdl(CRM_CATALOG, 'DynamicsContactExtremes')).toBe(
      'type DynamicsContactExtremes {\n  numberofchildren: Int\n  birthdate: Date\n  createdon: DateTime\n}',
    );
  });

  it('show a key as the record does, but for what Dynamics cannot group by', () => {
    expect(sdl(CRM_CATALOG, 'DynamicsContactGroupKey')).toBe(`type DynamicsContactGroupKey {
  firstname: String
  lastname: String
  emailaddress1: String
  gendercode: Choice
  numberofchildren: Int
  parentcustomerid: DynamicsContactParentcustomerid
  accountid: DynamicsAccount
  ownerid: DynamicsReference
}`);
    const notes = { ...EMPTY_CATALOG, tables: [table('note', [column('text', 'memo'), column('tags', 'choices')])] };
    expect(sdl(notes, 'DynamicsNoteAggregate')).toBe('type DynamicsNoteAggregate {\n  count: Int!\n}');
    expect(sdl(notes, 'DynamicsNoteGroup')).toBeNull();
  });

  it('of a unified record know the mapped columns', () => {
    expect(sdl(CRM_CATALOG, 'ContactGroupKey')).toBe(`type ContactGroupKey {
  firstname: String
  emailaddress1: String
  gendercode: Choice
  parentcustomerid: ContactParentcustomerid
  accountid: Account
}`);
    expect(sdl(CRM_CATALOG, 'ContactAggregate')).not.toContain('sum');
  });

  it('order groups by their count, their key and what is summed up', () => {
    expect(sdl(CRM_CATALOG, 'DynamicsContactGroupOrder')).toBe(`input DynamicsContactGroupOrder {
  count: OrderDirection
  key: DynamicsContactOrder
  sum: DynamicsContactNumberOrder
  avg: DynamicsContactNumberOrder
  min: DynamicsContactExtremeOrder
  max: DynamicsContactExtremeOrder
  countDistinct: DynamicsContactOrder
}`);
  });

  it('name the attributes of an element of Campaign with the element before them', () => {
    expect(sdl(CRM_CATALOG, 'CampaignNmsRecipientGroupColumn')).toBe(`enum CampaignNmsRecipientGroupColumn {
  email
  firstName
  gender
  crmId
  folder_id
  location_city
  location_zipCode
}`);
    // What an enumeration lists is no number, though Campaign stores it as one.
    expect(sdl(CRM_CATALOG, 'CampaignNmsRecipientSums')).toBe(
      'type CampaignNmsRecipientSums {\n  folder_id: BigInt\n}',
    );
    expect(sdl(CRM_CATALOG, 'CampaignNmsRecipientGroupKey')).toContain('location: CampaignNmsRecipientLocation\n');
  });

  it('tell an attribute and one of an element of the same name apart', () => {
    const parts = { elements: [element('location', [anAttribute('city', 'long')])] };
    const catalog = { ...EMPTY_CATALOG, schemas: [schema('cus:thing', [anAttribute('location_city', 'long')], parts)] };
    expect(sdl(catalog, 'CampaignCusThingSums')).toBe(
      'type CampaignCusThingSums {\n  location_city: BigInt\n  location_city_2: BigInt\n}',
    );
  });

  it('take no name away from a record, and none that GraphQL keeps for itself', () => {
    const tables = [
      table('new_a', [column('null'), column('n', 'integer')]),
      table('new_a_sums', []),
      table('new_as_aggregate'),
    ];
    const catalog = { ...EMPTY_CATALOG, tables: [...tables, table('x', [], { setName: 'new_asAggregate' })] };
    assertValidSchema(whole(schemaOf(catalog)));
    expect(sdl(catalog, 'DynamicsNewASums')).toContain('new_a_sumsid: ID!');
    expect(sdl(catalog, 'DynamicsNewASums_2')).toContain('n: BigInt');
    expect(sdl(catalog, 'Dynamics')).toContain('new_asAggregate_2(');
    expect(sdl(catalog, 'DynamicsNewAGroupColumn')).toContain('null_');
  });
});
