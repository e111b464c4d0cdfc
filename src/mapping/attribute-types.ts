import type { AttributeType, SchemaAttribute } from '../model/campaign-schema.js';
import type { Conversion } from '../model/mapping.js';
import type { Column, ColumnType } from '../model/table.js';
import { isIdentifier, isTemporal } from './convert.js';
import { DEFAULT_STRING_LENGTH } from './fit.js';

/** `datetimenotz` is a moment without a zone: everyone is shown the same clock reading. Compiled it is described as a `datetime`. */
export type MadeType = AttributeType | 'datetimenotz';

/** What an attribute must be like to hold a column. */
export interface AttributeShape {
  readonly type: MadeType;
  /** Characters; null for what is not a string. */
  readonly length: number | null;
  /** The column's options become an enumeration that the attribute refers to. False where Dynamics described none. */
  readonly enumerated: boolean;
}

/**
 * The attribute made in a target schema for a column. The types are those of Campaign's own connector; what it leaves out (lookups of several
 * tables, choices) is kept as text too: an id, or numbers as `1,3`.
 * A moment whose offset is dropped gets an attribute without a zone, so that its clock reading is never shifted.
 * https://experienceleague.adobe.com/docs/campaign-classic/using/installing-campaign-classic/connectors/crm/ms-dynamics-crm.html
 */
export function targetShape(column: Column, conversion: Conversion): AttributeShape {
  if (conversion === 'COPY') return text(Math.max(textLength(column), DEFAULT_STRING_LENGTH));
  if (conversion === 'DATE_ONLY') return plain('date');
  if (conversion === 'WITHOUT_TIME_OFFSET' && column.type === 'datetime') return plain('datetimenotz');
  if (column.type === 'memo' && (column.maxLength ?? Infinity) > LONGEST_STRING) return plain('memo');
  const shape = plainType(column.type);
  if (shape) return plain(shape);
  return { ...text(textLength(column)), enumerated: isEnumerated(column) && column.optionSet !== null };
}

/** The attribute that describes a column in the account's own schema, where memos are strings, as Campaign's own connector makes them. */
export function sourceShape(column: Column): AttributeShape {
  return column.type === 'memo' ? text(column.maxLength ?? LONGEST_STRING) : targetShape(column, 'DEFAULT');
}

/** Why a column cannot be mapped, as the end of a sentence; null where it can. */
export function unmappableReason(column: Column): string | null {
  if (UNMAPPABLE.has(column.type)) return `is of type ${column.type}, which no Campaign attribute can hold`;
  return column.readable ? null : 'cannot be read';
}

/** Why an attribute cannot hold a column's values, as the end of a sentence; null where it can. */
export function incompatibility(column: Column, conversion: Conversion, attribute: SchemaAttribute): string | null {
  if (takesValues(column, conversion, attribute)) return null;
  const length = attribute.type === 'string' ? ` of ${attribute.length ?? DEFAULT_STRING_LENGTH} characters` : '';
  return `is a ${attribute.type}${length} and cannot hold the ${column.type} column "${column.name}"`;
}

/** A `VARCHAR` holds no more than this on every database that Campaign runs on; longer text becomes a memo. */
const LONGEST_STRING = 4000;
const ID_LENGTH = 36;
/** Room for an option's number, which is a signed 32-bit integer. */
const OPTION_LENGTH = 12;

const UNMAPPABLE: ReadonlySet<ColumnType> = new Set(['image', 'file', 'partylist', 'managedproperty', 'virtual']);
const TEXT_TYPES: readonly AttributeType[] = ['string', 'memo', 'html'];
const SMALL_RANGES: Partial<Record<AttributeType, number>> = {
  byte: 2 ** 7 - 1,
  short: 2 ** 15 - 1,
  long: 2 ** 31 - 1,
};

function plainType(type: ColumnType): AttributeType | null {
  if (type === 'integer') return 'long';
  if (type === 'bigint') return 'int64';
  if (type === 'decimal' || type === 'double' || type === 'money') return 'double';
  return type === 'boolean' || type === 'datetime' || type === 'date' ? type : null;
}

function textLength(column: Column): number {
  if (isIdentifier(column)) return ID_LENGTH;
  if (isEnumerated(column)) return OPTION_LENGTH;
  if (column.type !== 'choices') return column.maxLength ?? DEFAULT_STRING_LENGTH;
  const longest = OPTION_LENGTH * (column.optionSet?.options.length ?? 0);
  return Math.min(LONGEST_STRING, Math.max(DEFAULT_STRING_LENGTH, longest));
}

function isEnumerated(column: Column): boolean {
  return column.type === 'choice' || column.type === 'state' || column.type === 'status';
}

function takesValues(column: Column, conversion: Conversion, attribute: SchemaAttribute): boolean {
  const type = attribute.type;
  if (isIdentifier(column)) return type === 'uuid' || takesText(attribute, ID_LENGTH);
  if (takesText(attribute, 1)) return true;
  if (conversion === 'COPY') return false;
  if (isTemporal(column)) return type === 'datetime' || type === 'date';
  if (column.type === 'boolean') return type === 'boolean' || type === 'int64' || type in SMALL_RANGES;
  if (column.type === 'integer' || isEnumerated(column)) return takesWholeNumbers(column, type);
  if (column.type === 'bigint') return type === 'int64';
  return plainType(column.type) === 'double' && (type === 'double' || type === 'float');
}

function takesText(attribute: SchemaAttribute, length: number): boolean {
  if (!TEXT_TYPES.includes(attribute.type)) return false;
  return attribute.type !== 'string' || (attribute.length ?? DEFAULT_STRING_LENGTH) >= length;
}

function takesWholeNumbers(column: Column, type: AttributeType): boolean {
  if (type === 'int64' || type === 'double') return true;
  const most = SMALL_RANGES[type];
  return most !== undefined && largestNumber(column) <= most;
}

/** The largest amount that a column may hold, whatever its sign. */
function largestNumber(column: Column): number {
  if (column.type !== 'integer') {
    return Math.max(0, ...(column.optionSet?.options ?? []).map((option) => Math.abs(option.value)));
  }
  const bounds = [column.min ?? -(2 ** 31), column.max ?? 2 ** 31 - 1];
  // The least number of a range is one further from zero than its largest.
  return Math.max(...bounds.map((bound) => (bound < 0 ? -bound - 1 : bound)));
}

function plain(type: MadeType): AttributeShape {
  return { type, length: null, enumerated: false };
}

function text(length: number): AttributeShape {
  return { type: 'string', length, enumerated: false };
}
