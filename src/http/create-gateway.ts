import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled';
import type { GatewayInterface } from '@apollo/server-gateway-interface';
import { expressMiddleware } from '@as-integrations/express5';
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import { GraphQLError, type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql';
import type { Logger } from 'pino';
import type { Principal } from '../admin/context.js';
import type { CallOptions, UpstreamCall } from '../model/call.js';
import { RequestError } from '../model/errors.js';
import type { UnifiedContext } from '../unified/context.js';
import type { Authenticate } from './authenticate.js';
import type { RequestContext } from './context.js';
import { createFormatError } from './format-error.js';
import { graphiqlPage } from './graphiql.js';
import { MAX_TOKENS } from './limits.js';
import type { Metrics } from './metrics.js';
import { limitsPlugin, metricsPlugin, upstreamPlugin } from './plugins.js';

const MAX_BODY = '1mb';

/** Upstream requests remembered for one operation; more are counted in the metrics only. */
const MAX_CALLS = 500;

export interface GatewayOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** The GraphQL schema that is served; it may be swapped at any time. */
  readonly schema: { readonly current: GraphQLSchema; readonly gateway: GatewayInterface };
  readonly authenticate: Authenticate;
  readonly createUnifiedContext: (call: CallOptions) => UnifiedContext;
  readonly metrics: Metrics;
  /** What must work before requests are taken, by name; each rejects with the reason. */
  readonly readiness: Readonly<Record<string, () => Promise<unknown>>>;
  readonly exampleQuery: string;
  readonly log: Logger;
}

export interface Gateway {
  readonly app: Express;
  /** `http://127.0.0.1:4000` */
  readonly url: string;
  /** Takes no new requests, lets those under way finish, then ends. */
  close(): Promise<void>;
}

/** The HTTP side: `/graphql` and the pages around it. */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const apollo = createApollo(options);
  await apollo.start();
  const app = createApp(options, apollo);
  const server = createServer(app);
  await listen(server, options);
  const { port } = server.address() as AddressInfo; // a TCP server that listens has one
  return {
    app,
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

function createApollo(options: GatewayOptions): ApolloServer<RequestContext> {
  return new ApolloServer<RequestContext>({
    gateway: options.schema.gateway,
    introspection: true,
    stopOnTerminationSignals: false,
    includeStacktraceInErrorResponses: false,
    parseOptions: { maxTokens: MAX_TOKENS },
    formatError: createFormatError({
      onUnknown: (err) => options.log.error({ err }, 'an operation failed for a reason of our own'),
    }),
    plugins: [
      // Its hooks wrap every field's resolver, and nothing here sets cache hints.
      ApolloServerPluginCacheControlDisabled(),
      limitsPlugin(),
      metricsPlugin(options.metrics),
      upstreamPlugin(),
    ],
  });
}

function createApp(options: GatewayOptions, apollo: ApolloServer<RequestContext>): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.get('/healthz', (_request, response) => void response.json({ status: 'ok' }));
  app.get('/readyz', readyPage(options.readiness));
  app.get('/metrics', metricsPage(options.metrics));
  app.get('/schema.graphql', schemaPage(options.schema));
  app.use('/graphiql', graphiqlPage({ endpoint: '/graphql', query: options.exampleQuery }));
  app.get('/', (_request, response) => response.redirect(302, '/graphiql/'));
  app.use(
    '/graphql',
    express.json({ limit: MAX_BODY }),
    express.text({ type: 'application/graphql', limit: MAX_BODY }),
    asOperation,
    expressMiddleware(apollo, { context: ({ req, res }) => createContext(options, req, res) }),
  );
  app.use(((_request, response) => {
    response
      .status(404)
      .json({ errors: [{ message: 'Nothing is here. The graph is at /graphql, a page to try it at /graphiql.' }] });
  }) satisfies RequestHandler);
  app.use(bodyError);
  return app;
}

/**
 * Lets a `.graphql` file be sent as it is (`content-type: application/graphql`), and a query by GET.
 *
 * Neither opens a way around Apollo's CSRF check: a page of another site cannot send that content type unasked, and Apollo refuses
 * mutations by GET.
 */
const asOperation: RequestHandler = (request, _response, next) => {
  if (typeof request.body === 'string') request.body = { query: request.body };
  if (request.is('application/graphql')) request.headers['content-type'] = 'application/json';
  if (request.method === 'GET') request.headers['apollo-require-preflight'] = '1';
  next();
};

async function createContext(options: GatewayOptions, request: Request, response: Response): Promise<RequestContext> {
  const principal = await authenticated(options.authenticate, request);
  const controller = new AbortController();
  const calls: UpstreamCall[] = [];
  const call: CallOptions = {
    signal: controller.signal,
    onCall: (made) => {
      options.metrics.upstream(made);
      if (calls.length < MAX_CALLS) calls.push(made);
    },
  };
  const context: RequestContext = {
    ...options.createUnifiedContext(call),
    principal,
    call,
    calls,
    endsWithClient: false,
  };
  response.once('close', () => {
    if (context.endsWithClient && !response.writableFinished) controller.abort();
  });
  return context;
}

const STATUS: Readonly<Record<string, number>> = { UNAUTHENTICATED: 401, FORBIDDEN: 403 };

async function authenticated(authenticate: Authenticate, request: Request): Promise<Principal> {
  try {
    return await authenticate(request.headers);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    // Apollo keeps the code and status of an error thrown here only if it is a GraphQLError.
    throw new GraphQLError(error.message, {
      extensions: { code: error.code, http: { status: STATUS[error.code] ?? 400 } },
    });
  }
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

function metricsPage(metrics: Metrics): RequestHandler {
  return async (_request, response) => {
    const { contentType, body } = await metrics.expose();
    response.set('content-type', contentType).send(body);
  };
}

function schemaPage(schema: GatewayOptions['schema']): RequestHandler {
  return (_request, response) => {
    response.type('text/plain').send(printGraphQLSchema(schema.current));
  };
}

/** The SDL of a GraphQL schema in one fixed order, as `/schema.graphql` serves it and `schema.graphql` keeps it. */
export function printGraphQLSchema(schema: GraphQLSchema): string {
  return `${printSchema(lexicographicSortSchema(schema))}\n`;
}

/** A body that cannot be read is answered in JSON, as every other fault of a request. */
const bodyError: ErrorRequestHandler = (error: { status?: number; message?: string }, _request, response, next) => {
  if (response.headersSent) return next(error);
  const status = error.status !== undefined && error.status >= 400 && error.status < 500 ? error.status : 500;
  const message =
    status === 500 ? 'Something went wrong in the gateway.' : `Expected a JSON body with a "query": ${error.message}.`;
  const code = status === 500 ? 'INTERNAL_SERVER_ERROR' : 'BAD_USER_INPUT';
  response.status(status).json({ errors: [{ message, extensions: { code } }] });
};

function listen(server: Server, { host, port }: { readonly host: string; readonly port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
