import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCampaignConnector } from '../../src/connectors/campaign/create-campaign-connector.js';
import { startGateway, type TestGateway } from '../support/gateway.js';

describe('a mapping looked after through the API', { timeout: 120_000 }, () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway({ contacts: 5 });
    await gateway.example('01-create-external-account.graphql');
    await gateway.ask(
      'mutation { mapTables(input: { account: "dynamicsCRM", tables: [{ table: "account", columns: ["name", "industrycode"] }] }) { mappings { table } } }',
    );
    await gateway.ask(
      'mutation { synchronizeEnumerations(input: { account: "dynamicsCRM", enumerations: [{ table: "account", column: "industrycode", list: "industries" }] }) { dryRun } }',
    );
  });
  afterAll(() => gateway.close());

  it('tells the columns that a whole table leaves out', async () => {
    const { mapTables } = await gateway.ask(
      'mutation { mapTables(input: { account: "dynamicsCRM", dryRun: true, tables: [{ table: "lead" }] }) { skipped { table column reason } } }',
    );
    expect(mapTables.skipped).toContainEqual({
      table: 'lead',
      column: 'entityimage',
      reason: 'The column is of type image, which no Campaign attribute can hold.',
    });
  });

  it('shows an enumeration value by value', async () => {
    const { enumerationMappings } = await gateway.ask(
      '{ enumerationMappings { column list synchronizedAt values { name dynamics campaign base state } } }',
    );
    expect(enumerationMappings).toMatchObject([{ column: 'industrycode', list: 'industries' }]);
    expect(Date.parse(enumerationMappings[0].synchronizedAt)).toBeGreaterThan(0);
    const label = 'Accounting';
    expect(enumerationMappings[0].values[0]).toEqual({
      ...{ name: '1', dynamics: label, campaign: label, base: label, state: 'SAME' },
    });
  });

  it('tells what drifted, repairs it, and finds nothing then', async () => {
    expect((await gateway.ask('{ drift { kind } }')).drift).toEqual([]);
    await takeFromList('industries');
    const { drift } = await gateway.ask(
      '{ drift(table: "account") { kind system subject obstacle repair { kind subject detail } } }',
    );
    expect(drift).toEqual([
      {
        kind: 'LIST_CHANGED',
        system: 'campaign',
        subject: 'industries',
        obstacle: null,
        repair: [{ kind: 'SYNCHRONIZE_ENUMERATION', subject: 'industries', detail: '1 added, 0 updated, 0 removed' }],
      },
    ]);
    const repair =
      'mutation { repairDrift(input: { account: "dynamicsCRM" }) { findings { kind } changes { kind } enumerations { list added { label } } } }';
    const { repairDrift } = await gateway.ask(repair);
    expect(repairDrift.enumerations).toEqual([{ list: 'industries', added: [{ label: 'Accounting' }] }]);
    expect((await gateway.ask(repair)).repairDrift).toEqual({ findings: [], changes: [], enumerations: [] });
  });

  /** Takes the first value out of an itemized list, as somebody may in the console. */
  async function takeFromList(name: string): Promise<void> {
    const { url } = gateway.mocks.campaign;
    const campaign = createCampaignConnector({ url, user: 'admin', password: 'admin' });
    const [list] = await campaign.readItemizedLists([name]);
    if (!list) throw new Error(`Expected the list ${name}.`);
    await campaign.writeItemizedList({ ...list, values: list.values.slice(1) }, ['1']);
    await campaign.close();
  }
});
