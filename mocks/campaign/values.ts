/**
 * A stored value. Text is a string; every number and boolean a number, or a decimal string where an int64 is too large for one;
 * moments are `2026-01-31 13:45:00.123Z` and dates `2026-01-31`, so that text order is time order; null stands for no date.
 */
export type Value = string | number | null;

/** How values of a type are stored and compared. */
export type Kind = 'text' | 'number' | 'int64' | 'boolean' | 'datetime' | 'date' | 'time';

const KINDS: Readonly<Record<string, Kind>> = {
  string: 'text',
  memo: 'text',
  CDATA: 'text',
  html: 'text',
  blob: 'text',
  bin: 'text',
  uuid: 'text',
  ANY: 'text',
  MNTOKEN: 'text',
  primarykey: 'text',
  boolean: 'boolean',
  byte: 'number',
  short: 'number',
  long: 'number',
  enum: 'number',
  int64: 'int64',
  float: 'number',
  double: 'number',
  money: 'number',
  percent: 'number',
  timespan: 'number',
  datetime: 'datetime',
  datetimetz: 'datetime',
  datetimenotz: 'datetime',
  date: 'date',
  time: 'time',
};

export function isKnownType(type: string): boolean {
  return Object.hasOwn(KINDS, type);
}

export function kindOf(type: string): Kind {
  return KINDS[type] ?? 'text';
}

/** What a column holds where nothing was written: numbers are NOT NULL DEFAULT 0, text is empty, dates are null. */
export function emptyValue(kind: Kind): Value {
  if (kind === 'text') return '';
  return kind === 'datetime' || kind === 'date' || kind === 'time' ? null : 0;
}

/** Thrown for text that a type cannot hold; the message is the database's. */
export class ValueError extends Error {
  override readonly name = 'ValueError';
}

const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  byte: [-128, 127],
  short: [-32_768, 32_767],
  long: [-2_147_483_648, 2_147_483_647],
};

/** Casts the text of an attribute to a stored value of its type. Empty text is the type's empty value. */
export function castText(text: string, type: string): Value {
  const kind = kindOf(type);
  if (kind === 'text') return text;
  const trimmed = text.trim();
  if (trimmed === '') return emptyValue(kind);
  if (kind === 'boolean') return castBoolean(trimmed);
  if (kind === 'datetime') return castMoment(trimmed);
  if (kind === 'date') return castMoment(trimmed).slice(0, 10);
  if (kind === 'time') return castTime(trimmed);
  return kind === 'int64' ? castInt64(trimmed) : castNumber(trimmed, type);
}

function castBoolean(text: string): Value {
  if (text === 'true' || text === '1') return 1;
  if (text === 'false' || text === '0') return 0;
  throw invalidSyntax(text, 'boolean');
}

const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

function castNumber(text: string, type: string): number {
  const number = DECIMAL.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(number)) throw invalidSyntax(text, type);
  const range = RANGES[type];
  if (!range) return number;
  if (!Number.isInteger(number)) throw invalidSyntax(text, type);
  if (number < range[0] || number > range[1]) throw outOfRange(text, type);
  return number;
}

function castInt64(text: string): Value {
  if (!/^[+-]?\d+$/.test(text)) throw invalidSyntax(text, 'int64');
  const digits = text.replace(/^[+-]?0*/, '');
  // Reading millions of digits takes seconds.
  if (digits.length > MAX_INT64_DIGITS) throw outOfRange(text, 'int64');
  const given = text.startsWith('-') ? -BigInt(digits) : BigInt(digits);
  const exact = BigInt.asIntN(64, given);
  if (exact !== given) throw outOfRange(text, 'int64');
  const number = Number(exact);
  return Number.isSafeInteger(number) ? number : exact.toString();
}

const MAX_INT64_DIGITS = 19;

function invalidSyntax(text: string, type: string): ValueError {
  return new ValueError(`invalid input syntax for type ${type}: "${shown(text)}"`);
}

function outOfRange(text: string, type: string): ValueError {
  return new ValueError(`value "${shown(text)}" is out of range for type ${type}`);
}

const MAX_SHOWN = 100;

function shown(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

/** The calendar repeats after these; `Date.UTC` takes years below 100 for those of the last century. */
const FOUR_CENTURIES_MS = 146_097 * 86_400_000;

const MOMENT =
  /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/;

/** Reads ISO 8601 with `T` or a space, with or without milliseconds and zone (UTC where there is none). */
export function castMoment(text: string): string {
  const match = MOMENT.exec(text);
  if (!match) throw invalidSyntax(text, 'timestamp');
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] = match;
  const numbers = [year, month, day, hour, minute, second].map(Number);
  const [y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0] = numbers;
  const milliseconds = Number(fraction.padEnd(3, '0').slice(0, 3));
  const utc = Date.UTC(y + 400, mo - 1, d, h, mi, s, milliseconds) - FOUR_CENTURIES_MS;
  const date = new Date(utc);
  const exists = date.getUTCMonth() === mo - 1 && date.getUTCDate() === d && h < 24 && mi < 60 && s < 60;
  if (!exists) throw new ValueError(`date/time field value out of range: "${text}"`);
  return formatMoment(new Date(utc - zoneMilliseconds(zone)));
}

function zoneMilliseconds(zone: string): number {
  if (zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return (zone.startsWith('-') ? -1 : 1) * minutes * 60_000;
}

const TIME = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?Z?$/;

function castTime(text: string): string {
  const match = TIME.exec(text);
  if (!match) throw invalidSyntax(text, 'time');
  const [, hour = '', minute = '', second = '00'] = match;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59)
    throw new ValueError(`date/time field value out of range: "${text}"`);
  return `${hour.padStart(2, '0')}:${minute}:${second}`;
}

/** `2026-01-31 13:45:00.123Z`, as Campaign writes moments into attributes. Throws `ValueError` beyond the years 0 to 9999. */
export function formatMoment(date: Date): string {
  const year = date.getUTCFullYear();
  if (!(year >= 0 && year <= 9999)) throw new ValueError('timestamp out of range');
  return date.toISOString().replace('T', ' ');
}

/** The text of a value in an attribute; no value is empty text. */
export function formatValue(value: Value | bigint | undefined): string {
  return value === null || value === undefined ? '' : String(value);
}
