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
  /** Of the query, for cursors; told when one is asked for. */
  readonly fingerprint: () => string;
  readonly start: Position;
  /** Records wanted; 1 to 5,000. */
  readonly first: number;
  readonly decode: (row: JsonObject) => RecordData;
  readonly decodeAlong?: (rows: readonly JsonObject[]) => BroughtAlong;
}

/** Rows of one page of Dynamics, which begin there at `offset`. */
interface Run {
  readonly rows: readonly JsonObject[];
  readonly skipToken: string | null;
  readonly offset: number;
  readonly next: string | null;
}

/**
 * Reads `first` records from a position. Dynamics has no `$skip`, so a position within a page is reached by reading that page again,
 * as long as it takes to hold the records before the position too; in general that is one request.
 */
export async function readPage(client: DynamicsClient, request: PageRequest, options?: CallOptions): Promise<Page> {
  const runs: Run[] = [];
  let { skipToken, offset } = request.start;
  let read = 0;
  let count: Count | null = null;
  let next: string | null = skipToken;
  for (let requests = 0; requests < MAX_REQUESTS; requests++) {
    const size = Math.min(MAX_PAGE, offset + request.first - read);
    const page = await readRemotePage(client, request.query, skipToken, size, options);
    count ??= page.count;
    next = page.next;
    const rows = offset === 0 ? page.rows : page.rows.slice(offset);
    runs.push({ rows, skipToken, offset, next });
    read += rows.length;
    if (next === null || read >= request.first) break;
    skipToken = next;
    offset = Math.max(0, offset - page.rows.length);
  }
  return buildPage(request, runs, next !== null, count);
}

/** What a page keeps is what its records and cursors need, and not the answer. */
function buildPage(request: PageRequest, runs: readonly Run[], hasNextPage: boolean, count: Count | null): Page {
  const { fingerprint, decode, decodeAlong } = request;
  const rows = runs.length === 1 ? (runs[0]?.rows ?? []) : runs.flatMap((run) => run.rows);
  const places = runs.map((run) => ({ ...run, rows: run.rows.length }));
  return {
    records: rows.map(decode),
    hasNextPage,
    cursorAt: (index) => encodeCursor(fingerprint(), positionAfter(places, index)),
    count,
    ...(decodeAlong && { along: decodeAlong(rows) }),
  };
}

/** After the last record of a page its cursor is the start of the next page; after any other, a place within the page. */
function positionAfter(places: readonly (Omit<Run, 'rows'> & { readonly rows: number })[], index: number): Position {
  let left = index;
  for (const { rows, skipToken, offset, next } of places) {
    if (left < rows)
      return left === rows - 1 && next !== null
        ? { skipToken: next, offset: 0 }
        : { skipToken, offset: offset + left + 1 };
    left -= rows;
  }
  throw new RangeError(`Expected the index of a record of the page, but got ${index}.`);
}
