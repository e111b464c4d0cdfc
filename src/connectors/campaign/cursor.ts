import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { CampaignSchema } from '../../model/campaign-schema.js';
import { RequestError } from '../../model/errors.js';
import type { Filter } from '../../model/query.js';

const cursorSchema = z.object({ q: z.string(), v: z.array(z.string()) });

/**
 * Where a page ends: the last record's values of everything the query is ordered by, its key last. `query` is a fingerprint, so
 * that a cursor of another query is refused and not silently misread.
 */
export function writeCursor(query: string, values: readonly string[]): string {
  return Buffer.from(JSON.stringify({ q: query, v: values })).toString('base64url');
}

/** Reads the values out of a cursor. Throws `BAD_USER_INPUT` for one that is broken or of another query. */
export function readCursor(cursor: string, query: string, length: number): readonly string[] {
  const parsed = cursorSchema.safeParse(parseJson(Buffer.from(cursor, 'base64url').toString('utf8')));
  if (!parsed.success) throw badCursor('it was not made by this server');
  if (parsed.data.q !== query) throw badCursor('it belongs to a query with another filter, order or schema');
  if (parsed.data.v.length !== length) throw badCursor('it was not made by this server');
  return parsed.data.v;
}

export function badCursor(reason: string): RequestError {
  return new RequestError(
    'BAD_USER_INPUT',
    `The cursor cannot be used: ${reason}. Take the cursor of the page before, with the same filter and order, or start without one.`,
  );
}

/** A short hash of what decides which records come in which order. */
export function fingerprint(schema: CampaignSchema, filter: Filter | undefined, order: readonly string[]): string {
  const text = JSON.stringify([schema.name, filter ?? null, order]);
  return createHash('sha256').update(text).digest('base64url').slice(0, 12);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
