import { describe, expect, it } from 'vitest';
import { Store, type Table } from '../../../mocks/campaign/store.js';

function filled(values: readonly (string | number | null)[]): { store: Store; table: Table } {
  const store = new Store(1);
  const table = store.table('T');
  for (const value of values) store.insert(table, { v: value });
  return { store, table };
}

const inOrder = (table: Table, path = 'v') =>
  table
    .ordered(path, '')
    .serials()
    .map((serial) => table.get(serial)?.values[path]);

describe('a table of the Campaign mock', () => {
  it('finds rows by value after inserts, changes and deletions', () => {
    const { store, table } = filled(['a', 'b', 'a']);
    expect(table.find(['v'], ['a']).map((row) => row.serial)).toEqual([1, 3]);
    const [first] = table.find(['v'], ['a']);
    if (first) store.update(table, first, { v: 'c' });
    for (const row of table.find(['v'], ['b'])) store.remove(table, row);
    store.insert(table, { v: 'c' });
    expect(['a', 'b', 'c'].map((value) => table.find(['v'], [value]).map((row) => row.serial))).toEqual([
      [3],
      [],
      [1, 4],
    ]);
    expect(table.countOf(['v'], ['c'])).toBe(2);
  });

  it('finds a number by its text and nothing by 0', () => {
    const { table } = filled([7, 0, null, '007', '12345678901234567890']);
    const serials = (value: string | number) => table.find(['v'], [value]).map((row) => row.serial);
    expect([serials('7'), serials(0), serials('007'), serials('12345678901234567890')]).toEqual([
      [1],
      [2, 3],
      [4],
      [5],
    ]);
  });

  it('finds a text of 0 apart from nothing where it is to find the same', () => {
    const { table } = filled(['0', 0, null, '', 7, '7']);
    const serials = (value: string | number | undefined) => table.findSame(['v'], [value]).map((row) => row.serial);
    expect([serials('0'), serials(0), serials(undefined), serials('7')]).toEqual([[1], [2, 3, 4], [2, 3, 4], [5, 6]]);
  });

  it('keeps the order of its values through inserts, changes and deletions', () => {
    const { store, table } = filled(['m', 'a', 'z']);
    expect(inOrder(table)).toEqual(['a', 'm', 'z']);
    const [first] = table.find(['v'], ['a']);
    if (first) store.update(table, first, { v: 'n' });
    for (const row of table.find(['v'], ['z'])) store.remove(table, row);
    store.insert(table, { v: 'b' });
    store.insert(table, { v: 'zz' });
    expect(inOrder(table)).toEqual(['b', 'm', 'n', 'zz']);
  });

  it.each([
    [undefined, undefined, ['', 'a', 'b', 'b', 'c']],
    [{ value: 'b', inclusive: true }, undefined, ['b', 'b', 'c']],
    [{ value: 'b', inclusive: false }, undefined, ['c']],
    [undefined, { value: 'b', inclusive: true }, ['', 'a', 'b', 'b']],
    [{ value: 'a', inclusive: false }, { value: 'b', inclusive: false }, []],
    [{ value: 'z', inclusive: true }, { value: 'a', inclusive: true }, []],
  ])('gives the rows from %j to %j', (low, high, expected) => {
    const { table } = filled(['b', 'c', '', 'a', 'b']);
    const { start, end } = table.ordered('v', '').range(low, high);
    expect(inOrder(table).slice(start, end)).toEqual(expected);
  });

  it('is after a transaction that fails as it was before, order and indexes too', () => {
    const { store, table } = filled(['a', 'b', 'c']);
    const all = () => [[...table.rows()].map((row) => row.values.v), inOrder(table), table.find(['v'], ['a']).length];
    const before = all();
    const work = () => {
      const [first, second] = [...table.rows()];
      if (first) store.remove(table, first);
      if (second) store.update(table, second, { v: 'a', w: 'new' });
      store.insert(table, { v: '0' });
      throw new Error('no');
    };
    expect(() => store.transaction(work)).toThrow('no');
    expect(all()).toEqual(before);
  });

  it('leaves out of rows what was never written, also where other rows have it', () => {
    const store = new Store(1);
    const table = store.table('T');
    store.insert(table, { a: 1 });
    store.insert(table, { a: 2, b: 'é'.repeat(20), constructor: 'x' });
    const dump = JSON.stringify(store.dump().tables.T);
    expect(dump).toBe(`[{"a":1},{"a":2,"b":"${'é'.repeat(20)}","constructor":"x"}]`);
    expect(JSON.stringify(Store.restore(store.dump()).dump().tables.T)).toBe(dump);
  });
});
