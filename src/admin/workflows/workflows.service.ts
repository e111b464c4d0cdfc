import { isDeepStrictEqual } from 'node:util';
import { unknownAccount } from '../../connectors/connections.js';
import type { Jobs } from '../../jobs/jobs.js';
import { parseFilter } from '../../mapping/parse-filter.js';
import { unknownColumn } from '../../mapping/unknown-column.js';
import { RequestError } from '../../model/errors.js';
import type { Order } from '../../model/query.js';
import { findColumn, type Table } from '../../model/table.js';
import type { Run, Workflow } from '../../model/workflow.js';
import type { Storage } from '../../storage/storage.js';
import { Outcome } from '../outcome.js';
import type { WorkflowInput, WorkflowPatch } from './workflow.types.js';

const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
const DEFAULT_BATCH_SIZE = 1_000;
const MAX_BATCH_SIZE = 5_000;

export interface SavedWorkflow {
  readonly workflow: Workflow;
  readonly outcome: Outcome;
}

/** Makes, changes, starts and removes workflows. */
export class WorkflowsService {
  constructor(
    private readonly storage: Storage,
    private readonly jobs: Pick<Jobs, 'enqueue' | 'schedule'>,
  ) {}

  /** Saves a new workflow. The same input again changes nothing; another one under the same name is a CONFLICT. */
  async create(input: WorkflowInput): Promise<SavedWorkflow> {
    assertName(input.name);
    assertOperation(input);
    if ((await this.storage.accounts.find(input.account)) === null)
      throw unknownAccount(input.account, 'input.account');
    const table = await this.mappedTable(input.account, input.table);
    const wanted: Workflow = {
      name: input.name,
      account: input.account,
      operation: input.operation,
      table: input.table,
      filter: input.filter == null ? null : parseFilter(input.filter, table, 'input.filter'),
      orderBy: (input.orderBy ?? []).map((text, index) => parseOrder(text, table, `input.orderBy.${index}`)),
      automaticIndex: input.automaticIndex ?? true,
      schedule: input.schedule ?? null,
      batchSize: batchSize(input.batchSize ?? DEFAULT_BATCH_SIZE),
      index: null,
    };
    const existing = await this.storage.workflows.find(input.name);
    if (existing === null) return { workflow: await this.save(wanted), outcome: Outcome.CREATED };
    if (isDeepStrictEqual({ ...existing, index: null }, wanted))
      return { workflow: existing, outcome: Outcome.UNCHANGED };
    throw new RequestError(
      'CONFLICT',
      `There is a workflow "${input.name}" with other settings. Change it with updateWorkflow, or choose another name.`,
      { field: 'input.name' },
    );
  }

  /** Changes what the patch names. A new filter starts from the first record again. */
  async update(name: string, patch: WorkflowPatch): Promise<SavedWorkflow> {
    const existing = await this.find(name);
    const table = await this.mappedTable(existing.account, existing.table);
    const filter = patch.filter == null ? null : parseFilter(patch.filter, table, 'input.filter');
    const wanted: Workflow = {
      ...existing,
      ...(patch.filter !== undefined && { filter }),
      ...(patch.orderBy && {
        orderBy: patch.orderBy.map((text, index) => parseOrder(text, table, `input.orderBy.${index}`)),
      }),
      ...(patch.automaticIndex != null && { automaticIndex: patch.automaticIndex }),
      ...(patch.schedule !== undefined && { schedule: patch.schedule }),
      ...(patch.batchSize != null && { batchSize: batchSize(patch.batchSize) }),
    };
    if (isDeepStrictEqual(existing, wanted)) return { workflow: existing, outcome: Outcome.UNCHANGED };
    const index = isDeepStrictEqual(existing.filter, wanted.filter) ? existing.index : null;
    return { workflow: await this.save({ ...wanted, index }), outcome: Outcome.UPDATED };
  }

  /** Removes a workflow with its runs; CONFLICT while one is under way. */
  async delete(name: string): Promise<boolean> {
    const active = (await this.storage.runs.unfinished()).find((run) => run.workflow === name);
    if (active) {
      throw new RequestError('CONFLICT', `Workflow "${name}" is running. Stop run "${active.id}" first with stopRun.`, {
        field: 'name',
      });
    }
    if ((await this.storage.workflows.find(name)) === null) return false;
    await this.jobs.schedule(name, null);
    return this.storage.workflows.delete(name);
  }

  /** Queues a run; where one is queued or running already, that one is the answer. */
  async start(name: string): Promise<Run> {
    await this.find(name);
    const { run } = await this.storage.runs.queue(name);
    // Also where it was queued before: a process may have died between the two steps. A job that is there already stays the only one.
    await this.jobs.enqueue(run.id);
    return run;
  }

  async stop(id: string): Promise<Run> {
    const run = await this.storage.runs.requestStop(id);
    if (run) return run;
    throw new RequestError('NOT_FOUND', `There is no run "${id}". The query "runs" lists them.`, { field: 'id' });
  }

  /** The schedule is taken first: a cron expression that is refused leaves the workflow as it was. */
  private async save(workflow: Workflow): Promise<Workflow> {
    await this.jobs.schedule(workflow.name, workflow.schedule);
    return this.storage.workflows.save(workflow);
  }

  private async find(name: string): Promise<Workflow> {
    const workflow = await this.storage.workflows.find(name);
    if (workflow) return workflow;
    throw new RequestError(
      'NOT_FOUND',
      `There is no workflow named "${name}". Make it with createWorkflow, or name one that workflows lists.`,
      { field: 'name' },
    );
  }

  private async mappedTable(account: string, name: string): Promise<Table> {
    const { mappings, tables } = await this.storage.mappings.catalog();
    const isMapped = mappings.some((mapping) => mapping.account === account && mapping.table === name);
    const table = tables.find((candidate) => candidate.logicalName === name);
    if (isMapped && table) return table;
    throw new RequestError(
      'NOT_FOUND',
      `Table "${name}" is not mapped for external account "${account}". Map it first with mapTables.`,
      { field: 'input.table' },
    );
  }
}

function assertName(name: string): void {
  if (NAME.test(name)) return;
  throw new RequestError(
    'BAD_USER_INPUT',
    `Expected a name of a letter, then letters, digits, - or _, at most 64 characters, but got "${name}".`,
    { field: 'input.name' },
  );
}

function assertOperation(input: WorkflowInput): void {
  if (input.operation !== 'IMPORT') {
    throw new RequestError(
      'UNSUPPORTED',
      `This version runs workflows with operation IMPORT, not ${input.operation}.`,
      { field: 'input.operation' },
    );
  }
  if (input.deletedSince != null) {
    throw new RequestError('BAD_USER_INPUT', 'Expected no "deletedSince" with operation IMPORT; leave it out.', {
      field: 'input.deletedSince',
    });
  }
}

function batchSize(size: number): number {
  if (size >= 1 && size <= MAX_BATCH_SIZE) return size;
  throw new RequestError('BAD_USER_INPUT', `Expected "batchSize" between 1 and ${MAX_BATCH_SIZE}, but got ${size}.`, {
    field: 'input.batchSize',
  });
}

function parseOrder(text: string, table: Table, field: string): Order {
  const [path = '', direction, ...rest] = text.trim().split(/\s+/);
  if (rest.length > 0 || (direction !== undefined && !/^(asc|desc)$/i.test(direction))) {
    throw new RequestError(
      'BAD_USER_INPUT',
      `Expected a column, with " desc" behind it to turn the order, but got "${text}".`,
      { field },
    );
  }
  if (!findColumn(table, path)) throw unknownColumn(table, path, field);
  return { path, descending: direction?.toLowerCase() === 'desc' };
}
