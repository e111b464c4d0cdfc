import type { LiteralNode } from './ast.js';
import { ODataSyntaxError } from './errors.js';
import type { Token } from './lexer.js';

/** Reads the tokens of an expression one after the other; the errors it makes name what was expected, and where. */
export class TokenReader {
  private index = 0;
  private readonly end: Token;

  constructor(
    private readonly text: string,
    private readonly tokens: readonly Token[],
  ) {
    this.end = { kind: 'end', text: '', position: text.length };
  }

  peek(): Token {
    return this.tokens[this.index] ?? this.end;
  }

  next(): Token {
    const token = this.peek();
    this.index += 1;
    return token;
  }

  takeName(name: string): boolean {
    return this.take('name', name);
  }

  takeSymbol(symbol: string): boolean {
    return this.take('symbol', symbol);
  }

  expectName(): string {
    const token = this.next();
    if (token.kind !== 'name') throw this.unexpected(token, 'A name expected');
    return token.text;
  }

  expectSymbol(symbol: string): void {
    if (!this.takeSymbol(symbol)) throw this.unexpected(this.peek(), `'${symbol}' expected`);
  }

  expectEnd(): void {
    if (this.peek().kind !== 'end') throw this.unexpected(this.peek(), 'Syntax error');
  }

  /** A literal, or the literals of a list in brackets; Dataverse takes only quoted elements in a list. */
  expectLiterals(): readonly LiteralNode[] {
    if (!this.takeSymbol('[')) return [this.expectLiteral()];
    const literals: LiteralNode[] = [];
    if (this.takeSymbol(']')) return literals;
    do {
      const token = this.peek();
      const literal = this.expectLiteral();
      if (literal.type !== 'string') throw this.unexpected(token, 'A quoted string expected');
      literals.push(literal);
    } while (this.takeSymbol(','));
    this.expectSymbol(']');
    return literals;
  }

  unexpected(token: Token, problem: string): ODataSyntaxError {
    const found = token.kind === 'end' ? 'the end' : `'${token.text}'`;
    return new ODataSyntaxError(
      `${problem} at position ${token.position} in '${this.text}', found ${found}.`,
      token.position,
    );
  }

  private expectLiteral(): LiteralNode {
    const token = this.next();
    if (token.kind !== 'literal') throw this.unexpected(token, 'A value expected');
    return token.literal;
  }

  private take(kind: 'name' | 'symbol', text: string): boolean {
    const token = this.peek();
    if (token.kind !== kind || token.text !== text) return false;
    this.index += 1;
    return true;
  }
}
