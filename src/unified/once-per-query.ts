import { type FieldNode, type FragmentDefinitionNode, type GraphQLSchema, Kind, type SelectionSetNode } from 'graphql';

/**
 * Computes once what is asked for below some places of a query, and keeps it as long as the places are: those of a compiled query serve
 * one request after the other. Where a variable stands below them it is computed anew each time. `name` tells apart what is computed of
 * one place, and must not be of a client's making; the value is shared, so that nobody may change it.
 */
export function oncePerQuery<Value>(
  { schema, fragments }: Query,
  nodes: readonly FieldNode[],
  name: string,
  compute: () => Value,
): Value {
  const known = kept.get(nodes);
  const place =
    known?.schema === schema ? known : { schema, values: dependsOnVariables(fragments, nodes) ? null : new Map() };
  if (place !== known) kept.set(nodes, place);
  if (place.values === null) return compute();
  if (!place.values.has(name)) place.values.set(name, compute());
  // Only this call, with this name, stored the value.
  return place.values.get(name) as Value;
}

/** What of the resolve info tells of the query as it was written. */
interface Query {
  readonly schema: GraphQLSchema;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
}

interface Place {
  readonly schema: GraphQLSchema;
  /** Null where a variable stands below. */
  readonly values: Map<string, unknown> | null;
}

const kept = new WeakMap<readonly FieldNode[], Place>();

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
