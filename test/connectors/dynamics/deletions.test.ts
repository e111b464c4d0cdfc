import { describe, expect, it } from 'vitest';
import { readDeletions } from '../../../src/connectors/dynamics/deletions.js';
import type { ChangePage } from '../../../src/model/query.js';
import { createFakeClient } from './fake-client.js';
import { ACCOUNT, CONTACT, ID, OTHER_ID } from './tables.js';

const link = (query: string) => `https://h/api/data/v9.2/contacts?$select=contactid&${query}`;
const gone = (id: string) => ({ '@odata.context': '…#contacts/$deletedEntity', id, reason: 'deleted' });

async function collect(client: ReturnType<typeof createFakeClient>, cursor: string | null, table = CONTACT) {
  const pages: ChangePage[] = [];
  for await (const page of readDeletions(client, table, cursor)) pages.push(page);
  return pages;
}

describe('readDeletions', () => {
  it('walks the table once to find where it stands, and tells of no deletion then', async () => {
    const answers = [
      { '@odata.nextLink': link('$skiptoken=two'), value: [{ contactid: ID }] },
      { '@odata.deltaLink': link('$deltatoken=919042%2108'), value: [{ contactid: OTHER_ID }] },
    ];
    const client = createFakeClient(() => ({ body: answers.shift() ?? {} }));
    const pages = await collect(client, null);
    expect(pages.map(({ deleted, complete }) => [deleted, complete])).toEqual([
      [[], false],
      [[], true],
    ]);
    expect(client.asked.map(({ resource }) => resource)).toEqual([
      'contacts?$select=contactid',
      'contacts?$select=contactid&$skiptoken=two',
    ]);
    expect(client.asked[1]?.headers?.Prefer).toContain('odata.track-changes');
  });

  it('tells the ids deleted since, and goes on from there', async () => {
    const deltas = ['1', '2', '3'].map((token) => link(`$deltatoken=${token}%21x`));
    const values = [[], [{ contactid: ID }, gone(OTHER_ID)], []];
    let pass = 0;
    const client = createFakeClient(() => ({ body: { value: values[pass], '@odata.deltaLink': deltas[pass++] } }));
    const [first] = await collect(client, null);
    const [second] = await collect(client, first?.cursor ?? null);
    await collect(client, second?.cursor ?? null);
    expect(second).toMatchObject({ changed: [], deleted: [OTHER_ID], complete: true });
    expect(client.asked.map(({ resource }) => resource).slice(1)).toEqual([
      'contacts?$select=contactid&$deltatoken=1!x',
      'contacts?$select=contactid&$deltatoken=2!x',
    ]);
  });

  it('refuses a table without change tracking, and a cursor that is none or of another table', async () => {
    const client = createFakeClient(() => ({ body: { value: [], '@odata.deltaLink': link('$deltatoken=1') } }));
    await expect(collect(client, null, { ...CONTACT, changeTracking: false })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
    });
    await expect(collect(client, 'nonsense')).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    const [page] = await collect(client, null);
    await expect(collect(client, page?.cursor ?? null, ACCOUNT)).rejects.toThrow('belongs to table contact');
  });
});
