import type { CallOptions, UpstreamCall } from '../model/call.js';
import type { WriteWatch } from './write-watch.js';

/**
 * How old an answer may be that a caller takes who did not ask for it: this long after it was asked for, nobody joins it any more. Most
 * answers come sooner; after a pause for `Retry-After`, or a wait for a free place, others would get what was true long before they asked.
 */
const JOINED_WITHIN_MS = 1_000;

/** Callers that may join one read; the next one is sent anew, for others to join. */
const MOST_JOINED = 1_000;

/** Reads remembered at once; further ones are sent without being remembered. */
const MOST_REMEMBERED = 1_000;

/** Characters of a key; a longer read is not remembered. */
const LONGEST_KEY = 50_000;

/** What tells reads of one remote apart. */
export interface ReadIdentity {
  /** All that is asked, as text. */
  readonly key: string;
  /** What else must be the very same: descriptions by which answers are decoded. */
  readonly by: readonly unknown[];
}

/**
 * Sends a read once for all that ask for it while it is under way, as Apollo Router does with `deduplicate_query`. Callers must ask for
 * that (`CallOptions.mayShare`), and none may change what it gets. No caller gets what was read before a write ended that it may know of,
 * nor what was asked for more than a second before.
 */
export class SharedReads<Result> {
  private readonly underWay = new Map<string, SharedRead<Result>>();

  /** Nothing is shared without a watch for writes. */
  constructor(private readonly writes: WriteWatch | undefined) {}

  /** Settles as `send` does, or as the same read does that another has sent. Only this caller is rejected when its own signal aborts. */
  read(
    options: CallOptions | undefined,
    identify: () => ReadIdentity,
    send: (options?: CallOptions) => Promise<Result>,
  ): Promise<Result> {
    const { writes } = this;
    if (!writes || !options?.mayShare || options.signal?.aborted) return send(options);
    const { key, by } = identify();
    const known = this.underWay.get(key);
    if (known?.mayBeJoined(writes.moment, by)) return known.join(options);
    if ((!known && this.underWay.size >= MOST_REMEMBERED) || key.length > LONGEST_KEY) return send(options);
    const read = new SharedRead<Result>({ moment: writes.moment, by }, options.onCall, send);
    this.underWay.set(key, read);
    const forget = () => {
      if (this.underWay.get(key) === read) this.underWay.delete(key);
    };
    read.result.then(forget, forget);
    return read.wait(options);
  }
}

/** What a read has in common with those that may join it. */
interface Footing {
  /** Of the writes. */
  readonly moment: number;
  readonly by: readonly unknown[];
}

/** A read under way with those that wait for it. */
class SharedRead<Result> {
  readonly result: Promise<Result>;
  private readonly begun = performance.now();
  private readonly controller = new AbortController();
  private readonly told: UpstreamCall[] = [];
  private readonly hearers: NonNullable<CallOptions['onCall']>[] = [];
  private joined = 0;
  private waiting = 0;

  /** Sends it. `onCall` is told of its requests as they are, even when its caller has left: each request counts once. */
  constructor(
    private readonly footing: Footing,
    onCall: CallOptions['onCall'],
    send: (options: CallOptions) => Promise<Result>,
  ) {
    const tell = (call: UpstreamCall) => {
      onCall?.(call);
      this.tellJoined({ ...call, shared: true });
    };
    this.result = send({ signal: this.controller.signal, onCall: tell });
  }

  /** Whether somebody may take its answer who asks now. */
  mayBeJoined(moment: number, by: readonly unknown[]): boolean {
    const { footing } = this;
    return (
      footing.moment === moment &&
      this.joined < MOST_JOINED &&
      performance.now() - this.begun < JOINED_WITHIN_MS &&
      !this.controller.signal.aborted &&
      footing.by.length === by.length &&
      footing.by.every((one, index) => one === by[index])
    );
  }

  /** Waits for the answer with those who wait already, and is told of all its requests. */
  join(options: CallOptions): Promise<Result> {
    this.joined += 1;
    if (options.onCall) {
      for (const call of this.told) options.onCall(call);
      this.hearers.push(options.onCall);
    }
    return this.wait(options);
  }

  /** Settles with the answer, or rejects as soon as the caller leaves. The last one to leave ends the read. */
  wait({ signal }: CallOptions): Promise<Result> {
    this.waiting += 1;
    if (!signal) return this.result;
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.waiting -= 1;
        // What was ended rejects with the same reason, when its requests have been told.
        if (this.waiting === 0) this.controller.abort(signal.reason);
        else reject(signal.reason);
      };
      signal.addEventListener('abort', leave, { once: true });
      this.result.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
    });
  }

  private tellJoined(call: UpstreamCall): void {
    this.told.push(call);
    for (const hear of this.hearers) hear(call);
  }
}
