import type { MockClock } from '../control.js';
import { type Change, TableStore } from './table-store.js';
import type { Tables } from './tables.js';

/** Where a lookup points. */
export interface Reference {
  readonly table: string;
  readonly id: string;
}

/** Moments are `2024-05-01T08:00:00Z`, dates `2024-05-01`, ids lower-case GUIDs, multi-select choices `"1,3"`. */
export type Cell = string | number | boolean | Reference;

/** A row by column name. An absent column holds null. Rows are replaced, never changed in place. */
export type Row = Readonly<Record<string, Cell | undefined>>;

/** What to set in a row; null empties a column. */
export type RowChanges = Readonly<Record<string, Cell | null | undefined>>;

export function isReference(cell: Cell | null | undefined): cell is Reference {
  return typeof cell === 'object' && cell !== null;
}

/** The first rowversion given out; versions are shared by all tables of the organization. */
const FIRST_VERSION = 1_000_000;

/** The rows of an organization, with one rowversion counter for all tables. */
export class Store {
  private readonly stores = new Map<string, TableStore>();
  private lastVersion = FIRST_VERSION;
  private markedVersion: number | null = null;
  /** Undo steps of the transaction under way, newest last. */
  private undo: (() => void)[] | null = null;

  /** Another one after everything was replaced: what was computed from the rows of before is then stale. */
  private currentEpoch: object = {};

  constructor(
    readonly tables: Tables,
    private readonly clock: MockClock,
  ) {}

  get version(): number {
    return this.lastVersion;
  }

  get epoch(): object {
    return this.currentEpoch;
  }

  /** @throws Error where the organization has no such table. */
  table(logicalName: string): TableStore {
    const known = this.stores.get(logicalName);
    if (known !== undefined) return known;
    const created = new TableStore(this.tables.get(logicalName).definition.primaryId);
    if (this.markedVersion !== null) created.mark();
    this.stores.set(logicalName, created);
    return created;
  }

  row(reference: Reference): Row | undefined {
    return this.table(reference.table).get(reference.id);
  }

  /** Puts a row, new or changed, under the next rowversion and gives it back as stored. */
  put(table: string, row: Row): Row {
    this.tables.beforeChange.settle();
    const store = this.table(table);
    const stored = { ...row, versionnumber: this.nextVersion() };
    const before = store.put(stored);
    this.undo?.push(() => store.restore(stored, before));
    return stored;
  }

  remove(table: string, id: string): void {
    this.tables.beforeChange.settle();
    const store = this.table(table);
    const before = store.remove(id, this.nextVersion(), this.clock.now());
    if (before !== undefined) this.undo?.push(() => store.restore(undefined, before));
  }

  /**
   * Adds rows at the beginning of the organization's life: faster than `put`, and not part of the change log. The rows are taken over,
   * not copied.
   */
  load(table: string, rows: Iterable<Record<string, Cell | undefined>>): void {
    const store = this.table(table);
    for (const row of rows) {
      row.versionnumber = this.nextVersion();
      store.load(row);
    }
  }

  /** Does `work` wholly or not at all: what it wrote is taken back when it throws. A transaction within one belongs to it. */
  transaction<T>(work: () => T): T {
    if (this.undo !== null) return work();
    this.undo = [];
    try {
      return work();
    } catch (error) {
      for (const step of this.undo.reverse()) step();
      throw error;
    } finally {
      this.undo = null;
    }
  }

  /** Remembers the state of now, which `returnToMark` brings back in the time that the changes since then took. */
  mark(): void {
    this.markedVersion = this.lastVersion;
    for (const store of this.stores.values()) store.mark();
  }

  /** @throws Error where `mark` was not called since the store was last emptied. */
  returnToMark(): void {
    if (this.markedVersion === null) throw new Error('Expected a mark to return to.');
    this.tables.beforeChange.settle();
    for (const store of this.stores.values()) store.returnToMark();
    this.lastVersion = this.markedVersion;
    this.currentEpoch = {};
  }

  clear(): void {
    this.stores.clear();
    this.markedVersion = null;
    this.lastVersion = FIRST_VERSION;
    this.currentEpoch = {};
  }

  /** All that a later process needs to continue, as it is now: what is written later does not show in it. */
  snapshot(): StoreSnapshot {
    return { version: this.lastVersion, tables: [...this.stores].map(([name, it]) => ({ name, ...it.snapshot() })) };
  }

  /** Empties the organization, to be filled with the rows and deletions of a snapshot under the versions they had. */
  continueFrom(version: number): void {
    this.clear();
    this.lastVersion = version;
  }

  private nextVersion(): number {
    this.lastVersion += 1;
    return this.lastVersion;
  }
}

export interface StoreSnapshot {
  readonly version: number;
  readonly tables: readonly TableSnapshot[];
}

export interface TableSnapshot {
  readonly name: string;
  readonly rows: readonly Row[];
  readonly deletions: readonly Change[];
}
