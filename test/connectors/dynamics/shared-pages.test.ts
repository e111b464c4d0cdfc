import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDynamicsMock, type DynamicsMock } from '../../../mocks/dynamics/server.js';
import { createEntraMock, type EntraMock } from '../../../mocks/entra/server.js';
import { createDynamicsConnector } from '../../../src/connectors/dynamics/create-dynamics-connector.js';
import type { DynamicsConnector } from '../../../src/connectors/dynamics/dynamics-connector.js';
import { WriteWatch } from '../../../src/connectors/write-watch.js';
import type { Along, AlongList, RecordQuery } from '../../../src/model/query.js';
import type { Table } from '../../../src/model/table.js';

describe('Shared pages of Dynamics', () => {
  let entra: EntraMock;
  let dynamics: DynamicsMock;
  let connector: DynamicsConnector;
  let account: Table;
  let contact: Table;

  beforeAll(async () => {
    entra = await createEntraMock();
    dynamics = await createDynamicsMock({ contacts: 60, authority: entra.url });
    connector = createDynamicsConnector({
      account: {
        name: 'dynamicsCRM',
        server: dynamics.url,
        tenantId: '11111111-1111-1111-1111-111111111111',
        clientId: '22222222-2222-2222-2222-222222222222',
        credentials: { oauthType: 'CLIENT_SECRET', clientSecret: 'mock-secret' },
      },
      authority: entra.url,
      writes: new WriteWatch(),
    });
    const [first, second] = await connector.introspect(['account', 'contact']);
    if (!first || !second) throw new Error('The mock lacks a table.');
    [account, contact] = [first, second];
  });
  afterAll(async () => {
    await connector?.close();
    await dynamics?.close();
    await entra?.close();
  });
  beforeEach(() => dynamics.clearRequests());

  function listOf(facts: Partial<AlongList> = {}): AlongList {
    const select = { fields: ['lastname'] };
    return {
      ...{ navigation: 'contact_customer_accounts', from: contact, path: 'parentcustomerid', select, first: 3 },
      ...facts,
    };
  }

  function query(along: Along): RecordQuery<Table> {
    return { from: account, select: { fields: ['name'] }, first: 4, along };
  }

  it('have their lists by the objects that each caller asked with', async () => {
    // The first is left out, as it cannot be expanded.
    const asked = [1, 2].map(() => ({ lookups: [], lists: [listOf({ first: 5_000 }), listOf()] }));
    const pages = await Promise.all(asked.map((along) => connector.query(query(along), { mayShare: true })));
    expect(dynamics.requests()).toHaveLength(1);
    for (const [index, { lists }] of asked.entries()) {
      const along = pages[index]?.along?.lists;
      expect([...(along?.keys() ?? [])]).toEqual([lists[1]]);
      const brought = along?.get(lists[1] ?? listOf()) ?? [];
      expect(brought.map((page) => page?.records.length)).toHaveLength(4);
      expect(brought[0]?.records).toEqual(pages[0]?.along?.lists.get(asked[0]?.lists[1] ?? listOf())?.[0]?.records);
    }
  });

  it('are not shared by who wants the count of a list, which no URL tells', async () => {
    const asked = [{}, { count: true }].map((facts) => ({ lookups: [], lists: [listOf(facts)] }));
    const pages = await Promise.all(asked.map((along) => connector.query(query(along), { mayShare: true })));
    expect(dynamics.requests()).toHaveLength(2);
    const counts = pages.map((page, index) => {
      const lists = page.along?.lists.get(asked[index]?.lists[0] ?? listOf()) ?? [];
      return lists.some((one) => one !== null && one.count !== null);
    });
    expect(counts).toEqual([false, true]);
  });
});
