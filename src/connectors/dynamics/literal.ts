import { RequestError } from '../../model/errors.js';
import type { Scalar } from '../../model/query.js';
import type { Column, Table } from '../../model/table.js';
import { findColumn } from '../../model/table.js';
import { isXmlText } from '../../model/xml.js';

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,7})?)?(Z|[+-]\d{2}:\d{2})$/i;
const INT64_MAX = 2n ** 63n - 1n;

/** Tells whether a text is a GUID, as the ids of records are. */
export function isGuid(text: string): boolean {
  return GUID.test(text);
}

/** The column of a name, if it can be asked for; rejects an unknown or unreadable one with `BAD_USER_INPUT`. */
export function readableColumn(table: Table, name: string): Column {
  const column = findColumn(table, name);
  if (!column) throw badInput(`Expected a column of table ${table.logicalName}, but it has none called "${name}".`);
  if (!column.readable)
    throw badInput(`Expected a readable column of table ${table.logicalName}, but "${name}" cannot be read.`);
  return column;
}

/** The OData property that holds a column's value: `_x_value` for the lookup `x`. */
export function propertyOf(column: Column): string {
  return isLookup(column) ? `_${column.name}_value` : column.name;
}

export function isLookup(column: Column): boolean {
  return column.type === 'lookup' || column.type === 'customer' || column.type === 'owner';
}

export function isText(column: Column): boolean {
  return column.type === 'string' || column.type === 'memo' || column.type === 'entityname';
}

/**
 * Writes a value as an OData literal of the column's type. Rejects a value that does not fit with `BAD_USER_INPUT`, naming the column.
 * https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query/filter-rows
 */
export function compileLiteral(column: Column, value: Scalar): string {
  const plain = comparedValue(column, value);
  return isText(column) ? quote(plain) : plain;
}

/**
 * The value as text without quotes, to compare with. Control characters are refused: databases take most of them for nothing, so that
 * a comparison with one would find more than it says.
 */
export function comparedValue(column: Column, value: Scalar): string {
  const plain = plainValue(column, value);
  return isXmlText(plain) ? plain : unfit(column, 'a text without control characters', value);
}

/** Text between apostrophes, in which an apostrophe is doubled. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** The value as text without quotes, checked against the column's type. */
export function plainValue(column: Column, value: Scalar): string {
  switch (column.type) {
    case 'string':
    case 'memo':
    case 'entityname':
      return typeof value === 'string' && value.isWellFormed() ? value : unfit(column, 'a text', value);
    case 'integer':
      return integer(value, 2n ** 31n - 1n) ?? unfit(column, 'a whole number of 32 bits', value);
    case 'choice':
    case 'choices':
    case 'state':
    case 'status':
      return integer(value, 2n ** 31n - 1n) ?? unfit(column, 'the whole number of an option', value);
    case 'bigint':
      return integer(value, INT64_MAX) ?? unfit(column, 'a whole number of 64 bits', value);
    case 'decimal':
    case 'double':
    case 'money':
      return decimal(value) ?? unfit(column, 'a number of at most 20 digits on either side of the point', value);
    case 'boolean':
      return typeof value === 'boolean' ? String(value) : unfit(column, 'true or false', value);
    case 'datetime':
      return moment(value) ?? unfit(column, 'a moment such as 2024-05-01T00:00:00Z', value);
    case 'date':
      return date(value) ?? unfit(column, 'a date such as 2024-05-01', value);
    case 'lookup':
    case 'customer':
    case 'owner':
    case 'uniqueid':
      return typeof value === 'string' && isGuid(value) ? value.toLowerCase() : unfit(column, 'an id (a GUID)', value);
    default:
      throw badInput(
        `Expected a column to filter by, but column "${column.name}" is of type ${column.type}, which Dynamics cannot compare.`,
      );
  }
}

function integer(value: Scalar, max: bigint): string | null {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) return null;
  if (typeof value === 'boolean' || !/^-?\d{1,19}$/.test(String(value))) return null;
  const number = BigInt(value);
  return number <= max && number >= -max - 1n ? String(number) : null;
}

/** Without an exponent, which Edm.Decimal has not; null for a number that would not be the same without it. */
function decimal(value: Scalar): string | null {
  if (typeof value === 'string') return /^-?\d{1,30}(\.\d{1,20})?$/.test(value) ? value : null;
  if (typeof value === 'boolean' || !Number.isFinite(value)) return null;
  const text = String(value);
  if (!text.includes('e')) return text;
  const plain = Math.abs(value) < 1 ? value.toFixed(20).replace(/0+$/, '') : '';
  return Number(plain) === value ? plain : null;
}

function moment(value: Scalar): string | null {
  if (typeof value !== 'string') return null;
  if (DATE.test(value)) return date(value) && `${value}T00:00:00Z`;
  if (!MOMENT.test(value)) return null;
  const time = new Date(value);
  return Number.isNaN(time.getTime()) ? null : time.toISOString().replace('.000Z', 'Z');
}

/** A date of the calendar: `2024-02-30` is none, though `Date` reads it as one in March. */
function date(value: Scalar): string | null {
  if (typeof value !== 'string' || !DATE.test(value)) return null;
  const time = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(value) ? value : null;
}

function unfit(column: Column, expected: string, value: Scalar): never {
  throw badInput(`Expected ${expected} for column "${column.name}", but got ${JSON.stringify(value).slice(0, 80)}.`);
}

export function badInput(message: string): RequestError {
  return new RequestError('BAD_USER_INPUT', message);
}
