import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NO_COUNTS } from '../../src/model/workflow.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { aPage, IMPORT_CONTACTS, saveWorkflow, startRun } from './fixtures.js';

let opened: TestDatabase;
beforeAll(async () => {
  opened = await openTestDatabase();
});
afterAll(() => opened.close());
beforeEach(async () => {
  await opened.database.orm.em.fork().execute('truncate external_account cascade');
  await saveWorkflow(storage());
});

const storage = () => opened.database.storage;
const runs = () => storage().runs;

const NOBODY = '00000000-0000-4000-8000-000000000000';

describe('a run', () => {
  it('is queued once, however many ask for it at once', async () => {
    const asked = await Promise.all(Array.from({ length: 8 }, () => runs().queue(IMPORT_CONTACTS.name)));
    expect(asked.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(new Set(asked.map(({ run }) => run.id)).size).toBe(1);
    expect(asked[0]?.run).toMatchObject({
      status: 'QUEUED',
      startedAt: null,
      counts: NO_COUNTS,
      error: null,
      cursor: null,
    });
  });

  it('is queued anew after the one before has ended', async () => {
    const first = await startRun(storage());
    expect(await runs().queue(IMPORT_CONTACTS.name)).toMatchObject({
      isNew: false,
      run: { id: first, status: 'RUNNING' },
    });
    await runs().finish(first, 'SUCCEEDED');
    expect(await runs().queue(IMPORT_CONTACTS.name)).toMatchObject({ isNew: true, run: { status: 'QUEUED' } });
  });

  it('needs a workflow', async () => {
    await expect(runs().queue('nothing')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('begins when a worker starts it, and keeps that time when another takes it up', async () => {
    const { run } = await runs().queue(IMPORT_CONTACTS.name);
    const started = await runs().start(run.id);
    expect(started).toMatchObject({ status: 'RUNNING', startedAt: expect.stringMatching(/^\d{4}-.*Z$/) });
    expect(await runs().start(run.id)).toEqual(started);
    expect(await runs().find(run.id)).toEqual(started);
  });

  it('adds up the counts of its pages and remembers the cursor of the last', async () => {
    const id = await startRun(storage());
    await runs().savePage(id, aPage('page 1'));
    const { run, stopRequested } = await runs().savePage(id, aPage('page 2', 'r1', 'r2'));
    expect(run.counts).toEqual({ ...NO_COUNTS, read: 20, created: 18, rejected: 2 });
    expect(run.cursor).toBe('page 2');
    expect(stopRequested).toBe(false);
    expect(await runs().find(id)).toEqual(run);
  });

  it('loses no count when two pages are saved at once', async () => {
    const id = await startRun(storage());
    await Promise.all(Array.from({ length: 5 }, (_, page) => runs().savePage(id, aPage(`page ${page}`))));
    expect(await runs().find(id)).toMatchObject({ counts: { read: 50, created: 50 } });
  });

  it('saves nothing of a page when a part of it cannot be saved', async () => {
    const id = await startRun(storage());
    const tooMany = { ...aPage('page 1', 'r1'), counts: { ...NO_COUNTS, read: 3_000_000_000 } };
    await expect(runs().savePage(id, tooMany)).rejects.toThrow();
    expect(await runs().find(id)).toMatchObject({ counts: NO_COUNTS, cursor: null });
    expect(await runs().countRejects(id)).toBe(0);
  });

  it('takes no page before it began, after it ended, or when it is gone', async () => {
    const { run } = await runs().queue(IMPORT_CONTACTS.name);
    await expect(runs().savePage(run.id, aPage('x'))).rejects.toMatchObject({ code: 'CONFLICT' });
    await runs().start(run.id);
    await runs().finish(run.id, 'SUCCEEDED');
    await expect(runs().savePage(run.id, aPage('x', 'r1'))).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await runs().countRejects(run.id)).toBe(0);
    await expect(runs().savePage(NOBODY, aPage('x'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('that succeeds tells its workflow where the next one begins', async () => {
    const id = await startRun(storage());
    const run = await runs().finish(id, 'SUCCEEDED', { index: 'delta 7' });
    expect(run).toMatchObject({ status: 'SUCCEEDED', finishedAt: expect.stringMatching(/Z$/), error: null });
    expect(await storage().workflows.find(IMPORT_CONTACTS.name)).toMatchObject({ index: 'delta 7' });
  });

  it('that fails keeps its cursor and says why, and the workflow its index', async () => {
    const id = await startRun(storage());
    await runs().savePage(id, aPage('page 1'));
    await runs().finish(id, 'FAILED', { error: { code: 'UPSTREAM_UNAVAILABLE', message: 'No answer\0' } });
    expect(await runs().find(id)).toMatchObject({
      status: 'FAILED',
      cursor: 'page 1',
      error: { code: 'UPSTREAM_UNAVAILABLE', message: 'No answer\uFFFD' },
    });
    expect(await storage().workflows.find(IMPORT_CONTACTS.name)).toMatchObject({ index: null });
  });

  it('ends once: a worker that comes late changes neither its status nor the index', async () => {
    const id = await startRun(storage());
    const ended = await runs().finish(id, 'STOPPED');
    expect(await runs().finish(id, 'SUCCEEDED', { index: 'late' })).toEqual(ended);
    expect(await storage().workflows.find(IMPORT_CONTACTS.name)).toMatchObject({ index: null });
    expect(await runs().start(id)).toBeNull();
    await expect(runs().finish(NOBODY, 'FAILED')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('goes with its workflow, and its rejects with it', async () => {
    const id = await startRun(storage());
    await runs().savePage(id, aPage('page 1', 'r1'));
    expect(await storage().workflows.delete(IMPORT_CONTACTS.name)).toBe(true);
    expect(await runs().find(id)).toBeNull();
    expect(await runs().countRejects(id)).toBe(0);
    expect(await runs().start(id)).toBeNull();
  });
});

describe('a stop', () => {
  it('ends a queued run at once', async () => {
    const { run } = await runs().queue(IMPORT_CONTACTS.name);
    expect(await runs().requestStop(run.id)).toMatchObject({ status: 'STOPPED', finishedAt: expect.any(String) });
    expect(await runs().start(run.id)).toBeNull();
  });

  it('is told to a running run with its next page', async () => {
    const id = await startRun(storage());
    expect(await runs().requestStop(id)).toMatchObject({ status: 'RUNNING' });
    expect(await runs().savePage(id, aPage('page 1'))).toMatchObject({
      stopRequested: true,
      run: { cursor: 'page 1' },
    });
  });

  it('ends a run whose worker died before it heard of it', async () => {
    const id = await startRun(storage());
    await runs().requestStop(id);
    expect(await runs().start(id)).toBeNull();
    expect(await runs().find(id)).toMatchObject({ status: 'STOPPED', finishedAt: expect.any(String) });
  });

  it('leaves a run that has ended as it is, and is null where there is none', async () => {
    const id = await startRun(storage());
    const ended = await runs().finish(id, 'SUCCEEDED');
    expect(await runs().requestStop(id)).toEqual(ended);
    expect(await runs().requestStop(NOBODY)).toBeNull();
    expect(await runs().requestStop('nonsense')).toBeNull();
  });
});

describe('runs', () => {
  it('are listed newest first, page by page, each once', async () => {
    await saveWorkflow(storage(), 'other');
    const ids: string[] = [];
    for (const workflow of [IMPORT_CONTACTS.name, 'other', IMPORT_CONTACTS.name, 'other', 'other']) {
      ids.unshift(await startRun(storage(), workflow));
      await runs().finish(ids[0] ?? '', 'SUCCEEDED');
    }
    const first = await runs().list({ first: 2 });
    const rest = await runs().list({ first: 10, after: first[1]?.id ?? '' });
    expect([...first, ...rest].map(({ id }) => id)).toEqual(ids);
    const others = await runs().list({ workflow: 'other', first: 10 });
    expect(others.map(({ id }) => id)).toEqual([ids[0], ids[1], ids[3]]);
    const afterFirst = await runs().list({ workflow: 'other', first: 1, after: ids[0] ?? '' });
    expect(afterFirst.map(({ id }) => id)).toEqual([ids[1]]);
  });

  it.each([NOBODY, 'nonsense'])('cannot be continued after %s, which is no run', async (after) => {
    await expect(runs().list({ first: 1, after })).rejects.toMatchObject({ code: 'BAD_USER_INPUT', field: 'after' });
  });

  it('that are unfinished are those queued or running, oldest first', async () => {
    await saveWorkflow(storage(), 'other');
    await storage().workflows.save({ ...IMPORT_CONTACTS, name: 'third', table: 'account' });
    const running = await startRun(storage());
    const { run: queued } = await runs().queue('other');
    await runs().finish(await startRun(storage(), 'third'), 'FAILED');
    expect((await runs().unfinished()).map(({ id }) => id)).toEqual([running, queued.id]);
  });

  it('are found by id alone', async () => {
    expect(await runs().find(NOBODY)).toBeNull();
    expect(await runs().find('nonsense')).toBeNull();
  });
});

describe('rejects', () => {
  it('are listed oldest first, page by page', async () => {
    const id = await startRun(storage());
    await runs().savePage(id, aPage('page 1', 'r1', 'r2'));
    await runs().savePage(id, aPage('page 2', 'r3'));
    const first = await runs().rejects(id, { first: 2 });
    expect(first).toMatchObject([
      { key: 'r1', code: 'XTK-170036', message: 'No r1', record: { '@crmId': 'r1', '@age': 7 }, attempts: 1 },
      { key: 'r2' },
    ]);
    expect(await runs().rejects(id, { first: 2, after: first[1]?.id ?? '' })).toMatchObject([{ key: 'r3' }]);
    expect(await runs().countRejects(id)).toBe(3);
  });

  it('of one record within a run are one, with the last reason and its attempts', async () => {
    const id = await startRun(storage());
    await runs().savePage(id, aPage('page 1', 'r1'));
    const again = { key: 'r1', code: 'ODB-240005', message: 'again', record: {} };
    await runs().savePage(id, { ...aPage('page 2'), rejects: [again] });
    expect(await runs().rejects(id, { first: 9 })).toMatchObject([{ key: 'r1', code: 'ODB-240005', attempts: 2 }]);
  });

  it('of a page that tells a record twice are one', async () => {
    const id = await startRun(storage());
    await runs().savePage(id, aPage('page 1', 'r1', 'r1'));
    expect(await runs().countRejects(id)).toBe(1);
  });

  it('hold whatever text a remote sent, also what PostgreSQL cannot', async () => {
    const id = await startRun(storage());
    const reject = {
      key: 'r1',
      code: 'X',
      message: 'nul \0',
      record: { name: 'half \uD800 "quoted" \\u0000', tags: ['\0'] },
    };
    await runs().savePage(id, { ...aPage('page 1'), rejects: [reject] });
    expect(await runs().rejects(id, { first: 1 })).toMatchObject([
      { message: 'nul \uFFFD', record: { name: 'half \uFFFD "quoted" \\u0000', tags: ['\uFFFD'] } },
    ]);
  });

  it('of a run that does not exist are none', async () => {
    expect(await runs().rejects(NOBODY, { first: 1 })).toEqual([]);
    expect(await runs().rejects('nonsense', { first: 1 })).toEqual([]);
    expect(await runs().countRejects('nonsense')).toBe(0);
  });

  it('cannot be continued after what is no reject', async () => {
    const id = await startRun(storage());
    await expect(runs().rejects(id, { first: 1, after: 'x' })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  });
});

describe('two runs of one table', () => {
  beforeEach(() => storage().workflows.save({ ...IMPORT_CONTACTS, name: 'another' }));

  async function queueBoth(): Promise<readonly [string, string]> {
    const [one, other] = [await runs().queue(IMPORT_CONTACTS.name), await runs().queue('another')];
    return [one.run.id, other.run.id];
  }

  it('never run at once, also when they begin at once', async () => {
    const ids = await queueBoth();
    const begun = await Promise.allSettled(ids.map((id) => runs().start(id)));
    expect(begun.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(begun.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'CONFLICT' } });
  });

  it('run one after the other', async () => {
    const [one, other] = await queueBoth();
    await runs().start(one);
    await expect(runs().start(other)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await runs().find(other)).toMatchObject({ status: 'QUEUED' });
    await runs().finish(one, 'SUCCEEDED');
    expect(await runs().start(other)).toMatchObject({ status: 'RUNNING' });
  });
});
