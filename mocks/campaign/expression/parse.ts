import { isKnownType } from '../values.js';
import { type ArithmeticOperator, type Expression, SyntaxFault } from './syntax.js';
import { type Token, tokenize } from './tokenize.js';

const MAX_DEPTH = 200;
/** Of a sum or product each operator goes one deeper. */
const MAX_ARITHMETIC = 2_000;

/**
 * Parses an XTK expression: comparisons, LIKE, IN, IS NULL, AND, OR, NOT, arithmetic, functions. Throws `SyntaxFault`.
 * https://experienceleague.adobe.com/docs/campaign-classic/using/configuring-campaign-classic/api/data-oriented-apis.html
 */
export function parseExpression(source: string): Expression {
  return new Parser(tokenize(source)).parse();
}

class Parser {
  private position = 0;
  private depth = 0;
  private arithmetic = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  parse(): Expression {
    const expression = this.or();
    if (this.peek().kind !== 'end') this.fail(`Unexpected '${this.peek().text}'`);
    return expression;
  }

  private or(): Expression {
    const operands = [this.and()];
    while (this.takeWord('or')) operands.push(this.and());
    return combine('or', operands);
  }

  private and(): Expression {
    const operands = [this.not()];
    while (this.takeWord('and')) operands.push(this.not());
    return combine('and', operands);
  }

  private not(): Expression {
    if (this.isWord('not')) return this.deeper(() => ({ kind: 'not', operand: this.skip().not() }));
    return this.comparison();
  }

  private comparison(): Expression {
    const left = this.sum();
    const operator = comparisonOperator(this.peek());
    if (operator) {
      this.skip();
      return { kind: 'compare', operator, left, right: this.sum() };
    }
    if (this.takeWord('is')) {
      const negated = this.takeWord('not');
      if (!this.takeWord('null')) this.fail(`Expected NULL after IS`);
      return { kind: 'isNull', negated, operand: left };
    }
    const negated = this.takeWord('not');
    if (this.takeWord('like')) return { kind: 'like', negated, left, right: this.sum() };
    if (this.takeWord('in')) return { kind: 'in', negated, left, items: this.list() };
    if (negated) this.fail(`Expected LIKE or IN after NOT`);
    return left;
  }

  private sum(): Expression {
    let left = this.product();
    for (let operator = this.takeSymbol('+', '-', '||'); operator; operator = this.takeSymbol('+', '-', '||')) {
      left = this.combined(operator, left, this.product());
    }
    return left;
  }

  private product(): Expression {
    let left = this.unary();
    for (let operator = this.takeSymbol('*', '/', '%'); operator; operator = this.takeSymbol('*', '/', '%')) {
      left = this.combined(operator, left, this.unary());
    }
    return left;
  }

  private combined(operator: ArithmeticOperator, left: Expression, right: Expression): Expression {
    this.arithmetic += 1;
    if (this.arithmetic > MAX_ARITHMETIC)
      this.fail(`The expression has more than ${MAX_ARITHMETIC} arithmetic operators`);
    return { kind: 'arithmetic', operator, left, right };
  }

  private unary(): Expression {
    if (this.takeSymbol('-')) return this.deeper(() => ({ kind: 'negate', operand: this.unary() }));
    return this.primary();
  }

  private primary(): Expression {
    const token = this.peek();
    this.skip();
    if (token.kind === 'text') return { kind: 'literal', type: 'text', text: token.text };
    if (token.kind === 'number') return { kind: 'literal', type: 'number', text: token.text };
    if (token.kind === 'date') return { kind: 'literal', type: 'datetime', text: token.text };
    if (token.kind === 'path') return { kind: 'path', text: token.text };
    if (token.kind === 'parameter') return this.parameter(token.text);
    if (token.kind === 'word') return this.word(token.text);
    if (token.text === '(') return this.deeper(() => this.parenthesis());
    this.position -= 1;
    return this.fail(token.kind === 'end' ? 'Unexpected end' : `Unexpected '${token.text}'`);
  }

  private parameter(text: string): Expression {
    const open = text.indexOf('(');
    const type = text.slice(1, open);
    if (type !== '' && !isKnownType(type)) this.fail(`Unknown type '${type}' of a parameter`);
    return { kind: 'parameter', name: text.slice(open + 1, -1).trim(), type: type === '' ? 'string' : type };
  }

  private parenthesis(): Expression {
    const inner = this.or();
    this.expect(')');
    return inner;
  }

  private word(word: string): Expression {
    if (this.isSymbol('(')) return { kind: 'call', name: word, args: this.list() };
    const lower = word.toLowerCase();
    if (lower === 'true' || lower === 'false') return { kind: 'literal', type: 'boolean', text: lower };
    if (lower === 'null') return { kind: 'literal', type: 'null', text: '' };
    return { kind: 'path', text: word };
  }

  private list(): readonly Expression[] {
    this.expect('(');
    const items: Expression[] = [];
    if (this.takeSymbol(')')) return items;
    return this.deeper(() => {
      do items.push(this.or());
      while (this.takeSymbol(','));
      this.expect(')');
      return items;
    });
  }

  private deeper<T>(read: () => T): T {
    this.depth += 1;
    if (this.depth > MAX_DEPTH) this.fail('The expression is nested too deep');
    const result = read();
    this.depth -= 1;
    return result;
  }

  private peek(): Token {
    return this.tokens[this.position] ?? { kind: 'end', text: '', at: 0 };
  }

  private skip(): this {
    this.position += 1;
    return this;
  }

  private isWord(word: string): boolean {
    const token = this.peek();
    return token.kind === 'word' && token.text.toLowerCase() === word;
  }

  private takeWord(word: string): boolean {
    const found = this.isWord(word);
    if (found) this.skip();
    return found;
  }

  private isSymbol(symbol: string): boolean {
    const token = this.peek();
    return token.kind === 'symbol' && token.text === symbol;
  }

  private takeSymbol<S extends string>(...symbols: readonly S[]): S | undefined {
    const found = symbols.find((symbol) => this.isSymbol(symbol));
    if (found !== undefined) this.skip();
    return found;
  }

  private expect(symbol: string): void {
    if (!this.takeSymbol(symbol)) this.fail(`Expected '${symbol}'`);
  }

  private fail(problem: string): never {
    throw new SyntaxFault(`${problem} at position ${this.peek().at}.`);
  }
}

/** One expression of several; a single one stands for itself. */
export function combine(operator: 'and' | 'or', operands: readonly Expression[]): Expression {
  const [only] = operands;
  return only && operands.length === 1 ? only : { kind: 'logic', operator, operands };
}

function comparisonOperator(token: Token) {
  if (token.kind !== 'symbol') return undefined;
  if (token.text === '==') return '=';
  if (token.text === '!=') return '<>';
  const { text } = token;
  return text === '=' || text === '<>' || text === '<' || text === '<=' || text === '>' || text === '>='
    ? text
    : undefined;
}
