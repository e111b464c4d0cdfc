import type { ComparisonNode, FilterNode, LiteralNode, LiteralType, PropertyNode } from './ast.js';
import { ODataPropertyError, ODataTypeError } from './errors.js';
import { compileFunction } from './function-predicates.js';

/** What a property holds. `any` is compared with everything; `collection` takes `any` and `all` only. */
export type PropertyType = 'string' | 'number' | 'boolean' | 'guid' | 'date' | 'enum' | 'collection' | 'any';

/** Tells the type at a path from the filtered table, over lookups and collections; undefined where there is no such property. */
export type TypeOf = (path: readonly string[]) => PropertyType | undefined;

/**
 * Checks a filter against a table as Dataverse does before it reads a row, so that a wrong name is told of also where no row is there.
 * Throws `ODataPropertyError` with the whole path, or `ODataTypeError`.
 */
export function checkFilter(node: FilterNode, typeOf: TypeOf): void {
  check(node, { typeOf, variables: new Map() });
}

interface Context {
  readonly typeOf: TypeOf;
  /** The collection that a lambda variable runs over, as a path from the filtered table. */
  readonly variables: ReadonlyMap<string, readonly string[]>;
}

function check(node: FilterNode, context: Context): void {
  switch (node.kind) {
    case 'and':
    case 'or':
      for (const part of node.nodes) check(part, context);
      return;
    case 'not':
      check(node.node, context);
      return;
    case 'truth':
      if (node.operand.kind === 'property') assertType(node.operand, 'boolean', context);
      return;
    case 'comparison':
      checkComparison(node, context);
      return;
    case 'text':
      assertType(node.property, 'string', context);
      return;
    case 'function':
      typeAt(node.property, context);
      compileFunction(node);
      return;
    case 'lambda': {
      assertType(node.collection, 'collection', context);
      const variables = new Map(context.variables).set(node.variable, pathOf(node.collection, context));
      if (node.predicate) check(node.predicate, { ...context, variables });
    }
  }
}

const COMPARABLE: Readonly<Record<PropertyType, readonly (LiteralType | PropertyType)[]>> = {
  string: ['string', 'null', 'any'],
  number: ['number', 'null', 'any'],
  boolean: ['boolean', 'null', 'any'],
  guid: ['guid', 'string', 'null', 'any'],
  date: ['date', 'null', 'any'],
  enum: ['enum', 'string', 'number', 'null', 'any'],
  collection: [],
  any: ['string', 'number', 'boolean', 'guid', 'date', 'enum', 'null', 'any'],
};

function checkComparison({ left, right, operator }: ComparisonNode, context: Context): void {
  const leftType = typeOfOperand(left, context);
  const rightType = typeOfOperand(right, context);
  if (left.kind === 'literal' || leftType === rightType) return;
  // Only a literal's type may be null, and a literal on the left was dealt with.
  if (COMPARABLE[leftType as PropertyType].includes(rightType)) return;
  throw new ODataTypeError(
    `A binary operator with incompatible types was detected. Found operand types '${EDM[leftType]}' and '${EDM[rightType]}' for operator kind '${KINDS[operator]}'.`,
  );
}

const EDM: Readonly<Record<LiteralType | PropertyType, string>> = {
  string: 'Edm.String',
  number: 'Edm.Decimal',
  boolean: 'Edm.Boolean',
  guid: 'Edm.Guid',
  date: 'Edm.DateTimeOffset',
  enum: 'Edm.Enum',
  null: 'Edm.Null',
  collection: 'Collection',
  any: 'Edm.Untyped',
};

const KINDS: Readonly<Record<ComparisonNode['operator'], string>> = {
  eq: 'Equal',
  ne: 'NotEqual',
  gt: 'GreaterThan',
  ge: 'GreaterThanOrEqual',
  lt: 'LessThan',
  le: 'LessThanOrEqual',
};

function typeOfOperand(operand: PropertyNode | LiteralNode, context: Context): LiteralType | PropertyType {
  return operand.kind === 'literal' ? operand.type : typeAt(operand, context);
}

function assertType(property: PropertyNode, expected: PropertyType, context: Context): void {
  const type = typeAt(property, context);
  if (type === expected || (type === 'any' && expected !== 'collection')) return;
  throw new ODataTypeError(`Expected '${property.path.join('/')}' to be ${EDM[expected]}, but it is ${EDM[type]}.`);
}

function typeAt(property: PropertyNode, context: Context): PropertyType {
  const path = pathOf(property, context);
  const type = context.typeOf(path);
  if (type === undefined) throw new ODataPropertyError(path);
  return type;
}

function pathOf({ variable, path }: PropertyNode, { variables }: Context): readonly string[] {
  return variable === null ? path : [...(variables.get(variable) ?? []), ...path];
}
