import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDynamicsConnector } from '../../../src/connectors/dynamics/create-dynamics-connector.js';
import type { DynamicsConnector } from '../../../src/connectors/dynamics/dynamics-connector.js';
import { type Definer, startDefining } from '../../support/define.js';
import { type Mocks, startMocks } from '../../support/mocks.js';

let mocks: Mocks;
let define: Definer;
let connector: DynamicsConnector;

beforeAll(async () => {
  mocks = await startMocks({ contacts: 5 });
  define = await startDefining(mocks);
  connector = createDynamicsConnector({
    account: {
      name: 'dynamicsCRM',
      server: mocks.dynamics.url,
      tenantId: '11111111-1111-1111-1111-111111111111',
      clientId: '22222222-2222-2222-2222-222222222222',
      credentials: { oauthType: 'CLIENT_SECRET', clientSecret: 'mock-secret' },
    },
    authority: mocks.entra.url,
  });
});
beforeEach(async () => {
  await mocks.dynamics.reset();
});
afterAll(async () => {
  await connector.close();
  await mocks.close();
});

/** The tables that changed while something was done. */
async function changedBy(work: () => Promise<unknown>): Promise<readonly string[] | null> {
  const known = await connector.introspect(['contact', 'account', 'lead']);
  const { mark } = await connector.metadataChanges(known, null);
  await work();
  return (await connector.metadataChanges(known, mark)).changed;
}

describe('a look at the metadata of Dynamics', () => {
  it('finds nothing where nothing changed, in one small request', async () => {
    const known = await connector.introspect(['contact']);
    const first = await connector.metadataChanges(known, null);
    mocks.clearRequests();
    expect(await connector.metadataChanges(known, first.mark)).toEqual({ mark: first.mark, changed: [] });
    expect(mocks.requests()).toHaveLength(1);
  });

  it('cannot tell what changed before the first one', async () => {
    expect((await connector.metadataChanges([], null)).changed).toBeNull();
  });

  it('names the table that has a new column, and a new table', async () => {
    expect(await changedBy(() => define.addTextColumn('contact', 'new_nickname', 'Nickname'))).toEqual(['contact']);
    expect(await changedBy(() => define.addTable('new_visit', 'Visit'))).toContain('new_visit');
  });

  it('names the table that has lost a column, and no other', async () => {
    await define.addTextColumn('contact', 'new_nickname', 'Nickname');
    expect(await changedBy(() => define.removeColumn('contact', 'new_nickname'))).toEqual(['contact']);
  });

  it('names no table for a column that went of one nobody knows', async () => {
    await define.addTextColumn('opportunity', 'new_nickname', 'Nickname');
    expect(await changedBy(() => define.removeColumn('opportunity', 'new_nickname'))).toEqual([]);
  });

  it('names a table that is gone', async () => {
    await define.addTable('new_visit', 'Visit');
    const known = await connector.introspect(['contact', 'new_visit']);
    const { mark } = await connector.metadataChanges(known, null);
    await define.removeTable('new_visit');
    expect((await connector.metadataChanges(known, mark)).changed).toEqual(['new_visit']);
  });

  it('begins anew where its stamp has expired', async () => {
    const known = await connector.introspect(['contact']);
    const { mark } = await connector.metadataChanges(known, null);
    mocks.clock.advance(91 * 86_400);
    const again = await connector.metadataChanges(known, mark);
    expect([again.changed, again.mark === mark]).toEqual([null, false]);
  });
});
