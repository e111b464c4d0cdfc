import { RemoteError, type RemoteErrorCode } from '../../model/errors.js';
import type { ReadFault, TransportResponse } from '../transport.js';

/** Codes that say more than the HTTP status: https://learn.microsoft.com/power-apps/developer/data-platform/reference/web-service-error-codes */
const CODES: Readonly<Record<string, RemoteErrorCode>> = {
  '0x80040217': 'NOT_FOUND', // no record has the id
  '0x80060891': 'NOT_FOUND', // no record has the alternate key
  '0x80060882': 'CONFLICT', // another version of the record
  '0x80040237': 'CONFLICT', // a record has the id already
  '0x80060892': 'CONFLICT', // a record has the alternate key already
  '0x80040333': 'CONFLICT', // duplicate detection, with status 412 or 500
};

/** What a person can do about the codes that a wrong set-up brings. */
const REMEDIES: Readonly<Record<string, string>> = {
  '0x80072560': 'Create an application user for the client id in the organization and give it a security role.',
  '0x80040225': 'Enable the user in the organization.',
  '0x80042f09': 'Give the user a security role in the organization.',
  '0x80048306': 'Give the user a security role that may read the table.',
  '0x80044352':
    'The cursor is older than the organization keeps changes. Start without a cursor and compare the ids that are left.',
  '0x8004e023':
    'Dynamics sums up at most 50,000 records at once. Narrow the filter, as to a year at a time, and add the parts up.',
  '0x80040220': 'Give the user a security role with the privilege named in the message.',
};

/** Faults of the database that pass: a deadlock, a timeout. */
const PASSING = new Set(['0x80044150', '0x80044151']);

/** Turns an answer with a status of 400 or more, or a redirect, into a `RemoteError`. Never shows more than the vendor's own message. */
export function decodeError(response: TransportResponse, asked: string): RemoteError {
  const { code, message, requestId } = readFault(response);
  const remedy = remedyFor(response.status, code);
  const text = `Expected Dynamics to ${asked}, but it answered ${response.status}${code ? ` (${code})` : ''}: ${message}${remedy ? ` ${remedy}` : ''}`;
  return new RemoteError(errorCode(response.status, code), text, {
    upstream: { system: 'dynamics', status: response.status, code, message, requestId },
  });
}

/** Reads Dynamics' own code and message out of an answer; HTML and empty bodies give a message of ours. */
export function readFault(response: TransportResponse): ReadFault {
  const requestId = response.headers.get('x-ms-service-request-id')?.split(',')[0]?.trim() ?? null;
  const error = readErrorObject(response);
  const code = error?.code ?? null;
  const transient = response.status === 500 && code !== null && PASSING.has(code);
  return { code, message: error?.message ?? describeBody(response), requestId, transient };
}

function readErrorObject(response: TransportResponse): { code: string | null; message: string } | null {
  if (!isJson(response)) return null;
  try {
    const body: { error?: { code?: unknown; message?: unknown } } = JSON.parse(response.body.toString('utf8'));
    if (typeof body.error?.message !== 'string') return null;
    const { code, message } = body.error;
    return {
      code: typeof code === 'string' && code !== '' && code !== '0x0' ? code.toLowerCase() : null,
      message: shorten(message),
    };
  } catch {
    return null;
  }
}

/** Tells whether an answer is JSON; Dynamics adds OData parameters to the type. */
export function isJson(response: TransportResponse): boolean {
  return (response.headers.get('content-type') ?? '').toLowerCase().startsWith('application/json');
}

/** Payload errors carry the whole inner exception; its first lines are enough. */
function shorten(message: string): string {
  const oneLine = message.replaceAll(/\s+/g, ' ').trim();
  return oneLine.length > 500 ? `${oneLine.slice(0, 500)}…` : oneLine;
}

function describeBody(response: TransportResponse): string {
  if (response.status >= 300 && response.status < 400) return 'The address leads elsewhere.';
  if (response.body.length === 0) return 'No reason was given.';
  return `The answer was ${response.headers.get('content-type') ?? 'of an unknown type'} and not JSON.`;
}

function errorCode(status: number, code: string | null): RemoteErrorCode {
  const byCode = code === null ? undefined : CODES[code];
  if (byCode) return byCode;
  if (status === 401) return 'UPSTREAM_UNAUTHENTICATED';
  if (status === 403) return 'FORBIDDEN';
  if (status === 404) return 'NOT_FOUND';
  if (status === 412) return 'CONFLICT';
  if (status === 429) return 'RATE_LIMITED';
  return status >= 500 && status !== 501 ? 'UPSTREAM_UNAVAILABLE' : 'UPSTREAM_REJECTED';
}

/** What a person can do about a refusal; null where its message has to do. */
export function remedyFor(status: number | null, code: string | null): string | null {
  const byCode = code === null ? undefined : REMEDIES[code];
  if (byCode) return byCode;
  if (status === 401) return 'Check that tenant and server address of the external account belong together.';
  if (status !== null && status >= 300 && status < 400) return 'Check the server address of the external account.';
  return null;
}

/** Tells whether Dynamics answered that it has no such thing. */
export function isRemoteNotFound(error: unknown): boolean {
  return error instanceof RemoteError && error.code === 'NOT_FOUND';
}

/** For an answer that was not refused, and yet is not what the Web API gives. */
export function unexpectedAnswer(asked: string, what: string): RemoteError {
  const message = `Expected Dynamics to ${asked}, but got ${what}. Check that the server address is that of a Dynamics organization.`;
  return new RemoteError('UPSTREAM_REJECTED', message, {
    upstream: { system: 'dynamics', status: 200, code: null, message: `Got ${what}.`, requestId: null },
  });
}
