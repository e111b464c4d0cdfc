import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { secondsOf } from '../../../mocks/dynamics/column-index.js';
import type { Row } from '../../../mocks/dynamics/store.js';
import { TableStore } from '../../../mocks/dynamics/table-store.js';
import { startOrganization } from './support.js';

/** Writes to a table with few ids and few values, so that they meet often. */
const writes = fc.array(
  fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'),
    name: fc.option(fc.constantFrom('One', 'one', 'Two', 'three')),
    size: fc.option(fc.integer({ min: -3, max: 12 })),
    isRemoval: fc.boolean(),
  }),
  { maxLength: 60 },
);

interface Write {
  readonly id: string;
  readonly name: string | null;
  readonly size: number | null;
  readonly isRemoval: boolean;
}

function apply(store: TableStore, all: readonly Write[]): void {
  for (const [at, { id, name, size, isRemoval }] of all.entries()) {
    if (isRemoval) store.remove(id, at, new Date(0));
    else store.put({ id, versionnumber: at, ...(name === null ? {} : { name }), ...(size === null ? {} : { size }) });
  }
}

function scan(store: TableStore, matches: (row: Row) => boolean): unknown[] {
  return [...store.all()].filter(matches).map((row) => row.id);
}

describe('the indexes of a table', () => {
  it('find what a scan finds, whatever is written after they were made', () => {
    fc.assert(
      fc.property(writes, writes, fc.integer({ min: -3, max: 12 }), (before, after, from) => {
        const store = new TableStore('id');
        apply(store, before);
        store.idsBetween('size', { from: null, to: null });
        store.sortedIds();
        apply(store, after);
        expect([...store.idsWith('name', 'ONE')].sort()).toEqual(
          scan(store, (row) => String(row.name).toLowerCase() === 'one').sort(),
        );
        expect([...store.idsBetween('size', { from, to: from + 4 })].sort()).toEqual(
          scan(store, ({ size }) => typeof size === 'number' && size >= from && size <= from + 4).sort(),
        );
        expect(store.sortedIds()).toEqual(scan(store, () => true).sort());
      }),
    );
  });

  it('give a range by rising value over many blocks', () => {
    const store = new TableStore('id');
    for (let at = 0; at < 3000; at += 1) store.put({ id: `r${at}`, versionnumber: at, size: (at * 7919) % 3000 });
    store.idsBetween('size', { from: 0, to: 0 });
    for (let at = 0; at < 3000; at += 1) store.put({ id: `s${at}`, versionnumber: at, size: at });
    const sizes = store.idsBetween('size', { from: 1000, to: 1999 }).map((id) => Number(store.get(id)?.size));
    expect(sizes).toHaveLength(2000);
    expect(sizes).toEqual([...sizes].sort((one, other) => one - other));
  });
});

it('moments are ordered as the seconds that they are', () => {
  const moments = fc.date({
    min: new Date('0001-01-01T00:00:00Z'),
    max: new Date('9999-12-31T23:59:59Z'),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(moments, (date) => {
      const moment = `${date.toISOString().slice(0, 19)}Z`;
      expect(secondsOf(moment)).toBe(Date.parse(moment) / 1000);
    }),
    { numRuns: 2000 },
  );
});

describe('a mark', () => {
  it('brings the rows of before back, with what the indexes find', () => {
    fc.assert(
      fc.property(writes, writes, (before, after) => {
        const store = new TableStore('id');
        for (const [at, id] of ['h', 'c', 'a'].entries()) store.load({ id, name: 'One', size: at, versionnumber: at });
        apply(store, before);
        const rows = [...store.all()];
        store.mark();
        apply(store, after);
        store.returnToMark();
        expect([...store.all()].map((row) => row.id).sort()).toEqual(rows.map((row) => row.id).sort());
        for (const row of rows) expect(store.get(String(row.id))).toBe(row);
        expect([...store.idsWith('name', 'one')].sort()).toEqual(
          scan(store, (row) => /^one$/i.test(String(row.name))).sort(),
        );
      }),
    );
  });
});

describe('a range in $filter', () => {
  it('finds by the index what a scan finds', async () => {
    await using organization = await startOrganization({ contacts: 200 });
    const moments = organization.mock
      .rows('contact')
      .map((row) => String(row.modifiedon))
      .sort();
    const [from, to] = [moments[100] ?? '', moments[110] ?? ''];
    const expected = moments.filter((moment) => moment >= from && moment < to);
    const { body } = await organization.get(
      `contacts?$select=modifiedon&$filter=modifiedon ge ${from} and modifiedon lt ${to}&$orderby=modifiedon`,
    );
    expect(body.value.map((row: { modifiedon: string }) => row.modifiedon)).toEqual(expected);
    const money = await organization.get('accounts?$select=revenue&$filter=revenue gt 1 and revenue le 20000000');
    for (const { revenue } of money.body.value) expect(revenue).toBeLessThanOrEqual(20_000_000);
    expect((await organization.get("contacts?$filter=birthdate lt '1800-01-01'")).status).toBe(400);
    expect((await organization.get('contacts?$filter=birthdate lt 1800-01-01')).body.value).toEqual([]);
  });
});
