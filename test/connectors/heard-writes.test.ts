import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CampaignMock, createCampaignMock } from '../../mocks/campaign/server.js';
import type { CampaignConnector } from '../../src/connectors/campaign/campaign-connector.js';
import { createCampaignConnector } from '../../src/connectors/campaign/create-campaign-connector.js';
import { parseXml } from '../../src/connectors/campaign/xml-text.js';
import { RecentlyMade } from '../../src/connectors/dynamics/graph/recently-made.js';
import { createOrganizationUsers } from '../../src/connectors/dynamics/users/create-organization-users.js';
import { WriteWatch } from '../../src/connectors/write-watch.js';
import { openLocalServer } from './dynamics/local-server.js';

describe('The watch for writes to Campaign', () => {
  const writes = new WriteWatch();
  let mock: CampaignMock;
  let connector: CampaignConnector;
  beforeAll(async () => {
    mock = await createCampaignMock();
    connector = createCampaignConnector({ url: mock.url, user: 'admin', password: 'admin', writes });
  });
  afterAll(async () => {
    await connector?.close();
    await mock?.close();
  });

  const schema = parseXml(
    '<srcSchema namespace="cus" name="heard" label="H"><element name="heard"><attribute name="a"/></element></srcSchema>',
  );
  const account = { name: 'a', label: 'A', server: 's', clientId: 'c', tenant: 't', active: true };

  it.each<[string, (campaign: CampaignConnector) => Promise<unknown>]>([
    ['a source schema that is written', (campaign) => campaign.writeSourceSchema(schema)],
    ['a source schema that is removed', (campaign) => campaign.deleteSourceSchema('cus:heard')],
    ['a new session, which sees other schemas', (campaign) => campaign.reconnect()],
    [
      'an itemized list that is written',
      (campaign) => campaign.writeItemizedList({ name: 'l', label: 'L', values: [{ name: 'v', label: 'V' }] }, []),
    ],
    ['an external account that is written', (campaign) => campaign.writeExternalAccount(account)],
    ['an external account that is deleted', (campaign) => campaign.deleteExternalAccount('a')],
  ])('hears of %s', async (_, write) => {
    const { moment } = writes;
    await write(connector);
    expect(writes.moment).toBeGreaterThan(moment);
  });

  it.each<[string, (campaign: CampaignConnector) => Promise<unknown>]>([
    ['descriptions', (campaign) => campaign.introspect(['nms:recipient'])],
    ['summaries', (campaign) => campaign.summaries()],
    ['itemized lists', (campaign) => campaign.itemizedLists()],
    ['an external account', (campaign) => campaign.readExternalAccount('a')],
  ])('hears nothing of reading %s', async (_, read) => {
    const { moment } = writes;
    await read(connector);
    expect(writes.moment).toBe(moment);
  });
});

describe('The watch for writes to Dynamics', () => {
  it('hears of users that the set-up changes, and nothing of looking for them', async () => {
    const server = await openLocalServer(({ method }) =>
      method === 'GET' ? { body: { value: [] } } : { status: 204 },
    );
    const writes = new WriteWatch();
    const recent = new RecentlyMade();
    const users = createOrganizationUsers({ server: server.url, token: 'token', recent, writes });
    const { moment } = writes;
    await users.findApplicationUser('22222222-2222-2222-2222-222222222222');
    expect(writes.moment).toBe(moment);
    await users.updateUser('33333333-3333-3333-3333-333333333333', { enabled: true });
    expect(writes.moment).toBeGreaterThan(moment);
    await users.close();
    await server.close();
  });
});
