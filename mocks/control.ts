import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { hostname } from 'node:os';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerControl, type Controlled } from './control/api.js';
import { type CertificateAuthority, createCertificateAuthority } from './control/certificates.js';
import { type Delay, drawDelay } from './control/delay.js';
import { createFaults, decodeFault, type Matched } from './control/faults.js';
import { createJournal } from './control/journal.js';
import { startListener } from './control/listener.js';
import { createSaving, type Saving } from './control/saving.js';

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
  /** `http://host:port` or `https://host:port` as the client addressed the mock, from its Host header. */
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
  /**
   * Answers https beside http, on the same port, with a certificate made at start; clients trust `ca` of the mock. Give several mocks one
   * authority to have clients trust them all at once.
   */
  readonly tls?: boolean | CertificateAuthority;
}

/**
 * What goes wrong with the next `times` requests (default 1) that match; the first fault that matches is taken.
 * `close` drops the connection without an answer; `status`, `code`, `message` and `retryAfter` (seconds) make the vendor's own
 * error; `delayMs` goes before either, and alone only delays. With `after` the request is carried out first, and its answer lost.
 */
export interface Fault {
  /**
   * `path` is a substring of path and query, as sent or percent-decoded. Without `match` every request matches. With `part` the fault
   * is for a part of a batch, whose own method and path that object tells; `method` and `path` then tell those of the batch.
   */
  readonly match?: {
    readonly method?: string;
    readonly path?: string;
    readonly part?: { readonly method?: string; readonly path?: string };
  };
  readonly times?: number;
  readonly status?: number;
  readonly code?: string;
  readonly message?: string;
  readonly retryAfter?: number;
  readonly delayMs?: Delay;
  readonly close?: boolean;
  readonly after?: boolean;
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
  /** `http://127.0.0.1:4010`, or https with TLS, without a trailing slash. */
  readonly url: string;
  readonly port: number;
  /** With TLS the certificate in PEM that clients must trust; null without. */
  readonly ca: string | null;
  readonly clock: MockClock;
  /** The vendor requests so far, oldest first; the last 10,000 are kept, or the last 64 million characters of their paths and bodies. */
  requests(): readonly JournalEntry[];
  clearRequests(): void;
  /** Throws a `ControlError` naming the field where the fault is not well formed. */
  addFault(fault: Fault): void;
  clearFaults(): void;
  /** Returns to the state at start: data, sessions, journal, faults and clock. */
  reset(): Promise<void>;
  /** Stops listening, ends open connections at once, also those that wait for an answer, and saves a state that is kept in a file. */
  close(): Promise<void>;
}

/** What `handle` may ask of the common part while it answers a request. */
export interface Answering {
  /**
   * Takes the fault that waits for this part of a batch and gives the answer that the part has from it, in the vendor's shape; undefined
   * where the part is to be carried out. A fault that delays or closes does so to the answer of the whole batch.
   */
  faultFor(part: Matched): MockResponse | undefined;
}

/** What a mock adds to the common part to become a server. */
export interface MockHandlers {
  readonly name: string;
  /** Larger request bodies are answered with the vendor's 413; default 64 MiB. */
  readonly maxBodyBytes?: number;
  handle(request: MockRequest, answering: Answering): MockResponse | Promise<MockResponse>;
  /** Gives an injected fault the shape of the vendor's own errors. */
  fail(fault: Fault, request: MockRequest): MockResponse;
  reset(): void | Promise<void>;
  /** What `GET /_mock/health` tells beyond name and time. */
  health?(): Record<string, unknown>;
  /** What `/_mock/settings` tells and changes; without it a mock has no settings. `change` throws a `ControlError` that names the field. */
  readonly settings?: MockSettings;
  /** Writes the state to a file, whole or not at all: some time after a request that may have changed it, and when the mock is closed. */
  readonly save?: (() => void | Promise<void>) | undefined;
  /** What `GET /_mock/recorded` tells: what the mock took for business beyond its data; without it a mock records nothing. */
  recorded?(): unknown;
}

/** Settings that a tester changes while the mock runs. */
export interface MockSettings {
  get(): unknown;
  change(input: unknown): unknown;
}

const DEFAULT_MAX_BODY_BYTES = 64 * 1024 * 1024;

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
  const health = () => options.health?.() ?? {};
  const { name, settings, recorded } = options;
  const control = { name, clock, journal, faults, reset: clear, health, settings, recorded };
  const saving = options.save && createSaving(options.save, (error) => reportSaving(name, error));
  const parts: Parts = { ...control, options, closing: closing.signal, saving };
  const { tls = false, port = 0, host = '127.0.0.1' } = options;
  const authority = tls === true ? await createCertificateAuthority() : tls;
  const certificate = authority ? { certificate: await authority.issue(namesOf(host)) } : {};
  const listener = await startListener(
    (incoming, outgoing) => {
      serve(parts, incoming, outgoing).catch((error: unknown) => dropConnection(parts, outgoing, error));
    },
    { port, host, ...certificate },
  );
  return {
    url: `${authority ? 'https' : 'http'}://${urlHost(host)}:${listener.port}`,
    port: listener.port,
    ca: authority ? authority.ca : null,
    clock,
    requests: journal.entries,
    clearRequests: journal.clear,
    addFault: (fault) => faults.add(decodeFault(fault)),
    clearFaults: faults.clear,
    reset: clear,
    close: async () => {
      closing.abort();
      await listener.close();
      await saving?.close();
    },
  };
}

function reportSaving(name: string, error: unknown): void {
  process.stderr.write(`${name} mock: its state could not be saved: ${describeError(error)}\n`);
}

/** By whatever name a client on this machine calls a mock. */
function namesOf(host: string): readonly string[] {
  return [...new Set(['localhost', '127.0.0.1', '::1', hostname(), urlHost(host).replace(/^\[|\]$/g, '')])];
}

interface Parts extends Controlled {
  readonly options: MockOptions & MockHandlers;
  /** Aborted when the mock closes, so that no delay outlives it. */
  readonly closing: AbortSignal;
  /** Undefined where the mock keeps no state. */
  readonly saving: Saving | undefined;
}

/** A mock that listens on every address is reached on the loopback one. */
function urlHost(host = '127.0.0.1'): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

async function serve(parts: Parts, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const { request, tooLarge } = await readRequest(parts, incoming);
  try {
    await answerTo(parts, { request, tooLarge }, outgoing);
  } finally {
    if (request.method !== 'GET' && request.method !== 'HEAD') parts.saving?.changed();
  }
}

async function answerTo(parts: Parts, { request, tooLarge }: Read, outgoing: ServerResponse): Promise<void> {
  if (request.path.startsWith('/_mock/')) {
    await send(await answerControl(parts, request), outgoing);
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

interface Read {
  readonly request: MockRequest;
  readonly tooLarge: boolean;
}

async function readRequest({ options }: Parts, incoming: IncomingMessage): Promise<Read> {
  const { body, tooLarge } = hasBody(incoming.headers)
    ? await readBody(incoming, options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES)
    : NO_BODY;
  const target = originForm(incoming.url ?? '/');
  const request: MockRequest = {
    method: incoming.method ?? 'GET',
    target,
    ...splitTarget(target),
    headers: incoming.headers,
    body,
    origin: `${'encrypted' in incoming.socket ? 'https' : 'http'}://${incoming.headers.host ?? `${urlHost(options.host)}:${incoming.socket.localPort}`}`,
  };
  return { request, tooLarge };
}

/** https://www.rfc-editor.org/rfc/rfc9112#section-6-4 */
function hasBody(headers: IncomingHttpHeaders): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
}

interface Body {
  readonly body: Buffer;
  readonly tooLarge: boolean;
}

const NO_BODY: Body = { body: Buffer.alloc(0), tooLarge: false };

async function readBody(incoming: IncomingMessage, limit: number): Promise<Body> {
  const chunks: Buffer[] = [];
  let size = 0;
  // A body over the limit is read to its end and thrown away: a client that is still sending would not see the answer.
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
    else chunks.length = 0;
  }
  return { body: Buffer.concat(chunks), tooLarge: size > limit };
}

/** A client that takes the mock for its proxy sends the whole address. */
function originForm(target: string): string {
  return /^https?:\/\/[^/?]+(\/.*)$/i.exec(target)?.[1] ?? target;
}

function splitTarget(target: string): Pick<MockRequest, 'path' | 'search'> {
  const mark = target.indexOf('?');
  if (mark < 0) return { path: target, search: '' };
  return { path: target.slice(0, mark), search: target.slice(mark + 1) };
}

/** Null asks for the connection to be dropped. */
async function answer(parts: Parts, request: MockRequest, tooLarge: boolean): Promise<MockResponse | null> {
  const { options } = parts;
  const fault = parts.faults.take(request);
  await wait(parts, (options.latency ?? 0) + drawDelay(fault?.delayMs ?? 0));
  const failed = fault && outcome(parts, fault, request);
  if (failed !== undefined && fault?.after !== true) return failed;
  if (tooLarge) return options.fail({ status: 413, message: 'The request body is too large.' }, request);
  const response = await carryOut(parts, request);
  return failed === undefined ? response : failed;
}

/** What a fault answers in place of the mock; null for nothing at all, undefined where it only delays. */
function outcome({ options }: Parts, fault: Fault, request: MockRequest): MockResponse | null | undefined {
  if (fault.close) return null;
  return isError(fault) ? options.fail(fault, request) : undefined;
}

function isError({ status, code, message, retryAfter, delayMs }: Fault): boolean {
  return delayMs === undefined || [status, code, message, retryAfter].some((part) => part !== undefined);
}

async function carryOut(parts: Parts, request: MockRequest): Promise<MockResponse | null> {
  const { options } = parts;
  let delay = 0;
  let isLost = false;
  const faultFor = (part: Matched): MockResponse | undefined => {
    const fault = parts.faults.takeForPart(part, request);
    if (fault === undefined) return undefined;
    delay += drawDelay(fault.delayMs ?? 0);
    const failed = outcome(parts, fault, { ...request, ...part, ...splitTarget(part.target) });
    isLost ||= failed === null;
    return failed ?? undefined;
  };
  try {
    const response = await options.handle(request, { faultFor });
    await wait(parts, delay);
    return isLost ? null : response;
  } catch (error) {
    if (parts.closing.aborted) throw error;
    process.stderr.write(`${options.name} mock: ${request.method} ${request.target} failed: ${describeError(error)}\n`);
    return options.fail({ status: 500, message: 'The mock server failed; its standard error tells why.' }, request);
  }
}

async function wait({ closing }: Parts, milliseconds: number): Promise<void> {
  if (milliseconds > 0) await sleep(milliseconds, undefined, { signal: closing });
}

async function send(response: MockResponse, outgoing: ServerResponse): Promise<void> {
  const { status, body } = response;
  const headers: OutgoingHttpHeaders = {};
  for (const name in response.headers) headers[name] = mutable(response.headers[name]);
  if (body === undefined || typeof body === 'string' || Buffer.isBuffer(body)) {
    const mayHaveBody = status !== 204 && status !== 304;
    if (mayHaveBody) headers['content-length'] = Buffer.byteLength(body ?? '');
    outgoing.writeHead(status, headers);
    outgoing.end(mayHaveBody ? body : undefined);
    return;
  }
  outgoing.writeHead(status, headers);
  await pipeline(Readable.from(body), outgoing);
}

/** Node takes lists of values that it might change. */
function mutable(value: string | readonly string[] | undefined): string | string[] | undefined {
  return typeof value === 'object' ? [...value] : value;
}

/** A client that went away, or a mock that closes, is no news; anything else is a fault of the mock. */
function dropConnection({ options, closing }: Parts, outgoing: ServerResponse, error: unknown): void {
  const gone = outgoing.socket === null || outgoing.socket.destroyed || closing.aborted;
  if (!gone) process.stderr.write(`${options.name} mock: an answer broke off: ${describeError(error)}\n`);
  outgoing.destroy();
}

function describeError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
