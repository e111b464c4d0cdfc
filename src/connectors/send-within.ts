import type { Dispatcher } from 'undici';
import type { Ending } from './ending.js';
import { ResponseHeaders } from './response-headers.js';
import type { TransportResponse } from './transport.js';

export interface Bounds {
  readonly ending: Ending;
  /** From sending to the last byte. */
  readonly timeoutMs: number;
}

/**
 * Sends one request and resolves with its whole answer. Rejects with undici's error, with the reason of the ending, or with a `TimeoutError`.
 * The parts of the answer are taken as they come: undici's own `request` makes a stream of them first, and a signal for the time, which
 * together cost more than all else about a small request.
 */
export function sendWithin(
  dispatcher: Dispatcher,
  options: Dispatcher.DispatchOptions,
  bounds: Bounds,
): Promise<TransportResponse> {
  return new Promise((resolve, reject) => {
    const collector = new AnswerCollector(bounds, resolve, reject);
    try {
      dispatcher.dispatch(options, collector);
    } catch (error) {
      collector.fail(error);
    }
  });
}

/** What a request needs until it is settled. */
interface Underway {
  readonly resolve: (response: TransportResponse) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout;
  readonly forgetEnding: () => void;
  readonly chunks: Buffer[];
  abort: ((reason: Error) => void) | null;
  status: number;
  headers: readonly Buffer[];
}

/**
 * Undici and the timers refer to it for some time after its end. By then it has let go of all it held: else the answers of hundreds of
 * requests would grow old together, and cost more to collect than to make.
 *
 * These are the methods of undici's older handlers: its newer ones are given the headers as an object, which costs more to make than all
 * else that is done here.
 */
class AnswerCollector implements Dispatcher.DispatchHandler {
  private underway: Underway | null = null;
  /** Why the request was ended before undici had begun it. */
  private ended: Error | null = null;

  constructor(
    { ending, timeoutMs }: Bounds,
    resolve: (response: TransportResponse) => void,
    reject: (error: unknown) => void,
  ) {
    const outOfTime = () => this.end(new DOMException('The answer took too long.', 'TimeoutError'));
    this.underway = {
      resolve,
      reject,
      timer: setTimeout(outOfTime, timeoutMs),
      forgetEnding: ending.isOver ? () => undefined : ending.onEnd((reason) => this.end(asError(reason))),
      chunks: [],
      abort: null,
      status: 0,
      headers: [],
    };
    if (ending.isOver) this.end(asError(ending.reason));
  }

  onConnect(abort: (reason: Error) => void): void {
    if (this.underway) this.underway.abort = abort;
    if (this.ended) abort(this.ended);
  }

  onHeaders(status: number, headers: Buffer[]): boolean {
    if (!this.underway) return true;
    this.underway.status = status;
    this.underway.headers = headers;
    return true;
  }

  onData(chunk: Buffer): boolean {
    this.underway?.chunks.push(chunk);
    return true;
  }

  onComplete(): void {
    const settled = this.settle();
    if (!settled) return;
    const { status, headers, chunks } = settled;
    const [only] = chunks;
    const body = only && chunks.length === 1 ? only : Buffer.concat(chunks);
    settled.resolve({ status, headers: new ResponseHeaders(headers), body });
  }

  onError(error: Error): void {
    this.fail(error);
  }

  fail(error: unknown): void {
    this.settle()?.reject(error);
  }

  private end(reason: Error): void {
    const settled = this.settle();
    this.ended = reason;
    settled?.abort?.(reason);
    settled?.reject(reason);
  }

  private settle(): Underway | null {
    const { underway } = this;
    this.underway = null;
    if (!underway) return null;
    clearTimeout(underway.timer);
    underway.forgetEnding();
    return underway;
  }
}

/** A signal may be aborted with anything. */
function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('The request was ended.', { cause: reason });
}
