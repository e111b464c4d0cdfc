import type { CallOptions } from '../../model/call.js';
import { RequestError } from '../../model/errors.js';
import { createTransport, type TransportOptions, type TransportRequest, type TransportResponse } from '../transport.js';
import type { WriteWatch } from '../write-watch.js';
import type { TokenSource } from './auth.js';
import { decodeError, isJson, readFault, unexpectedAnswer } from './errors.js';
import { parseExactJson, writeExactJson } from './exact-json.js';

/** Path of the Web API in every organization. */
export const API_PATH = '/api/data/v9.2/';

/**
 * The longest path and query we send. Dataverse refuses a URL of more than 32,768 characters; the host and proxies need some of them.
 * https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query/overview
 */
const MAX_TARGET = 30_000;

/** Headers that every request has. */
export const ODATA_HEADERS = { Accept: 'application/json', 'OData-Version': '4.0', 'OData-MaxVersion': '4.0' } as const;

export interface ClientOptions
  extends Pick<TransportOptions, 'timeoutMs' | 'concurrency' | 'retries' | 'breakAfter' | 'probeAfterMs'> {
  /** `https://contoso.crm.dynamics.com` */
  readonly server: string;
  readonly tokens: TokenSource;
  /** Hears of every request but a GET. */
  readonly writes?: WriteWatch | undefined;
}

export interface ClientRequest {
  readonly method: TransportRequest['method'];
  /** Below the Web API, percent-encoded: `contacts?$select=fullname`. */
  readonly resource: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a bigint directly in it as a number with all its digits. */
  readonly body?: unknown;
  /** Default: true for every method but POST. */
  readonly idempotent?: boolean;
  /** What was expected of Dynamics, for error messages: `read contacts`. */
  readonly asked: string;
}

export interface ClientResponse {
  readonly status: number;
  /** Text of a JSON body; empty where there is none. */
  readonly text: string;
}

/** Speaks HTTP with one organization: signs each request, renews a refused token once, and turns refusals into `RemoteError`s. */
export interface DynamicsClient {
  send(request: ClientRequest, options?: CallOptions): Promise<ClientResponse>;
  /** Sends a GET and gives its JSON object. */
  get(
    resource: string,
    asked: string,
    options?: CallOptions,
    headers?: Readonly<Record<string, string>>,
  ): Promise<JsonObject>;
  close(): Promise<void>;
}

/** An object of JSON, whose properties are yet to be decoded. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Makes the client of one organization. */
export function createClient(options: ClientOptions): DynamicsClient {
  const { server, tokens, writes, ...rest } = options;
  const transport = createTransport({ system: 'dynamics', baseUrl: server, readFault, ...rest });

  function send(request: ClientRequest, callOptions: CallOptions = {}): Promise<ClientResponse> {
    if (request.method === 'GET' || !writes) return exchange(request, callOptions);
    return writes.during(() => exchange(request, callOptions));
  }

  async function exchange(request: ClientRequest, callOptions: CallOptions): Promise<ClientResponse> {
    const target = API_PATH + request.resource;
    assertLength(target);
    const token = await tokens.token(callOptions);
    let response = await transport.send(signed(request, target, token), callOptions);
    if (response.status === 401) {
      // A token may be refused before its time, as after a change of the user; a second refusal has another cause.
      const renewed = await tokens.token(callOptions, token);
      response = await transport.send(signed(request, target, renewed), callOptions);
    }
    return assertAccepted(response, request.asked);
  }

  return {
    send,
    async get(resource, asked, callOptions, headers) {
      const response = await send({ method: 'GET', resource, asked, ...(headers ? { headers } : {}) }, callOptions);
      return parseObject(response.text, asked);
    },
    async close() {
      await Promise.all([transport.close(), tokens.close()]);
    },
  };
}

function signed(request: ClientRequest, target: string, token: string): TransportRequest {
  const { method } = request;
  const headers: Record<string, string> = { ...ODATA_HEADERS, Authorization: `Bearer ${token}`, ...request.headers };
  const idempotent = request.idempotent ?? method !== 'POST';
  if (request.body === undefined) return { method, target, headers, idempotent };
  headers['Content-Type'] = 'application/json; charset=utf-8';
  return { method, target, headers, idempotent, body: writeExactJson(request.body) };
}

function assertLength(target: string): void {
  if (target.length <= MAX_TARGET) return;
  throw new RequestError(
    'BAD_USER_INPUT',
    `Expected a query of at most ${MAX_TARGET} characters as a URL, but it has ${target.length}. Ask for fewer columns, or for fewer values in a filter at a time.`,
  );
}

function assertAccepted(response: TransportResponse, asked: string): ClientResponse {
  if (response.status >= 300) throw decodeError(response, asked);
  const text = response.body.toString('utf8');
  if (text !== '' && !isJson(response))
    throw unexpectedAnswer(asked, `an answer of type ${response.headers.get('content-type') ?? 'unknown'}`);
  return { status: response.status, text };
}

/** Parses the JSON object of an answer; 64-bit integers that a number cannot hold become strings of their digits. */
export function parseObject(text: string, asked: string): JsonObject {
  try {
    const value = parseExactJson(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // told below
  }
  throw unexpectedAnswer(asked, 'something that is not a JSON object');
}
