import { RequestError } from '../../model/errors.js';
import type { Comparison, Filter, TextMatch } from '../../model/query.js';
import { type XmlElement, xml } from '../../model/xml.js';
import { isZeroWhenEmpty, literal, literalKind, quote } from './literals.js';
import type { ResolvedPath } from './paths.js';

/** Conditions of a query: one expression, several joined by one operator, or what is known beforehand. */
export type Condition =
  | { readonly kind: 'expression'; readonly expression: string }
  | { readonly kind: 'group'; readonly operator: 'AND' | 'OR'; readonly conditions: readonly Condition[] }
  | { readonly kind: 'constant'; readonly value: boolean };

type Resolve = (path: string) => ResolvedPath;

type Leaf = Exclude<Filter, { kind: 'and' | 'or' | 'not' }>;

/**
 * Compiles a filter to conditions.
 *
 * Campaign stores an empty text as null or as '', an empty number or boolean as 0 and an empty date as null, so "no value" is asked
 * in these words: https://experienceleague.adobe.com/docs/campaign-classic/using/configuring-campaign-classic/schema-reference/database-mapping.html
 * A negation is carried down to the comparisons, where records without a value are added: SQL would leave them out of both sides.
 */
export function compileFilter(filter: Filter, resolve: Resolve): Condition {
  return compileNode(filter, resolve, false);
}

function compileNode(filter: Filter, resolve: Resolve, negated: boolean): Condition {
  switch (filter.kind) {
    case 'not':
      return compileNode(filter.filter, resolve, !negated);
    case 'and':
    case 'or': {
      const conditions = filter.filters.map((child) => compileNode(child, resolve, negated));
      return (filter.kind === 'and') === negated ? anyOf(conditions) : allOf(conditions);
    }
    default:
      return compileLeaf(filter, resolve(filter.path), negated);
  }
}

function compileLeaf(filter: Leaf, path: ResolvedPath, negated: boolean): Condition {
  switch (filter.kind) {
    case 'null':
      return filter.isNull === negated ? isPresent(path) : isEmpty(path);
    case 'in':
      return compileIn(path, filter.values, negated);
    case 'text':
      return compileText(path, filter.operator, filter.value, negated);
    case 'compare':
      return compileComparison(path, filter, negated);
    case 'period':
      throw new RequestError(
        'UNSUPPORTED',
        `Campaign does not know the period "${filter.period}" that "${path.path}" is filtered by. Compare with gte and lt.`,
      );
  }
}

/** Joins conditions that must all hold. */
export function allOf(conditions: readonly Condition[]): Condition {
  return join('AND', conditions);
}

/** Joins conditions of which one must hold. */
export function anyOf(conditions: readonly Condition[]): Condition {
  return join('OR', conditions);
}

/** What is known beforehand is left out, or decides the whole. */
function join(operator: 'AND' | 'OR', conditions: readonly Condition[]): Condition {
  const decisive = operator === 'OR';
  if (conditions.some((condition) => condition.kind === 'constant' && condition.value === decisive)) {
    return { kind: 'constant', value: decisive };
  }
  const open = conditions.filter((condition) => condition.kind !== 'constant');
  const [only] = open;
  if (only === undefined) return { kind: 'constant', value: !decisive };
  return open.length === 1 ? only : { kind: 'group', operator, conditions: open };
}

export function expression(text: string): Condition {
  return { kind: 'expression', expression: text };
}

const OPERATORS: Readonly<Record<Comparison, string>> = { eq: '=', ne: '<>', gt: '>', gte: '>=', lt: '<', lte: '<=' };
const OPPOSITES: Readonly<Record<Comparison, Comparison>> = {
  eq: 'ne',
  ne: 'eq',
  gt: 'lte',
  gte: 'lt',
  lt: 'gte',
  lte: 'gt',
};

function compileComparison(
  path: ResolvedPath,
  filter: Extract<Leaf, { kind: 'compare' }>,
  negated: boolean,
): Condition {
  const operator = negated ? OPPOSITES[filter.operator] : filter.operator;
  assertComparable(path, operator);
  if (filter.value === '' && literalKind(path.attribute.type) === 'text') return compareWithEmpty(path, operator);
  const compared = expression(`${path.expression} ${OPERATORS[operator]} ${literal(filter.value, path)}`);
  if (operator === 'ne') return anyOf([compared, isNull(path)]);
  if (operator === 'eq') return compared;
  return negated ? withEmptyText(path, compared) : withoutEmptyText(path, operator, compared);
}

function assertComparable(path: ResolvedPath, operator: Comparison): void {
  if (path.attribute.type !== 'boolean' || operator === 'eq' || operator === 'ne') return;
  throw new RequestError(
    'BAD_USER_INPUT',
    `"${path.path}" is true or false; compare it with eq or ne, not with ${operator}.`,
  );
}

/** An empty text is no value, and every other text is greater. */
function compareWithEmpty(path: ResolvedPath, operator: Comparison): Condition {
  if (operator === 'eq' || operator === 'lte') return isEmpty(path);
  if (operator === 'ne' || operator === 'gt') return isPresent(path);
  return { kind: 'constant', value: operator === 'gte' };
}

/** A negated comparison holds for records without a value. An empty number takes part as 0. */
function withEmptyText(path: ResolvedPath, compared: Condition): Condition {
  return anyOf([compared, literalKind(path.attribute.type) === 'text' ? isEmpty(path) : isNull(path)]);
}

/** The empty text stands for no value, which is smaller than nothing. */
function withoutEmptyText(path: ResolvedPath, operator: Comparison, compared: Condition): Condition {
  const smaller = operator === 'lt' || operator === 'lte';
  if (!smaller || literalKind(path.attribute.type) !== 'text') return compared;
  return allOf([compared, expression(`${path.expression} <> ''`)]);
}

function compileIn(path: ResolvedPath, values: readonly (string | number | boolean)[], negated: boolean): Condition {
  const isText = literalKind(path.attribute.type) === 'text';
  const listed = values.filter((value) => !(isText && value === '')).map((value) => literal(value, path));
  const withEmpty = listed.length < values.length;
  if (negated) {
    const outside = listed.length === 0 ? ALWAYS : expression(`${path.expression} NOT IN (${listed.join(', ')})`);
    return withEmpty ? allOf([outside, isPresent(path)]) : anyOf([outside, isNull(path)]);
  }
  const inside = listed.length === 0 ? NEVER : expression(`${path.expression} IN (${listed.join(', ')})`);
  return withEmpty ? anyOf([inside, isEmpty(path)]) : inside;
}

const ALWAYS: Condition = { kind: 'constant', value: true };
const NEVER: Condition = { kind: 'constant', value: false };

function compileText(path: ResolvedPath, operator: TextMatch, value: string, negated: boolean): Condition {
  if (literalKind(path.attribute.type) !== 'text') {
    throw new RequestError(
      'BAD_USER_INPUT',
      `"${path.path}" is no text, so ${operator} cannot be asked of it. Use eq, in, gt or lt.`,
    );
  }
  literal(value, path); // refuses what a text cannot hold
  if (value === '') return negated ? isEmpty(path) : isPresent(path);
  const like = expression(`${path.expression} ${negated ? 'NOT LIKE' : 'LIKE'} ${quote(likePattern(operator, value))}`);
  return negated ? anyOf([like, isNull(path)]) : like;
}

/** `50%` contained → `%50\%%`: the wildcards of the value stand for themselves. */
function likePattern(operator: TextMatch, value: string): string {
  const escaped = value.replace(/[\\%_]/g, (character) => `\\${character}`);
  return `${operator === 'startsWith' ? '' : '%'}${escaped}${operator === 'endsWith' ? '' : '%'}`;
}

function isEmpty(path: ResolvedPath): Condition {
  const kind = literalKind(path.attribute.type);
  if (kind === 'text') return anyOf([isNull(path), expression(`${path.expression} = ''`)]);
  return isZeroWhenEmpty(kind) ? anyOf([isNull(path), expression(`${path.expression} = 0`)]) : isNull(path);
}

function isPresent(path: ResolvedPath): Condition {
  const kind = literalKind(path.attribute.type);
  const notNull = expression(`${path.expression} IS NOT NULL`);
  if (kind === 'text') return allOf([notNull, expression(`${path.expression} <> ''`)]);
  return isZeroWhenEmpty(kind) ? allOf([notNull, expression(`${path.expression} <> 0`)]) : notNull;
}

function isNull(path: ResolvedPath): Condition {
  return expression(`${path.expression} IS NULL`);
}

/** Writes a condition as `<where>`; null where it always holds. */
export function whereElement(condition: Condition): XmlElement | null {
  if (condition.kind === 'constant') return null;
  return xml('where', {}, conditionElements(condition));
}

function conditionElements(condition: Condition): readonly XmlElement[] {
  if (condition.kind !== 'group') return [conditionElement(condition)];
  return condition.conditions.map((child) => conditionElement(child, condition.operator));
}

/** An operator joins a condition to the next one beside it; a condition without an expression is a parenthesis. */
function conditionElement(condition: Condition, operator?: 'AND' | 'OR'): XmlElement {
  if (condition.kind === 'expression') return xml('condition', { boolOperator: operator, expr: condition.expression });
  return xml('condition', { boolOperator: operator }, conditionElements(condition));
}
