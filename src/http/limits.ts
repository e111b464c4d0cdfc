import type { DocumentNode } from 'graphql';
import {
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

/** Bounds on one operation. Introspection queries stay well below them. */
export interface OperationLimits {
  readonly maxDepth: number;
  /** Fields with every fragment written out where it is used. */
  readonly maxFields: number;
  /** Fields of the root, each of which can start upstream work. */
  readonly maxRootFields: number;
}

export const DEFAULT_LIMITS: OperationLimits = { maxDepth: 20, maxFields: 5_000, maxRootFields: 50 };

/** Tokens in one document; parsing stops there. */
export const MAX_TOKENS = 20_000;

interface Size {
  readonly depth: number;
  readonly fields: number;
}

/** Throws BAD_USER_INPUT where the operation is larger than the limits; counts each fragment once, so its cost is linear. */
export function assertWithinLimits(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  limits = DEFAULT_LIMITS,
): void {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const { depth, fields } = sizeOf(operation.selectionSet, fragments, new Map());
  if (depth > limits.maxDepth) throw tooLarge(`${limits.maxDepth} levels`, `${depth}`);
  if (fields > limits.maxFields) throw tooLarge(`${limits.maxFields} fields`, `${fields}`);
  const roots = operation.selectionSet.selections.length;
  if (roots > limits.maxRootFields) throw tooLarge(`${limits.maxRootFields} root fields`, `${roots}`);
}

/** Validation has run: fragments exist and do not contain themselves. */
function sizeOf(
  set: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  known: Map<string, Size>,
): Size {
  let depth = 0;
  let fields = 0;
  for (const selection of set.selections) {
    let inner: Size = { depth: 0, fields: 0 };
    let own = 0;
    if (selection.kind === Kind.FRAGMENT_SPREAD) inner = sizeOfFragment(selection.name.value, fragments, known);
    else if (selection.selectionSet) inner = sizeOf(selection.selectionSet, fragments, known);
    if (selection.kind === Kind.FIELD) own = 1;
    depth = Math.max(depth, inner.depth + own);
    fields += inner.fields + own;
  }
  return { depth, fields };
}

function sizeOfFragment(
  name: string,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  known: Map<string, Size>,
): Size {
  const size = known.get(name);
  if (size) return size;
  const fragment = fragments.get(name);
  const computed = fragment ? sizeOf(fragment.selectionSet, fragments, known) : { depth: 0, fields: 0 };
  known.set(name, computed);
  return computed;
}

function tooLarge(most: string, found: string): GraphQLError {
  return new GraphQLError(`Expected an operation of at most ${most}, but got ${found}. Ask for less at once.`, {
    extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } },
  });
}
