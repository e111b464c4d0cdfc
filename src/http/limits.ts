import { type DocumentNode, GraphQLError, type GraphQLSchema, type OperationDefinitionNode } from 'graphql';
import { measureOperation, type OperationSize } from '../unified/operation-size.js';
import { type Cost, costOf } from './operation-cost.js';

/** Bounds on one operation. Introspection queries stay well below them. */
export interface OperationLimits {
  readonly maxDepth: number;
  /** Objects that the answer may hold, as `costOf` counts them. */
  readonly maxCost: number;
  readonly maxAliases: number;
}

/** As in the settings. */
export const DEFAULT_LIMITS: OperationLimits = { maxDepth: 20, maxCost: 100_000, maxAliases: 200 };

/** Fields with every fragment written out where it is used. */
const MAX_FIELDS = 5_000;

/** Fields of the root, each of which can start upstream work. */
const MAX_ROOT_FIELDS = 50;

/** Tokens in one document; parsing stops there. */
export const MAX_TOKENS = 20_000;

/** What `extensions.cost` tells of an operation. */
export interface OperationCost {
  readonly cost: number;
  readonly limit: number;
}

/** Measures operations against the limits; what the text alone decides is measured once for each operation. */
export interface LimitCheck {
  /** Gives the cost. Throws BAD_USER_INPUT where the operation is larger than the limits, naming what it has and what it may have. */
  assertWithin(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Readonly<Record<string, unknown>>,
  ): OperationCost;
}

export function createLimitCheck(limits: OperationLimits = DEFAULT_LIMITS): LimitCheck {
  const sizes = new WeakMap<OperationDefinitionNode, OperationSize>();
  const costs = new WeakMap<OperationDefinitionNode, Cost>();

  function assertSize(document: DocumentNode, operation: OperationDefinitionNode): void {
    if (sizes.has(operation)) return;
    const size = measureOperation(document, operation);
    const roots = operation.selectionSet.selections.length;
    assertAtMost(size.depth, limits.maxDepth, 'levels');
    assertAtMost(size.fields, MAX_FIELDS, 'fields');
    assertAtMost(roots, MAX_ROOT_FIELDS, 'root fields');
    assertAtMost(size.aliases, limits.maxAliases, 'aliases');
    sizes.set(operation, size);
  }

  return {
    assertWithin(schema, document, operation, variables) {
      assertSize(document, operation);
      const cost = costs.get(operation) ?? costOf(schema, document, operation, variables);
      if (!cost.dependsOnVariables) costs.set(operation, cost);
      const told = { cost: cost.value, limit: limits.maxCost };
      if (told.cost > told.limit) throw tooCostly(told);
      return told;
    },
  };
}

function assertAtMost(found: number, most: number, what: string): void {
  if (found <= most) return;
  throw refusal(`Expected an operation of at most ${most} ${what}, but got ${found}. Ask for less at once.`, {});
}

function tooCostly(cost: OperationCost): GraphQLError {
  return refusal(
    `Expected an operation whose answer holds at most ${cost.limit} objects, but by its page sizes it may hold ${cost.cost}. Ask for smaller pages ("first"), above all of lists within lists.`,
    { cost },
  );
}

function refusal(message: string, extensions: Readonly<Record<string, unknown>>): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT', ...extensions, http: { status: 400 } } });
}
