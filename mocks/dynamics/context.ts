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

interface AnswerOptions {
  readonly status?: number;
  readonly etag?: string;
}

/** JSON and, where the client stated preferences, which of them were heeded; 200 unless told otherwise. */
export function answerJson(context: RequestContext, body: unknown, options: AnswerOptions = {}): MockResponse {
  return answerJsonText(context, JSON.stringify(body), options);
}

/** One row: its JSON text with members put before its own. */
export function answerRowText(
  context: RequestContext,
  head: object,
  row: string,
  options: AnswerOptions = {},
): MockResponse {
  return answerJsonText(context, `${JSON.stringify(head).slice(0, -1)},${row.slice(1)}`, options);
}

/** Rows as `value`, after the members of `head`. Members without a value are left out. */
export function answerRowsText(context: RequestContext, head: object, rows: readonly string[]): MockResponse {
  return answerJsonText(context, `${JSON.stringify(head).slice(0, -1)},"value":[${rows.join(',')}]}`, {});
}

function answerJsonText(context: RequestContext, body: string, { status = 200, etag }: AnswerOptions): MockResponse {
  const { applied } = context.prefer;
  return {
    status,
    headers: {
      'content-type': 'application/json; odata.metadata=minimal',
      ...(applied === null ? {} : { 'preference-applied': applied }),
      ...(etag === undefined ? {} : { etag }),
    },
    body,
  };
}

export function answerNothing(headers: Readonly<Record<string, string>> = {}): MockResponse {
  return { status: 204, headers };
}

/** Seconds precision, as the service gives moments. */
export function formatMoment(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
