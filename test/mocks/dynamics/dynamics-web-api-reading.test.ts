import { DynamicsWebApi } from 'dynamics-web-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { covers } from '../compatibility.js';
import { type Organization, startOrganization } from './support.js';

/** Each method of a client that others wrote, unmodified, that reads: https://github.com/AleksandrRogov/DynamicsWebApi */
let client: DynamicsWebApi;
let organization: Organization;
const ids = { account: '', contact: '' };

beforeAll(async () => {
  // The client heeds proxies for every host, its own machine included.
  for (const name of ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY']) delete process.env[name];
  organization = await startOrganization({ contacts: 25 });
  const { mock } = organization;
  ids.contact = String(mock.insert('contact', { firstname: 'Ada', lastname: 'Lyon' }).contactid);
  const primarycontactid = { table: 'contact', id: ids.contact };
  ids.account = String(mock.insert('account', { name: "O'Neil / Sons", primarycontactid, revenue: 5 }).accountid);
  client = new DynamicsWebApi({
    serverUrl: mock.url,
    dataApi: { version: '9.2' },
    onTokenRefresh: async () => 'token',
  });
});

afterAll(() => organization.mock.close());

const CONTACTS =
  '<fetch count="10"><entity name="contact"><attribute name="fullname"/><order attribute="fullname"/></entity></fetch>';

describe('rows', () => {
  it('retrieve: columns, expansions, formatted values, a single value', async () => {
    covers('dynamics', '10 Clients', 'dynamics-web-api: retrieve, retrieveMultiple, retrieveAll, count');
    const account = await client.retrieve({
      collection: 'accounts',
      key: ids.account,
      select: ['name', 'statecode', '_primarycontactid_value'],
      expand: [{ property: 'primarycontactid', select: ['fullname'] }],
      includeAnnotations: '*',
    });
    expect(account).toMatchObject({
      statecode_Formatted: 'Active',
      _primarycontactid_value_LogicalName: 'contact',
      _primarycontactid_value_NavigationProperty: 'primarycontactid',
      primarycontactid: { fullname: 'Ada Lyon' },
    });
    const reference = { collection: 'accounts', key: ids.account, navigationProperty: 'primarycontactid' };
    expect(await client.retrieve({ ...reference, select: ['fullname'] })).toMatchObject({ fullname: 'Ada Lyon' });
  });

  it('retrieve: nothing where the ETag still fits', async () => {
    const request = { collection: 'accounts', key: ids.account, select: ['name'] };
    const account = await client.retrieve(request);
    expect(await client.retrieve({ ...request, ifnonematch: account['@odata.etag'] })).toBeFalsy();
  });

  it('retrieveMultiple with $apply', async () => {
    const { value } = await client.retrieveMultiple({
      collection: 'contacts',
      apply: 'groupby((statecode),aggregate($count as n))',
    });
    expect(value.reduce((sum: number, row: { n: number }) => sum + row.n, 0)).toBe(26);
  });

  it('retrieveMultiple by a saved query and a query of a user', async () => {
    const view = organization.mock.rows('savedquery').find((row) => row.name === 'All Contacts');
    // The client sends these two options of any read; its types know them of retrieve alone.
    const savedQuery = { collection: 'contacts', savedQuery: String(view?.savedqueryid) };
    const saved = await client.retrieveMultiple(savedQuery);
    expect(saved.value).toHaveLength(26);
    const query = organization.mock.insert('userquery', {
      name: 'Mine',
      returnedtypecode: 'contact',
      fetchxml: CONTACTS,
    });
    const userQuery = { collection: 'contacts', userQuery: String(query.userqueryid) };
    const own = await client.retrieveMultiple(userQuery);
    expect(own.value).toHaveLength(10);
  });

  it('count with and without a filter', async () => {
    expect(await client.count({ collection: 'contacts' })).toBe(26);
    expect(await client.count({ collection: 'contacts', filter: "lastname eq 'Lyon' and firstname eq 'Ada'" })).toBe(1);
  });
});

describe('FetchXML', () => {
  it('fetch gives a page and how to ask for the next', async () => {
    covers('dynamics', '10 Clients', 'dynamics-web-api: fetch, fetchAll');
    const first = await client.fetch({ collection: 'contacts', fetchXml: CONTACTS, includeAnnotations: '*' });
    expect([first.value.length, first.PagingInfo?.nextPage]).toEqual([10, 2]);
    const second = await client.fetch({
      collection: 'contacts',
      fetchXml: CONTACTS,
      includeAnnotations: '*',
      pageNumber: first.PagingInfo?.nextPage ?? 0,
      pagingCookie: first.PagingInfo?.cookie ?? '',
    });
    const names = [...first.value, ...second.value].map((row: { fullname: string }) => row.fullname.toLowerCase());
    expect(names).toEqual([...names].sort());
    expect(new Set([...first.value, ...second.value].map((row) => row.contactid)).size).toBe(20);
  });

  it('fetchAll reads to the end', async () => {
    const { value } = await client.fetchAll({ collection: 'contacts', fetchXml: CONTACTS, includeAnnotations: '*' });
    expect(new Set(value.map((row: { contactid: string }) => row.contactid)).size).toBe(26);
  });

  it('fetch shows linked columns as objects under their alias', async () => {
    const fetchXml =
      '<fetch><entity name="account"><filter><condition attribute="revenue" operator="eq" value="5"/></filter><link-entity name="contact" from="contactid" to="primarycontactid" alias="c"><attribute name="fullname"/></link-entity></entity></fetch>';
    const { value } = await client.fetch({ collection: 'accounts', fetchXml });
    expect(value[0]).toMatchObject({ c_x002e_fullname: 'Ada Lyon' });
  });
});

describe('metadata', () => {
  const account = "LogicalName='account'";

  it('retrieveEntity and retrieveEntities', async () => {
    covers('dynamics', '10 Clients', 'dynamics-web-api: methods that read and write metadata');
    const entity = await client.retrieveEntity({
      key: account,
      select: ['EntitySetName'],
      expand: [{ property: 'Attributes', select: ['LogicalName'] }],
    });
    expect(entity.EntitySetName).toBe('accounts');
    expect(entity.Attributes?.length).toBeGreaterThan(50);
    const { value } = await client.retrieveEntities({ select: ['LogicalName'], filter: "EntitySetName eq 'leads'" });
    expect(value.map((it: { LogicalName?: string }) => it.LogicalName)).toEqual(['lead']);
  });

  it('retrieveAttributes and retrieveAttribute', async () => {
    const { value } = await client.retrieveAttributes({
      entityKey: account,
      castType: 'Microsoft.Dynamics.CRM.PicklistAttributeMetadata',
      select: ['LogicalName'],
      expand: [{ property: 'OptionSet' }, { property: 'GlobalOptionSet', select: ['Name'] }],
    });
    expect(value.map((it: { LogicalName?: string }) => it.LogicalName)).toContain('industrycode');
    const column = await client.retrieveAttribute({ entityKey: account, attributeKey: "LogicalName='name'" });
    expect(column).toMatchObject({ LogicalName: 'name', MaxLength: 160 });
  });

  it('retrieveRelationships and retrieveRelationship', async () => {
    const castType = 'Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata';
    const { value } = await client.retrieveRelationships({
      castType,
      select: ['SchemaName'],
      filter: "ReferencedEntity eq 'account' and ReferencingEntity eq 'contact'",
    });
    expect(value.map((it: { SchemaName?: string }) => it.SchemaName)).toContain('contact_customer_accounts');
    const one = await client.retrieveRelationship({ key: "SchemaName='account_primary_contact'", castType });
    expect(one).toMatchObject({ ReferencingAttribute: 'primarycontactid' });
  });

  it('retrieveGlobalOptionSets, retrieveGlobalOptionSet and retrieveCsdlMetadata', async () => {
    const sets = await client.retrieveGlobalOptionSets({ select: ['Name'] });
    expect(sets.value.map((it: { Name?: string }) => it.Name)).toContain('budgetstatus');
    const castType = 'Microsoft.Dynamics.CRM.OptionSetMetadata';
    const set = await client.retrieveGlobalOptionSet({ key: "Name='need'", castType });
    expect(set).toMatchObject({ Name: 'need', OptionSetType: 'Picklist' });
    expect(await client.retrieveCsdlMetadata({ addAnnotations: true })).toContain('<edmx:Edmx Version="4.0"');
  });

  it('createEntity, createAttribute, updateAttribute, updateEntity', async () => {
    const label = (text: string) => ({ LocalizedLabels: [{ Label: text, LanguageCode: 1033 }] });
    const name = {
      '@odata.type': 'Microsoft.Dynamics.CRM.StringAttributeMetadata',
      SchemaName: 'new_Name',
      IsPrimaryName: true,
      MaxLength: 50,
      DisplayName: label('Name'),
    };
    const table = {
      SchemaName: 'new_Shoe',
      DisplayName: label('Shoe'),
      DisplayCollectionName: label('Shoes'),
      Attributes: [name],
    };
    const tableId = await client.createEntity({ data: table });
    const color = { ...name, SchemaName: 'new_Color', IsPrimaryName: false };
    const columnId = await client.createAttribute({ entityKey: tableId, data: color });
    const changed = { ...color, MetadataId: columnId, DisplayName: label('Colour') };
    await client.updateAttribute({ entityKey: tableId, data: changed });
    await client.updateEntity({ data: { ...table, MetadataId: tableId, DisplayName: label('Footwear') } });
    const entity = await client.retrieveEntity({ key: tableId, select: ['DisplayName'] });
    expect(entity.DisplayName?.UserLocalizedLabel?.Label).toBe('Footwear');
    const column = await client.retrieveAttribute({ entityKey: tableId, attributeKey: columnId });
    expect(column.DisplayName?.UserLocalizedLabel?.Label).toBe('Colour');
  });
});

it('callFunction with parameters', async () => {
  covers('dynamics', '10 Clients', 'dynamics-web-api: callFunction');
  const count = await client.callFunction({
    name: 'RetrieveTotalRecordCount',
    parameters: { EntityNames: ['account'] },
  });
  expect(count).toHaveProperty('EntityRecordCountCollection');
});

it('an address too long for a GET goes as a batch by itself', async () => {
  const filter = Array.from({ length: 80 }, (_, at) => `lastname eq 'Nobody number ${at}'`).join(' or ');
  organization.mock.clearRequests();
  const { value } = await client.retrieveMultiple({ collection: 'contacts', select: ['fullname'], filter });
  expect(value).toEqual([]);
  expect(organization.mock.requests().map((it) => it.path)).toEqual(['/api/data/v9.2/$batch']);
});
