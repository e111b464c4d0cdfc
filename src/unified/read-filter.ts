import { type GraphQLInputObjectType, getNamedType, isInputObjectType } from 'graphql';
import type { Languages } from '../model/labels.js';
import type { Filter, Scalar, TextMatch } from '../model/query.js';
import { entriesOf, quoted, unfit } from './input-values.js';
import { type LabelledOption, labelledOptions, readLabels } from './read-labels.js';
import { periodOf } from './schema/date-periods.js';
import { type InputSource, inputSource, type ValueKind, type ValueSource } from './schema/field-source.js';

/** A filter; or `true` where every record passes, `false` where none can. */
export type ReadFilter = Filter | boolean;

/** How deep `and`, `or` and `not` may be nested. */
const MAX_DEPTH = 20;

/**
 * Reads the value of a generated filter input into a neutral filter. An operator list that is empty is decided here: `in: []` and
 * `or: []` let nothing pass, `and: []` everything. Rejects with BAD_USER_INPUT naming the place of a value that does not fit.
 */
export function readFilter(type: GraphQLInputObjectType, value: unknown, options: ReadFilterOptions = {}): ReadFilter {
  if (value === null || value === undefined) return true;
  const { place = 'filter', languages } = options;
  return readConditions(type, value, { place, prefix: '', depth: 1, languages });
}

export interface ReadFilterOptions {
  /** The argument that holds the filter, for messages. Default: `filter`. */
  readonly place?: string;
  /** The languages that the client reads labels in, and names them in. */
  readonly languages?: Languages | undefined;
}

interface Position {
  /** Where the client finds it: `filter.or.1.lastname.eq`. */
  readonly place: string;
  /** Neutral path of the element at hand, with a slash behind it; '' at the root. */
  readonly prefix: string;
  readonly depth: number;
  readonly languages: Languages | undefined;
}

function readConditions(type: GraphQLInputObjectType, value: unknown, at: Position): ReadFilter {
  if (at.depth > MAX_DEPTH) throw unfit(at.place, `filters nested no deeper than ${MAX_DEPTH} levels`, 'a deeper one');
  const fields = type.getFields();
  const conditions = entriesOf(value).map(([name, inner]) => {
    const source = inputSource(fields[name]);
    const innerAt = { ...at, place: `${at.place}.${name}` };
    if (inner === null)
      throw unfit(innerAt.place, 'a condition; { isNull: true } finds records without a value', 'null');
    return readField(type, getNamedType(fields[name]?.type), source, inner, innerAt);
  });
  return all(conditions);
}

function readField(
  type: GraphQLInputObjectType,
  innerType: unknown,
  source: InputSource | undefined,
  value: unknown,
  at: Position,
): ReadFilter {
  const deeper = { ...at, depth: at.depth + 1 };
  if (source?.kind === 'value') return readOperators(source, value, at);
  if (source?.kind === 'not') return negate(readConditions(type, value, deeper));
  if (source?.kind === 'and') return all(readList(type, value, deeper));
  if (source?.kind === 'or') return any(readList(type, value, deeper));
  if (source?.kind === 'across' && isInputObjectType(innerType)) {
    if (at.prefix !== '')
      throw unfit(at.place, 'a condition on a record that a lookup leads to', 'one on a third record');
    return readConditions(innerType, value, { ...deeper, prefix: `${source.navigation}/` });
  }
  if (source?.kind === 'nested' && isInputObjectType(innerType)) {
    return readConditions(innerType, value, { ...deeper, prefix: `${at.prefix}${source.name}/` });
  }
  throw new Error(`The filter field at ${at.place} carries no source.`);
}

function readList(type: GraphQLInputObjectType, value: unknown, at: Position): readonly ReadFilter[] {
  const items = Array.isArray(value) ? value : [value];
  return items.map((item, index) => readConditions(type, item, { ...at, place: `${at.place}.${index}` }));
}

function readOperators(source: ValueSource, value: unknown, at: Position): ReadFilter {
  const path = `${at.prefix}${source.path}`;
  return all(
    entriesOf(value).map(([operator, operand]) => {
      const place = `${at.place}.${operator}`;
      if (isWords(operator) && operand !== null)
        return all(readLabels(path, optionsOf(source, operator, at), operand, place));
      return readOperator(path, source.value, operator, operand, place);
    }),
  );
}

/** What compares the words for a value and not the value. */
function isWords(operator: string): operator is 'name' | 'label' {
  return operator === 'name' || operator === 'label';
}

function optionsOf(source: ValueSource, by: 'name' | 'label', at: Position): readonly LabelledOption[] {
  if (source.optionSet) return labelledOptions(source.optionSet, at.languages);
  const values = source.enumeration ?? [];
  return values.map((one) => ({ value: toScalar(source.value, one.value, at.place), label: one[by] }));
}

function readOperator(path: string, kind: ValueKind, operator: string, operand: unknown, place: string): ReadFilter {
  if (operand === null) {
    if (operator === 'eq' || operator === 'ne') return { kind: 'null', path, isNull: operator === 'eq' };
    throw unfit(place, 'a value', 'null');
  }
  switch (operator) {
    case 'eq':
    case 'ne':
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return { kind: 'compare', path, operator, value: toScalar(kind, operand, place) };
    case 'contains':
    case 'startsWith':
    case 'endsWith':
      return readText(path, operator, String(operand));
    case 'in':
      return readIn(path, kind, operand, place);
    case 'isNull':
      return { kind: 'null', path, isNull: operand === true };
    default:
      return readPeriod(path, operator, operand, place);
  }
}

function readPeriod(path: string, operator: string, operand: unknown, place: string): ReadFilter {
  const known = periodOf(operator);
  if (!known) throw new Error(`The filter operator at ${place} is unknown.`);
  const { period, kind } = known;
  if (kind === 'flag') {
    const within: Filter = { kind: 'period', path, period, value: null };
    return operand === true ? within : { kind: 'not', filter: within };
  }
  if (kind === 'day') return { kind: 'period', path, period, value: toScalar('date', operand, place) };
  const count = Number(operand);
  if (count < 1) throw unfit(place, 'a number above 0', String(count));
  return { kind: 'period', path, period, value: count };
}

/** Every text contains the empty one, so that only records without a text are left out. */
function readText(path: string, operator: TextMatch, value: string): ReadFilter {
  return value === '' ? { kind: 'null', path, isNull: false } : { kind: 'text', path, operator, value };
}

function readIn(path: string, kind: ValueKind, operand: unknown, place: string): ReadFilter {
  const items = Array.isArray(operand) ? operand : [operand];
  const values = items.map((item, index) => toScalar(kind, item, `${place}.${index}`));
  return values.length === 0 ? false : { kind: 'in', path, values: [...new Set(values)] };
}

/** The neutral form of a value that GraphQL has coerced. */
export function toScalar(kind: ValueKind, value: unknown, place: string): Scalar {
  switch (kind) {
    case 'number':
      return Number(value);
    case 'boolean':
      return value === true;
    case 'datetime':
      return value instanceof Date ? value.toISOString() : String(value);
    case 'date':
      return value instanceof Date ? value.toISOString().slice(0, 10) : String(value);
    case 'guid':
      return readGuid(value, place);
    case 'numericId':
      return exactNumber(readNumericId(value, place));
    case 'bigintId':
      return readNumericId(value, place);
    default:
      return String(value);
  }
}

/** A Dynamics id in lower case. Rejects with BAD_USER_INPUT naming the argument. */
export function readGuid(value: unknown, argument: string): string {
  const text = String(value);
  if (isGuid(text)) return text.toLowerCase();
  throw unfit(argument, 'the id of a Dynamics record, a GUID as in 00000000-0000-0000-0000-000000000001', quoted(text));
}

/** Whether a text has the form of a Dynamics id. */
export function isGuid(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);
}

/** A Campaign id that is a whole number, as decimal digits without leading zeros. Rejects with BAD_USER_INPUT naming the argument. */
export function readNumericId(value: unknown, argument: string): string {
  const text = String(value);
  const number = /^-?[0-9]{1,19}$/.test(text) ? BigInt(text) : null;
  if (number !== null && BigInt.asIntN(64, number) === number) return number.toString();
  throw unfit(argument, 'the id of a Campaign record, a whole number of 64 bits', quoted(text));
}

/** Decimal digits as a number, or as they are where a number could not hold them. */
export function exactNumber(digits: string): number | string {
  const number = Number(digits);
  return Number.isSafeInteger(number) ? number : digits;
}

/** All of the filters: those that always pass add nothing, one that never passes decides. */
export function all(filters: readonly ReadFilter[]): ReadFilter {
  if (filters.includes(false)) return false;
  const open = filters.filter((filter) => typeof filter !== 'boolean');
  const flat = open.flatMap((filter) => (filter.kind === 'and' ? filter.filters : [filter]));
  const [only] = flat;
  if (only === undefined) return true;
  return flat.length === 1 ? only : { kind: 'and', filters: flat };
}

function any(filters: readonly ReadFilter[]): ReadFilter {
  const open = filters.filter((filter) => typeof filter !== 'boolean');
  const [only] = open;
  if (filters.includes(true)) return true;
  if (only === undefined) return false;
  return open.length === 1 ? only : { kind: 'or', filters: open };
}

function negate(filter: ReadFilter): ReadFilter {
  return typeof filter === 'boolean' ? !filter : { kind: 'not', filter };
}
