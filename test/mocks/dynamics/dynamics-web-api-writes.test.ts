import { DynamicsWebApi } from 'dynamics-web-api';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { covers } from '../compatibility.js';
import { type Organization, startOrganization } from './support.js';

/** A client that others wrote, unmodified: https://github.com/AleksandrRogov/DynamicsWebApi */
let client: DynamicsWebApi;
let organization: Organization;
const MISSING = '00000000-0000-0000-0000-000000000001';

beforeAll(async () => {
  // The client heeds proxies for every host, its own machine included.
  for (const name of ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY']) delete process.env[name];
  organization = await startOrganization({ contacts: 4, tables: 'test/mocks/dynamics/fixtures/custom-tables.json' });
  client = new DynamicsWebApi({
    serverUrl: organization.mock.url,
    dataApi: { version: '9.2' },
    onTokenRefresh: async () => 'token',
  });
});

beforeEach(() => organization.mock.reset());

afterAll(() => organization.mock.close());

const newAccount = (name: string): Promise<string> => client.create({ collection: 'accounts', data: { name } });

describe('dynamics-web-api writes', () => {
  it('rows and sees them as they were stored', async () => {
    covers('dynamics', '4 Writes', 'Create with return=representation');
    covers('dynamics', '10 Clients', 'dynamics-web-api: create, update, upsert, deleteRecord, associate, callAction');
    const [contact] = organization.mock.rows('contact');
    const account = await client.create({
      collection: 'accounts',
      data: {
        name: 'Bound',
        'primarycontactid@odata.bind': `contacts(${String(contact?.contactid)})`,
        contact_customer_accounts: [{ lastname: 'Child' }],
      },
      select: ['name', '_primarycontactid_value'],
      returnRepresentation: true,
    });
    expect(account).toMatchObject({ name: 'Bound', _primarycontactid_value: contact?.contactid });
    expect(organization.mock.rows('contact').some((row) => row.lastname === 'Child')).toBe(true);
  });

  it('updates under conditions', async () => {
    covers('dynamics', '4 Writes', 'Update with If-Match: *, and with an ETag');
    const key = await newAccount('One');
    const read = await client.retrieve({ collection: 'accounts', key, select: ['name'] });
    const etag = String(read['@odata.etag']);
    expect(await client.update({ collection: 'accounts', key, data: { name: 'Two' }, ifmatch: etag })).toBe(true);
    expect(await client.update({ collection: 'accounts', key, data: { name: 'Three' }, ifmatch: etag })).toBe(false);
    const updated = await client.update({
      collection: 'accounts',
      key,
      data: { name: 'Four' },
      select: ['name'],
      returnRepresentation: true,
    });
    expect(updated.name).toBe('Four');
    await expect(client.update({ collection: 'accounts', key: MISSING, data: { name: 'X' } })).rejects.toMatchObject({
      status: 404,
    });
  });

  it('upserts by every combination of conditions', async () => {
    covers('dynamics', '4 Writes', 'Upsert with If-Match and If-None-Match');
    const data = { name: 'Upserted' };
    expect(await client.upsert({ collection: 'accounts', key: MISSING, data, ifmatch: '*' })).toBeNull();
    expect(await client.upsert({ collection: 'accounts', key: MISSING, data, ifnonematch: '*' })).toBe(MISSING);
    expect(await client.upsert({ collection: 'accounts', key: MISSING, data, ifnonematch: '*' })).toBeNull();
    expect(await client.upsert({ collection: 'accounts', key: MISSING, data: { name: 'Again' }, ifmatch: '*' })).toBe(
      MISSING,
    );
    expect(await client.upsert({ collection: 'accounts', key: MISSING, data })).toBe(MISSING);
    expect(organization.mock.row('account', MISSING)?.name).toBe('Upserted');
  });

  it('upserts by an alternate key, which fills the new row and is not written again', async () => {
    covers('dynamics', '4 Writes', 'Upsert by alternate key');
    const request = { collection: 'cr1_projects', key: "cr1_code='P1'" };
    await client.upsert({ ...request, data: { cr1_name: 'One' } });
    await client.upsert({ ...request, data: { cr1_name: 'Two', cr1_code: 'P2' } });
    expect(organization.mock.rows('cr1_project')).toMatchObject([{ cr1_code: 'P1', cr1_name: 'Two' }]);
    await expect(
      client.update({ collection: 'cr1_projects', key: "cr1_code='P9'", data: { cr1_name: 'X' } }),
    ).rejects.toMatchObject({
      status: 404,
      code: '0x80060891',
    });
  });

  it('writes and empties single properties, and deletes under conditions', async () => {
    covers('dynamics', '4 Writes', 'Single properties: PUT and DELETE');
    const key = await newAccount('One');
    await client.updateSingleProperty({ collection: 'accounts', key, fieldValuePair: { telephone1: '555' } });
    await client.deleteRecord({ collection: 'accounts', key, fieldName: 'name' });
    const row = organization.mock.row('account', key);
    expect([row?.telephone1, row?.name]).toEqual(['555', undefined]);
    expect(await client.deleteRecord({ collection: 'accounts', key, ifmatch: 'W/"1"' })).toBe(false);
    expect(await client.deleteRecord({ collection: 'accounts', key })).toBe(true);
  });

  it('sets and clears lookups', async () => {
    covers('dynamics', '4 Writes', 'Associate and disassociate, collections and lookups');
    const [contact] = organization.mock.rows('contact');
    const primaryKey = await newAccount('One');
    const single = { collection: 'accounts', primaryKey, navigationProperty: 'primarycontactid' };
    await client.associateSingleValued({
      ...single,
      relatedCollection: 'contacts',
      relatedKey: String(contact?.contactid),
    });
    expect(organization.mock.row('account', primaryKey)?.primarycontactid).toMatchObject({ id: contact?.contactid });
    await client.disassociateSingleValued(single);
    expect(organization.mock.row('account', primaryKey)?.primarycontactid).toBeUndefined();
  });

  it('calls actions and functions, bound and unbound', async () => {
    covers('dynamics', '4 Writes', 'CreateMultiple, UpdateMultiple, UpsertMultiple');
    const type = 'Microsoft.Dynamics.CRM.contact';
    const { Ids } = await client.callAction<{ Ids: string[] }>({
      collection: 'contacts',
      actionName: 'Microsoft.Dynamics.CRM.CreateMultiple',
      action: {
        Targets: [
          { '@odata.type': type, lastname: 'A' },
          { '@odata.type': type, lastname: 'B' },
        ],
      },
    });
    expect(Ids.map((id) => organization.mock.row('contact', id)?.lastname)).toEqual(['A', 'B']);
    const id = String(organization.mock.insert('opportunity', { name: 'Deal' }).opportunityid);
    await client.callAction({
      actionName: 'WinOpportunity',
      action: { Status: 3, OpportunityClose: { subject: 'Won', 'opportunityid@odata.bind': `opportunities(${id})` } },
    });
    expect(organization.mock.row('opportunity', id)?.statecode).toBe(1);
    const counted = await client.callFunction({
      name: 'RetrieveTotalRecordCount',
      parameters: { EntityNames: ['opportunity'] },
    });
    expect(counted).toMatchObject({ EntityRecordCountCollection: { Keys: ['opportunity'] } });
  });

  it('is told of duplicates where it asks', async () => {
    const data = { lastname: 'One', emailaddress1: 'one@example.com' };
    await client.create({ collection: 'contacts', data });
    await expect(client.create({ collection: 'contacts', data, duplicateDetection: true })).rejects.toMatchObject({
      code: '0x80040333',
    });
  });
});

describe('dynamics-web-api in a batch', () => {
  it('writes, updates and deletes in one change set, and reads after it', async () => {
    covers('dynamics', '10 Clients', 'dynamics-web-api: batches, change sets, continueOnError');
    const key = await newAccount('Old');
    client.startBatch();
    client.create({ collection: 'contacts', data: { lastname: 'First' }, contentId: '1' });
    client.create({ collection: 'accounts', data: { name: 'Second', 'primarycontactid@odata.bind': '$1' } });
    client.update({ collection: 'accounts', key, data: { name: 'New' } });
    client.deleteRecord({ collection: 'contacts', key: String(organization.mock.rows('contact')[0]?.contactid) });
    client.count({ collection: 'contacts' });
    const [contact, account, updated, deleted, count] = await client.executeBatch();
    expect([updated, deleted, count]).toEqual([true, true, 4]);
    expect(organization.mock.row('account', account)?.primarycontactid).toMatchObject({ id: contact });
    expect(organization.mock.row('account', key)?.name).toBe('New');
  });

  it('sends operations loose, and goes on after one that fails', async () => {
    covers('dynamics', '10 Clients', 'dynamics-web-api: batches, change sets, continueOnError');
    client.startBatch();
    client.create({ collection: 'accounts', data: { name: 'x'.repeat(161) } });
    client.create({ collection: 'accounts', data: { name: 'Fine' } });
    const [failed, made] = await client.executeBatch({ inChangeSet: false, continueOnError: true });
    expect(failed).toMatchObject({ status: 400, error: { code: '0x80044331' } });
    expect(organization.mock.row('account', made)?.name).toBe('Fine');
  });

  it('sends what is too long for an address', async () => {
    const filter = Array.from({ length: 120 }, (_, at) => `lastname eq 'Name ${at}'`).join(' or ');
    const { value } = await client.retrieveMultiple({ collection: 'contacts', select: ['lastname'], filter });
    expect(value).toEqual([]);
    expect(organization.mock.requests().at(-1)?.path).toBe('/api/data/v9.2/$batch');
  });
});
