import { createHash } from 'node:crypto';
import type { CompiledQuery } from './compile.js';
import { badInput } from './literal.js';

/** Where a page begins: the skiptoken of a page of Dynamics (null: its first page), and how many of that page's records to leave out. */
export interface Position {
  readonly skipToken: string | null;
  readonly offset: number;
  /** Id of the last record to leave out, which tells the place where others have come or gone before it. Absent in cursors of old. */
  readonly anchor?: string;
}

export const START: Position = { skipToken: null, offset: 0 };

/** A cursor stands for a position in one table with one filter and order; with another it would lose or repeat records. */
export function queryFingerprint(query: Pick<CompiledQuery, 'setName' | 'filter' | 'orderBy'>): string {
  return createHash('sha256')
    .update(JSON.stringify([query.setName, query.filter, query.orderBy]))
    .digest('base64url')
    .slice(0, 12);
}

export function encodeCursor(fingerprint: string, position: Position): string {
  const { skipToken, offset, anchor } = position;
  const parts = [fingerprint, skipToken, offset, ...(anchor === undefined ? [] : [anchor])];
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** Rejects what is not a cursor, or one of another query, with `BAD_USER_INPUT`. */
export function decodeCursor(fingerprint: string, cursor: string): Position {
  const [made, skipToken, offset, anchor] = parseCursor(cursor);
  if (!(skipToken === null || isSkipToken(skipToken)) || !isOffset(offset) || !isAnchor(anchor))
    throw badInput('Expected a cursor that came with an earlier page; this one is damaged.');
  if (made !== fingerprint)
    throw badInput(
      'Expected a cursor of the same table, filter and order; this one belongs to another query. Start without a cursor.',
    );
  return { skipToken, offset, ...(anchor !== undefined && { anchor }) };
}

/**
 * The skiptoken in a nextLink, as it stands there. It is sent back unchanged, for Dynamics refuses some that were encoded anew.
 * https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query/page-results
 */
export function skipTokenOf(nextLink: unknown): string | null {
  return optionOf(nextLink, 'skiptoken');
}

/** The value of a link's option `$skiptoken` or `$deltatoken`, still encoded; null where there is none. */
export function optionOf(link: unknown, name: 'skiptoken' | 'deltatoken'): string | null {
  if (typeof link !== 'string') return null;
  return new RegExp(`[?&](?:\\$|%24)${name}=([^&#]*)`, 'i').exec(link)?.[1] ?? null;
}

/** Any visible characters but those that end an option of a query string, so that a forged token cannot add options. */
export function isSkipToken(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 8_000 && /^(?:(?![&#])[!-~])+$/.test(value);
}

function isOffset(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 5_000;
}

function isAnchor(value: unknown): value is string | undefined {
  return value === undefined || (typeof value === 'string' && value.length <= 100);
}

function parseCursor(cursor: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(value) && (value.length === 3 || value.length === 4)) return value;
  } catch {
    // told below
  }
  throw badInput('Expected a cursor that came with an earlier page; this is none.');
}
