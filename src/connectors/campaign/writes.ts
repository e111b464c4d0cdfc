import type { CallOptions } from '../../model/call.js';
import { RemoteError } from '../../model/errors.js';
import type { WriteOutcome } from '../../model/query.js';
import { type XmlElement, xml } from '../../model/xml.js';
import type { SoapCaller } from './client.js';
import type { CompiledRecord } from './compile-write.js';
import { persist } from './persist.js';
import { writeXml } from './xml-text.js';

/** The bounds of one `WriteCollection`. */
export interface BatchLimits {
  readonly records: number;
  readonly bytes: number;
}

export const BATCH_LIMITS: BatchLimits = { records: 200, bytes: 1_000_000 };

/** Requests that may be spent on finding the bad records of one batch; what is then still in doubt is rejected as a whole. */
const MOST_REQUESTS_A_BATCH = 128;

interface Numbered {
  readonly index: number;
  readonly element: XmlElement;
}

/**
 * Writes compiled records and tells what became of each, in order. Campaign takes or refuses a collection as a whole, so one that it
 * refuses is halved until the bad record is alone. A missing right and a fault that may pass are no record's fault: they reject.
 */
export async function writeRecords(
  client: SoapCaller,
  schema: string,
  records: readonly CompiledRecord[],
  limits: BatchLimits,
  options?: CallOptions,
): Promise<readonly WriteOutcome[]> {
  const outcomes: WriteOutcome[] = records.map(asWritten);
  const sendable = records.flatMap((record, index) => (record.ok ? [{ index, element: record.element }] : []));
  for (const batch of inBatches(sendable, limits)) {
    const writer = new BatchWriter(client, schema, options);
    for (const [index, outcome] of await writer.write(batch)) outcomes[index] = outcome;
  }
  return outcomes;
}

/** The outcome of a record where all that could be sent was written. */
export function asWritten(record: CompiledRecord): WriteOutcome {
  return record.ok ? { ok: true, id: null } : record;
}

/** Cuts records into batches that stay within both bounds; a record above the bound of bytes goes alone. */
function inBatches(records: readonly Numbered[], limits: BatchLimits): readonly (readonly Numbered[])[] {
  const batches: Numbered[][] = [];
  let bytes = 0;
  for (const record of records) {
    const size = Buffer.byteLength(writeXml(record.element));
    const current = batches.at(-1);
    const fits = current && current.length < limits.records && bytes + size <= limits.bytes;
    if (fits) current.push(record);
    else batches.push([record]);
    bytes = fits ? bytes + size : size;
  }
  return batches;
}

class BatchWriter {
  private requests = 0;

  constructor(
    private readonly client: SoapCaller,
    private readonly schema: string,
    private readonly options: CallOptions | undefined,
  ) {}

  /** Outcomes of the records that were refused; the others are written. */
  async write(batch: readonly Numbered[]): Promise<readonly (readonly [number, WriteOutcome])[]> {
    const refusal = await this.send(batch);
    if (refusal === null) return [];
    if (batch.length === 1 || this.requests >= MOST_REQUESTS_A_BATCH) {
      return batch.map(({ index }) => [index, refused(refusal, batch.length)] as const);
    }
    const middle = Math.ceil(batch.length / 2);
    const first = await this.write(batch.slice(0, middle));
    return [...first, ...(await this.write(batch.slice(middle)))];
  }

  /** Null where all records were written, else why Campaign refused them. */
  private async send(batch: readonly Numbered[]): Promise<RemoteError | null> {
    this.requests++;
    try {
      await persist(this.client, 'WriteCollection', collection(this.schema, batch), this.options);
      return null;
    } catch (error) {
      if (error instanceof RemoteError && OF_THE_RECORD.has(error.code)) return error;
      throw error;
    }
  }
}

const OF_THE_RECORD: ReadonlySet<string> = new Set(['UPSTREAM_REJECTED', 'CONFLICT', 'NOT_FOUND']);

function collection(schema: string, batch: readonly Numbered[]): XmlElement {
  const name = batch[0]?.element.name ?? 'record';
  return xml(
    `${name}-collection`,
    { xtkschema: schema },
    batch.map(({ element }) => element),
  );
}

function refused(refusal: RemoteError, together: number): WriteOutcome {
  const code = refusal.upstream.code ?? refusal.code;
  const doubt = `Campaign refused this record together with ${together - 1} others, and too many were refused to try each alone: `;
  if (together === 1) return { ok: false, code, message: refusal.upstream.message, cause: refusal };
  return { ok: false, code, message: doubt + refusal.upstream.message };
}
