import { connect } from 'node:net';

/** What a turn of load is made of. */
export interface LoadOrder {
  readonly port: number;
  /** Whole HTTP/1.1 requests, headers and body; each connection sends one of them again and again as it stands. */
  readonly requests: readonly string[];
  readonly connections: number;
  readonly milliseconds: number;
}

/** What came of it. */
export interface LoadResult {
  readonly answers: number;
  /** From the first request to the last answer. */
  readonly milliseconds: number;
  /** Of all answers: from the request's first byte to the answer's last. */
  readonly medianMs: number;
  /** Processor time that the load itself took. */
  readonly cpuMs: number;
}

/**
 * Asks as fast as answers come: each connection sends the request again when its answer is there. It builds and parses nothing, so that
 * little of the machine goes to it. Rejects where an answer is no 200 as long as the first one to the same request, or a connection is not
 * kept.
 */
export async function load(order: LoadOrder): Promise<LoadResult> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const turn: Turn = { end: start + order.milliseconds, times: [] };
  const requests = order.requests.map((text): Request => ({ bytes: Buffer.from(text), bodyLength: null }));
  await Promise.all(
    Array.from({ length: order.connections }, (_, index) => {
      const request = requests[index % requests.length];
      return request && askAgainAndAgain(order.port, request, turn);
    }),
  );
  const milliseconds = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  const sorted = Float64Array.from(turn.times).sort();
  return {
    answers: sorted.length,
    milliseconds,
    medianMs: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN,
    cpuMs: (user + system) / 1000,
  };
}

const TIMEOUT_MS = 60_000;

interface Turn {
  readonly end: number;
  readonly times: number[];
}

interface Request {
  readonly bytes: Buffer;
  /** Of the first answer's body; null until it is there. */
  bodyLength: number | null;
}

/** One connection, for as long as the turn lasts. */
function askAgainAndAgain(port: number, request: Request, turn: Turn): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, send);
    let sent = 0;
    /** What is there of the answer while its headers are not complete. */
    let beginning: Buffer = EMPTY;
    /** Bytes of the answer that are still to come; null while its headers are not complete. */
    let left: number | null = null;

    function send(): void {
      beginning = EMPTY;
      left = null;
      sent = performance.now();
      socket.write(request.bytes);
    }

    function receive(chunk: Buffer): void {
      if (left === null) {
        beginning = beginning.length === 0 ? chunk : Buffer.concat([beginning, chunk]);
        left = remainderOf(beginning, request);
      } else left -= chunk.length;
      if (left !== 0) return;
      const now = performance.now();
      turn.times.push(now - sent);
      if (now < turn.end) {
        send();
        return;
      }
      resolve();
      socket.destroy();
    }

    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error(`Expected an answer within ${TIMEOUT_MS / 1000} s.`)));
    socket.on('error', reject).on('close', () => reject(new Error('Expected the connection to be kept.')));
    socket.on('data', (chunk) => {
      try {
        receive(chunk);
      } catch (error) {
        socket.destroy(error instanceof Error ? error : new Error(String(error)));
      }
    });
  });
}

const EMPTY = Buffer.alloc(0);

/** Bytes that are still to come of an answer that begins so; null where its headers are not complete. Throws where it is not as expected. */
function remainderOf(beginning: Buffer, request: Request): number | null {
  const end = beginning.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const headers = beginning.toString('latin1', 0, end);
  const length = Number(/^content-length: (\d+)/im.exec(headers)?.[1]);
  request.bodyLength ??= length;
  if (!headers.startsWith('HTTP/1.1 200') || length !== request.bodyLength) {
    const expected = Number.isNaN(length) ? 'a Content-Length' : `status 200 and ${request.bodyLength} bytes`;
    throw new Error(`Expected ${expected}, but got ${beginning.toString('utf8', 0, 600)}`);
  }
  return end + 4 + length - beginning.length;
}
