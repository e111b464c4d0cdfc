import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runToEnd, startGateway, type TestGateway } from '../support/gateway.js';

/** The steps of the examples, in their order, on one gateway. */
describe('the set-up by the operations of examples/', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway({ contacts: 120 });
  });
  afterAll(() => gateway.close());

  it('saves the external account, here and in Campaign, without showing its credentials', async () => {
    const { createExternalAccount } = await gateway.example('01-create-external-account.graphql');
    expect(createExternalAccount).toEqual({
      outcome: 'CREATED',
      name: 'dynamicsCRM',
      server: gateway.mocks.dynamics.url,
      oauthType: 'CLIENT_SECRET',
      status: 'DRAFT',
    });
    const row = gateway.mocks.campaign.rows('nms:extAccount').find((account) => account.name === 'dynamicsCRM');
    expect(row).toMatchObject({ name: 'dynamicsCRM', label: 'Contoso', server: gateway.mocks.dynamics.url });
    expect(JSON.stringify(row)).not.toContain('mock-secret');
  });

  it('tests the connection to both systems step by step', async () => {
    const { testExternalAccount } = await gateway.example('02-test-external-account.graphql');
    expect(testExternalAccount.ok).toBe(true);
    expect(testExternalAccount.steps.length).toBeGreaterThanOrEqual(6);
    const { externalAccount } = await gateway.ask('{ externalAccount(name: "dynamicsCRM") { status } }');
    expect(externalAccount.status).toBe('CONNECTED');
  });

  it('shows the tables of Dynamics and the schemas of Campaign', async () => {
    const { dynamicsTables, campaignSchema } = await gateway.example('03-look-around.graphql');
    expect(dynamicsTables.nodes).toContainEqual({ logicalName: 'contact', label: 'Contact', changeTracking: true });
    expect(campaignSchema.attributes).toContainEqual({ path: 'location/@city', type: 'string' });
  });

  it('tells with dryRun what mapping would change, and changes nothing', async () => {
    const { mapTables } = await gateway.ask(
      'mutation { mapTables(input: { account: "dynamicsCRM", dryRun: true, tables: [{ table: "lead", columns: ["subject"] }] }) { dryRun changes { kind subject } } }',
    );
    expect(mapTables.dryRun).toBe(true);
    expect(mapTables.changes).toContainEqual({ kind: 'CREATE_SCHEMA', subject: 'cus:crmLead' });
    expect(await gateway.ask('{ tableMappings { table } campaignSchema(name: "cus:crmLead") { name } }')).toEqual({
      tableMappings: [],
      campaignSchema: null,
    });
  });

  it('maps the tables and serves the wider graph without a restart', async () => {
    const before = await gateway.send('{ unified { contacts { nodes { id } } } }');
    expect(before.errors[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
    const { mapTables } = await gateway.example('04-map-tables.graphql');
    expect(mapTables.mappings).toEqual([
      { table: 'account', schema: 'cus:crmAccount', key: '@crmId' },
      { table: 'contact', schema: 'nms:recipient', key: '@crmId' },
    ]);
    const { unified } = await gateway.ask('{ unified { contacts(first: 1) { nodes { syncState } } } }');
    expect(unified.contacts.nodes).toEqual([{ syncState: 'ONLY_IN_DYNAMICS' }]);
    const { externalAccount } = await gateway.ask(
      '{ externalAccount(name: "dynamicsCRM") { status mappings { table } } }',
    );
    expect(externalAccount).toEqual({ status: 'CONFIGURED', mappings: [{ table: 'account' }, { table: 'contact' }] });
  });

  it('copies the options of the mapped choices into itemized lists', async () => {
    const { synchronizeEnumerations } = await gateway.example('05-synchronize-enumerations.graphql');
    const gender = synchronizeEnumerations.enumerations.find(
      ({ column }: { column: string }) => column === 'gendercode',
    );
    expect(gender).toMatchObject({ list: 'Contact_gendercode', unchanged: 0, updated: [], removed: [] });
    expect(gender.added).toEqual([
      { name: '1', label: 'Male' },
      { name: '2', label: 'Female' },
    ]);
    const { campaignEnumerations } = await gateway.ask(
      '{ campaignEnumerations(search: "Contact_gendercode") { name values { label } } }',
    );
    expect(campaignEnumerations).toEqual([
      { name: 'Contact_gendercode', values: [{ label: 'Male' }, { label: 'Female' }] },
    ]);
  });

  it('imports every record of both tables', async () => {
    await gateway.example('06-create-workflows.graphql');
    expect(await runToEnd(gateway, 'importAccounts')).toMatchObject({ status: 'SUCCEEDED', rejected: 0 });
    const contacts = gateway.mocks.dynamics.rows('contact').length;
    expect(await runToEnd(gateway, 'importContacts')).toMatchObject({
      status: 'SUCCEEDED',
      read: contacts,
      created: contacts,
      rejected: 0,
    });
  });

  it('answers for the same people out of both systems', async () => {
    const { unified } = await gateway.example('09-unified-contacts.graphql');
    expect(unified.contacts.nodes).toHaveLength(5);
    for (const contact of unified.contacts.nodes) {
      expect(contact.syncState).toBe('IN_SYNC');
      expect(contact.campaign.email).toBe(contact.dynamics.emailaddress1);
      expect(contact.dynamics.fullname).toContain(contact.campaign.lastName);
    }
  });

  it('writes a contact in both systems, and nothing when that is repeated', async () => {
    const states = async () => {
      const { createContact } = await gateway.example('10-write-contact.graphql');
      return [createContact.dynamics.status, createContact.campaign.status, createContact.record.syncState];
    };
    expect(await states()).toEqual(['CREATED', 'CREATED', 'IN_SYNC']);
    expect(await states()).toEqual(['UNCHANGED', 'UNCHANGED', 'IN_SYNC']);
  });

  it('changes nothing when all of it is sent again, and says so', async () => {
    const account = await gateway.example('01-create-external-account.graphql');
    expect(account.createExternalAccount).toMatchObject({ outcome: 'UNCHANGED', status: 'CONFIGURED' });
    const mapped = await gateway.example('04-map-tables.graphql');
    expect(mapped.mapTables.changes).toEqual([]);
    const lists = await gateway.example('05-synchronize-enumerations.graphql');
    for (const list of lists.synchronizeEnumerations.enumerations) {
      expect(list).toMatchObject({ added: [], updated: [], removed: [] });
    }
    const workflows = await gateway.example('06-create-workflows.graphql');
    expect([workflows.accounts.outcome, workflows.contacts.outcome]).toEqual(['UNCHANGED', 'UNCHANGED']);
    expect(await runToEnd(gateway, 'importContacts')).toMatchObject({ status: 'SUCCEEDED', created: 0, updated: 0 });
  });

  it('is all there after a restart', async () => {
    await gateway.restart();
    const data = await gateway.ask(
      '{ externalAccounts { name status } tableMappings { table } runs(first: 5) { nodes { status } } unified { contacts(first: 1) { nodes { syncState } } } }',
    );
    expect(data.externalAccounts).toEqual([{ name: 'dynamicsCRM', status: 'CONFIGURED' }]);
    expect(data.tableMappings).toEqual([{ table: 'account' }, { table: 'contact' }]);
    expect(data.runs.nodes).toHaveLength(3);
    expect(data.unified.contacts.nodes).toEqual([{ syncState: 'IN_SYNC' }]);
  });
});
