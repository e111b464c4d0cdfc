import { type GraphQLSchema, graphql } from 'graphql';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CampaignConnector } from '../../src/connectors/campaign/campaign-connector.js';
import { createCampaignConnector } from '../../src/connectors/campaign/create-campaign-connector.js';
import { createDynamicsConnector } from '../../src/connectors/dynamics/create-dynamics-connector.js';
import type { DynamicsConnector } from '../../src/connectors/dynamics/dynamics-connector.js';
import { recordToCampaign } from '../../src/mapping/convert-record.js';
import { planMapping } from '../../src/mapping/plan-mapping.js';
import type { Catalog } from '../../src/model/catalog.js';
import { createLoaders } from '../../src/unified/loaders.js';
import { type Mocks, startMocks } from '../support/mocks.js';
import { schemaOf } from './fake-remotes.js';

const COLUMNS = [
  'firstname',
  'lastname',
  'emailaddress1',
  'gendercode',
  'birthdate',
  'address1_city',
  'parentcustomerid',
];

describe('the generated graph over both remotes', () => {
  let mocks: Mocks;
  let dynamics: DynamicsConnector;
  let campaign: CampaignConnector;
  let schema: GraphQLSchema;

  beforeAll(async () => {
    mocks = await startMocks();
    dynamics = createDynamicsConnector({ account: connectionTo(mocks.dynamics.url), authority: mocks.entra.url });
    campaign = createCampaignConnector({ url: mocks.campaign.url, user: 'admin', password: 'admin' });
    const catalog = await mapContacts();
    await copyContacts(catalog, 100);
    schema = schemaOf(catalog);
  });

  beforeEach(() => mocks.clearRequests());

  afterAll(async () => {
    for (const part of [dynamics, campaign, mocks]) await part?.close();
  });

  it('answers 100 contacts with their Campaign side by two requests', async () => {
    const { unified } = await ask(
      '{ unified { contacts(first: 100) { nodes { id lastname campaign { crmId lastName location { city } } } } } }',
    );
    expect(unified.contacts.nodes).toHaveLength(100);
    for (const { id, lastname, campaign } of unified.contacts.nodes) {
      expect(campaign).toMatchObject({ crmId: id, lastName: lastname });
    }
    expect(mocks.requests()).toHaveLength(2);
  });

  it('answers a lookup in addition by the same two', async () => {
    const { unified } = await ask(`{ unified { contacts(first: 100) { nodes {
      campaign { email } parentcustomerid { ... on DynamicsAccount { name } ... on Contact { id } }
    } } } }`);
    const names = unified.contacts.nodes.map(
      (node: { parentcustomerid: { name?: string } | null }) => node.parentcustomerid?.name,
    );
    expect(names.filter(Boolean).length).toBeGreaterThan(10);
    expect(mocks.requests()).toHaveLength(2);
  });

  it('tells that the copies agree, and what differs after a change', async () => {
    const query =
      '{ unified { contacts(first: 3, orderBy: [{ lastname: ASC }]) { nodes { id syncState drift { column campaign } } } } }';
    const before = await ask(query);
    expect(before.unified.contacts.nodes.map((node: { drift: unknown }) => node.drift)).toEqual([[], [], []]);
    const [{ id }] = before.unified.contacts.nodes;
    mocks.dynamics.update('contact', id, { firstname: 'Zoë' });
    const { unified } = await ask(
      `{ unified { contact(id: "${id}") { firstname syncState drift { column dynamics } } } }`,
    );
    expect(unified.contact).toEqual({
      firstname: 'Zoë',
      syncState: 'DRIFTED',
      drift: [{ column: 'firstname', dynamics: 'Zoë' }],
    });
  });

  it('pages a list that follows Campaign, each record with its Dynamics side', async () => {
    const query = (
      after: string,
    ) => `{ unified { contacts(from: CAMPAIGN, first: 60, after: ${after}, orderBy: [{ lastname: ASC }]) {
      nodes { id dynamics { contactid } } pageInfo { endCursor hasNextPage } totalCount { value exact }
    } } }`;
    const first = (await ask(query('null'))).unified.contacts;
    const second = (await ask(query(JSON.stringify(first.pageInfo.endCursor)))).unified.contacts;
    const nodes = [...first.nodes, ...second.nodes];
    expect(new Set(nodes.map((node) => node.id)).size).toBe(100);
    expect(nodes.every((node) => node.dynamics?.contactid === node.id)).toBe(true);
    expect([first.totalCount, second.pageInfo.hasNextPage]).toEqual([{ value: 100, exact: true }, false]);
  });

  it('filters either system by its own fields', async () => {
    const { dynamics, campaign } = await ask(`{
      dynamics { contacts(first: 5, filter: { statecode: { eq: 0 }, lastname: { isNull: false }, ownerid: { isNull: false } }) {
        nodes { statecode { value label } createdon ownerid { __typename ... on DynamicsReference { table name } } }
      } }
      campaign { nmsRecipients(first: 5, filter: { location: { city: { ne: null } } }) {
        nodes { location { city } gender { value label } folder { label } created }
      } }
    }`);
    expect(dynamics.contacts.nodes).toHaveLength(5);
    expect(dynamics.contacts.nodes[0]).toMatchObject({
      statecode: { value: 0, label: 'Active' },
      ownerid: { table: 'systemuser' },
    });
    expect(
      campaign.nmsRecipients.nodes.every((node: { location: { city: string } }) => node.location.city !== ''),
    ).toBe(true);
  });

  it('leads from an account to its contacts', async () => {
    const { dynamics } = await ask(`{ dynamics { accounts(first: 3) { nodes {
      name contact_customer_accounts(first: 2) { nodes { lastname parentcustomerid { ... on DynamicsAccount { name } } } totalCount { value } }
    } } } }`);
    for (const account of dynamics.accounts.nodes) {
      for (const contact of account.contact_customer_accounts.nodes)
        expect(contact.parentcustomerid.name).toBe(account.name);
    }
  });

  it('leaves what Campaign has when Dynamics is down', async () => {
    const [{ crmId, email }] = (
      await ask(
        '{ campaign { nmsRecipients(first: 1, filter: { crmId: { isNull: false } }) { nodes { crmId email } } } }',
      )
    ).campaign.nmsRecipients.nodes;
    mocks.dynamics.addFault({ times: 50, status: 400, code: '0x80040203', message: 'Out of order.' });
    const contextValue = context();
    const source = `{ unified { contact(id: "${crmId}") { lastname campaign { email } } } }`;
    const { data, errors } = await graphql({ schema, source, contextValue });
    mocks.dynamics.clearFaults();
    expect(JSON.parse(JSON.stringify(data))).toEqual({ unified: { contact: { lastname: null, campaign: { email } } } });
    expect(errors?.map(({ path }) => path?.join('.'))).toEqual(['unified.contact.lastname']);
  });

  /** Maps contact onto the stock recipients, as an administrator would. Accounts are in the graph, but not mapped. */
  async function mapContacts(): Promise<Catalog> {
    const tables = await dynamics.introspect(['contact', 'account']);
    const plan = planMapping({
      account: 'dynamicsCRM',
      selections: [{ table: 'contact', columns: COLUMNS, target: { schema: 'nms:recipient' } }],
      tables,
      existing: [],
      schemas: await campaign.introspect(['nms:recipient']),
      sourceSchemas: new Map(),
    });
    for (const { document } of plan.documents) if (document) await campaign.writeSourceSchema(document);
    await campaign.reconnect();
    const schemas = await campaign.introspect(['nms:recipient', 'xtk:folder']);
    return { tables, schemas, mappings: plan.mappings };
  }

  /** Writes the first contacts into Campaign, as an import would. */
  async function copyContacts(catalog: Catalog, count: number): Promise<void> {
    const [mapping] = catalog.mappings;
    const table = catalog.tables.find(({ logicalName }) => logicalName === 'contact');
    const recipient = catalog.schemas.find(({ name }) => name === 'nms:recipient');
    if (!mapping || !table || !recipient) throw new Error('The mapping lacks a side.');
    const fields = mapping.fields.map(({ column }) => column);
    const page = await dynamics.query({ from: table, select: { fields }, first: count });
    const records = page.records.map((record) => recordToCampaign({ mapping, table, schema: recipient }, record));
    const outcomes = await campaign.write({ to: recipient, operation: 'upsert', key: 'crmId', records });
    expect(outcomes.filter((outcome) => !outcome.ok)).toEqual([]);
  }

  function context() {
    const remotes = { dynamics: async () => dynamics, campaign: async () => campaign };
    return { ...remotes, loaders: createLoaders(remotes), mayWrite: true };
  }

  async function ask(source: string) {
    const { data, errors } = await graphql({ schema, source, contextValue: context() });
    if (errors) throw errors[0]?.originalError ?? errors[0];
    return JSON.parse(JSON.stringify(data));
  }
});

function connectionTo(server: string) {
  return {
    name: 'dynamicsCRM',
    server,
    tenantId: '11111111-1111-1111-1111-111111111111',
    clientId: '22222222-2222-2222-2222-222222222222',
    credentials: { oauthType: 'CLIENT_SECRET' as const, clientSecret: 'mock-secret' },
  };
}
