import type { System } from './system.js';

/** What is wrong with a request itself; nothing was sent, or nothing that was sent changed anything. */
export type RequestErrorCode =
  | 'BAD_USER_INPUT'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'CONFLICT'
  | 'UNSUPPORTED';

/** What a remote did instead of answering. */
export type RemoteErrorCode =
  | 'NOT_FOUND'
  | 'CONFLICT'
  | 'FORBIDDEN'
  | 'RATE_LIMITED'
  | 'UPSTREAM_UNAUTHENTICATED'
  | 'UPSTREAM_REJECTED'
  | 'UPSTREAM_UNAVAILABLE';

export type ErrorCode = RequestErrorCode | RemoteErrorCode | 'INTERNAL_SERVER_ERROR';

/**
 * A fault of the asker: an unknown name, a value that does not fit, a state that forbids the change.
 * The message names the thing and the remedy; `field` is the path of the input it concerns, as in `input.tables.0.columns.3`.
 */
export class RequestError extends Error {
  override readonly name = 'RequestError';

  constructor(
    readonly code: RequestErrorCode,
    message: string,
    options: { readonly field?: string; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.field = options.field ?? null;
  }

  readonly field: string | null;
}

/** What a remote told of its fault, safe to show: never a token, a secret or a whole body. */
export interface UpstreamFault {
  readonly system: System | 'entra';
  /** HTTP status; null where no answer came. */
  readonly status: number | null;
  /** The remote's own code, as in `0x80040217`, `XTK-170036`, `AADSTS7000215`. */
  readonly code: string | null;
  readonly message: string;
  /** The remote's id of the request, for the vendor's support. */
  readonly requestId: string | null;
}

/**
 * A remote refused, failed or could not be reached. The message tells what was expected, what came instead and, where known, the remedy.
 * `retryAfter` is in seconds.
 */
export class RemoteError extends Error {
  override readonly name = 'RemoteError';
  readonly upstream: UpstreamFault;
  readonly retryAfter: number | null;
  /** True where no answer came and the request may have been carried out all the same: of a write nobody knows then whether it was made. */
  readonly mayHaveArrived: boolean;

  constructor(
    readonly code: RemoteErrorCode,
    message: string,
    options: {
      readonly upstream: UpstreamFault;
      readonly retryAfter?: number;
      readonly mayHaveArrived?: boolean;
      readonly cause?: unknown;
    },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.upstream = options.upstream;
    this.retryAfter = options.retryAfter ?? null;
    this.mayHaveArrived = options.mayHaveArrived ?? false;
  }
}

/** Tells whether the same request may succeed later without a change: the remote was busy, down or unreachable. */
export function isTransient(error: unknown): boolean {
  return error instanceof RemoteError && (error.code === 'RATE_LIMITED' || error.code === 'UPSTREAM_UNAVAILABLE');
}

/** Tells whether a remote understood a question and refused it: asked otherwise, or for less, it may answer. */
export function isRefusal(error: unknown): boolean {
  return error instanceof RemoteError && ['FORBIDDEN', 'NOT_FOUND', 'UPSTREAM_REJECTED'].includes(error.code);
}

/** What was thrown, as an error: JavaScript lets anything be thrown. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
