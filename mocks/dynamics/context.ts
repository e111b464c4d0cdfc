import type { MockResponse } from '../control.js';
import { bytesOf, toBytes } from './byte-text.js';
import type { Preferences } from './prefer.js';
import type { Row, Store } from './store.js';
import type { Tables } from './tables.js';
import { TextStream } from './text-stream.js';

/** What every part of the service may need to know about the request under way. */
export interface RequestContext {
  readonly store: Store;
  readonly tables: Tables;
  /** The `systemuser` row of the caller. */
  readonly user: Row;
  readonly prefer: Preferences;
  /** Where application users get their names from; without one, any client id will do. */
  readonly directory?: TenantDirectory | undefined;
  /** `http://host/api/data/v9.2/` as the client addressed it: links in answers begin with it. */
  readonly base: string;
  now(): Date;
}

/** What the organization sees of its tenant's directory. */
export interface TenantDirectory {
  /** By client id; undefined where the tenant has no service principal for it. */
  application(clientId: string): { readonly displayName: string; readonly objectId: string } | undefined;
  /** All people of the tenant, where they are to become users as they are given licences. */
  users?(): readonly TenantUser[];
}

export interface TenantUser {
  readonly objectId: string;
  readonly userPrincipalName: string;
  readonly displayName: string;
  readonly isEnabled: boolean;
  readonly isLicensed: boolean;
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

/** One row: its JSON as byte text, with members put before its own. */
export function answerRowText(
  context: RequestContext,
  head: object,
  row: string,
  options: AnswerOptions = {},
): MockResponse {
  return answerJsonText(context, bytesOf(`${toBytes(JSON.stringify(head).slice(0, -1))},${row.slice(1)}`), options);
}

/** A collection of more rows than this is streamed. */
export const LONG = 200;

/**
 * Rows, as byte text, as `value` after the members of `head`. Members without a value are left out. Many rows are streamed, and read from `rows` as
 * they are sent: a generator must not depend on what another request may change.
 */
export function answerRowsText(context: RequestContext, head: object, rows: Iterable<string>): MockResponse {
  const beginning = `${toBytes(JSON.stringify(head).slice(0, -1))},"value":[`;
  const iterator = rows[Symbol.iterator]();
  const first: string[] = [];
  while (first.length <= LONG) {
    const { value, done } = iterator.next();
    if (done === true) return answerJsonText(context, bytesOf(`${beginning}${first.join(',')}]}`), {});
    first.push(value);
  }
  return answerJsonText(context, new TextStream(collectionPieces(beginning, first, iterator)), {});
}

function* collectionPieces(beginning: string, first: readonly string[], rest: Iterator<string>): Generator<string> {
  try {
    yield beginning;
    yield first.join(',');
    for (let next = rest.next(); next.done !== true; next = rest.next()) yield `,${next.value}`;
    yield ']}';
  } finally {
    rest.return?.();
  }
}

function answerJsonText(
  context: RequestContext,
  body: string | Buffer | TextStream,
  { status = 200, etag }: AnswerOptions,
): MockResponse {
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
