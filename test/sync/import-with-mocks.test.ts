import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CampaignMock, createCampaignMock } from '../../mocks/campaign/server.js';
import { createDynamicsMock, type DynamicsMock } from '../../mocks/dynamics/server.js';
import { createEntraMock, type EntraMock } from '../../mocks/entra/server.js';
import type { CampaignConnector } from '../../src/connectors/campaign/campaign-connector.js';
import { createCampaignConnector } from '../../src/connectors/campaign/create-campaign-connector.js';
import { createDynamicsConnector } from '../../src/connectors/dynamics/create-dynamics-connector.js';
import type { DynamicsConnector } from '../../src/connectors/dynamics/dynamics-connector.js';
import { planMapping } from '../../src/mapping/plan-mapping.js';
import type { AccountConnection } from '../../src/model/account.js';
import type { Run } from '../../src/model/workflow.js';
import { runWorkflow } from '../../src/sync/run-workflow.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { aWorkflow } from './fakes.js';

const CONTACTS = 60;

describe('an import of every column of contact onto the stock recipient', () => {
  let entra: EntraMock;
  let dynamicsMock: DynamicsMock;
  let campaignMock: CampaignMock;
  let dynamics: DynamicsConnector;
  let campaign: CampaignConnector;
  let opened: TestDatabase;

  beforeAll(async () => {
    entra = await createEntraMock();
    dynamicsMock = await createDynamicsMock({ contacts: CONTACTS, authority: entra.url });
    campaignMock = await createCampaignMock();
    dynamics = createDynamicsConnector({ account: connectionTo(dynamicsMock.url), authority: entra.url });
    campaign = createCampaignConnector({ url: campaignMock.url, user: 'admin', password: 'admin' });
    opened = await openTestDatabase();
    await setUp();
  });

  afterAll(async () => {
    for (const part of [dynamics, campaign, dynamicsMock, campaignMock, entra, opened]) await part?.close();
  });

  it('creates each contact once, then writes only what changed', async () => {
    const first = await importOnce();
    expect(first).toMatchObject({
      status: 'SUCCEEDED',
      error: null,
      counts: { read: CONTACTS, created: CONTACTS, rejected: 0 },
    });
    const everything = { ...aWorkflow({ batchSize: 25, automaticIndex: false }) };
    await opened.database.storage.workflows.save(everything);
    expect((await importOnce()).counts).toMatchObject({ read: CONTACTS, created: 0, updated: 0, unchanged: CONTACTS });
    const [contact] = dynamicsMock.rows('contact');
    dynamicsMock.update('contact', String(contact?.contactid), { firstname: 'Ségolène' });
    expect((await importOnce()).counts).toMatchObject({ created: 0, updated: 1, unchanged: CONTACTS - 1 });
    const names = campaignMock.rows('nms:recipient').map((row) => row.firstName);
    expect(names).toContain('Ségolène');
  });

  async function setUp(): Promise<void> {
    const { storage } = opened.database;
    const account = connectionTo(dynamicsMock.url);
    await storage.accounts.save({ ...account, label: 'Dynamics' }, account.credentials);
    const tables = [await describeContact()];
    const plan = planMapping({
      account: account.name,
      selections: [{ table: 'contact', target: { schema: 'nms:recipient' } }],
      tables,
      existing: [],
      schemas: await campaign.introspect(['nms:recipient']),
      sourceSchemas: new Map(),
    });
    for (const { document } of plan.documents) if (document) await campaign.writeSourceSchema(document);
    await campaign.reconnect();
    const schemas = await campaign.introspect(['nms:recipient']);
    await storage.mappings.replace(account.name, { mappings: plan.mappings, tables, schemas });
    await storage.workflows.save(aWorkflow({ batchSize: 25 }));
  }

  async function describeContact() {
    const [contact] = await dynamics.introspect(['contact']);
    if (!contact) throw new Error('The mock organization has no contacts.');
    return contact;
  }

  async function importOnce(): Promise<Run> {
    const { storage } = opened.database;
    const { run } = await storage.runs.queue('contacts');
    const workflow = await storage.workflows.find('contacts');
    if (!workflow) throw new Error('The workflow was not saved.');
    return runWorkflow({ storage, dynamics, campaign }, run, workflow, new AbortController().signal);
  }
});

function connectionTo(server: string): AccountConnection {
  return {
    name: 'dynamicsCRM',
    server,
    tenantId: '11111111-1111-1111-1111-111111111111',
    clientId: '22222222-2222-2222-2222-222222222222',
    credentials: { oauthType: 'CLIENT_SECRET', clientSecret: 'mock-secret' },
  };
}
