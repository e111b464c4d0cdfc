import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

/** How large an operation is with every fragment written out where it is used. */
export interface OperationSize {
  readonly depth: number;
  readonly fields: number;
  readonly aliases: number;
}

/**
 * Measures an operation. Each fragment is measured once, so that the effort is linear in the text, however often fragments use each
 * other. The document must have passed validation: its fragments exist and do not contain themselves.
 */
export function measureOperation(document: DocumentNode, operation: OperationDefinitionNode): OperationSize {
  const fragments = fragmentsOf(document);
  const known = new Map<string, OperationSize>();

  function sizeOfSet(set: SelectionSetNode): OperationSize {
    let [depth, fields, aliases] = [0, 0, 0];
    for (const node of set.selections) {
      const inner = node.kind === Kind.FRAGMENT_SPREAD ? sizeOfFragment(node.name.value) : sizeOfOptional(node);
      const own = node.kind === Kind.FIELD ? 1 : 0;
      depth = Math.max(depth, inner.depth + own);
      fields += inner.fields + own;
      aliases += inner.aliases + (node.kind === Kind.FIELD && node.alias ? 1 : 0);
    }
    return { depth, fields, aliases };
  }

  function sizeOfOptional({ selectionSet }: { readonly selectionSet?: SelectionSetNode }): OperationSize {
    return selectionSet ? sizeOfSet(selectionSet) : NO_SIZE;
  }

  function sizeOfFragment(name: string): OperationSize {
    const fragment = fragments.get(name);
    const size = known.get(name) ?? sizeOfOptional(fragment ?? {});
    known.set(name, size);
    return size;
  }

  return sizeOfSet(operation.selectionSet);
}

const NO_SIZE: OperationSize = { depth: 0, fields: 0, aliases: 0 };

/** The fragments of a document, by name. */
export function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  return fragments;
}
