import type { Logger } from 'pino';
import type { CatchUp } from './catch-up.js';
import type { Connections } from './connectors/connections.js';
import type { UpstreamCall } from './model/call.js';
import { RemoteError, RequestError } from './model/errors.js';
import type { Run, RunError, Workflow } from './model/workflow.js';
import type { Storage } from './storage/storage.js';
import { runWorkflow, type SyncDependencies } from './sync/run-workflow.js';

export interface ExecuteOptions {
  readonly storage: Storage;
  readonly connections: Connections;
  readonly catchUp: CatchUp;
  readonly onCall: (call: UpstreamCall) => void;
  readonly log: Logger;
}

/** Carries a run to its end; one that a process left behind goes on from its cursor. Quiet where the run is gone or has ended. */
export async function executeRun(options: ExecuteOptions, runId: string, signal: AbortSignal): Promise<void> {
  const { storage, log } = options;
  const run = await storage.runs.start(runId);
  const workflow = run && (await storage.workflows.find(run.workflow));
  if (!workflow) return;
  const remotes = await openRemotes(options, run, workflow);
  if (remotes === null) return;
  const finished = await runWorkflow({ storage, onCall: options.onCall, ...remotes }, run, workflow, signal);
  const { status, counts, error } = finished;
  log.info({ run: runId, workflow: workflow.name, status, ...counts, ...(error && { code: error.code }) }, 'run ended');
}

/** The two systems as they are set up now, whichever process did it; null where that failed, and the run with it. */
async function openRemotes(
  { storage, connections, catchUp, log }: ExecuteOptions,
  run: Run,
  workflow: Workflow,
): Promise<Pick<SyncDependencies, 'dynamics' | 'campaign'> | null> {
  try {
    await catchUp.account(workflow.account);
    await catchUp.mappings();
    const [dynamics, campaign] = await Promise.all([connections.dynamics(workflow.account), connections.campaign()]);
    return { dynamics, campaign };
  } catch (error) {
    if (!(error instanceof RequestError || error instanceof RemoteError)) throw error;
    const reason: RunError = { code: error.code, message: error.message };
    await storage.runs.finish(run.id, 'FAILED', { error: reason });
    log.warn({ run: run.id, workflow: workflow.name, ...reason }, 'run could not begin');
    return null;
  }
}
