import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/connectors/dynamics/client.js';
import { readSummaries, readTables } from '../../../src/connectors/dynamics/introspect.js';
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
    attribute('birthdate', 'DateTimeType', { Format: 'DateOnly', DateTimeBehavior: { Value: 'DateOnly' } }),
    attribute('lastused', 'DateTimeType', {
      DisplayName: label(null),
      Format: 'DateOnly',
      DateTimeBehavior: { Value: 'UserLocal' },
    }),
    attribute('statuscode', 'StatusType', {
      OptionSet: {
        Name: 'contact_statuscode',
        IsGlobal: false,
        Options: [{ Value: 1, State: 0, Label: label('Active') }],
      },
    }),
    attribute('parentcustomerid', 'CustomerType', { Targets: ['account', 'contact'] }),
    attribute('parentcustomeridname', 'StringType', { AttributeOf: 'parentcustomerid' }),
    attribute('ownerid', 'OwnerType', { Targets: ['systemuser', 'team'] }),
    attribute('versionnumber', 'BigIntType', { MinValue: -9_000, MaxValue: 9_000 }),
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

/** Answers as an organization that has these tables. */
const client = (...tables: readonly JsonObject[]) =>
  createFakeClient(({ resource }) => {
    const query = new URLSearchParams(resource.slice(resource.indexOf('?'))).get('@p1') ?? '';
    const { Criteria } = JSON.parse(query) as Asked; // the form that RetrieveMetadataChanges takes
    const names = Criteria.Conditions.map(({ Value }) => Value.Value);
    const EntityMetadata = tables.filter(({ LogicalName }) => names.includes(String(LogicalName)));
    return { body: { EntityMetadata, ServerVersionStamp: '1!01/01/2026 00:00:00' } };
  });

interface Asked {
  readonly Criteria: {
    readonly FilterOperator: string;
    readonly Conditions: readonly { readonly Value: { readonly Value: string } }[];
  };
}

async function contact() {
  const [table] = await readTables(client(DEFINITION), ['contact']);
  if (!table) throw new Error('Expected a table.');
  return { table, column: (name: string) => table.columns.find((column) => column.name === name) };
}

describe('readTables', () => {
  it('reads many tables in one request, each once, and gives them in the order asked for', async () => {
    const asking = client(DEFINITION, { ...DEFINITION, LogicalName: 'lead', EntitySetName: 'leads' });
    const tables = await readTables(asking, ['lead', 'contact', 'lead']);
    expect(tables.map(({ logicalName }) => logicalName)).toEqual(['lead', 'contact']);
    expect(asking.asked).toHaveLength(1);
  });

  it('asks for 25 tables at a time', async () => {
    const asking = client();
    await readTables(
      asking,
      Array.from({ length: 51 }, (_, at) => `table${at}`),
    );
    expect(asking.asked).toHaveLength(3);
  });

  it('asks nothing where no table is named', async () => {
    const asking = client();
    expect([await readTables(asking, []), asking.asked]).toEqual([[], []]);
  });

  it('takes no property of a type in which it means nothing', async () => {
    const { column } = await contact();
    expect(column('versionnumber')).toMatchObject({ type: 'bigint', min: null, max: null });
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
      language: 'en-US',
    });
  });

  it('keeps the labels of options in every language, that of the user once', async () => {
    const inLanguages = (labels: Readonly<Record<number, string>>) => ({
      LocalizedLabels: Object.entries(labels).map(([code, text]) => ({ Label: text, LanguageCode: Number(code) })),
      UserLocalizedLabel: { Label: labels[1031], LanguageCode: 1031 },
    });
    const Options = [
      { Value: 1, Label: inLanguages({ 1033: 'Male', 1031: 'Männlich', 1036: 'Homme', 999999: '?' }) },
      { Value: 2, Label: inLanguages({ 1031: 'Weiblich', 1036: 'Femme' }) },
      { Value: 3, Label: label(null) },
    ];
    const OptionSet = { Name: 'gender', IsGlobal: true, Options };
    const Attributes = [attribute('gendercode', 'PicklistType', { OptionSet })];
    const client = createFakeClient(() => ({ body: { EntityMetadata: [{ ...DEFINITION, Attributes }] } }));
    const [table] = await readTables(client, ['contact']);
    expect(table?.columns[0]?.optionSet).toEqual({
      name: 'gender',
      isGlobal: true,
      options: [
        { value: 1, label: 'Männlich', state: null },
        { value: 2, label: 'Weiblich', state: null },
        { value: 3, label: '3', state: null },
      ],
      language: 'de-DE',
      translations: { 'en-US': ['Male', null, null], 'fr-FR': ['Homme', 'Femme', null] },
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

  it('leaves out tables that do not exist, whatever their names', async () => {
    const asking = client(DEFINITION);
    const name = `x'")&@p1={}`;
    expect(await readTables(asking, [name])).toEqual([]);
    expect(asking.asked[0]?.resource).toContain(JSON.stringify(name));
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
