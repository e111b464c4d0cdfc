import type { ApolloServerPlugin } from '@apollo/server';
import {
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
  getOperationAST,
  type OperationDefinitionNode,
  OperationTypeNode,
} from 'graphql';
import type { OperationExecutor, OperationRequest } from '../unified/execute-operation.js';
import { WrittenData } from '../unified/written-data.js';
import type { RequestContext } from './context.js';
import { encodeLine } from './encode-line.js';
import type { LimitCheck } from './limits.js';
import type { Metrics } from './metrics.js';

/** A query that Apollo Server has parsed and validated before, with what a client sends beside its text. */
export interface KnownQuery extends Omit<OperationRequest, 'context'> {
  readonly operation: OperationDefinitionNode;
}

/**
 * The queries that Apollo Server has seen. One that comes again is run without asking it: what is left of its work then, once the text
 * is known to be valid, takes longer than a small answer itself. It still tells all that is not a plain answer: errors above all.
 */
export interface KnownOperations {
  /** Remembers the texts that Apollo Server found valid. */
  readonly plugin: ApolloServerPlugin<RequestContext>;
  /** The query in the body of a POST, or null where Apollo Server is to be asked. */
  find(body: unknown): KnownQuery | null;
  /**
   * Runs a query and gives its answer as JSON, or null where Apollo Server is to be asked what came of it: of an operation over
   * the limits, of one with errors, or of one whose data is text already; their result the context keeps.
   */
  run(query: KnownQuery, context: RequestContext): Promise<string | Buffer | null>;
}

export interface KnownOperationsOptions {
  readonly schema: { readonly current: GraphQLSchema };
  readonly execute: OperationExecutor;
  readonly limits: LimitCheck;
  readonly metrics: Metrics;
}

/** Texts remembered; the one remembered first makes room for a new one. */
const MAX_TEXTS = 1_000;

/** Characters of one text, which a client that sends it again and again would rather not have. */
const MAX_LENGTH = 20_000;

export function createKnownOperations({ schema, execute, limits, metrics }: KnownOperationsOptions): KnownOperations {
  const texts = new Map<string, KnownText>();
  let last: GraphQLSchema | null = null;

  function remember(text: string, known: KnownText): void {
    // A GraphQL schema that was served before is not to be held by texts that nobody sends any more.
    if (known.schema !== last) texts.clear();
    last = known.schema;
    if (text.length > MAX_LENGTH || texts.get(text)?.schema === known.schema) return;
    texts.delete(text);
    const [oldest = ''] = texts.size < MAX_TEXTS ? [] : texts.keys();
    texts.delete(oldest);
    texts.set(text, known);
  }

  return {
    plugin: {
      async requestDidStart() {
        return {
          async didResolveOperation({ source, document, schema: validFor }) {
            remember(source, { schema: validFor, document });
          },
        };
      },
    },

    find(body) {
      const asked = plainQuery(body);
      const known = asked && texts.get(asked.text);
      if (!known || known.schema !== schema.current) return null;
      const operation = getOperationAST(known.document, asked.request.operationName);
      if (operation?.operation !== OperationTypeNode.QUERY) return null;
      return { ...known, operation, request: asked.request };
    },

    async run(query, context) {
      try {
        const variables = query.request.variables ?? {};
        context.cost = limits.assertWithin(query.schema, query.document, query.operation, variables);
      } catch {
        return null;
      }
      context.mayEndEarly();
      context.execution.result = execute({ ...query, context });
      let result: ExecutionResult;
      try {
        result = await context.execution.result;
      } catch {
        return null;
      }
      if (result.errors || result.data instanceof WrittenData) return null;
      metrics.operation(query.operation.operation, 'ok', (performance.now() - context.started) / 1000);
      return encode(result);
    },
  };
}

/** Characters of an answer that Node sends together with its headers, in one piece, where it is given as a text. */
const SHORT = 4_096;

/** The JSON that Apollo Server gives; a long one in bytes: as a text, it would be copied twice more on its way to the client. */
function encode(result: ExecutionResult): string | Buffer {
  const text = JSON.stringify(result);
  return text.length <= SHORT ? `${text}\n` : encodeLine(text);
}

interface KnownText {
  /** The GraphQL schema that the document is valid for. */
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
}

interface PlainQuery {
  readonly text: string;
  readonly request: OperationRequest['request'];
}

/** A body that holds a text, and at most variables and a name beside it; null for any other. */
function plainQuery(body: unknown): PlainQuery | null {
  if (!isObject(body)) return null;
  const { query, variables = null, operationName = null, extensions = null } = body;
  if (typeof query !== 'string' || extensions !== null) return null;
  if (variables !== null && !isObject(variables)) return null;
  if (operationName !== null && typeof operationName !== 'string') return null;
  return { text: query, request: { operationName, variables: variables ?? undefined } };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
