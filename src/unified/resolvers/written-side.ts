import { RemoteError, RequestError, type UpstreamFault } from '../../model/errors.js';

export type SideStatus = 'CREATED' | 'UPDATED' | 'DELETED' | 'UNCHANGED' | 'SKIPPED' | 'FAILED' | 'UNKNOWN';

/** What happened on one side of a record, and why it did not go well. */
export interface WrittenSide {
  readonly status: SideStatus;
  readonly error?: unknown;
  /** What to do about it. */
  readonly remedy?: string | null;
}

/** A side that was not written, for whatever reason; a lost answer leaves it open whether it was. */
export function notWritten(error: unknown, remedy: string | null = null): WrittenSide {
  const isOpen = error instanceof RemoteError && error.mayHaveArrived;
  return { status: isOpen ? 'UNKNOWN' : 'FAILED', error, remedy };
}

/** A side whose record could not be looked for, so that nothing was written. */
export function notBegun(error: unknown, remedy: string): WrittenSide {
  return { status: 'FAILED', error, remedy };
}

/** Whether a side is now as it was asked for. */
export function isDone({ status }: WrittenSide): boolean {
  return status === 'CREATED' || status === 'UPDATED' || status === 'DELETED' || status === 'UNCHANGED';
}

/** What a client is told of why a side was not written. */
export interface SideError {
  readonly code: string;
  readonly message: string;
  readonly remedy: string | null;
  readonly field: string | null;
  readonly retryAfter: number | null;
  readonly upstream: UpstreamFault | null;
}

/** Describes an error of the known families; throws any other, which is then masked and logged as every other fault of ours. */
export function describeError({ error, remedy = null }: WrittenSide): SideError | null {
  if (error === undefined) return null;
  if (error instanceof RequestError) {
    const { code, message, field } = error;
    return { code, message, remedy, field, retryAfter: null, upstream: null };
  }
  if (error instanceof RemoteError) {
    const { code, message, retryAfter, upstream } = error;
    return { code, message, remedy, field: null, retryAfter, upstream };
  }
  throw error;
}
