import { describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor, queryFingerprint, skipTokenOf } from '../../../src/connectors/dynamics/cursor.js';

const QUERY = { setName: 'contacts', filter: null, orderBy: 'contactid asc' };
const PRINT = queryFingerprint(QUERY);
const forge = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('cursor', () => {
  it('comes back as the position it stands for', () => {
    const position = { skipToken: '%3Ccookie%20pagenumber=%222%22%20/%3E', offset: 7 };
    for (const one of [position, { ...position, anchor: 'd5026a4d-0000-0000-0000-000000000001' }])
      expect(decodeCursor(PRINT, encodeCursor(PRINT, one))).toEqual(one);
  });

  it('belongs to one filter and order', () => {
    const cursor = encodeCursor(PRINT, { skipToken: null, offset: 1 });
    const other = queryFingerprint({ ...QUERY, filter: 'statecode eq 0' });
    expect(() => decodeCursor(other, cursor)).toThrow('belongs to another query');
  });

  it.each([
    ['', 'not JSON'],
    ['bm9uc2Vuc2U', 'not JSON'],
    [forge({}), 'not a list'],
    [forge([PRINT, 'a&$top=1', 0]), 'a further option'],
    [forge([PRINT, 'a#b', 0]), 'a fragment'],
    [forge([PRINT, 'a b', 0]), 'a blank'],
    [forge([PRINT, null, -1]), 'a place before the page'],
    [forge([PRINT, null, 9e9]), 'a place beyond any page'],
    [forge([PRINT, 7, 0]), 'a token that is no text'],
    [forge([PRINT, null, 1, 7]), 'an id that is no text'],
    [forge([PRINT, null, 1, 'x'.repeat(101)]), 'an id that is none'],
  ])('is refused when it is forged: %s (%s)', (cursor) => {
    expect(() => decodeCursor(PRINT, cursor)).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }));
  });

  it('finds the skiptoken of a nextLink as it stands', () => {
    expect(skipTokenOf('https://h/api/data/v9.2/contacts?$select=a&$skiptoken=%3Cc%20n=%222%22%3E')).toBe(
      '%3Cc%20n=%222%22%3E',
    );
    expect(skipTokenOf('https://h/contacts?%24skiptoken=x1&$select=a')).toBe('x1');
    expect(skipTokenOf(undefined)).toBeNull();
  });
});
