import { RemoteError, type RemoteErrorCode } from '../../../model/errors.js';
import type { ReadFault, TransportResponse } from '../../transport.js';

/** What a request was for, as far as a refusal must tell it. */
export interface GraphPurpose {
  readonly asked: string;
  readonly needs: string;
}

/**
 * Turns a refusal of Microsoft Graph into a `RemoteError`. Its code decides, and the code of its details: messages may change.
 * https://learn.microsoft.com/graph/errors
 */
export function graphError(response: TransportResponse, { asked, needs }: GraphPurpose): RemoteError {
  const { code, detail, message, requestId } = decodeFault(response);
  const means = errorCode(response.status, code, detail);
  const remedy = remedyFor(means, detail, needs);
  const told = `${response.status}${code ? ` (${code})` : ''}: ${message}`;
  const text = `Expected Microsoft Graph to ${asked}, but it answered ${told}${remedy ? ` ${remedy}` : ''}`;
  return new RemoteError(means, text, {
    upstream: { system: 'entra', status: response.status, code: detail ?? code, message, requestId },
  });
}

/** Reads Graph's own code and message out of an answer, for faults that pass. */
export function readGraphFault(response: TransportResponse): ReadFault {
  const { code, message, requestId } = decodeFault(response);
  return { code, message, requestId };
}

/**
 * Tells whether a refusal may only mean that a new object has not reached the replica that answered:
 * https://learn.microsoft.com/graph/best-practices-concept
 */
export function mayBeReplicating(error: unknown): boolean {
  if (!(error instanceof RemoteError)) return false;
  const { code, message } = error.upstream;
  if (error.code === 'NOT_FOUND' || code === 'NoBackingApplicationObject') return true;
  return /does not reference a valid|does not exist or one of its queried|backing application/i.test(message);
}

interface DecodedFault {
  readonly code: string | null;
  /** Code of the first detail, which is often more telling. */
  readonly detail: string | null;
  readonly message: string;
  readonly requestId: string | null;
}

function decodeFault(response: TransportResponse): DecodedFault {
  const error = readErrorObject(response);
  const requestId = response.headers.get('request-id') ?? null;
  if (error === null)
    return { code: null, detail: null, message: 'The answer was not an error of Microsoft Graph.', requestId };
  const details: readonly unknown[] = Array.isArray(error.details) ? error.details : [];
  const first: { readonly code?: unknown } = Object(details[0]);
  return {
    code: textOf(error.code),
    detail: textOf(first.code),
    message: textOf(error.message)?.replaceAll(/\s+/g, ' ').slice(0, 500) ?? 'No reason was given.',
    requestId,
  };
}

function readErrorObject({ body }: TransportResponse): Readonly<Record<string, unknown>> | null {
  try {
    const answer: { readonly error?: unknown } | null = JSON.parse(body.toString('utf8'));
    return typeof answer?.error === 'object' && answer.error !== null ? { ...answer.error } : null;
  } catch {
    return null;
  }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Duplicates of users and applications come as 400 with the detail `ObjectConflict`, those of service principals and grants as 409. */
function errorCode(status: number, code: string | null, detail: string | null): RemoteErrorCode {
  if (detail === 'ObjectConflict' || code === 'Request_MultipleObjectsWithSameKeyValue') return 'CONFLICT';
  if (status === 401) return 'UPSTREAM_UNAUTHENTICATED';
  if (status === 403) return 'FORBIDDEN';
  if (status === 404) return 'NOT_FOUND';
  if (status === 409 || status === 412) return 'CONFLICT';
  return status >= 500 ? 'UPSTREAM_UNAVAILABLE' : 'UPSTREAM_REJECTED';
}

/** What a person can do about the details that a wrong input brings. */
const REMEDIES: Readonly<Record<string, string>> = {
  KeyCredentialsInvalidEndDate:
    'Make the certificate anew with generateCertificate; Entra takes none that is expired already.',
  CredentialInvalidLifetimeAsPerAppPolicy:
    'A policy of the tenant limits how long certificates may live: make one for fewer days.',
  CredentialTypeNotAllowedAsPerAppPolicy: 'A policy of the tenant forbids certificates for this application.',
  InvalidPassword: 'Give a longer password of small and capital letters, digits and signs.',
};

function remedyFor(means: RemoteErrorCode, detail: string | null, needs: string): string | null {
  const known = detail === null ? undefined : REMEDIES[detail];
  if (known) return known;
  if (means === 'UPSTREAM_UNAUTHENTICATED') return 'Sign the administrator in again, and give a fresh token.';
  return means === 'FORBIDDEN' ? `The administrator needs ${needs}.` : null;
}
