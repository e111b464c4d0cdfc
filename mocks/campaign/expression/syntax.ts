export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | '||';

/** A parsed XTK expression. `text` of a path is the XPath without brackets: `@email`, `folder/@label`. */
export type Expression =
  | {
      readonly kind: 'literal';
      readonly type: 'text' | 'number' | 'boolean' | 'datetime' | 'null';
      readonly text: string;
    }
  | { readonly kind: 'path'; readonly text: string }
  /** `$(name)`, or `$long(name)` with the type that its value is read as. */
  | { readonly kind: 'parameter'; readonly name: string; readonly type: string }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: 'not'; readonly operand: Expression }
  | { readonly kind: 'negate'; readonly operand: Expression }
  | { readonly kind: 'logic'; readonly operator: 'and' | 'or'; readonly operands: readonly Expression[] }
  | {
      readonly kind: 'compare';
      readonly operator: '=' | '<>' | '<' | '<=' | '>' | '>=';
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: 'arithmetic';
      readonly operator: ArithmeticOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'like'; readonly negated: boolean; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'in'; readonly negated: boolean; readonly left: Expression; readonly items: readonly Expression[] }
  | { readonly kind: 'isNull'; readonly negated: boolean; readonly operand: Expression };

/** Thrown for text that is no XTK expression; the message tells where. */
export class SyntaxFault extends Error {
  override readonly name = 'SyntaxFault';
}
