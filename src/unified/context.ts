import type { CampaignConnector } from '../connectors/campaign/campaign-connector.js';
import type { DynamicsConnector } from '../connectors/dynamics/dynamics-connector.js';
import type { CallOptions } from '../model/call.js';
import type { Languages } from '../model/labels.js';
import type { Loaders } from './loaders.js';

/** What a request asks of every call to a remote. */
export interface Reading extends CallOptions {
  /** The languages that labels are wanted in; absent where the client does not say. */
  readonly languages?: Languages;
  /** Whether its reads may take answers to those of others: asked before each read, as it is known late that a request only reads. */
  readonly onlyReads?: () => boolean;
}

/** What a request asks of a call that reads records. */
export function readOptions({ signal, onCall, onlyReads }: Reading): CallOptions {
  return { ...(signal && { signal }), ...(onCall && { onCall }), ...(onlyReads?.() && { mayShare: true }) };
}

/** How a request reaches the remotes. Either rejects where its system is not set up; only the fields that need it fail then. */
export interface Remotes extends Reading {
  readonly dynamics: () => Promise<DynamicsConnector>;
  readonly campaign: () => Promise<CampaignConnector>;
}

/** What the generated resolvers find in the context of a request. `loaders` are made anew for each request. */
export interface UnifiedContext extends Remotes {
  readonly loaders: Loaders;
  /** Whether who asks may change records. */
  readonly mayWrite: boolean;
}
