import type { GraphQLSchema } from 'graphql';
import { type Catalog, EMPTY_CATALOG } from '../model/catalog.js';
import { createOperationExecutor, type OperationExecutor } from './execute-operation.js';
import { createOperationsUnderWay } from './operations-under-way.js';
import { buildGeneratedSchema, type GeneratedFields, NO_FIELDS } from './schema/build-generated-schema.js';

/** What Apollo is told when the GraphQL schema changes. Nothing we use reads `coreSupergraphSdl`. */
export interface PublishedSchemaUpdate {
  readonly apiSchema: GraphQLSchema;
  readonly coreSupergraphSdl: string;
}

/**
 * The GraphQL schema being served. It is what Apollo Server calls a gateway, so that it can be the `gateway` option of a server, which
 * then changes over without a restart; requests in flight finish on the schema they began with.
 */
export interface PublishedSchema extends SchemaGateway {
  readonly current: GraphQLSchema;
  /** What `current` was built of. */
  readonly catalog: Catalog;
  /** This object as no more than the gateway it is. */
  readonly gateway: SchemaGateway;
  /** Builds the GraphQL schema of a catalog and serves it from now on. Throws, and keeps the one served, where it cannot be built. */
  publish(catalog: Catalog): void;
  /**
   * Waits until no operation asks for anything that only an earlier GraphQL schema has, but no longer than `timeoutMs`. Operations that
   * change mappings, or wait for others that do, are not waited for.
   */
  drain(timeoutMs: number): Promise<void>;
}

/** What Apollo Server asks of a gateway. */
export interface SchemaGateway {
  /** Hears of each schema published from now on; returns what ends that. */
  onSchemaLoadOrUpdate(callback: (update: PublishedSchemaUpdate) => void): () => void;
  /** Tells every subscriber the current schema, and gives what runs operations against the schema that each began with. */
  load(): Promise<{ executor: OperationExecutor }>;
  /** Does nothing: a server that stops has ended its own subscription, and others may be listening. */
  stop(): Promise<void>;
}

/**
 * Makes the published schema, which begins with the empty catalog. `compose` puts generated fields beside the static API; it is also
 * called with none, to learn the names that the static API has. `executor` runs the operations.
 */
export function createPublishedSchema(
  compose: (generated: GeneratedFields) => GraphQLSchema,
  executor = createOperationExecutor(),
): PublishedSchema {
  const beside = compose(NO_FIELDS);
  const subscribers = new Set<(update: PublishedSchemaUpdate) => void>();
  const operations = createOperationsUnderWay(executor, beside);
  let current = build(EMPTY_CATALOG);
  let published = EMPTY_CATALOG;
  operations.serve(current);

  function build(catalog: Catalog): GraphQLSchema {
    return compose(buildGeneratedSchema(catalog, { beside }));
  }

  function tellAll(): void {
    for (const tell of [...subscribers]) tell({ apiSchema: current, coreSupergraphSdl: '' });
  }

  const gateway: SchemaGateway = {
    onSchemaLoadOrUpdate(callback) {
      subscribers.add(callback);
      return () => subscribers.delete(callback);
    },

    async load() {
      tellAll();
      return { executor: operations.run };
    },

    async stop() {},
  };

  return {
    ...gateway,
    gateway,

    get current() {
      return current;
    },

    get catalog() {
      return published;
    },

    publish(catalog) {
      current = build(catalog);
      published = catalog;
      operations.serve(current);
      tellAll();
    },

    drain: operations.drain,
  };
}
