import type { AttributeType } from '../model/campaign-schema.js';
import { RequestError } from '../model/errors.js';
import type { Conversion } from '../model/mapping.js';
import type { WriteValue } from '../model/query.js';
import type { Choice, EnumeratedValue, RecordValue, Reference } from '../model/record.js';
import type { Column, ColumnType } from '../model/table.js';

/** How a value is changed on its way when a mapping says nothing of it. */
export const DEFAULT_CONVERSION: Conversion = 'DEFAULT';

/**
 * What a Dynamics value becomes in Campaign: a choice its number as text, several choices `1,3` in ascending order, a lookup the id it points
 * to, a moment ISO 8601 in UTC.
 *
 * The conversions are those of Campaign's own CRM connector: DATE_ONLY drops the time (of the moment in UTC), WITHOUT_TIME_OFFSET keeps the clock
 * reading and drops the offset, COPY gives the value as text:
 * https://experienceleague.adobe.com/docs/campaign-classic/using/automating-with-workflows/action-activities/crm-connector.html
 */
export function toCampaign(column: Column, value: RecordValue | undefined, conversion: Conversion): WriteValue {
  const plain = plainValue(value);
  if (plain === null || plain === '') return null;
  if (conversion === 'COPY') return String(plain);
  if (isTemporal(column)) return convertMoment(String(plain), conversion);
  return isStoredAsText(column) ? String(plain) : plain;
}

/**
 * What a Campaign value becomes in Dynamics: the number of a choice, the id a lookup points to, a moment in UTC.
 * Rejects with BAD_USER_INPUT, naming the column, a value that the column cannot hold.
 */
export function toDynamics(column: Column, value: RecordValue | undefined, conversion: Conversion): WriteValue {
  const plain = plainValue(value);
  if (plain === null || plain === '') return null;
  if (conversion === 'COPY') return String(plain);
  if (isTemporal(column)) return momentForDynamics(column, String(plain), conversion);
  if (NUMERIC_COLUMNS.has(column.type)) return readNumber(column, plain);
  if (column.type === 'boolean') return readBoolean(column, plain);
  return isIdentifier(column) ? normalizeId(String(plain)) : String(plain);
}

/** Tells whether a column holds the id of a record: its own or the one it points to. */
export function isIdentifier(column: Column): boolean {
  return IDENTIFIERS.has(column.type);
}

/** Tells whether a column holds a day or a moment. */
export function isTemporal(column: Column): boolean {
  return column.type === 'date' || column.type === 'datetime';
}

/** An id as Dataverse writes it: lower case, without braces. */
export function normalizeId(id: string): string {
  return id.replace(/^\{|\}$/g, '').toLowerCase();
}

/** The day (`yyyy-MM-dd`) for a date attribute, and the moment for any other: a day begins at midnight UTC. */
export function temporalValue(type: AttributeType, value: string): string {
  if (type === 'date') return value.slice(0, 10);
  return type === 'datetime' && value.length === 10 ? `${value}T00:00:00Z` : value;
}

/** A value of a record without what describes it: of a choice its number, of a lookup its id, of an enumeration its value. */
export function plainValue(value: RecordValue | undefined): string | number | boolean | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'object') return value;
  if (isList(value)) return listText(value);
  if (isReference(value)) return value.id;
  return isChoiceOrEnumerated(value) ? value.value : null;
}

const IDENTIFIERS: ReadonlySet<ColumnType> = new Set(['uniqueid', 'lookup', 'customer', 'owner']);
const OPTIONS: ReadonlySet<ColumnType> = new Set(['choice', 'choices', 'state', 'status']);
const NUMERIC_COLUMNS: ReadonlySet<ColumnType> = new Set([
  'integer',
  'bigint',
  'decimal',
  'double',
  'money',
  'choice',
  'state',
  'status',
]);

function isStoredAsText(column: Column): boolean {
  return OPTIONS.has(column.type);
}

function convertMoment(value: string, conversion: Conversion): string {
  if (conversion === 'DATE_ONLY') return inUtc(value).slice(0, 10);
  return conversion === 'WITHOUT_TIME_OFFSET' ? withoutOffset(value) : value;
}

function momentForDynamics(column: Column, value: string, conversion: Conversion): string {
  if (Number.isNaN(Date.parse(value))) throw unfit(column, value, 'a date or moment in ISO 8601');
  if (column.type === 'date' || conversion === 'DATE_ONLY') return inUtc(value).slice(0, 10);
  // Dataverse takes no moment without an offset, so the clock reading is given as if it were UTC.
  return conversion === 'WITHOUT_TIME_OFFSET' ? `${withoutOffset(value)}Z` : temporalValue('datetime', value);
}

/** The same moment with the offset Z; a day stays as it is. */
function inUtc(value: string): string {
  const milliseconds = Date.parse(value);
  return value.length === 10 || Number.isNaN(milliseconds) ? value : new Date(milliseconds).toISOString();
}

function withoutOffset(value: string): string {
  return value.length === 10 ? value : value.replace(/(?:Z|[+-]\d{2}:?\d{2})$/, '');
}

function readNumber(column: Column, value: string | number | boolean): number | string {
  const text = String(typeof value === 'boolean' ? Number(value) : value).trim();
  if (text === '' || Number.isNaN(Number(text))) throw unfit(column, value, 'a number');
  // Beyond 2^53 a JavaScript number would round.
  return column.type === 'bigint' ? text : Number(text);
}

function readBoolean(column: Column, value: string | number | boolean): boolean {
  const text = String(value).toLowerCase();
  if (text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0') return false;
  throw unfit(column, value, 'true or false');
}

function unfit(column: Column, value: unknown, expected: string): RequestError {
  return new RequestError(
    'BAD_USER_INPUT',
    `Expected ${expected} for column "${column.name}", got "${shorten(value)}".`,
    {
      field: column.name,
    },
  );
}

function shorten(value: unknown): string {
  const text = String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function isList(value: object): value is readonly Choice[] {
  return Array.isArray(value);
}

function listText(values: readonly Choice[]): string {
  return values
    .map((choice) => choice.value)
    .sort((one, other) => one - other)
    .join(',');
}

function isReference(value: object): value is Reference {
  return 'table' in value && 'id' in value;
}

function isChoiceOrEnumerated(value: object): value is Choice | EnumeratedValue {
  return 'value' in value && 'label' in value;
}
