import { DynamicsWebApi } from 'dynamics-web-api';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Organization, startOrganization } from './support.js';

/** A client that others wrote, unmodified: https://github.com/AleksandrRogov/DynamicsWebApi */
let client: DynamicsWebApi;
let organization: Organization;

beforeAll(async () => {
  // The client heeds proxies for every host, its own machine included.
  for (const name of ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY']) delete process.env[name];
  organization = await startOrganization({ contacts: 25 });
  client = new DynamicsWebApi({
    serverUrl: organization.mock.url,
    dataApi: { version: '9.2' },
    onTokenRefresh: async () => 'token',
  });
});

beforeEach(() => organization.mock.reset());

afterAll(() => organization.mock.close());

describe('dynamics-web-api', () => {
  it('asks who it is', async () => {
    expect(await client.callFunction('WhoAmI')).toHaveProperty('OrganizationId');
  });

  it('reads page after page to the end', async () => {
    const first = await client.retrieveMultiple({
      collection: 'contacts',
      select: ['fullname'],
      maxPageSize: 10,
      includeAnnotations: '*',
      count: true,
    });
    expect([first.value.length, first.oDataCount]).toEqual([10, 25]);
    const all = await client.retrieveAll({ collection: 'contacts', select: ['fullname'], orderBy: ['fullname desc'] });
    expect(all.value).toHaveLength(25);
    const pages = await client.retrieveMultiple(
      { collection: 'contacts', select: ['fullname'], maxPageSize: 10 },
      first.oDataNextLink,
    );
    expect(pages.value).toHaveLength(10);
  });

  it('filters and expands', async () => {
    const [account] = organization.mock.rows('account');
    const id = String(
      organization.mock.insert('contact', {
        firstname: "D'Arcy",
        lastname: 'Ünlü',
        parentcustomerid: { table: 'account', id: String(account?.accountid) },
      }).contactid,
    );
    const { value } = await client.retrieveMultiple({
      collection: 'contacts',
      select: ['fullname'],
      filter: "firstname eq 'D''Arcy'",
      expand: [{ property: 'parentcustomerid_account', select: ['name'] }],
    });
    expect(value).toMatchObject([
      { contactid: id, fullname: "D'Arcy Ünlü", parentcustomerid_account: { name: account?.name } },
    ]);
  });

  it('creates, reads, updates, upserts and deletes', async () => {
    const id: string = await client.create({ collection: 'contacts', data: { firstname: 'Zoë', lastname: '髙橋' } });
    expect(await client.retrieve({ collection: 'contacts', key: id, select: ['fullname'] })).toMatchObject({
      fullname: 'Zoë 髙橋',
    });
    expect(await client.update({ collection: 'contacts', key: id, data: { lastname: 'Faÿ' } })).toBe(true);
    expect(organization.mock.row('contact', id)?.fullname).toBe('Zoë Faÿ');
    expect(await client.update({ collection: 'contacts', key: id, data: { lastname: 'X' }, ifmatch: 'W/"1"' })).toBe(
      false,
    );
    await client.upsert({ collection: 'contacts', key: id, data: { lastname: 'Up' } });
    expect(
      await client.upsert({ collection: 'contacts', key: id, data: { lastname: 'No' }, ifnonematch: '*' }),
    ).toBeNull();
    await client.updateSingleProperty({ collection: 'contacts', key: id, fieldValuePair: { jobtitle: 'Owner' } });
    expect(organization.mock.row('contact', id)).toMatchObject({ lastname: 'Up', jobtitle: 'Owner' });
    expect(await client.deleteRecord({ collection: 'contacts', key: id })).toBe(true);
    await expect(client.retrieve({ collection: 'contacts', key: id })).rejects.toMatchObject({
      status: 404,
      code: '0x80040217',
    });
  });

  it('associates and disassociates', async () => {
    const [account] = organization.mock.rows('account');
    const [contact] = organization.mock.rows('contact').filter((row) => row.parentcustomerid === undefined);
    const key = String(account?.accountid);
    const relatedKey = String(contact?.contactid);
    await client.associate({
      collection: 'accounts',
      primaryKey: key,
      relationshipName: 'contact_customer_accounts',
      relatedCollection: 'contacts',
      relatedKey,
    });
    expect(organization.mock.row('contact', relatedKey)?.parentcustomerid).toEqual({ table: 'account', id: key });
    await client.disassociate({
      collection: 'accounts',
      primaryKey: key,
      relationshipName: 'contact_customer_accounts',
      relatedKey,
    });
    expect(organization.mock.row('contact', relatedKey)?.parentcustomerid).toBeUndefined();
  });

  it('counts, with and without a filter', async () => {
    expect(await client.count({ collection: 'contacts' })).toBe(25);
    expect(await client.count({ collection: 'contacts', filter: 'contactid eq null' })).toBe(0);
  });

  it('reads metadata', async () => {
    const { value } = await client.retrieveEntities({
      select: ['LogicalName', 'EntitySetName'],
      filter: "LogicalName eq 'lead'",
    });
    expect(value).toMatchObject([{ LogicalName: 'lead', EntitySetName: 'leads' }]);
    const columns = await client.retrieveAttributes({
      entityKey: "LogicalName='lead'",
      castType: 'Microsoft.Dynamics.CRM.PicklistAttributeMetadata',
      select: ['LogicalName'],
      expand: [{ property: 'OptionSet' }, { property: 'GlobalOptionSet', select: ['Name'] }],
    });
    expect(columns.value.find((column) => column.LogicalName === 'need')).toMatchObject({
      GlobalOptionSet: { Name: 'need' },
    });
    expect(await client.retrieveCsdlMetadata()).toContain('<EntityType Name="lead"');
  });

  it('tracks changes', async () => {
    const first = await client.retrieveMultiple({ collection: 'contacts', select: ['fullname'], trackChanges: true });
    const id: string = await client.create({ collection: 'contacts', data: { lastname: 'New' } });
    const changes = await client.retrieveMultiple({ collection: 'contacts' }, first.oDataDeltaLink);
    expect(changes.value).toMatchObject([{ contactid: id }]);
  });

  it('sends a batch, in which a later operation refers to an earlier one', async () => {
    client.startBatch();
    client.create({ collection: 'accounts', data: { name: 'Batched' }, contentId: '1' });
    client.create({
      collection: 'contacts',
      data: { lastname: 'Batched', 'parentcustomerid_account@odata.bind': '$1' },
    });
    client.retrieveMultiple({ collection: 'accounts', select: ['name'], filter: "name eq 'Batched'" });
    const [accountId, contactId, accounts] = await client.executeBatch();
    expect(accounts.value).toMatchObject([{ name: 'Batched', accountid: accountId }]);
    expect(organization.mock.row('contact', contactId)?.parentcustomerid).toEqual({ table: 'account', id: accountId });
  });

  it('sees a change set that fails taken back whole', async () => {
    client.startBatch();
    client.create({ collection: 'accounts', data: { name: 'Half' } });
    client.create({ collection: 'accounts', data: { name: 'x'.repeat(161) } });
    await expect(client.executeBatch()).rejects.toMatchObject([{ status: 400 }]);
    expect(organization.mock.rows('account').filter((row) => row.name === 'Half')).toEqual([]);
  });
});
