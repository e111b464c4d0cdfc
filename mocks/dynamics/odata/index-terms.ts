import type { FilterNode, Value } from './ast.js';

/** A column of the filtered row itself that every match holds one of `values` in. */
export interface EqualityTerm {
  readonly property: string;
  readonly values: readonly Exclude<Value, null>[];
}

/**
 * The terms by which an index can narrow a filter down: `prop eq literal` and `In(prop)` that stand alone or under `and`.
 * The rows that an index finds must still be filtered. Compare as the filter does: text without regard to case, and the values of `In`,
 * which are always text, also with numbers.
 */
export function equalityTerms(node: FilterNode): EqualityTerm[] {
  if (node.kind === 'and') return node.nodes.flatMap(equalityTerms);
  if (node.kind === 'comparison' && node.operator === 'eq' && node.right.kind === 'literal') {
    return node.left.kind === 'property' ? term(node.left, [node.right.value]) : [];
  }
  if (node.kind !== 'function' || node.name !== 'In') return [];
  return term(
    node.property,
    node.values.map(({ value }) => value),
  );
}

/** An index holds no rows without a value, and none of related tables. */
function term(
  { variable, path: [property, ...deeper] }: { readonly variable: string | null; readonly path: readonly string[] },
  values: readonly Value[],
): EqualityTerm[] {
  const present = values.filter((value) => value !== null);
  const isOwn = variable === null && property !== undefined && deeper.length === 0;
  return isOwn && present.length === values.length ? [{ property, values: present }] : [];
}
