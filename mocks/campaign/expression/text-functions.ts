import { createHash, randomUUID } from 'node:crypto';
import { ValueError } from '../values.js';
import type { XtkFunction } from './functions.js';
import { type Operand, toText } from './operand.js';

const text = (least: number, most: number, evaluate: (args: readonly string[]) => Operand): XtkFunction => ({
  kind: 'text',
  arity: [least, most],
  evaluate: (args) => evaluate(args.map(toText)),
});

const count = (least: number, most: number, evaluate: (args: readonly string[]) => number): XtkFunction => ({
  ...text(least, most, evaluate),
  kind: 'number',
});

const MAX_LENGTH = 4_000;

/** Functions of text, by lower-case name. Positions begin at 1. */
export const TEXT_FUNCTIONS: Readonly<Record<string, XtkFunction>> = {
  getemaildomain: text(1, 1, ([value = '']) => (value.includes('@') ? value.slice(value.lastIndexOf('@') + 1) : '')),
  lower: text(1, 1, ([value = '']) => value.toLowerCase()),
  upper: text(1, 1, ([value = '']) => value.toUpperCase()),
  smart: text(1, 1, ([value = '']) => smartCase(value)),
  trim: text(1, 1, ([value = '']) => value.trim()),
  ltrim: text(1, 1, ([value = '']) => value.trimStart()),
  rtrim: text(1, 1, ([value = '']) => value.trimEnd()),
  lpad: text(3, 3, ([value = '', length = '', pad = '']) => value.padStart(lengthOf(length), pad)),
  rpad: text(3, 3, ([value = '', length = '', pad = '']) => value.padEnd(lengthOf(length), pad)),
  left: text(2, 2, ([value = '', length = '0']) => value.slice(0, lengthOf(length))),
  right: text(2, 2, ([value = '', length = '0']) => (lengthOf(length) > 0 ? value.slice(-lengthOf(length)) : '')),
  substring: text(3, 3, ([value = '', start = '1', length = '0']) => {
    const from = Math.max(0, Number(start) - 1);
    return value.slice(from, from + lengthOf(length));
  }),
  replace: text(3, 3, ([value = '', search = '', by = '']) => replaced(value, search, by)),
  juxtwords: text(2, 2, (words) => words.filter((word) => word !== '').join(' ')),
  juxtwords3: text(3, 3, (words) => words.filter((word) => word !== '').join(' ')),
  allnonnull2: count(2, 2, (values) => (values.every((value) => value !== '') ? 1 : 0)),
  allnonnull3: count(3, 3, (values) => (values.every((value) => value !== '') ? 1 : 0)),
  getline: text(2, 2, ([value = '', line = '1']) => value.split(/\r\n|\n/)[Number(line) - 1] ?? ''),
  ifequals: {
    kind: 'second',
    arity: [4, 4],
    evaluate: ([first = null, second = null, yes = null, no = null]) => (toText(first) === toText(second) ? yes : no),
  },
  tostring: { ...text(1, 2, ([value = '']) => value) },
  length: count(1, 1, ([value = '']) => value.length),
  datalength: count(1, 1, ([value = '']) => Buffer.byteLength(value)),
  ascii: count(1, 1, ([value = '']) => (value === '' ? 0 : value.charCodeAt(0))),
  char: text(1, 1, ([code = '0']) => characterOf(Number(code))),
  charindex: count(2, 2, ([value = '', search = '']) => value.indexOf(search) + 1),
  memocontains: count(2, 2, ([value = '', search = '']) => (value.includes(search) ? 1 : 0)),
  ismemonull: count(1, 1, ([value = '']) => (value === '' ? 1 : 0)),
  isemptystring: {
    kind: 'second',
    arity: [3, 3],
    evaluate: ([value = null, yes = null, no = null]) => (toText(value) === '' ? yes : no),
  },
  md5digest: text(1, 1, ([value = '']) => createHash('md5').update(value).digest('hex')),
  sha256digest: text(1, 1, ([value = '']) => createHash('sha256').update(value).digest('hex')),
  newuuid: text(0, 0, () => randomUUID()),
};

const MAX_REPLACED = 1_000_000;

/** Replacements inside replacements would grow without bounds. */
function replaced(value: string, search: string, by: string): string {
  if (search === '') return value;
  const parts = value.split(search);
  const length = value.length + (parts.length - 1) * (by.length - search.length);
  if (length > MAX_REPLACED) throw new ValueError(`the result of Replace is longer than ${MAX_REPLACED} characters`);
  return parts.join(by);
}

/** A length is never negative, and never longer than a column can be. */
function lengthOf(length: string): number {
  return Math.min(MAX_LENGTH, Math.max(0, Math.trunc(Number(length)) || 0));
}

function characterOf(code: number): string {
  return Number.isInteger(code) && code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '';
}

/** A capital for the first letter of each word, the rest in lower case. */
export function smartCase(value: string): string {
  return value
    .toLowerCase()
    .replace(/(^|[\s'-])(\p{L})/gu, (_, before: string, letter: string) => before + letter.toUpperCase());
}
