import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExactJson, writeExactJson } from '../../../src/connectors/dynamics/exact-json.js';

describe('JSON with 64-bit integers', () => {
  it.each([
    ['{"a":9007199254740993,"b":[-9223372036854775808]}', { a: '9007199254740993', b: ['-9223372036854775808'] }],
    ['{"a":[9007199254740993,1]}', { a: ['9007199254740993', 1] }],
    ['{"a":9007199254740991}', { a: 9007199254740991 }],
  ])('keeps every digit of %s', (text, value) => {
    expect(parseExactJson(text)).toEqual(value);
  });

  it('leaves digits within texts, names, fractions and exponents alone', () => {
    const text =
      '{"x":9007199254740993,"9007199254740993":"a:9007199254740993,\\"9007199254740993","y":0.1234567890123456,"z":12345678901234567e3}';
    expect(parseExactJson(text)).toEqual({
      x: '9007199254740993',
      '9007199254740993': 'a:9007199254740993,"9007199254740993',
      y: 0.1234567890123456,
      z: 12345678901234567e3,
    });
  });

  it('reads all else as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify({ long: '', value }).replace('""', '9007199254740993');
        expect(parseExactJson(text)).toEqual({ ...JSON.parse(text, withDigits), long: '9007199254740993' });
      }),
    );
  });

  it('writes a bigint with all its digits, and all else as JSON.stringify does', () => {
    const body = { name: 'A "1"', points: -9223372036854775808n, missing: undefined, none: null, list: [1] };
    expect(writeExactJson(body)).toBe('{"name":"A \\"1\\"","points":-9223372036854775808,"none":null,"list":[1]}');
    expect(writeExactJson([1, 'a'])).toBe('[1,"a"]');
  });
});

/** The generated values hold long integers of their own, written without a rounding. */
function withDigits(_name: string, value: unknown): unknown {
  const isLong = Number.isInteger(value) && !Number.isSafeInteger(value) && /^-?\d+$/.test(String(value));
  return isLong ? String(value) : value;
}
