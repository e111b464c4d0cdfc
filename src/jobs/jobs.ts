import { type ConstructorOptions, fromPglite, type JobWithMetadata, PgBoss, type QueueOptions } from 'pg-boss';
import type { Logger } from 'pino';
import { RequestError } from '../model/errors.js';
import { within } from '../model/within.js';
import type { Database } from '../storage/create-storage.js';
import { assertCron, wrongCron } from './cron.js';

/** The queue: who runs a workflow and when. */
export interface Jobs {
  /** Lets a worker execute the run, soon. Where the run is queued or executed already, nothing changes. */
  enqueue(runId: string): Promise<void>;
  /** Starts the workflow at the times of a cron expression (five fields, UTC) from now on; null ends that. Throws BAD_USER_INPUT. */
  schedule(workflow: string, cron: string | null): Promise<void>;
  /**
   * Takes up no more work. Runs under way have `graceMs` to finish; then their signal is aborted, and another worker or the next start takes
   * them up where they stopped.
   */
  stop(graceMs: number): Promise<void>;
}

export interface JobsOptions {
  readonly database: Database;
  /** False where this process only enqueues and leaves the work to others; needs a PostgreSQL that they share. Default true. */
  readonly work?: boolean;
  /** How many runs this process executes at once. Default 2. */
  readonly concurrency?: number;
  /**
   * Executes a run from where it stands, until it is finished or the signal aborts. An outcome it knows it saves itself; when it rejects, it is
   * called again a few times, and then the run is FAILED.
   */
  readonly execute: (runId: string, signal: AbortSignal) => Promise<void>;
  /** Queues a run of a workflow because its time has come. Rejects with NOT_FOUND where there is no such workflow. */
  readonly startScheduled: (workflow: string) => Promise<void>;
  readonly log: Logger;
}

const RUNS = 'run';
const SCHEDULED_STARTS = 'scheduled-start';

/** A worker that stays silent for this long is taken for dead, and its runs go to another one. */
const HEARTBEAT_SECONDS = 30;
const RESUME_INTERVAL_MS = 60_000;
/** How long aborted runs may take to come to rest. */
const ABORT_MS = 10_000;

const QUEUES: Readonly<Record<string, QueueOptions & { readonly policy: string; readonly notify: boolean }>> = {
  [RUNS]: {
    policy: 'exclusive', // one job a run, from when it is queued until it is done
    notify: true,
    heartbeatSeconds: HEARTBEAT_SECONDS,
    expireInSeconds: 24 * 60 * 60,
    deleteAfterSeconds: 60 * 60,
    retryLimit: 10,
    retryDelay: 1,
    retryBackoff: true,
    retryDelayMax: 60,
  },
  [SCHEDULED_STARTS]: {
    policy: 'standard',
    notify: true,
    expireInSeconds: 60,
    deleteAfterSeconds: 60 * 60,
    retryLimit: 3,
    retryDelay: 5,
    retryBackoff: true,
  },
};

/** Opens the queue in the database and begins to work, first on the runs that a process before this one left unfinished. */
export async function createJobs(options: JobsOptions): Promise<Jobs> {
  const boss = new PgBoss(bossOptions(options));
  boss.on('error', (error) => options.log.error({ error }, 'queue failed'));
  boss.on('warning', ({ message, data }) => options.log.warn({ data }, message));
  const jobs = new QueuedJobs(boss, options);
  try {
    await boss.start();
    await createQueues(boss);
    if (options.work ?? true) await jobs.work();
    return jobs;
  } catch (error) {
    await jobs.stop(0);
    throw error;
  }
}

function bossOptions({ database: { connection }, work = true }: JobsOptions): ConstructorOptions {
  const common = { schema: 'pgboss', useListenNotify: true, supervise: work, schedule: work };
  if (connection.kind === 'embedded') return { ...common, db: fromPglite(connection.pglite), backend: 'pglite' };
  // Dead workers are looked for often, so that their runs wait little longer than the heartbeat that shows them dead.
  const supervision = { superviseIntervalSeconds: 10, monitorIntervalSeconds: 10 };
  return { ...common, ...supervision, connectionString: connection.url, max: 5, connectionTimeoutMillis: 10_000 };
}

async function createQueues(boss: PgBoss): Promise<void> {
  for (const [name, { policy, ...options }] of Object.entries(QUEUES)) {
    await boss.createQueue(name, { policy, ...options });
    await boss.updateQueue(name, options); // a queue that an earlier version made takes on what this one wants
  }
}

interface RunJob {
  readonly runId: string;
}

interface ScheduledStart {
  readonly workflow: string;
}

class QueuedJobs implements Jobs {
  private readonly log: Logger;
  private readonly aborting = new AbortController();
  private readonly interrupted = new Set<string>();
  private resuming: NodeJS.Timeout | null = null;
  private stopping: Promise<void> | null = null;

  constructor(
    private readonly boss: PgBoss,
    private readonly options: JobsOptions,
  ) {
    this.log = options.log;
  }

  async enqueue(runId: string): Promise<void> {
    const table = await this.tableOf(runId);
    await this.boss.send(RUNS, { runId }, { singletonKey: runId, ...(table !== null && { group: { id: table } }) });
  }

  /** Runs of one table wait for each other: both would find a new record missing in Campaign, and both would make it. */
  private async tableOf(runId: string): Promise<string | null> {
    const { runs, workflows } = this.options.database.storage;
    const run = await runs.find(runId);
    const workflow = run && (await workflows.find(run.workflow));
    return workflow && `${workflow.account}/${workflow.table}`;
  }

  async schedule(workflow: string, cron: string | null): Promise<void> {
    const key = Buffer.from(workflow).toString('base64url');
    if (cron === null) return this.boss.unschedule(SCHEDULED_STARTS, key);
    assertCron(cron);
    this.assertComes(cron);
    // A time that passed while no process was up is made up for, once.
    await this.boss.schedule(SCHEDULED_STARTS, cron, { workflow }, { key, tz: 'UTC', missed: 'once' });
  }

  stop(graceMs: number): Promise<void> {
    this.stopping ??= this.stopAll(graceMs);
    return this.stopping;
  }

  /** Begins to work. */
  async work(): Promise<void> {
    if (this.options.database.connection.kind === 'embedded') await this.releaseJobsOfTheDead();
    await this.restoreSchedules();
    await this.resume();
    this.resuming = setInterval(() => void this.tryToResume(), RESUME_INTERVAL_MS).unref();
    const polling = { pollingIntervalSeconds: 2, notifyPollingIntervalSeconds: 2, includeMetadata: true } as const;
    const runs = {
      ...polling,
      localConcurrency: this.options.concurrency ?? 2,
      groupConcurrency: 1,
      heartbeatRefreshSeconds: 10,
    };
    await this.boss.work<RunJob, void, typeof runs>(RUNS, runs, async ([job]) => job && this.executeRun(job));
    await this.boss.work<ScheduledStart, void, typeof polling>(SCHEDULED_STARTS, polling, async ([job]) => {
      if (job) await this.startScheduled(job.data.workflow);
    });
  }

  /** Only one process at a time has the embedded database open, so a job that is active before we begin is one of a process that died. */
  private async releaseJobsOfTheDead(): Promise<void> {
    for (const { id } of await this.options.database.storage.runs.unfinished()) {
      for (const job of await this.boss.findJobs(RUNS, { key: id })) {
        if (job.state === 'active')
          await this.boss.fail(RUNS, job.id, { message: 'The process that executed it has died.' });
      }
    }
  }

  /** A process may have died after it saved a workflow and before it scheduled it. */
  private async restoreSchedules(): Promise<void> {
    for (const { name, schedule } of await this.options.database.storage.workflows.list()) {
      if (schedule !== null) await this.schedule(name, schedule);
    }
  }

  /**
   * Gives every unfinished run a job. A run whose worker lives, or is not yet known to be dead, has one and keeps it. A run whose job failed
   * for good, because process after process died of it, is not tried again.
   */
  private async resume(): Promise<void> {
    for (const { id } of await this.options.database.storage.runs.unfinished()) {
      const jobs = await this.boss.findJobs(RUNS, { key: id });
      if (jobs.some(({ state }) => state === 'failed')) await this.fail(id);
      else await this.enqueue(id);
    }
  }

  private async tryToResume(): Promise<void> {
    await this.resume().catch((error: unknown) => this.log.warn({ error }, 'unfinished runs could not be looked up'));
  }

  private async executeRun(job: JobWithMetadata<RunJob>): Promise<void> {
    const { runId } = job.data;
    const signal = AbortSignal.any([job.signal, this.aborting.signal]);
    try {
      await this.options.execute(runId, signal);
      if (signal.aborted) throw new Error(`Run "${runId}" was interrupted.`);
    } catch (error) {
      if (this.aborting.signal.aborted) {
        this.interrupted.add(runId);
        return;
      }
      const attempts = job.retryCount + 1;
      this.log.error({ error, run: runId, attempts }, 'run broke off');
      if (signal.aborted || job.retryCount < job.retryLimit) throw error; // the queue hands it out again
      await this.fail(runId);
    }
  }

  private async fail(runId: string): Promise<void> {
    const message = 'The run broke off again and again in a way that was not expected. The log of Isthmus tells more.';
    const { runs } = this.options.database.storage;
    await runs.finish(runId, 'FAILED', { error: { code: 'INTERNAL_SERVER_ERROR', message } });
    this.log.error({ run: runId }, 'run given up');
  }

  private async startScheduled(workflow: string): Promise<void> {
    try {
      await this.options.startScheduled(workflow);
    } catch (error) {
      const isGone = error instanceof RequestError && error.code === 'NOT_FOUND';
      if (!isGone) throw error;
      this.log.warn({ workflow }, 'schedule of a workflow that is gone dropped');
      await this.schedule(workflow, null);
    }
  }

  private async stopAll(graceMs: number): Promise<void> {
    if (this.resuming) clearInterval(this.resuming);
    const atRest = Promise.all([RUNS, SCHEDULED_STARTS].map((queue) => this.boss.offWork(queue)));
    await within(graceMs, atRest);
    this.aborting.abort(new Error('Isthmus is stopping.'));
    await within(ABORT_MS, atRest);
    for (const runId of this.interrupted) await this.enqueue(runId);
    await this.boss.stop({ graceful: true, timeout: 1_000 });
  }

  private assertComes(cron: string): void {
    try {
      if (this.boss.previewSchedule(cron, { tz: 'UTC', count: 1 }).length > 0) return;
    } catch (cause) {
      throw wrongCron(cron, 'there is a day that never comes', cause);
    }
    throw wrongCron(cron, 'there is a day that never comes');
  }
}
