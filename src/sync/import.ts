import { fieldsToCampaign, type MappedTable } from '../mapping/convert-record.js';
import { withhold } from '../mapping/withhold.js';
import type { CallOptions } from '../model/call.js';
import { RemoteError, RequestError } from '../model/errors.js';
import type { TableMapping } from '../model/mapping.js';
import type { RecordQuery } from '../model/query.js';
import type { RecordData } from '../model/record.js';
import type { Table } from '../model/table.js';
import type { Workflow } from '../model/workflow.js';
import { importPage, type PageOutcome } from './import-page.js';
import type { RunContext, RunOutcome } from './run-workflow.js';

/**
 * Brings the records of a mapped Dynamics table, or those that changed since the last successful run, into Campaign, page by page.
 *
 * Each page's outcome is saved together with its cursor. After a crash between writing a page and saving it, the page comes again; it is then
 * compared with what Campaign holds, and nothing is written twice.
 */
export async function importRecords(context: RunContext): Promise<RunOutcome> {
  const { storage, dynamics, run, workflow, signal } = context;
  const ties = new Ties(context);
  const call: CallOptions = { signal, ...(context.onCall && { onCall: context.onCall }) };
  const cursor = run.cursor ?? (workflow.automaticIndex ? workflow.index : null);
  const { tie } = await ties.current();
  for await (const page of dynamics.changes(changesQuery(tie, workflow), cursor, call)) {
    const outcome = await importAsMapped(context, ties, page.changed, call);
    const saved = await storage.runs.savePage(run.id, { ...outcome, cursor: page.cursor });
    context.onProgress?.(saved.run);
    if (page.complete) return { status: 'SUCCEEDED', index: page.cursor };
    if (saved.stopRequested) return { status: 'STOPPED' };
    signal.throwIfAborted();
  }
  return { status: 'SUCCEEDED', index: null };
}

/** A page that meets this many changes of the mapping one after the other is not tried again. */
const MOST_ATTEMPTS = 5;

/**
 * Imports a page by the mapping of now. Where that changes meanwhile, Campaign may refuse what it has no more, and the page is imported once
 * more: what it holds already is not written again.
 */
async function importAsMapped(
  { campaign, storage }: RunContext,
  ties: Ties,
  records: readonly RecordData[],
  call: CallOptions,
): Promise<PageOutcome> {
  for (let attempt = 1; ; attempt++) {
    const { tie, revision } = await ties.current();
    const isTheLast = async () => attempt === MOST_ATTEMPTS || (await storage.mappings.revision()) === revision;
    try {
      const outcome = await importPage(tie, records, campaign, call);
      if (outcome.rejects.length === 0 || (await isTheLast())) return outcome;
    } catch (error) {
      if (!(error instanceof RemoteError) || (await isTheLast())) throw error;
    }
  }
}

interface TieOfNow {
  readonly tie: MappedTable;
  /** The revision of the mappings that it belongs to. */
  readonly revision: string;
}

/**
 * The workflow's mapping with the descriptions kept of its two sides, as they are from page to page. Of a mapping that changes while the run is
 * under way it is what both have: Dynamics is asked for the columns of the first one, and what the new one has beyond it comes with the
 * next run, which reads every record anew.
 */
class Ties {
  private first: MappedTable | null = null;
  private known: TieOfNow | null = null;

  constructor(private readonly context: RunContext) {}

  async current(): Promise<TieOfNow> {
    // Before the catalog, so that it is never newer than that.
    const revision = await this.context.storage.mappings.revision();
    if (this.known?.revision === revision) return this.known;
    const found = await findMappedTable(this.context);
    this.first ??= found;
    this.known = { tie: inCommon(this.first, found, this.context.workflow), revision };
    return this.known;
  }
}

function inCommon(first: MappedTable, found: MappedTable, workflow: Workflow): MappedTable {
  const { mapping } = found;
  if (mapping.schema !== first.mapping.schema || mapping.key !== first.mapping.key) {
    const message = `Table "${workflow.table}" was mapped otherwise while the run was under way. Start workflow "${workflow.name}" again.`;
    throw new RequestError('CONFLICT', message, { field: 'table' });
  }
  const fields = mapping.fields.filter(({ column, path }) =>
    first.mapping.fields.some((one) => one.column === column && one.path === path),
  );
  return { ...found, mapping: { ...mapping, fields } };
}

/** Of a mapping that is being changed it finds what Campaign has throughout. */
async function findMappedTable({ storage, workflow }: RunContext): Promise<MappedTable> {
  const kept = await storage.mappings.catalog();
  const catalog = withhold(kept, kept.underWay);
  const isOurs = (one: TableMapping) => one.table === workflow.table && one.account === workflow.account;
  const mapping = catalog.mappings.find(isOurs);
  const table = catalog.tables.find((one) => one.logicalName === workflow.table);
  const schema = catalog.schemas.find((one) => one.name === mapping?.schema);
  if (mapping && table && schema) return { mapping, table, schema };
  if (kept.mappings.some(isOurs) && kept.underWay.length > 0) {
    const message = `The mapping of table "${workflow.table}" is being changed. Start workflow "${workflow.name}" again when mapTables has ended, or repeat that where it was cut off.`;
    throw new RequestError('CONFLICT', message, { field: 'table' });
  }
  throw new RequestError(
    'NOT_FOUND',
    `Workflow "${workflow.name}" needs table "${workflow.table}" of account "${workflow.account}" to be mapped. Map it with mapTables.`,
    { field: 'table' },
  );
}

function changesQuery({ mapping, table }: MappedTable, workflow: Workflow): RecordQuery<Table> {
  const columns = new Set([table.primaryId, ...fieldsToCampaign(mapping).map((field) => field.column)]);
  return {
    from: table,
    select: { fields: [...columns] },
    first: workflow.batchSize,
    orderBy: workflow.orderBy,
    ...(workflow.filter && { filter: workflow.filter }),
  };
}
