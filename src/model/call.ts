import type { System } from './system.js';

/** One request sent to a remote, told when its answer (or failure) is known. */
export interface UpstreamCall {
  readonly system: System | 'entra';
  readonly method: string;
  /** Path and query, or the SOAP action; never a secret. */
  readonly target: string;
  /** HTTP status; null where no answer came. */
  readonly status: number | null;
  readonly milliseconds: number;
  /** True where it was sent for another caller, whose answer this one takes too. */
  readonly shared?: true;
}

/** What a caller may attach to any call: `signal` ends it and every request under way for it; `onCall` hears of each request. */
export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onCall?: (call: UpstreamCall) => void;
  /** Whether a read may take the answer to the same one that another caller has under way. What it gives must not be changed then. */
  readonly mayShare?: boolean;
}
