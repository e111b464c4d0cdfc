import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createCatchUp } from '../src/catch-up.js';
import type { CampaignConnector } from '../src/connectors/campaign/campaign-connector.js';
import { aSchema, CONTACT_TO_RECIPIENT, CONTOSO } from './storage/fixtures.js';
import { openTestDatabase, type TestDatabase } from './support/database.js';

let opened: TestDatabase;
beforeAll(async () => {
  opened = await openTestDatabase();
});
afterAll(() => opened.close());
beforeEach(async () => {
  await opened.database.orm.em
    .fork()
    .execute('truncate external_account, description, observation, metadata_mark cascade');
  await storage().accounts.save(CONTOSO, CONTOSO.credentials);
});

const storage = () => opened.database.storage;

function map(mappings = [CONTACT_TO_RECIPIENT], schemas = [aSchema('nms:recipient')]): Promise<void> {
  return storage().mappings.replace('contoso', { mappings, tables: [], schemas });
}

function start({ hasCampaign = true } = {}) {
  const reconnect = vi.fn(async () => undefined);
  const forget = vi.fn(async () => undefined);
  const onMappings = vi.fn(async () => undefined);
  // It asks no more of Campaign than that.
  const campaign = { reconnect } as unknown as CampaignConnector;
  const catchUp = createCatchUp({
    storage: storage(),
    connections: () => ({ campaign: async () => campaign, forget }),
    hasCampaign,
    onMappings,
  });
  return { catchUp, reconnect, forget, onMappings };
}

describe('a process that catches up', () => {
  it('does nothing while nothing changes', async () => {
    const { catchUp, reconnect, onMappings } = start();
    await catchUp.mappings();
    await catchUp.mappings();
    expect(reconnect).not.toHaveBeenCalled();
    expect(onMappings).not.toHaveBeenCalled();
  });

  it('logs on to Campaign anew when another process has mapped a table', async () => {
    const { catchUp, reconnect, onMappings } = start();
    await catchUp.mappings();
    await map();
    await catchUp.mappings();
    expect(reconnect).toHaveBeenCalledOnce();
    expect(onMappings).toHaveBeenCalledOnce();
  });

  it('serves new mappings where no Campaign instance is configured', async () => {
    const { catchUp, reconnect, onMappings } = start({ hasCampaign: false });
    await catchUp.mappings();
    await map();
    await catchUp.mappings();
    await catchUp.mappings();
    expect(reconnect).not.toHaveBeenCalled();
    expect(onMappings).toHaveBeenCalledOnce();
  });

  it('does so too when a description has changed', async () => {
    const { catchUp, onMappings } = start();
    await map();
    await catchUp.mappings();
    await map([CONTACT_TO_RECIPIENT], [{ ...aSchema('nms:recipient'), label: 'People' }]);
    await catchUp.mappings();
    expect(onMappings).toHaveBeenCalledOnce();
  });

  it('does so too when another process has seen a remote describe something otherwise', async () => {
    const { catchUp, onMappings } = start();
    await map();
    await catchUp.mappings();
    const { revision } = await storage().metadata.observed();
    await storage().metadata.save({
      ...{ system: 'campaign', revision, startsAnew: false, gone: [] },
      mark: { account: null, server: 'https://campaign.example', mark: '1' },
      described: { tables: [], schemas: [{ ...aSchema('nms:recipient'), label: 'People' }] },
    });
    await catchUp.mappings();
    expect(onMappings).toHaveBeenCalledOnce();
  });

  it('serves what a change leaves as soon as it begins, and logs on anew when it was put back', async () => {
    const { catchUp, reconnect, onMappings } = start();
    await map();
    await catchUp.mappings();
    await storage().journal.begin('contoso', [{ subject: 'cus:recipient', before: null, after: null }]);
    await catchUp.mappings();
    expect([reconnect.mock.calls.length, onMappings.mock.calls.length]).toEqual([0, 1]);
    await storage().journal.end('contoso');
    await catchUp.mappings();
    expect([reconnect.mock.calls.length, onMappings.mock.calls.length]).toEqual([1, 2]);
  });

  it('logs on anew where another change has begun when it hears of the one before', async () => {
    const { catchUp, reconnect, onMappings } = start();
    await catchUp.mappings();
    await map();
    await storage().journal.begin('contoso', [{ subject: 'cus:recipient', before: null, after: null }]);
    await catchUp.mappings();
    expect([reconnect.mock.calls.length, onMappings.mock.calls.length]).toEqual([1, 1]);
  });

  it('leaves what it changed itself', async () => {
    const { catchUp, reconnect } = start();
    await catchUp.mappings();
    await map();
    await catchUp.changedHere();
    await catchUp.mappings();
    expect(reconnect).not.toHaveBeenCalled();
  });

  it('tries again where Campaign did not answer', async () => {
    const { catchUp, reconnect, onMappings } = start();
    await catchUp.mappings();
    await map();
    reconnect.mockRejectedValueOnce(new Error('down'));
    await expect(catchUp.mappings()).rejects.toThrow('down');
    await catchUp.mappings();
    expect(onMappings).toHaveBeenCalledOnce();
  });

  it('tries again where the new mappings could not be served', async () => {
    const { catchUp, onMappings } = start();
    await catchUp.mappings();
    await map();
    onMappings.mockRejectedValueOnce(new Error('not built'));
    await expect(catchUp.mappings()).rejects.toThrow('not built');
    await catchUp.mappings();
    await catchUp.mappings();
    expect(onMappings).toHaveBeenCalledTimes(2);
  });

  it('opens an account anew whose credentials another process has changed, and only then', async () => {
    const { catchUp, forget } = start();
    catchUp.opened(CONTOSO_CONNECTION);
    await catchUp.account('contoso');
    expect(forget).not.toHaveBeenCalled();
    await storage().accounts.save(CONTOSO, { oauthType: 'CLIENT_SECRET', clientSecret: 'another secret' });
    await catchUp.account('contoso');
    await catchUp.account('contoso');
    expect(forget).toHaveBeenCalledExactlyOnceWith('contoso');
  });
});

const { label: _, ...CONTOSO_CONNECTION } = CONTOSO;
