import type { CampaignConnector } from '../connectors/campaign/campaign-connector.js';
import type { DynamicsConnector } from '../connectors/dynamics/dynamics-connector.js';
import type { CallOptions } from '../model/call.js';
import type { Loaders } from './loaders.js';

/** How a request reaches the remotes. Either rejects where its system is not set up; only the fields that need it fail then. */
export interface Remotes extends CallOptions {
  readonly dynamics: () => Promise<DynamicsConnector>;
  readonly campaign: () => Promise<CampaignConnector>;
}

/** What the generated resolvers find in the context of a request. `loaders` are made anew for each request. */
export interface UnifiedContext extends Remotes {
  readonly loaders: Loaders;
  /** Whether who asks may change records. */
  readonly mayWrite: boolean;
}
