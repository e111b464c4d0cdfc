import { describe, expect, it } from 'vitest';
import { compileQuery } from '../../../src/connectors/dynamics/compile.js';
import { decodeCursor, queryFingerprint, START } from '../../../src/connectors/dynamics/cursor.js';
import { readPage } from '../../../src/connectors/dynamics/pages.js';
import type { Page } from '../../../src/model/query.js';
import { createFakeClient } from './fake-client.js';
import { CONTACT } from './tables.js';

const QUERY = compileQuery({ from: CONTACT, select: { fields: [] }, first: 1 });
const FINGERPRINT = queryFingerprint(QUERY);

/**
 * Dynamics with records 0 to `total` - 1, whose skiptokens are the number of the row they stand before. Others may be put before them, and
 * some taken away.
 */
function records(total: number) {
  const ids = Array.from({ length: total }, (_, id) => id);
  const client = createFakeClient((request) => {
    const size = Number(/maxpagesize=(\d+)/.exec(request.headers?.Prefer ?? '')?.[1]);
    const from = Number(/skiptoken=at(\d+)/.exec(request.resource)?.[1] ?? 0);
    const value = ids.slice(from, from + size).map((contactid) => ({ contactid }));
    const next =
      from + size < ids.length ? { '@odata.nextLink': `https://h/contacts?$skiptoken=at${from + size}` } : {};
    return { body: { value, ...next } };
  });
  const read = (first: number, after?: string) => {
    const start = after === undefined ? START : decodeCursor(FINGERPRINT, after);
    const decode = (row: Readonly<Record<string, unknown>>) => ({ contactid: Number(row.contactid) });
    const primaryId = 'contactid';
    return readPage(client, { query: QUERY, primaryId, fingerprint: () => FINGERPRINT, start, first, decode });
  };
  return { client, read, ids };
}

const idsOf = (page: Page) => page.records.map((record) => record.contactid);

describe('readPage', () => {
  it('continues after the last record of a page by its skiptoken, in one request', async () => {
    const { client, read } = records(10);
    const first = await read(4);
    const second = await read(4, first.cursorAt(3));
    expect([idsOf(first), idsOf(second), second.hasNextPage]).toEqual([[0, 1, 2, 3], [4, 5, 6, 7], true]);
    expect(client.asked[1]?.resource).toContain('$skiptoken=at4');
    expect(client.asked).toHaveLength(2);
  });

  it('continues within a page by reading as much of it again as it needs, in one request', async () => {
    const { client, read } = records(10);
    const first = await read(4);
    const second = await read(4, first.cursorAt(1));
    expect(idsOf(second)).toEqual([2, 3, 4, 5]);
    expect(client.asked[1]?.headers?.Prefer).toContain('maxpagesize=6');
    expect(idsOf(await read(3, second.cursorAt(1)))).toEqual([4, 5, 6]);
  });

  it('takes the rest from the next page where one page cannot hold both', async () => {
    const { client, read } = records(10_000);
    const first = await read(5_000);
    const second = await read(5_000, first.cursorAt(4_997));
    expect([second.records.length, idsOf(second)[0], idsOf(second).at(-1)]).toEqual([5_000, 4_998, 9_997]);
    expect(client.asked).toHaveLength(3);
    expect(idsOf(await read(9, second.cursorAt(4_999)))).toEqual([9_998, 9_999]);
    expect(idsOf(await read(2, second.cursorAt(0)))).toEqual([4_999, 5_000]);
  });

  it.each([1, 3, 40])('continues behind its record where %i others have come before it', async (others) => {
    const { client, read, ids } = records(60);
    const first = await read(4);
    ids.unshift(...Array.from({ length: others }, (_, index) => -1 - index));
    const second = await read(3, first.cursorAt(1));
    expect([idsOf(second), second.hasNextPage]).toEqual([[2, 3, 4], true]);
    expect(client.asked).toHaveLength(3);
    expect(idsOf(await read(2, second.cursorAt(0)))).toEqual([3, 4]);
  });

  it('continues behind its record where some before it are gone, and where it is gone itself', async () => {
    const { read, ids } = records(10);
    const first = await read(6);
    const cursor = first.cursorAt(3);
    ids.splice(0, 2);
    expect(idsOf(await read(3, cursor))).toEqual([4, 5, 6]);
    const alone = records(10);
    alone.ids.splice(3, 1);
    expect(idsOf(await alone.read(3, cursor))).toEqual([4, 5, 6]);
  });

  it('ends where Dynamics gives no further link', async () => {
    const { read } = records(3);
    const page = await read(5);
    expect([idsOf(page), page.hasNextPage]).toEqual([[0, 1, 2], false]);
    expect(idsOf(await read(5, page.cursorAt(2)))).toEqual([]);
    expect(() => page.cursorAt(3)).toThrow(RangeError);
  });

  it('refuses a further link that leads nowhere', async () => {
    const client = createFakeClient(() => ({ body: { value: [], '@odata.nextLink': 'https://h/contacts?$select=a' } }));
    const asked = readPage(client, {
      query: QUERY,
      primaryId: 'contactid',
      fingerprint: () => FINGERPRINT,
      start: START,
      first: 1,
      decode: () => ({}),
    });
    await expect(asked).rejects.toMatchObject({ code: 'UPSTREAM_REJECTED' });
  });
});
