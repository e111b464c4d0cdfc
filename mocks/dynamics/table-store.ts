import type { Cell, Row } from './store.js';

/** A row that was deleted: its rowversion is that of the deletion. */
export interface Change {
  readonly version: number;
  readonly id: string;
  /** ISO 8601. */
  readonly at: string;
}

/** Beyond this many changes the log forgets its older half; readers of older versions then scan the rows. */
const LOG_LIMIT = 200_000;

/**
 * The rows of one table: by id, by the value of any column (indexes are built when first asked for and kept up from then on),
 * in order of their ids, and by the rowversion of their last change.
 */
export class TableStore {
  private readonly rows = new Map<string, Row>();
  private readonly indexes = new Map<string, Map<string, Set<string>>>();
  private sorted: readonly string[] | null = null;
  /** Changed rows by rising version; an id may occur several times. Complete above `logFloor`. */
  private log: { readonly version: number; readonly id: string }[] = [];
  private logFloor = 0;
  private deletionLog: Change[] = [];

  constructor(private readonly primaryId: string) {}

  get size(): number {
    return this.rows.size;
  }

  get(id: string): Row | undefined {
    return this.rows.get(id);
  }

  all(): IterableIterator<Row> {
    return this.rows.values();
  }

  /** Ids in rising order, the order of a query that asks for none. */
  sortedIds(): readonly string[] {
    this.sorted ??= [...this.rows.keys()].sort();
    return this.sorted;
  }

  /** Ids of the rows whose column holds a value; for a lookup, the id it points at. Text is compared without regard to case. */
  idsWith(column: string, value: string | number | boolean): ReadonlySet<string> {
    if (column === this.primaryId)
      return new Set(this.rows.has(String(value).toLowerCase()) ? [String(value).toLowerCase()] : []);
    return this.index(column).get(indexKey(value)) ?? NO_IDS;
  }

  /** Puts a row and gives back the one it replaces. */
  put(row: Row): Row | undefined {
    const id = this.idOf(row);
    const before = this.rows.get(id);
    this.set(id, before, row);
    this.log.push({ version: versionOf(row), id });
    if (this.log.length > LOG_LIMIT) this.compact();
    return before;
  }

  load(row: Row): void {
    const id = this.idOf(row);
    this.set(id, this.rows.get(id), row);
    this.logFloor = Math.max(this.logFloor, versionOf(row));
  }

  loadDeletions(deletions: readonly Change[]): void {
    this.deletionLog = [...deletions];
  }

  remove(id: string, version: number, at: Date): Row | undefined {
    const before = this.rows.get(id);
    if (before === undefined) return undefined;
    this.set(id, before, undefined);
    this.deletionLog.push({ version, id, at: at.toISOString() });
    return before;
  }

  /** Takes a change back: `after` is what was put (undefined: removed), `before` what was there. */
  restore(after: Row | undefined, before: Row | undefined): void {
    const id = after !== undefined ? this.idOf(after) : before !== undefined ? this.idOf(before) : '';
    this.set(id, after, before);
    if (after === undefined) this.deletionLog.pop();
    else this.log.pop();
  }

  /** Rows changed after a version, by rising version, each once. */
  changedSince(version: number): Row[] {
    const ids = version >= this.logFloor ? this.loggedSince(version) : this.rows.keys();
    const changed: Row[] = [];
    for (const id of ids) {
      const row = this.rows.get(id);
      if (row !== undefined && versionOf(row) > version) changed.push(row);
    }
    return changed.sort((a, b) => versionOf(a) - versionOf(b));
  }

  /** Rows deleted after a version and not created anew since. */
  deletedSince(version: number): Change[] {
    return this.deletionLog.filter((deletion) => deletion.version > version && !this.rows.has(deletion.id));
  }

  snapshot(): { rows: Row[]; deletions: Change[] } {
    return { rows: [...this.rows.values()], deletions: this.deletionLog };
  }

  private idOf(row: Row): string {
    const id = row[this.primaryId];
    if (typeof id !== 'string') throw new Error(`Expected a row to hold its id in "${this.primaryId}".`);
    return id;
  }

  private set(id: string, before: Row | undefined, after: Row | undefined): void {
    if ((before === undefined) !== (after === undefined)) this.sorted = null;
    if (after === undefined) this.rows.delete(id);
    else this.rows.set(id, after);
    for (const [column, index] of this.indexes) {
      moveInIndex(index, id, { from: before?.[column], to: after?.[column] });
    }
  }

  private index(column: string): Map<string, Set<string>> {
    const known = this.indexes.get(column);
    if (known !== undefined) return known;
    const built = new Map<string, Set<string>>();
    for (const [id, row] of this.rows) moveInIndex(built, id, { from: undefined, to: row[column] });
    this.indexes.set(column, built);
    return built;
  }

  private loggedSince(version: number): Set<string> {
    const ids = new Set<string>();
    for (let at = this.log.length - 1; at >= 0; at -= 1) {
      const entry = this.log[at];
      if (entry === undefined || entry.version <= version) break;
      ids.add(entry.id);
    }
    return ids;
  }

  private compact(): void {
    this.log = this.log.slice(LOG_LIMIT / 2);
    this.logFloor = this.log[0]?.version ?? this.logFloor;
  }
}

const NO_IDS: ReadonlySet<string> = new Set();

function versionOf(row: Row): number {
  return typeof row.versionnumber === 'number' ? row.versionnumber : 0;
}

function moveInIndex(
  index: Map<string, Set<string>>,
  id: string,
  { from, to }: { from: Cell | undefined; to: Cell | undefined },
): void {
  const before = from === undefined ? undefined : indexKey(from);
  const after = to === undefined ? undefined : indexKey(to);
  if (before === after) return;
  if (before !== undefined) index.get(before)?.delete(id);
  if (after === undefined) return;
  const ids = index.get(after);
  if (ids === undefined) index.set(after, new Set([id]));
  else ids.add(id);
}

function indexKey(value: Cell): string {
  return typeof value === 'object' ? value.id : String(value).toLowerCase();
}
