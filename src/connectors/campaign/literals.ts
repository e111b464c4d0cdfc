import type { AttributeType } from '../../model/campaign-schema.js';
import { RequestError } from '../../model/errors.js';
import type { Scalar } from '../../model/query.js';
import { isXmlText } from '../../model/xml.js';
import type { ResolvedPath } from './paths.js';

/** How a type is written in expressions and which values mean "none". */
export type LiteralKind = 'text' | 'number' | 'integer' | 'boolean' | 'datetime' | 'date' | 'time';

const KINDS: Readonly<Record<AttributeType, LiteralKind>> = {
  string: 'text',
  memo: 'text',
  html: 'text',
  blob: 'text',
  uuid: 'text',
  byte: 'integer',
  short: 'integer',
  long: 'integer',
  int64: 'integer',
  float: 'number',
  double: 'number',
  timespan: 'number',
  boolean: 'boolean',
  datetime: 'datetime',
  date: 'date',
  time: 'time',
};

export function literalKind(type: AttributeType): LiteralKind {
  return KINDS[type];
}

/** Tells whether Campaign stores "no value" of this kind as 0, as its number columns are never null. */
export function isZeroWhenEmpty(kind: LiteralKind): boolean {
  return kind === 'number' || kind === 'integer' || kind === 'boolean';
}

/**
 * Writes a value as an XTK literal of the attribute's type: `12`, `'O\'Neill'`, `#2026-01-30 23:00:00.000Z#`.
 * Throws `BAD_USER_INPUT` for a value that does not fit, so that no text ever reaches an expression but between its quotes.
 */
export function literal(value: Scalar, to: ResolvedPath): string {
  const kind = literalKind(to.attribute.type);
  const text = attributeText(value, to);
  if (text === null) throw misfit(value, to, kind);
  if (kind === 'text') return quote(text);
  return kind === 'datetime' || kind === 'date' || kind === 'time' ? `#${text}#` : text;
}

/** Quotes a text. Campaign reads `\'` as a quote and `\\` as a backslash. */
export function quote(text: string): string {
  return `'${text.replace(/[\\']/g, (character) => `\\${character}`)}'`;
}

/** A value as Campaign's attributes hold it, or null where it does not fit the attribute's type. */
export function attributeText(value: Scalar, to: ResolvedPath): string | null {
  return wireText(enumeratedValue(value, to), literalKind(to.attribute.type));
}

function wireText(value: Scalar, kind: LiteralKind): string | null {
  switch (kind) {
    case 'text':
      return isXmlText(String(value)) ? String(value) : null;
    case 'boolean':
      return wireBoolean(value);
    case 'integer':
      return typeof value === 'boolean' ? wireBoolean(value) : wireInteger(value);
    case 'number':
      return wireNumber(value);
    case 'datetime':
      return wireMoment(value)?.replace('T', ' ') ?? null;
    case 'date':
      return wireDate(value);
    case 'time':
      return /^\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?$/.test(String(value)) ? String(value) : null;
  }
}

function wireBoolean(value: Scalar): string | null {
  if (value === true || value === 'true' || value === 1 || value === '1') return '1';
  return value === false || value === 'false' || value === 0 || value === '0' ? '0' : null;
}

function wireInteger(value: Scalar): string | null {
  return /^-?\d{1,19}$/.test(String(value)) ? String(value) : null;
}

/** Digits without an exponent, which XTK expressions do not know; null for a number that would not be the same without it. */
function wireNumber(value: Scalar): string | null {
  if (typeof value === 'boolean' || String(value).trim() === '' || !Number.isFinite(Number(value))) return null;
  if (/^-?\d+(\.\d+)?$/.test(String(value))) return String(value);
  const number = Number(value);
  const plain = Number.isInteger(number) ? BigInt(number).toString() : number.toFixed(20).replace(/0+$/, '');
  return Number(plain) === number ? plain : null;
}

/** `2026-01-30T23:00:00.000Z`; a day alone is its midnight, a moment without an offset is in UTC. */
function wireMoment(value: Scalar): string | null {
  const match = MOMENT.exec(String(value));
  if (typeof value !== 'string' || !match) return null;
  const [, day, time = '00:00:00', offset = 'Z'] = match;
  const moment = new Date(`${day}T${time}${offset}`);
  return Number.isNaN(moment.getTime()) || !isDay(day ?? '') ? null : moment.toISOString();
}

const MOMENT = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:\d{2})?)?$/;

/** The day of a date, or of a moment in UTC. */
function wireDate(value: Scalar): string | null {
  return wireMoment(value)?.slice(0, 10) ?? null;
}

/** False for 31 February, which `Date` would quietly take for March. */
function isDay(day: string): boolean {
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
}

/** Enumerations may be named by their values or by the names of these: 1 or `male`. */
function enumeratedValue(value: Scalar, { enumeration }: ResolvedPath): Scalar {
  const values = enumeration?.values ?? [];
  if (values.some((candidate) => candidate.value === String(value))) return value;
  return values.find((candidate) => candidate.name === value)?.value ?? value;
}

const EXPECTED: Readonly<Record<LiteralKind, string>> = {
  text: 'a text without control characters',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  datetime: 'a moment such as 2026-01-30T23:00:00Z',
  date: 'a date such as 2026-01-30',
  time: 'a time such as 23:00:00',
};

function misfit(value: Scalar, to: ResolvedPath, kind: LiteralKind): RequestError {
  const names = to.enumeration?.values.map((candidate) => candidate.name).slice(0, 20);
  const expected = names?.length ? `one of ${names.join(', ')}` : EXPECTED[kind];
  return new RequestError(
    'BAD_USER_INPUT',
    `"${to.path}" is compared with ${JSON.stringify(value)}, but takes ${expected}.`,
  );
}
