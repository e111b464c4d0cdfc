import type { CampaignConnector } from '../connectors/campaign/campaign-connector.js';
import type { DynamicsConnector } from '../connectors/dynamics/dynamics-connector.js';
import type { UpstreamCall } from '../model/call.js';
import { RemoteError, RequestError } from '../model/errors.js';
import type { Operation, Run, RunError, Workflow } from '../model/workflow.js';
import type { Storage } from '../storage/storage.js';
import { importRecords } from './import.js';

export interface SyncDependencies {
  readonly storage: Pick<Storage, 'runs' | 'mappings'>;
  readonly dynamics: DynamicsConnector;
  readonly campaign: CampaignConnector;
  /** Hears of the run when it starts, after each page, and when it ends. */
  readonly onProgress?: (run: Run) => void;
  /** Hears of each request to either system. */
  readonly onCall?: (call: UpstreamCall) => void;
}

/** What an operation works with. `run` is as it was when taken up; its cursor tells where to continue. */
export interface RunContext extends SyncDependencies {
  readonly run: Run;
  readonly workflow: Workflow;
  readonly signal: AbortSignal;
}

/** How an operation ended. `index` is where the workflow's next run begins; null leaves it where it is. */
export type RunOutcome =
  | { readonly status: 'SUCCEEDED'; readonly index: string | null }
  | { readonly status: 'STOPPED' };

/**
 * Carries a run from where it stands to its end, and gives it back as it ended. A fault of a remote, or a workflow that cannot run, ends it
 * as FAILED with the code and message; a record that cannot be written is a reject and ends nothing.
 *
 * When `signal` aborts, the run is left RUNNING with the cursor of its last saved page, and the promise rejects: who takes it up again
 * continues there. It also rejects, with the run FAILED, for a fault of our own.
 */
export async function runWorkflow(
  dependencies: SyncDependencies,
  run: Run,
  workflow: Workflow,
  signal: AbortSignal,
): Promise<Run> {
  const { runs } = dependencies.storage;
  const started = await runs.start(run.id);
  if (!started) return (await runs.find(run.id)) ?? run;
  dependencies.onProgress?.(started);
  try {
    const outcome = await OPERATIONS[workflow.operation]({ ...dependencies, run: started, workflow, signal });
    return await finish(dependencies, started, outcome);
  } catch (error) {
    signal.throwIfAborted();
    const failed = await runs.finish(started.id, 'FAILED', { error: toRunError(error) });
    dependencies.onProgress?.(failed);
    if (!isExpected(error)) throw error;
    return failed;
  }
}

const OPERATIONS: Readonly<Record<Operation, (context: RunContext) => Promise<RunOutcome>>> = {
  IMPORT: importRecords,
  EXPORT: refuseOperation,
  IMPORT_DELETED: refuseOperation,
  DELETE: refuseOperation,
};

async function refuseOperation({ workflow }: RunContext): Promise<never> {
  throw new RequestError(
    'UNSUPPORTED',
    `Workflow "${workflow.name}" has the operation ${workflow.operation}, which cannot be run yet. IMPORT can.`,
    { field: 'operation' },
  );
}

async function finish(dependencies: SyncDependencies, run: Run, outcome: RunOutcome): Promise<Run> {
  const index = outcome.status === 'SUCCEEDED' ? outcome.index : null;
  const finished = await dependencies.storage.runs.finish(run.id, outcome.status, index === null ? {} : { index });
  dependencies.onProgress?.(finished);
  return finished;
}

function toRunError(error: unknown): RunError {
  if (isExpected(error)) return { code: error.code, message: error.message };
  // What we did not foresee may hold anything, so that its message is for the log alone.
  return { code: 'INTERNAL_SERVER_ERROR', message: 'The run met a fault of Isthmus itself; the log tells more.' };
}

function isExpected(error: unknown): error is RequestError | RemoteError {
  return error instanceof RequestError || error instanceof RemoteError;
}
