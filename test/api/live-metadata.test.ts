import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { createCampaignConnector } from '../../src/connectors/campaign/create-campaign-connector.js';
import { parseXml } from '../../src/connectors/campaign/xml-text.js';
import { startDefining } from '../support/define.js';
import { type Data, startGateway, type TestGateway } from '../support/gateway.js';

let gateway: TestGateway;
afterEach(() => gateway?.close());

/** A gateway with an external account, and tables mapped where `map` says so. */
async function start(settings: Readonly<Record<string, string>>, map = false): Promise<void> {
  gateway = await startGateway({ contacts: 20, settings });
  await gateway.example('01-create-external-account.graphql');
  if (map) await gateway.example('04-map-tables.graphql');
}

/** Asks time and again until the answer is as wanted. */
async function askUntil(query: string, isWanted: (data: Data) => boolean): Promise<Data> {
  for (;;) {
    const { data, errors } = await gateway.send(query);
    if (errors.length === 0 && isWanted(data)) return data;
    await delay(50);
  }
}

async function fieldsOf(type: string): Promise<readonly string[]> {
  const { __type } = await gateway.ask(`{ __type(name: "${type}") { fields { name } } }`);
  return (__type?.fields ?? []).map(({ name }: Data) => name);
}

const hasField = (name: string) => (data: Data) => data.__type?.fields.some((field: Data) => field.name === name);
const hasNoField = (name: string) => (data: Data) => !hasField(name)(data);
const FIELDS = '{ __type(name: "DynamicsContact") { fields { name } } }';

async function drift(): Promise<readonly string[]> {
  const { drift: found } = await gateway.ask('{ drift { kind table subject } }');
  return found.map(({ kind, table, subject }: Data) => `${kind} ${table} ${subject}`);
}

describe('tables and schemas beside the mapped ones', () => {
  it('are read and filtered without any mapping, and not written; a name that nothing has is told', async () => {
    await start({ DYNAMICS_TABLES: 'opportunity,account,new_nothing' });
    const query = '{ dynamics { opportunities(first: 3) { nodes { name parentaccountid { name } } } } }';
    const { dynamics } = await askUntil(query, () => true);
    const [first] = dynamics.opportunities.nodes;
    const filter = `filter: { name: { eq: ${JSON.stringify(first.name)} } }`;
    const found = await gateway.ask(`{ dynamics { opportunities(${filter}) { nodes { name } } } }`);
    expect(found.dynamics.opportunities.nodes[0]).toEqual({ name: first.name });
    expect(await fieldsOf('DynamicsContact')).toEqual([]);
    expect((await fieldsOf('Mutation')).filter((name) => name.includes('DynamicsOpportunity'))).toEqual([]);
    expect(await drift()).toEqual(['TABLE_UNKNOWN new_nothing new_nothing']);
  });

  it('may be all of them, in a few requests', async () => {
    await start({ DYNAMICS_TABLES: '*' });
    await askUntil('{ dynamics { leads(first: 1) { nodes { subject } } } }', () => true);
    const requests = gateway.mocks.dynamics.requests().filter(({ path }) => /Metadata|EntityDef/.test(path));
    expect((await fieldsOf('Dynamics')).length).toBeGreaterThan(250);
    expect(requests.length).toBeLessThan(10);
  });

  it('stand beside the mapped ones, with the schemas of Campaign', async () => {
    await start({ DYNAMICS_TABLES: 'competitor', CAMPAIGN_SCHEMAS: 'nms:delivery' }, true);
    const query =
      '{ dynamics { competitors(first: 1) { nodes { name } } } campaign { nmsDeliveries(first: 1) { nodes { label } } } }';
    await askUntil(query, () => true);
    expect(
      (await gateway.ask('{ unified { contacts(first: 2) { nodes { lastname } } } }')).unified.contacts.nodes,
    ).toHaveLength(2);
  });
});

describe('a change of what a remote describes', () => {
  it('shows up in the graph, and what was taken away is told as breaking, while other queries go on', async () => {
    await start({ METADATA_CHECK_SECONDS: '1' }, true);
    const define = await startDefining(gateway.mocks);
    await define.addTextColumn('contact', 'new_nickname', 'Nickname');
    await askUntil(FIELDS, hasField('new_nickname'));
    const answer = await gateway.ask('{ dynamics { contacts(first: 1) { nodes { new_nickname lastname } } } }');
    expect(answer.dynamics.contacts.nodes[0].new_nickname).toBeNull();
    expect(await drift()).toEqual(['GRAPH_GREW contact DynamicsContact.new_nickname']);
    await define.removeColumn('contact', 'new_nickname');
    await askUntil(FIELDS, hasNoField('new_nickname'));
    expect(await drift()).toEqual([]);
    const refused = await gateway.send('{ dynamics { contacts(first: 1) { nodes { new_nickname } } } }');
    expect(refused.errors[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
    await gateway.ask('{ dynamics { contacts(first: 1) { nodes { lastname } } } }');
  });

  it('of a column that was mapped is breaking until it is repaired', async () => {
    await start({ METADATA_CHECK_SECONDS: '1' });
    const define = await startDefining(gateway.mocks);
    await define.addTextColumn('contact', 'new_nickname', 'Nickname');
    await gateway.example('04-map-tables.graphql');
    await gateway.ask('{ dynamics { contacts(first: 1) { nodes { new_nickname } } } }');
    await define.removeColumn('contact', 'new_nickname');
    await askUntil(FIELDS, hasNoField('new_nickname'));
    expect(await drift()).toContain('GRAPH_BROKEN contact DynamicsContact.new_nickname');
    await gateway.ask('mutation { repairDrift(input: { account: "dynamicsCRM" }) { findings { kind } } }');
    expect(await drift()).toEqual([]);
    expect(await fieldsOf('DynamicsContact')).not.toContain('new_nickname');
  });

  it.each([
    ['Campaign too', []],
    ['a build of Campaign that cannot tell what has changed', ['GetModifiedEntities']],
  ])('reaches the graph from %s', async (_, missing) => {
    await start({ METADATA_CHECK_SECONDS: '1' }, true);
    for (const path of missing)
      gateway.mocks.campaign.addFault({ match: { path }, times: 100_000, code: 'SOP-330006', message: 'Not defined.' });
    const { url } = gateway.mocks.campaign;
    const other = createCampaignConnector({ url, user: 'admin', password: 'admin' });
    await other.writeSourceSchema(
      parseXml(`<srcSchema namespace="own" name="recipient" extendedSchema="nms:recipient">
        <element name="recipient"><attribute name="shoeSize" type="long"/></element></srcSchema>`),
    );
    await other.close();
    await askUntil('{ __type(name: "CampaignNmsRecipient") { fields { name } } }', hasField('shoeSize'));
    await gateway.ask('{ campaign { nmsRecipients(first: 1) { nodes { shoeSize } } } }');
  });

  it('costs each remote one request where there is none', async () => {
    await start({ METADATA_CHECK_SECONDS: '1' }, true);
    const looks = () => gateway.mocks.dynamics.requests().filter(({ path }) => path.includes('ClientVersionStamp'));
    while (looks().length < 2) await delay(50);
    gateway.mocks.clearRequests();
    while (looks().length < 2) await delay(50);
    const asked = gateway.mocks.requests().map(({ path, headers }) => headers.soapaction ?? path.split('(')[0]);
    expect(new Set(asked)).toEqual(
      new Set(['xtk:session#GetModifiedEntities', '/api/data/v9.2/RetrieveMetadataChanges']),
    );
  });
});

describe('a gateway that starts while both remotes are down', () => {
  it('serves what it served before, further tables and later changes with it', async () => {
    await start({ DYNAMICS_TABLES: 'competitor', METADATA_CHECK_SECONDS: '1' }, true);
    const define = await startDefining(gateway.mocks);
    await define.addTextColumn('contact', 'new_nickname', 'Nickname');
    await askUntil(FIELDS, hasField('new_nickname'));
    await askUntil('{ dynamics { competitors(first: 1) { nodes { name } } } }', () => true);
    for (const mock of [gateway.mocks.dynamics, gateway.mocks.campaign, gateway.mocks.entra])
      mock.addFault({ match: { path: '/' }, times: 100_000, close: true });
    await gateway.restart();
    expect(await fieldsOf('DynamicsContact')).toContain('new_nickname');
    expect(await fieldsOf('Dynamics')).toContain('competitors');
    const { errors } = await gateway.send('{ dynamics { competitors(first: 1) { nodes { name } } } }');
    expect(errors[0]?.extensions.code).toBe('UPSTREAM_UNAVAILABLE');
    for (const mock of [gateway.mocks.dynamics, gateway.mocks.campaign, gateway.mocks.entra]) mock.clearFaults();
    await askUntil('{ dynamics { competitors(first: 1) { nodes { name } } } }', () => true);
  });
});
