import type { AdminContext } from '../admin/context.js';
import type { UpstreamCall } from '../model/call.js';
import type { UnifiedContext } from '../unified/context.js';

/** What every resolver of a request shares. */
export interface RequestContext extends AdminContext, UnifiedContext {
  /** Upstream requests of this operation so far. */
  readonly calls: readonly UpstreamCall[];
  /** True while a client that leaves ends the upstream work; mutations go on to their end. */
  endsWithClient: boolean;
}
