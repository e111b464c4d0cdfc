import { createHash } from 'node:crypto';
import type { CallOptions } from '../../model/call.js';
import type { ChangePage, Filter, Order, RecordQuery } from '../../model/query.js';
import type { RecordData } from '../../model/record.js';
import { findColumn, type Table } from '../../model/table.js';
import type { DynamicsClient, JsonObject } from './client.js';
import { compileQuery, type TableLookup } from './compile.js';
import { isSkipToken } from './cursor.js';
import { createDecoder } from './decode.js';
import { badInput } from './literal.js';
import { readRemotePage } from './pages.js';

/** Dynamics sets this column when a record is created or changed. */
const MODIFIED = 'modifiedon';

/**
 * The next pass begins this much before the latest change seen. `modifiedon` is set when a change begins, but the change is visible only
 * when its transaction ends, and then lies before changes already read. Dataverse ends a transaction after two minutes at most, most within
 * seconds; a record read twice is harmless.
 */
const OVERLAP_MS = 60_000;

/** Where a pass stands. It goes out as a cursor and comes back after a crash. */
interface Pass {
  readonly table: string;
  /** Of the query's own filter and order: with another query the pass cannot be continued. */
  readonly query: string;
  /** Only records changed since this moment are read; null to read all. */
  readonly watermark: string | null;
  /** The next page of this pass; null at its beginning. */
  readonly skipToken: string | null;
  /** The latest change seen in this pass. */
  readonly high: string | null;
  /** When this pass began; null before its first page. */
  readonly began: string | null;
}

/**
 * Reads the records that changed since the pass before, in the order of their change, or all of them without a cursor. A table without
 * `modifiedon` is read whole in every pass. A cursor from within a pass continues it; a cursor of another filter or order starts the table
 * from its beginning, because records that did not match before may match now.
 */
export async function* readChanges(
  client: DynamicsClient,
  query: RecordQuery<Table>,
  tables: TableLookup,
  cursor: string | null,
  options?: CallOptions,
): AsyncGenerator<ChangePage> {
  const tracked = findColumn(query.from, MODIFIED)?.type === 'datetime';
  let pass = beginPass(query, cursor);
  const pageQuery = compileQuery(passQuery(query, pass, tracked), tables);
  const decode = createDecoder(query.from, query.select, tables);
  for (;;) {
    const page = await readRemotePage(client, pageQuery, pass.skipToken, query.first, options);
    const high = latest(pass.high, page.rows);
    pass = page.next === null ? endPass({ ...pass, high }, query) : { ...pass, high, skipToken: page.next };
    const changed: readonly RecordData[] = page.rows.map(decode);
    yield { changed, deleted: [], cursor: encodePass(pass), complete: page.next === null };
    if (page.next === null) return;
  }
}

/** The query of a pass: its own filter and the watermark, in the order of change unless it has an order of its own. */
function passQuery(query: RecordQuery<Table>, pass: Pass, tracked: boolean): RecordQuery<Table> {
  const { from, select, first } = query;
  if (!tracked) return { from, select, first, ...ownParts(query) };
  const since: Filter | null =
    pass.watermark === null ? null : { kind: 'compare', path: MODIFIED, operator: 'gte', value: pass.watermark };
  const filters = [since, query.filter].filter((filter) => filter !== null && filter !== undefined);
  const orderBy: readonly Order[] = query.orderBy?.length ? query.orderBy : [{ path: MODIFIED, descending: false }];
  return {
    from,
    select: { ...select, fields: [...select.fields, MODIFIED] },
    first,
    orderBy,
    ...(filters.length > 0 ? { filter: { kind: 'and', filters } } : {}),
  };
}

function ownParts(query: RecordQuery<Table>): Pick<RecordQuery<Table>, 'filter' | 'orderBy'> {
  return { ...(query.filter ? { filter: query.filter } : {}), ...(query.orderBy ? { orderBy: query.orderBy } : {}) };
}

function beginPass(query: RecordQuery<Table>, cursor: string | null): Pass {
  const table = query.from.logicalName;
  const own = createHash('sha256')
    .update(JSON.stringify([query.filter ?? null, query.orderBy ?? []]))
    .digest('base64url')
    .slice(0, 12);
  const fresh: Pass = {
    table,
    query: own,
    watermark: null,
    skipToken: null,
    high: null,
    began: new Date().toISOString(),
  };
  if (cursor === null) return fresh;
  const pass = decodePass(cursor);
  if (pass.table !== table)
    throw badInput(
      `Expected a cursor of table ${table}, but it belongs to table ${pass.table}. Start without a cursor.`,
    );
  if (pass.query !== own) return fresh;
  return pass.skipToken === null ? { ...fresh, watermark: pass.watermark } : pass;
}

/** After the last page: where the next pass begins. Where nothing was read, that is where this one began. */
function endPass(pass: Pass, query: RecordQuery<Table>): Pass {
  const { table, query: own, high } = pass;
  const watermark = high === null ? pass.watermark : nextWatermark(high, query.orderBy?.length ? pass.began : null);
  return { table, query: own, watermark, skipToken: null, high: null, began: null };
}

/**
 * In another order than that of change, a record may change after its page was read, while a later one tells of a later change;
 * so nothing after the beginning of the pass counts as seen.
 */
function nextWatermark(high: string, began: string | null): string {
  const times = [high, ...(began === null ? [] : [began])].map((moment) => Date.parse(moment));
  return new Date(Math.min(...times) - OVERLAP_MS).toISOString();
}

function latest(high: string | null, rows: readonly JsonObject[]): string | null {
  let found = high;
  for (const row of rows) {
    const moment = row[MODIFIED];
    if (typeof moment === 'string' && (found === null || Date.parse(moment) > Date.parse(found))) found = moment;
  }
  return found;
}

function encodePass(pass: Pass): string {
  return Buffer.from(JSON.stringify(pass)).toString('base64url');
}

function decodePass(cursor: string): Pass {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (isPass(value)) return value;
  } catch {
    // told below
  }
  throw badInput('Expected a cursor that came with an earlier page of changes; this is none. Start without a cursor.');
}

function isPass(value: unknown): value is Pass {
  if (typeof value !== 'object' || value === null) return false;
  const fields: Partial<Record<keyof Pass, unknown>> = value;
  const moments = [fields.watermark, fields.high, fields.began];
  const tokenFits = fields.skipToken === null || isSkipToken(fields.skipToken);
  return (
    typeof fields.table === 'string' && typeof fields.query === 'string' && tokenFits && moments.every(isMomentOrNull)
  );
}

function isMomentOrNull(value: unknown): boolean {
  return value === null || (typeof value === 'string' && !Number.isNaN(Date.parse(value)));
}
