import { connect } from 'node:net';

/** What to ask of a server, over kept connections on which several requests are under way. */
export interface Load {
  /** Absolute URL; `{n}` stands for another number in each request. */
  readonly url: string;
  readonly connections: number;
  /** Requests that are sent on a connection before the first of them is answered. */
  readonly depth: number;
  readonly milliseconds: number;
}

/** Answers, in all and per second, and how much of this process's time they took: near 1 it is the load that was measured. */
export interface Loaded {
  readonly answers: number;
  readonly perSecond: number;
  readonly busy: number;
}

/**
 * Loads a server as the process that forked this one orders, and tells how many answers came. Answers are framed by their headers and
 * otherwise not looked at, to leave the server the time.
 */
function main(): void {
  process.on('message', (load: Load) => {
    measure(load).then(
      (loaded) => process.send?.(loaded),
      (error: unknown) => {
        process.stderr.write(`${String(error)}\n`);
        process.exit(1);
      },
    );
  });
}

async function measure(load: Load): Promise<Loaded> {
  const start = performance.now();
  const used = process.cpuUsage();
  const end = start + load.milliseconds;
  const counts = await Promise.all(Array.from({ length: load.connections }, () => countUntil(end, load)));
  const taken = performance.now() - start;
  const { user, system } = process.cpuUsage(used);
  const answers = counts.reduce((sum, count) => sum + count, 0);
  return {
    answers,
    perSecond: (answers * 1000) / taken,
    busy: (user + system) / 1000 / taken,
  };
}

const EMPTY: Buffer = Buffer.alloc(0);

/** Numbers of the requests of all connections and of all loads. */
let lastNumber = 0;

function countUntil(end: number, { url, depth }: Load): Promise<number> {
  const { hostname, port, pathname, search } = new URL(url);
  // URL keeps braces in a query, and encodes them nowhere else than in a path.
  const [before = '', ...after] = `${pathname}${search}`.split('{n}');
  const rest = ` HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAuthorization: Bearer any\r\n\r\n`;
  const request = () => {
    lastNumber += 1;
    return `GET ${before}${after.map((part) => lastNumber + part).join('')}${rest}`;
  };
  return new Promise((resolve, reject) => {
    let count = 0;
    const socket = connect(Number(port), hostname, () => {
      socket.write(Array.from({ length: depth }, request).join(''));
    });
    const answers = new Answers();
    socket.setTimeout(10_000, () => socket.destroy(new Error(`Expected ${url} to answer within 10 s.`)));
    socket.on('close', () => reject(new Error(`Expected ${url} to keep the connection.`)));
    socket.on('error', reject).on('data', (chunk: Buffer) => {
      const ended = answers.endedIn(chunk);
      if (ended === 0) return;
      if (performance.now() < end) {
        count += ended;
        socket.write(Array.from({ length: ended }, request).join(''));
        return;
      }
      resolve(count);
      socket.destroy();
    });
  });
}

/** Counts the answers in what comes over a connection. */
class Answers {
  /** The beginning of headers whose end has not come yet. */
  private pending: Buffer = EMPTY;
  /** Bytes of the body, or of its chunk, that are still to come. */
  private left = 0;
  private inChunks = false;

  /** @throws Error where an answer is no 200. */
  endedIn(chunk: Buffer): number {
    let piece = this.pending.length === 0 ? chunk : Buffer.concat([this.pending, chunk]);
    let ended = 0;
    for (;;) {
      if (this.left > piece.length) {
        this.left -= piece.length;
        piece = EMPTY;
        break;
      }
      if (this.left > 0) {
        piece = piece.subarray(this.left);
        this.left = 0;
        if (!this.inChunks) ended += 1;
        continue;
      }
      const next = this.inChunks ? this.beginChunk(piece) : this.beginAnswer(piece);
      if (next === null) break;
      if (next.isEnd) ended += 1;
      piece = piece.subarray(next.read);
    }
    this.pending = piece;
    return ended;
  }

  private beginAnswer(piece: Buffer): Begun | null {
    const length = piece.indexOf('\r\n\r\n');
    if (length < 0) return null;
    const headers = piece.toString('latin1', 0, length);
    if (!headers.startsWith('HTTP/1.1 200 ')) throw new Error(`Expected 200, but got ${headers.slice(0, 40)}.`);
    const size = /^content-length: (\d+)/im.exec(headers)?.[1];
    this.inChunks = size === undefined;
    this.left = Number(size ?? 0);
    return { read: length + 4, isEnd: size === '0' };
  }

  private beginChunk(piece: Buffer): Begun | null {
    const length = piece.indexOf('\r\n');
    if (length < 0) return null;
    const size = Number.parseInt(piece.toString('latin1', 0, length), 16);
    if (size === 0 && piece.length < length + 4) return null;
    this.inChunks = size > 0;
    // A chunk ends with a line break of its own.
    this.left = size === 0 ? 0 : size + 2;
    return { read: size === 0 ? length + 4 : length + 2, isEnd: size === 0 };
  }
}

interface Begun {
  readonly read: number;
  readonly isEnd: boolean;
}

main();
