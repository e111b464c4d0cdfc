import type { ApolloServerPlugin } from '@apollo/server';
import { GraphQLError, OperationTypeNode } from 'graphql';
import type { RequestContext } from './context.js';
import { assertWithinLimits } from './limits.js';
import type { Metrics } from './metrics.js';

/** Ask for it with `isthmus-upstream: true` to see in `extensions.upstream` which upstream requests an operation cost. */
export const UPSTREAM_HEADER = 'isthmus-upstream';

/** Refuses operations that are too large before they run, and subscriptions, which this endpoint does not carry. */
export function limitsPlugin(): ApolloServerPlugin<RequestContext> {
  return {
    async requestDidStart() {
      return {
        async didResolveOperation({ document, operation, contextValue }) {
          if (!operation) return;
          assertWithinLimits(document, operation);
          if (operation.operation === OperationTypeNode.SUBSCRIPTION) throw subscriptionRefused();
          // A client that gives up must not leave a change half-made.
          contextValue.endsWithClient = operation.operation === OperationTypeNode.QUERY;
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
      const start = performance.now();
      return {
        async willSendResponse({ operation, response }) {
          const failed = response.body.kind === 'single' && response.body.singleResult.errors !== undefined;
          const seconds = (performance.now() - start) / 1000;
          metrics.operation(operation?.operation ?? 'none', failed ? 'error' : 'ok', seconds);
        },
      };
    },
  };
}

export function upstreamPlugin(): ApolloServerPlugin<RequestContext> {
  return {
    async requestDidStart() {
      return {
        async willSendResponse({ request, response, contextValue }) {
          if (request.http?.headers.get(UPSTREAM_HEADER) !== 'true' || response.body.kind !== 'single') return;
          const { singleResult } = response.body;
          singleResult.extensions = { ...singleResult.extensions, upstream: contextValue.calls };
        },
      };
    },
  };
}
