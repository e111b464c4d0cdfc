import { describe, expect, it } from 'vitest';
import { castText, ValueError } from '../../../mocks/campaign/values.js';

describe('a value of the Campaign mock', () => {
  it.each(['0050-03-01', '0000-02-29', '0400-02-29', '9999-12-31'])('keeps the year of %s', (date) => {
    expect([castText(date, 'date'), castText(date, 'datetime')]).toEqual([date, `${date} 00:00:00.000Z`]);
  });

  it.each(['0001-02-29', '1900-02-29', '2026-04-31', '2026-13-01'])('is no date: %s', (date) => {
    expect(() => castText(date, 'date')).toThrow(ValueError);
  });

  it('is no whole number of millions of digits, which it does not hold up to say', () => {
    const digits = '9'.repeat(60_000_000);
    expect(() => castText(digits, 'int64')).toThrow(`value "${'9'.repeat(100)}…" is out of range for type int64`);
    expect(() => castText(`-${digits}`, 'long')).toThrow(/^invalid input syntax for type long: "-9{99}…"$/);
  });

  it.each([
    ['9223372036854775807', '9223372036854775807'],
    ['-9223372036854775808', '-9223372036854775808'],
    [`+${'0'.repeat(30)}7`, 7],
    ['-0', 0],
  ])('is a whole number of 64 bits: %s', (text, value) => {
    expect(castText(text, 'int64')).toBe(value);
  });
});
