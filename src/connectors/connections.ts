import type { AccountConnection, CheckStep } from '../model/account.js';
import { RequestError } from '../model/errors.js';
import type { CampaignConnector } from './campaign/campaign-connector.js';
import { CurrentConnector, type Lease } from './dynamics/current-connector.js';
import type { CheckOptions, DynamicsConnector } from './dynamics/dynamics-connector.js';

/** The connectors in use, one for each external account and one for Campaign, opened when first asked for and kept. */
export interface Connections {
  /**
   * The connector of an account, which may be kept: its calls always go by the settings of the moment. Rejects with NOT_FOUND where there is
   * no such account.
   */
  dynamics(account: string): Promise<DynamicsConnector>;
  /** Rejects with UNSUPPORTED where the gateway has no Campaign settings. */
  campaign(): Promise<CampaignConnector>;
  /** Called when the settings of an account have changed: the next call uses the new ones, those under way end with the old ones. */
  forget(account: string): Promise<void>;
  /** Tests settings that are not saved yet, on a connector of their own. */
  test(connection: AccountConnection, options?: CheckOptions): Promise<readonly CheckStep[]>;
  close(): Promise<void>;
}

export interface ConnectionsOptions {
  readonly findConnection: (account: string) => Promise<AccountConnection | null>;
  readonly openDynamics: (connection: AccountConnection) => DynamicsConnector;
  /** Null where the settings name no Campaign instance. */
  readonly openCampaign: (() => CampaignConnector) | null;
}

export function createConnections(options: ConnectionsOptions): Connections {
  const leases = new Map<string, Promise<Lease>>();
  const retired = new Set<Lease>();
  let campaign: CampaignConnector | null = null;

  async function open(account: string): Promise<Lease> {
    const connection = await options.findConnection(account);
    if (connection === null) throw unknownAccount(account);
    return { connector: options.openDynamics(connection), callsUnderWay: 0, retired: false };
  }

  function current(account: string): Promise<Lease> {
    const known = leases.get(account);
    if (known) return known;
    const opening = open(account);
    leases.set(account, opening);
    // A failed opening is not kept: the account may be made a moment later.
    opening.catch(() => leases.get(account) === opening && leases.delete(account));
    return opening;
  }

  async function end(lease: Lease): Promise<void> {
    retired.delete(lease);
    await lease.connector.close();
  }

  return {
    async dynamics(account) {
      await current(account);
      return new CurrentConnector({ current: () => current(account), end: (lease) => void end(lease) });
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
      const open = leases.get(account);
      leases.delete(account);
      const lease = await open?.catch(() => null);
      if (!lease) return;
      lease.retired = true;
      retired.add(lease);
      if (lease.callsUnderWay === 0) await end(lease);
    },

    test(connection, checkOptions) {
      const connector = options.openDynamics(connection);
      return connector.check(checkOptions).finally(() => connector.close());
    },

    async close() {
      const open = [...leases.values()];
      leases.clear();
      const opened = await Promise.all(open.map((opening) => opening.catch(() => null)));
      await Promise.all([...retired, ...opened].map((lease) => lease?.connector.close()));
      retired.clear();
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
