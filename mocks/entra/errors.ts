import { randomUUID } from 'node:crypto';
import type { MockRequest, MockResponse } from '../control.js';

interface ErrorKind {
  readonly status: number;
  readonly error: string;
  readonly suberror?: string;
}

/**
 * How Entra answers with each of its error codes.
 * https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
const ERRORS = {
  28000: { status: 400, error: 'invalid_request' },
  50027: { status: 401, error: 'invalid_client' },
  50011: { status: 400, error: 'invalid_request' },
  50034: { status: 400, error: 'invalid_grant' },
  50049: { status: 400, error: 'invalid_instance' },
  50053: { status: 400, error: 'invalid_grant' },
  50055: { status: 400, error: 'invalid_grant' },
  50057: { status: 400, error: 'invalid_grant' },
  50059: { status: 400, error: 'invalid_request' },
  50076: { status: 400, error: 'interaction_required', suberror: 'basic_action' },
  50079: { status: 400, error: 'interaction_required', suberror: 'basic_action' },
  50126: { status: 400, error: 'invalid_grant' },
  54005: { status: 400, error: 'invalid_grant' },
  65001: { status: 400, error: 'invalid_grant', suberror: 'consent_required' },
  70000: { status: 400, error: 'invalid_grant' },
  70002: { status: 400, error: 'invalid_request' },
  70003: { status: 400, error: 'unsupported_grant_type' },
  70008: { status: 400, error: 'invalid_grant' },
  70011: { status: 400, error: 'invalid_scope' },
  70016: { status: 400, error: 'authorization_pending' },
  70018: { status: 400, error: 'bad_verification_code' },
  70020: { status: 400, error: 'expired_token' },
  90002: { status: 400, error: 'invalid_request' },
  90033: { status: 503, error: 'temporarily_unavailable' },
  90055: { status: 429, error: 'temporarily_unavailable' },
  500011: { status: 400, error: 'invalid_resource' },
  500112: { status: 400, error: 'invalid_grant' },
  501481: { status: 400, error: 'invalid_grant' },
  700016: { status: 400, error: 'unauthorized_client' },
  700021: { status: 401, error: 'invalid_client' },
  700023: { status: 401, error: 'invalid_client' },
  700024: { status: 401, error: 'invalid_client' },
  700027: { status: 401, error: 'invalid_client' },
  900144: { status: 400, error: 'invalid_request' },
  900561: { status: 405, error: 'invalid_request' },
  1002012: { status: 400, error: 'invalid_scope' },
  7000112: { status: 400, error: 'unauthorized_client' },
  7000215: { status: 401, error: 'invalid_client' },
  7000218: { status: 401, error: 'invalid_client' },
  7000222: { status: 401, error: 'invalid_client' },
  7000229: { status: 400, error: 'unauthorized_client' },
} as const satisfies Readonly<Record<number, ErrorKind>>;

export type EntraErrorCode = keyof typeof ERRORS;

/** A request that Entra refuses; `code` is the number of its AADSTS error, `description` goes behind it. */
export class EntraError extends Error {
  override readonly name = 'EntraError';

  constructor(
    readonly code: EntraErrorCode,
    readonly description: string,
    /** What differs from how the code is usually answered. */
    readonly exceptions: Partial<ErrorKind> = {},
  ) {
    super(`AADSTS${code}: ${description}`);
  }
}

/** Makes the answer to a refused request; its headers forbid caching and carry the ids that support asks for. */
export function errorResponse(
  { code, description, exceptions }: EntraError,
  request: MockRequest,
  now: Date,
): MockResponse {
  return respond({ code, description, kind: { ...ERRORS[code], ...exceptions } }, request, now);
}

export interface InjectedFault {
  /** `AADSTS90055`, `90055`, or an OAuth error such as `invalid_client`. */
  readonly code?: string;
  readonly status?: number;
  readonly message?: string;
  readonly retryAfter?: number;
}

/**
 * Gives an injected fault the shape of an Entra error. What the fault does not tell follows from what it does: the status from the code,
 * or the code from the status (429 is AADSTS90055, anything else AADSTS90033).
 */
export function faultResponse(fault: InjectedFault, request: MockRequest, now: Date): MockResponse {
  const code = faultCode(fault);
  const known: ErrorKind = isKnown(code) ? ERRORS[code] : { status: 400, error: 'invalid_request' };
  const named = fault.code !== undefined && /^[a-z_]+$/.test(fault.code) ? { error: fault.code } : {};
  const status = fault.status === undefined ? {} : { status: fault.status };
  const description = fault.message ?? 'A transient error has occurred. Please try again.';
  const response = respond({ code, description, kind: { ...known, ...named, ...status } }, request, now);
  if (fault.retryAfter === undefined) return response;
  return { ...response, headers: { ...response.headers, 'retry-after': String(fault.retryAfter) } };
}

function faultCode({ code, status }: InjectedFault): number {
  const digits = /^(?:AADSTS)?(\d+)$/.exec(code ?? '')?.[1];
  if (digits !== undefined) return Number(digits);
  return status === 429 ? 90055 : 90033;
}

function isKnown(code: number): code is EntraErrorCode {
  return Object.hasOwn(ERRORS, code);
}

function respond(
  { code, description, kind }: { readonly code: number; readonly description: string; readonly kind: ErrorKind },
  request: MockRequest,
  now: Date,
): MockResponse {
  const traceId = randomUUID();
  const correlationId = correlationIdOf(request) ?? randomUUID();
  const timestamp = `${now.toISOString().slice(0, 19).replace('T', ' ')}Z`;
  const body = {
    error: kind.error,
    error_description: `AADSTS${code}: ${description} Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
    error_codes: [code],
    timestamp,
    trace_id: traceId,
    correlation_id: correlationId,
    error_uri: `${request.origin}/error?code=${code}`,
    ...(kind.suberror === undefined ? {} : { suberror: kind.suberror }),
  };
  return jsonResponse(kind.status, body, { ...UNCACHED, 'x-ms-request-id': traceId });
}

/** Headers of every answer that holds a token or tells why there is none. */
export const UNCACHED = { 'cache-control': 'no-store, no-cache', pragma: 'no-cache', expires: '-1' } as const;

export function jsonResponse(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): MockResponse {
  return {
    status,
    headers: { ...headers, 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(body),
  };
}

/** The id that the client gave its request: in the query, in a header, or in the form. */
export function correlationIdOf({ search, headers, body, method }: MockRequest): string | undefined {
  const fromHeader = headers['client-request-id'];
  const form = method === 'POST' && body.length < 65_536 ? new URLSearchParams(body.toString('utf8')) : undefined;
  return (
    new URLSearchParams(search).get('client-request-id') ??
    (typeof fromHeader === 'string' ? fromHeader : undefined) ??
    form?.get('client-request-id') ??
    undefined
  );
}
