import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ApolloServer, HeaderMap, type HTTPGraphQLResponse } from '@apollo/server';
import type { Logger } from 'pino';
import type { RequestContext } from './context.js';
import { BodyError, readBody } from './read-body.js';

export interface GraphQLHandlerOptions {
  readonly apollo: ApolloServer<RequestContext>;
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
  { apollo, createContext }: GraphQLHandlerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = 'GET', url = '' } = request;
  const body = method === 'POST' ? await readBody(request) : undefined;
  const result = await apollo.executeHTTPGraphQLRequest({
    httpGraphQLRequest: { method, headers: headersOf(request), search: searchOf(url), body },
    context: () => createContext(request, response),
  });
  send(response, result);
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

function send(response: ServerResponse, { status, headers, body }: HTTPGraphQLResponse): void {
  if (response.destroyed) return;
  // Only operations with @defer are answered in parts, and the graph has none.
  const text = body.kind === 'complete' ? body.string : '';
  response.writeHead(status ?? 200, {
    ...Object.fromEntries(headers),
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
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
