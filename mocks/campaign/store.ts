import type { Value } from './values.js';

/** The values of a row by attribute path without `@`: `email`, `location/city`, `folder-id`. Paths never written are absent. */
export type RowValues = Readonly<Record<string, Value>>;

/** One row. A change makes a new row with the same `serial`, which tells rows of tables without an `id` apart. */
export interface Row {
  readonly serial: number;
  readonly values: RowValues;
}

/** Rows in the order of their insertion, with hash indexes that are built when first asked for and kept up to date from then on. */
export class Table {
  private readonly bySerial = new Map<number, Row>();
  private readonly indexes = new Map<string, HashIndex>();

  get size(): number {
    return this.bySerial.size;
  }

  rows(): Iterable<Row> {
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
    const serials = this.index(paths).serials(values);
    const found: Row[] = [];
    for (const serial of serials) {
      const row = this.bySerial.get(serial);
      if (row) found.push(row);
    }
    return found;
  }

  /** Puts a row in its place, a new one at the end. */
  put(row: Row): void {
    const before = this.bySerial.get(row.serial);
    for (const index of this.indexes.values()) {
      if (before) index.remove(before);
      index.add(row);
    }
    this.bySerial.set(row.serial, row);
  }

  delete(row: Row): void {
    for (const index of this.indexes.values()) index.remove(row);
    this.bySerial.delete(row.serial);
  }

  private index(paths: readonly string[]): HashIndex {
    const name = paths.join('\n');
    let index = this.indexes.get(name);
    if (!index) {
      index = new HashIndex(paths);
      for (const row of this.bySerial.values()) index.add(row);
      this.indexes.set(name, index);
    }
    return index;
  }
}

const NONE: ReadonlySet<number> = new Set();

class HashIndex {
  private readonly entries = new Map<string, Set<number>>();

  constructor(private readonly paths: readonly string[]) {}

  serials(values: readonly (Value | undefined)[]): ReadonlySet<number> {
    return this.entries.get(hashKey(values)) ?? NONE;
  }

  add(row: Row): void {
    const key = this.keyOf(row);
    const serials = this.entries.get(key);
    if (serials) serials.add(row.serial);
    else this.entries.set(key, new Set([row.serial]));
  }

  remove(row: Row): void {
    const key = this.keyOf(row);
    const serials = this.entries.get(key);
    serials?.delete(row.serial);
    if (serials?.size === 0) this.entries.delete(key);
  }

  private keyOf(row: Row): string {
    return hashKey(this.paths.map((path) => row.values[path]));
  }
}

function hashKey(values: readonly (Value | undefined)[]): string {
  return values
    .map((value) => (value === undefined || value === null || value === 0 ? '' : String(value)))
    .join('\u0000');
}

interface Undo {
  readonly table: Table;
  readonly after: Row;
  readonly before: Row | undefined;
}

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

  /** Keeps the sequence from giving an id that a document brought along. */
  reserveId(id: number): void {
    this.sequence = Math.max(this.sequence, id + 1);
  }

  insert(table: Table, values: RowValues): Row {
    const row: Row = { serial: this.nextSerial++, values };
    this.undo?.push({ table, after: row, before: undefined });
    table.put(row);
    return row;
  }

  update(table: Table, row: Row, values: RowValues): Row {
    const after: Row = { serial: row.serial, values };
    this.undo?.push({ table, after, before: row });
    table.put(after);
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
        if (before) table.put(before);
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
      for (const values of rows) store.insert(table, values);
    }
    return store;
  }
}
