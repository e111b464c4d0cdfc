import type { CallOptions } from '../../model/call.js';
import type { BroughtAlong, Count, Page } from '../../model/query.js';
import type { RecordData } from '../../model/record.js';
import type { DynamicsClient, JsonObject } from './client.js';
import { type CompiledQuery, pagePreference, pageTarget } from './compile.js';
import { encodeCursor, isSkipToken, type Position, skipTokenOf } from './cursor.js';
import { decodeCount, decodeRows } from './decode.js';
import { unexpectedAnswer } from './errors.js';

/** The most records Dynamics gives in one page. */
export const MAX_PAGE = 5_000;

/** A page can need a second request where its cursor lies deep in a large page of Dynamics; more would be a fault. */
const MAX_REQUESTS = 4;

/** One page as Dynamics gave it. */
export interface RemotePage {
  readonly rows: readonly JsonObject[];
  /** Leads to the next page; null on the last. */
  readonly next: string | null;
  readonly count: Count | null;
}

/** Without it, expanded collections may come as they were a while ago. */
const NO_CACHE = { 'If-None-Match': 'null' };

/** Reads one page of Dynamics. `size` is from 1 to 5,000. */
export async function readRemotePage(
  client: DynamicsClient,
  query: CompiledQuery,
  skipToken: string | null,
  size: number,
  options: CallOptions = {},
): Promise<RemotePage> {
  const asked = `read ${query.setName}`;
  const answer = await client.get(pageTarget(query, skipToken), asked, options, {
    Prefer: pagePreference(query, size),
    ...(query.along.lists.length > 0 && NO_CACHE),
  });
  const nextLink = answer['@odata.nextLink'];
  const next = skipTokenOf(nextLink);
  if (typeof nextLink === 'string' && !isSkipToken(next))
    throw unexpectedAnswer(asked, 'a link to a next page without a skiptoken');
  return { rows: decodeRows(answer), next, count: decodeCount(answer) };
}

export interface PageRequest {
  readonly query: CompiledQuery;
  /** Property that holds the id of a row. */
  readonly primaryId: string;
  /** Of the query, for cursors; told when one is asked for. */
  readonly fingerprint: () => string;
  readonly start: Position;
  /** Records wanted; 1 to 5,000. */
  readonly first: number;
  readonly decode: (row: JsonObject) => RecordData;
  readonly decodeAlong?: (rows: readonly JsonObject[]) => BroughtAlong;
}

/** A page of Dynamics. */
interface Run {
  readonly rows: readonly JsonObject[];
  readonly skipToken: string | null;
  readonly next: string | null;
}

/** Where records have come or gone before a cursor's place, its record is looked for in this many pages of Dynamics, */
const MAX_SEARCHED = 2;

/** the further ones of which are this long at least. */
const MIN_SEARCHED = 500;

/**
 * Reads `first` records from a position. Dynamics has no `$skip`, so a position within a page is reached by reading that page again,
 * as long as it takes to hold the records before the position too; in general that is one request. The position is behind its anchor,
 * wherever that stands by now. Where it is gone, those behind it have moved up by one.
 */
export async function readPage(client: DynamicsClient, request: PageRequest, options?: CallOptions): Promise<Page> {
  const { query, first, start } = request;
  const runs: Run[] = [];
  let { skipToken } = request.start;
  let place = start.anchor === undefined ? start.offset : null;
  let read = 0;
  let count: Count | null = null;
  while (runs.length < MAX_REQUESTS) {
    const size = place === null ? searched(start.offset + first, runs.length) : place + first - read;
    const page = await readRemotePage(client, query, skipToken, Math.min(MAX_PAGE, size), options);
    count ??= page.count;
    runs.push({ rows: page.rows, skipToken, next: page.next });
    place ??= placeBehind(request, page.rows, read);
    read += page.rows.length;
    if (place === null && (page.next === null || runs.length === MAX_SEARCHED)) place = start.offset - 1;
    if (page.next === null || (place !== null && read >= place + first)) break;
    skipToken = page.next;
  }
  return buildPage(request, runs, place ?? start.offset, count);
}

function searched(enough: number, searchedPages: number): number {
  return searchedPages === 0 ? enough : Math.max(enough, MIN_SEARCHED);
}

/** The place behind the anchor, counted from the first row read; null where these rows do not hold it. */
function placeBehind({ start, primaryId }: PageRequest, rows: readonly JsonObject[], before: number): number | null {
  // Mostly nothing has moved.
  const expected = start.offset - 1 - before;
  const anchor = start.anchor?.toLowerCase() ?? null;
  const index = idAt(rows[expected]) === anchor ? expected : rows.findIndex((row) => idAt(row) === anchor);
  return index < 0 ? null : before + index + 1;

  function idAt(row: JsonObject | undefined): string | null {
    return row ? String(row[primaryId]).toLowerCase() : null;
  }
}

/** What a page keeps is what its records and cursors need, and not the answer. */
function buildPage(request: PageRequest, runs: readonly Run[], place: number, count: Count | null): Page {
  const { fingerprint, decode, decodeAlong, first, primaryId } = request;
  const [only] = runs;
  const read = runs.length === 1 && only ? only.rows : runs.flatMap((run) => run.rows);
  const rows = place === 0 && read.length <= first ? read : read.slice(place, place + first);
  const places = runs.map((run) => ({ ...run, rows: run.rows.length }));
  const records = rows.map(decode);
  return {
    records,
    hasNextPage: read.length > place + first || runs.at(-1)?.next != null,
    cursorAt(index) {
      const record = records[index];
      if (!record) throw new RangeError(`Expected the index of a record of the page, but got ${index}.`);
      return encodeCursor(fingerprint(), positionAfter(places, place + index, String(record[primaryId])));
    },
    count,
    ...(decodeAlong && { along: decodeAlong(rows) }),
  };
}

/** After the last record of a page of Dynamics its cursor is the start of the next one; after any other, a place within the page. */
function positionAfter(
  places: readonly (Omit<Run, 'rows'> & { readonly rows: number })[],
  index: number,
  anchor: string,
): Position {
  let left = index;
  for (const { rows, skipToken, next } of places) {
    if (left < rows && !(left === rows - 1 && next !== null)) return { skipToken, offset: left + 1, anchor };
    if (left < rows) return { skipToken: next, offset: 0 };
    left -= rows;
  }
  throw new Error(`Expected a page of Dynamics to hold the row ${index}.`);
}
