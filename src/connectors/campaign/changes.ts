import { z } from 'zod';
import type { CampaignSchema } from '../../model/campaign-schema.js';
import type { ChangePage, Filter, Page, RecordQuery } from '../../model/query.js';
import { badCursor, fingerprint } from './cursor.js';

/** What a pass over changes needs of the connector. */
export interface ChangeSource {
  query(query: RecordQuery<CampaignSchema>): Promise<Page>;
  /** The server's clock. */
  now(): Promise<Date>;
}

/**
 * Where a pass continues. `since` is where it began to look (null: at the beginning of time), `began` the server's time at its start,
 * `after` the cursor within it; a pass that is complete leaves only `since` for the next one.
 */
const cursorSchema = z.object({
  q: z.string(),
  since: z.iso.datetime().nullable(),
  began: z.iso.datetime().nullable(),
  after: z.string().nullable(),
});

type Cursor = z.infer<typeof cursorSchema>;

/** What was saved a little before a pass began may have become visible after it: each pass looks back this far. */
const OVERLAP_MS = 60_000;

/** The attribute that Campaign keeps with the time of a record's last change. */
const LAST_MODIFIED = 'lastModified';

/**
 * Reads what changed since a cursor. Campaign keeps no list of changes: a pass reads the records that were modified since the pass
 * before began, by `@lastModified`, or all of them where the schema has no such attribute. Deletions leave no trace and are not told.
 *
 * Within a pass the order is by key: a record that changes meanwhile stays where it is, and comes again in the next pass.
 */
export async function* readChanges(
  source: ChangeSource,
  query: RecordQuery<CampaignSchema>,
  cursor: string | null,
): AsyncIterable<ChangePage> {
  const mark = fingerprint(query.from, query.filter, ['changes']);
  let state = await resumeOrBegin(source, mark, cursor);
  for (;;) {
    const page = await source.query(pageQuery(query, state));
    const complete = !page.hasNextPage;
    state = complete ? nextPass(state) : { ...state, after: page.cursorAt(page.records.length - 1) };
    yield { changed: page.records, deleted: [], cursor: writeState(state), complete };
    if (complete) return;
  }
}

async function resumeOrBegin(source: ChangeSource, mark: string, cursor: string | null): Promise<Cursor> {
  const state = cursor === null ? { q: mark, since: null, began: null, after: null } : readState(cursor, mark);
  return state.began === null ? { ...state, began: (await source.now()).toISOString() } : state;
}

function pageQuery(query: RecordQuery<CampaignSchema>, { since, after }: Cursor): RecordQuery<CampaignSchema> {
  const { from, select, first } = query;
  const filter = both(query.filter, since === null || !hasLastModified(from) ? undefined : modifiedSince(since));
  return { from, select, first, ...(filter ? { filter } : {}), ...(after === null ? {} : { after }) };
}

function hasLastModified(schema: CampaignSchema): boolean {
  return schema.root.attributes.some(({ name, type }) => name === LAST_MODIFIED && type === 'datetime');
}

function modifiedSince(since: string): Filter {
  return { kind: 'compare', path: LAST_MODIFIED, operator: 'gte', value: since };
}

function both(one: Filter | undefined, other: Filter | undefined): Filter | undefined {
  return one && other ? { kind: 'and', filters: [one, other] } : (one ?? other);
}

function nextPass({ q, began }: Cursor): Cursor {
  const since = began === null ? null : new Date(Date.parse(began) - OVERLAP_MS).toISOString();
  return { q, since, began: null, after: null };
}

function writeState(state: Cursor): string {
  return Buffer.from(JSON.stringify(state)).toString('base64url');
}

function readState(cursor: string, mark: string): Cursor {
  const parsed = cursorSchema.safeParse(parseJson(cursor));
  if (!parsed.success) throw badCursor('it was not made by this server');
  if (parsed.data.q !== mark) throw badCursor('it belongs to a query with another filter or schema');
  return parsed.data;
}

function parseJson(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
}
