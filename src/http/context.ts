import type { ExecutionResult } from 'graphql';
import type { AdminContext } from '../admin/context.js';
import type { UpstreamCall } from '../model/call.js';
import type { UnifiedContext } from '../unified/context.js';
import type { OperationCost } from './limits.js';

/** What every resolver of a request shares. */
export interface RequestContext extends AdminContext, UnifiedContext {
  /** Upstream requests of this operation so far. */
  readonly calls: readonly UpstreamCall[];
  /** When the request began, by `performance.now()`. */
  readonly started: number;
  /** Null until the operation is measured. */
  cost: OperationCost | null;
  /**
   * The result as it was executed, which may have been before Apollo Server was asked to tell what came of it; null until then. It stands
   * in an object of its own, as Apollo Server makes a copy of the context.
   */
  readonly execution: { result: Promise<ExecutionResult> | null };
  /** From now on the upstream work ends when the client leaves or the time is over. Never said of mutations: they go on to their end. */
  readonly mayEndEarly: () => void;
}
