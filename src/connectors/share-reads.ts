import { isDeepStrictEqual } from 'node:util';
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

/** Of those with the same gist, so many are remembered: a new one is compared with each. */
const MOST_ALIKE = 16;

/** What tells reads of one remote apart. */
export interface ReadIdentity {
  /** Text that most others do not have, by which it is looked up. */
  readonly gist: string;
  /** All that is asked, as plain data. */
  readonly asked: unknown;
  /** What else must be the very same: descriptions by which answers are decoded. */
  readonly by: readonly unknown[];
}

/**
 * Sends a read once for all that ask for it while it is under way, as Apollo Router does with `deduplicate_query`. Callers must ask for
 * that (`CallOptions.mayShare`), and none may change what it gets. No caller gets what was read before a write ended that it may know of,
 * nor what was asked for more than a second before.
 */
export class SharedReads<Result> {
  /** By their gist. */
  private readonly underWay = new Map<string, readonly SharedRead<Result>[]>();
  private remembered = 0;

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
    const identity = identify();
    const alike = this.underWay.get(identity.gist) ?? [];
    const known = alike.find((one) => one.mayBeJoined(writes.moment, identity));
    if (known) return known.join(options);
    if (this.remembered >= MOST_REMEMBERED || alike.length >= MOST_ALIKE) return send(options);
    const read = new SharedRead<Result>(writes.moment, identity, options.onCall, send);
    this.remember(identity.gist, [...alike, read]);
    const forget = () => this.forget(identity.gist, read);
    read.result.then(forget, forget);
    return read.wait(options);
  }

  private remember(gist: string, alike: readonly SharedRead<Result>[]): void {
    this.underWay.set(gist, alike);
    this.remembered += 1;
  }

  private forget(gist: string, read: SharedRead<Result>): void {
    const others = (this.underWay.get(gist) ?? []).filter((one) => one !== read);
    if (others.length > 0) this.underWay.set(gist, others);
    else this.underWay.delete(gist);
    this.remembered -= 1;
  }
}

/** A read under way with those that wait for it. */
class SharedRead<Result> {
  readonly result: Promise<Result>;
  private readonly begun = performance.now();
  private readonly controller = new AbortController();
  private readonly told: UpstreamCall[] = [];
  private readonly hearers: ((call: UpstreamCall) => void)[] = [];
  private joined = 0;
  private waiting = 0;

  /** Sends it. `onCall` is told of its requests as they are, even when its caller has left: each request counts once. */
  constructor(
    private readonly moment: number,
    private readonly identity: ReadIdentity,
    onCall: CallOptions['onCall'],
    send: (options: CallOptions) => Promise<Result>,
  ) {
    const tell = (call: UpstreamCall) => {
      onCall?.(call);
      this.told.push(call);
      for (const hear of this.hearers) hear(asShared(call));
    };
    this.result = send({ signal: this.controller.signal, onCall: tell });
  }

  /** Whether somebody may take its answer who asks now. */
  mayBeJoined(moment: number, identity: ReadIdentity): boolean {
    return (
      this.moment === moment &&
      this.joined < MOST_JOINED &&
      performance.now() - this.begun < JOINED_WITHIN_MS &&
      !this.controller.signal.aborted &&
      isSame(this.identity, identity)
    );
  }

  /** Waits for the answer with those who wait already, and is told of all its requests. */
  join(options: CallOptions): Promise<Result> {
    this.joined += 1;
    if (options.onCall) {
      for (const call of this.told) options.onCall(asShared(call));
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
      const stay = () => signal.removeEventListener('abort', leave);
      signal.addEventListener('abort', leave);
      this.result.then(resolve, reject).finally(stay);
    });
  }
}

function isSame(one: ReadIdentity, other: ReadIdentity): boolean {
  const isBySame = one.by.length === other.by.length && one.by.every((by, index) => by === other.by[index]);
  return isBySame && isDeepStrictEqual(one.asked, other.asked);
}

function asShared(call: UpstreamCall): UpstreamCall {
  return { ...call, shared: true };
}
