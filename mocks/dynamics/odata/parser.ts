import type {
  ComparisonNode,
  ComparisonOperator,
  FilterNode,
  FunctionNode,
  LambdaNode,
  LiteralNode,
  Operand,
  PropertyNode,
  TextFunction,
  TextNode,
} from './ast.js';
import { ODataSyntaxError, ODataTypeError, ODataUnsupportedError } from './errors.js';
import { tokenize } from './lexer.js';
import { functionArguments, NAMESPACE } from './query-functions.js';
import { TokenReader } from './token-reader.js';

export interface ParseOptions {
  /** The values of parameter aliases by name with `@`, as `parseQueryOptions` gives them; one that is missing is null. */
  readonly aliases?: ReadonlyMap<string, string>;
}

/**
 * Parses a `$filter`, decoded, to a tree that `evaluateFilter` applies to rows.
 *
 * Throws `ODataSyntaxError` with the position, `ODataUnsupportedError` for OData that Dataverse does not know, and `ODataTypeError`.
 * https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query/filter-rows
 */
export function parseFilter(text: string, { aliases = new Map() }: ParseOptions = {}): FilterNode {
  return new FilterParser(new TokenReader(text, tokenize(text)), aliases).parse();
}

/** Conditions may stand this deep in each other; a deeper text could only be meant to exhaust the stack. */
const MAX_DEPTH = 100;
const COMPARISON_OPERATORS: ReadonlySet<string> = new Set(['eq', 'ne', 'gt', 'ge', 'lt', 'le']);
const UNSUPPORTED_OPERATORS: ReadonlySet<string> = new Set(['in', 'has', 'add', 'sub', 'mul', 'div', 'divby', 'mod']);
const TEXT_FUNCTIONS: ReadonlySet<string> = new Set(['contains', 'startswith', 'endswith']);

/** A tree being parsed: an operand becomes a condition only where nothing is compared with it. */
type Expression = FilterNode | Operand;

/** A recursive descent: `or` binds least, then `and`, the comparisons, and `not`. */
class FilterParser {
  private readonly variables: string[] = [];
  private depth = 0;

  constructor(
    private readonly reader: TokenReader,
    private readonly aliases: ReadonlyMap<string, string>,
  ) {}

  parse(): FilterNode {
    const node = this.parseOr();
    this.reader.expectEnd();
    return node;
  }

  private parseOr(): FilterNode {
    return this.parseChain('or', () => this.parseAnd());
  }

  private parseAnd(): FilterNode {
    return this.parseChain('and', () => this.parseComparison());
  }

  private parseChain(kind: 'and' | 'or', parsePart: () => FilterNode): FilterNode {
    const first = parsePart();
    const nodes = [first];
    while (this.reader.takeName(kind)) nodes.push(parsePart());
    return nodes.length === 1 ? first : { kind, nodes };
  }

  private parseComparison(): FilterNode {
    const left = this.parseUnary();
    const token = this.reader.peek();
    if (token.kind === 'name' && UNSUPPORTED_OPERATORS.has(token.text)) {
      throw new ODataUnsupportedError(
        `The operator '${token.text}' at position ${token.position} is not supported in $filter.`,
      );
    }
    if (token.kind !== 'name' || !isComparisonOperator(token.text)) return toCondition(left);
    this.reader.next();
    return compare(token.text, left, this.parseUnary());
  }

  private parseUnary(): Expression {
    return this.nested(() => {
      if (this.reader.takeName('not')) return { kind: 'not', node: toCondition(this.parseUnary()) };
      if (!this.reader.takeSymbol('(')) return this.parseOperand();
      const node = this.parseOr();
      this.reader.expectSymbol(')');
      return node;
    });
  }

  private parseOperand(): Expression {
    const token = this.reader.next();
    if (token.kind === 'literal' && !token.text.startsWith('"')) return token.literal;
    if (token.kind === 'alias') return this.parseAlias(token.text);
    if (token.kind !== 'name') throw this.reader.unexpected(token, 'Expression expected');
    return this.parsePath(token.text, token.position);
  }

  /** The value of an alias is a literal or a property; aliases of aliases are not followed. */
  private parseAlias(name: string): Operand {
    const text = this.aliases.get(name);
    if (text === undefined) return { kind: 'literal', type: 'null', value: null };
    const operand = new FilterParser(new TokenReader(text, tokenize(text)), new Map()).parseWholeOperand();
    if (isOperand(operand)) return operand;
    throw new ODataUnsupportedError(`The value of the parameter alias '${name}' must be a literal or a property.`);
  }

  private parseWholeOperand(): Expression {
    const operand = this.parseOperand();
    this.reader.expectEnd();
    return operand;
  }

  /** `name`, `primarycontactid/fullname`, and what may end a path: a function of the namespace, `any(…)` or `all(…)`. */
  private parsePath(first: string, position: number): Expression {
    const path: string[] = [];
    let segment = first;
    for (;;) {
      if (this.reader.takeSymbol('(')) return this.parseCall(path, segment, position);
      path.push(segment);
      if (!this.reader.takeSymbol('/')) return this.property(path);
      segment = this.reader.expectName();
    }
  }

  private parseCall(path: readonly string[], name: string, position: number): Expression {
    if (name.startsWith(NAMESPACE)) return this.parseFunction(path, name.slice(NAMESPACE.length), position);
    if (path.length === 0 && isTextFunction(name)) return this.parseText(name);
    if (path.length > 0 && (name === 'any' || name === 'all')) return this.parseLambda(path, name);
    throw new ODataUnsupportedError(
      `An unknown function with name '${name}' was found at position ${position}. Dataverse knows contains, startswith, endswith and its own query functions.`,
    );
  }

  private parseText(name: TextFunction): TextNode {
    const property = this.parseUnary();
    this.reader.expectSymbol(',');
    const pattern = this.parseUnary();
    this.reader.expectSymbol(')');
    const isText = pattern.kind === 'literal' && (pattern.type === 'string' || pattern.type === 'null');
    if (property.kind === 'property' && isText) {
      return { kind: 'text', function: name, property, pattern: pattern.value === null ? null : String(pattern.value) };
    }
    throw new ODataTypeError(
      `No function signature for the function with name '${name}' matches the specified arguments. The function signatures considered are: ${name}(Edm.String Nullable=true, Edm.String Nullable=true).`,
    );
  }

  private parseLambda(path: readonly string[], operator: 'any' | 'all'): LambdaNode {
    const collection = this.property(path);
    if (collection.path.length > 1) {
      throw new ODataUnsupportedError(
        `A condition on the collection '${path.join('/')}' below a lookup is not supported.`,
      );
    }
    if (operator === 'any' && this.reader.takeSymbol(')')) {
      return { kind: 'lambda', operator, collection, variable: '', predicate: null };
    }
    const variable = this.reader.expectName();
    this.reader.expectSymbol(':');
    this.variables.push(variable);
    const predicate = this.parseOr();
    this.variables.pop();
    this.reader.expectSymbol(')');
    return { kind: 'lambda', operator, collection, variable, predicate };
  }

  private parseFunction(prefix: readonly string[], name: string, position: number): FunctionNode {
    const { propertyName, values } = functionArguments(name, this.parseArguments(), position);
    return { kind: 'function', name, property: this.property([...prefix, ...propertyName.split('/')]), values };
  }

  private parseArguments(): ReadonlyMap<string, readonly LiteralNode[]> {
    const given = new Map<string, readonly LiteralNode[]>();
    if (this.reader.takeSymbol(')')) return given;
    do {
      const token = this.reader.peek();
      const name = this.reader.expectName();
      this.reader.expectSymbol('=');
      if (given.has(name)) throw this.reader.unexpected(token, `The parameter '${name}' is given twice`);
      given.set(name, this.parseArgument());
    } while (this.reader.takeSymbol(','));
    this.reader.expectSymbol(')');
    return given;
  }

  private parseArgument(): readonly LiteralNode[] {
    const token = this.reader.peek();
    if (token.kind !== 'alias') return this.reader.expectLiterals();
    this.reader.next();
    const text = this.aliases.get(token.text) ?? 'null';
    const reader = new TokenReader(text, tokenize(text));
    const literals = reader.expectLiterals();
    reader.expectEnd();
    return literals;
  }

  private property(path: readonly string[]): PropertyNode {
    const [first = '', ...rest] = path;
    if (!this.variables.includes(first)) return { kind: 'property', variable: null, path };
    if (rest.length > 0) return { kind: 'property', variable: first, path: rest };
    throw new ODataUnsupportedError(
      `The range variable '${first}' must be followed by a property, as in '${first}/name'.`,
    );
  }

  private nested<Result>(parse: () => Result): Result {
    this.depth += 1;
    if (this.depth > MAX_DEPTH) {
      throw new ODataSyntaxError(`Conditions are nested more than ${MAX_DEPTH} deep.`, this.reader.peek().position);
    }
    const result = parse();
    this.depth -= 1;
    return result;
  }
}

function compare(operator: ComparisonOperator, left: Expression, right: Expression): FilterNode {
  if (isOperand(left) && isOperand(right)) return comparison(operator, left, right);
  const [condition, value] = isOperand(left) ? [right, left] : [left, right];
  const isEquality = operator === 'eq' || operator === 'ne';
  if (isOperand(condition) || value.kind !== 'literal' || value.type !== 'boolean' || !isEquality) {
    throw new ODataTypeError(
      `A condition can be compared by eq or ne with true or false only, not by '${operator}' with anything else.`,
    );
  }
  return (operator === 'eq') === value.value ? condition : { kind: 'not', node: condition };
}

const MIRRORED: Readonly<Record<ComparisonOperator, ComparisonOperator>> = {
  eq: 'eq',
  ne: 'ne',
  gt: 'lt',
  ge: 'le',
  lt: 'gt',
  le: 'ge',
};

/** Puts the property first: `5 lt revenue` is `revenue gt 5`. */
function comparison(operator: ComparisonOperator, left: Operand, right: Operand): ComparisonNode {
  if (left.kind === 'literal' && right.kind === 'property') return comparison(MIRRORED[operator], right, left);
  return { kind: 'comparison', operator, left, right };
}

function toCondition(expression: Expression): FilterNode {
  if (!isOperand(expression)) return expression;
  if (expression.kind === 'property' || expression.type === 'boolean') return { kind: 'truth', operand: expression };
  throw new ODataTypeError(`Expected a condition, but '${expression.value}' is a value.`);
}

function isOperand(expression: Expression): expression is Operand {
  return expression.kind === 'property' || expression.kind === 'literal';
}

function isComparisonOperator(text: string): text is ComparisonOperator {
  return COMPARISON_OPERATORS.has(text);
}

function isTextFunction(text: string): text is TextFunction {
  return TEXT_FUNCTIONS.has(text);
}
