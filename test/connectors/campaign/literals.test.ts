import { describe, expect, it } from 'vitest';
import { tokenize } from '../../../mocks/campaign/expression/tokenize.js';
import { literal, quote } from '../../../src/connectors/campaign/literals.js';
import { pathOf } from './recipient.js';

/** Repeatable pseudo-random numbers below a bound (mulberry32). */
function randomly(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
  };
}

/** Texts of the characters that could end a literal, mixed with harmless ones. */
function hostileText(random: (bound: number) => number): string {
  const pieces = [
    "'",
    '\\',
    '"',
    '#',
    "\\'",
    "' or 1=1 or '",
    '%',
    '$(x)',
    '[',
    ']',
    '@',
    'a',
    'é',
    '😀',
    ' ',
    '\n',
    '&lt;',
  ];
  return Array.from({ length: random(12) }, () => pieces[random(pieces.length)]).join('');
}

/** Campaign's way of reading a literal: a backslash takes the next character as it is, an unescaped quote ends it. */
function readLiteral(source: string): { text: string; rest: string } {
  let text = '';
  for (let at = 1; at < source.length; at++) {
    const character = source.charAt(at);
    if (character === "'") return { text, rest: source.slice(at + 1) };
    if (character === '\\') at++;
    text += source.charAt(at);
  }
  throw new Error('unclosed literal');
}

describe('XTK literals', () => {
  it('reads back as the very text that was quoted, and nothing after it', () => {
    const random = randomly(20260131);
    for (let round = 0; round < 2_000; round++) {
      const text = hostileText(random);
      expect(readLiteral(quote(text))).toEqual({ text, rest: '' });
    }
  });

  it('stays one token for a parser of expressions, whatever the text', () => {
    const random = randomly(7);
    for (let round = 0; round < 500; round++) {
      const text = hostileText(random);
      const tokens = tokenize(literal(text, pathOf('lastName')));
      expect(tokens.map(({ kind, text: read }) => [kind, read])).toEqual([
        ['text', text],
        ['end', ''],
      ]);
    }
  });

  it('lets no text through where a number, a moment or a boolean belongs', () => {
    const random = randomly(99);
    for (let round = 0; round < 500; round++) {
      const text = `${hostileText(random)}'`;
      for (const path of ['wishes', 'score', 'externalNo', 'blackList', 'birthDate', 'lastModified', 'gender']) {
        expect(() => literal(text, pathOf(path))).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }));
      }
    }
  });

  it('writes a number without an exponent only where it stays the same number', () => {
    expect([1e-7, 1e21, 0.5].map((value) => literal(value, pathOf('score')))).toEqual([
      '0.0000001',
      '1000000000000000000000',
      '0.5',
    ]);
    for (const value of [1e-25, 1.2345678e-15])
      expect(() => literal(value, pathOf('score'))).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }));
  });
});
