import type { Logger } from 'pino';
import type { Connections } from '../connectors/connections.js';
import type { CallOptions } from '../model/call.js';
import type { Named } from '../model/catalog.js';
import type { System } from '../model/system.js';
import type { Descriptions, MetadataLook, MetadataMark, Observed, Storage } from '../storage/storage.js';
import { Follower } from './follower.js';
import { look, type Source } from './look.js';
import type { Wanted } from './served-catalog.js';
import { findServingAccount } from './serving-account.js';

export interface FollowOptions {
  readonly storage: Pick<Storage, 'accounts' | 'metadata'>;
  readonly connections: Pick<Connections, 'dynamics' | 'campaign'>;
  /** Address of the Campaign instance; null where there is none. */
  readonly campaignUrl: string | null;
  /** What is known of both systems. */
  readonly observed: () => Promise<Observed>;
  /** What the graph shows beside what is mapped. */
  readonly wanted: Wanted;
  /** How often to look; 0: until what is wanted has been read, and not again. */
  readonly seconds: number;
  readonly log: Logger;
  /** Called when something has changed, and was kept. */
  readonly onChanged: () => Promise<void>;
}

/** Follows in the background what the remotes describe. */
export interface MetadataFollower {
  /** Looks at both systems now. Rejects where one of them does not answer; the other has been looked at then all the same. */
  lookNow(): Promise<void>;
  /** Has Dynamics looked at soon: another account may be the one to read through. */
  accountsChanged(): void;
  /** Names in the settings that a remote has nothing for. */
  unknown(system: System): readonly string[];
  close(): Promise<void>;
}

/** Begins to follow: at once where something is wanted beside what is mapped, else after a period. */
export function followMetadata(options: FollowOptions): MetadataFollower {
  const { wanted, campaignUrl, seconds, log } = options;
  const ending = new AbortController();
  const looker: Looker = { ...options, call: { signal: ending.signal }, unknown: new Map() };
  // One look at a time, as each keeps what it found only where nothing else was kept meanwhile.
  let underWay: Promise<unknown> = Promise.resolve();
  const inTurn = (work: () => Promise<boolean>) => () => {
    const next = underWay.then(work);
    underWay = next.catch(() => undefined);
    return next;
  };
  const lookAt = {
    dynamics: inTurn(() => lookAtDynamics(looker)),
    campaign: inTurn(() => lookAtCampaign(looker)),
  };
  const dynamics = new Follower({
    ...{ system: 'dynamics', seconds, log },
    look: lookAt.dynamics,
    isAwaited: !isNothing(wanted.tables),
  });
  const campaign = new Follower({
    ...{ system: 'campaign', seconds, log },
    look: lookAt.campaign,
    isAwaited: campaignUrl !== null && !isNothing(wanted.schemas),
  });
  dynamics.begin();
  campaign.begin();
  return {
    async lookNow() {
      const ends = await Promise.allSettled([lookAt.dynamics(), lookAt.campaign()]);
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
    },
    accountsChanged: () => dynamics.begin(),
    unknown: (system) => looker.unknown.get(system) ?? [],
    async close() {
      dynamics.close();
      campaign.close();
      ending.abort(new Error('Isthmus is stopping.'));
      await underWay;
    },
  };
}

interface Looker extends FollowOptions {
  readonly call: CallOptions;
  /** What was wanted and not found, of each system that this process has looked at. */
  readonly unknown: Map<System, readonly string[]>;
}

async function lookAtDynamics(looker: Looker): Promise<boolean> {
  const { storage, connections, wanted } = looker;
  const observed = await looker.observed();
  const account = await findServingAccount(storage.accounts, observed.mappings);
  if (account === null) return forgetDynamics(looker, observed);
  return lookAtSide(looker, {
    system: 'dynamics',
    revision: observed.revision,
    place: { account: account.name, server: account.server },
    connector: await connections.dynamics(account.name),
    nameOf: ({ logicalName }) => logicalName,
    mapped: observed.mapped.tables,
    further: observed.further.tables,
    wanted: wanted.tables,
    wrap: (tables) => ({ tables, schemas: [] }),
  });
}

async function lookAtCampaign(looker: Looker): Promise<boolean> {
  const { connections, campaignUrl, wanted, call } = looker;
  if (campaignUrl === null) return false;
  const observed = await looker.observed();
  const connector = await connections.campaign();
  return lookAtSide(looker, {
    system: 'campaign',
    revision: observed.revision,
    place: { account: null, server: campaignUrl },
    connector,
    nameOf: ({ name }) => name,
    mapped: observed.mapped.schemas,
    further: observed.further.schemas,
    wanted: wanted.schemas,
    wrap: (schemas) => ({ tables: [], schemas }),
    // Campaign shows changed schemas to new sessions only.
    prepare: () => connector.reconnect(call),
  });
}

/** One of the two systems, as a look sees it. */
interface Side<Description extends Summary, Summary>
  extends Pick<Source<Description, Summary>, 'connector' | 'nameOf' | 'wanted' | 'prepare'>,
    Pick<MetadataLook, 'system' | 'revision'> {
  /** Whose marks and further descriptions are meant. */
  readonly place: Omit<MetadataMark, 'mark'>;
  readonly mapped: readonly Description[];
  readonly further: readonly Description[];
  readonly wrap: (described: readonly Description[]) => Descriptions;
}

/** Gives false where there is nothing to look at, or another process was quicker. */
async function lookAtSide<Description extends Summary, Summary>(
  looker: Looker,
  side: Side<Description, Summary>,
): Promise<boolean> {
  const { system, revision, place, nameOf, wanted } = side;
  const last = (await looker.storage.metadata.marks())[system];
  const isSame = last !== null && last.account === place.account && last.server === place.server;
  const known = isSame ? [...side.mapped, ...side.further] : side.mapped;
  if (known.length === 0 && isNothing(wanted)) return false;
  const isFirst = !isSame || !looker.unknown.has(system);
  const found = await look({ ...side, known, mark: isSame ? last.mark : null, isFirst }, looker.call);
  const startsAnew = last !== null && !isSame;
  const isKept = await looker.storage.metadata.save({
    ...{ system, revision, startsAnew },
    mark: { ...place, mark: found.mark },
    described: side.wrap(found.described),
    gone: found.gone,
  });
  if (!isKept) return false;
  const present = new Set([...known, ...found.described].map(nameOf));
  for (const name of found.gone) present.delete(name);
  tellUnknown(looker, system, wanted === '*' ? [] : wanted.filter((name) => !present.has(name)));
  if (startsAnew || found.described.length + found.gone.length > 0) await looker.onChanged();
  return true;
}

/** Without an account to read through nothing of an earlier one is left to show. */
async function forgetDynamics(looker: Looker, { revision }: Observed): Promise<boolean> {
  const { storage, onChanged } = looker;
  if ((await storage.metadata.marks()).dynamics === null) return false;
  const nothing = { described: { tables: [], schemas: [] }, gone: [] };
  if (await storage.metadata.save({ system: 'dynamics', revision, mark: null, startsAnew: true, ...nothing }))
    await onChanged();
  return false;
}

/** A name that nothing has is no reason not to serve the rest. */
function tellUnknown({ unknown, log }: Looker, system: System, names: readonly string[]): void {
  const before = unknown.get(system) ?? [];
  unknown.set(system, names);
  const news = names.filter((name) => !before.includes(name));
  if (news.length === 0) return;
  const setting = system === 'dynamics' ? 'DYNAMICS_TABLES' : 'CAMPAIGN_SCHEMAS';
  log.warn({ setting, names: news }, 'a setting names what the remote does not have, or does not show');
}

function isNothing(wanted: Named): boolean {
  return wanted !== '*' && wanted.length === 0;
}
