import type { Dispatcher } from 'undici';
import type { Ending } from './ending.js';
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

class AnswerCollector implements Dispatcher.DispatchHandler {
  private readonly chunks: Buffer[] = [];
  private readonly timer: NodeJS.Timeout;
  private controller: Dispatcher.DispatchController | null = null;
  private status = 0;
  private headers: Record<string, string> = {};
  /** Why the request was ended before undici had begun it. */
  private ended: Error | null = null;
  private forgetEnding: () => void = () => undefined;

  constructor(
    bounds: Bounds,
    private readonly resolve: (response: TransportResponse) => void,
    private readonly reject: (error: unknown) => void,
  ) {
    const { ending, timeoutMs } = bounds;
    this.timer = setTimeout(() => this.end(new DOMException('The answer took too long.', 'TimeoutError')), timeoutMs);
    this.forgetEnding = ending.onEnd((reason) => this.end(asError(reason)));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.ended) controller.abort(this.ended);
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    this.status = status;
    this.headers = flatten(headers);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.settle();
    this.resolve({ status: this.status, headers: this.headers, body: this.body() });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.fail(error);
  }

  fail(error: unknown): void {
    this.settle();
    this.reject(error);
  }

  private body(): Buffer {
    const [only] = this.chunks;
    return only && this.chunks.length === 1 ? only : Buffer.concat(this.chunks);
  }

  private end(reason: Error): void {
    this.settle();
    this.ended = reason;
    this.controller?.abort(reason);
    this.reject(reason);
  }

  private settle(): void {
    clearTimeout(this.timer);
    this.forgetEnding();
  }
}

/** A signal may be aborted with anything. */
function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('The request was ended.', { cause: reason });
}

function flatten(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) flat[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return flat;
}
