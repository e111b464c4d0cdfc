import { CODES, DynamicsError, payloadError } from '../errors.js';
import { isGuid, normalizeGuid } from '../resource-path.js';
import type { Cell } from '../store.js';
import type { ColumnDefinition } from '../table-definitions.js';
import { optionsOf, type Table, type Tables } from '../tables.js';

/** Where a value is written to. */
export interface WrittenColumn {
  readonly tables: Tables;
  readonly table: Table;
  readonly column: ColumnDefinition;
}

const INT32_LIMIT = 2_147_483_648;
const EARLIEST_DATE = '1753-01-01';
const MAX_SELECTED_OPTIONS = 150;

/**
 * Checks a JSON value that is not null against a column and gives it in the form rows hold it.
 *
 * @throws DynamicsError 400 with the service's code for a wrong type, length, range or option.
 */
export function convertValue(target: WrittenColumn, value: unknown): Cell {
  switch (target.column.type) {
    case 'Integer':
      return convertInteger(target, value);
    case 'BigInt':
      return convertNumber(target, value, 'Edm.Int64');
    case 'Decimal':
    case 'Money':
      return convertNumber(target, value, 'Edm.Decimal');
    case 'Double':
      return convertNumber(target, value, 'Edm.Double');
    case 'Boolean':
      return typeof value === 'boolean' ? value : wrongType(target, value, 'Edm.Boolean');
    case 'Picklist':
    case 'State':
    case 'Status':
      return convertOption(target, value);
    case 'MultiSelectPicklist':
      return convertOptions(target, value);
    case 'DateTime':
      return convertMoment(target, value);
    case 'DateOnly':
      return convertDate(target, value);
    case 'Uniqueidentifier':
      return typeof value === 'string' && isGuid(value) ? normalizeGuid(value) : wrongType(target, value, 'Edm.Guid');
    default:
      return convertText(target, value);
  }
}

function wrongType({ table }: WrittenColumn, value: unknown, type: string): never {
  throw payloadError(
    table.definition.setName,
    `Cannot convert the literal '${typeof value === 'object' ? JSON.stringify(value) : String(value)}' to the expected type '${type}'.`,
  );
}

function convertText(target: WrittenColumn, value: unknown): string {
  if (typeof value !== 'string') return wrongType(target, value, 'Edm.String');
  const { maxLength, name } = target.column;
  if (maxLength !== undefined && value.length > maxLength) {
    throw new DynamicsError(
      400,
      CODES.stringTooLong,
      `A validation error occurred.  The length of the '${name}' attribute of the '${target.table.name}' entity exceeded the maximum allowed length of '${maxLength}'.`,
    );
  }
  return value;
}

function convertInteger(target: WrittenColumn, value: unknown): number {
  const isInt32 = typeof value === 'number' && Number.isInteger(value) && value >= -INT32_LIMIT && value < INT32_LIMIT;
  if (!isInt32) return wrongType(target, value, 'Edm.Int32');
  return assertRange(target, value, CODES.integerOutOfRange);
}

function convertNumber(target: WrittenColumn, value: unknown, type: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) return wrongType(target, value, type);
  const { precision } = target.column;
  const rounded = precision === undefined ? value : Number(value.toFixed(Math.min(precision, 12)));
  return assertRange(target, rounded, CODES.decimalOutOfRange);
}

function assertRange(target: WrittenColumn, value: number, code: string): number {
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = target.column;
  if (value >= min && value <= max) return value;
  throw outOfRange(target, { code, value, accepted: `${min} to ${max}` });
}

function outOfRange(
  { table, column }: WrittenColumn,
  it: { code: string; value: unknown; accepted: string },
): DynamicsError {
  return new DynamicsError(
    400,
    it.code,
    `A validation error occurred. The value ${String(it.value)} of '${column.name}' on record of type '${table.name}' is outside the valid range. Accepted Values: ${it.accepted}`,
  );
}

function convertOption(target: WrittenColumn, value: unknown): number {
  if (typeof value !== 'number' || !Number.isInteger(value)) return wrongType(target, value, 'Edm.Int32');
  return assertOption(target, value);
}

function assertOption(target: WrittenColumn, value: number): number {
  const options = optionsOf(target.tables, target.column).map((option) => option.value);
  // A choice whose options no definition lists takes any value.
  if (options.length === 0 || options.includes(value)) return value;
  throw outOfRange(target, { code: CODES.optionOutOfRange, value, accepted: options.join(',') });
}

function convertOptions(target: WrittenColumn, value: unknown): string {
  if (typeof value !== 'string' || !/^-?\d+(,-?\d+)*$/.test(value.replaceAll(' ', '')))
    return wrongType(target, value, 'Edm.String');
  const values = [...new Set(value.split(',').map(Number))].sort((a, b) => a - b);
  if (values.length > MAX_SELECTED_OPTIONS)
    throw outOfRange(target, {
      code: CODES.optionOutOfRange,
      value,
      accepted: `at most ${MAX_SELECTED_OPTIONS} values`,
    });
  for (const option of values) assertOption(target, option);
  return values.join(',');
}

/** Rows hold moments in UTC, to the second. */
function convertMoment(target: WrittenColumn, value: unknown): string {
  const time = typeof value === 'string' && /^\d{4}-\d{2}-\d{2}/.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(time)) return wrongType(target, value, 'Edm.DateTimeOffset');
  return assertNotTooEarly(`${new Date(time).toISOString().slice(0, 19)}Z`);
}

function convertDate(target: WrittenColumn, value: unknown): string {
  const isDay =
    typeof value === 'string' &&
    /^\d{4}-\d{2}-\d{2}$/.test(value) &&
    new Date(value).toJSON()?.startsWith(value) === true;
  if (!isDay) return wrongType(target, value, 'Edm.Date');
  return assertNotTooEarly(value);
}

function assertNotTooEarly(value: string): string {
  if (value >= EARLIEST_DATE) return value;
  throw new DynamicsError(
    400,
    '0x80040239',
    `DateTime is less than minimum value supported by CrmDateTime. Actual value: ${value}, Minimum value supported: 01/01/1753 00:00:00`,
    {},
  );
}
