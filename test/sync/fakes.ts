import type { CampaignConnector } from '../../src/connectors/campaign/campaign-connector.js';
import type { DynamicsConnector } from '../../src/connectors/dynamics/dynamics-connector.js';
import type { CampaignSchema } from '../../src/model/campaign-schema.js';
import type { Catalog } from '../../src/model/catalog.js';
import type { ChangePage, Page, RecordQuery, WriteOutcome, WriteRequest, WriteValue } from '../../src/model/query.js';
import type { RecordData } from '../../src/model/record.js';
import type { Table } from '../../src/model/table.js';
import { NO_COUNTS, type Reject, type Run, type RunCounts, type Workflow } from '../../src/model/workflow.js';
import type { JournalStep, RunPage, RunRepository, Storage } from '../../src/storage/storage.js';

/** A workflow that imports `contact` two records a page. */
export function aWorkflow(facts: Partial<Workflow> = {}): Workflow {
  return {
    name: 'contacts',
    account: 'dynamicsCRM',
    operation: 'IMPORT',
    table: 'contact',
    filter: null,
    orderBy: [],
    automaticIndex: true,
    schedule: null,
    batchSize: 2,
    index: null,
    ...facts,
  };
}

/** A Dynamics organization whose records come in order; a cursor is the number of records already read. */
export function fakeDynamics(records: readonly RecordData[]) {
  const asked: { readonly query: RecordQuery<Table>; readonly cursor: string | null }[] = [];
  async function* changes(query: RecordQuery<Table>, cursor: string | null): AsyncGenerator<ChangePage> {
    asked.push({ query, cursor });
    let start = Number(cursor ?? 0);
    do {
      const end = Math.min(start + query.first, records.length);
      const changed = records.slice(start, end);
      start = end;
      yield { changed, deleted: [], cursor: String(end), complete: end === records.length };
    } while (start < records.length);
  }
  const connector = { ...unusedMethods, system: 'dynamics', changes } satisfies DynamicsConnector;
  return { connector, asked };
}

/** A Campaign instance that holds flat records by the key they are written with. `refuse` names keys that it does not take. */
export function fakeCampaign(
  options: { readonly records?: readonly RecordData[]; readonly refuse?: readonly string[] } = {},
) {
  const records = new Map<string, RecordData>();
  for (const record of options.records ?? []) records.set(String(record.crmId), record);
  const writes: WriteRequest<CampaignSchema>[] = [];
  const connector = {
    ...unusedMethods,
    ...unusedCampaignMethods,
    system: 'campaign',
    async query(query: RecordQuery<CampaignSchema>): Promise<Page> {
      if (query.filter?.kind !== 'in') throw new Error('Expected a query by keys.');
      const found = query.filter.values.map((value) => records.get(String(value)));
      return {
        records: found.filter((record) => record !== undefined),
        hasNextPage: false,
        cursorAt: String,
        count: null,
      };
    },
    async write(request: WriteRequest<CampaignSchema>): Promise<readonly WriteOutcome[]> {
      writes.push(request);
      return request.records.map((record) => take(record, String(request.key)));
    },
  } satisfies CampaignConnector;
  return { connector, records, writes };

  function take(record: Readonly<Record<string, WriteValue>>, key: string): WriteOutcome {
    const id = String(record[key]);
    if (options.refuse?.includes(id)) return { ok: false, code: 'XSV-350023', message: 'Unable to save document.' };
    records.set(id, { ...records.get(id), ...record });
    return { ok: true, id: null };
  }
}

/** Runs held in memory, with the rules of the port. `crashAt` makes the page of that number fail as it is saved, once. */
export function fakeStorage(catalog: Catalog, workflow: Workflow) {
  const pages: RunPage[] = [];
  const rejects: Omit<Reject, 'id' | 'attempts'>[] = [];
  const underWay: readonly JournalStep[] = [];
  const state = { stopRequested: false, crashAt: 0, index: workflow.index, run: queued(workflow.name), underWay };
  const runs = {
    async start() {
      if (state.run.status !== 'QUEUED' && state.run.status !== 'RUNNING') return null;
      return update({ status: 'RUNNING' });
    },
    async savePage(_: string, page: RunPage) {
      if (pages.length + 1 === state.crashAt) {
        state.crashAt = 0;
        throw new Error('The process was killed.');
      }
      pages.push(page);
      rejects.push(...page.rejects);
      update({ counts: add(state.run.counts, page.counts), cursor: page.cursor });
      return { run: state.run, stopRequested: state.stopRequested };
    },
    async finish(_: string, status, outcome) {
      state.index = outcome?.index ?? state.index;
      return update({ status, error: outcome?.error ?? null });
    },
    find: async () => state.run,
    queue: unused,
    list: unused,
    unfinished: unused,
    requestStop: unused,
    rejects: unused,
    countRejects: unused,
  } satisfies RunRepository;
  const mappings = {
    ...{ list: unused, find: unused, replace: unused },
    catalog: async () => ({ ...catalog, underWay: state.underWay }),
    revision: async () => String(state.underWay.length),
  };
  const storage: Pick<Storage, 'runs' | 'mappings'> = { runs, mappings };
  return { storage, state, pages, rejects };

  function update(facts: Partial<Run>): Run {
    state.run = { ...state.run, ...facts };
    return state.run;
  }
}

function queued(workflow: string): Run {
  return {
    id: 'run-1',
    workflow,
    status: 'QUEUED',
    startedAt: null,
    finishedAt: null,
    counts: NO_COUNTS,
    error: null,
    cursor: null,
  };
}

function add(one: RunCounts, other: RunCounts): RunCounts {
  return {
    read: one.read + other.read,
    created: one.created + other.created,
    updated: one.updated + other.updated,
    unchanged: one.unchanged + other.unchanged,
    deleted: one.deleted + other.deleted,
    rejected: one.rejected + other.rejected,
  };
}

async function unused(): Promise<never> {
  throw new Error('A synchronization has no use for this.');
}

const unusedMethods = {
  check: unused,
  summaries: unused,
  metadataChanges: unused,
  introspect: unused,
  query: unused,
  aggregate: unused,
  queryEach: unused,
  changes: () => {
    throw new Error('A synchronization has no use for this.');
  },
  write: unused,
  close: unused,
};

const unusedCampaignMethods = {
  readSourceSchema: unused,
  writeSourceSchema: unused,
  deleteSourceSchema: unused,
  reconnect: unused,
  readItemizedLists: unused,
  itemizedLists: unused,
  writeItemizedList: unused,
  readExternalAccount: unused,
  writeExternalAccount: unused,
  instanceName: unused,
  deleteExternalAccount: unused,
};
