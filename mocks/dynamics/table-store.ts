import { ColumnIndex, type ValueRange } from './column-index.js';
import { SortedIds } from './sorted-ids.js';
import type { Row } from './store.js';

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
 * The rows of one table: by id, by the value of any column or a range of values (indexes are built when first asked for and kept up
 * from then on), in order of their ids, and by the rowversion of their last change.
 */
export class TableStore {
  private readonly rows = new Map<string, Row>();
  private readonly indexes = new Map<string, ColumnIndex>();
  private readonly ids = new SortedIds(this.rows);
  /** Changed rows by rising version; an id may occur several times. Complete above `logFloor`. */
  private log: { readonly version: number; readonly id: string }[] = [];
  private logFloor = 0;
  private deletionLog: Change[] = [];
  /** What was there before the first change since `mark`, by id; null: no mark is set. */
  private origins: Map<string, Row | undefined> | null = null;

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
    return this.ids.sorted();
  }

  /** Ids of the rows whose column holds a value; for a lookup, the id it points at. Text is compared without regard to case. */
  idsWith(column: string, value: string | number | boolean): ReadonlySet<string> {
    if (column === this.primaryId)
      return new Set(this.rows.has(String(value).toLowerCase()) ? [String(value).toLowerCase()] : []);
    return this.index(column).idsWith(value);
  }

  /** Ids of the rows whose column holds a value within a range, by rising value. Columns of numbers, dates or text. */
  idsBetween(column: string, range: ValueRange): readonly string[] {
    return this.index(column).idsBetween(range);
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

  /** Remembers the rows of now; costs nothing but the rows that change later. */
  mark(): void {
    this.origins = new Map();
  }

  /** Returns to the rows that were there at `mark`, in the order they had. */
  returnToMark(): void {
    const origins = this.origins ?? new Map<string, Row | undefined>();
    this.origins = null;
    let isReordered = false;
    for (const [id, row] of origins) {
      isReordered ||= row !== undefined && !this.rows.has(id);
      this.set(id, this.rows.get(id), row);
    }
    if (isReordered) this.reorder();
    this.log = [];
    this.deletionLog = [];
    this.mark();
  }

  /** Rows that were gone and came back stand last; at the mark they stood in the order of their versions. */
  private reorder(): void {
    const entries = [...this.rows].sort(([, one], [, other]) => versionOf(one) - versionOf(other));
    this.rows.clear();
    for (const [id, row] of entries) this.rows.set(id, row);
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
    return { rows: [...this.rows.values()], deletions: [...this.deletionLog] };
  }

  private idOf(row: Row): string {
    const id = row[this.primaryId];
    if (typeof id !== 'string') throw new Error(`Expected a row to hold its id in "${this.primaryId}".`);
    return id;
  }

  private set(id: string, before: Row | undefined, after: Row | undefined): void {
    if (this.origins !== null && !this.origins.has(id)) this.origins.set(id, before);
    if (after === undefined) this.rows.delete(id);
    else this.rows.set(id, after);
    if ((before === undefined) !== (after === undefined)) this.ids.changed(id, after !== undefined);
    for (const [column, index] of this.indexes) index.move(id, before?.[column], after?.[column]);
  }

  private index(column: string): ColumnIndex {
    const known = this.indexes.get(column);
    if (known !== undefined) return known;
    const built = new ColumnIndex(column, this.rows);
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

function versionOf(row: Row): number {
  return typeof row.versionnumber === 'number' ? row.versionnumber : 0;
}
