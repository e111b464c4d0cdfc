import type { ComparisonNode, FilterNode, Value } from './ast.js';

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

/** A column of the filtered row itself whose value every match has between two bounds, both included; null: open. */
export interface RangeTerm {
  readonly property: string;
  readonly from: string | number | null;
  readonly to: string | number | null;
}

/** The bounds that comparisons with a number or a date set, alone or under `and`; those of one column are taken together. */
export function rangeTerms(node: FilterNode): RangeTerm[] {
  const found = new Map<string, RangeTerm>();
  for (const comparison of comparisonsOf(node)) {
    const term = boundOf(comparison);
    if (term !== null) found.set(term.property, narrower(found.get(term.property), term));
  }
  return [...found.values()];
}

function comparisonsOf(node: FilterNode): ComparisonNode[] {
  if (node.kind === 'and') return node.nodes.flatMap(comparisonsOf);
  return node.kind === 'comparison' ? [node] : [];
}

function boundOf({ operator, left, right }: ComparisonNode): RangeTerm | null {
  if (left.kind !== 'property' || right.kind !== 'literal') return null;
  const [property, ...deeper] = left.path;
  const { value, type } = right;
  if (left.variable !== null || property === undefined || deeper.length > 0) return null;
  if ((typeof value !== 'string' && typeof value !== 'number') || (type !== 'date' && type !== 'number')) return null;
  if (operator === 'gt' || operator === 'ge') return { property, from: value, to: null };
  return operator === 'lt' || operator === 'le' ? { property, from: null, to: value } : null;
}

/** The later bound of a kind stands where there are two: rows are filtered again, so that a wider range is no mistake. */
function narrower(known: RangeTerm | undefined, term: RangeTerm): RangeTerm {
  return { property: term.property, from: term.from ?? known?.from ?? null, to: term.to ?? known?.to ?? null };
}
