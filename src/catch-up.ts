import { isDeepStrictEqual } from 'node:util';
import type { Connections } from './connectors/connections.js';
import type { AccountConnection } from './model/account.js';
import type { Storage } from './storage/storage.js';

/** Brings this process up to date with what another one on the same database has changed. */
export interface CatchUp {
  /** Remembers how an account was reached when its connector was opened. */
  opened(connection: AccountConnection): void;
  /** Must be called when this process has changed the mappings itself, which needs no catching up. */
  changedHere(): Promise<void>;
  /**
   * New mappings: Campaign is logged on to anew, since a session sees the schemas of its logon only, and `onMappings` is called. Where a
   * change of mappings has begun, and no more, it is called at once: Campaign is as it was.
   */
  mappings(): Promise<void>;
  /** New settings or credentials of an account: its next connector is opened with them. */
  account(name: string): Promise<void>;
}

export interface CatchUpOptions {
  readonly storage: Pick<Storage, 'accounts' | 'mappings'>;
  readonly connections: () => Pick<Connections, 'campaign' | 'forget'>;
  /** False where the settings name no Campaign instance; the graph is served without one. */
  readonly hasCampaign: boolean;
  readonly onMappings: () => Promise<void>;
}

export function createCatchUp({ storage, connections, hasCampaign, onMappings }: CatchUpOptions): CatchUp {
  const opened = new Map<string, AccountConnection>();
  let revision: string | null = null;

  return {
    opened: (connection) => void opened.set(connection.name, connection),

    async changedHere() {
      revision = await storage.mappings.revision();
    },

    async mappings() {
      const current = await storage.mappings.revision();
      const isFirst = revision === null;
      if (current === revision) return;
      const hasBegun = current.startsWith(`${revision}/`);
      if (!isFirst && !hasBegun && hasCampaign) {
        const campaign = await connections().campaign();
        await campaign.reconnect();
      }
      if (!isFirst) await onMappings();
      // Not before that: where one of these fails, the next call tries again.
      revision = current;
    },

    async account(name) {
      const known = opened.get(name);
      if (known === undefined || isDeepStrictEqual(await storage.accounts.connection(name), known)) return;
      opened.delete(name);
      await connections().forget(name);
    },
  };
}
