import type { UpstreamCall } from '../model/call.js';
import { RemoteError, type RemoteErrorCode } from '../model/errors.js';
import type { ReadFault, TransportResponse } from './transport.js';

/** Faults known to have happened before the request left, after which even a request that is not idempotent may be sent again. */
const NOTHING_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Code of undici for an answer beyond the limit. */
const TOO_LONG = 'UND_ERR_RES_EXCEEDED_MAX_SIZE';

/** What network faults mean to a person, by Node's and undici's codes. */
const REMEDIES: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its name is not known. Check the address for a typing error',
  EAI_AGAIN: 'its name could not be looked up. Check the DNS of this machine',
  ECONNREFUSED: 'it refused the connection. Check the address and port, and that the server runs',
  EHOSTUNREACH: 'there is no route to it. Check the network, proxy and firewall of this machine',
  ENETUNREACH: 'there is no route to it. Check the network, proxy and firewall of this machine',
  UND_ERR_CONNECT_TIMEOUT:
    'it did not accept a connection in time. Check the network, proxy and firewall of this machine',
  ECONNRESET: 'it closed the connection before it answered',
  UND_ERR_SOCKET: 'it closed the connection before it answered',
  EPIPE: 'it closed the connection before it answered',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed. Name its authority in NODE_EXTRA_CA_CERTS',
  SELF_SIGNED_CERT_IN_CHAIN:
    'its certificate comes from an unknown authority. Name that authority in NODE_EXTRA_CA_CERTS',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'its certificate comes from an unknown authority. Name that authority in NODE_EXTRA_CA_CERTS',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name. Check the address',
  [TOO_LONG]: 'its answer was longer than we accept. Ask for fewer records or columns',
};

/** Faults that come back on every attempt. */
const LASTING = /CERT|TLS|LEAF_SIGNATURE|MAX_SIZE|UND_ERR_INVALID_ARG/;

interface FailureDetails {
  /** HTTP status; null where no answer came. */
  readonly status: number | null;
  /** Code of the remote or of the network layer. */
  readonly code: string | null;
  readonly requestId: string | null;
  readonly retryAfter: number | null;
  /** The remote's own message, where it gave one. */
  readonly told?: string | undefined;
  readonly cause?: unknown;
}

/** One attempt that brought no usable answer. */
export class TransportFailure extends Error {
  override readonly name = 'TransportFailure';

  /** An answer that says "not now". */
  static ofAnswer(response: TransportResponse, fault: ReadFault | null): TransportFailure {
    const retryAfter = readRetryAfter(response.headers.get('retry-after'));
    const what = fault?.message ? `: ${fault.message}` : '';
    return new TransportFailure(`it answered ${response.status}${what}`, {
      status: response.status,
      code: fault?.code ?? null,
      requestId: fault?.requestId ?? null,
      retryAfter,
      told: fault?.message,
    });
  }

  /** No answer, or none that could be read to its end. */
  static ofNetwork(error: unknown, timeoutMs: number): TransportFailure {
    if (error instanceof Error && error.name === 'TimeoutError') {
      const message = `it did not answer within ${timeoutMs / 1_000} s`;
      return new TransportFailure(message, {
        status: null,
        code: 'TIMEOUT',
        requestId: null,
        retryAfter: null,
        cause: error,
      });
    }
    const code = networkCode(error);
    const message = (code && REMEDIES[code]) ?? `the connection failed${code ? ` (${code})` : ''}`;
    return new TransportFailure(message, { status: null, code, requestId: null, retryAfter: null, cause: error });
  }

  private constructor(
    message: string,
    private readonly details: FailureDetails,
  ) {
    super(message, { cause: details.cause });
  }

  /** Seconds the remote asked us to wait; null where it did not say. */
  get retryAfter(): number | null {
    return this.details.retryAfter;
  }

  /** A remote that limits our rate or answers at too great length is alive; anything else counts towards leaving it alone for a while. */
  get remoteIsDown(): boolean {
    return this.details.status !== 429 && this.details.code !== TOO_LONG;
  }

  mayRepeat(idempotent: boolean): boolean {
    const { status, code } = this.details;
    if (status === 429) return true; // refused before it was carried out
    if (status === null && code !== null && LASTING.test(code)) return false;
    return idempotent || (status === null && code !== null && NOTHING_SENT.has(code));
  }

  /** Whether the remote may have carried the request out: no answer came, or only that of a gateway before it. */
  get mayHaveArrived(): boolean {
    const { status, code } = this.details;
    if (status !== null) return status === 502 || status === 504;
    return code === null || code === TOO_LONG || !(NOTHING_SENT.has(code) || LASTING.test(code));
  }

  /** `mayHaveArrived` tells so of this attempt or of an earlier one. */
  toRemoteError(system: UpstreamCall['system'], host: string, mayHaveArrived: boolean): RemoteError {
    const { status, code, requestId, retryAfter } = this.details;
    const wait = retryAfter === null ? '' : ` It asks to wait ${retryAfter} s.`;
    return new RemoteError(this.remoteErrorCode(), `Expected ${host} to answer, but ${this.message}.${wait}`, {
      upstream: { system, status, code, message: this.details.told || this.message, requestId },
      cause: this.cause ?? this,
      mayHaveArrived,
      ...(retryAfter === null ? {} : { retryAfter }),
    });
  }

  private remoteErrorCode(): RemoteErrorCode {
    const { status, code, retryAfter } = this.details;
    if (status === 429 || (status === 503 && retryAfter !== null)) return 'RATE_LIMITED';
    return code === TOO_LONG ? 'UPSTREAM_REJECTED' : 'UPSTREAM_UNAVAILABLE';
  }
}

/** `Retry-After` is a number of seconds or a date: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
function readRetryAfter(value: string | undefined): number | null {
  if (value === undefined) return null;
  if (/^\d+$/.test(value.trim())) return Number(value);
  const moment = Date.parse(value);
  return Number.isNaN(moment) ? null : Math.max(0, Math.ceil((moment - Date.now()) / 1_000));
}

/** The code of an error or of the first of its causes that has one; several failed addresses come as one AggregateError. */
function networkCode(error: unknown): string | null {
  if (error instanceof AggregateError && error.errors.length > 0) return networkCode(error.errors[0]);
  if (!(error instanceof Error)) return null;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return networkCode(error.cause);
}
