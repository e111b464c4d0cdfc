import type { AggregateFunction, Group, MeasureValue } from '../../model/aggregate.js';
import type { CallOptions } from '../../model/call.js';
import type { Languages } from '../../model/labels.js';
import type { RecordValue } from '../../model/record.js';
import type { Column } from '../../model/table.js';
import type { DynamicsClient, JsonObject } from './client.js';
import { type AliasedMeasure, aggregateTarget, type CompiledAggregate } from './compile-aggregate.js';
import { isSkipToken, skipTokenOf } from './cursor.js';
import { decodeRows, plainDecoder, valueDecoder } from './decode.js';
import { unexpectedAnswer } from './errors.js';

/** Dynamics sums up 50,000 records at most and gives 5,000 results in one answer, so that there are never more answers. */
const MAX_REQUESTS = 10;

/** Reads the groups of an aggregate query: one request, and one for each further 5,000 groups. */
export async function readGroups(
  client: DynamicsClient,
  query: CompiledAggregate,
  languages?: Languages,
  options?: CallOptions,
): Promise<readonly Group[]> {
  const asked = `sum up ${query.setName}`;
  const headers = preference(query);
  const decode = groupDecoder(query, languages);
  const groups: Group[] = [];
  let skipToken: string | null = null;
  for (let requests = 0; requests < MAX_REQUESTS; requests++) {
    const answer = await client.get(aggregateTarget(query, skipToken), asked, options, headers);
    for (const row of decodeRows(answer)) groups.push(decode(row));
    skipToken = skipTokenOf(answer['@odata.nextLink']);
    if (skipToken === null) return groups;
    if (!isSkipToken(skipToken)) throw unexpectedAnswer(asked, 'a link to more groups without a skiptoken');
  }
  throw unexpectedAnswer(asked, `more than ${MAX_REQUESTS} pages of groups`);
}

function preference({ annotations }: CompiledAggregate): Readonly<Record<string, string>> {
  return annotations.length === 0 ? {} : { Prefer: `odata.include-annotations="${annotations.join(',')}"` };
}

function groupDecoder(
  { keys, count, measures }: CompiledAggregate,
  languages: Languages | undefined,
): (row: JsonObject) => Group {
  const columns = keys.map((column) => ({ name: column.name, decode: valueDecoder(column, languages) }));
  const values = measures.map(measureDecoder);
  return (row) => {
    const key: Record<string, RecordValue> = {};
    for (const { name, decode } of columns) key[name] = decode(row);
    return { key, count: count === null ? null : Number(row[count]), values: values.map((decode) => decode(row)) };
  };
}

function measureDecoder({ column, function: name, alias }: AliasedMeasure): (row: JsonObject) => MeasureValue {
  const decode = functionDecoder(name, column);
  return (row) => {
    const value = row[alias];
    return value === null || value === undefined ? null : decode(value);
  };
}

function functionDecoder(name: AggregateFunction, column: Column): (value: unknown) => MeasureValue {
  switch (name) {
    case 'countDistinct':
    case 'avg':
      return Number;
    case 'sum':
      // The sum of 32-bit numbers may need more bits than they.
      return column.type === 'integer' || column.type === 'bigint' ? String : Number;
    case 'min':
    case 'max':
      return plainDecoder(column);
  }
}
