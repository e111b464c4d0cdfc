import type { CampaignConnector } from '../connectors/campaign/campaign-connector.js';
import { differences, valueAt } from '../mapping/compare.js';
import { normalizeId, plainValue } from '../mapping/convert.js';
import { fieldsToCampaign, type MappedTable, recordId, recordToCampaign } from '../mapping/convert-record.js';
import type { CallOptions } from '../model/call.js';
import { neutralPath } from '../model/campaign-schema.js';
import { RequestError } from '../model/errors.js';
import type { WriteOutcome, WriteValue } from '../model/query.js';
import type { RecordData } from '../model/record.js';
import { NO_COUNTS, type RunCounts } from '../model/workflow.js';
import type { RunPage } from '../storage/storage.js';

/** What became of a page. */
export type PageOutcome = Pick<RunPage, 'counts' | 'rejects'>;

/**
 * Writes the new and changed records of one page to Campaign, found there by the key. What is the same already is not written; a record that
 * cannot be converted, or that Campaign refuses, is a reject. Rejects with a `RemoteError` where Campaign does not answer.
 */
export async function importPage(
  mapped: MappedTable,
  records: readonly RecordData[],
  campaign: CampaignConnector,
  options: CallOptions,
): Promise<PageOutcome> {
  const tie = { ...mapped, mapping: { ...mapped.mapping, fields: fieldsToCampaign(mapped.mapping) } };
  const { converted, rejects } = convertAll(tie, records);
  const held = await readHeld(tie, [...converted.keys()], campaign, options);
  const changed = [...converted.values()].filter((one) => !isUnchanged(tie, one, held.get(one.id) ?? []));
  const outcomes = changed.length === 0 ? [] : await writeAll(tie, changed, campaign, options);
  const written = changed.filter((_, index) => outcomes[index]?.ok);
  const created = written.filter((one) => !held.has(one.id)).length;
  const refused = changed.flatMap((one, index) => toReject(one, outcomes[index]));
  const counts: RunCounts = {
    ...NO_COUNTS,
    read: converted.size + rejects.length,
    created,
    updated: written.length - created,
    unchanged: converted.size - changed.length,
    rejected: rejects.length + refused.length,
  };
  return { counts, rejects: [...rejects, ...refused] };
}

/** A Dynamics record with what Campaign is to hold of it. */
interface ConvertedRecord {
  readonly id: string;
  readonly source: RecordData;
  readonly record: Readonly<Record<string, WriteValue>>;
}

/** Ids asked for in one request: some 20 kB of condition. */
const KEYS_A_REQUEST = 500;
/** More than the keys, for nothing keeps two Campaign records from holding the same one. */
const RECORDS_A_REQUEST = 2 * KEYS_A_REQUEST;

function convertAll(
  tie: MappedTable,
  records: readonly RecordData[],
): { readonly converted: ReadonlyMap<string, ConvertedRecord>; readonly rejects: PageOutcome['rejects'] } {
  // A record that changed while the page was read may be in it twice; the last one counts.
  const latest = new Map(records.map((record) => [recordId(tie.table, record), record]));
  const converted = new Map<string, ConvertedRecord>();
  const rejects: PageOutcome['rejects'][number][] = [];
  for (const [id, source] of latest) {
    try {
      converted.set(id, { id, source, record: recordToCampaign(tie, source) });
    } catch (error) {
      if (!(error instanceof RequestError) || error.code !== 'BAD_USER_INPUT') throw error;
      rejects.push({ key: id, code: error.code, message: error.message, record: source });
    }
  }
  return { converted, rejects };
}

/** The Campaign records that hold these ids at the key, by id. */
async function readHeld(
  tie: MappedTable,
  ids: readonly string[],
  campaign: CampaignConnector,
  options: CallOptions,
): Promise<ReadonlyMap<string, readonly RecordData[]>> {
  const chunks = Array.from({ length: Math.ceil(ids.length / KEYS_A_REQUEST) }, (_, index) =>
    ids.slice(index * KEYS_A_REQUEST, (index + 1) * KEYS_A_REQUEST),
  );
  const found = await Promise.all(chunks.map((chunk) => readChunk(tie, chunk, campaign, options)));
  const held = new Map<string, RecordData[]>();
  for (const record of found.flat()) {
    const id = normalizeId(String(plainValue(valueAt(record, tie.mapping.key))));
    held.set(id, [...(held.get(id) ?? []), record]);
  }
  return held;
}

async function readChunk(
  { mapping, schema }: MappedTable,
  ids: readonly string[],
  campaign: CampaignConnector,
  options: CallOptions,
): Promise<readonly RecordData[]> {
  const key = neutralPath(mapping.key);
  const fields = [...new Set([key, ...mapping.fields.map((field) => neutralPath(field.path))])];
  const query = {
    from: schema,
    select: { fields },
    filter: { kind: 'in', path: key, values: ids },
    first: RECORDS_A_REQUEST,
  } as const;
  const records: RecordData[] = [];
  let page = await campaign.query(query, options);
  records.push(...page.records);
  while (page.hasNextPage) {
    page = await campaign.query({ ...query, after: page.cursorAt(page.records.length - 1) }, options);
    records.push(...page.records);
  }
  return records;
}

function isUnchanged(
  { mapping, table, schema }: MappedTable,
  one: ConvertedRecord,
  held: readonly RecordData[],
): boolean {
  return (
    held.length > 0 && held.every((record) => differences(mapping, table, schema, one.source, record).length === 0)
  );
}

function writeAll(
  { mapping, schema }: MappedTable,
  records: readonly ConvertedRecord[],
  campaign: CampaignConnector,
  options: CallOptions,
): Promise<readonly WriteOutcome[]> {
  return campaign.write(
    {
      to: schema,
      operation: 'upsert',
      key: neutralPath(mapping.key),
      records: records.map((one) => one.record),
    },
    options,
  );
}

function toReject(one: ConvertedRecord, outcome: WriteOutcome | undefined): PageOutcome['rejects'] {
  if (!outcome) throw new Error(`Campaign's connector told nothing of record "${one.id}".`);
  if (outcome.ok) return [];
  return [{ key: one.id, code: outcome.code, message: outcome.message, record: one.record }];
}
