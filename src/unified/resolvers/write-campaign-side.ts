import { differences } from '../../mapping/compare.js';
import { fieldsToCampaign, type MappedTable, recordToCampaign } from '../../mapping/convert-record.js';
import { neutralPath } from '../../model/campaign-schema.js';
import { RequestError } from '../../model/errors.js';
import type { RecordData } from '../../model/record.js';
import type { UnifiedContext } from '../context.js';
import type { UnifiedTarget } from '../schema/field-source.js';
import { mergeSelections } from '../selections.js';
import { callOptions, writeRecord } from './write-record.js';
import { notBegun, notWritten, type WrittenSide } from './written-side.js';

/** A mapping as far as it leads to Campaign, with the columns and attributes that both systems still have. */
export function tieToCampaign({ compared, table, schema }: UnifiedTarget): MappedTable {
  return { mapping: { ...compared.mapping, fields: fieldsToCampaign(compared.mapping) }, table, schema };
}

/**
 * Brings the Campaign record that holds the id of a Dynamics record in line with it, as an import would: one request to see what Campaign
 * holds, and one to write where that differs. Never rejects: what went wrong is told.
 */
export async function bringToCampaign(
  target: UnifiedTarget,
  id: string,
  record: RecordData,
  context: UnifiedContext,
  remedy: string,
): Promise<WrittenSide> {
  const tie = tieToCampaign(target);
  const key = neutralPath(tie.mapping.key);
  let held: RecordData | null;
  try {
    held = await findHeld(tie, id, context);
  } catch (error) {
    return notBegun(error, remedy);
  }
  try {
    const wanted = recordToCampaign(tie, record);
    if (held && differences(tie.mapping, tie.table, tie.schema, record, held).length === 0)
      return { status: 'UNCHANGED' };
    const write = { to: tie.schema, operation: 'upsert', key, records: [wanted] } as const;
    await writeRecord(await context.campaign(), write, context);
    return { status: held ? 'UPDATED' : 'CREATED' };
  } catch (error) {
    return notWritten(error, remedy);
  }
}

/** Deletes the Campaign record that holds the id of a Dynamics record. Never rejects, as above. */
export async function deleteFromCampaign(
  target: UnifiedTarget,
  id: string,
  context: UnifiedContext,
  remedy: string,
): Promise<WrittenSide> {
  const tie = tieToCampaign(target);
  const key = neutralPath(tie.mapping.key);
  try {
    if (!(await findHeld({ ...tie, mapping: { ...tie.mapping, fields: [] } }, id, context)))
      return { status: 'UNCHANGED' };
  } catch (error) {
    return notBegun(error, remedy);
  }
  try {
    const write = { to: tie.schema, operation: 'delete', key, records: [{ [key]: id }] } as const;
    await writeRecord(await context.campaign(), write, context);
    return { status: 'DELETED' };
  } catch (error) {
    return notWritten(error, remedy);
  }
}

/** The Campaign record that holds an id, with its mapped fields; null where there is none. Rejects with CONFLICT where there are several. */
async function findHeld(
  { mapping, schema }: MappedTable,
  id: string,
  context: UnifiedContext,
): Promise<RecordData | null> {
  const key = neutralPath(mapping.key);
  const campaign = await context.campaign();
  const select = mergeSelections({ fields: [key, ...mapping.fields.map((field) => neutralPath(field.path))] });
  const filter = { kind: 'compare', path: key, operator: 'eq', value: id } as const;
  const { records } = await campaign.query({ from: schema, select, filter, first: 2 }, callOptions(context));
  if (records.length < 2) return records[0] ?? null;
  throw new RequestError(
    'CONFLICT',
    `Several records of ${schema.name} hold the id ${id} in ${mapping.key}, so that it is not known which is meant. Leave one of them.`,
  );
}
