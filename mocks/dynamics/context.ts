import type { MockResponse } from '../control.js';
import type { Preferences } from './prefer.js';
import type { Row, Store } from './store.js';
import type { Tables } from './tables.js';

/** What every part of the service may need to know about the request under way. */
export interface RequestContext {
  readonly store: Store;
  readonly tables: Tables;
  /** The `systemuser` row of the caller. */
  readonly user: Row;
  readonly prefer: Preferences;
  /** `http://host/api/data/v9.2/` as the client addressed it: links in answers begin with it. */
  readonly base: string;
  now(): Date;
}

/** The columns of a row that identify it, as in `accounts(<id>)`. */
export function rowUrl(context: RequestContext, table: string, id: string): string {
  return `${context.base}${context.tables.get(table).definition.setName}(${id})`;
}

export function contextUrl(context: RequestContext, fragment: string): string {
  return `${context.base}$metadata#${fragment}`;
}

/** 200 with JSON and, where the client stated preferences, which of them were heeded. */
export function answerJson(
  context: RequestContext,
  body: unknown,
  extra: { status?: number; etag?: string } = {},
): MockResponse {
  const { applied } = context.prefer;
  return {
    status: extra.status ?? 200,
    headers: {
      'content-type': 'application/json; odata.metadata=minimal',
      ...(applied === null ? {} : { 'preference-applied': applied }),
      ...(extra.etag === undefined ? {} : { etag: extra.etag }),
    },
    body: JSON.stringify(body),
  };
}

export function answerNothing(headers: Readonly<Record<string, string>> = {}): MockResponse {
  return { status: 204, headers };
}

/** Seconds precision, as the service gives moments. */
export function formatMoment(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
