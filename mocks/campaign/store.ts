import { HashIndex, OrderedIndex } from './row-index.js';
import { RowLayout } from './row-layout.js';
import type { Value } from './values.js';

/** The values of a row by attribute path without `@`: `email`, `location/city`, `folder-id`. Paths never written are absent. */
export type RowValues = Readonly<Record<string, Value>>;

/** One row. A change makes a new row with the same `serial`, which tells rows of tables without an `id` apart. */
export interface Row {
  readonly serial: number;
  readonly values: RowValues;
}

/** Clients may name any columns together as a key: no more indexes than these are kept, as each may take as much as the rows. */
const MAX_HASHES = 60;

/**
 * Rows in the order of their insertion. Hash indexes and orders are made when first asked for and kept up to date from then on, as long
 * as they are among those used last.
 */
export class Table {
  private bySerial = new Map<number, Row>();
  private isInOrder = true;
  private readonly layout = new RowLayout();
  private readonly hashes = new Map<string, HashIndex>();
  private readonly orders = new Map<string, OrderedIndex>();
  private lastSerial = -1;

  get size(): number {
    return this.bySerial.size;
  }

  rows(): Iterable<Row> {
    if (!this.isInOrder) this.bySerial = new Map([...this.bySerial].sort(([left], [right]) => left - right));
    this.isInOrder = true;
    return this.bySerial.values();
  }

  get(serial: number): Row | undefined {
    return this.bySerial.get(serial);
  }

  /**
   * Rows that hold these values at these paths, by hash index. No text, 0 and no date fall together, so a caller to whom
   * the difference matters checks what comes back.
   */
  find(paths: readonly string[], values: readonly (Value | undefined)[]): readonly Row[] {
    const found: Row[] = [];
    for (const serial of this.hash(paths).serials(values)) {
      const row = this.bySerial.get(serial);
      if (row) found.push(row);
    }
    return found;
  }

  /** Rows that hold the same values at these paths: a text of 0 is not nothing. */
  findSame(paths: readonly string[], values: readonly (Value | undefined)[]): readonly Row[] {
    return this.find(paths, values).filter((row) =>
      paths.every((path, index) => isSame(row.values[path], values[index])),
    );
  }

  /** How many rows `find` would give. */
  countOf(paths: readonly string[], values: readonly (Value | undefined)[]): number {
    return this.hash(paths).count(values);
  }

  /** The order of the rows by their values at a path; `empty` stands for values never written. Not for int64, whose text has another order. */
  ordered(path: string, empty: Value): OrderedIndex {
    let order = this.orders.get(path);
    if (!order) {
      order = new OrderedIndex(path, empty, (serial) => this.bySerial.get(serial));
      for (const row of this.bySerial.values()) order.add(row);
      this.orders.set(path, order);
    }
    return order;
  }

  /** Values for a row of this table, all undefined yet: quicker to fill, and to put, than an object that grows. */
  blank(): Record<string, Value> {
    return this.layout.blank();
  }

  /** The values of a row of this table, for the row that is to take its place. */
  copy({ values }: Row): Record<string, Value> {
    return this.layout.copy(values);
  }

  /** Puts a row in its place, a new one at the end. Gives the row as it is kept; its values are the table's from then on. */
  put(row: { readonly serial: number; readonly values: Record<string, Value> }): Row {
    const kept = { serial: row.serial, values: this.layout.keep(row.values, this.bySerial.get(row.serial)?.values) };
    this.restore(kept);
    return kept;
  }

  /** Puts a row that `put` gave where it was, also after it was deleted. */
  restore(row: Row): void {
    const before = this.bySerial.get(row.serial);
    for (const index of this.indexes()) {
      if (before) index.replace(before, row);
      else index.add(row);
    }
    if (!before && row.serial < this.lastSerial) this.isInOrder = false;
    this.lastSerial = Math.max(this.lastSerial, row.serial);
    this.bySerial.set(row.serial, row);
  }

  delete(row: Row): void {
    const before = this.bySerial.get(row.serial);
    if (!before) return;
    for (const index of this.indexes()) index.remove(before);
    this.bySerial.delete(row.serial);
  }

  private *indexes(): Iterable<HashIndex | OrderedIndex> {
    yield* this.hashes.values();
    yield* this.orders.values();
  }

  private hash(paths: readonly string[]): HashIndex {
    const name = paths.length === 1 ? (paths[0] ?? '') : paths.join('\n');
    const known = this.hashes.get(name);
    if (known && this.hashes.size < MAX_HASHES) return known;
    const index = known ?? this.buildHash(paths);
    // In a full map the one that is used goes to its end: the first was not used for longest.
    this.hashes.delete(name);
    for (const first of this.hashes.keys()) if (this.hashes.size >= MAX_HASHES) this.hashes.delete(first);
    this.hashes.set(name, index);
    return index;
  }

  private buildHash(paths: readonly string[]): HashIndex {
    const index = new HashIndex(paths);
    for (const row of this.bySerial.values()) index.add(row);
    return index;
  }
}

/** Nothing is the same as nothing, whether it was never written or written as no text, no date or 0; a number is the same as its text. */
export function isSame(left: Value | undefined, right: Value | undefined): boolean {
  if (left === right) return true;
  return left && right ? String(left) === String(right) : !left && !right;
}

interface Undo {
  readonly table: Table;
  readonly after: Row;
  readonly before: Row | undefined;
}

/** Ids are 32 bits wide: after a greater one hardly any would be left to give. */
const MAX_RESERVED_ID = 2_000_000_000;

/** Everything a Campaign database holds, with transactions that a fault undoes. */
export class Store {
  private readonly tables = new Map<string, Table>();
  private undo: Undo[] | undefined;
  private nextSerial = 1;
  private sequence: number;

  constructor(firstId: number) {
    this.sequence = firstId;
  }

  table(name: string): Table {
    let table = this.tables.get(name);
    if (!table) {
      table = new Table();
      this.tables.set(name, table);
    }
    return table;
  }

  /** The next value of the sequence `XtkNewId`, which all tables share. A fault does not give ids back. */
  newId(): number {
    return this.sequence++;
  }

  /** Keeps the sequence from giving an id that a document brought along, but for those near the end of what an id can be. */
  reserveId(id: number): void {
    if (id <= MAX_RESERVED_ID) this.sequence = Math.max(this.sequence, id + 1);
  }

  /** The values are the table's from then on, here and in `update`. */
  insert(table: Table, values: Record<string, Value>): Row {
    const row = table.put({ serial: this.nextSerial++, values });
    this.undo?.push({ table, after: row, before: undefined });
    return row;
  }

  update(table: Table, row: Row, values: Record<string, Value>): Row {
    const after = table.put({ serial: row.serial, values });
    this.undo?.push({ table, after, before: row });
    return after;
  }

  remove(table: Table, row: Row): void {
    this.undo?.push({ table, after: row, before: row });
    table.delete(row);
  }

  /** Runs `work`; if it throws, every row is as it was before. A transaction inside another is part of it. */
  transaction<T>(work: () => T): T {
    if (this.undo) return work();
    const undo: Undo[] = [];
    this.undo = undo;
    try {
      return work();
    } catch (error) {
      for (const { table, after, before } of undo.reverse()) {
        if (before) table.restore(before);
        else table.delete(after);
      }
      throw error;
    } finally {
      this.undo = undefined;
    }
  }

  /** All rows as plain data for the state file. */
  dump(): { readonly sequence: number; readonly tables: Readonly<Record<string, readonly RowValues[]>> } {
    const tables: Record<string, readonly RowValues[]> = {};
    for (const [name, table] of this.tables) tables[name] = [...table.rows()].map((row) => row.values);
    return { sequence: this.sequence, tables };
  }

  /** The store that `dump` described. */
  static restore(dump: ReturnType<Store['dump']>): Store {
    const store = new Store(dump.sequence);
    for (const [name, rows] of Object.entries(dump.tables)) {
      const table = store.table(name);
      for (const values of rows) store.insert(table, { ...values });
    }
    return store;
  }
}
