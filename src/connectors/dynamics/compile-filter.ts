import type { Comparison, Filter, Scalar } from '../../model/query.js';
import type { Column, Table } from '../../model/table.js';
import { badInput, compileLiteral, isText, plainValue, propertyOf, quote, readableColumn } from './literal.js';

const MAX_DEPTH = 50;

const OPERATORS = { eq: 'eq', ne: 'ne', gt: 'gt', gte: 'ge', lt: 'lt', lte: 'le' } as const satisfies Record<
  Comparison,
  string
>;
const OPPOSITES = { eq: 'ne', ne: 'eq', gt: 'lte', gte: 'lt', lt: 'gte', lte: 'gt' } as const satisfies Record<
  Comparison,
  Comparison
>;
const FUNCTIONS = { contains: 'contains', startsWith: 'startswith', endsWith: 'endswith' } as const;

/**
 * Compiles a filter to an OData `$filter` expression, not yet percent-encoded.
 *
 * Dataverse evaluates comparisons as SQL does: with a column that holds no value they are neither true nor false, and so is their negation.
 * A neutral filter knows only true and false. So `not` is carried down to the comparisons, and each negated one also admits null.
 * Dataverse compares text without regard to case, so no `tolower()` is added:
 * https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query/filter-rows
 */
export function compileFilter(table: Table, filter: Filter): string {
  return compile(table, filter, { negated: false, depth: 0 });
}

interface Place {
  /** True below an odd number of `not`s. */
  readonly negated: boolean;
  readonly depth: number;
}

function compile(table: Table, filter: Filter, place: Place): string {
  if (place.depth > MAX_DEPTH)
    throw badInput(`Expected a filter at most ${MAX_DEPTH} levels deep; this one is deeper.`);
  const { negated } = place;
  const inner = { negated, depth: place.depth + 1 };
  switch (filter.kind) {
    case 'not':
      return compile(table, filter.filter, { ...inner, negated: !negated });
    case 'and':
    case 'or':
      return compileJunction(table, filter.kind, filter.filters, inner);
    case 'compare':
      return compileComparison(
        readableColumn(table, filter.path),
        negated ? OPPOSITES[filter.operator] : filter.operator,
        filter.value,
        negated,
      );
    case 'text':
      return compileText(readableColumn(table, filter.path), FUNCTIONS[filter.operator], filter.value, negated);
    case 'in':
      return compileIn(table, readableColumn(table, filter.path), filter.values, negated);
    case 'null':
      return `${propertyOf(readableColumn(table, filter.path))} ${filter.isNull !== negated ? 'eq' : 'ne'} null`;
  }
}

/** By De Morgan's laws a negated "and" is an "or" of negated parts. Of no parts, "and" is true and "or" false. */
function compileJunction(table: Table, kind: 'and' | 'or', filters: readonly Filter[], place: Place): string {
  const word = (kind === 'and') !== place.negated ? 'and' : 'or';
  if (filters.length === 0) return constant(table, word === 'and');
  const parts = filters.map((filter) => compile(table, filter, place));
  return parts.length === 1 ? parts.join('') : `(${parts.join(` ${word} `)})`;
}

function compileComparison(column: Column, operator: Comparison, value: Scalar, negated: boolean): string {
  if (column.type === 'choices') return compileChoices(column, operator, [value]);
  const property = propertyOf(column);
  const comparison = `${property} ${OPERATORS[operator]} ${compileLiteral(column, value)}`;
  // `not (a ne 1)` is `a eq 1`, which null does not satisfy, just as it satisfies `a ne 1`.
  const admitsNull = operator === 'ne' || (negated && operator !== 'eq');
  return admitsNull ? `(${comparison} or ${property} eq null)` : comparison;
}

function compileText(column: Column, name: string, value: string, negated: boolean): string {
  if (!isText(column))
    throw badInput(
      `Expected a text column for a comparison of text, but column "${column.name}" is of type ${column.type}.`,
    );
  const call = `${name}(${column.name},${quote(escapeWildcards(plainValue(column, value)))})`;
  return negated ? `(not ${call} or ${column.name} eq null)` : call;
}

/** `%`, `_` and `[` are wildcards of SQL's LIKE inside these functions; between brackets they stand for themselves. */
function escapeWildcards(text: string): string {
  return text.replaceAll(/[%_[]/g, '[$&]');
}

function compileIn(table: Table, column: Column, values: readonly Scalar[], negated: boolean): string {
  const [only] = values;
  if (only === undefined) return constant(table, negated);
  if (column.type === 'choices') return compileChoices(column, negated ? 'ne' : 'eq', values);
  if (values.length === 1) return compileComparison(column, negated ? 'ne' : 'eq', only, false);
  const name = negated ? 'NotIn' : 'In';
  // The function names the column itself, not its property `_x_value`, and takes every value as text.
  const call = queryFunction(name, column, values);
  return negated ? `(${call} or ${propertyOf(column)} eq null)` : call;
}

/** A column of several choices equals a value when that is among them. */
function compileChoices(column: Column, operator: Comparison, values: readonly Scalar[]): string {
  if (operator === 'eq') return queryFunction('ContainValues', column, values);
  if (operator === 'ne') return `(${queryFunction('DoesNotContainValues', column, values)} or ${column.name} eq null)`;
  throw badInput(`Expected eq, ne or in for column "${column.name}", which holds several choices.`);
}

/** https://learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/queryfunctions */
function queryFunction(name: string, column: Column, values: readonly Scalar[]): string {
  const list = values.map((value) => JSON.stringify(plainValue(column, value))).join(',');
  return `Microsoft.Dynamics.CRM.${name}(PropertyName='${column.name}',PropertyValues=[${list}])`;
}

/** OData in Dataverse has no literal conditions; the primary id is never null. */
function constant(table: Table, value: boolean): string {
  return `${table.primaryId} ${value ? 'ne' : 'eq'} null`;
}
