import { fromPglite, PgBoss } from 'pg-boss';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createJobs, type Jobs, type JobsOptions } from '../../src/jobs/jobs.js';
import { createLogger } from '../../src/log.js';
import { RequestError } from '../../src/model/errors.js';
import { aPage, IMPORT_CONTACTS, saveWorkflow } from '../storage/fixtures.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';

let opened: TestDatabase;
const running: Jobs[] = [];
beforeEach(async () => {
  opened = await openTestDatabase();
  await saveWorkflow(storage());
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((jobs) => jobs.stop(0)));
  await opened.close();
});

const storage = () => opened.database.storage;
const runs = () => opened.database.storage.runs;

describe('a run', () => {
  it('that is enqueued is executed', async () => {
    const executed = vi.fn(succeed);
    const jobs = await startJobs({ execute: executed });
    const id = await queueRun();
    await jobs.enqueue(id);
    await vi.waitFor(async () => expect(await statusOf(id)).toBe('SUCCEEDED'), WAIT);
    expect(executed).toHaveBeenCalledExactlyOnceWith(id, expect.any(AbortSignal));
  });

  it('is executed once at a time, however often it is enqueued and by however many', async () => {
    const gate = aGate();
    const executed = vi.fn(async (id: string) => {
      await gate.opened;
      await succeed(id);
    });
    const first = await startJobs({ execute: executed, concurrency: 4 });
    const id = await queueRun();
    await Promise.all(Array.from({ length: 5 }, () => first.enqueue(id)));
    await vi.waitFor(() => expect(executed).toHaveBeenCalled(), WAIT);
    await first.enqueue(id);
    gate.open();
    await vi.waitFor(async () => expect(await statusOf(id)).toBe('SUCCEEDED'), WAIT);
    await first.stop(5_000);
    expect(executed).toHaveBeenCalledTimes(1);
  });

  it('is executed beside others of other tables', async () => {
    await saveWorkflow(storage(), 'other');
    await storage().workflows.save({ ...IMPORT_CONTACTS, name: 'other', table: 'account' });
    const begun = new Set<string>();
    const gate = aGate();
    const execute = async (id: string) => {
      begun.add(id);
      await gate.opened;
    };
    const jobs = await startJobs({ execute, concurrency: 2 });
    const ids = [await queueRun(), await queueRun('other')];
    for (const id of ids) await jobs.enqueue(id);
    await vi.waitFor(() => expect([...begun].sort()).toEqual([...ids].sort()), WAIT);
    gate.open();
  });

  it('waits for another one of the same table', async () => {
    await saveWorkflow(storage(), 'other');
    const log: string[] = [];
    const execute = async (id: string) => {
      await runs().start(id);
      log.push(`begins ${id}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
      log.push(`ends ${id}`);
      await succeed(id);
    };
    const jobs = await startJobs({ execute, concurrency: 2 });
    const [one = '', other = ''] = [await queueRun(), await queueRun('other')];
    await Promise.all([jobs.enqueue(one), jobs.enqueue(other)]);
    await vi.waitFor(
      async () => expect([await statusOf(one), await statusOf(other)]).toEqual(['SUCCEEDED', 'SUCCEEDED']),
      WAIT,
    );
    expect(log.map((line) => line.split(' ')[0])).toEqual(['begins', 'ends', 'begins', 'ends']);
  });

  it('whose execution breaks off is executed again', async () => {
    const executed = vi.fn(succeed).mockRejectedValueOnce(new Error('database restarted'));
    const jobs = await startJobs({ execute: executed });
    const id = await queueRun();
    await jobs.enqueue(id);
    await vi.waitFor(async () => expect(await statusOf(id)).toBe('SUCCEEDED'), WAIT);
    expect(executed).toHaveBeenCalledTimes(2);
  });

  it('whose job failed for good is FAILED and says where to look', async () => {
    const boss = await openQueue();
    const id = await queueRun();
    await boss.send('run', { runId: id }, { singletonKey: id, retryLimit: 0 });
    const [job] = await boss.fetch('run');
    if (job) await boss.fail('run', job.id);
    const executed = vi.fn(succeed);
    await startJobs({ execute: executed });
    const error = { code: 'INTERNAL_SERVER_ERROR', message: expect.stringContaining('log') };
    expect(await runs().find(id)).toMatchObject({ status: 'FAILED', error });
    expect(executed).not.toHaveBeenCalled();
  });
});

describe('a stop', () => {
  it('lets a run under way finish within its grace', async () => {
    const gate = aGate();
    const begun = aGate();
    const execute = async (id: string, signal: AbortSignal) => {
      begun.open();
      await gate.opened;
      if (!signal.aborted) await succeed(id);
    };
    const jobs = await startJobs({ execute });
    const id = await queueRun();
    await jobs.enqueue(id);
    await begun.opened;
    const stopped = jobs.stop(20_000);
    gate.open();
    await stopped;
    expect(await statusOf(id)).toBe('SUCCEEDED');
  });

  it('aborts a run after that, which the next start takes up from its cursor', async () => {
    const begun = aGate();
    const execute = async (id: string, signal: AbortSignal) => {
      await runs().start(id);
      await runs().savePage(id, aPage('page 1'));
      begun.open();
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    };
    const jobs = await startJobs({ execute });
    const id = await queueRun();
    await jobs.enqueue(id);
    await begun.opened;
    await jobs.stop(0);
    expect(await runs().find(id)).toMatchObject({ status: 'RUNNING', cursor: 'page 1' });

    const cursors: unknown[] = [];
    await startJobs({
      execute: async (runId) => {
        cursors.push((await runs().find(runId))?.cursor);
        await succeed(runId);
      },
    });
    await vi.waitFor(async () => expect(await statusOf(id)).toBe('SUCCEEDED'), WAIT);
    expect(cursors).toEqual(['page 1']);
  });

  it('may be asked for twice', async () => {
    const jobs = await startJobs({});
    await Promise.all([jobs.stop(0), jobs.stop(0)]);
  });
});

describe('a process that died', () => {
  it('leaves its queued run to the next start, also where it had not come to enqueue it', async () => {
    const id = await queueRun();
    await startJobs({});
    await vi.waitFor(async () => expect(await statusOf(id)).toBe('SUCCEEDED'), WAIT);
  });

  it.skipIf(process.env.TEST_DATABASE_URL)(
    'leaves the run it executed to the next start on the embedded database',
    async () => {
      const id = await takeUpAndDie(await openQueue());
      await startJobs({});
      await vi.waitFor(async () => expect(await statusOf(id)).toBe('SUCCEEDED'), WAIT);
    },
  );

  it.runIf(process.env.TEST_DATABASE_URL)(
    'may yet live on a shared database: its run stays its own while its heart beats',
    async () => {
      const boss = await openQueue();
      const id = await takeUpAndDie(boss);
      const executed = vi.fn(succeed);
      const jobs = await startJobs({ execute: executed });
      await jobs.enqueue(id);
      expect(await boss.findJobs('run', { key: id })).toMatchObject([{ state: 'active' }]);
      await expireHeartbeat(boss);
      await vi.waitFor(async () => expect(await statusOf(id)).toBe('SUCCEEDED'), { ...WAIT, timeout: 25_000 });
      expect(executed).toHaveBeenCalledTimes(1);
    },
  );
});

describe('a process that only enqueues', () => {
  it('leaves the work to others', async () => {
    const executed = vi.fn(succeed);
    const gateway = await startJobs({ work: false, execute: executed });
    const id = await queueRun();
    await gateway.enqueue(id);
    const byWorker = vi.fn(succeed);
    await startJobs({ execute: byWorker });
    await vi.waitFor(async () => expect(await statusOf(id)).toBe('SUCCEEDED'), WAIT);
    expect(executed).not.toHaveBeenCalled();
    expect(byWorker).toHaveBeenCalledTimes(1);
  });
});

describe('a schedule', () => {
  it('is kept by workflow, whatever its name, and replaced or ended', async () => {
    const jobs = await startJobs({});
    await jobs.schedule('import contacts / "nightly" é', '0 3 * * *');
    await jobs.schedule('other', '*/5 * * * *');
    await jobs.schedule('other', '*/10 * * * *');
    expect(await schedules()).toEqual([
      { workflow: 'import contacts / "nightly" é', cron: '0 3 * * *' },
      { workflow: 'other', cron: '*/10 * * * *' },
    ]);
    await jobs.schedule('other', null);
    await jobs.schedule('never scheduled', null);
    expect(await schedules()).toMatchObject([{ cron: '0 3 * * *' }]);
  });

  it.each(['61 * * * *', '0 0 31 2 *'])('that never comes (%s) is refused and the one before stays', async (cron) => {
    const jobs = await startJobs({ work: false });
    await jobs.schedule('other', '0 3 * * *');
    await expect(jobs.schedule('other', cron)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      field: 'input.schedule',
    });
    expect(await schedules()).toEqual([{ workflow: 'other', cron: '0 3 * * *' }]);
  });

  it('of a saved workflow is there after a start, even if its process died before it scheduled it', async () => {
    await storage().workflows.save({ ...IMPORT_CONTACTS, schedule: '0 4 * * *' });
    await startJobs({});
    expect(await schedules()).toEqual([{ workflow: IMPORT_CONTACTS.name, cron: '0 4 * * *' }]);
  });

  it('whose time has come starts its workflow', async () => {
    const startScheduled = vi.fn(async () => undefined);
    await startJobs({ startScheduled });
    await (await openQueue()).send('scheduled-start', { workflow: IMPORT_CONTACTS.name });
    await vi.waitFor(() => expect(startScheduled).toHaveBeenCalledExactlyOnceWith(IMPORT_CONTACTS.name), WAIT);
  });

  it('of a workflow that is gone ends by itself', async () => {
    const startScheduled = async () => {
      throw new RequestError('NOT_FOUND', 'There is no workflow "gone".');
    };
    const jobs = await startJobs({ startScheduled });
    await jobs.schedule('gone', '0 3 * * *');
    await (await openQueue()).send('scheduled-start', { workflow: 'gone' });
    await vi.waitFor(async () => expect(await schedules()).toEqual([]), WAIT);
  });
});

const WAIT = { timeout: 20_000, interval: 50 };

async function startJobs(options: Partial<JobsOptions>): Promise<Jobs> {
  const { database } = opened;
  const defaults = { database, execute: succeed, startScheduled: async () => undefined, log: createLogger('silent') };
  const jobs = await createJobs({ ...defaults, ...options });
  running.push(jobs);
  return jobs;
}

async function succeed(id: string): Promise<void> {
  await runs().start(id);
  await runs().finish(id, 'SUCCEEDED');
}

async function queueRun(workflow = IMPORT_CONTACTS.name): Promise<string> {
  return (await runs().queue(workflow)).run.id;
}

async function statusOf(id: string): Promise<string | undefined> {
  return (await runs().find(id))?.status;
}

/** The queue as another process sees it. It works on nothing by itself. */
async function openQueue(): Promise<PgBoss> {
  await (await startJobs({ work: false })).stop(0);
  const { connection } = opened.database;
  const reach =
    connection.kind === 'embedded'
      ? { db: fromPglite(connection.pglite), backend: 'pglite' as const }
      : { connectionString: connection.url };
  const boss = await new PgBoss({ ...reach, supervise: false, schedule: false }).start();
  running.push({
    enqueue: async () => undefined,
    schedule: async () => undefined,
    stop: () => boss.stop({ graceful: false }),
  });
  return boss;
}

/** What a process leaves behind that took a run from the queue, started it, and was killed. */
async function takeUpAndDie(boss: PgBoss): Promise<string> {
  const id = await queueRun();
  await boss.send('run', { runId: id }, { singletonKey: id });
  await boss.fetch('run');
  await runs().start(id);
  return id;
}

async function expireHeartbeat(boss: PgBoss): Promise<void> {
  await boss.getDb().executeSql("update pgboss.job set heartbeat_on = now() - interval '1 hour' where name = 'run'");
}

async function schedules(): Promise<readonly unknown[]> {
  const query = "select data->>'workflow' as workflow, cron from pgboss.schedule order by 1";
  return opened.database.orm.em.fork().execute(query);
}

function aGate(): { readonly opened: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}
