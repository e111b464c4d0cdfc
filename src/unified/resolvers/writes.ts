import type { GraphQLFieldResolver, GraphQLResolveInfo } from 'graphql';
import { RemoteError } from '../../model/errors.js';
import type { Filter, WriteRequest, WriteValue } from '../../model/query.js';
import type { RecordData } from '../../model/record.js';
import type { Table } from '../../model/table.js';
import type { UnifiedContext } from '../context.js';
import { filterOfKey, type KeyValue, readKeyValue } from '../read-alternate-key.js';
import { readColumns } from '../read-columns.js';
import { readGuid } from '../read-filter.js';
import type { KeyArguments, TableTarget } from '../schema/field-source.js';
import { dynamicsSelection, type FieldNodes, nodesBelow } from '../selection.js';
import { assertKeyApart, assertSomething, ifMatch, inputTypeOf } from './write-arguments.js';
import { assertMayWrite, callOptions, tellOfWrite, type Written, writeRecord } from './write-record.js';

type Resolver = GraphQLFieldResolver<unknown, UnifiedContext>;

/** Makes a record and answers with it as Dynamics then holds it. */
export function createRecord(target: TableTarget): Resolver {
  return async (_, args, context, info) => {
    const record = readColumns(inputTypeOf(info), args.input);
    const { id } = await write(target, context, { operation: 'create', record });
    if (id === null) throw new Error(`Dynamics told no id of the record made in ${target.table.logicalName}.`);
    return readBack(target, byId(target, id), context, info, info.fieldNodes);
  };
}

/** Changes a record and answers with it as Dynamics then holds it. Rejects with NOT_FOUND where there is none. */
export function updateRecord(target: TableTarget): Resolver {
  return async (_, args, context, info) => {
    const id = readGuid(args.id, 'id');
    const values = readColumns(inputTypeOf(info), args.input);
    assertSomething(values);
    const record = { ...values, [target.table.primaryId]: id };
    await write(target, context, { operation: 'update', record, ...ifMatch(args) });
    return readBack(target, byId(target, id), context, info, info.fieldNodes);
  };
}

/** Deletes a record; false where there is none. */
export function deleteRecord(target: TableTarget): Resolver {
  return async (_, args, context) => {
    const record = { [target.table.primaryId]: readGuid(args.id, 'id') };
    return isThere(write(target, context, { operation: 'delete', record, ...ifMatch(args) }));
  };
}

/**
 * Makes or changes the record that has an id or an alternate key, by one request to Dynamics. Tells whether it was made, and answers with
 * it as Dynamics then holds it where the query asks for it.
 */
export function upsertRecord(target: TableTarget, keys: readonly KeyArguments[]): Resolver {
  return async (_, { input, mode, ...by }, context, info) => {
    const key = readKeyValue(keys, by) ?? byId(target, readGuid(by.id, 'id'));
    const values = readColumns(inputTypeOf(info), input);
    assertKeyApart(key, values);
    const only = mode === 'create' || mode === 'update' ? { only: mode } : {};
    const record = { ...values, ...key };
    const written = await write(target, context, { operation: 'upsert', record, key: Object.keys(key), ...only });
    const nodes = nodesBelow(info, 'record');
    // A key that a plug-in changes at once finds its record no more; the id does.
    const found = written.id === null ? key : byId(target, written.id);
    return {
      created: written.created ?? null,
      record: nodes.length === 0 ? null : await readBack(target, found, context, info, nodes),
    };
  };
}

/** False where a write found no record. */
async function isThere(written: Promise<unknown>): Promise<boolean> {
  try {
    await written;
    return true;
  } catch (error) {
    if (error instanceof RemoteError && error.code === 'NOT_FOUND') return false;
    throw error;
  }
}

function byId({ table }: TableTarget, id: string): KeyValue {
  return { [table.primaryId]: id };
}

/** What is to be done to one record, which is found by its id where nothing else is said. */
interface Change extends Pick<WriteRequest<Table>, 'operation' | 'ifMatch' | 'only'> {
  readonly record: Readonly<Record<string, WriteValue>>;
  readonly key?: readonly string[];
}

async function write({ table }: TableTarget, context: UnifiedContext, change: Change): Promise<Written> {
  assertMayWrite(context);
  const { record, key = [table.primaryId], ...rest } = change;
  try {
    return await writeRecord(await context.dynamics(), { ...rest, to: table, key, records: [record] }, context);
  } catch (error) {
    throw tellOfWrite(error);
  }
}

async function readBack(
  { typeName, table }: TableTarget,
  key: KeyValue,
  context: UnifiedContext,
  info: GraphQLResolveInfo,
  nodes: FieldNodes,
): Promise<RecordData | null> {
  const dynamics = await context.dynamics();
  const { fields } = dynamicsSelection(info, typeName, nodes);
  const select = { fields: [...new Set([table.primaryId, ...fields])] };
  const filter: Filter = filterOfKey(key);
  const languages = context.languages && { languages: context.languages };
  const page = await dynamics.query({ from: table, select, filter, first: 1, ...languages }, callOptions(context));
  return page.records[0] ?? null;
}
