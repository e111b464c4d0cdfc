import type { AccountConnection } from '../model/account.js';
import { RequestError } from '../model/errors.js';
import type { CampaignConnector } from './campaign/campaign-connector.js';
import type { DynamicsConnector } from './dynamics/dynamics-connector.js';

/** The connectors in use, one for each external account and one for Campaign, opened when first asked for and kept. */
export interface Connections {
  /** Rejects with NOT_FOUND where there is no such account. */
  dynamics(account: string): Promise<DynamicsConnector>;
  /** Rejects with UNSUPPORTED where the gateway has no Campaign settings. */
  campaign(): Promise<CampaignConnector>;
  /** Closes the connector of an account whose settings changed; the next one is opened with the new ones. */
  forget(account: string): Promise<void>;
  close(): Promise<void>;
}

export interface ConnectionsOptions {
  readonly findConnection: (account: string) => Promise<AccountConnection | null>;
  readonly openDynamics: (connection: AccountConnection) => DynamicsConnector;
  /** Null where the settings name no Campaign instance. */
  readonly openCampaign: (() => CampaignConnector) | null;
}

export function createConnections(options: ConnectionsOptions): Connections {
  const dynamics = new Map<string, Promise<DynamicsConnector>>();
  let campaign: CampaignConnector | null = null;

  async function openDynamics(account: string): Promise<DynamicsConnector> {
    const connection = await options.findConnection(account);
    if (connection === null) throw unknownAccount(account);
    return options.openDynamics(connection);
  }

  return {
    dynamics(account) {
      const open = dynamics.get(account);
      if (open) return open;
      const opening = openDynamics(account);
      dynamics.set(account, opening);
      // A failed opening is not kept: the account may be made a moment later.
      opening.catch(() => dynamics.delete(account));
      return opening;
    },

    async campaign() {
      if (campaign) return campaign;
      if (options.openCampaign === null) {
        throw new RequestError(
          'UNSUPPORTED',
          'No Campaign instance is configured. Set CAMPAIGN_URL, CAMPAIGN_USER and CAMPAIGN_PASSWORD, and start again.',
        );
      }
      campaign = options.openCampaign();
      return campaign;
    },

    async forget(account) {
      const open = dynamics.get(account);
      dynamics.delete(account);
      await (await open?.catch(() => undefined))?.close();
    },

    async close() {
      const open = [...dynamics.values()];
      dynamics.clear();
      await Promise.all(open.map(async (opening) => (await opening.catch(() => undefined))?.close()));
      await campaign?.close();
      campaign = null;
    },
  };
}

export function unknownAccount(name: string, field?: string): RequestError {
  return new RequestError(
    'NOT_FOUND',
    `There is no external account named "${name}". Make it with createExternalAccount, or name one that externalAccounts lists.`,
    field === undefined ? {} : { field },
  );
}
