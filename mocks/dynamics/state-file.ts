import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { toBytes } from './byte-text.js';
import { remembering } from './memo.js';
import { type Cell, isReference, type Reference, type Row, type Store, type StoreSnapshot } from './store.js';
import type { TablesFile } from './table-definitions.js';
import type { Change } from './table-store.js';
import { TextStream } from './text-stream.js';

/*
 * The file holds a line of JSON for the organization, then for each table a line that tells how many lines of rows and of deletions follow.
 * That of a million contacts is longer than a string can be, so it is neither written nor read as one.
 */

const FORMAT = 'rows in lines';

interface OrganizationLine {
  readonly format: typeof FORMAT;
  readonly version: number;
  /** The tables, where they were changed. */
  readonly definitions: TablesFile | null;
}

interface TableLine {
  readonly table: string;
  readonly rows: number;
  readonly deletions: number;
}

/**
 * Fills a store from a file that `createSave` wrote; false where there is none.
 *
 * @throws Error naming the file where it is not such a file, or not a whole one.
 */
export async function loadState(store: Store, path: string | undefined): Promise<boolean> {
  if (path === undefined || !existsSync(path)) return false;
  const reader = new LineReader(path);
  try {
    // This line tells whether the file is this mock's own; then so are the lines that follow.
    const { format, version, definitions } = (await reader.next()) as OrganizationLine;
    if (format !== FORMAT) throw new Error(`Expected a file that begins with the format "${FORMAT}".`);
    if (definitions !== null) store.tables.restore(definitions);
    store.continueFrom(version);
    while (await reader.hasMore()) await loadTable(store, reader);
    return true;
  } catch (cause) {
    throw new Error(`Expected ${path} to hold the state of a mock Dynamics; delete it to begin anew.`, { cause });
  } finally {
    await reader.close();
  }
}

/** A table that is no longer among the definitions is passed over. */
async function loadTable(store: Store, reader: LineReader): Promise<void> {
  const { table, rows, deletions } = (await reader.next()) as TableLine;
  const target = store.tables.find(table) === undefined ? null : store.table(table);
  const maker = new RowMaker();
  for (let left = rows; left > 0; left -= 1) {
    // Awaiting what is there already would take longer than reading it.
    const row = (reader.nextRead() ?? (await reader.next())) as Row;
    target?.load(maker.make(row));
  }
  const deleted: Change[] = [];
  for (let left = deletions; left > 0; left -= 1) deleted.push((await reader.next()) as Change);
  target?.loadDeletions(deleted);
}

/**
 * Makes rows that take as little memory as those of a new organization: those of a table have one form, with undefined for what a row
 * does not hold, as engines keep the form of an object apart from its values; and what recurs is held once.
 */
class RowMaker {
  private empty: Row = {};

  make(read: Row): Row {
    const further = Object.keys(read).filter((name) => !Object.hasOwn(this.empty, name));
    if (further.length > 0) this.empty = emptyRow([...Object.keys(this.empty), ...further]);
    const row: Record<string, Cell | undefined> = { ...this.empty };
    for (const [name, cell] of Object.entries(read)) row[name] = sharedCell(cell);
    return row;
  }
}

/** Parsed, for an object that is given many properties one by one becomes a hash table. */
function emptyRow(names: readonly string[]): Row {
  const row: Record<string, Cell | undefined> = JSON.parse(`{${names.map((name) => `"${name}":0`).join(',')}}`);
  for (const name of names) row[name] = undefined;
  return row;
}

function sharedCell(cell: Cell | undefined): Cell | undefined {
  if (typeof cell === 'string') return sharedText(cell);
  return cell !== undefined && isReference(cell) ? sharedReferences(sharedText(cell.table))(cell.id) : cell;
}

const SHARED = 10_000;
const sharedText = remembering(SHARED, (text: string) => text);
const sharedReferences = remembering(SHARED, (table: string) =>
  remembering(SHARED, (id: string): Reference => ({ table, id })),
);

/**
 * Gives a function that saves a store to a file, where it has changed since it did so last. A crash while writing leaves the state of
 * before. Others are served while a large state is written: it is the state of when the writing began.
 */
export function createSave(store: Store, path: string): () => Promise<void> {
  let saved: readonly unknown[] = [];
  return async () => {
    const state = [store.epoch, store.version, store.tables.version];
    if (state.every((part, at) => part === saved[at])) return;
    const lines = linesOf(store.snapshot(), store.tables.changedFile);
    await mkdir(dirname(path), { recursive: true });
    await pipeline(new TextStream(lines), createWriteStream(`${path}.new`));
    await rename(`${path}.new`, path);
    saved = state;
  };
}

function* linesOf({ version, tables }: StoreSnapshot, definitions: TablesFile | null): Generator<string> {
  const line = (it: OrganizationLine | TableLine | Row | Change) => `${toBytes(JSON.stringify(it))}\n`;
  yield line({ format: FORMAT, version, definitions });
  for (const { name, rows, deletions } of tables) {
    yield line({ table: name, rows: rows.length, deletions: deletions.length });
    for (const row of rows) yield line(row);
    for (const deletion of deletions) yield line(deletion);
  }
}

const READ_BYTES = 1024 * 1024;

/** Reads a file of lines of JSON, one after the other. (`node:readline` would also break lines within texts, at U+2028.) */
class LineReader {
  private readonly chunks: AsyncIterator<string>;
  private lines: string[] = [];
  private at = 0;
  /** What stands after the last line break so far. */
  private rest = '';
  private isOver = false;

  constructor(path: string) {
    const stream: AsyncIterable<string> = createReadStream(path, { encoding: 'utf8', highWaterMark: READ_BYTES });
    this.chunks = stream[Symbol.asyncIterator]();
  }

  async close(): Promise<void> {
    await this.chunks.return?.();
  }

  async hasMore(): Promise<boolean> {
    while (this.at === this.lines.length && !this.isOver) await this.read();
    return this.at < this.lines.length;
  }

  /** @throws Error where the file is over, or its next line is not JSON. */
  async next(): Promise<unknown> {
    if (!(await this.hasMore())) throw new Error('The file ends too early.');
    return this.nextRead();
  }

  /** The next line where it has been read; else undefined. */
  nextRead(): unknown {
    const line = this.lines[this.at];
    if (line === undefined) return undefined;
    this.at += 1;
    return JSON.parse(line);
  }

  private async read(): Promise<void> {
    const { value, done } = await this.chunks.next();
    this.isOver = done === true;
    const lines = (this.rest + (done === true ? '' : value)).split('\n');
    this.rest = lines.pop() ?? '';
    // A line that is not ended was not written whole.
    [this.lines, this.at] = [lines, 0];
  }
}
