import { setTimeout as sleep } from 'node:timers/promises';
import type { CallOptions } from '../../../model/call.js';
import { RemoteError } from '../../../model/errors.js';
import { createTransport, type TransportRequest, type TransportResponse } from '../../transport.js';
import type { JsonObject } from '../client.js';
import { graphError, mayBeReplicating, readGraphFault } from './graph-errors.js';
import { pausesOf, type RecentlyMade } from './recently-made.js';

export interface GraphClientOptions {
  /** `https://graph.microsoft.com`, without a trailing slash. */
  readonly graphUrl: string;
  readonly token: string;
  /** Shared by the clients of a process: a new object may be the subject of the next call. */
  readonly recent: RecentlyMade;
  readonly timeoutMs?: number;
  readonly retries?: number;
}

export interface GraphRequest {
  readonly method: TransportRequest['method'];
  /** Below the version, percent-encoded: `applications/…?$select=id`. */
  readonly resource: string;
  readonly body?: unknown;
  /** What was expected of Graph, for error messages: `create the application`. */
  readonly asked: string;
  /** Who may do it, for the remedy of a refusal. */
  readonly needs: string;
  /** A look-up whose answer may be that there is no such object. */
  readonly mayBeMissing?: true;
}

/** Speaks HTTP with Microsoft Graph as one administrator, for one call of the set-up. */
export interface GraphClient {
  /** The JSON object of the answer; empty where there is none. */
  send(request: GraphRequest, options?: CallOptions): Promise<JsonObject>;
  /** Every object of a list, following its pages. */
  list(request: Omit<GraphRequest, 'method'>, options?: CallOptions): Promise<readonly JsonObject[]>;
  /** Repeats a reading of something new until it is as expected, or the patience is at its end. */
  readUntil<Result>(read: () => Promise<Result>, isReady: (result: Result) => boolean): Promise<Result>;
  close(): Promise<void>;
}

const VERSION = '/v1.0/';
const MAX_PAGES = 100;

export function createGraphClient(options: GraphClientOptions): GraphClient {
  const { graphUrl, token, recent, timeoutMs, retries } = options;
  const transport = createTransport({
    system: 'entra',
    baseUrl: graphUrl,
    readFault: readGraphFault,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(retries === undefined ? {} : { retries }),
  });

  async function sendOnce(request: GraphRequest, callOptions: CallOptions): Promise<JsonObject> {
    const response = await transport.send(signed(request, token), callOptions);
    if (response.status >= 300) throw graphError(response, request);
    return parseBody(response, request);
  }

  async function send(request: GraphRequest, callOptions: CallOptions = {}): Promise<JsonObject> {
    const isAboutNew = concernsNew(request, recent);
    for (const pause of pausesOf(recent.patience)) {
      try {
        return await sendOnce(request, callOptions);
      } catch (error) {
        if (!isAboutNew || !mayBeReplicating(error)) throw error;
        await sleep(pause, undefined, callOptions.signal ? { signal: callOptions.signal } : {});
      }
    }
    return sendOnce(request, callOptions);
  }

  async function list(
    request: Omit<GraphRequest, 'method'>,
    callOptions: CallOptions = {},
  ): Promise<readonly JsonObject[]> {
    const found: JsonObject[] = [];
    let resource: string | null = request.resource;
    for (let page = 0; resource !== null && page < MAX_PAGES; page++) {
      const answer = await send({ ...request, method: 'GET', resource }, callOptions);
      found.push(...objectsOf(answer.value));
      resource = nextResource(answer['@odata.nextLink'], graphUrl);
    }
    return found;
  }

  return {
    send,
    list,
    async readUntil(read, isReady) {
      for (const pause of pausesOf(recent.patience)) {
        const result = await read();
        if (isReady(result)) return result;
        await sleep(pause);
      }
      return read();
    },
    close: () => transport.close(),
  };
}

function signed({ method, resource, body }: GraphRequest, token: string): TransportRequest {
  const headers = { Accept: 'application/json', Authorization: `Bearer ${token}` };
  // Graph repeats no write by itself, and a PATCH or DELETE that was carried out does no harm when it comes again.
  const request = { method, target: VERSION + resource, headers, idempotent: method !== 'POST' };
  if (body === undefined) return request;
  return { ...request, headers: { ...headers, 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
}

/** A look-up is about something new where that is its address; any other request where it names it. */
function concernsNew({ resource, body, mayBeMissing }: GraphRequest, recent: RecentlyMade): boolean {
  if (mayBeMissing) return recent.has(resource.split('?', 1)[0] ?? '');
  return recent.isIn(resource) || (body !== undefined && recent.isIn(JSON.stringify(body)));
}

/** The next page is asked for at our own address: a link that leads elsewhere would take the token with it. */
function nextResource(link: unknown, graphUrl: string): string | null {
  if (typeof link !== 'string') return null;
  const url = URL.parse(link, graphUrl);
  const at = url?.pathname.indexOf(VERSION) ?? -1;
  return url === null || at < 0 ? null : url.pathname.slice(at + VERSION.length) + url.search;
}

function parseBody(response: TransportResponse, request: GraphRequest): JsonObject {
  if (response.body.length === 0) return {};
  try {
    const value: unknown = JSON.parse(response.body.toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // told below
  }
  const message = 'The answer was not a JSON object.';
  throw new RemoteError(
    'UPSTREAM_REJECTED',
    `Expected Microsoft Graph to ${request.asked}, but its answer was not a JSON object. Check that GRAPH_URL leads to Microsoft Graph.`,
    { upstream: { system: 'entra', status: response.status, code: null, message, requestId: null } },
  );
}

/** The objects of a JSON list; none where it is something else. */
export function objectsOf(value: unknown): readonly JsonObject[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  return items.flatMap((item) => (typeof item === 'object' && item !== null ? [{ ...item }] : []));
}
