import { fieldsToCampaign, type MappedTable } from '../mapping/convert-record.js';
import type { CallOptions } from '../model/call.js';
import { RequestError } from '../model/errors.js';
import type { RecordQuery } from '../model/query.js';
import type { Table } from '../model/table.js';
import type { Workflow } from '../model/workflow.js';
import { importPage } from './import-page.js';
import type { RunContext, RunOutcome } from './run-workflow.js';

/**
 * Brings the records of a mapped Dynamics table, or those that changed since the last successful run, into Campaign, page by page.
 *
 * Each page's outcome is saved together with its cursor. After a crash between writing a page and saving it, the page comes again; it is then
 * compared with what Campaign holds, and nothing is written twice.
 */
export async function importRecords(context: RunContext): Promise<RunOutcome> {
  const { storage, dynamics, run, workflow, signal } = context;
  const tie = await findMappedTable(context);
  const call: CallOptions = { signal, ...(context.onCall && { onCall: context.onCall }) };
  const cursor = run.cursor ?? (workflow.automaticIndex ? workflow.index : null);
  for await (const page of dynamics.changes(changesQuery(tie, workflow), cursor, call)) {
    const outcome = await importPage(tie, page.changed, context.campaign, call);
    const saved = await storage.runs.savePage(run.id, { ...outcome, cursor: page.cursor });
    context.onProgress?.(saved.run);
    if (page.complete) return { status: 'SUCCEEDED', index: page.cursor };
    if (saved.stopRequested) return { status: 'STOPPED' };
    signal.throwIfAborted();
  }
  return { status: 'SUCCEEDED', index: null };
}

/** The workflow's mapping with the descriptions kept of its two sides. */
async function findMappedTable({ storage, workflow }: RunContext): Promise<MappedTable> {
  const catalog = await storage.mappings.catalog();
  const mapping = catalog.mappings.find((one) => one.table === workflow.table && one.account === workflow.account);
  const table = catalog.tables.find((one) => one.logicalName === workflow.table);
  const schema = catalog.schemas.find((one) => one.name === mapping?.schema);
  if (mapping && table && schema) return { mapping, table, schema };
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
