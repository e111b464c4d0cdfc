import type { Row } from './store.js';
import type { Value } from './values.js';

/** Finds the serials of rows by their values at some paths. Undefined, null, no text and 0 fall together. */
export class HashIndex {
  private readonly entries = new Map<string | number, number | Set<number>>();

  constructor(private readonly paths: readonly string[]) {}

  /** In no order that matters. */
  serials(values: readonly (Value | undefined)[]): Iterable<number> {
    const found = this.entries.get(hashKey(values));
    if (found === undefined) return [];
    return typeof found === 'number' ? [found] : found;
  }

  /** How many rows `serials` would give. */
  count(values: readonly (Value | undefined)[]): number {
    const found = this.entries.get(hashKey(values));
    return found === undefined ? 0 : typeof found === 'number' ? 1 : found.size;
  }

  add(row: Row): void {
    const key = this.keyOf(row);
    const found = this.entries.get(key);
    if (found === undefined) this.entries.set(key, row.serial);
    else if (typeof found !== 'number') found.add(row.serial);
    else if (found !== row.serial) this.entries.set(key, new Set([found, row.serial]));
  }

  remove(row: Row): void {
    const key = this.keyOf(row);
    const found = this.entries.get(key);
    if (found === row.serial) this.entries.delete(key);
    else if (found instanceof Set && found.delete(row.serial) && found.size === 0) this.entries.delete(key);
  }

  /** A row whose values at the paths stay the same keeps its place. */
  replace(before: Row, after: Row): void {
    if (this.paths.every((path) => before.values[path] === after.values[path])) return;
    this.remove(before);
    this.add(after);
  }

  private keyOf({ values }: Row): string | number {
    const [path = ''] = this.paths;
    return this.paths.length === 1 ? hashPart(values[path]) : hashKey(this.paths.map((it) => values[it]));
  }
}

function hashKey(values: readonly (Value | undefined)[]): string | number {
  return values.length === 1 ? hashPart(values[0]) : values.map(hashPart).join('\u0000');
}

const WHOLE_NUMBER = /^-?[1-9]\d{0,14}$/;

/** A number and its text are one key, since a link may join a number to a text. */
function hashPart(value: Value | undefined): string | number {
  if (value === undefined || value === null || value === 0 || value === '0') return '';
  if (typeof value === 'number') return value;
  const first = value.charCodeAt(0);
  const mayBeNumber = (first >= 0x31 && first <= 0x39) || first === 0x2d;
  return mayBeNumber && WHOLE_NUMBER.test(value) ? Number(value) : value;
}

/** Where a range begins or ends. */
export interface Bound {
  readonly value: Value;
  readonly inclusive: boolean;
}

/** Serials of rows in the order of their values at a path, then of their insertion. Changes are merged in when it is next read. */
export class OrderedIndex {
  private sorted: number[] = [];
  private readonly added = new Set<number>();
  private readonly removed = new Set<number>();

  /** `empty` stands for values never written; `rowOf` gives the row of a serial. */
  constructor(
    private readonly path: string,
    private readonly empty: Value,
    private readonly rowOf: (serial: number) => Row | undefined,
  ) {}

  add(row: Row): void {
    this.added.add(row.serial);
  }

  remove(row: Row): void {
    if (!this.added.delete(row.serial)) this.removed.add(row.serial);
  }

  replace(before: Row, after: Row): void {
    if (before.values[this.path] === after.values[this.path]) return;
    this.remove(before);
    this.add(after);
  }

  /** All serials in order; the list is not the caller's to keep or change. */
  serials(): readonly number[] {
    if (this.removed.size > 0) this.sorted = this.sorted.filter((serial) => !this.removed.has(serial));
    this.removed.clear();
    if (this.added.size > 0) this.merge();
    return this.sorted;
  }

  /** Positions in `serials` of the rows within the bounds: from `start`, up to but without `end`. */
  range(low: Bound | undefined, high: Bound | undefined): { readonly start: number; readonly end: number } {
    const serials = this.serials();
    const start = low ? this.position(serials, low.value, !low.inclusive) : 0;
    const end = high ? this.position(serials, high.value, high.inclusive) : serials.length;
    return { start, end: Math.max(start, end) };
  }

  /** The value that places a row. */
  valueOf(serial: number): Value {
    return this.rowOf(serial)?.values[this.path] ?? this.empty;
  }

  /** The first position whose value is not less than this one, or is greater where `after` is asked for. */
  private position(serials: readonly number[], value: Value, after: boolean): number {
    let low = 0;
    let high = serials.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const order = compareValues(this.valueOf(serials[middle] ?? 0), value);
      if (order < 0 || (after && order === 0)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private merge(): void {
    const added = [...this.added].map((serial) => ({ serial, value: this.valueOf(serial) })).sort(compareEntries);
    this.added.clear();
    const old = this.sorted;
    const [first] = added;
    const last = old.at(-1);
    const follows = last === undefined || !first || compareEntries(first, this.entry(last)) > 0;
    if (follows) {
      for (const { serial } of added) old.push(serial);
      return;
    }
    this.sorted = this.merged(old, added);
  }

  private merged(old: readonly number[], added: readonly Entry[]): number[] {
    const merged: number[] = [];
    let at = 0;
    for (const entry of added) {
      for (let next = old[at]; next !== undefined && compareEntries(this.entry(next), entry) < 0; next = old[at]) {
        merged.push(next);
        at += 1;
      }
      merged.push(entry.serial);
    }
    for (; at < old.length; at += 1) merged.push(old[at] ?? 0);
    return merged;
  }

  private entry(serial: number): Entry {
    return { serial, value: this.valueOf(serial) };
  }
}

interface Entry {
  readonly serial: number;
  readonly value: Value;
}

function compareEntries(left: Entry, right: Entry): number {
  return compareValues(left.value, right.value) || left.serial - right.serial;
}

function compareValues(left: Value, right: Value): number {
  if (left === right) return 0;
  if (left === null) return -1;
  if (right === null) return 1;
  return left < right ? -1 : left > right ? 1 : 0;
}
