/** A column's value. Dates and moments are ISO 8601 text, GUIDs text, a multi-select choice is text like `1,3`. */
export type Value = string | number | boolean | null;

/** A condition. `and` and `or` hold any number of conditions, so that a long chain makes no deep tree. */
export type FilterNode =
  | { readonly kind: 'and' | 'or'; readonly nodes: readonly FilterNode[] }
  | { readonly kind: 'not'; readonly node: FilterNode }
  | ComparisonNode
  | TextNode
  | LambdaNode
  | FunctionNode
  /** A property or literal that is itself the condition: `donotemail`, `true`. */
  | { readonly kind: 'truth'; readonly operand: Operand };

export type ComparisonOperator = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le';

export interface ComparisonNode {
  readonly kind: 'comparison';
  readonly operator: ComparisonOperator;
  readonly left: Operand;
  readonly right: Operand;
}

/** `contains(name,'x')`. `pattern` is null where an alias without a value stands in its place. */
export interface TextNode {
  readonly kind: 'text';
  readonly function: TextFunction;
  readonly property: PropertyNode;
  readonly pattern: string | null;
}

export type TextFunction = 'contains' | 'startswith' | 'endswith';

/** `Account_Tasks/any(t:t/statecode eq 1)`. `collection` names the navigation property; `any()` has no `predicate`. */
export interface LambdaNode {
  readonly kind: 'lambda';
  readonly operator: 'any' | 'all';
  readonly collection: PropertyNode;
  readonly variable: string;
  readonly predicate: FilterNode | null;
}

/** `Microsoft.Dynamics.CRM.Between(PropertyName='revenue',PropertyValues=["5","9"])`; `name` is without its namespace. */
export interface FunctionNode {
  readonly kind: 'function';
  readonly name: string;
  readonly property: PropertyNode;
  readonly values: readonly LiteralNode[];
}

export type Operand = PropertyNode | LiteralNode;

/** A property path: of the row of the lambda variable `variable`, or of the row that is filtered where that is null. */
export interface PropertyNode {
  readonly kind: 'property';
  readonly variable: string | null;
  readonly path: readonly string[];
}

export type LiteralType = 'string' | 'number' | 'boolean' | 'guid' | 'date' | 'enum' | 'null';

/** `date` stands for dates and moments; its value is ISO 8601 with a time zone where it has a time. */
export interface LiteralNode {
  readonly kind: 'literal';
  readonly type: LiteralType;
  readonly value: Value;
}

/** An entry of `$orderby`. */
export interface OrderItem {
  readonly path: readonly string[];
  readonly descending: boolean;
}

/** An entry of `$expand` with the options in its parentheses; `ref` tells `/$ref`. Options that were not given are undefined. */
export interface ExpandItem {
  readonly property: string;
  readonly ref: boolean;
  readonly select?: readonly string[];
  readonly filter?: FilterNode;
  readonly orderBy?: readonly OrderItem[];
  readonly top?: number;
  readonly expand?: readonly ExpandItem[];
}
