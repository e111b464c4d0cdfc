import type { AggregateFunction, Group, MeasureValue } from '../../model/aggregate.js';
import type { CallOptions } from '../../model/call.js';
import { RequestError } from '../../model/errors.js';
import type { RecordData, RecordValue } from '../../model/record.js';
import type { XmlElement } from '../../model/xml.js';
import type { SoapCaller } from './client.js';
import { type CompiledAggregate, MAX_GROUPS } from './compile-aggregate.js';
import { decodeValue } from './decode.js';
import { literalKind } from './literals.js';
import type { ResolvedPath } from './paths.js';
import { fetchRows } from './query-rows.js';

/** Reads the groups of an aggregate query by one request. Throws `UNSUPPORTED` where they are too many. */
export async function readGroups(
  client: SoapCaller,
  query: CompiledAggregate,
  options?: CallOptions,
): Promise<readonly Group[]> {
  if (query.matchesNothing) return query.keys.length === 0 ? [emptyGroup(query)] : [];
  const rows = await fetchRows(client, query.select, options);
  if (rows.length > MAX_GROUPS) throw tooManyGroups();
  return rows.map((row) => decodeGroup(row, query));
}

/** Without groups there is always one, be it of no records. */
function emptyGroup({ count, measures }: CompiledAggregate): Group {
  const values = measures.map((measure) => (measure.function === 'countDistinct' ? 0 : null));
  return { key: {}, count: count === null ? null : 0, values };
}

function tooManyGroups(): RequestError {
  const message = `There are more than ${MAX_GROUPS} groups. Narrow the filter, or group by what fewer records differ in.`;
  return new RequestError('UNSUPPORTED', message);
}

function decodeGroup({ attributes }: XmlElement, { keys, count, measures }: CompiledAggregate): Group {
  return {
    key: keys.reduce<RecordData>(
      (key, { path, alias }) => placed(key, path.steps, decodeValue(attributes[alias] ?? '', path)),
      {},
    ),
    count: count === null ? null : Number(attributes[count] ?? 0),
    values: measures.map((measure) => decodeMeasure(attributes[measure.alias] ?? '', measure.function, measure.path)),
  };
}

/** A record with a value put where its path leads. */
function placed(record: RecordData, [step = '', ...rest]: readonly string[], value: RecordValue): RecordData {
  if (rest.length === 0) return { ...record, [step]: value };
  // Below a step that others share stands what was placed there before: a record.
  return { ...record, [step]: placed((record[step] ?? {}) as RecordData, rest, value) };
}

function decodeMeasure(text: string, name: AggregateFunction, path: ResolvedPath): MeasureValue {
  if (text === '') return null;
  const isInteger = literalKind(path.attribute.type) === 'integer';
  if (name === 'sum' && isInteger) return /^-?\d+$/.test(text) ? text : String(Math.trunc(Number(text)));
  if (name === 'min' || name === 'max') return plain(decodeValue(text, { ...path, enumeration: null }));
  return Number(text);
}

function plain(value: RecordValue): MeasureValue {
  return typeof value === 'string' || typeof value === 'number' ? value : null;
}
