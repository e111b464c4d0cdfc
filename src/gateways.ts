import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { CatchUp } from './catch-up.js';
import type { ServedGraph } from './served-graph.js';
import type { Storage } from './storage/storage.js';

/** This gateway among those on the same PostgreSQL. */
export interface Gateways {
  /** Must be called when this gateway serves what is kept: it looks for what others change from now on. */
  begin(): Promise<void>;
  /**
   * Waits until nobody asks any other gateway for what the change of mappings under way takes away. One that is not heard of any more is
   * not waited for, nor is any for longer than it may take to look and to end its operations.
   */
  following(): Promise<void>;
  close(): Promise<void>;
}

export interface GatewaysOptions {
  readonly storage: Pick<Storage, 'gateways' | 'mappings'>;
  readonly catchUp: Pick<CatchUp, 'mappings'>;
  readonly graph: Pick<ServedGraph, 'drain' | 'revision'>;
  /** How often a gateway looks for new mappings, in milliseconds. */
  readonly watchMs: number;
  /** How long a query may take, in milliseconds. */
  readonly queryTimeoutMs: number;
  readonly log: Logger;
}

/** A gateway that has missed so many looks is taken for dead. */
const MISSED_LOOKS = 3;
const POLL_MS = 100;

/** The embedded database has one process only. */
export const ALONE: Gateways = { begin: ignore, following: ignore, close: ignore };

/**
 * Joins the gateways on the database, before this one reads what it is to serve: whoever changes the mappings from now on waits for it.
 */
export async function joinGateways(options: GatewaysOptions): Promise<Gateways> {
  const { storage, catchUp, graph, watchMs, queryTimeoutMs, log } = options;
  const id = randomUUID();
  const ending = new AbortController();
  let told = '';
  let watch: NodeJS.Timeout | undefined;
  let looking: Promise<void> | null = null;

  async function tell(revision: string): Promise<void> {
    told = revision;
    if (!ending.signal.aborted) await storage.gateways.tell(id, revision);
  }

  async function look(): Promise<void> {
    await catchUp.mappings();
    const { revision } = graph;
    if (revision === told) return;
    await graph.drain();
    await tell(revision);
  }

  /** One look at a time, however long operations take to end; that this gateway lives is told all the while. */
  async function check(): Promise<void> {
    await tell(told);
    looking ??= look().finally(() => {
      looking = null;
    });
    await looking;
  }

  async function isFollowed(): Promise<boolean> {
    const change = changeOf(await storage.mappings.revision());
    const others = await storage.gateways.others(id, (MISSED_LOOKS * watchMs) / 1000);
    return others.every((revision) => changeOf(revision) === change);
  }

  await tell('');
  return {
    async begin() {
      await tell(graph.revision);
      const warn = (err: unknown) => log.warn({ err }, 'new mappings could not be looked up');
      watch = setInterval(() => void check().catch(warn), watchMs).unref();
    },

    async following() {
      const end = performance.now() + MISSED_LOOKS * watchMs + queryTimeoutMs;
      while (!(await isFollowed())) {
        if (performance.now() > end) return log.warn('another gateway does not follow the change of mappings');
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
        ending.signal.throwIfAborted();
      }
    },

    async close() {
      clearInterval(watch);
      ending.abort(new Error('Isthmus is stopping.'));
      await looking?.catch(() => undefined);
      await storage.gateways.leave(id).catch(() => undefined);
    },
  };
}

async function ignore(): Promise<void> {}

/** What a revision tells of the change under way. */
function changeOf(revision: string): string | undefined {
  return revision.split('/')[1];
}
