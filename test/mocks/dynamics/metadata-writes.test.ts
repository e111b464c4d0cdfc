import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { covers } from '../compatibility.js';
import { ALL_ANNOTATIONS, type Organization, startOrganization } from './support.js';

let organization: Organization;

beforeAll(async () => {
  organization = await startOrganization({ contacts: 4 });
});

beforeEach(() => organization.mock.reset());

afterAll(() => organization.mock.close());

const label = (english: string, french?: string) => ({
  LocalizedLabels: [
    { Label: english, LanguageCode: 1033 },
    ...(french === undefined ? [] : [{ Label: french, LanguageCode: 1036 }]),
  ],
});

const SHOE_SIZE = {
  '@odata.type': 'Microsoft.Dynamics.CRM.IntegerAttributeMetadata',
  SchemaName: 'new_ShoeSize',
  DisplayName: label('Shoe Size', 'Pointure'),
  RequiredLevel: { Value: 'Recommended' },
  MinValue: 15,
  MaxValue: 60,
};

const CONTACT = "EntityDefinitions(LogicalName='contact')";

async function metadataVersion(): Promise<number> {
  const { body } = await organization.get('contacts?$select=fullname&$top=1', ALL_ANNOTATIONS);
  return Number(body['@Microsoft.Dynamics.CRM.globalmetadataversion']);
}

describe('a created column', () => {
  it('is described, written, read, filtered and in $metadata at once', async () => {
    covers('dynamics', '2 Metadata', 'create, change and delete columns');
    const before = await metadataVersion();
    const created = await organization.send('POST', `${CONTACT}/Attributes`, SHOE_SIZE);
    expect([created.status, created.headers.get('odata-entityid')]).toEqual([
      204,
      expect.stringMatching(/EntityDefinitions\([0-9a-f-]{36}\)\/Attributes\([0-9a-f-]{36}\)$/),
    ]);
    const { body } = await organization.get(`${CONTACT}/Attributes(LogicalName='new_shoesize')`);
    expect(body).toMatchObject({ SchemaName: 'new_ShoeSize', MinValue: 15, IsCustomAttribute: true, IsManaged: false });
    expect(await metadataVersion()).toBeGreaterThan(before);
    const [contact] = organization.mock.rows('contact');
    const path = `contacts(${String(contact?.contactid)})`;
    expect((await organization.send('PATCH', path, { new_shoesize: 43 })).status).toBe(204);
    expect(
      (await organization.get('contacts?$select=new_shoesize&$filter=new_shoesize eq 43')).body.value,
    ).toHaveLength(1);
    expect((await organization.send('PATCH', path, { new_shoesize: 7 })).body.error.code).toBe('0x8004432f');
    expect((await organization.get('$metadata')).text).toContain('<Property Name="new_shoesize" Type="Edm.Int32"/>');
  });

  it('can be changed by PUT and deleted with its values', async () => {
    await organization.send('POST', `${CONTACT}/Attributes`, SHOE_SIZE);
    const [contact] = organization.mock.rows('contact');
    const id = String(contact?.contactid);
    organization.mock.update('contact', id, { new_shoesize: 43 });
    const column = `${CONTACT}/Attributes(LogicalName='new_shoesize')`;
    await organization.send('PUT', column, { ...SHOE_SIZE, DisplayName: label('Size of Shoe'), MaxValue: 99 });
    const { body } = await organization.get(column);
    expect([body.DisplayName.UserLocalizedLabel.Label, body.MaxValue]).toEqual(['Size of Shoe', 99]);
    expect((await organization.send('DELETE', column)).status).toBe(204);
    expect((await organization.get('contacts?$select=new_shoesize')).body.error.code).toBe('0x80060888');
    expect(organization.mock.row('contact', id)).not.toHaveProperty('new_shoesize');
  });

  it.each([
    ['true', ['Size', 'Pointure']],
    ['false', ['Size']],
  ])('MSCRM.MergeLabels: %s', async (merge, expected) => {
    covers('dynamics', '2 Metadata', 'MSCRM.MergeLabels');
    await organization.send('POST', `${CONTACT}/Attributes`, SHOE_SIZE);
    const column = `${CONTACT}/Attributes(LogicalName='new_shoesize')`;
    const changed = { ...SHOE_SIZE, DisplayName: label('Size') };
    await organization.send('PUT', column, changed, { 'mscrm.mergelabels': merge });
    const { body } = await organization.get(column);
    expect(body.DisplayName.LocalizedLabels.map((it: { Label: string }) => it.Label)).toEqual(expected);
  });

  it('may be a choice with options of its own', async () => {
    const size = {
      '@odata.type': 'Microsoft.Dynamics.CRM.PicklistAttributeMetadata',
      SchemaName: 'new_Hat',
      DisplayName: label('Hat'),
      OptionSet: { Options: [{ Value: 1, Label: label('Bowler') }, { Label: label('Fez') }] },
    };
    await organization.send('POST', `${CONTACT}/Attributes`, size);
    const { body } = await organization.get(
      `${CONTACT}/Attributes(LogicalName='new_hat')/Microsoft.Dynamics.CRM.PicklistAttributeMetadata?$select=LogicalName&$expand=OptionSet`,
    );
    expect(body.OptionSet.Options.map((option: { Value: number }) => option.Value)).toEqual([1, 727_000_000]);
  });

  it.each([
    [{ ...SHOE_SIZE, SchemaName: 'FirstName' }, '0x80047013', 'firstname already exists'],
    [{ ...SHOE_SIZE, SchemaName: '1st' }, '0x80040203', 'SchemaName'],
    [{ ...SHOE_SIZE, '@odata.type': 'Microsoft.Dynamics.CRM.LookupAttributeMetadata' }, '0x80060888', '@odata.type'],
  ])('is refused: %j', async (column, code, message) => {
    const { status, body } = await organization.send('POST', `${CONTACT}/Attributes`, column);
    expect([status, body.error.code]).toEqual([400, code]);
    expect(body.error.message).toContain(message);
  });
});

describe('a created table', () => {
  const SHOE = {
    SchemaName: 'new_Shoe',
    DisplayName: label('Shoe'),
    DisplayCollectionName: label('Shoes'),
    OwnershipType: 'UserOwned',
    Attributes: [
      {
        '@odata.type': 'Microsoft.Dynamics.CRM.StringAttributeMetadata',
        SchemaName: 'new_Name',
        IsPrimaryName: true,
        MaxLength: 50,
        DisplayName: label('Name'),
      },
    ],
  };

  it('takes rows and lookups until it is deleted', async () => {
    covers('dynamics', '2 Metadata', 'create, change and delete tables, relationships, keys');
    expect((await organization.send('POST', 'EntityDefinitions', SHOE)).status).toBe(204);
    const lookup = {
      '@odata.type': 'Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata',
      SchemaName: 'new_shoe_contact',
      ReferencedEntity: 'contact',
      ReferencingEntity: 'new_shoe',
      Lookup: { SchemaName: 'new_Wearer', DisplayName: label('Wearer') },
    };
    expect((await organization.send('POST', 'RelationshipDefinitions', lookup)).status).toBe(204);
    const [contact] = organization.mock.rows('contact');
    const row = { new_name: 'Left', 'new_Wearer@odata.bind': `/contacts(${String(contact?.contactid)})` };
    expect((await organization.send('POST', 'new_shoes', row)).status).toBe(204);
    const { body } = await organization.get('new_shoes?$select=new_name&$expand=new_Wearer($select=fullname)');
    expect(body.value).toMatchObject([{ new_name: 'Left', new_Wearer: { fullname: contact?.fullname } }]);
    expect((await organization.send('DELETE', "EntityDefinitions(LogicalName='new_shoe')")).status).toBe(204);
    expect((await organization.get('new_shoes')).status).toBe(404);
  });

  it('gets an alternate key that addresses rows', async () => {
    await organization.send('POST', 'EntityDefinitions', SHOE);
    const table = "EntityDefinitions(LogicalName='new_shoe')";
    await organization.send('POST', `${table}/Keys`, { SchemaName: 'new_Key', KeyAttributes: ['new_name'] });
    await organization.send('POST', 'new_shoes', { new_name: 'Left' });
    expect((await organization.get("new_shoes(new_name='left')")).body.new_name).toBe('Left');
    expect((await organization.send('DELETE', `${table}/Keys(LogicalName='new_key')`)).status).toBe(204);
    expect((await organization.get("new_shoes(new_name='left')")).status).toBe(400);
  });

  it('a table that the vendor made cannot be deleted', async () => {
    const { status, body } = await organization.send('DELETE', "EntityDefinitions(LogicalName='account')");
    expect([status, body.error.message]).toEqual([400, expect.stringContaining('not a custom entity')]);
  });
});

describe('option values', () => {
  const INDUSTRY = { EntityLogicalName: 'account', AttributeLogicalName: 'industrycode' };

  async function labels(): Promise<Record<string, string>> {
    const { body } = await organization.get(
      "EntityDefinitions(LogicalName='account')/Attributes(LogicalName='industrycode')/Microsoft.Dynamics.CRM.PicklistAttributeMetadata/OptionSet",
    );
    return Object.fromEntries(
      body.Options.map((it: { Value: number; Label: { UserLocalizedLabel: { Label: string } } }) => [
        it.Value,
        it.Label.UserLocalizedLabel.Label,
      ]),
    );
  }

  it('are inserted, renamed and deleted', async () => {
    covers('dynamics', '2 Metadata', 'InsertOptionValue, UpdateOptionValue, DeleteOptionValue, InsertStatusValue');
    const inserted = await organization.send('POST', 'InsertOptionValue', { ...INDUSTRY, Label: label('Cobblers') });
    const Value: number = inserted.body.NewOptionValue;
    expect((await labels())[Value]).toBe('Cobblers');
    await organization.send('POST', 'UpdateOptionValue', {
      ...INDUSTRY,
      Value,
      Label: label('Shoemakers'),
      MergeLabels: true,
    });
    expect((await labels())[Value]).toBe('Shoemakers');
    expect((await organization.send('POST', 'accounts', { name: 'A', industrycode: Value })).status).toBe(204);
    expect((await organization.send('POST', 'DeleteOptionValue', { ...INDUSTRY, Value })).status).toBe(204);
    expect((await organization.send('POST', 'accounts', { name: 'A', industrycode: Value })).body.error.code).toBe(
      '0x8004431a',
    );
  });

  it('of a global option set are shared by its columns', async () => {
    covers('dynamics', '2 Metadata', 'create, change and delete global option sets');
    const set = {
      '@odata.type': 'Microsoft.Dynamics.CRM.OptionSetMetadata',
      Name: 'new_topics',
      Options: [{ Value: 1, Label: label('Jazz') }],
    };
    expect((await organization.send('POST', 'GlobalOptionSetDefinitions', set)).status).toBe(204);
    const column = {
      '@odata.type': 'Microsoft.Dynamics.CRM.MultiSelectPicklistAttributeMetadata',
      SchemaName: 'new_Topics',
      'GlobalOptionSet@odata.bind': "/GlobalOptionSetDefinitions(Name='new_topics')",
    };
    expect((await organization.send('POST', `${CONTACT}/Attributes`, column)).status).toBe(204);
    await organization.send('POST', 'InsertOptionValue', {
      OptionSetName: 'new_topics',
      Value: 2,
      Label: label('Opera'),
    });
    const [contact] = organization.mock.rows('contact');
    const path = `contacts(${String(contact?.contactid)})`;
    await organization.send('PATCH', path, { new_topics: '1,2' });
    const { body } = await organization.get(`${path}?$select=new_topics`, ALL_ANNOTATIONS);
    expect(body['new_topics@OData.Community.Display.V1.FormattedValue']).toBe('Jazz; Opera');
    expect((await organization.send('DELETE', "GlobalOptionSetDefinitions(Name='new_topics')")).body.error.code).toBe(
      '0x8004f01f',
    );
  });

  it('of a status belong to a state', async () => {
    const inserted = await organization.send('POST', 'InsertStatusValue', {
      EntityLogicalName: 'account',
      AttributeLogicalName: 'statuscode',
      StateCode: 1,
      Label: label('Dissolved'),
    });
    const [account] = organization.mock.rows('account');
    const path = `accounts(${String(account?.accountid)})`;
    await organization.send('PATCH', path, { statuscode: inserted.body.NewOptionValue });
    expect((await organization.get(`${path}?$select=statecode`)).body.statecode).toBe(1);
  });
});

describe('RetrieveMetadataChanges', () => {
  const QUERY = {
    Criteria: {
      FilterOperator: 'And',
      Conditions: [
        {
          PropertyName: 'LogicalName',
          ConditionOperator: 'Equals',
          Value: { Type: 'System.String', Value: 'contact' },
        },
      ],
    },
    Properties: { AllProperties: false, PropertyNames: ['Attributes', 'DisplayName'] },
    AttributeQuery: { Properties: { AllProperties: false, PropertyNames: ['AttributeType', 'OptionSet'] } },
    LabelQuery: { FilterLanguages: [1033] },
  };

  function changes(stamp: string | null, filters = 'Default') {
    const value = (text: string) => encodeURIComponent(text);
    return organization.get(
      `RetrieveMetadataChanges(Query=@p1,ClientVersionStamp=@p2,DeletedMetadataFilters=@p3)?@p1=${value(JSON.stringify(QUERY))}&@p2=${stamp === null ? 'null' : value(`'${stamp}'`)}&@p3=Microsoft.Dynamics.CRM.DeletedMetadataFilters'${filters}'`,
    );
  }

  it('gives tables with option sets in their columns, then only what changed', async () => {
    covers('dynamics', '2 Metadata', 'RetrieveMetadataChanges with stamps and deletions');
    const { body } = await changes(null);
    const [contact] = body.EntityMetadata;
    expect(Object.keys(contact).sort()).toEqual([
      'Attributes',
      'DisplayName',
      'HasChanged',
      'LogicalName',
      'MetadataId',
      'SchemaName',
    ]);
    const gender = contact.Attributes.find((it: { LogicalName: string }) => it.LogicalName === 'gendercode');
    expect(gender.OptionSet.Options.map((it: { Value: number }) => it.Value)).toEqual([1, 2]);
    expect(gender.OptionSet.Options[0].Label.LocalizedLabels).toHaveLength(1);
    expect((await changes(body.ServerVersionStamp)).body.EntityMetadata).toEqual([]);
    await organization.send('POST', `${CONTACT}/Attributes`, SHOE_SIZE);
    const later = await changes(body.ServerVersionStamp);
    expect(later.body.EntityMetadata).toMatchObject([
      { LogicalName: 'contact', HasChanged: false, Attributes: [{ LogicalName: 'new_shoesize', HasChanged: true }] },
    ]);
    await organization.send('DELETE', `${CONTACT}/Attributes(LogicalName='new_shoesize')`);
    const last = await changes(later.body.ServerVersionStamp, 'Attribute');
    expect(last.body.DeletedMetadata).toEqual({
      Count: 1,
      Keys: ['Attribute'],
      Values: [[later.body.EntityMetadata[0].Attributes[0].MetadataId]],
    });
  });

  it('refuses a stamp of long ago', async () => {
    const { body } = await changes(null);
    organization.mock.clock.advance(91 * 86_400);
    const expired = await changes(body.ServerVersionStamp);
    expect([expired.status, expired.body.error.code]).toEqual([400, '0x80044352']);
  });
});

describe('labels', () => {
  it('are in two languages, and the user sees those of their personal options', async () => {
    covers(
      'dynamics',
      '2 Metadata',
      'labels in two languages; UserLocalizedLabel and formatted values by usersettings',
    );
    const english = await organization.get(`${CONTACT}?$select=DisplayName`);
    expect(english.body.DisplayName.UserLocalizedLabel).toMatchObject({ Label: 'Contact', LanguageCode: 1033 });
    const { body: me } = await organization.get('WhoAmI');
    const french = { uilanguageid: 1036, localeid: 1036 };
    expect((await organization.send('PATCH', `usersettingscollection(${me.UserId})`, french)).status).toBe(204);
    const { body } = await organization.get(`${CONTACT}/Attributes(LogicalName='firstname')?$select=DisplayName`);
    expect(body.DisplayName.UserLocalizedLabel).toMatchObject({ Label: 'Prénom', LanguageCode: 1036 });
    expect(body.DisplayName.LocalizedLabels.map((it: { Label: string }) => it.Label)).toEqual(['First Name', 'Prénom']);
    const row = await organization.get('accounts?$select=statecode,createdon&$top=1', ALL_ANNOTATIONS);
    expect(row.body.value[0]['statecode@OData.Community.Display.V1.FormattedValue']).toBe('Actif');
    expect(row.body.value[0]['createdon@OData.Community.Display.V1.FormattedValue']).toMatch(
      /^\d\d?\/\d\d\/\d{4} \d\d?:\d\d$/,
    );
  });
});

it('what was defined is in the state file, and gone after a reset', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dynamics-'));
  const options = { contacts: 1, stateFile: join(folder, 'state.json') };
  const isThere = async (it: Organization) =>
    (await it.get(`${CONTACT}/Attributes(LogicalName='new_shoesize')`)).status === 200;
  {
    await using first = await startOrganization(options);
    await first.send('POST', `${CONTACT}/Attributes`, SHOE_SIZE);
  }
  await using second = await startOrganization(options);
  expect(await isThere(second)).toBe(true);
  await organization.send('POST', `${CONTACT}/Attributes`, SHOE_SIZE);
  expect(await isThere(organization)).toBe(true);
  await organization.mock.reset();
  expect(await isThere(organization)).toBe(false);
  await rm(folder, { recursive: true });
});
