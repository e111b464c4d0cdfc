import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { covers } from '../compatibility.js';
import { type Organization, startOrganization } from './support.js';

let organization: Organization;

beforeAll(async () => {
  organization = await startOrganization({ contacts: 0, tables: 'test/mocks/dynamics/fixtures/custom-tables.json' });
});

afterAll(() => organization.mock.close());

const ACCOUNT = "EntityDefinitions(LogicalName='account')";

describe('EntityDefinitions', () => {
  it('tells the entity sets, with irregular plurals', async () => {
    covers('dynamics', '2 Metadata', 'EntityDefinitions: $select, $filter, $expand, keys');
    const { body } = await organization.get('EntityDefinitions?$select=LogicalName,EntitySetName');
    const sets = new Map(body.value.map((table: Record<string, string>) => [table.LogicalName, table.EntitySetName]));
    expect(
      Object.fromEntries(
        ['account', 'opportunity', 'territory', 'transactioncurrency', 'fax', 'accountleads'].map((name) => [
          name,
          sets.get(name),
        ]),
      ),
    ).toEqual({
      account: 'accounts',
      opportunity: 'opportunities',
      territory: 'territories',
      transactioncurrency: 'transactioncurrencies',
      fax: 'faxes',
      accountleads: 'accountleadscollection',
    });
  });

  it('gives one table with what is selected and its id', async () => {
    const { body } = await organization.get(
      `${ACCOUNT}?$select=LogicalName,ObjectTypeCode,PrimaryNameAttribute,ChangeTrackingEnabled,DisplayName,IsCustomizable`,
    );
    expect(body).toEqual({
      '@odata.context': `${organization.api}$metadata#EntityDefinitions('account')(LogicalName,ObjectTypeCode,PrimaryNameAttribute,ChangeTrackingEnabled,DisplayName,IsCustomizable)/$entity`,
      LogicalName: 'account',
      ObjectTypeCode: 1,
      PrimaryNameAttribute: 'name',
      ChangeTrackingEnabled: true,
      DisplayName: {
        LocalizedLabels: [
          expect.objectContaining({ Label: 'Account', LanguageCode: 1033, IsManaged: true, HasChanged: null }),
          expect.objectContaining({ Label: 'Compte', LanguageCode: 1036 }),
        ],
        UserLocalizedLabel: expect.objectContaining({ Label: 'Account' }),
      },
      IsCustomizable: { Value: true, CanBeChanged: true, ManagedPropertyLogicalName: 'iscustomizable' },
      MetadataId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect((await organization.get(`EntityDefinitions(${body.MetadataId})?$select=LogicalName`)).body.LogicalName).toBe(
      'account',
    );
  });

  it.each([
    ["LogicalName eq 'account' or LogicalName eq 'contact'", ['account', 'contact']],
    [
      "OwnershipType eq Microsoft.Dynamics.CRM.OwnershipTypes'None' and IsIntersect eq false",
      ['activityparty', 'customeraddress', 'owner', 'privilege', 'roletemplate'],
    ],
    [
      "IsCustomEntity eq true and IsCustomizable/Value eq true and LogicalName ne 'x' and ChangeTrackingEnabled eq false",
      ['cr1_project'],
    ],
  ])('is filtered by %s', async (filter, expected) => {
    const { body } = await organization.get(
      `EntityDefinitions?$select=LogicalName&$filter=${encodeURIComponent(filter)}`,
    );
    expect(body.value.map((table: { LogicalName: string }) => table.LogicalName).sort()).toEqual(expected);
  });

  it('knows no text functions', async () => {
    covers('dynamics', '2 Metadata', '501 for text functions on metadata');
    const { status, body } = await organization.get("EntityDefinitions?$filter=startswith(LogicalName,'a')");
    expect([status, body]).toEqual([
      501,
      { error: { code: '0x8006088a', message: 'The "startswith" function isn\'t supported for Metadata Entities' } },
    ]);
  });

  it('expands columns, selected and filtered, each with its type', async () => {
    covers('dynamics', '2 Metadata', 'Attributes: casts, derived properties, helper columns');
    const expand =
      "Attributes($select=LogicalName;$filter=AttributeType eq Microsoft.Dynamics.CRM.AttributeTypeCode'Picklist')";
    const { body } = await organization.get(
      `EntityDefinitions(LogicalName='cr1_project')?$select=LogicalName&$expand=${encodeURIComponent(expand)},Keys`,
    );
    expect(body.Attributes).toEqual([]);
    expect(body.Keys).toMatchObject([
      { SchemaName: 'cr1_CodeKey', KeyAttributes: ['cr1_code'], EntityKeyIndexStatus: 'Active' },
      { SchemaName: 'cr1_NameKey', EntityKeyIndexStatus: 'Pending' },
    ]);
    const account = await organization.get(`${ACCOUNT}?$select=LogicalName&$expand=${encodeURIComponent(expand)}`);
    expect(account.body.Attributes).toContainEqual({
      '@odata.type': '#Microsoft.Dynamics.CRM.PicklistAttributeMetadata',
      LogicalName: 'industrycode',
      MetadataId: expect.any(String),
    });
  });

  it.each([
    "EntityDefinitions(LogicalName='nothing')",
    `${ACCOUNT}/Attributes(LogicalName='nothing')`,
    `${ACCOUNT}/Nothing`,
  ])('%s is not found', async (path) => {
    expect((await organization.get(path)).status).toBe(404);
  });
});

describe('Attributes', () => {
  it('tell their type, and what only their type has, unless something is selected', async () => {
    const { body } = await organization.get(`${ACCOUNT}/Attributes`);
    const find = (name: string) => body.value.find((column: { LogicalName: string }) => column.LogicalName === name);
    expect(find('name')).toMatchObject({
      '@odata.type': '#Microsoft.Dynamics.CRM.StringAttributeMetadata',
      MaxLength: 160,
      IsPrimaryName: true,
      RequiredLevel: { Value: 'ApplicationRequired' },
      AttributeTypeName: { Value: 'StringType' },
    });
    expect(find('ownerid')).toMatchObject({ AttributeType: 'Owner', Targets: ['systemuser', 'team'] });
    expect(find('revenue_base')).toMatchObject({
      AttributeType: 'Money',
      CalculationOf: 'revenue',
      IsValidForUpdate: false,
    });
    expect(find('entityimage')).toMatchObject({ AttributeType: 'Virtual', AttributeTypeName: { Value: 'ImageType' } });
    expect((await organization.get(`${ACCOUNT}/Attributes?$select=MaxLength`)).status).toBe(400);
  });

  it('hold helper columns, which are no properties of rows', async () => {
    const { body } = await organization.get(
      `${ACCOUNT}/Attributes(LogicalName='statuscodename')?$select=AttributeOf,AttributeType,IsValidODataAttribute`,
    );
    expect(body).toMatchObject({ AttributeOf: 'statuscode', AttributeType: 'Virtual', IsValidODataAttribute: false });
  });

  it.each([
    ['contact', 'DateTime', 'birthdate', { DateTimeBehavior: { Value: 'DateOnly' }, Format: 'DateOnly' }],
    ['contact', 'Lookup', 'parentcustomerid', { AttributeType: 'Customer', Targets: ['account', 'contact'] }],
    ['account', 'Integer', 'numberofemployees', { MinValue: 0, MaxValue: 1_000_000_000 }],
    ['account', 'Double', 'address1_latitude', { MinValue: -90, MaxValue: 90, Precision: 5 }],
    ['account', 'Memo', 'description', { MaxLength: 2000 }],
    ['account', 'String', 'emailaddress1', { FormatName: { Value: 'Email' } }],
  ])('of %s are cast to %s', async (table, type, column, expected) => {
    covers('dynamics', '2 Metadata', 'Attributes: casts, derived properties, helper columns');
    const { body } = await organization.get(
      `EntityDefinitions(LogicalName='${table}')/Attributes/Microsoft.Dynamics.CRM.${type}AttributeMetadata`,
    );
    expect(body.value.find((it: { LogicalName: string }) => it.LogicalName === column)).toMatchObject(expected);
    expect(body.value.every((it: object) => !('@odata.type' in it))).toBe(true);
  });

  it('cannot be cast to an abstract type', async () => {
    expect((await organization.get(`${ACCOUNT}/Attributes/Microsoft.Dynamics.CRM.EnumAttributeMetadata`)).status).toBe(
      400,
    );
  });
});

describe('option sets', () => {
  const optionSetOf = async (table: string, type: string, column: string) => {
    const path = `EntityDefinitions(LogicalName='${table}')/Attributes/Microsoft.Dynamics.CRM.${type}AttributeMetadata?$select=LogicalName&$expand=OptionSet,GlobalOptionSet($select=Name)`;
    const { body } = await organization.get(path);
    return body.value.find((it: { LogicalName: string }) => it.LogicalName === column);
  };

  it('are local, named after table and column', async () => {
    covers('dynamics', '2 Metadata', 'option sets: local, state, status, boolean, multi-select');
    const column = await optionSetOf('account', 'Picklist', 'industrycode');
    expect(column.OptionSet).toMatchObject({
      Name: 'account_industrycode',
      IsGlobal: false,
      OptionSetType: 'Picklist',
    });
    expect(column.OptionSet.Options[0]).toMatchObject({
      Value: 1,
      Label: { UserLocalizedLabel: { Label: 'Accounting' } },
    });
    expect(column.GlobalOptionSet).toBeNull();
  });

  it('are global where several tables share them', async () => {
    covers('dynamics', '2 Metadata', 'GlobalOptionSetDefinitions');
    const column = await optionSetOf('opportunity', 'Picklist', 'budgetstatus');
    expect(column.OptionSet).toMatchObject({ Name: 'budgetstatus', IsGlobal: true });
    expect(column.GlobalOptionSet).toEqual({ Name: 'budgetstatus', MetadataId: column.OptionSet.MetadataId });
    const { body } = await organization.get(
      "GlobalOptionSetDefinitions(Name='budgetstatus')/Microsoft.Dynamics.CRM.OptionSetMetadata",
    );
    expect(body.Options.map((option: { Value: number }) => option.Value)).toEqual([0, 1, 2, 3]);
    expect((await organization.get("GlobalOptionSetDefinitions?$filter=Name eq 'need'")).status).toBe(400);
  });

  it('tell which status belongs to which state', async () => {
    const state = await optionSetOf('lead', 'State', 'statecode');
    expect(
      state.OptionSet.Options.map((it: Record<string, unknown>) => [it.Value, it.DefaultStatus, it.InvariantName]),
    ).toEqual([
      [0, 1, 'Open'],
      [1, 3, 'Qualified'],
      [2, 4, 'Disqualified'],
    ]);
    const status = await optionSetOf('lead', 'Status', 'statuscode');
    expect(status.OptionSet.Options.map((it: Record<string, unknown>) => it.State)).toEqual([0, 0, 1, 2, 2, 2, 2]);
  });

  it('of two options name each', async () => {
    const column = await optionSetOf('contact', 'Boolean', 'donotbulkemail');
    expect(column.OptionSet).toMatchObject({
      OptionSetType: 'Boolean',
      TrueOption: { Value: 1, Label: { UserLocalizedLabel: { Label: 'Do Not Allow' } } },
      FalseOption: { Value: 0 },
    });
  });

  it('of several choices are found under a virtual column, with labels in each language', async () => {
    const column = await optionSetOf('cr1_project', 'MultiSelectPicklist', 'cr1_topics');
    expect(column.OptionSet.Options[0].Label.LocalizedLabels).toMatchObject([
      { LanguageCode: 1033, Label: 'Bread' },
      { LanguageCode: 1031, Label: 'Brot' },
    ]);
  });
});

describe('relationships', () => {
  it('name both navigation properties', async () => {
    const { body } = await organization.get(
      `EntityDefinitions(LogicalName='contact')/ManyToOneRelationships?$filter=${encodeURIComponent("ReferencingAttribute eq 'parentcustomerid'")}`,
    );
    expect(
      body.value.map((it: Record<string, string>) => [
        it.SchemaName,
        it.ReferencedEntity,
        it.ReferencingEntityNavigationPropertyName,
        it.ReferencedEntityNavigationPropertyName,
      ]),
    ).toEqual([
      ['contact_customer_accounts', 'account', 'parentcustomerid_account', 'contact_customer_accounts'],
      ['contact_customer_contacts', 'contact', 'parentcustomerid_contact', 'contact_customer_contacts'],
    ]);
    expect(body.value[0].CascadeConfiguration.Delete).toBe('Cascade');
  });

  it('are listed with their type, and cast', async () => {
    covers('dynamics', '2 Metadata', 'RelationshipDefinitions and the relationships of a table');
    const all = await organization.get('RelationshipDefinitions?$select=SchemaName');
    expect(all.body.value).toContainEqual({
      '@odata.type': '#Microsoft.Dynamics.CRM.ManyToManyRelationshipMetadata',
      SchemaName: 'listcontact_association',
      MetadataId: expect.any(String),
    });
    const { body } = await organization.get(
      "RelationshipDefinitions/Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata?$select=SchemaName&$filter=ReferencedEntity eq 'list'",
    );
    expect(body.value.map((it: Record<string, string>) => it.SchemaName)).toContain('list_listmembers');
    const one = await organization.get(
      "RelationshipDefinitions(SchemaName='account_primary_contact')/Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata",
    );
    expect(one.body).toMatchObject({
      ReferencingAttribute: 'primarycontactid',
      RelationshipType: 'OneToManyRelationship',
    });
  });

  it('of many to many name the intersect table', async () => {
    covers('dynamics', '2 Metadata', 'RelationshipDefinitions and the relationships of a table');
    const { body } = await organization.get("EntityDefinitions(LogicalName='list')/ManyToManyRelationships");
    expect(body.value).toContainEqual(
      expect.objectContaining({
        SchemaName: 'listcontact_association',
        IntersectEntityName: 'listmember',
        Entity1LogicalName: 'list',
        Entity2LogicalName: 'contact',
        Entity2NavigationPropertyName: 'listcontact_association',
      }),
    );
  });

  it('have no name twice on one table', async () => {
    const { body } = await organization.get(
      'EntityDefinitions?$select=LogicalName&$expand=OneToManyRelationships($select=ReferencedEntityNavigationPropertyName),ManyToManyRelationships($select=SchemaName)',
    );
    const repeated = body.value.flatMap(
      (table: {
        LogicalName: string;
        OneToManyRelationships: { ReferencedEntityNavigationPropertyName: string }[];
        ManyToManyRelationships: { SchemaName: string }[];
      }) => {
        const names = [
          ...table.OneToManyRelationships.map((it) => it.ReferencedEntityNavigationPropertyName),
          ...table.ManyToManyRelationships.map((it) => it.SchemaName),
        ];
        return names.filter((name, at) => names.indexOf(name) !== at).map((name) => `${table.LogicalName}.${name}`);
      },
    );
    expect(repeated).toEqual([]);
  });
});

describe('documents', () => {
  it('the service document lists every entity set', async () => {
    covers('dynamics', '1 Service', 'service document');
    for (const path of ['', organization.api.slice(0, -1)]) {
      const { body } = await organization.get(path);
      expect(body['@odata.context']).toBe(`${organization.api}$metadata`);
      expect(body.value).toContainEqual({ name: 'opportunities', kind: 'EntitySet', url: 'opportunities' });
    }
  });

  it('$metadata describes tables, lookups and collections', async () => {
    covers('dynamics', '1 Service', '$metadata: CSDL that agrees with EntityDefinitions');
    const { text, headers } = await organization.get('$metadata');
    expect(headers.get('content-type')).toContain('application/xml');
    expect(text).toContain('<Property Name="birthdate" Type="Edm.Date"/>');
    expect(text).toContain(
      '<NavigationProperty Name="primarycontactid" Type="mscrm.contact" Nullable="false" Partner="account_primary_contact">',
    );
    expect(text).toContain(
      '<NavigationProperty Name="contact_customer_accounts" Type="Collection(mscrm.contact)" Partner="parentcustomerid_account"/>',
    );
    expect(text).toContain('<EntityType Name="systemuser" BaseType="mscrm.principal">');
    expect(text).not.toContain('Org.OData.Core.V1.Computed');
    expect((await organization.get('$metadata?annotations=true')).text).toContain('Org.OData.Core.V1.Computed');
  });
});
