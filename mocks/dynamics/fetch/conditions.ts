import type { RequestContext } from '../context.js';
import type { Value } from '../odata/ast.js';
import { type Asker, compileFunction } from '../odata/function-predicates.js';
import { compileText } from '../odata/like.js';
import { compareValues, compareWithText, foldCase, NULL_MATCHES_NEGATION } from '../odata/values.js';
import { askerOf } from '../query/filter.js';
import { type Cell, isReference } from '../store.js';
import type { ColumnDefinition } from '../table-definitions.js';
import { fetchError } from './errors.js';
import { columnOf } from './parse-fetch.js';
import type { ColumnCondition, FetchCondition, FetchEntity, FetchLink } from './query.js';
import type { Scope } from './scope.js';

/** What the conditions of a query may ask for: the caller, the tables it joins, and whether related rows match. */
export interface ConditionParts {
  readonly context: RequestContext;
  readonly entities: readonly FetchEntity[];
  /** Whether a row has related ones as a link inside a filter demands. */
  isRelated(link: FetchLink, owner: FetchEntity, scope: Scope): boolean;
}

export type ScopePredicate = (scope: Scope) => boolean;

/**
 * Compiles a condition to a test of joined rows.
 * https://learn.microsoft.com/power-apps/developer/data-platform/fetchxml/filter-rows
 *
 * @throws DynamicsError 400 for a column, an alias, an operator or a value that does not fit.
 */
export function compileCondition(parts: ConditionParts, owner: FetchEntity, condition: FetchCondition): ScopePredicate {
  if (condition.kind === 'related') return (scope) => parts.isRelated(condition.link, owner, scope);
  if (condition.kind === 'column') return compileColumn(parts, owner, condition);
  const tests = condition.parts.map((part) => compileCondition(parts, owner, part));
  if (condition.kind === 'and' || tests.length === 0) return (scope) => tests.every((test) => test(scope));
  return (scope) => tests.some((test) => test(scope));
}

/** Whether a condition looks at tables beside the one it stands in: it can be tested only when all are joined. */
export function isForeign(condition: FetchCondition): boolean {
  if (condition.kind === 'column') return condition.entityName !== null || (condition.valueOf?.includes('.') ?? false);
  return condition.kind !== 'related' && condition.parts.some(isForeign);
}

function compileColumn(parts: ConditionParts, owner: FetchEntity, condition: ColumnCondition): ScopePredicate {
  const entity = condition.entityName === null ? owner : entityNamed(parts, condition.entityName);
  const column = columnOf(entity.table, condition.column);
  const read = reader(entity, column);
  if (condition.valueOf !== null) return compareColumns(parts, { owner, condition, read });
  const asker = askerOf(parts.context);
  const test = compileOperator({ ...condition, column, subject: `${entity.table.name}.${column.name}` });
  return (scope) => test(read(scope), asker);
}

function entityNamed({ entities }: ConditionParts, name: string): FetchEntity {
  const entity = entities.find((it) => it.alias === name || (it.alias === null && it.table.name === name));
  if (entity === undefined) throw invalid(`LinkEntity with name or alias ${name} is not found.`);
  return entity;
}

function reader({ index }: FetchEntity, { name }: ColumnDefinition): (scope: Scope) => Value {
  return (scope) => comparable(scope[index]?.[name]);
}

function comparable(cell: Cell | undefined): Value {
  if (cell === undefined) return null;
  return isReference(cell) ? cell.id : cell;
}

interface Comparison {
  readonly owner: FetchEntity;
  readonly condition: ColumnCondition;
  read(scope: Scope): Value;
}

/** https://learn.microsoft.com/power-apps/developer/data-platform/fetchxml/filter-rows#filter-on-values-in-the-same-row */
function compareColumns(parts: ConditionParts, { owner, condition, read }: Comparison): ScopePredicate {
  const [first = '', second] = (condition.valueOf ?? '').split('.');
  const entity = second === undefined ? owner : entityNamed(parts, first);
  const other = reader(entity, columnOf(entity.table, second ?? first));
  const holds = ORDERS[condition.operator];
  if (holds === undefined) throw unknownOperator(condition.operator);
  return (scope) => {
    const [left, right] = [read(scope), other(scope)];
    return left !== null && right !== null && holds(compareValues(left, right));
  };
}

const ORDERS: Readonly<Record<string, (order: number) => boolean>> = {
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
  neq: (order) => order !== 0,
  gt: (order) => order > 0,
  ge: (order) => order >= 0,
  lt: (order) => order < 0,
  le: (order) => order <= 0,
};

interface Operator {
  readonly operator: string;
  readonly values: readonly string[];
  readonly column: ColumnDefinition;
  /** `account.revenue`, for errors. */
  readonly subject: string;
}

type Predicate = (value: Value, asker: Asker) => boolean;

function compileOperator(given: Operator): Predicate {
  const { operator } = given;
  if (operator === 'null') return (value) => value === null;
  if (operator === 'not-null') return (value) => value !== null;
  const order = ORDERS[operator];
  if (order !== undefined) return compileOrder(given, order);
  const text = TEXTS[operator];
  if (text !== undefined) return compileLike(given, text);
  return compileQueryFunction(given);
}

function compileOrder(given: Operator, holds: (order: number) => boolean): Predicate {
  const [expected] = assertCount(given, 1);
  const text = normalized(given, expected ?? '');
  const isNegated = given.operator === 'ne' || given.operator === 'neq';
  return (value) => {
    if (value === null) return isNegated && NULL_MATCHES_NEGATION;
    return holds(compareWithText(value, text));
  };
}

interface TextOperator {
  readonly kind: 'startswith' | 'endswith' | 'like';
  readonly isNegated: boolean;
}

const TEXTS: Readonly<Record<string, TextOperator>> = {
  like: { kind: 'like', isNegated: false },
  'not-like': { kind: 'like', isNegated: true },
  'begins-with': { kind: 'startswith', isNegated: false },
  'not-begin-with': { kind: 'startswith', isNegated: true },
  'ends-with': { kind: 'endswith', isNegated: false },
  'not-end-with': { kind: 'endswith', isNegated: true },
};

function compileLike(given: Operator, { kind, isNegated }: TextOperator): Predicate {
  const [pattern = ''] = assertCount(given, 1);
  const matches = kind === 'like' ? compileWhole(pattern) : compileText(kind, pattern);
  return (value) => (value === null ? isNegated && NULL_MATCHES_NEGATION : matches(String(value)) !== isNegated);
}

/** A LIKE pattern covers the whole text: only its own percent signs leave ends open. */
function compileWhole(pattern: string): (text: string) => boolean {
  if (!/[%_[]/.test(pattern)) return (text) => foldCase(text) === foldCase(pattern);
  const [open, end] = [pattern.startsWith('%'), pattern.endsWith('%')];
  const bare = pattern.slice(open ? 1 : 0, end ? -1 : undefined);
  if (open && end && pattern.length > 1) return compileText('contains', bare);
  if (open) return compileText('endswith', bare);
  if (end) return compileText('startswith', bare);
  // Neither end is open: the pattern must reach from one to the other.
  const mark = '\u0001';
  const matches = compileText('contains', `${mark}${pattern}${mark}`);
  return (text) => matches(`${mark}${text}${mark}`);
}

/** The operators that are query functions of the Web API under another name. */
function compileQueryFunction(given: Operator): Predicate {
  const name = FUNCTION_NAMES[given.operator] ?? functionName(given.operator);
  const isText = name === 'ContainValues' || name === 'DoesNotContainValues';
  const values = given.values.map((value) => (isText ? value : normalized(given, value, isPlainCount(given.operator))));
  const count = COUNTS[given.operator] ?? (/-x-/.test(given.operator) ? 1 : null);
  if (count !== null) assertCount(given, count);
  try {
    return compileFunction({
      kind: 'function',
      name,
      property: { kind: 'property', variable: null, path: [given.column.name] },
      values: values.map((value) => ({ kind: 'literal', type: 'string', value })),
    });
  } catch (error) {
    if (FUNCTION_NAMES[given.operator] === undefined && !/-x-/.test(given.operator))
      throw unknownOperator(given.operator);
    throw invalid(error instanceof Error ? error.message : String(error));
  }
}

const FUNCTION_NAMES: Readonly<Record<string, string>> = {
  in: 'In',
  'not-in': 'NotIn',
  between: 'Between',
  'not-between': 'NotBetween',
  'contain-values': 'ContainValues',
  'not-contain-values': 'DoesNotContainValues',
  'eq-userid': 'EqualUserId',
  'ne-userid': 'NotEqualUserId',
  'eq-businessid': 'EqualBusinessId',
  'ne-businessid': 'NotEqualBusinessId',
  'eq-userlanguage': 'EqualUserLanguage',
  'eq-userteams': 'EqualUserTeams',
  'eq-useroruserteams': 'EqualUserOrUserTeams',
  'eq-useroruserhierarchy': 'EqualUserOrUserHierarchy',
  'eq-useroruserhierarchyandteams': 'EqualUserOrUserHierarchyAndTeams',
  above: 'Above',
  'eq-or-above': 'AboveOrEqual',
  under: 'Under',
  'eq-or-under': 'UnderOrEqual',
  'not-under': 'NotUnder',
  'last-seven-days': 'Last7Days',
  'next-seven-days': 'Next7Days',
  'in-fiscal-period-and-year': 'InFiscalPeriodAndYear',
  'in-or-before-fiscal-period-and-year': 'InOrBeforeFiscalPeriodAndYear',
  'in-or-after-fiscal-period-and-year': 'InOrAfterFiscalPeriodAndYear',
};

/** `last-x-days` -> `LastXDays`, `olderthan-x-months` -> `OlderThanXMonths`, `on-or-before` -> `OnOrBefore`. */
function functionName(operator: string): string {
  return operator
    .split('-')
    .map((word) => (word === 'olderthan' ? 'OlderThan' : word.charAt(0).toUpperCase() + word.slice(1)))
    .join('');
}

const COUNTS: Readonly<Record<string, number>> = {
  between: 2,
  'not-between': 2,
  on: 1,
  'on-or-before': 1,
  'on-or-after': 1,
  'in-fiscal-year': 1,
  'in-fiscal-period': 1,
  'in-fiscal-period-and-year': 2,
  'in-or-before-fiscal-period-and-year': 2,
  'in-or-after-fiscal-period-and-year': 2,
  above: 1,
  'eq-or-above': 1,
  under: 1,
  'eq-or-under': 1,
  'not-under': 1,
};

function assertCount({ operator, values, subject }: Operator, count: number): readonly string[] {
  if (values.length === count) return values;
  throw invalid(
    `Condition for attribute '${subject}': expected ${count} argument(s) for the operator '${operator}', but ${values.length} were given.`,
  );
}

/** The values of these count days or periods; they are not of the type of the column. */
function isPlainCount(operator: string): boolean {
  return operator.includes('-x-') || operator.includes('fiscal');
}

const NUMBERS: ReadonlySet<string> = new Set([
  'Integer',
  'BigInt',
  'Decimal',
  'Double',
  'Money',
  'Picklist',
  'State',
  'Status',
]);
const IDS: ReadonlySet<string> = new Set(['Uniqueidentifier', 'Lookup', 'Customer', 'Owner']);

function normalized({ column, subject }: Operator, text: string, isCount = false): string {
  if (isCount) return text;
  if (NUMBERS.has(column.type) && (text.trim() === '' || Number.isNaN(Number(text)))) throw wrongType(subject, text);
  if (IDS.has(column.type)) {
    const id = text.replace(/[{}]/g, '').trim();
    if (!/^[0-9a-f-]{36}$/i.test(id)) throw wrongType(subject, text);
    return id.toLowerCase();
  }
  if (column.type === 'DateTime' || column.type === 'DateOnly') {
    const time = Date.parse(text);
    if (Number.isNaN(time)) throw wrongType(subject, text);
    return column.type === 'DateTime' ? new Date(time).toISOString() : text.slice(0, 10);
  }
  return text;
}

function wrongType(subject: string, text: string) {
  return invalid(
    `Condition for attribute '${subject}': expected argument(s) of a different type but received '${text}'.`,
  );
}

function unknownOperator(operator: string) {
  return invalid(`Invalid filter operator '${operator}'.`);
}

function invalid(message: string) {
  return fetchError('invalidQuery', message);
}
