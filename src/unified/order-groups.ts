import type { AggregateQuery, Group } from '../model/aggregate.js';
import type { Order } from '../model/query.js';
import type { RecordValue } from '../model/record.js';
import { valueAt } from './selections.js';

/**
 * Sorts groups, which no remote does by what is summed up. Orders are by `count`, by a column of the key (`key/statecode`) or by a measure
 * (`sum/revenue`); groups that are equal in them, and all where there are none, come in the order of their keys. No value comes first,
 * choices go by their number, lookups by the name they show, texts without regard to case.
 */
export function orderGroups(
  groups: readonly Group[],
  query: Pick<AggregateQuery<unknown>, 'groupBy' | 'measures'>,
  orderBy: readonly Order[],
): readonly Group[] {
  const byKey = query.groupBy.map((path) => ({ path: `key/${path}`, descending: false }));
  const terms = [...orderBy, ...byKey].map(({ path, descending }) => ({
    value: valueReader(query, path),
    sign: descending ? -1 : 1,
  }));
  const sortable = groups.map((group) => ({ group, values: terms.map(({ value }) => value(group)) }));
  sortable.sort((left, right) => {
    for (const [index, { sign }] of terms.entries()) {
      const order = compare(left.values[index] ?? null, right.values[index] ?? null);
      if (order !== 0) return order * sign;
    }
    return 0;
  });
  return sortable.map(({ group }) => group);
}

type Comparable = string | number | bigint | null;

function valueReader(
  { measures }: Pick<AggregateQuery<unknown>, 'measures'>,
  path: string,
): (group: Group) => Comparable {
  if (path === 'count') return ({ count }) => count;
  const [kind = '', ...rest] = path.split('/');
  const inner = rest.join('/');
  if (kind === 'key') return ({ key }) => comparable(valueAt(key, inner) ?? null);
  const index = measures.findIndex((measure) => measure.function === kind && measure.path === inner);
  return ({ values }) => numeric(values[index] ?? null);
}

/** Long whole numbers are kept as text. */
function numeric(value: string | number | null): Comparable {
  return typeof value === 'string' && /^-?\d+$/.test(value) ? BigInt(value) : value;
}

function comparable(value: RecordValue): Comparable {
  if (typeof value === 'string') return value.toLowerCase();
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'number' || value === null) return value;
  if ('value' in value && typeof value.value === 'number') return value.value;
  const shown = 'id' in value ? (value.name ?? value.id) : 'label' in value ? value.label : null;
  return typeof shown === 'string' ? shown.toLowerCase() : null;
}

function compare(left: Comparable, right: Comparable): number {
  if (left === right) return 0;
  if (left === null || right === null) return left === null ? -1 : 1;
  return left < right ? -1 : 1;
}
