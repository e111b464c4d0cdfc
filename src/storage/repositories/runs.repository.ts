import { randomUUID } from 'node:crypto';
import { LockMode, raw } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { RequestError } from '../../model/errors.js';
import type { Reject, Run, RunCounts, RunStatus } from '../../model/workflow.js';
import { RejectEntity, type RejectRow } from '../entities/reject.entity.js';
import { RunEntity, type RunRow } from '../entities/run.entity.js';
import { WorkflowEntity, type WorkflowRow } from '../entities/workflow.entity.js';
import { storableJson, storableText } from '../storable.js';
import type { RunPage, RunRepository } from '../storage.js';
import type { UnitsOfWork } from '../units-of-work.js';

const ACTIVE: readonly RunStatus[] = ['QUEUED', 'RUNNING'];

type Outcome = Parameters<RunRepository['finish']>[2];

export class DatabaseRuns implements RunRepository {
  constructor(private readonly units: UnitsOfWork) {}

  queue(workflow: string): Promise<{ readonly run: Run; readonly isNew: boolean }> {
    return this.units.write(async (em) => {
      // Whoever else queues a run of this workflow waits for the lock and then finds ours.
      await lockWorkflow(em, workflow);
      const active = await em.findOne(RunEntity, { workflow, status: { $in: [...ACTIVE] } });
      if (active) return { run: toRun(active), isNew: false };
      const id = randomUUID();
      await em.insert(RunEntity, { id, workflow, status: 'QUEUED' });
      return { run: toRun(await em.findOneOrFail(RunEntity, { id })), isNew: true };
    });
  }

  async find(id: string): Promise<Run | null> {
    if (!isUuid(id)) return null;
    const row = await this.units.read((em) => em.findOne(RunEntity, { id }));
    return row && toRun(row);
  }

  list(options: Parameters<RunRepository['list']>[0]): Promise<readonly Run[]> {
    const { workflow, first, after } = options;
    return this.units.read(async (em) => {
      const query = em
        .createQueryBuilder(RunEntity, 'run')
        .where(workflow === undefined ? {} : { workflow: storableText(workflow) });
      if (after !== undefined) {
        await assertRun(em, after);
        query.andWhere('(run.queued_at, run.id) < (select r.queued_at, r.id from run r where r.id = ?)', [after]);
      }
      const rows = await query.orderBy({ queuedAt: 'desc', id: 'desc' }).limit(first).getResultList();
      return rows.map(toRun);
    });
  }

  async unfinished(): Promise<readonly Run[]> {
    const oldestFirst = { orderBy: { queuedAt: 'asc', id: 'asc' } } as const;
    const rows = await this.units.read((em) => em.find(RunEntity, { status: { $in: [...ACTIVE] } }, oldestFirst));
    return rows.map(toRun);
  }

  start(id: string): Promise<Run | null> {
    return this.units.write(async (em) => {
      const found = isUuid(id) ? await em.findOne(RunEntity, { id }) : null;
      if (found === null) return null;
      const rivals = await lockWorkflowsOfTable(em, found.workflow);
      const row = await lockRun(em, id);
      if (row === null || !isActive(row)) return null;
      if (row.stopRequested) {
        end(row, 'STOPPED');
        return null;
      }
      if (row.status === 'QUEUED') await begin(em, row, rivals);
      return toRun(row);
    });
  }

  savePage(id: string, page: RunPage): Promise<{ readonly run: Run; readonly stopRequested: boolean }> {
    return this.units.write(async (em) => {
      const where = { id: uuid(id), status: 'RUNNING' } as const;
      const saved = await em.nativeUpdate(RunEntity, where, { ...addedCounts(page.counts), cursor: page.cursor });
      if (saved === 0) throw await notRunning(em, id);
      await insertRejects(em, id, page.rejects);
      const row = await em.findOneOrFail(RunEntity, { id });
      return { run: toRun(row), stopRequested: row.stopRequested };
    });
  }

  finish(id: string, status: Parameters<RunRepository['finish']>[1], outcome: Outcome = {}): Promise<Run> {
    return this.units.write(async (em) => {
      const found = await em.findOne(RunEntity, { id: uuid(id) });
      if (found === null) throw unknownRun(id);
      // The workflow is locked before its run, as when one is queued or the workflow deleted, so that two never wait for each other.
      const workflow = await lockWorkflow(em, found.workflow);
      const row = await lockRun(em, id);
      if (row === null) throw unknownRun(id);
      if (!isActive(row)) return toRun(row);
      end(row, status);
      row.errorCode = outcome.error?.code ?? null;
      row.errorMessage = outcome.error ? storableText(outcome.error.message) : null;
      // Since the table is mapped otherwise, records that this run passed lack what is mapped now: the next run reads them all.
      const isCurrent = row.generation === workflow.generation;
      if (outcome.index !== undefined && isCurrent) workflow.index = outcome.index;
      return toRun(row);
    });
  }

  requestStop(id: string): Promise<Run | null> {
    return this.units.write(async (em) => {
      const row = await lockRun(em, id);
      if (row === null) return null;
      if (row.status === 'QUEUED') end(row, 'STOPPED');
      if (row.status === 'RUNNING') row.stopRequested = true;
      return toRun(row);
    });
  }

  async rejects(run: string, options: Parameters<RunRepository['rejects']>[1]): Promise<readonly Reject[]> {
    const { first, after } = options;
    if (!isUuid(run)) return [];
    if (after !== undefined && !/^\d{1,18}$/.test(after)) throw wrongAfter(after);
    const where = { run, ...(after !== undefined && { id: { $gt: after } }) };
    const rows = await this.units.read((em) => em.find(RejectEntity, where, { orderBy: { id: 'asc' }, limit: first }));
    return rows.map(toReject);
  }

  async countRejects(run: string): Promise<number> {
    return isUuid(run) ? this.units.read((em) => em.count(RejectEntity, { run })) : 0;
  }
}

async function lockWorkflow(em: SqlEntityManager, name: string) {
  const workflow = await em.findOne(WorkflowEntity, { name }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (workflow) return workflow;
  throw new RequestError('NOT_FOUND', `There is no workflow "${name}". Make it with createWorkflow.`);
}

/** Every workflow of the same table, locked in one order, so that of two runs that begin at once the second sees the first. */
async function lockWorkflowsOfTable(em: SqlEntityManager, name: string): Promise<readonly WorkflowRow[]> {
  const { account, table } = await em.findOneOrFail(WorkflowEntity, { name });
  const lock = { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { name: 'asc' }, refresh: true } as const;
  return em.find(WorkflowEntity, { account, table }, lock);
}

/** Two runs of a table at once would both find a new record missing in Campaign, and both make it. */
async function begin(em: SqlEntityManager, row: RunRow, rivals: readonly WorkflowRow[]): Promise<void> {
  const workflow = { $in: rivals.map(({ name }) => name) };
  const other = await em.findOne(RunEntity, { workflow, status: 'RUNNING', id: { $ne: row.id } });
  if (other) {
    const message = `Run "${other.id}" of workflow "${other.workflow}" is under way on the same table. This one begins when that has ended.`;
    throw new RequestError('CONFLICT', message);
  }
  row.generation = rivals.find(({ name }) => name === row.workflow)?.generation ?? 0;
  row.status = 'RUNNING';
  row.startedAt ??= new Date();
}

function lockRun(em: SqlEntityManager, id: string): Promise<RunRow | null> {
  if (!isUuid(id)) return Promise.resolve(null);
  return em.findOne(RunEntity, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true });
}

function isActive(row: RunRow): boolean {
  return ACTIVE.includes(row.status);
}

function end(row: RunRow, status: RunStatus): void {
  row.status = status;
  row.finishedAt = new Date();
}

/** Added by the database and not here, so that no count is lost to a stale read. */
function addedCounts(counts: RunCounts) {
  return {
    read: raw('read_count + ?', [counts.read]),
    created: raw('created_count + ?', [counts.created]),
    updated: raw('updated_count + ?', [counts.updated]),
    unchanged: raw('unchanged_count + ?', [counts.unchanged]),
    deleted: raw('deleted_count + ?', [counts.deleted]),
    rejected: raw('rejected_count + ?', [counts.rejected]),
  };
}

/** One statement for all rejects of a page. A record the run rejected before keeps its place and counts one attempt more. */
async function insertRejects(em: SqlEntityManager, run: string, rejects: RunPage['rejects']): Promise<void> {
  const byKey = new Map(rejects.map((reject) => [reject.key, reject]));
  if (byKey.size === 0) return;
  await em.execute(
    `insert into reject (run, record_key, code, message, record)
     select ?, one.key, one.code, one.message, one.record
     from jsonb_to_recordset(?::jsonb) as one (key text, code text, message text, record jsonb)
     on conflict (run, record_key) do update
     set attempts = reject.attempts + 1, code = excluded.code, message = excluded.message, record = excluded.record`,
    [run, storableJson([...byKey.values()])],
  );
}

async function notRunning(em: SqlEntityManager, id: string): Promise<RequestError> {
  const row = await em.findOne(RunEntity, { id });
  if (row === null) return unknownRun(id);
  return new RequestError('CONFLICT', `Run "${id}" is ${row.status} and takes no more pages.`);
}

async function assertRun(em: SqlEntityManager, after: string): Promise<void> {
  if (!isUuid(after) || (await em.count(RunEntity, { id: after })) === 0) throw wrongAfter(after);
}

function wrongAfter(after: string): RequestError {
  return new RequestError(
    'BAD_USER_INPUT',
    `There is nothing to continue after "${after}": pass "after" as the page before gave it, or begin without it.`,
    { field: 'after' },
  );
}

function unknownRun(id: string): RequestError {
  return new RequestError('NOT_FOUND', `There is no run "${id}".`, { field: 'id' });
}

function uuid(id: string): string {
  if (isUuid(id)) return id;
  throw unknownRun(id);
}

function isUuid(id: string): boolean {
  return /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(id);
}

function toRun(row: RunRow): Run {
  const { id, workflow, status, read, created, updated, unchanged, deleted, rejected, errorCode, errorMessage } = row;
  return {
    ...{ id, workflow, status },
    startedAt: row.startedAt?.toISOString() ?? null,
    finishedAt: row.finishedAt?.toISOString() ?? null,
    counts: { read, created, updated, unchanged, deleted, rejected },
    error: errorCode ? { code: errorCode, message: errorMessage ?? '' } : null,
    cursor: row.cursor ?? null,
  };
}

function toReject({ id, key, code, message, record, attempts }: RejectRow): Reject {
  return { id, key, code, message, record, attempts };
}
