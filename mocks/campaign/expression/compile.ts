import { badExpression, type SoapFault, unknownNode } from '../errors.js';
import { type CompiledSchema, resolvePath, UnknownStep, type ValueNode } from '../schema-model.js';
import { followLinks, type SessionView, storedValue } from '../session-view.js';
import type { Row } from '../store.js';
import { castText, formatMoment, type Kind, kindOf, ValueError } from '../values.js';
import {
  type Access,
  accessByConstant,
  accessByMembers,
  accessOf,
  type Candidates,
  type LinkEnd,
  type Range,
} from './access.js';
import { AGGREGATES, FUNCTIONS } from './functions.js';
import { likePattern } from './like.js';
import {
  commonKind,
  compareOperands,
  convert,
  isTruthy,
  type Operand,
  toNumber,
  toOperand,
  toText,
} from './operand.js';
import { parseExpression } from './parse.js';
import { type Expression, SyntaxFault } from './syntax.js';

/** What an expression is evaluated over: a row (null at the end of a link that leads nowhere), and its group when grouping. */
export interface Scope {
  readonly row: Row | null;
  readonly group?: readonly Row[];
}

/** An expression ready to run. */
export interface Compiled {
  readonly kind: Kind;
  readonly aggregate: boolean;
  evaluate(scope: Scope): Operand;
  /** Every value, for a path through a collection; a comparison holds if it holds for one of them. */
  readonly all?: (scope: Scope) => readonly Operand[];
  /** The stored attribute of the row itself that the expression is, if it is one. */
  readonly column?: ValueNode;
  /** The stored attribute at the end of simple links that the expression is, if it is one. */
  readonly end?: LinkEnd;
  /** Rows other than those with one of these values at this path cannot satisfy the expression. */
  readonly candidates?: Candidates;
  /** Rows outside cannot satisfy the expression. */
  readonly range?: Range;
  /** The value, if it is the same for every row. */
  readonly constant?: Operand;
}

/** The value of `$(name)`; undefined where it has none. */
export type ParameterValues = (name: string) => string | undefined;

/**
 * Compiles XTK expressions against a schema. Everything wrong with one becomes an XTK-170036 fault, also a parameter without a value.
 */
export function compileExpression(
  source: string,
  schema: CompiledSchema,
  view: SessionView,
  parameters: ParameterValues = () => undefined,
): Compiled {
  return guarded(source, () => new Compiler(schema, view, parameters).compile(parseOften(source)));
}

const MAX_PARSED = 1_000;
const MAX_PARSED_LENGTH = 500;
const PARSED = new Map<string, Expression>();

/** Formulas of schemas and the conditions of a program come again and again. */
function parseOften(source: string): Expression {
  const known = PARSED.get(source);
  if (known) return known;
  const parsed = parseExpression(source);
  if (PARSED.size >= MAX_PARSED) PARSED.clear();
  if (source.length <= MAX_PARSED_LENGTH) PARSED.set(source, parsed);
  return parsed;
}

function guarded<T>(source: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw toFault(source, error);
  }
}

function toFault(source: string, error: unknown): SoapFault | unknown {
  if (error instanceof UnknownStep) return badExpression(source, unknownNode(error.kind, error.step, error.schema));
  if (error instanceof SyntaxFault || error instanceof ValueError) return badExpression(source, error.message);
  return error;
}

const MAX_NESTED_FORMULAS = 10;
const MAX_FORMULAS = 1_000;

class Compiler {
  constructor(
    private readonly schema: CompiledSchema,
    private readonly view: SessionView,
    private readonly parameters: ParameterValues,
    private readonly depth = 0,
    /** Of all formulas together, since each may name others many times. */
    private readonly used = { formulas: 0 },
  ) {}

  compile(expression: Expression): Compiled {
    switch (expression.kind) {
      case 'literal':
        return literal(expression);
      case 'path':
        return this.path(expression.text);
      case 'parameter':
        return this.parameter(expression.name, expression.type);
      case 'call':
        return this.call(expression.name, expression.args);
      case 'not':
        return negation(this.compile(expression.operand));
      case 'negate':
        return this.negative(expression.operand);
      case 'logic':
        return logic(
          expression.operator,
          expression.operands.map((operand) => this.compile(operand)),
        );
      case 'compare':
        return comparison(expression.operator, this.compile(expression.left), this.compile(expression.right));
      case 'arithmetic':
        return arithmetic(expression.operator, this.compile(expression.left), this.compile(expression.right));
      case 'like':
        return like(this.compile(expression.left), this.compile(expression.right), expression.negated);
      case 'in':
        return membership(
          this.compile(expression.left),
          expression.items.map((item) => this.compile(item)),
          expression.negated,
        );
      case 'isNull':
        return nullTest(this.compile(expression.operand), expression.negated);
    }
  }

  /** A negative number is a literal like any other, of which `IN` takes a list. */
  private negative(operand: Expression): Compiled {
    if (operand.kind === 'literal' && operand.type === 'number')
      return literal({ ...operand, text: `-${operand.text}` });
    return mapped('number', this.compile(operand), (value) => (value === null ? null : -toNumber(value)));
  }

  /** A parameter is a constant of the query: its text is read as the type asked for, or as what it is compared with. */
  private parameter(name: string, type: string): Compiled {
    const text = this.parameters(name);
    if (text === undefined) throw new SyntaxFault(`The parameter '${name}' has no value here.`);
    const kind = kindOf(type);
    return fixedValue(toOperand(castText(text, type), kind), kind);
  }

  private path(text: string): Compiled {
    const ofOperator = this.operatorPath(text);
    if (ofOperator) return ofOperator;
    // A field of the row around a subQuery, for which it is a constant.
    if (text.startsWith('../')) return this.parameter(`[${text}]`, '');
    const { links, schema, node } = resolvePath(this.schema, text, this.view.lookup);
    if (node.kind === 'element') throw new SyntaxFault(`Element '${text}' has no value of its own.`);
    if (node.kind === 'link') return this.linkTest([...links, node]);
    const read = this.reader(node, schema);
    const kind = kindOf(node.type);
    const rowsOf = (scope: Scope) => followLinks(this.view, scope.row, links);
    if (links.length === 0) {
      const own: Compiled = { kind, aggregate: false, evaluate: (scope) => read(scope.row) };
      return node.expr === null ? { ...own, column: node } : own;
    }
    const single = (scope: Scope) => read(rowsOf(scope)[0] ?? null);
    if (!links.some((link) => link.unbound)) {
      const linked: Compiled = { kind, aggregate: false, evaluate: single };
      return node.expr === null ? { ...linked, end: { links, column: node } } : linked;
    }
    return { kind, aggregate: false, evaluate: single, all: (scope) => rowsOf(scope).map(read) };
  }

  /** `[currentOperator/@login]` is about whoever asks: https://experienceleague.adobe.com/docs/campaign-classic/using/configuring-campaign-classic/schema-reference/elements-attributes/condition.html */
  private operatorPath(text: string): Compiled | undefined {
    const rest = /^\/?currentOperator\/(.+)$/.exec(text)?.[1];
    const schema = this.view.lookup('xtk:operator');
    if (rest === undefined || !schema) return undefined;
    const [row = null] = this.view.tableOf(schema).find(['id'], [this.view.operatorId]);
    const compiled = new Compiler(schema, this.view, this.parameters, this.depth, this.used).path(rest);
    return fixedValue(compiled.evaluate({ row }), compiled.kind);
  }

  /** A link stands for whether it leads anywhere: null if not. */
  private linkTest(links: Parameters<typeof followLinks>[2]): Compiled {
    const evaluate = (scope: Scope) => (followLinks(this.view, scope.row, links).length > 0 ? 1 : null);
    return { kind: 'number', aggregate: false, evaluate };
  }

  private reader(node: ValueNode, schema: CompiledSchema): (row: Row | null) => Operand {
    const kind = kindOf(node.type);
    if (node.expr === null) return (row) => toOperand(storedValue(row, node), kind);
    this.used.formulas += 1;
    if (this.depth >= MAX_NESTED_FORMULAS || this.used.formulas > MAX_FORMULAS)
      throw new SyntaxFault(`The formula of '@${node.path}' refers to itself or to too many others.`);
    const formula = new Compiler(schema, this.view, this.parameters, this.depth + 1, this.used).compile(
      parseOften(node.expr),
    );
    return (row) => convert(formula.evaluate({ row }), formula.kind, kind);
  }

  private call(name: string, args: readonly Expression[]): Compiled {
    const lower = name.toLowerCase();
    if (lower === 'case') return this.caseOf(args);
    const aggregate = Object.hasOwn(AGGREGATES, lower) ? AGGREGATES[lower] : undefined;
    if (aggregate) return this.aggregateOf(name, aggregate, args);
    const called = Object.hasOwn(FUNCTIONS, lower) ? FUNCTIONS[lower] : undefined;
    if (!called) throw new SyntaxFault(`The function '${name}' is unknown.`);
    const [least, most] = called.arity;
    if (args.length < least || args.length > most) {
      throw new SyntaxFault(`The function '${name}' takes ${least} to ${most} arguments, not ${args.length}.`);
    }
    const operands = args.map((arg) => this.compile(arg));
    const { kind: own } = called;
    const kindAt = (position: number) => operands[position]?.kind ?? 'text';
    const kind = own === 'first' ? kindAt(0) : own === 'second' ? kindAt(1) : own === 'third' ? kindAt(2) : own;
    return {
      kind,
      aggregate: operands.some((operand) => operand.aggregate),
      evaluate: (scope) =>
        called.evaluate(
          operands.map((operand) => operand.evaluate(scope)),
          this.view,
        ),
    };
  }

  private aggregateOf(
    name: string,
    aggregate: (typeof AGGREGATES)[string] & object,
    args: readonly Expression[],
  ): Compiled {
    const [argument] = args;
    if (!argument && name.toLowerCase() !== 'count') throw new SyntaxFault(`The function '${name}' takes an argument.`);
    const operand = argument ? this.compile(argument) : undefined;
    const valuesOf = (rows: readonly Row[]) =>
      operand ? rows.map((row) => operand.evaluate({ row })).filter((value) => value !== null) : rows.map(() => 1);
    return {
      kind: aggregate.kind === 'first' ? (operand?.kind ?? 'number') : aggregate.kind,
      aggregate: true,
      evaluate: ({ row, group }) => aggregate.fold(valuesOf(group ?? (row ? [row] : []))),
    };
  }

  /** `Case(When(condition, value), …, Else(value))` */
  private caseOf(args: readonly Expression[]): Compiled {
    const branches = args.map((arg) => {
      const word = arg.kind === 'call' ? arg.name.toLowerCase() : '';
      const parts = arg.kind === 'call' ? arg.args.map((part) => this.compile(part)) : [];
      const [first, second] = parts;
      if (word === 'when' && first && second) return { condition: first, value: second };
      if (word === 'else' && first) return { condition: undefined, value: first };
      throw new SyntaxFault(`Case takes When(condition, value) and Else(value).`);
    });
    return {
      kind: branches[0]?.value.kind ?? 'text',
      aggregate: branches.some(({ condition, value }) => condition?.aggregate || value.aggregate),
      evaluate: (scope) =>
        branches.find(({ condition }) => !condition || isTruthy(condition.evaluate(scope)))?.value.evaluate(scope) ??
        null,
    };
  }
}

function fixedValue(constant: Operand, kind: Kind): Compiled {
  return { kind, aggregate: false, constant, evaluate: () => constant };
}

function literal(expression: Extract<Expression, { kind: 'literal' }>): Compiled {
  const { type, text } = expression;
  const kind: Kind = type === 'null' ? 'text' : type;
  return fixedValue(type === 'null' ? null : literalOperand(type, text), kind);
}

function literalOperand(type: 'text' | 'number' | 'boolean' | 'datetime', text: string): Operand {
  if (type === 'number' && /^-?\d+$/.test(text)) return toOperand(castText(text, 'int64'), 'int64');
  return castText(text, LITERAL_TYPES[type]);
}

const LITERAL_TYPES = { text: 'string', number: 'double', boolean: 'boolean', datetime: 'datetime' } as const;

function mapped(kind: Kind, operand: Compiled, map: (value: Operand) => Operand): Compiled {
  return { kind, aggregate: operand.aggregate, evaluate: (scope) => map(operand.evaluate(scope)) };
}

function negation(operand: Compiled): Compiled {
  return mapped('boolean', operand, (value) => (value === null ? null : isTruthy(value) ? 0 : 1));
}

/** AND and OR over true, false and unknown, as SQL has them. */
export function logic(operator: 'and' | 'or', operands: readonly Compiled[]): Compiled {
  const decisive = operator === 'or';
  const evaluate = (scope: Scope): Operand => {
    let unknown = false;
    for (const operand of operands) {
      const value = operand.evaluate(scope);
      if (value === null) unknown = true;
      else if (isTruthy(value) === decisive) return decisive ? 1 : 0;
    }
    return unknown ? null : decisive ? 0 : 1;
  };
  return {
    kind: 'boolean',
    aggregate: operands.some((it) => it.aggregate),
    evaluate,
    ...accessOf(operator, operands),
  };
}

const TESTS: Readonly<Record<string, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

function comparison(operator: string, left: Compiled, right: Compiled): Compiled {
  const kind = comparisonKind(left, right);
  const passes = TESTS[operator] ?? (() => false);
  const fixedLeft = fixed(left, kind);
  const fixedRight = fixed(right, kind);
  const test = (a: Operand, b: Operand): Operand => {
    if (a === null || b === null) return null;
    return passes(compareOperands(a, b)) ? 1 : 0;
  };
  const evaluate = (scope: Scope) => anyOf(fixedLeft, scope, (a) => anyOf(fixedRight, scope, (b) => test(a, b)));
  const access = operator === '<>' ? {} : comparisonAccess(operator, fixedLeft, fixedRight, left, right);
  return { kind: 'boolean', aggregate: left.aggregate || right.aggregate, evaluate, ...access };
}

/** Only an expression that needs no conversion is what an index holds. */
function comparisonAccess(
  operator: string,
  fixedLeft: Compiled,
  fixedRight: Compiled,
  left: Compiled,
  right: Compiled,
): Access {
  if (fixedRight.constant !== undefined && fixedLeft === left)
    return accessByConstant(operator, left, fixedRight.constant);
  if (fixedLeft.constant === undefined || fixedRight !== right) return {};
  return accessByConstant(MIRRORED[operator] ?? operator, right, fixedLeft.constant);
}

const MIRRORED: Readonly<Record<string, string>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

/** The same expression with its values converted to a kind; a constant is converted once. */
function fixed(operand: Compiled, kind: Kind): Compiled {
  if (operand.kind === kind) return operand;
  if (operand.constant !== undefined) {
    const constant = convert(operand.constant, operand.kind, kind);
    return { ...operand, kind, constant, evaluate: () => constant };
  }
  const { all } = operand;
  const converted: Compiled = {
    ...operand,
    kind,
    evaluate: (scope) => convert(operand.evaluate(scope), operand.kind, kind),
  };
  return all
    ? { ...converted, all: (scope) => all(scope).map((value) => convert(value, operand.kind, kind)) }
    : converted;
}

/** A test of a value, or of each of several: true if it is true for one. */
function anyOf(operand: Compiled, scope: Scope, test: (value: Operand) => Operand): Operand {
  if (!operand.all) return test(operand.evaluate(scope));
  return operand.all(scope).some((value) => isTruthy(test(value))) ? 1 : 0;
}

/** A constant is compared as what it is compared with; a date with a moment as a moment. */
function comparisonKind(left: Compiled, right: Compiled): Kind {
  const kind = commonKind(left.kind, right.kind);
  if (kind === 'datetime') return kind;
  if (right.constant !== undefined) return left.kind;
  return left.constant !== undefined ? right.kind : kind;
}

function arithmetic(operator: string, left: Compiled, right: Compiled): Compiled {
  const aggregate = left.aggregate || right.aggregate;
  const isText = operator === '||' || (operator === '+' && (left.kind === 'text' || right.kind === 'text'));
  if (isText) {
    const evaluate = (scope: Scope) => toText(left.evaluate(scope)) + toText(right.evaluate(scope));
    return { kind: 'text', aggregate, evaluate };
  }
  const isMoment = left.kind === 'datetime' || left.kind === 'date';
  if (isMoment && (operator === '+' || operator === '-')) return shiftedMoment(operator, left, right);
  const calculate = CALCULATIONS[operator] ?? (() => null);
  const evaluate = (scope: Scope) => {
    const a = left.evaluate(scope);
    const b = right.evaluate(scope);
    return a === null || b === null ? null : calculate(toNumber(a), toNumber(b));
  };
  return { kind: 'number', aggregate, evaluate };
}

const CALCULATIONS: Readonly<Record<string, (left: number, right: number) => number | null>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => (right === 0 ? null : left / right),
  '%': (left, right) => (right === 0 ? null : left % right),
};

/** A moment moved by seconds, the unit of time spans. */
function shiftedMoment(operator: '+' | '-', left: Compiled, right: Compiled): Compiled {
  const sign = operator === '+' ? 1 : -1;
  const evaluate = (scope: Scope) => {
    const moment = convert(left.evaluate(scope), left.kind, 'datetime');
    if (moment === null) return null;
    const time = new Date(String(moment).replace(' ', 'T')).getTime();
    return formatMoment(new Date(time + sign * toNumber(right.evaluate(scope)) * 1_000));
  };
  return { kind: 'datetime', aggregate: left.aggregate || right.aggregate, evaluate };
}

function like(left: Compiled, right: Compiled, negated: boolean): Compiled {
  const constant = right.constant === undefined ? undefined : likePattern(toText(right.constant));
  const evaluate = (scope: Scope) => {
    const matches = constant ?? likePattern(toText(right.evaluate(scope)));
    return anyOf(left, scope, (value) => (value === null ? null : matches(toText(value)) !== negated ? 1 : 0));
  };
  return { kind: 'boolean', aggregate: left.aggregate || right.aggregate, evaluate };
}

function membership(left: Compiled, items: readonly Compiled[], negated: boolean): Compiled {
  const fixedItems = items.map((item) => fixed(item, left.kind));
  if (fixedItems.some((item) => item.constant === undefined)) throw new SyntaxFault('IN takes a list of constants.');
  // Text of a number and of a bigint of the same value are the same, so one set serves all kinds.
  const members = new Set(fixedItems.map((item) => String(item.constant)));
  const evaluate = (scope: Scope) =>
    anyOf(left, scope, (value) => (value === null ? null : members.has(String(value)) !== negated ? 1 : 0));
  const constants = fixedItems.map((item) => item.constant ?? null);
  return { kind: 'boolean', aggregate: left.aggregate, evaluate, ...(negated ? {} : accessByMembers(left, constants)) };
}

/** Campaign keeps no text as an empty one, so both count as null; numbers are never null. */
function nullTest(operand: Compiled, negated: boolean): Compiled {
  const evaluate = (scope: Scope) =>
    anyOf(operand, scope, (value) => ((value === null || value === '') !== negated ? 1 : 0));
  return { kind: 'boolean', aggregate: operand.aggregate, evaluate };
}
