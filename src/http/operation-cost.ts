import {
  type DocumentNode,
  type FieldNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';
import { fragmentsOf } from '../unified/operation-size.js';
import { DEFAULT_FIRST } from '../unified/resolvers/connection.js';

/** The argument by which a router of Apollo Federation names records. */
const REPRESENTATIONS = 'representations';

export interface Cost {
  /** Objects that the answer may hold. */
  readonly value: number;
  /** True where the size of a page is a variable: the cost is another one for other values. */
  readonly dependsOnVariables: boolean;
}

/**
 * How many objects the answer to an operation may hold, if every page is full. A field that takes `first` has pages; the lists directly
 * below it (`nodes`, `edges`) count as often as a page has records, and what is inside them as often again. A field that is given the
 * keys of records (`_entities`) counts as often as those are many, any other field that leads to an object once. Each fragment is counted once for each page size that it is used with.
 */
export function costOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): Cost {
  const fragments = fragmentsOf(document);
  const known = new Map<string, number>();
  let dependsOnVariables = false;

  /** `page` is how many records each list has that stands directly in this set. */
  function costOfSet(set: SelectionSetNode, type: GraphQLNamedType | undefined, page: number): number {
    let cost = 0;
    for (const node of set.selections) {
      if (node.kind === Kind.FIELD) cost += costOfField(node, type, page);
      else if (node.kind === Kind.FRAGMENT_SPREAD) cost += costOfFragment(node.name.value, page);
      else cost += costOfSet(node.selectionSet, conditionOf(node.typeCondition?.name.value) ?? type, page);
    }
    return cost;
  }

  function costOfField(node: FieldNode, parent: GraphQLNamedType | undefined, page: number): number {
    if (!node.selectionSet) return 0;
    const field = fieldOf(parent, node.name.value);
    const isList = isListType(getNullableType(field?.type));
    const inner = pageOf(node, field);
    const times = isList ? (inner ?? namedOf(node, field) ?? page) : 1;
    return times * (1 + costOfSet(node.selectionSet, getNamedType(field?.type), inner ?? 1));
  }

  function costOfFragment(name: string, page: number): number {
    const fragment = fragments.get(name);
    if (!fragment) return 0;
    const key = `${name} ${page}`;
    const cost =
      known.get(key) ?? costOfSet(fragment.selectionSet, conditionOf(fragment.typeCondition.name.value), page);
    known.set(key, cost);
    return cost;
  }

  function conditionOf(name: string | undefined): GraphQLNamedType | undefined {
    return name === undefined ? undefined : schema.getType(name);
  }

  /** The size of a field's pages; null where it has none. */
  function pageOf(node: FieldNode, field: GraphQLField<unknown, unknown> | undefined): number | null {
    const first = field?.args.find(({ name }) => name === 'first');
    if (!first) return null;
    const given = node.arguments?.find(({ name }) => name.value === 'first')?.value;
    return sizeOf(given) ?? sizeOf(first.defaultValue) ?? DEFAULT_FIRST;
  }

  /** How many records a field names by their keys, as those of `_entities` are; null where it names none. */
  function namedOf(node: FieldNode, field: GraphQLField<unknown, unknown> | undefined): number | null {
    if (!field?.args.some(({ name }) => name === REPRESENTATIONS)) return null;
    const given = node.arguments?.find(({ name }) => name.value === REPRESENTATIONS)?.value;
    if (given?.kind === Kind.LIST) return given.values.length;
    if (given?.kind !== Kind.VARIABLE) return 1;
    dependsOnVariables = true;
    const value = variables[given.name.value];
    // A default could hold no more than the text does, which is bounded; one record alone is taken for a list of it.
    return Array.isArray(value) ? value.length : 1;
  }

  function sizeOf(value: unknown): number | null {
    if (typeof value === 'number') return value > 0 ? value : null;
    if (!isValueNode(value)) return null;
    if (value.kind === Kind.INT) return sizeOf(Number(value.value));
    if (value.kind !== Kind.VARIABLE) return null;
    dependsOnVariables = true;
    const name = value.name.value;
    const fallback = operation.variableDefinitions?.find(({ variable }) => variable.name.value === name)?.defaultValue;
    return sizeOf(variables[name] === undefined ? fallback : variables[name]);
  }

  const type = schema.getRootType(operation.operation) ?? undefined;
  return { value: costOfSet(operation.selectionSet, type, 1), dependsOnVariables };
}

function fieldOf(type: GraphQLNamedType | undefined, name: string): GraphQLField<unknown, unknown> | undefined {
  return isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
}

function isValueNode(value: unknown): value is ValueNode {
  return typeof value === 'object' && value !== null && 'kind' in value;
}
