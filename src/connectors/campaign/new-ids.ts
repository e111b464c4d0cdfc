import type { CallOptions } from '../../model/call.js';
import { type CampaignSchema, DEFAULT_SEQUENCE } from '../../model/campaign-schema.js';
import { RemoteError } from '../../model/errors.js';
import type { Page, RecordQuery } from '../../model/query.js';
import type { SoapCaller } from './client.js';
import type { CompiledRecord } from './compile-write.js';
import { unexpectedAnswer } from './errors.js';
import { textOutput } from './soap.js';

/**
 * New ids for the records of a create, by index: `Write` answers with nothing, so that a record made without an id of its own could not be
 * found again. None for a schema whose records bring their keys, for records that have an id, and for those that cannot be sent.
 * https://experienceleague.adobe.com/docs/campaign-classic/using/configuring-campaign-classic/schema-reference/database-mapping.html
 */
export async function fetchNewIds(
  client: SoapCaller,
  schema: CampaignSchema,
  records: readonly CompiledRecord[],
  options?: CallOptions,
): Promise<ReadonlyMap<number, string>> {
  const sequence = sequenceOf(schema);
  const lacking = records.flatMap((record, index) => (record.ok && !record.element.attributes.id ? [index] : []));
  if (sequence === null || lacking.length === 0) return new Map();
  const parameters = [
    { name: 'count', value: lacking.length },
    { name: 'sequence', value: sequence },
  ];
  // Ids that nobody uses are lost, which does no harm.
  const call = { service: 'xtk:persist', method: 'GetNewIdsEx', parameters, idempotent: true };
  const ids = textOutput((await client.call(call, options))[0]).split(',');
  if (ids.length !== lacking.length || !ids.every((id) => /^-?[1-9]\d*$/.test(id)))
    throw unexpectedAnswer('xtk:persist#GetNewIdsEx', `${lacking.length} new ids`);
  return new Map(lacking.map((index, at) => [index, ids[at] ?? '']));
}

/**
 * The record with the id that it is to have. As nobody else has that, "insert or update" by it is an insert that may be repeated when its
 * answer is lost.
 */
export function withId(record: CompiledRecord, id: string | undefined): CompiledRecord {
  if (!record.ok || id === undefined) return record;
  const { element } = record;
  const attributes = { ...element.attributes, _operation: 'insertOrUpdate', _key: '@id', id };
  return { ok: true, element: { ...element, attributes } };
}

/** Records looked for at once; of more than these nobody asks after a lost answer. */
const MOST_LOOKED_FOR = 200;

/**
 * Whether the records that were to have these ids are all there, after a fault that leaves open whether they were made. False as well where
 * Campaign cannot be asked: the fault then stands.
 */
export async function wereMade(
  query: (query: RecordQuery<CampaignSchema>) => Promise<Page>,
  schema: CampaignSchema,
  ids: ReadonlyMap<number, string>,
  fault: unknown,
): Promise<boolean> {
  const isOpen = fault instanceof RemoteError && fault.mayHaveArrived;
  if (!isOpen || ids.size === 0 || ids.size > MOST_LOOKED_FOR) return false;
  const filter = { kind: 'in', path: 'id', values: [...ids.values()] } as const;
  try {
    const { records } = await query({ from: schema, select: { fields: ['id'] }, filter, first: ids.size });
    return records.length === ids.size;
  } catch {
    return false;
  }
}

/** Descriptions made before sequences were part of them tell only that `@id` is the key, which stands for `autopk`. */
function sequenceOf({ sequence, keys }: CampaignSchema): string | null {
  if (sequence !== undefined) return sequence;
  const key = keys[0]?.fields;
  return key?.length === 1 && key[0] === 'id' ? DEFAULT_SEQUENCE : null;
}
