import type { IncomingHttpHeaders } from 'node:http';
import type { ApolloServerPlugin, GraphQLRequestContext } from '@apollo/server';
import { GraphQLError, OperationTypeNode } from 'graphql';
import type { RequestContext } from './context.js';
import type { LimitCheck } from './limits.js';
import type { Metrics } from './metrics.js';
import { chooseResponseType, isLegacy } from './response-type.js';

/** Ask for it with `isthmus-upstream: true` to see in `extensions.upstream` which upstream requests an operation cost. */
export const UPSTREAM_HEADER = 'isthmus-upstream';

/** Ask for it with `isthmus-cost: true` to see in `extensions.cost` how many objects the answer could hold, and the limit. */
export const COST_HEADER = 'isthmus-cost';

/** Refuses operations that are too large before they run, and subscriptions, which this endpoint does not carry. */
export function limitsPlugin(check: LimitCheck): ApolloServerPlugin<RequestContext> {
  return {
    async requestDidStart() {
      return {
        async didResolveOperation({ document, operation, schema, request, contextValue }) {
          if (!operation) return;
          contextValue.cost = check.assertWithin(schema, document, operation, request.variables ?? {});
          if (operation.operation === OperationTypeNode.SUBSCRIPTION) throw subscriptionRefused();
          // A client that gives up, or time that runs out, must not leave a change half-made.
          if (operation.operation === OperationTypeNode.QUERY) contextValue.mayEndEarly();
        },
      };
    },
  };
}

function subscriptionRefused(): GraphQLError {
  return new GraphQLError('Subscriptions are not carried here. Ask for the run with the query "run" instead.', {
    extensions: { code: 'UNSUPPORTED', http: { status: 400 } },
  });
}

export function metricsPlugin(metrics: Metrics): ApolloServerPlugin<RequestContext> {
  return {
    async requestDidStart() {
      return {
        async willSendResponse({ operation, response, contextValue }) {
          const failed = response.body.kind === 'single' && response.body.singleResult.errors !== undefined;
          const seconds = (performance.now() - contextValue.started) / 1000;
          metrics.operation(operation?.operation ?? 'none', failed ? 'error' : 'ok', seconds);
        },
      };
    },
  };
}

export interface ExtensionsOptions {
  /** True where every answer lists its upstream requests and its cost, as in development. */
  readonly always: boolean;
}

/** Tells in `extensions` what an operation cost, where the client asks for that. */
export function extensionsPlugin({ always }: ExtensionsOptions): ApolloServerPlugin<RequestContext> {
  return {
    async requestDidStart() {
      return {
        async willSendResponse(context) {
          const { calls, cost } = context.contextValue;
          if (always || asksFor(context, UPSTREAM_HEADER)) extend(context, { upstream: calls });
          if (cost && (always || asksFor(context, COST_HEADER))) extend(context, { cost });
        },
      };
    },
  };
}

/** Tells whether a client asks for any of that. */
export function asksForExtensions(headers: IncomingHttpHeaders): boolean {
  return headers[UPSTREAM_HEADER] === 'true' || headers[COST_HEADER] === 'true';
}

type Context = GraphQLRequestContext<RequestContext>;

function asksFor({ request }: Context, header: string): boolean {
  return request.http?.headers.get(header) === 'true';
}

function extend({ response }: Context, extensions: Readonly<Record<string, unknown>>): void {
  if (response.body?.kind !== 'single') return;
  const { singleResult } = response.body;
  singleResult.extensions = { ...singleResult.extensions, ...extensions };
}

/** Apollo's codes of an operation that is wrong in itself, and ours of one over the limits; not `BAD_REQUEST`, where there is no operation. */
const WRONG_IN_ITSELF = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'OPERATION_RESOLUTION_FAILURE',
]);

/**
 * Sets the type of each answer, once for Apollo, which would find it out itself otherwise, and again for each part of its work. Under
 * `application/json` an operation that cannot run is answered with status 200, as clients from before the specification know no other:
 * https://graphql.github.io/graphql-over-http/draft/#sec-application-json
 */
export function responseTypePlugin(): ApolloServerPlugin<RequestContext> {
  return {
    async requestDidStart() {
      return {
        async willSendResponse({ request, response, errors = [] }) {
          if (!request.http || response.body.kind !== 'single') return;
          const type = chooseResponseType(request.http.headers.get('accept'));
          // Apollo answers 406 where no type is set.
          if (type === null) return;
          response.http.headers.set('content-type', type);
          const isWrong = errors.every(({ extensions }) => WRONG_IN_ITSELF.has(String(extensions?.code)));
          const hasData = response.body.singleResult.data !== undefined;
          if (isLegacy(type) && !hasData && response.http.status === 400 && isWrong) response.http.status = 200;
        },
      };
    },
  };
}
