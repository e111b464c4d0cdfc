import type { CallOptions } from '../../model/call.js';
import type { Count, Page } from '../../model/query.js';
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
  });
  const nextLink = answer['@odata.nextLink'];
  const next = skipTokenOf(nextLink);
  if (typeof nextLink === 'string' && !isSkipToken(next))
    throw unexpectedAnswer(asked, 'a link to a next page without a skiptoken');
  return { rows: decodeRows(answer), next, count: decodeCount(answer) };
}

export interface PageRequest {
  readonly query: CompiledQuery;
  readonly fingerprint: string;
  readonly start: Position;
  /** Records wanted; 1 to 5,000. */
  readonly first: number;
  readonly decode: (row: JsonObject) => RecordData;
}

/** A record's cursor: which page of Dynamics it came in, and its place in that page. */
interface Placed {
  readonly row: JsonObject;
  readonly position: Position;
}

/**
 * Reads `first` records from a position. Dynamics has no `$skip`, so a position within a page is reached by reading that page again,
 * as long as it takes to hold the records before the position too; in general that is one request.
 */
export async function readPage(client: DynamicsClient, request: PageRequest, options?: CallOptions): Promise<Page> {
  const placed: Placed[] = [];
  let { skipToken, offset } = request.start;
  let count: Count | null = null;
  let next: string | null = skipToken;
  for (let requests = 0; requests < MAX_REQUESTS; requests++) {
    const size = Math.min(MAX_PAGE, offset + request.first - placed.length);
    const page = await readRemotePage(client, request.query, skipToken, size, options);
    count ??= page.count;
    next = page.next;
    for (let index = offset; index < page.rows.length; index++) placed.push(place(page, index, skipToken));
    if (next === null || placed.length >= request.first) break;
    skipToken = next;
    offset = Math.max(0, offset - page.rows.length);
  }
  return buildPage(request, placed, next !== null, count);
}

/** After the last record of a page its cursor is the start of the next page; after any other, a place within the page. */
function place(page: RemotePage, index: number, skipToken: string | null): Placed {
  const row = page.rows[index] ?? {};
  const isLast = index === page.rows.length - 1 && page.next !== null;
  return { row, position: isLast ? { skipToken: page.next, offset: 0 } : { skipToken, offset: index + 1 } };
}

function buildPage(request: PageRequest, placed: readonly Placed[], hasNextPage: boolean, count: Count | null): Page {
  return {
    records: placed.map(({ row }) => request.decode(row)),
    hasNextPage,
    cursorAt(index) {
      const at = placed[index];
      if (!at) throw new RangeError(`Expected an index below ${placed.length}, but got ${index}.`);
      return encodeCursor(request.fingerprint, at.position);
    },
    count,
  };
}
