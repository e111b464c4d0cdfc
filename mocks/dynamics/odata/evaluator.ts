import type {
  ComparisonNode,
  ComparisonOperator,
  FilterNode,
  FunctionNode,
  LambdaNode,
  LiteralNode,
  Operand,
  PropertyNode,
  TextNode,
  Value,
} from './ast.js';
import { ODataPropertyError, ODataTypeError, ODataUnsupportedError } from './errors.js';
import { type Asker, compileFunction } from './function-predicates.js';
import { compileText } from './like.js';
import { compareValues, foldCase, isMoment, NULL_MATCHES_NEGATION } from './values.js';

/** What a store tells of its rows. */
export interface Resolver<Row> extends Asker {
  /** The value at a path, which may lead over lookups; null where there is none, undefined where there is no such property. */
  value(row: Row, path: readonly string[]): Value | undefined;
  /** The rows of a collection, for `any` and `all`; undefined where there is no such collection. */
  related?(row: Row, path: readonly string[]): Iterable<Row> | undefined;
}

/**
 * Tells whether a row matches a filter, as Dataverse would. Text compares without regard to case. A row without a value matches
 * `eq null` and, by `NULL_MATCHES_NEGATION`, what is negated; otherwise a comparison with it is false.
 *
 * Throws `ODataPropertyError` for a property that the resolver does not know, `ODataTypeError` for operands that cannot be compared and
 * `ODataUnsupportedError` for functions that are not imitated. A filter that stops at `and` or `or` may hide such an error; call
 * `checkFilter` once to find it whatever the rows are.
 */
export function evaluateFilter<Row>(node: FilterNode, row: Row, resolver: Resolver<Row>): boolean {
  let predicate = COMPILED.get(node);
  if (!predicate) {
    predicate = compile(node);
    COMPILED.set(node, predicate);
  }
  // The compiled predicate hands rows to the resolver and looks into none, so that it serves any kind of row.
  return predicate({ row, variables: null }, resolver as Resolver<unknown>);
}

interface Scope {
  readonly row: unknown;
  readonly variables: Variables | null;
}

interface Variables {
  readonly name: string;
  readonly row: unknown;
  readonly outer: Variables | null;
}

type Predicate = (scope: Scope, resolver: Resolver<unknown>) => boolean;
type Reader = (scope: Scope, resolver: Resolver<unknown>) => Value;

/** A filter is applied to thousands of rows: what depends on the filter alone is done once. */
const COMPILED = new WeakMap<FilterNode, Predicate>();

function compile(node: FilterNode): Predicate {
  switch (node.kind) {
    case 'and':
      return every(node.nodes.map(compile));
    case 'or':
      return some(node.nodes.map(compile));
    case 'not':
      return not(compile(node.node));
    case 'truth':
      return compileTruth(node.operand);
    case 'comparison':
      return compileComparison(node);
    case 'text':
      return compileTextFunction(node);
    case 'lambda':
      return compileLambda(node);
    case 'function':
      return compileQueryFunction(node);
  }
}

function every(parts: readonly Predicate[]): Predicate {
  return (scope, resolver) => parts.every((part) => part(scope, resolver));
}

function some(parts: readonly Predicate[]): Predicate {
  return (scope, resolver) => parts.some((part) => part(scope, resolver));
}

function not(part: Predicate): Predicate {
  return (scope, resolver) => !part(scope, resolver);
}

function compileTruth(operand: Operand): Predicate {
  const read = compileOperand(operand);
  return (scope, resolver) => {
    const value = read(scope, resolver);
    if (value !== null && typeof value !== 'boolean')
      throw new ODataTypeError(`Expected a condition, but '${describe(operand)}' is a value.`);
    return value === true;
  };
}

function compileComparison({ operator, left, right }: ComparisonNode): Predicate {
  const read = compileOperand(left);
  if (right.kind === 'property') return compareColumns(operator, read, compileOperand(right));
  if (right.value === null) return compareWithNull(operator, read);
  const order = orderAgainst(right, describe(left));
  return (scope, resolver) => {
    const value = read(scope, resolver);
    return value === null ? operator === 'ne' && NULL_MATCHES_NEGATION : holds(operator, order(value));
  };
}

/** As in SQL, two columns of which one has no value are neither equal nor unequal. */
function compareColumns(operator: ComparisonOperator, readLeft: Reader, readRight: Reader): Predicate {
  return (scope, resolver) => {
    const left = readLeft(scope, resolver);
    const right = readRight(scope, resolver);
    return left !== null && right !== null && holds(operator, compareValues(left, right));
  };
}

function compareWithNull(operator: ComparisonOperator, read: Reader): Predicate {
  if (operator === 'eq') return (scope, resolver) => read(scope, resolver) === null;
  if (operator === 'ne') return (scope, resolver) => read(scope, resolver) !== null;
  return (scope, resolver) => {
    read(scope, resolver);
    return false;
  };
}

/** The order of a value against a literal; text that differs only in case is the same. */
function orderAgainst(literal: LiteralNode, subject: string): (value: Exclude<Value, null>) => number {
  const expected = literal.value;
  if (typeof expected !== 'string')
    return (value) => assertOrder(expected === null ? Number.NaN : compareValues(value, expected), subject, literal);
  const folded = foldCase(expected);
  const time = literal.type === 'date' ? Date.parse(expected) : Number.NaN;
  return (value) => {
    if (literal.type === 'date')
      return assertOrder(
        typeof value === 'string' && isMoment(value) ? Date.parse(value) - time : Number.NaN,
        subject,
        literal,
      );
    if (typeof value === 'string' && foldCase(value) === folded) return 0;
    return assertOrder(compareValues(value, expected), subject, literal);
  };
}

function assertOrder(order: number, subject: string, literal: LiteralNode): number {
  if (!Number.isNaN(order)) return order;
  throw new ODataTypeError(
    `A binary operator with incompatible types was detected: '${subject}' cannot be compared with the ${literal.type} ${JSON.stringify(literal.value)}.`,
  );
}

function holds(operator: ComparisonOperator, order: number): boolean {
  switch (operator) {
    case 'eq':
      return order === 0;
    case 'ne':
      return order !== 0;
    case 'gt':
      return order > 0;
    case 'ge':
      return order >= 0;
    case 'lt':
      return order < 0;
    case 'le':
      return order <= 0;
  }
}

function compileTextFunction({ function: name, property, pattern }: TextNode): Predicate {
  const read = compileOperand(property);
  const matches = pattern === null ? () => false : compileText(name, pattern);
  return (scope, resolver) => {
    const value = read(scope, resolver);
    if (value !== null && typeof value !== 'string') {
      throw new ODataTypeError(
        `No function signature for the function with name '${name}' matches: '${describe(property)}' is not text.`,
      );
    }
    return value !== null && matches(value);
  };
}

function compileQueryFunction(node: FunctionNode): Predicate {
  const read = compileOperand(node.property);
  const matches = compileFunction(node);
  return (scope, resolver) => matches(read(scope, resolver), resolver);
}

function compileLambda({ operator, collection, variable, predicate }: LambdaNode): Predicate {
  const matches = predicate === null ? () => true : compile(predicate);
  return (scope, resolver) => {
    const test = (row: unknown) =>
      matches({ row: scope.row, variables: { name: variable, row, outer: scope.variables } }, resolver);
    for (const row of relatedRows(collection, scope, resolver)) {
      if (test(row) === (operator === 'any')) return operator === 'any';
    }
    return operator === 'all';
  };
}

function relatedRows(collection: PropertyNode, scope: Scope, resolver: Resolver<unknown>): Iterable<unknown> {
  if (!resolver.related)
    throw new ODataUnsupportedError(`The collection '${describe(collection)}' cannot be filtered by any or all here.`);
  const rows = resolver.related(rowOf(collection, scope), collection.path);
  if (rows === undefined) throw new ODataPropertyError(collection.path);
  return rows;
}

function compileOperand(operand: Operand): Reader {
  if (operand.kind === 'literal') return () => operand.value;
  return (scope, resolver) => {
    const value = resolver.value(rowOf(operand, scope), operand.path);
    if (value === undefined) throw new ODataPropertyError(operand.path);
    return value;
  };
}

function rowOf({ variable }: PropertyNode, scope: Scope): unknown {
  if (variable === null) return scope.row;
  let variables = scope.variables;
  while (variables && variables.name !== variable) variables = variables.outer;
  return variables?.row;
}

function describe(operand: Operand): string {
  return operand.kind === 'property' ? operand.path.join('/') : String(operand.value);
}
