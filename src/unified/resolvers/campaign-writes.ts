import type { GraphQLFieldResolver, GraphQLResolveInfo } from 'graphql';
import type { SchemaAttribute } from '../../model/campaign-schema.js';
import { RequestError } from '../../model/errors.js';
import type { WriteRequest, WriteValue } from '../../model/query.js';
import type { RecordData } from '../../model/record.js';
import type { UnifiedContext } from '../context.js';
import { filterOfKey, type KeyValue, readKeyValue } from '../read-alternate-key.js';
import { readAttributes } from '../read-attributes.js';
import { readNumericId } from '../read-filter.js';
import type { KeyArguments, SchemaTarget } from '../schema/field-source.js';
import { campaignSelection, type FieldNodes, nodesBelow } from '../selection.js';
import { mergeSelections } from '../selections.js';
import { assertKeyApart, assertSomething, inputTypeOf } from './write-arguments.js';
import { assertMayWrite, callOptions, tellOfWrite, type Written, writeRecord } from './write-record.js';

type Resolver = GraphQLFieldResolver<unknown, UnifiedContext>;
type Values = Readonly<Record<string, WriteValue>>;

/** The records of a Campaign schema as mutations write them. */
export interface WriteTarget {
  readonly target: SchemaTarget;
  /** The attribute that is the key of a record. */
  readonly key: SchemaAttribute;
  /** Whether Campaign gives new records their keys. */
  readonly hasOwnIds: boolean;
}

/** Makes a record and answers with it as Campaign then holds it. */
export function createCampaignRecord(written: WriteTarget): Resolver {
  return async (_, args, context, info) => {
    const values = readAttributes(inputTypeOf(info), args.input);
    const record = written.hasOwnIds ? values : { ...values, ...keyOf(written, args.id) };
    const { id } = await write(written, context, { operation: 'create', record });
    return readBack(written, keyOf(written, id ?? args.id), context, info, info.fieldNodes);
  };
}

/**
 * Changes a record and answers with it as Campaign then holds it. Campaign's own update of a record that is not there is quietly nothing, so
 * that it is the reading back that rejects with NOT_FOUND.
 */
export function updateCampaignRecord(written: WriteTarget): Resolver {
  return async (_, args, context, info) => {
    const key = keyOf(written, args.id);
    const values = readAttributes(inputTypeOf(info), args.input);
    assertSomething(values);
    await write(written, context, { operation: 'update', record: { ...values, ...key }, mayBeMissing: true });
    const record = await readBack(written, key, context, info, info.fieldNodes);
    if (record) return record;
    throw notFound(written, key);
  };
}

/** Deletes a record; false where there is none. Campaign does not tell, so that it is asked first. */
export function deleteCampaignRecord(written: WriteTarget): Resolver {
  return async (_, args, context) => {
    assertMayWrite(context);
    const record = keyOf(written, args.id);
    if ((await find(written, record, context)).length === 0) return false;
    await write(written, context, { operation: 'delete', record });
    return true;
  };
}

/**
 * Makes or changes the record that has a key, and answers with it as Campaign then holds it where the query asks for it. Which of the two it
 * will be is asked just before the write, as Campaign does not tell.
 */
export function upsertCampaignRecord(written: WriteTarget, keys: readonly KeyArguments[]): Resolver {
  return async (_, { input, ...by }, context, info) => {
    assertMayWrite(context);
    const key = readKeyValue(keys, by) ?? keyOf(written, by.id);
    const values = readAttributes(inputTypeOf(info), input);
    assertKeyApart(key, values);
    const found = await find(written, key, context);
    if (found.length > 1) throw ambiguous(written, key);
    await write(written, context, { operation: 'upsert', key: Object.keys(key), record: { ...values, ...key } });
    const nodes = nodesBelow(info, 'record');
    return {
      created: found.length === 0,
      record: nodes.length === 0 ? null : await readBack(written, key, context, info, nodes),
    };
  };
}

/** The key of a record in the form it has. Id 0 is the row that Campaign keeps to stand for none. */
function keyOf({ key }: WriteTarget, given: unknown): KeyValue {
  const isNumber = ['byte', 'short', 'long', 'int64'].includes(key.type);
  const id = isNumber ? readNumericId(given, 'id') : String(given ?? '');
  if (id !== '' && (id !== '0' || !isNumber)) return { [key.name]: id };
  throw new RequestError('BAD_USER_INPUT', `Expected "id" to be the ${key.name} of a record, but got "${id}".`, {
    field: 'id',
  });
}

interface Change extends Pick<WriteRequest<unknown>, 'operation' | 'mayBeMissing'> {
  readonly record: Values;
  readonly key?: readonly string[];
}

async function write({ target, key }: WriteTarget, context: UnifiedContext, change: Change): Promise<Written> {
  assertMayWrite(context);
  const { record, key: paths = [key.name], ...rest } = change;
  try {
    const request = { ...rest, to: target.schema, key: paths, records: [record] };
    return await writeRecord(await context.campaign(), request, context);
  } catch (error) {
    throw tellOfWrite(error);
  }
}

/** Two are enough to know that a key is no key. */
async function find({ target, key }: WriteTarget, by: KeyValue, context: UnifiedContext) {
  const campaign = await context.campaign();
  const query = { from: target.schema, select: { fields: [key.name] }, filter: filterOfKey(by), first: 2 };
  return (await campaign.query(query, callOptions(context))).records;
}

async function readBack(
  { target, key }: WriteTarget,
  by: KeyValue,
  context: UnifiedContext,
  info: GraphQLResolveInfo,
  nodes: FieldNodes,
): Promise<RecordData | null> {
  const campaign = await context.campaign();
  const select = mergeSelections({ fields: [key.name] }, campaignSelection(info, target.typeName, nodes));
  const page = await campaign.query(
    { from: target.schema, select, filter: filterOfKey(by), first: 1 },
    callOptions(context),
  );
  return page.records[0] ?? null;
}

function notFound({ target }: WriteTarget, key: KeyValue): RequestError {
  const message = `Expected a record of ${target.schema.name} with ${textOf(key)}, but there is none. Nothing was written.`;
  return new RequestError('NOT_FOUND', message, { field: 'id' });
}

function ambiguous({ target }: WriteTarget, key: KeyValue): RequestError {
  return new RequestError(
    'CONFLICT',
    `Several records of ${target.schema.name} have ${textOf(key)}, so that it is not known which is meant. Nothing was written: write them by their ids.`,
  );
}

function textOf(key: KeyValue): string {
  return Object.entries(key)
    .map(([path, value]) => `${path} ${JSON.stringify(value)}`)
    .join(' and ');
}
