import type { GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import { withhold } from './mapping/withhold.js';
import { createObservedCache } from './metadata/observed-cache.js';
import { servedCatalog, type Wanted } from './metadata/served-catalog.js';
import type { GraphChange } from './model/graph-change.js';
import type { Observed, Storage } from './storage/storage.js';
import { composeSchema } from './unified/compose-schema.js';
import { findGraphChanges } from './unified/graph-changes.js';
import { createPublishedSchema, type PublishedSchema } from './unified/published-schema.js';

/** The graph that is served of what is kept: the mappings, and what both systems were last seen to describe. */
export interface ServedGraph {
  readonly published: PublishedSchema;
  /** The external account that Dynamics is read through; null where there is none. */
  readonly account: string | null;
  readonly observed: () => Promise<Observed>;
  /** The revision of the mappings that the graph is of; empty before the first one is served. */
  readonly revision: string;
  /** Serves what is kept now, from now on; of mappings that are being changed what both systems have throughout. */
  publish(): Promise<void>;
  /** Waits until no operation asks for what only an earlier graph had; as long as a query may take. */
  drain(): Promise<void>;
  /** The same, and tells in the log how the graph differs from the one before. */
  publishAndTell(): Promise<void>;
  /** How the graph of the mapped tables differs from that of the time they were mapped. */
  changes(): Promise<readonly GraphChange[]>;
}

export interface ServedGraphOptions {
  readonly storage: Pick<Storage, 'mappings' | 'metadata'>;
  readonly wanted: Wanted;
  /** The static API. */
  readonly staticSchema: GraphQLSchema;
  /** How long a query may take, in milliseconds. */
  readonly queryTimeoutMs: number;
  readonly log: Logger;
  /** Called when another graph than before is served. */
  readonly onPublished?: () => void;
}

export function createServedGraph(options: ServedGraphOptions): ServedGraph {
  const { storage, wanted, staticSchema, queryTimeoutMs, log, onPublished } = options;
  const published = createPublishedSchema((generated) => composeSchema(staticSchema, generated));
  const observed = createObservedCache(storage);
  let account: string | null = null;
  let revision = '';
  // One after the other: each serves what is kept when its turn comes, so that the last one serves the newest.
  let underWay: Promise<unknown> = Promise.resolve();

  async function publishNow(): Promise<void> {
    const seen = await observed();
    const catalog = withhold(servedCatalog(seen, wanted), seen.underWay);
    account = seen.mappings[0]?.account ?? (await storage.metadata.marks()).dynamics?.account ?? null;
    published.publish(catalog);
    revision = seen.revision;
    onPublished?.();
    const { mappings, tables, schemas } = catalog;
    log.info({ mappings: mappings.length, tables: tables.length, schemas: schemas.length }, 'graph published');
  }

  function publish(): Promise<void> {
    const next = underWay.then(publishNow);
    underWay = next.catch(() => undefined);
    return next;
  }

  return {
    published,
    observed,
    publish,
    drain: () => published.drain(queryTimeoutMs),

    get account() {
      return account;
    },

    get revision() {
      return revision;
    },

    async publishAndTell() {
      const before = published.catalog;
      await publish();
      tell(log, findGraphChanges(before, published.catalog));
    },

    async changes() {
      const kept = await storage.mappings.catalog();
      const { mappings, mapped } = await observed();
      return findGraphChanges(kept, { mappings, ...mapped });
    },
  };
}

/** Lines that one change of the remotes may add to the log. */
const MOST_LINES = 20;

function tell(log: Logger, changes: readonly GraphChange[]): void {
  for (const { kind, system, name, detail } of changes.slice(0, MOST_LINES)) {
    const level = kind === 'ADDITION' ? 'info' : 'warn';
    log[level]({ change: kind, system, of: name }, `the graph has changed: ${detail}`);
  }
  const left = changes.length - MOST_LINES;
  if (left > 0) log.warn({ left }, 'the graph has changed in further places, which are not listed');
}
