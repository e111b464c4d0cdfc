import { AGGREGATE_LIMIT, aggregateLimitExceeded } from '../fetch/errors.js';
import { type Cell, isReference } from '../store.js';

/** What to make of the values of a group. `count` counts rows, `countcolumn` rows with a value. */
export type AggregateMethod = 'count' | 'countcolumn' | 'countdistinct' | 'sum' | 'avg' | 'min' | 'max';

export interface Aggregation<Source> {
  readonly method: AggregateMethod;
  /** The value that counts; `count` asks for none. */
  valueOf(source: Source): Cell | undefined;
}

/** Rows that agree in their keys. `values` are those of the aggregations, in their order; undefined where no row has a value. */
export interface Group {
  readonly keys: readonly (Cell | undefined)[];
  readonly values: readonly (Cell | undefined)[];
}

interface Grouping<Source> {
  readonly keys: readonly ((source: Source) => Cell | undefined)[];
  readonly aggregations: readonly Aggregation<Source>[];
}

/**
 * Groups rows and sums them up, in the order in which groups first occur. Without keys there is one group, of all rows.
 *
 * @throws DynamicsError 400 beyond 50,000 rows, as the service does.
 */
export function groupRows<Source>(sources: Iterable<Source>, { keys, aggregations }: Grouping<Source>): Group[] {
  const groups = new Map<string, { readonly keys: readonly (Cell | undefined)[]; readonly totals: Total[] }>();
  const begin = (values: readonly (Cell | undefined)[]) => ({
    keys: values,
    totals: aggregations.map(({ method }) => new Total(method)),
  });
  if (keys.length === 0) groups.set('[]', begin([]));
  let count = 0;
  for (const source of sources) {
    count += 1;
    if (count > AGGREGATE_LIMIT) throw aggregateLimitExceeded();
    const values = keys.map((key) => key(source));
    const name = JSON.stringify(values.map(comparable));
    const group = groups.get(name) ?? begin(values);
    groups.set(name, group);
    aggregations.forEach((aggregation, at) => {
      group.totals[at]?.add(aggregation.valueOf(source));
    });
  }
  return [...groups.values()].map((group) => ({ keys: group.keys, values: group.totals.map((it) => it.result()) }));
}

/** Text that differs in case alone is the same; rows without a value make a group of their own. */
function comparable(cell: Cell | undefined): string | number | boolean | null {
  if (cell === undefined) return null;
  if (isReference(cell)) return cell.id;
  return typeof cell === 'string' ? cell.toLowerCase() : cell;
}

class Total {
  private rows = 0;
  private values = 0;
  private sum = 0;
  private least: Cell | undefined;
  private greatest: Cell | undefined;
  private readonly seen = new Set<unknown>();

  constructor(private readonly method: AggregateMethod) {}

  add(cell: Cell | undefined): void {
    this.rows += 1;
    if (cell === undefined) return;
    this.values += 1;
    if (this.method === 'countdistinct') this.seen.add(comparable(cell));
    if (typeof cell === 'number') this.sum += cell;
    if (this.least === undefined || cell < this.least) this.least = cell;
    if (this.greatest === undefined || cell > this.greatest) this.greatest = cell;
  }

  result(): Cell | undefined {
    switch (this.method) {
      case 'count':
        return this.rows;
      case 'countcolumn':
        return this.values;
      case 'countdistinct':
        return this.seen.size;
      case 'sum':
        return this.values === 0 ? undefined : rounded(this.sum);
      case 'avg':
        return this.values === 0 ? undefined : rounded(this.sum / this.values);
      case 'min':
        return this.least;
      case 'max':
        return this.greatest;
    }
  }
}

/** Sums of decimals keep no trace of binary fractions. */
function rounded(value: number): number {
  return Number(value.toFixed(10));
}
