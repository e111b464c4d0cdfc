import { describe, expect, it } from 'vitest';
import { dividePage, gatheredFirst } from '../../src/connectors/divide-page.js';
import type { Page } from '../../src/model/query.js';

/** A page of records that belong to owners in this order. */
function pageOf(owners: string, hasNextPage = false): Page {
  const records = [...owners].map((owner, index) => ({ owner, index }));
  return { records, hasNextPage, cursorAt: String, count: null };
}

function divide(gathered: Page, query: { readonly first: number; readonly count?: boolean }) {
  const pages = dividePage({
    gathered,
    values: ['a', 'b', 'c'],
    query,
    heldBy: ({ owner }) => String(owner),
    cursorsOf: (value) => (index, place) => `${value} ${index} ${place}`,
  });
  return Object.fromEntries(
    [...pages].map(([value, { records, hasNextPage, count }]) => [
      value,
      [records.map(({ index }) => index), hasNextPage, count],
    ]),
  );
}

describe('A gathered page', () => {
  it('is divided into the records of each value, in its order', () => {
    expect(divide(pageOf('abab'), { first: 5 })).toEqual({
      a: [[0, 2], false, null],
      b: [[1, 3], false, null],
      c: [[], false, null],
    });
  });

  it('shows no more of a value than were asked for', () => {
    expect(divide(pageOf('aaab'), { first: 2 }).a).toEqual([[0, 1], true, null]);
  });

  it('answers, where it goes on, only for values of which it holds more than were asked for', () => {
    expect(divide(pageOf('aaab', true), { first: 2 })).toEqual({ a: [[0, 1], true, null] });
  });

  it('counts where nothing follows it, and answers no count where something does', () => {
    expect(divide(pageOf('aaab'), { first: 2, count: true }).a).toEqual([[0, 1], true, { value: 3, exact: true }]);
    expect(divide(pageOf('aaab', true), { first: 2, count: true })).toEqual({});
  });

  it('answers nothing where a record belongs to no value', () => {
    expect(divide(pageOf('abx'), { first: 2 })).toEqual({});
  });

  it('gives each record the cursor of its own value', () => {
    const pages = dividePage({
      gathered: pageOf('aba'),
      values: ['a', 'b'],
      query: { first: 2 },
      heldBy: ({ owner }) => String(owner),
      cursorsOf: (value) => (index, place) => `${value} ${index} ${place}`,
    });
    expect(pages.get('a')?.cursorAt(1)).toBe('a 2 1');
    expect(() => pages.get('b')?.cursorAt(1)).toThrow(RangeError);
  });

  it('asks for room for every value, within what one query may give', () => {
    expect(gatheredFirst({ first: 9 }, 10)).toBe(500);
    expect(gatheredFirst({ first: 50 }, 100)).toBe(5_000);
    expect(gatheredFirst({ first: 1, count: true }, 2)).toBe(5_000);
  });
});
