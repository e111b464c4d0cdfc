import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a client sent, with its body read whole. */
export interface MockRequest {
  readonly method: string;
  /** Path and query exactly as sent. */
  readonly target: string;
  /** What stands before the `?`, not decoded. */
  readonly path: string;
  /** What stands after the `?`, not decoded; empty where there is none. */
  readonly search: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** `http://host:port` as the client addressed the mock, from its Host header. */
  readonly origin: string;
}

/** What a mock answers. A body that is an iterable is streamed; a mock that fails half-way through it drops the connection. */
export interface MockResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Buffer | AsyncIterable<string | Buffer>;
}

/** The time a mock believes it to be. It runs with real time from wherever it is set. */
export interface MockClock {
  now(): Date;
  set(date: Date): void;
  /** Negative seconds go back. */
  advance(seconds: number): void;
  /** Returns to the time of the machine. */
  reset(): void;
}

export interface MockOptions {
  /** Default 0: any free port. */
  readonly port?: number;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** Milliseconds by which every answer is delayed; default 0. */
  readonly latency?: number;
  /** Give several mocks one clock to have them agree on the time. */
  readonly clock?: MockClock;
}

/**
 * What goes wrong with the next `times` requests (default 1) that match; the first fault that matches is taken.
 * `close` drops the connection without an answer; `status`, `code`, `message` and `retryAfter` (seconds) make the vendor's own
 * error; `delayMs` goes before either, and alone only delays.
 */
export interface Fault {
  /** `path` is a substring of path and query, as sent or percent-decoded. Without `match` every request matches. */
  readonly match?: { readonly method?: string; readonly path?: string };
  readonly times?: number;
  readonly status?: number;
  readonly code?: string;
  readonly message?: string;
  readonly retryAfter?: number;
  readonly delayMs?: number;
  readonly close?: boolean;
}

/** One vendor request. `path` has the query; `body` is cut after 64 KiB; `status` is null until an answer has begun. */
export interface JournalEntry {
  readonly id: number;
  /** ISO 8601, by the mock's clock. */
  readonly at: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly status: number | null;
  readonly milliseconds: number;
}

/** A mock server that listens. What its control API does over HTTP, these members do in process. */
export interface Mock {
  /** `http://127.0.0.1:4010`, without a trailing slash. */
  readonly url: string;
  readonly port: number;
  readonly clock: MockClock;
  /** The vendor requests so far, oldest first; the last 10,000 are kept. */
  requests(): readonly JournalEntry[];
  clearRequests(): void;
  /** Throws a `TypeError` naming the field where the fault is not well formed. */
  addFault(fault: Fault): void;
  clearFaults(): void;
  /** Returns to the state at start: data, sessions, journal, faults and clock. */
  reset(): Promise<void>;
  /** Stops listening and ends open connections at once, also those that wait for an answer. */
  close(): Promise<void>;
}

/** What a mock adds to the common part to become a server. */
export interface MockHandlers {
  readonly name: string;
  /** Larger request bodies are answered with the vendor's 413; default 64 MiB. */
  readonly maxBodyBytes?: number;
  handle(request: MockRequest): MockResponse | Promise<MockResponse>;
  /** Gives an injected fault the shape of the vendor's own errors. */
  fail(fault: Fault, request: MockRequest): MockResponse;
  reset(): void | Promise<void>;
  /** What `GET /_mock/health` tells beyond name and time. */
  health?(): Record<string, unknown>;
}

const DEFAULT_MAX_BODY_BYTES = 64 * 1024 * 1024;
const MAX_JOURNAL_ENTRIES = 10_000;
const MAX_JOURNAL_BODY_BYTES = 64 * 1024;
const MAX_FAULTS = 1_000;
const MAX_DELAY_MS = 3_600_000;

/** Makes a clock that tells the time of the machine until it is set. */
export function createClock(): MockClock {
  let offset = 0;
  return {
    now: () => new Date(Date.now() + offset),
    set: (date) => {
      offset = date.getTime() - Date.now();
    },
    advance: (seconds) => {
      offset += seconds * 1000;
    },
    reset: () => {
      offset = 0;
    },
  };
}

/**
 * Listens, reads bodies, serves the control API below `/_mock/`, journals vendor requests, applies faults and latency, and hands the
 * rest to `handle`. A throw out of `handle` is printed to stderr and answered with the vendor's 500.
 * Rejects with the system's error (`EADDRINUSE`) where the port cannot be had.
 */
export async function listenMock(options: MockOptions & MockHandlers): Promise<Mock> {
  const clock = options.clock ?? createClock();
  const journal = createJournal(clock);
  const faults = createFaults();
  const closing = new AbortController();
  const clear = async () => {
    journal.clear();
    faults.clear();
    clock.reset();
    await options.reset();
  };
  const parts: Parts = { options, clock, journal, faults, reset: clear, closing: closing.signal };
  const server = createServer((incoming, outgoing) => {
    serve(parts, incoming, outgoing).catch((error: unknown) => dropConnection(parts, outgoing, error));
  });
  const port = await listen(server, options);
  return {
    url: `http://${urlHost(options.host)}:${port}`,
    port,
    clock,
    requests: journal.entries,
    clearRequests: journal.clear,
    addFault: (fault) => faults.add(decodeFault(fault)),
    clearFaults: faults.clear,
    reset: clear,
    close: () => closeServer(server, closing),
  };
}

interface Parts {
  readonly options: MockOptions & MockHandlers;
  readonly clock: MockClock;
  readonly journal: Journal;
  readonly faults: Faults;
  reset(): Promise<void>;
  /** Aborted when the mock closes, so that no delay outlives it. */
  readonly closing: AbortSignal;
}

function listen(server: Server, options: MockOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, options.host ?? '127.0.0.1', () => {
      server.off('error', reject);
      const address = server.address();
      if (address === null || typeof address === 'string')
        reject(new Error('Expected the mock to listen on a TCP port.'));
      else resolve(address.port);
    });
  });
}

/** A mock that listens on every address is reached on the loopback one. */
function urlHost(host = '127.0.0.1'): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

function closeServer(server: Server, closing: AbortController): Promise<void> {
  closing.abort();
  if (!server.listening) return Promise.resolve();
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function serve(parts: Parts, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const { request, tooLarge } = await readRequest(parts, incoming);
  if (request.path.startsWith('/_mock/')) {
    await send(await control(parts, request), outgoing);
    return;
  }
  const entry = parts.journal.begin(request);
  try {
    const response = await answer(parts, request, tooLarge);
    entry.answered(response?.status ?? null);
    if (response === null) outgoing.destroy();
    else await send(response, outgoing);
  } finally {
    entry.ended();
  }
}

async function readRequest(
  { options }: Parts,
  incoming: IncomingMessage,
): Promise<{ readonly request: MockRequest; readonly tooLarge: boolean }> {
  const limit = options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES;
  const chunks: Buffer[] = [];
  let size = 0;
  // A body over the limit is read to its end and thrown away: a client that is still sending would not see the answer.
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
    else chunks.length = 0;
  }
  const target = incoming.url ?? '/';
  const mark = target.indexOf('?');
  const request: MockRequest = {
    method: incoming.method ?? 'GET',
    target,
    path: mark < 0 ? target : target.slice(0, mark),
    search: mark < 0 ? '' : target.slice(mark + 1),
    headers: incoming.headers,
    body: Buffer.concat(chunks),
    origin: `http://${incoming.headers.host ?? `${urlHost(options.host)}:${incoming.socket.localPort}`}`,
  };
  return { request, tooLarge: size > limit };
}

/** Null asks for the connection to be dropped. */
async function answer(parts: Parts, request: MockRequest, tooLarge: boolean): Promise<MockResponse | null> {
  const { options } = parts;
  const fault = parts.faults.take(request);
  const delay = (options.latency ?? 0) + (fault?.delayMs ?? 0);
  if (delay > 0) await sleep(delay, undefined, { signal: parts.closing });
  if (fault?.close) return null;
  if (fault && isError(fault)) return options.fail(fault, request);
  if (tooLarge) return options.fail({ status: 413, message: 'The request body is too large.' }, request);
  try {
    return await options.handle(request);
  } catch (error) {
    process.stderr.write(`${options.name} mock: ${request.method} ${request.target} failed: ${describe(error)}\n`);
    return options.fail({ status: 500, message: 'The mock server failed; its standard error tells why.' }, request);
  }
}

function isError(fault: Fault): boolean {
  return (
    [fault.status, fault.code, fault.message, fault.retryAfter].some((part) => part !== undefined) ||
    fault.delayMs === undefined
  );
}

async function send(response: MockResponse, outgoing: ServerResponse): Promise<void> {
  for (const [name, value] of Object.entries(response.headers ?? {})) outgoing.setHeader(name, value);
  const { body } = response;
  if (body === undefined || typeof body === 'string' || Buffer.isBuffer(body)) {
    const mayHaveBody = response.status !== 204 && response.status !== 304;
    if (mayHaveBody) outgoing.setHeader('content-length', Buffer.byteLength(body ?? ''));
    outgoing.writeHead(response.status);
    outgoing.end(mayHaveBody ? body : undefined);
    return;
  }
  outgoing.writeHead(response.status);
  await pipeline(Readable.from(body), outgoing);
}

/** A client that went away, or a mock that closes, is no news; anything else is a fault of the mock. */
function dropConnection({ options, closing }: Parts, outgoing: ServerResponse, error: unknown): void {
  const gone = outgoing.socket === null || outgoing.socket.destroyed || closing.aborted;
  if (!gone) process.stderr.write(`${options.name} mock: an answer broke off: ${describe(error)}\n`);
  outgoing.destroy();
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

// The journal.

interface Journal {
  begin(request: MockRequest): { answered(status: number | null): void; ended(): void };
  entries(): readonly JournalEntry[];
  clear(): void;
}

function createJournal(clock: MockClock): Journal {
  let entries: { -readonly [Key in keyof JournalEntry]: JournalEntry[Key] }[] = [];
  let lastId = 0;
  return {
    begin: (request) => {
      const start = performance.now();
      lastId += 1;
      const entry = { ...journalEntry(request), id: lastId, at: clock.now().toISOString() };
      entries.push(entry);
      // Cutting many at once keeps the cost of each request constant.
      if (entries.length > MAX_JOURNAL_ENTRIES * 1.1) entries = entries.slice(-MAX_JOURNAL_ENTRIES);
      return {
        answered: (status) => {
          entry.status = status;
        },
        ended: () => {
          entry.milliseconds = Math.round(performance.now() - start);
        },
      };
    },
    entries: () => entries.slice(-MAX_JOURNAL_ENTRIES).map((entry) => ({ ...entry, headers: { ...entry.headers } })),
    clear: () => {
      entries = [];
    },
  };
}

function journalEntry(request: MockRequest): Omit<JournalEntry, 'id' | 'at'> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    headers[name] = Array.isArray(value) ? value.join(', ') : (value ?? '');
  }
  const { authorization } = headers;
  if (authorization !== undefined) headers.authorization = redacted(authorization);
  const body = request.body.subarray(0, MAX_JOURNAL_BODY_BYTES).toString('utf8');
  return { method: request.method, path: request.target, headers, body, status: null, milliseconds: 0 };
}

/** Keeps the scheme, so that a journal still tells a Bearer token from Basic credentials. */
function redacted(authorization: string): string {
  const scheme = /^(\w+) /.exec(authorization);
  return scheme ? `${scheme[1]} [redacted]` : '[redacted]';
}

// Faults.

interface Faults {
  add(fault: Fault): void;
  /** Finds the first fault that matches and uses one of its times up. */
  take(request: MockRequest): Fault | undefined;
  list(): readonly Fault[];
  clear(): void;
}

function createFaults(): Faults {
  let faults: (Fault & { times: number })[] = [];
  return {
    add: (fault) => {
      if (faults.length >= MAX_FAULTS)
        throw new TypeError(`Expected at most ${MAX_FAULTS} faults at a time; remove some.`);
      faults.push({ ...fault, times: fault.times ?? 1 });
    },
    take: (request) => {
      const fault = faults.find((candidate) => matches(candidate, request));
      if (fault) fault.times -= 1;
      if (fault?.times === 0) faults = faults.filter((other) => other !== fault);
      return fault;
    },
    list: () => faults.map((fault) => ({ ...fault })),
    clear: () => {
      faults = [];
    },
  };
}

function matches({ match = {} }: Fault, { method, target }: MockRequest): boolean {
  if (match.method !== undefined && match.method.toUpperCase() !== method) return false;
  return match.path === undefined || target.includes(match.path) || percentDecoded(target).includes(match.path);
}

function percentDecoded(target: string): string {
  try {
    return decodeURIComponent(target);
  } catch {
    return target;
  }
}

const FAULT_FIELDS: Readonly<Record<keyof Fault, { readonly expected: string; accepts(value: unknown): boolean }>> = {
  match: { expected: 'an object with "method" and "path"', accepts: isRecord },
  times: { expected: 'a whole number from 1', accepts: (value) => isWhole(value, 1, Number.MAX_SAFE_INTEGER) },
  status: { expected: 'an HTTP status from 200 to 599', accepts: (value) => isWhole(value, 200, 599) },
  code: { expected: 'a string', accepts: isString },
  message: { expected: 'a string', accepts: isString },
  retryAfter: { expected: 'a number of seconds, 0 or more', accepts: (value) => isNumber(value) && value >= 0 },
  delayMs: { expected: `milliseconds from 0 to ${MAX_DELAY_MS}`, accepts: (value) => isWhole(value, 0, MAX_DELAY_MS) },
  close: { expected: 'true or false', accepts: (value) => typeof value === 'boolean' },
};

function decodeFault(input: unknown): Fault {
  if (!isRecord(input)) throw new TypeError('Expected a fault to be a JSON object.');
  for (const [name, value] of Object.entries(input)) {
    if (!isFaultField(name))
      throw new TypeError(`A fault has no field "${name}"; its fields are ${names(FAULT_FIELDS)}.`);
    const { expected, accepts } = FAULT_FIELDS[name];
    if (value !== undefined && !accepts(value)) throw new TypeError(`Expected "${name}" to be ${expected}.`);
  }
  for (const [name, value] of Object.entries(isRecord(input.match) ? input.match : {})) {
    if (name !== 'method' && name !== 'path')
      throw new TypeError(`"match" has no field "${name}"; its fields are method, path.`);
    if (value !== undefined && !isString(value)) throw new TypeError(`Expected "match.${name}" to be a string.`);
  }
  // Every field was checked against the table above.
  return input as Fault;
}

function isFaultField(name: string): name is keyof Fault {
  return Object.hasOwn(FAULT_FIELDS, name);
}

function names(record: object): string {
  return Object.keys(record).join(', ');
}

// The control API.

type Control = (parts: Parts, body: () => unknown) => unknown;

const CONTROLS: Readonly<Record<string, Readonly<Record<string, Control>>>> = {
  '/_mock/reset': { POST: ({ reset }) => reset() },
  '/_mock/requests': {
    GET: ({ journal }) => ({ requests: journal.entries() }),
    DELETE: ({ journal }) => journal.clear(),
  },
  '/_mock/faults': {
    GET: ({ faults }) => ({ faults: faults.list() }),
    POST: ({ faults }, body) => {
      faults.add(decodeFault(body()));
      return { faults: faults.list() };
    },
    DELETE: ({ faults }) => faults.clear(),
  },
  '/_mock/clock': {
    GET: ({ clock }) => ({ now: clock.now().toISOString() }),
    POST: ({ clock }, body) => setClock(clock, body()),
    DELETE: ({ clock }) => clock.reset(),
  },
  '/_mock/health': {
    GET: ({ options, clock }) => ({
      name: options.name,
      status: 'ok',
      now: clock.now().toISOString(),
      ...options.health?.(),
    }),
  },
};

async function control(parts: Parts, request: MockRequest): Promise<MockResponse> {
  const methods = CONTROLS[request.path];
  if (!methods) return controlError(404, `There is no ${request.path}; there are ${names(CONTROLS)}.`);
  const run = methods[request.method];
  if (!run) return controlError(405, `${request.path} takes ${names(methods)}.`, { allow: names(methods) });
  try {
    const result = await run(parts, () => decodeJson(request.body));
    return json(200, result ?? { ok: true });
  } catch (error) {
    if (error instanceof TypeError) return controlError(400, error.message);
    process.stderr.write(`${parts.options.name} mock: ${request.method} ${request.path} failed: ${describe(error)}\n`);
    return controlError(500, 'The mock server failed; its standard error tells why.');
  }
}

function setClock(clock: MockClock, input: unknown): { readonly now: string } {
  if (!isRecord(input)) throw new TypeError('Expected a JSON object with "now" or "advanceSeconds".');
  const unknown = Object.keys(input).find((name) => name !== 'now' && name !== 'advanceSeconds');
  if (unknown !== undefined)
    throw new TypeError(`The clock has no field "${unknown}"; give "now" or "advanceSeconds".`);
  const { now, advanceSeconds } = input;
  if ((now === undefined) === (advanceSeconds === undefined))
    throw new TypeError('Give either "now" or "advanceSeconds".');
  const time = now === undefined ? clock.now().getTime() + seconds(advanceSeconds) * 1000 : moment(now);
  // ECMAScript's dates end 8.64e15 ms from the epoch.
  if (Math.abs(time) > 8.64e15) throw new TypeError('"advanceSeconds" leads beyond the last date that can be told.');
  clock.set(new Date(time));
  return { now: clock.now().toISOString() };
}

function seconds(value: unknown): number {
  if (!isNumber(value)) throw new TypeError('Expected "advanceSeconds" to be a number.');
  return value;
}

function moment(value: unknown): number {
  const time = isString(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(time))
    throw new TypeError('Expected "now" to be a date and time in ISO 8601, as in 2030-01-31T12:00:00Z.');
  return time;
}

function decodeJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new TypeError('Expected the body to be JSON.', { cause });
  }
}

function json(status: number, value: unknown, headers: Record<string, string> = {}): MockResponse {
  return {
    status,
    headers: { ...headers, 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(value),
  };
}

function controlError(status: number, message: string, headers?: Record<string, string>): MockResponse {
  return json(status, { error: message }, headers);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return isNumber(value) && Number.isInteger(value) && value >= least && value <= most;
}
