import { RequestError } from '../model/errors.js';
import type { Comparison, Filter, Scalar, TextMatch } from '../model/query.js';
import { type Column, findColumn, type Table } from '../model/table.js';
import { unknownColumn } from './unknown-column.js';

const COMPARISONS: readonly string[] = ['eq', 'ne', 'gt', 'gte', 'lt', 'lte'] satisfies Comparison[];
const TEXT_MATCHES: readonly string[] = ['contains', 'startsWith', 'endsWith'] satisfies TextMatch[];
const TEXT_COLUMNS: readonly string[] = ['string', 'memo', 'entityname'];

/** How deep `and`, `or` and `not` may nest, and how many values `in` may list. */
const MAX_DEPTH = 10;
const MAX_VALUES = 500;

/**
 * Reads a filter given as JSON in the form of the generated filter inputs:
 * `{ "statecode": { "eq": 0 }, "or": [{ "lastname": { "startsWith": "A" } }] }`. Everything side by side must hold.
 * Throws BAD_USER_INPUT or NOT_FOUND that names the place under `field`.
 */
export function parseFilter(json: unknown, table: Table, field: string, depth = 0): Filter {
  if (depth > MAX_DEPTH) throw invalid(field, `and, or and not to nest at most ${MAX_DEPTH} deep`);
  const filters = Object.entries(asObject(json, field)).flatMap(([name, value]): readonly Filter[] => {
    const place = `${field}.${name}`;
    if (name === 'and' || name === 'or') {
      return [
        {
          kind: name,
          filters: asList(value, place).map((item, index) => parseFilter(item, table, `${place}.${index}`, depth + 1)),
        },
      ];
    }
    if (name === 'not') return [{ kind: 'not', filter: parseFilter(value, table, place, depth + 1) }];
    return parseConditions(value, columnOf(table, name, place), place);
  });
  if (filters.length === 0) throw invalid(field, 'at least one condition');
  const [only] = filters;
  return filters.length === 1 && only ? only : { kind: 'and', filters };
}

function parseConditions(json: unknown, column: Column, field: string): readonly Filter[] {
  return Object.entries(asObject(json, field)).map(([operator, value]) =>
    parseCondition(operator, value, column, `${field}.${operator}`),
  );
}

function parseCondition(operator: string, value: unknown, column: Column, field: string): Filter {
  const path = column.name;
  if (operator === 'isNull') return { kind: 'null', path, isNull: asBoolean(value, field) };
  if (operator === 'in') return { kind: 'in', path, values: asValues(value, field) };
  if (COMPARISONS.includes(operator)) {
    return { kind: 'compare', path, operator: operator as Comparison, value: asScalar(value, field) }; // it is one of the list
  }
  if (TEXT_MATCHES.includes(operator) && TEXT_COLUMNS.includes(column.type)) {
    return { kind: 'text', path, operator: operator as TextMatch, value: asText(value, field) }; // it is one of the list
  }
  throw invalid(
    field,
    `one of eq, ne, gt, gte, lt, lte, in, isNull, and for text contains, startsWith, endsWith, on a column of type ${column.type}`,
  );
}

function columnOf(table: Table, name: string, field: string): Column {
  const column = findColumn(table, name);
  if (column) return column;
  throw unknownColumn(table, name, field);
}

function asObject(json: unknown, field: string): Record<string, unknown> {
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return { ...json };
  throw invalid(field, 'an object such as { "lastname": { "startsWith": "A" } }');
}

function asList(json: unknown, field: string): readonly unknown[] {
  if (Array.isArray(json) && json.length > 0) return json;
  throw invalid(field, 'a list of filters with at least one');
}

function asValues(json: unknown, field: string): readonly Scalar[] {
  if (!Array.isArray(json) || json.length === 0 || json.length > MAX_VALUES)
    throw invalid(field, `a list of 1 to ${MAX_VALUES} values`);
  return json.map((value, index) => asScalar(value, `${field}.${index}`));
}

function asScalar(json: unknown, field: string): Scalar {
  if (typeof json === 'string' || typeof json === 'boolean' || (typeof json === 'number' && Number.isFinite(json)))
    return json;
  throw invalid(field, 'a text, a number or a boolean; ask for missing values with isNull');
}

function asText(json: unknown, field: string): string {
  if (typeof json === 'string' && json !== '') return json;
  throw invalid(field, 'a text that is not empty');
}

function asBoolean(json: unknown, field: string): boolean {
  if (typeof json === 'boolean') return json;
  throw invalid(field, 'true or false');
}

function invalid(field: string, expected: string): RequestError {
  return new RequestError('BAD_USER_INPUT', `Expected ${expected}.`, { field });
}
