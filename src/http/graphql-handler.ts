import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { type ApolloServer, HeaderMap, type HTTPGraphQLResponse } from '@apollo/server';
import type { Logger } from 'pino';
import { WrittenData, writeAnswer } from '../unified/written-data.js';
import type { RequestContext } from './context.js';
import type { KnownOperations, KnownQuery } from './known-operations.js';
import { BodyError, readBody } from './read-body.js';
import { chooseResponseType } from './response-type.js';

export interface GraphQLHandlerOptions {
  readonly apollo: ApolloServer<RequestContext>;
  readonly known: KnownOperations;
  /** Tells whether an answer is to tell more than data, which Apollo Server's plugins add. */
  readonly isExtended: (headers: IncomingHttpHeaders) => boolean;
  readonly createContext: (request: IncomingMessage, response: ServerResponse) => Promise<RequestContext>;
  /** Where a browser is sent that opens the endpoint. */
  readonly page: string;
  readonly log: Logger;
}

/** Answers GraphQL over HTTP, as https://graphql.github.io/graphql-over-http/draft/ has it. Never throws. */
export function createGraphQLHandler(options: GraphQLHandlerOptions) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      if (isVisit(request)) redirect(response, options.page);
      else await answer(options, request, response);
    } catch (error) {
      refuse(options.log, response, error);
    }
  };
}

async function answer(
  options: GraphQLHandlerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = 'GET', url = '' } = request;
  const asked = method === 'POST' ? await readBody(request) : undefined;
  const query = options.isExtended(request.headers) ? null : options.known.find(asked);
  const type = chooseResponseType(request.headers.accept);
  const early = query && type && options.createContext(request, response);
  const body = early && (await answerKnown(options.known, query, early));
  if (body) return send(response, 200, { 'content-type': type }, body);
  let context = early || null;
  const result = await options.apollo.executeHTTPGraphQLRequest({
    httpGraphQLRequest: { method, headers: headersOf(request), search: searchOf(url), body: asked },
    context: () => {
      context ??= options.createContext(request, response);
      return context;
    },
  });
  const written = await writtenData(context);
  await (written ? sendInParts(response, result, written) : sendResult(response, result));
}

/** The data of the answer where it is text already, of which Apollo Server has told what stands beside it. */
async function writtenData(context: Promise<RequestContext> | null): Promise<WrittenData | null> {
  const made = await context?.catch(() => null);
  const result = await made?.execution.result?.catch(() => null);
  return result?.data instanceof WrittenData ? result.data : null;
}

/** Null where Apollo Server is to be asked, which also tells a caller that is not known. */
async function answerKnown(
  known: KnownOperations,
  query: KnownQuery,
  context: Promise<RequestContext>,
): Promise<string | Buffer | null> {
  let made: RequestContext;
  try {
    made = await context;
  } catch {
    return null;
  }
  return await known.run(query, made);
}

/** A browser that opens the endpoint, rather than a client that asks it something. */
function isVisit({ method, url = '', headers }: IncomingMessage): boolean {
  return method === 'GET' && !searchOf(url).includes('query=') && (headers.accept ?? '').startsWith('text/html');
}

function searchOf(url: string): string {
  const start = url.indexOf('?');
  return start === -1 ? '' : url.slice(start);
}

/**
 * The headers as Apollo takes them. Two are told otherwise than they came, and neither opens a way around its check of requests that
 * another site has a browser send: it refuses mutations by GET by itself, and `application/graphql` cannot be sent by another site unasked.
 */
function headersOf({ method, headers }: IncomingMessage): HeaderMap {
  const map = new HeaderMap();
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) map.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  if (method === 'GET') map.set('apollo-require-preflight', '1');
  if (map.get('content-type')?.startsWith('application/graphql')) map.set('content-type', 'application/json');
  return map;
}

function sendResult(response: ServerResponse, { status = 200, headers, body }: HTTPGraphQLResponse): void {
  send(response, status, Object.fromEntries(headers), textOf(body));
}

/** No faster than the client takes it, so that no more of it than a part is held twice. */
async function sendInParts(
  response: ServerResponse,
  { status = 200, headers, body }: HTTPGraphQLResponse,
  data: WrittenData,
): Promise<void> {
  if (response.destroyed) return;
  const { 'content-length': _, ...others } = Object.fromEntries(headers);
  response.writeHead(status, others);
  await pipeline(writeAnswer(data, textOf(body)), response).catch((error: unknown) => {
    // A client that has left is no fault of ours.
    if (!response.destroyed) throw error;
  });
}

/** Only operations with @defer are answered in parts by Apollo Server, and the graph has none. */
function textOf(body: HTTPGraphQLResponse['body']): string {
  return body.kind === 'complete' ? body.string : '';
}

function send(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string | Buffer,
): void {
  if (response.destroyed) return;
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(302, { location, 'content-length': 0 }).end();
}

/** A body that cannot be read is answered in JSON, as every other fault of a request; of what is left of it no more is read. */
function refuse(log: Logger, response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) return void response.destroy();
  const isOurs = !(error instanceof BodyError);
  if (isOurs) log.error({ err: error }, 'a request could not be answered for a reason of our own');
  const message = isOurs ? 'Something went wrong in the gateway. Its log tells more.' : error.message;
  const code = isOurs ? 'INTERNAL_SERVER_ERROR' : 'BAD_USER_INPUT';
  const text = JSON.stringify({ errors: [{ message, extensions: { code } }] });
  response.writeHead(isOurs ? 500 : error.status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    connection: 'close',
  });
  response.end(text);
}
