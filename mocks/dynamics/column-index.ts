import { OrderedIndex, type ValueRange } from './ordered-index.js';
import type { Cell, Row } from './store.js';

/** Ids of rows by what one of their columns holds: the same value, or one within a range. Rows without a value are in neither. */
export class ColumnIndex {
  /** Most values belong to one row: its id stands alone, without a set around it. */
  private readonly byValue = new Map<string, string | Set<string>>();
  private ordered: OrderedIndex | null = null;

  constructor(
    private readonly column: string,
    private readonly rows: ReadonlyMap<string, Row>,
  ) {
    for (const [id, row] of rows) this.add(id, row[column]);
  }

  idsWith(value: Cell): ReadonlySet<string> {
    const found = this.byValue.get(textKey(value));
    if (found === undefined) return NO_IDS;
    return typeof found === 'string' ? new Set([found]) : found;
  }

  /** By rising value. The order is made when first asked for and kept up from then on. */
  idsBetween(range: ValueRange): readonly string[] {
    this.ordered ??= this.order();
    return this.ordered.between(range);
  }

  /** To be told of every change of the column in a row that comes, changes or goes. */
  move(id: string, from: Cell | undefined, to: Cell | undefined): void {
    const [before, after] = [from === undefined ? null : textKey(from), to === undefined ? null : textKey(to)];
    if (before === after) return;
    if (before !== null) this.drop(before, id);
    this.add(id, to);
    if (from !== undefined) this.ordered?.remove(sortKey(from), id);
    if (to !== undefined) this.ordered?.add(sortKey(to), id);
  }

  private add(id: string, cell: Cell | undefined): void {
    if (cell === undefined) return;
    const key = textKey(cell);
    const found = this.byValue.get(key);
    if (found === undefined) this.byValue.set(key, id);
    else if (typeof found !== 'string') found.add(id);
    else if (found !== id) this.byValue.set(key, new Set([found, id]));
  }

  private drop(key: string, id: string): void {
    const found = this.byValue.get(key);
    if (found === id) this.byValue.delete(key);
    else if (found instanceof Set && found.delete(id) && found.size === 0) this.byValue.delete(key);
  }

  private order(): OrderedIndex {
    const entries: { key: string | number; id: string }[] = [];
    for (const [id, row] of this.rows) {
      const cell = row[this.column];
      if (cell !== undefined) entries.push({ key: sortKey(cell), id });
    }
    return new OrderedIndex(entries);
  }
}

const NO_IDS: ReadonlySet<string> = new Set();

function textKey(value: Cell): string {
  return typeof value === 'object' ? value.id : String(value).toLowerCase();
}

function sortKey(value: Cell): string | number {
  return typeof value === 'number' ? value : textKey(value);
}

export type { ValueRange };
