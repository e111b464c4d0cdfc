import { setImmediate } from 'node:timers/promises';
import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import type { OperationRequest } from './execute-operation.js';

/** Types described before other requests have their turn: some milliseconds of work. */
const TYPES_AT_ONCE = 20;

/** Tells whether an operation asks for the GraphQL schema, and for nothing else. */
export function isIntrospection({ selectionSet: { selections } }: OperationDefinitionNode): boolean {
  const names = selections.map((node) => (node.kind === Kind.FIELD ? node.name.value : ''));
  return names.includes('__schema') && names.every((name) => name.startsWith('__'));
}

/**
 * Makes what answers introspection. The whole of a large graph takes seconds and a hundred megabytes: so other requests have their turn
 * in between, one answer is made at a time, and whoever asks for the same meanwhile shares it.
 */
export function createIntrospection(): (request: OperationRequest) => Promise<ExecutionResult> {
  const underWay = new Map<string, Promise<ExecutionResult>>();
  const numbers = new WeakMap<object, number>();
  let objects = 0;
  let queue: Promise<unknown> = Promise.resolve();

  /** Tells objects apart in a key. */
  function numberOf(object: GraphQLSchema | DocumentNode): number {
    const number = numbers.get(object) ?? ++objects;
    numbers.set(object, number);
    return number;
  }

  return async (request) => {
    const { operationName, variables } = request.request;
    const key = JSON.stringify([numberOf(request.schema), numberOf(request.document), operationName, variables]);
    const answer = underWay.get(key) ?? queue.then(() => introspect(request));
    if (!underWay.has(key)) {
      underWay.set(key, answer);
      queue = answer.finally(() => underWay.delete(key)).catch(() => undefined);
    }
    // What is done to an answer on its way out is no business of the others who share it.
    return { ...(await answer) };
  };
}

async function introspect({ schema, document, request }: OperationRequest): Promise<ExecutionResult> {
  const { operationName, variables: variableValues } = request;
  return execute({ schema: inTurns(schema), document, operationName, variableValues });
}

/** The same GraphQL schema, which gives its list of types as promises that are kept a few at a time: GraphQL waits for items of a list. */
function inTurns(schema: GraphQLSchema): GraphQLSchema {
  const getTypeMap = () => {
    let turn: Promise<unknown> = Promise.resolve();
    const types = Object.entries(schema.getTypeMap()).map(([name, type], at) => {
      if (at > 0 && at % TYPES_AT_ONCE === 0) turn = turn.then(() => setImmediate());
      return [name, turn.then(() => type)];
    });
    return Object.fromEntries(types);
  };
  const getType = (name: string) => schema.getType(name);
  // What inherits from a GraphQL schema is one; nothing but introspection reads its list of types while it executes.
  return Object.create(schema, { getTypeMap: { value: getTypeMap }, getType: { value: getType } }) as GraphQLSchema;
}
