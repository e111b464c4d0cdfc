import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/connectors/dynamics/client.js';
import { readSummaries, readTable } from '../../../src/connectors/dynamics/introspect.js';
import { createFakeClient } from './fake-client.js';

const label = (text: string | null) => ({
  LocalizedLabels: [],
  UserLocalizedLabel: text === null ? null : { Label: text, LanguageCode: 1033 },
});
const attribute = (LogicalName: string, type: string, facts: JsonObject = {}) => ({
  LogicalName,
  AttributeTypeName: { Value: type },
  AttributeOf: null,
  DisplayName: label(`The ${LogicalName}`),
  Description: label(null),
  RequiredLevel: { Value: 'None' },
  IsValidForCreate: true,
  IsValidForRead: true,
  IsValidForUpdate: true,
  IsValidODataAttribute: true,
  ...facts,
});
const parent = (target: string, navigation: string) => ({
  SchemaName: `r_${target}`,
  ReferencedEntity: target,
  ReferencingEntity: 'contact',
  ReferencingAttribute: 'parentcustomerid',
  ReferencingEntityNavigationPropertyName: navigation,
});

const DEFINITION = {
  LogicalName: 'contact',
  EntitySetName: 'contacts',
  DisplayName: label('Contact'),
  DisplayCollectionName: label(null),
  ChangeTrackingEnabled: true,
  IsCustomEntity: false,
  PrimaryIdAttribute: 'contactid',
  PrimaryNameAttribute: 'fullname',
  IsIntersect: false,
  Attributes: [
    attribute('contactid', 'UniqueidentifierType', { RequiredLevel: { Value: 'SystemRequired' } }),
    attribute('birthdate', 'DateTimeType'),
    attribute('lastused', 'DateTimeType', { DisplayName: label(null) }),
    attribute('statuscode', 'StatusType'),
    attribute('parentcustomerid', 'CustomerType'),
    attribute('parentcustomeridname', 'StringType', { AttributeOf: 'parentcustomerid' }),
    attribute('ownerid', 'OwnerType'),
    attribute('entityimage', 'ImageType'),
    attribute('ghost', 'StringType', { IsValidODataAttribute: false }),
    attribute('to', 'PartyListType'),
  ],
  Keys: [{ LogicalName: 'mail', KeyAttributes: ['emailaddress1'], EntityKeyIndexStatus: 'Active' }],
  ManyToOneRelationships: [
    parent('account', 'parentcustomerid_account'),
    parent('contact', 'parentcustomerid_contact'),
  ],
  OneToManyRelationships: [
    {
      SchemaName: 'account_primary_contact',
      ReferencedEntity: 'contact',
      ReferencedEntityNavigationPropertyName: 'account_primary_contact',
      ReferencingEntity: 'account',
      ReferencingAttribute: 'primarycontactid',
    },
  ],
  ManyToManyRelationships: [
    {
      SchemaName: 'contactleads_association',
      IntersectEntityName: 'contactleads',
      Entity1LogicalName: 'contact',
      Entity1NavigationPropertyName: 'contactleads_association',
      Entity2LogicalName: 'lead',
      Entity2NavigationPropertyName: 'contactleads_association',
    },
  ],
};

const DETAILS: Readonly<Record<string, readonly JsonObject[]>> = {
  DateTime: [
    { LogicalName: 'birthdate', Format: 'DateOnly', DateTimeBehavior: { Value: 'DateOnly' } },
    { LogicalName: 'lastused', Format: 'DateOnly', DateTimeBehavior: { Value: 'UserLocal' } },
  ],
  Status: [
    {
      LogicalName: 'statuscode',
      OptionSet: {
        Name: 'contact_statuscode',
        IsGlobal: false,
        Options: [{ Value: 1, State: 0, Label: label('Active') }],
      },
    },
  ],
  Lookup: [
    { LogicalName: 'parentcustomerid', Targets: ['account', 'contact'] },
    { LogicalName: 'ownerid', Targets: ['systemuser', 'team'] },
  ],
};

const client = () =>
  createFakeClient(({ resource }) => {
    const cast = /CRM\.(\w+)AttributeMetadata/.exec(resource)?.[1];
    if (cast) return { body: { value: DETAILS[cast] ?? [] } };
    if (resource.startsWith("EntityDefinitions(LogicalName='contact')?")) return { body: DEFINITION };
    return { status: 404, body: { error: { code: '0x80060888', message: 'Could not find an entity with the name' } } };
  });

async function contact() {
  const table = await readTable(client(), 'contact');
  if (!table) throw new Error('Expected a table.');
  return { table, column: (name: string) => table.columns.find((column) => column.name === name) };
}

describe('readTable', () => {
  it('asks for the details of those types only that occur in the table', async () => {
    const asking = client();
    await readTable(asking, 'contact');
    const casts = asking.asked.map(({ resource }) => /CRM\.(\w+)AttributeMetadata/.exec(resource)?.[1] ?? 'definition');
    expect(casts.sort()).toEqual(['DateTime', 'Lookup', 'Status', 'definition']);
  });

  it('describes the table and its labels, with other names where a label is missing', async () => {
    const { table, column } = await contact();
    expect(table).toMatchObject({
      logicalName: 'contact',
      setName: 'contacts',
      label: 'Contact',
      pluralLabel: 'Contact',
      primaryId: 'contactid',
      primaryName: 'fullname',
    });
    expect([column('birthdate')?.label, column('lastused')?.label]).toEqual(['The birthdate', 'lastused']);
    expect(column('contactid')).toMatchObject({ type: 'uniqueid', required: 'system' });
  });

  it('leaves out helper columns and those without a property', async () => {
    const { table } = await contact();
    expect(table.columns.map(({ name }) => name)).not.toContain('parentcustomeridname');
    expect(table.columns.map(({ name }) => name)).not.toContain('ghost');
  });

  it('tells a date from a moment that is only shown as a date', async () => {
    const { column } = await contact();
    expect([column('birthdate')?.type, column('lastused')?.type]).toEqual(['date', 'datetime']);
  });

  it('tells an image by its type name, and that a party list cannot be read', async () => {
    const { column } = await contact();
    expect(column('entityimage')).toMatchObject({ type: 'image', readable: true });
    expect(column('to')).toMatchObject({ type: 'partylist', readable: false });
  });

  it('gives the options of a status with their state', async () => {
    const { column } = await contact();
    expect(column('statuscode')?.optionSet).toEqual({
      name: 'contact_statuscode',
      isGlobal: false,
      options: [{ value: 1, label: 'Active', state: 0 }],
    });
  });

  it('tells where lookups lead, by which navigation property', async () => {
    const { column } = await contact();
    expect(column('parentcustomerid')?.targets).toEqual([
      { table: 'account', navigation: 'parentcustomerid_account' },
      { table: 'contact', navigation: 'parentcustomerid_contact' },
    ]);
    expect(column('ownerid')?.targets[1]).toEqual({ table: 'team', navigation: 'ownerid' });
  });

  it('gives keys and relationships', async () => {
    const { table } = await contact();
    expect(table.keys).toEqual([{ name: 'mail', columns: ['emailaddress1'], active: true }]);
    expect(table.relationships).toEqual([
      {
        kind: 'one-to-many',
        name: 'account_primary_contact',
        navigation: 'account_primary_contact',
        table: 'account',
        column: 'primarycontactid',
      },
      {
        kind: 'many-to-many',
        name: 'contactleads_association',
        navigation: 'contactleads_association',
        table: 'lead',
        intersectTable: 'contactleads',
      },
    ]);
  });

  it('gives null for a table that does not exist, whatever its name', async () => {
    const asking = client();
    expect(await readTable(asking, "x')/Attributes?a='")).toBeNull();
    expect(asking.asked[0]?.resource).toContain("EntityDefinitions(LogicalName='x'')/Attributes?a=''')?");
  });
});

describe('readSummaries', () => {
  it('lists tables by name, without those that have no records of their own', async () => {
    const value = [
      { ...DEFINITION },
      { LogicalName: 'account', EntitySetName: 'accounts', DisplayName: label(null) },
      { LogicalName: 'ghost', EntitySetName: null },
    ];
    const found = await readSummaries(createFakeClient(() => ({ body: { value } })));
    expect(found.map(({ logicalName, label: text }) => [logicalName, text])).toEqual([
      ['account', 'account'],
      ['contact', 'Contact'],
    ]);
  });
});
