import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLOutputType,
  type GraphQLSchema,
  Kind,
  type SelectionSetNode,
} from 'graphql';

/**
 * Makes what computes something once of what is asked for below some places of a query, and keeps it as long as the places are: those of a
 * compiled query serve one request after the other. Where a variable stands below them it is computed anew each time. `type` tells apart
 * what is computed for several types at one place; the value is shared, so that nobody may change it.
 */
export function createQueryMemo<Value>() {
  return createMemo<Value>(dependsOnVariables);
}

/** Makes the like of what is computed of the arguments of some places too: where a variable stands in those it is computed anew as well. */
export function createFieldMemo<Value>() {
  return createMemo<Value>(
    (fragments, nodes) => nodes.some((node) => holdsVariable(node.arguments)) || dependsOnVariables(fragments, nodes),
  );
}

function createMemo<Value>(depends: typeof dependsOnVariables) {
  const kept = new WeakMap<readonly FieldNode[], Place<Value>>();
  return (
    { schema, fragments }: Query,
    nodes: readonly FieldNode[],
    type: string | GraphQLOutputType,
    compute: () => Value,
  ): Value => {
    const known = kept.get(nodes);
    const place = known?.schema === schema ? known : { schema, values: depends(fragments, nodes) ? null : new Map() };
    if (place !== known) kept.set(nodes, place);
    if (place.values === null) return compute();
    if (!place.values.has(type)) place.values.set(type, compute());
    // It was stored just now, if not before; what was stored may be undefined.
    return place.values.get(type) as Value;
  };
}

/** What of the resolve info tells of the query as it was written. */
interface Query {
  readonly schema: GraphQLSchema;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
}

interface Place<Value> {
  readonly schema: GraphQLSchema;
  /** Null where a variable stands below. */
  readonly values: Map<string | GraphQLOutputType, Value> | null;
}

function dependsOnVariables(fragments: Query['fragments'], nodes: readonly FieldNode[]): boolean {
  const opened = new Set<string>();

  function below(set: SelectionSetNode | undefined): boolean {
    return set?.selections.some((node) => holdsVariable(node.directives) || within(node)) ?? false;
  }

  function within(node: SelectionSetNode['selections'][number]): boolean {
    if (node.kind === Kind.FIELD) return holdsVariable(node.arguments) || below(node.selectionSet);
    if (node.kind === Kind.INLINE_FRAGMENT) return below(node.selectionSet);
    const { value: name } = node.name;
    if (opened.has(name)) return false;
    opened.add(name);
    return below(fragments[name]?.selectionSet);
  }

  return nodes.some((node) => below(node.selectionSet));
}

/** Looks through arguments, directives and the values in them. */
function holdsVariable(part: unknown): boolean {
  if (Array.isArray(part)) return part.some(holdsVariable);
  if (typeof part !== 'object' || part === null || !('kind' in part)) return false;
  if (part.kind === Kind.VARIABLE) return true;
  const { arguments: args, value, values, fields } = part as Readonly<Record<string, unknown>>;
  return [args, value, values, fields].some(holdsVariable);
}
