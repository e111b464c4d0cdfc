import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import type { AuthenticationSettings } from '../config.js';
import { RequestError } from '../model/errors.js';
import { printTypes } from '../unified/print-graph.js';
import type { SchemaGateway } from '../unified/published-schema.js';
import { writeRest } from '../unified/written-data.js';
import { createLanguageReader } from './accept-language.js';
import type { RequestContext } from './context.js';
import { createFormatError } from './format-error.js';
import { graphiqlPage } from './graphiql.js';
import { exampleTabs } from './graphiql-examples.js';
import { createGraphQLHandler } from './graphql-handler.js';
import { createKnownOperations, type KnownOperations } from './known-operations.js';
import { createLimitCheck, type LimitCheck, MAX_TOKENS, type OperationLimits } from './limits.js';
import { asksForExtensions, extensionsPlugin, limitsPlugin, metricsPlugin, responseTypePlugin } from './plugins.js';
import { createRequestContext, type RequestContextOptions } from './request-context.js';

export interface GatewayOptions extends Omit<RequestContextOptions, 'readLanguages'> {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** The GraphQL schema that is served; it may be swapped at any time. */
  readonly schema: { readonly current: GraphQLSchema; readonly gateway: SchemaGateway };
  readonly limits: OperationLimits;
  /** True where every answer lists its upstream requests and its cost; else a client asks for that by a header. */
  readonly showUpstream: boolean;
  /** What must work before requests are taken, by name; each rejects with the reason. */
  readonly readiness: Readonly<Record<string, () => Promise<unknown>>>;
  /** How callers are known; the page to try the graph shows the header for it. */
  readonly authentication: AuthenticationSettings['kind'];
  readonly log: Logger;
}

export interface Gateway {
  /** `http://127.0.0.1:4000` */
  readonly url: string;
  /** Takes no new requests, lets those under way finish, then ends. */
  close(): Promise<void>;
}

/** The HTTP side: `/graphql` and the pages around it. */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const limits = createLimitCheck(options.limits);
  const { executor } = await options.schema.gateway.load();
  const known = createKnownOperations({ schema: options.schema, execute: executor, limits, metrics: options.metrics });
  const apollo = createApollo(options, limits, known);
  await apollo.start();
  const server = createServer(createListener(options, apollo, known));
  await listen(server, options);
  const { port } = server.address() as AddressInfo; // a TCP server that listens has one
  return {
    url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`,
    async close() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      });
      await apollo.stop();
    },
  };
}

function createApollo(
  options: GatewayOptions,
  limits: LimitCheck,
  known: KnownOperations,
): ApolloServer<RequestContext> {
  return new ApolloServer<RequestContext>({
    gateway: takingOver(options.schema.gateway),
    introspection: true,
    stopOnTerminationSignals: false,
    includeStacktraceInErrorResponses: false,
    parseOptions: { maxTokens: MAX_TOKENS },
    stringifyResult: (result) => `${writeRest(result)}\n`,
    formatError: createFormatError({
      onUnknown: (err) => options.log.error({ err }, 'an operation failed for a reason of our own'),
    }),
    plugins: [
      // Its hooks wrap every field's resolver, and nothing here sets cache hints.
      ApolloServerPluginCacheControlDisabled(),
      // A subgraph is taken for one that traces for whoever asks; nobody has asked for that.
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      limitsPlugin(limits),
      known.plugin,
      metricsPlugin(options.metrics),
      extensionsPlugin({ always: options.showUpstream }),
      responseTypePlugin(),
    ],
  });
}

/** The gateway with an executor that tells what came of an operation which was run before. */
function takingOver(gateway: SchemaGateway): SchemaGateway {
  return {
    ...gateway,
    async load() {
      const { executor } = await gateway.load();
      return {
        executor: (request) => {
          // Every context that Apollo Server has is made by `createRequestContext`.
          const { execution } = request.context as RequestContext;
          execution.result ??= executor(request);
          return execution.result;
        },
      };
    },
  };
}

/** The graph is answered before Express is asked, whose routing costs as much as a small query. */
function createListener(options: GatewayOptions, apollo: ApolloServer<RequestContext>, known: KnownOperations) {
  const pages = createPages(options);
  const contextOptions = { ...options, readLanguages: createLanguageReader() };
  const answer = createGraphQLHandler({
    apollo,
    known,
    isExtended: (headers) => options.showUpstream || asksForExtensions(headers),
    createContext: (request, response) => createRequestContext(contextOptions, request, response),
    page: '/graphiql/',
    log: options.log,
  });
  return (request: IncomingMessage, response: ServerResponse): void => {
    if (GRAPHQL_PATH.test(request.url ?? '')) void answer(request, response);
    else pages(request, response);
  };
}

const GRAPHQL_PATH = /^\/graphql\/?(\?|$)/;

function createPages(options: GatewayOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.get('/healthz', (_request, response) => void response.json({ status: 'ok' }));
  app.get('/readyz', readyPage(options.readiness));
  app.get('/metrics', metricsPage(options.metrics));
  app.get('/schema.graphql', schemaPage(options));
  app.use('/graphiql', graphiqlPage({ endpoint: '/graphql', tabs: exampleTabs(options.authentication) }));
  app.get('/', (_request, response) => response.redirect(302, '/graphiql/'));
  app.use(((_request, response) => {
    response
      .status(404)
      .json({ errors: [{ message: 'Nothing is here. The graph is at /graphql, a page to try it at /graphiql.' }] });
  }) satisfies RequestHandler);
  app.use(failedPage(options.log));
  return app;
}

function readyPage(readiness: GatewayOptions['readiness']): RequestHandler {
  return async (_request, response) => {
    const checks = await Promise.all(
      Object.entries(readiness).map(async ([name, check]) => {
        const error = await check().then(
          () => null,
          (reason: unknown) => reason,
        );
        return {
          name,
          ok: error === null,
          ...(error !== null && { detail: error instanceof Error ? error.message : String(error) }),
        };
      }),
    );
    const ok = checks.every((check) => check.ok);
    response.status(ok ? 200 : 503).json({ status: ok ? 'ready' : 'not ready', checks });
  };
}

function metricsPage(metrics: GatewayOptions['metrics']): RequestHandler {
  return async (_request, response) => {
    const { contentType, body } = await metrics.expose();
    response.set('content-type', contentType).send(body);
  };
}

/** The GraphQL schema tells what is mapped, so that it is shown to whoever may query, and to nobody else. */
function schemaPage({ schema, authenticate }: Pick<GatewayOptions, 'schema' | 'authenticate'>): RequestHandler {
  return async (request, response) => {
    try {
      await authenticate(request.headers);
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      const { code, message } = error;
      response.status(code === 'FORBIDDEN' ? 403 : 401).json({ errors: [{ message, extensions: { code } }] });
      return;
    }
    response.type('text/plain');
    await pipeline(printLines(schema.current), response).catch((error: unknown) => {
      // Nobody is there any more to be told of it.
      if (!response.destroyed) throw error;
    });
  };
}

/** The SDL of a GraphQL schema in one fixed order, in pieces. */
async function* printLines(schema: GraphQLSchema): AsyncGenerator<string> {
  yield* printTypes(Object.values(schema.getTypeMap()));
  yield '\n';
}

function failedPage(log: Logger): ErrorRequestHandler {
  return (error: { status?: number }, _request, response, next) => {
    if (response.headersSent) return next(error);
    const isOurs = error.status === undefined || error.status >= 500;
    if (isOurs) log.error({ err: error }, 'a page could not be shown for a reason of our own');
    const message = isOurs
      ? 'Something went wrong in the gateway. Its log tells more.'
      : 'The address is not well formed.';
    response.status(isOurs ? 500 : (error.status ?? 400)).json({ errors: [{ message }] });
  };
}

function listen(server: Server, { host, port }: { readonly host: string; readonly port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
