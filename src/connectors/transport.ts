import { setTimeout as sleep } from 'node:timers/promises';
import {
  BrokenCircuitError,
  type BulkheadPolicy,
  BulkheadRejectedError,
  bulkhead,
  type CircuitBreakerPolicy,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
  type IBackoff,
} from 'cockatiel';
import { Pool } from 'undici';
import type { CallOptions, UpstreamCall } from '../model/call.js';
import { RemoteError, type UpstreamFault } from '../model/errors.js';
import { Ending } from './ending.js';
import type { ResponseHeaders } from './response-headers.js';
import { sendWithin } from './send-within.js';
import { TransportFailure } from './transport-failure.js';

export interface TransportOptions {
  readonly system: UpstreamCall['system'];
  /** `https://contoso.crm.dynamics.com`; a path in it comes before every target. */
  readonly baseUrl: string;
  /** Requests under way at once; further ones wait, up to a bound. Default 8. */
  readonly concurrency?: number;
  /** For one attempt, from sending to the last byte. Default 30,000. */
  readonly timeoutMs?: number;
  /** Further attempts after the first. Default 3. */
  readonly retries?: number;
  /** Transient failures in a row after which the remote is left alone for a while. Default 10. */
  readonly breakAfter?: number;
  /** How long it is left alone before one request probes it, in milliseconds. Default 5,000. */
  readonly probeAfterMs?: number;
  /** The longest `Retry-After` that is waited for, in seconds; a longer one is told to the caller. Default 30. */
  readonly maxRetryAfter?: number;
  /** Bytes of one answer; a longer one is refused. Default 64 MiB. */
  readonly maxResponseBytes?: number;
  /**
   * Reads the vendor's own code and message out of an answer of 429 or 5xx. `transient` makes a 500 count as a passing fault
   * that is tried again; without it only 429, 502, 503 and 504 are.
   */
  readonly readFault?: (response: TransportResponse) => ReadFault | null;
}

export interface ReadFault {
  readonly code: string | null;
  readonly message: string;
  readonly requestId: string | null;
  readonly transient?: boolean;
}

export interface TransportRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Path and query, percent-encoded, beginning with `/`. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** True where sending it twice does no harm; only then is it repeated after it may have been received. */
  readonly idempotent: boolean;
  /** Told to `onCall` instead of the target, as in `xtk:session#Logon`. */
  readonly label?: string;
}

export interface TransportResponse {
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly body: Buffer;
}

/** Sends requests to one remote and copes with its passing faults. */
export interface Transport {
  /**
   * Resolves with the answer, whatever its status, except those that mean "not now" (429, 502, 503, 504): they are waited for and tried
   * again, and in the end rejected as `RATE_LIMITED` or `UPSTREAM_UNAVAILABLE`, as are network faults. Redirects are not followed.
   * An abort rejects with the signal's reason.
   */
  send(request: TransportRequest, options?: CallOptions): Promise<TransportResponse>;
  /** Ends the requests under way, which reject with the reason; those that come later are sent. */
  endAll(reason: Error): void;
  /** Ends the requests under way and closes the connections. */
  close(): Promise<void>;
}

/** Requests that may wait for a free place; beyond them a caller is told to slow down. */
const MAX_WAITING = 1_000;

/** Grows from about 0.2 s to 10 s, with jitter so that many callers do not return at once. */
const BACKOFF = new ExponentialBackoff({ initialDelay: 200, maxDelay: 10_000 });

/** Makes the transport of one remote: bounded parallelism, timeouts, retries and a circuit breaker of its own. */
export function createTransport(options: TransportOptions): Transport {
  return new HttpTransport(options);
}

class HttpTransport implements Transport {
  private readonly base: URL;
  /** What comes before every target. */
  private readonly prefix: string;
  private readonly pool: Pool;
  private readonly places: BulkheadPolicy;
  private readonly breaker: CircuitBreakerPolicy;
  private readonly underWay = new Set<Ending>();
  private readonly timeoutMs: number;
  private readonly retries: number;
  private readonly maxRetryAfter: number;
  private readonly probeAfterMs: number;

  constructor(private readonly options: TransportOptions) {
    const concurrency = options.concurrency ?? 8;
    this.base = new URL(options.baseUrl);
    this.prefix = this.base.pathname.replace(/\/$/, '');
    this.timeoutMs = options.timeoutMs ?? 30_000;
    this.retries = options.retries ?? 3;
    this.maxRetryAfter = options.maxRetryAfter ?? 30;
    this.probeAfterMs = options.probeAfterMs ?? 5_000;
    this.pool = new Pool(this.base.origin, {
      connections: concurrency,
      maxResponseSize: options.maxResponseBytes ?? 64 * 1024 * 1024,
      connect: { timeout: Math.min(this.timeoutMs, 10_000) },
      headersTimeout: 0, // the timeout of an attempt covers both
      bodyTimeout: 0,
    });
    this.places = bulkhead(concurrency, MAX_WAITING);
    this.breaker = circuitBreaker(
      handleWhen((error) => error instanceof TransportFailure && error.remoteIsDown),
      { halfOpenAfter: this.probeAfterMs, breaker: new ConsecutiveBreaker(options.breakAfter ?? 10) },
    );
  }

  async send(request: TransportRequest, options: CallOptions = {}): Promise<TransportResponse> {
    const ending = new Ending(options.signal);
    this.underWay.add(ending);
    try {
      return await ending.or(this.attemptUntilAnswered(request, ending, options.onCall));
    } catch (error) {
      throw ending.isOver ? ending.reason : error;
    } finally {
      this.underWay.delete(ending);
      ending.release();
    }
  }

  endAll(reason: Error): void {
    for (const ending of this.underWay) ending.end(reason);
  }

  async close(): Promise<void> {
    const message = `The connection to ${this.base.host} was closed while a request was under way.`;
    this.endAll(this.remoteError('UPSTREAM_UNAVAILABLE', message, { mayHaveArrived: true }));
    await this.pool.destroy();
  }

  // Not cockatiel's own retry policy: its pauses cannot be aborted.
  private async attemptUntilAnswered(
    request: TransportRequest,
    ending: Ending,
    onCall: CallOptions['onCall'],
  ): Promise<TransportResponse> {
    let backoff: IBackoff<unknown> | null = null;
    let mayHaveArrived = false;
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.places.execute(() => this.breaker.execute(() => this.attempt(request, ending, onCall)));
      } catch (error) {
        backoff = backoff ? backoff.next(undefined) : BACKOFF.next();
        const pause = this.pauseBefore(error, request, backoff.duration);
        mayHaveArrived ||= error instanceof TransportFailure && error.mayHaveArrived;
        if (ending.isOver || pause === null || attempt >= this.retries) throw this.asRemoteError(error, mayHaveArrived);
        await pauseFor(pause, ending);
      }
    }
  }

  /** Milliseconds to wait before the same request is sent again; null where it must not be. */
  private pauseBefore(error: unknown, request: TransportRequest, backoffMs: number): number | null {
    if (!(error instanceof TransportFailure) || !error.mayRepeat(request.idempotent)) return null;
    if (error.retryAfter === null) return backoffMs;
    return error.retryAfter <= this.maxRetryAfter ? error.retryAfter * 1_000 : null;
  }

  private async attempt(
    request: TransportRequest,
    ending: Ending,
    onCall: CallOptions['onCall'],
  ): Promise<TransportResponse> {
    // It may have waited for its place.
    if (ending.isOver) throw ending.reason;
    const started = performance.now();
    let status: number | null = null;
    try {
      const response = await this.exchange(request, ending);
      status = response.status;
      return this.assertAnswered(response);
    } catch (error) {
      throw error instanceof TransportFailure || ending.isOver
        ? error
        : TransportFailure.ofNetwork(error, this.timeoutMs);
    } finally {
      onCall?.({
        system: this.options.system,
        method: request.method,
        target: request.label ?? request.target,
        status,
        milliseconds: Math.round(performance.now() - started),
      });
    }
  }

  private exchange(request: TransportRequest, ending: Ending): Promise<TransportResponse> {
    const options = {
      path: this.prefix + request.target,
      method: request.method,
      headers: request.headers,
      body: request.body ?? null,
    };
    return sendWithin(this.pool, options, { ending, timeoutMs: this.timeoutMs });
  }

  private assertAnswered(response: TransportResponse): TransportResponse {
    const { status } = response;
    if (status !== 429 && status < 500) return response;
    const fault = this.options.readFault?.(response) ?? null;
    const passing = status === 429 || (status >= 502 && status <= 504) || fault?.transient === true;
    if (!passing) return response;
    throw TransportFailure.ofAnswer(response, fault);
  }

  private asRemoteError(error: unknown, mayHaveArrived: boolean): unknown {
    const host = this.base.host;
    if (error instanceof BulkheadRejectedError) {
      const message = `More than ${MAX_WAITING} requests wait for ${host}; send fewer at a time.`;
      return this.remoteError('RATE_LIMITED', message, { cause: error, mayHaveArrived });
    }
    if (error instanceof BrokenCircuitError) {
      const retryAfter = Math.ceil(this.probeAfterMs / 1_000);
      const message = `${host} failed several times in a row, so it is not asked again for ${retryAfter} s. Try again after that.`;
      return this.remoteError('UPSTREAM_UNAVAILABLE', message, { cause: error, retryAfter, mayHaveArrived });
    }
    return error instanceof TransportFailure ? error.toRemoteError(this.options.system, host, mayHaveArrived) : error;
  }

  private remoteError(
    code: 'RATE_LIMITED' | 'UPSTREAM_UNAVAILABLE',
    message: string,
    options: { readonly cause?: unknown; readonly retryAfter?: number; readonly mayHaveArrived: boolean },
  ): RemoteError {
    const upstream: UpstreamFault = { system: this.options.system, status: null, code: null, message, requestId: null };
    return new RemoteError(code, message, { upstream, ...options });
  }
}

/** Waits, and rejects as soon as the call is ended. */
async function pauseFor(milliseconds: number, ending: Ending): Promise<void> {
  const ended = new AbortController();
  const forget = ending.onEnd((reason) => ended.abort(reason));
  await sleep(milliseconds, undefined, { signal: ended.signal }).finally(forget);
}
