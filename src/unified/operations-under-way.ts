import {
  type DocumentNode,
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionSetNode,
  validate,
} from 'graphql';
import { within } from '../model/within.js';
import type { OperationExecutor, OperationRequest } from './execute-operation.js';

/** Runs operations, and knows which are under way on which GraphQL schema. */
export interface OperationsUnderWay {
  readonly run: OperationExecutor;
  /** Tells which GraphQL schema is served from now on. */
  serve(schema: GraphQLSchema): void;
  /**
   * Waits until the operations have ended that run on a GraphQL schema from before the one being served, but no longer than `timeoutMs`.
   * Those that come with such a schema from now on are run on the one being served, and refused where they are not valid for it.
   */
  drain(timeoutMs: number): Promise<void>;
}

/**
 * `own` is the GraphQL schema of the static API alone. What asks for nothing else depends on no mapping, and what changes mappings may be who
 * waits: neither is waited for.
 */
export function createOperationsUnderWay(execute: OperationExecutor, own: GraphQLSchema): OperationsUnderWay {
  const underWay = new Set<Running>();
  const isCounted = createCounting(own);
  const order = new WeakMap<GraphQLSchema, number>();
  let current = own;
  let oldest = 0;

  function keepUntilEnd(schema: GraphQLSchema, result: Promise<ExecutionResult>): void {
    const running = { schema, result };
    const end = () => underWay.delete(running);
    underWay.add(running);
    result.then(end, end);
  }

  return {
    run(request) {
      const isLate = (order.get(request.schema) ?? 0) < oldest;
      const errors = isLate ? validate(current, request.document) : [];
      if (errors.length > 0) return Promise.resolve({ errors: errors.map(refusal) });
      const placed = isLate ? { ...request, schema: current } : request;
      const result = execute(placed);
      if (isCounted(placed)) keepUntilEnd(placed.schema, result);
      return result;
    },

    serve(schema) {
      order.set(schema, (order.get(current) ?? 0) + 1);
      current = schema;
    },

    async drain(timeoutMs) {
      oldest = order.get(current) ?? 0;
      const left = [...underWay].filter(({ schema }) => schema !== current);
      await within(timeoutMs, Promise.allSettled(left.map(({ result }) => result)));
    },
  };
}

interface Running {
  readonly schema: GraphQLSchema;
  readonly result: Promise<ExecutionResult>;
}

/** As Apollo Server answers what is not valid from the start. */
function refusal(error: GraphQLError): GraphQLError {
  const extensions = { code: 'GRAPHQL_VALIDATION_FAILED', http: { status: 400 } };
  return new GraphQLError(error.message, { ...(error.nodes && { nodes: error.nodes }), extensions });
}

function createCounting(own: GraphQLSchema): (request: OperationRequest) => boolean {
  const queries = new Set(Object.keys(own.getQueryType()?.getFields() ?? {}));
  const mutations = new Set(Object.keys(own.getMutationType()?.getFields() ?? {}));
  const known = new WeakMap<OperationDefinitionNode, boolean>();

  function decide(document: DocumentNode, operation: OperationDefinitionNode): boolean {
    const names = rootFields(document, operation);
    if (operation.operation === OperationTypeNode.MUTATION) return !names.some((name) => mutations.has(name));
    return names.some((name) => !queries.has(name));
  }

  return ({ document, operation }) => {
    if (!operation) return false;
    const decided = known.get(operation) ?? decide(document, operation);
    known.set(operation, decided);
    return decided;
  };
}

/** The names of an operation's root fields, fragments opened. */
function rootFields(document: DocumentNode, operation: OperationDefinitionNode): readonly string[] {
  const opened = new Set<string>();

  function collect({ selections }: SelectionSetNode): readonly string[] {
    return selections.flatMap((node) => {
      if (node.kind === Kind.FIELD) return node.name.value;
      return node.kind === Kind.INLINE_FRAGMENT ? collect(node.selectionSet) : spread(node.name.value);
    });
  }

  function spread(name: string): readonly string[] {
    if (opened.has(name)) return [];
    opened.add(name);
    const fragment = document.definitions.find(
      (definition) => definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === name,
    );
    return fragment?.kind === Kind.FRAGMENT_DEFINITION ? collect(fragment.selectionSet) : [];
  }

  return collect(operation.selectionSet);
}
