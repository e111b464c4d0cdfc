import type { CallOptions } from '../../model/call.js';
import { RequestError } from '../../model/errors.js';
import type { ChangePage } from '../../model/query.js';
import type { Table } from '../../model/table.js';
import type { DynamicsClient, JsonObject } from './client.js';
import { isSkipToken, optionOf } from './cursor.js';
import { decodeRows } from './decode.js';
import { unexpectedAnswer } from './errors.js';
import { badInput } from './literal.js';

/** What a Dynamics connector can tell beyond the port: which records are gone. */
export interface DeletionReader {
  /**
   * The ids of records deleted since a cursor of an earlier pass, page by page, each once for each deletion. A pass without a cursor tells of
   * none: it only finds the place in time where the next one begins, for which Dynamics makes it walk the whole table by its ids.
   * Rejects with `UNSUPPORTED` for a table without change tracking; with `UPSTREAM_REJECTED` (0x80044352) where the cursor is older than the
   * organization keeps deletions, 7 days by default.
   */
  deletions(from: Table, cursor: string | null, options?: CallOptions): AsyncIterable<ChangePage>;
}

/** Where a pass stands: the token of the state it compares with (null: none yet), and the page it has come to. */
interface Pass {
  readonly table: string;
  readonly deltaToken: string | null;
  readonly skipToken: string | null;
}

const PAGE_SIZE = 5_000;

/**
 * Reads deletions by change tracking, with the id as the only column so that the changed records, which come along, weigh little.
 * https://learn.microsoft.com/power-apps/developer/data-platform/use-change-tracking-synchronize-data-external-systems
 */
export async function* readDeletions(
  client: DynamicsClient,
  from: Table,
  cursor: string | null,
  options?: CallOptions,
): AsyncGenerator<ChangePage> {
  if (!from.changeTracking)
    throw new RequestError(
      'UNSUPPORTED',
      `Expected a table with change tracking, but ${from.logicalName} has none. Switch it on in the table's settings.`,
    );
  let pass =
    cursor === null ? { table: from.logicalName, deltaToken: null, skipToken: null } : decodePass(from, cursor);
  const asked = `tell what was deleted from ${from.setName}`;
  for (;;) {
    const answer = await client.get(targetOf(from, pass), asked, options, {
      Prefer: `odata.track-changes,odata.maxpagesize=${PAGE_SIZE}`,
    });
    const deleted = decodeRows(answer).flatMap(deletedId);
    pass = nextPass(pass, answer);
    const complete = pass.skipToken === null;
    if (complete && pass.deltaToken === null) throw unexpectedAnswer(asked, 'a last page without a delta link');
    yield { changed: [], deleted, cursor: Buffer.from(JSON.stringify(pass)).toString('base64url'), complete };
    if (complete) return;
  }
}

function targetOf(from: Table, { deltaToken, skipToken }: Pass): string {
  const tokens = [deltaToken && `&$deltatoken=${deltaToken}`, skipToken && `&$skiptoken=${skipToken}`];
  return `${from.setName}?$select=${from.primaryId}${tokens.filter(Boolean).join('')}`;
}

/** A deleted record is told by its bare id and a reason; a changed one is a row. */
function deletedId(row: JsonObject): readonly string[] {
  return typeof row.reason === 'string' && typeof row.id === 'string' ? [row.id] : [];
}

function nextPass(pass: Pass, answer: JsonObject): Pass {
  const skipToken = optionOf(answer['@odata.nextLink'], 'skiptoken');
  if (skipToken !== null) return { ...pass, skipToken };
  return { table: pass.table, deltaToken: optionOf(answer['@odata.deltaLink'], 'deltatoken'), skipToken: null };
}

function decodePass(from: Table, cursor: string): Pass {
  const pass = parsePass(cursor);
  if (!pass)
    throw badInput(
      'Expected a cursor that came with an earlier page of deletions; this is none. Start without a cursor.',
    );
  if (pass.table === from.logicalName) return pass;
  throw badInput(
    `Expected a cursor of table ${from.logicalName}, but it belongs to table ${pass.table}. Start without a cursor.`,
  );
}

function parsePass(cursor: string): Pass | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return isPass(value) ? value : null;
  } catch {
    return null;
  }
}

function isPass(value: unknown): value is Pass {
  if (typeof value !== 'object' || value === null) return false;
  const { table, deltaToken, skipToken }: Partial<Record<keyof Pass, unknown>> = value;
  return typeof table === 'string' && [deltaToken, skipToken].every((token) => token === null || isSkipToken(token));
}
