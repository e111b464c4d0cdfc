import { RequestError } from '../../model/errors.js';
import type { Comparison, DatePeriod, Filter, Scalar } from '../../model/query.js';
import type { Column, Table } from '../../model/table.js';
import { badInput, comparedValue, compileLiteral, isText, propertyOf, quote, readableColumn } from './literal.js';
import { type FilterTarget, filterTarget, pathSteps } from './navigation.js';

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

/** Finds the description of a table that a path leads to. */
export type TableLookup = (logicalName: string) => Table;

/** For queries of one table alone. */
export const noTables: TableLookup = (name) => {
  throw badInput(`Expected no records of the related table ${name}.`);
};

/**
 * Compiles a filter to an OData `$filter` expression, not yet percent-encoded. A path may cross one navigation property: to one record by
 * its lookup (`parentcustomerid_account/name`), or to several, of which one must match (`contactleads_association/contactid`).
 *
 * Dataverse evaluates comparisons as SQL does: with a column that holds no value they are neither true nor false, and so is their negation.
 * A neutral filter knows only true and false. So `not` is carried down to the comparisons, and each negated one also admits null.
 * Dataverse compares text without regard to case, so no `tolower()` is added:
 * https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query/filter-rows
 */
export function compileFilter(table: Table, filter: Filter, tables: TableLookup = noTables): string {
  return compile({ table, tables }, filter, { negated: false, depth: 0 });
}

/**
 * Compiles a filter for the rows of an expanded collection. Query functions and paths are not documented to work there, so that
 * every value of an `in` is compared by itself.
 */
export function compileExpandedFilter(table: Table, filter: Filter): string {
  return compile({ table, tables: noTables, isExpanded: true }, filter, { negated: false, depth: 0 });
}

/** Whether `compileExpandedFilter` can express a filter: comparisons of the table's own columns. */
export function isExpandable(table: Table, filter: Filter): boolean {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.every((inner) => isExpandable(table, inner));
    case 'not':
      return isExpandable(table, filter.filter);
    case 'period':
      return false;
    default:
      // Columns of several choices are compared by query functions alone.
      return table.columns.some(({ name, type }) => name === filter.path && type !== 'choices');
  }
}

interface Scope {
  readonly table: Table;
  readonly tables: TableLookup;
  /** True within `$expand`. */
  readonly isExpanded?: boolean;
}

interface Place {
  /** True below an odd number of `not`s. */
  readonly negated: boolean;
  readonly depth: number;
}

type Leaf = Exclude<Filter, { kind: 'and' | 'or' | 'not' }>;

/** A column to compare, and the words by which a condition reaches it. */
interface Operand {
  readonly column: Column;
  /** `lastname`, `_parentcustomerid_value`, `parentcustomerid_account/name`, `o/name`. */
  readonly property: string;
  /** The table asked, whose own columns alone query functions take; null where they cannot be used. */
  readonly own: Table | null;
}

function compile(scope: Scope, filter: Filter, place: Place): string {
  if (place.depth > MAX_DEPTH)
    throw badInput(`Expected a filter at most ${MAX_DEPTH} levels deep; this one is deeper.`);
  const inner = { negated: place.negated, depth: place.depth + 1 };
  switch (filter.kind) {
    case 'not':
      return compile(scope, filter.filter, { ...inner, negated: !place.negated });
    case 'and':
    case 'or':
      return compileJunction(scope, filter.kind, filter.filters, inner);
    default:
      return compileAtPath(scope, filter, place.negated);
  }
}

/** By De Morgan's laws a negated "and" is an "or" of negated parts. Of no parts, "and" is true and "or" false. */
function compileJunction(scope: Scope, kind: 'and' | 'or', filters: readonly Filter[], place: Place): string {
  const word = (kind === 'and') !== place.negated ? 'and' : 'or';
  if (filters.length === 0) return constant(scope.table, word === 'and');
  const parts = filters.map((filter) => compile(scope, filter, place));
  return parts.length === 1 ? parts.join('') : `(${parts.join(` ${word} `)})`;
}

function compileAtPath({ table, tables, isExpanded }: Scope, leaf: Leaf, negated: boolean): string {
  const { navigation, name } = pathSteps(leaf.path);
  if (navigation === null) {
    const column = readableColumn(table, name);
    return compileLeaf({ column, property: propertyOf(column), own: isExpanded ? null : table }, leaf, negated);
  }
  const target = filterTarget(table, navigation);
  const column = readableColumn(tables(target.table), name);
  return target.isMany ? anyOf(target, column, leaf, negated) : atOne(target, column, leaf, negated);
}

function atOne(target: FilterTarget, column: Column, leaf: Leaf, negated: boolean): string {
  return compileLeaf({ column, property: `${target.navigation}/${propertyOf(column)}`, own: null }, leaf, negated);
}

/** Whether one of the related records matches is always true or false, so that a negation may stand before it. */
function anyOf(target: FilterTarget, column: Column, leaf: Leaf, negated: boolean): string {
  const condition = compileLeaf({ column, property: `o/${propertyOf(column)}`, own: null }, leaf, false);
  const any = `${target.navigation}/any(o:${condition})`;
  return negated ? `(not ${any})` : any;
}

function compileLeaf(operand: Operand, leaf: Leaf, negated: boolean): string {
  switch (leaf.kind) {
    case 'compare':
      return compileComparison(operand, negated ? OPPOSITES[leaf.operator] : leaf.operator, leaf.value, negated);
    case 'text':
      return compileText(operand, FUNCTIONS[leaf.operator], leaf.value, negated);
    case 'in':
      return compileIn(operand, leaf.values, negated);
    case 'null':
      return `${operand.property} ${leaf.isNull !== negated ? 'eq' : 'ne'} null`;
    case 'period':
      return compilePeriod(operand, leaf.period, leaf.value, negated);
  }
}

function compileComparison(operand: Operand, operator: Comparison, value: Scalar, negated: boolean): string {
  const { column, property } = operand;
  if (column.type === 'choices') return compileChoices(operand, operator, [value]);
  const comparison = `${property} ${OPERATORS[operator]} ${compileLiteral(column, value)}`;
  // `not (a ne 1)` is `a eq 1`, which null does not satisfy, just as it satisfies `a ne 1`.
  const admitsNull = operator === 'ne' || (negated && operator !== 'eq');
  return admitsNull ? `(${comparison} or ${property} eq null)` : comparison;
}

function compileText({ column, property }: Operand, name: string, value: string, negated: boolean): string {
  if (!isText(column))
    throw badInput(
      `Expected a text column for a comparison of text, but column "${column.name}" is of type ${column.type}.`,
    );
  const call = `${name}(${property},${quote(escapeWildcards(comparedValue(column, value)))})`;
  return negated ? `(not ${call} or ${property} eq null)` : call;
}

/** `%`, `_` and `[` are wildcards of SQL's LIKE inside these functions; between brackets they stand for themselves. */
function escapeWildcards(text: string): string {
  return text.replaceAll(/[%_[]/g, '[$&]');
}

function compileIn(operand: Operand, values: readonly Scalar[], negated: boolean): string {
  const { column, property, own } = operand;
  const [only] = values;
  if (only === undefined) return own ? constant(own, negated) : nothingOrAll(property, negated);
  if (column.type === 'choices') return compileChoices(operand, negated ? 'ne' : 'eq', values);
  if (values.length === 1) return compileComparison(operand, negated ? 'ne' : 'eq', only, false);
  if (!own) return compileEach(operand, values, negated);
  // The function names the column itself, not its property `_x_value`, and takes every value as text.
  const call = queryFunction(negated ? 'NotIn' : 'In', column, values);
  return negated ? `(${call} or ${property} eq null)` : call;
}

/** Query functions know only columns of the table asked, so that the values of another's are named one by one. */
function compileEach({ column, property }: Operand, values: readonly Scalar[], negated: boolean): string {
  const [word, operator] = negated ? ['and', 'ne'] : ['or', 'eq'];
  const each = values.map((value) => `${property} ${operator} ${compileLiteral(column, value)}`).join(` ${word} `);
  return negated ? `((${each}) or ${property} eq null)` : `(${each})`;
}

function nothingOrAll(property: string, all: boolean): string {
  return all ? `(${property} eq null or ${property} ne null)` : `(${property} eq null and ${property} ne null)`;
}

/** A column of several choices equals a value when that is among them. */
function compileChoices(operand: Operand, operator: Comparison, values: readonly Scalar[]): string {
  const { column } = operand;
  assertOwn(operand);
  if (operator === 'eq') return queryFunction('ContainValues', column, values);
  if (operator === 'ne') return `(${queryFunction('DoesNotContainValues', column, values)} or ${column.name} eq null)`;
  throw badInput(`Expected eq, ne or in for column "${column.name}", which holds several choices.`);
}

/** Spans of days, weeks, months and years are those of the signed-in user's time zone. */
function compilePeriod(operand: Operand, period: DatePeriod, value: Scalar | null, negated: boolean): string {
  const { column, property } = operand;
  assertOwn(operand);
  if (column.type !== 'datetime' && column.type !== 'date')
    throw badInput(`Expected a date column for ${period}, but column "${column.name}" is of type ${column.type}.`);
  const argument = value === null ? '' : `,PropertyValue=${periodValue(value)}`;
  const call = `Microsoft.Dynamics.CRM.${PERIODS[period]}(PropertyName='${column.name}'${argument})`;
  return negated ? `(not ${call} or ${property} eq null)` : call;
}

/** As the date functions take it: a whole number as it is, a date between apostrophes. */
function periodValue(value: Scalar): string {
  if (typeof value === 'number' && Number.isInteger(value) && value > 0) return String(value);
  if (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value)) return quote(value);
  throw badInput(`Expected a whole number above 0 or a date, but got ${JSON.stringify(value).slice(0, 80)}.`);
}

/** https://learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/queryfunctions */
const PERIODS = {
  on: 'On',
  onOrBefore: 'OnOrBefore',
  onOrAfter: 'OnOrAfter',
  today: 'Today',
  yesterday: 'Yesterday',
  tomorrow: 'Tomorrow',
  lastWeek: 'LastWeek',
  thisWeek: 'ThisWeek',
  nextWeek: 'NextWeek',
  lastMonth: 'LastMonth',
  thisMonth: 'ThisMonth',
  nextMonth: 'NextMonth',
  lastYear: 'LastYear',
  thisYear: 'ThisYear',
  nextYear: 'NextYear',
  lastHours: 'LastXHours',
  lastDays: 'LastXDays',
  lastWeeks: 'LastXWeeks',
  lastMonths: 'LastXMonths',
  lastYears: 'LastXYears',
  nextHours: 'NextXHours',
  nextDays: 'NextXDays',
  nextWeeks: 'NextXWeeks',
  nextMonths: 'NextXMonths',
  nextYears: 'NextXYears',
  olderThanHours: 'OlderThanXHours',
  olderThanDays: 'OlderThanXDays',
  olderThanWeeks: 'OlderThanXWeeks',
  olderThanMonths: 'OlderThanXMonths',
  olderThanYears: 'OlderThanXYears',
} as const satisfies Record<DatePeriod, string>;

function assertOwn({ column, own }: Operand): void {
  if (own) return;
  throw new RequestError(
    'UNSUPPORTED',
    `Dynamics has no such condition on "${column.name}" of a related record: its query functions know only columns of the table itself. Compare with eq, gt or lt, or query the related table.`,
  );
}

/** https://learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/queryfunctions */
function queryFunction(name: string, column: Column, values: readonly Scalar[]): string {
  const list = values.map((value) => JSON.stringify(comparedValue(column, value))).join(',');
  return `Microsoft.Dynamics.CRM.${name}(PropertyName='${column.name}',PropertyValues=[${list}])`;
}

/** OData in Dataverse has no literal conditions; the primary id is never null. */
function constant(table: Table, value: boolean): string {
  return `${table.primaryId} ${value ? 'ne' : 'eq'} null`;
}
