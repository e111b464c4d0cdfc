import {
  type GraphQLFieldResolver,
  type GraphQLInputObjectType,
  type GraphQLResolveInfo,
  getNamedType,
  isInputObjectType,
} from 'graphql';
import { findAttribute } from '../../model/campaign-schema.js';
import type { Filter, Order, Selection } from '../../model/query.js';
import type { RecordData, RecordValue } from '../../model/record.js';
import type { UnifiedContext } from '../context.js';
import { entriesOf, unfit } from '../input-values.js';
import type { PageQuery, RecordLoader } from '../loaders.js';
import { readNodeId } from '../node-id.js';
import { readAlternateKey } from '../read-alternate-key.js';
import { all, type ReadFilter, readFilter, readGuid, readNumericId } from '../read-filter.js';
import { readOrder } from '../read-order.js';
import type { Entities } from '../schema/federation.js';
import { type RecordTarget, resolvedSource, type SchemaTarget } from '../schema/field-source.js';
import { campaignSelection, dynamicsSelection, type FieldNodes } from '../selection.js';
import { valueAt } from '../selections.js';
import { type ConnectionData, connectionShape, EMPTY_CONNECTION, readFirst, toConnection } from './connection.js';
import { readUnifiedPage, resolveUnifiedRecord } from './unified-records.js';

/** Arguments of a generated list. */
export interface ListArguments {
  readonly filter?: unknown;
  readonly orderBy?: unknown;
  readonly first?: number | null;
  readonly after?: string | null;
  /** Of unified lists: which Campaign records the other side must be one of. */
  readonly campaignFilter?: unknown;
  /** Of unified lists: the system that the list follows. */
  readonly from?: 'DYNAMICS' | 'CAMPAIGN' | null;
}

/** Resolves `contact(id)` of every namespace: the record, or null where there is none. */
export const resolveRecord: GraphQLFieldResolver<unknown, UnifiedContext, RecordArguments> = (
  _,
  args,
  context,
  info,
) => {
  const { target, keys } = resolvedSource(info, 'record');
  const key = keys && readAlternateKey(keys, args);
  if (target.system !== 'dynamics' || !key) return readRecord(target, args.id, context, info);
  return firstOf(context.loaders.table(target.table), key, select(info, target, info.fieldNodes));
};

/** Resolves `node(id)`: a record of any kind that has a node id. */
export function resolveNode(
  targets: ReadonlyMap<string, RecordTarget>,
): GraphQLFieldResolver<unknown, UnifiedContext, { readonly id: string }> {
  return async (_, args, context, info) => {
    const { typeName, id } = readNodeId(args.id);
    const target = targets.get(typeName);
    // A kind that is no longer part of the graph has no records.
    return target ? readNode(target, id, context, info) : null;
  };
}

/** Records that one `_entities` may name. */
const MAX_ENTITIES = 1000;

/** Resolves `_entities(representations)`: records by type and key, all of one kind in as few requests as their lists take. */
export function resolveEntities(
  entities: Entities,
): GraphQLFieldResolver<unknown, UnifiedContext, { readonly representations: readonly unknown[] }> {
  return (_, { representations }, context, info) => {
    if (representations.length > MAX_ENTITIES)
      throw unfit('representations', `at most ${MAX_ENTITIES} records`, `${representations.length}`);
    // A list of promises is not answered alike by compiled queries where one rejects; an error in a list is.
    return Promise.all(
      representations.map((representation, index) =>
        readEntity(entities, representation, `representations.${index}`, context, info).catch(asError),
      ),
    );
  };
}

async function readEntity(
  entities: Entities,
  representation: unknown,
  place: string,
  context: UnifiedContext,
  info: GraphQLResolveInfo,
): Promise<object | null> {
  const fields = Object.fromEntries(entriesOf(representation));
  const entity = entities.get(String(fields.__typename));
  if (!entity) throw unfit(place, 'a record with a __typename of this graph', 'another');
  const id = fields[entity.key];
  if (typeof id === 'string' || typeof id === 'number') return readNode(entity.target, String(id), context, info);
  throw unfit(place, `a record with its key "${entity.key}"`, 'none');
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

async function readNode(
  target: RecordTarget,
  id: string,
  context: UnifiedContext,
  info: GraphQLResolveInfo,
): Promise<object | null> {
  const record = await readRecord(target, id, context, info);
  return record && { ...record, __typename: target.typeName };
}

function readRecord(
  target: RecordTarget,
  id: string,
  context: UnifiedContext,
  info: GraphQLResolveInfo,
): Promise<object | null> {
  switch (target.system) {
    case 'dynamics':
      return context.loaders.table(target.table).load(readGuid(id, 'id'), select(info, target, info.fieldNodes));
    case 'campaign':
      return context.loaders.schema(target.schema).load(readKey(target, id), select(info, target, info.fieldNodes));
    case 'unified':
      return resolveUnifiedRecord(target, readGuid(id, 'id'), context, info);
  }
}

/** Arguments of a field for one record: `id`, or the columns of an alternate key. */
export type RecordArguments = Readonly<Record<string, unknown>> & { readonly id: string };

async function firstOf(loader: RecordLoader, filter: Filter, selection: Selection): Promise<RecordData | null> {
  const { records } = await loader.page({ filter, select: selection, first: 1 });
  return records[0] ?? null;
}

/** Resolves `contacts(filter, orderBy, first, after)` of every namespace. */
export const resolveRecords: GraphQLFieldResolver<unknown, UnifiedContext, ListArguments> = (
  _,
  args,
  context,
  info,
) => {
  const { target } = resolvedSource(info, 'records');
  return readList(target, args, true, context, info);
};

/** Resolves a collection of a Campaign record: the records that its join ties to the record or element at hand. */
export const resolveCollection: GraphQLFieldResolver<RecordData, UnifiedContext, ListArguments> = (
  source,
  args,
  context,
  info,
) => {
  const { target, join } = resolvedSource(info, 'collection');
  const values = join.map((pair) => ({ path: pair.destination, value: valueAt(source, pair.source) }));
  return readList(target, args, all(values.map(({ path, value }) => tiedBy(path, value))), context, info);
};

/** An empty key, or 0, the id of the row that stands for none, ties nothing. */
function tiedBy(path: string, value: RecordValue | undefined): ReadFilter {
  const plain = typeof value === 'object' && value !== null && 'value' in value ? value.value : value;
  const isKey = typeof plain === 'string' || typeof plain === 'number' || typeof plain === 'boolean';
  return isKey && plain !== '' && plain !== 0 && plain !== '0'
    ? { kind: 'compare', path, operator: 'eq', value: plain }
    : false;
}

/** Resolves a relationship to many: the records that lead to the record at hand by a lookup or by a table between the two. */
export const resolveRelated: GraphQLFieldResolver<RecordData, UnifiedContext, ListArguments> = (
  source,
  args,
  context,
  info,
) => {
  const { target, column, id } = resolvedSource(info, 'related');
  const pointsHere: Filter = { kind: 'compare', path: column, operator: 'eq', value: String(source[id]) };
  return readList(target, args, pointsHere, context, info);
};

async function readList(
  target: RecordTarget,
  args: ListArguments,
  within: ReadFilter,
  context: UnifiedContext,
  info: GraphQLResolveInfo,
): Promise<ConnectionData> {
  const shape = connectionShape(info);
  const filter = all([within, readFilter(inputType(info, 'filter'), args.filter, { languages: context.languages })]);
  const orderBy = readOrder(inputType(info, 'orderBy'), args.orderBy);
  const first = readFirst(args.first);
  if (filter === false) return EMPTY_CONNECTION;
  const list = { ...listOf(filter, orderBy, args.after), first: shape.countOnly ? 1 : first, count: shape.wantsCount };
  if (target.system === 'unified') {
    const campaignFilter = readFilter(inputType(info, 'campaignFilter'), args.campaignFilter, {
      place: 'campaignFilter',
    });
    if (campaignFilter === false) return EMPTY_CONNECTION;
    return readUnifiedPage({ target, list, campaignFilter, shape, from: args.from ?? 'DYNAMICS', context, info });
  }
  const query = { ...list, select: select(info, target, shape.records) };
  const page =
    target.system === 'dynamics'
      ? context.loaders.table(target.table).page({ ...query, related: target.related })
      : context.loaders.schema(target.schema).page(query);
  return toConnection(await page, shape, (record) => record);
}

/** What a list asks for besides its selection. */
export type ListQuery = Omit<PageQuery, 'select'>;

function listOf(filter: ReadFilter, orderBy: readonly Order[], after: string | null | undefined) {
  return {
    ...(typeof filter === 'boolean' ? {} : { filter }),
    ...(orderBy.length === 0 ? {} : { orderBy }),
    ...(after == null ? {} : { after }),
  };
}

function select(
  info: GraphQLResolveInfo,
  target: Exclude<RecordTarget, { system: 'unified' }>,
  nodes: FieldNodes,
): Selection {
  const selectionOf = target.system === 'dynamics' ? dynamicsSelection : campaignSelection;
  return selectionOf(info, target.typeName, nodes);
}

/** The id of a Campaign record in the form its key has. */
function readKey(target: SchemaTarget, id: string): string {
  const key = findAttribute(target.schema, target.schema.keys[0]?.fields[0] ?? '');
  const isNumeric = key !== undefined && ['byte', 'short', 'long', 'int64'].includes(key.type);
  return isNumeric ? readNumericId(id, 'id') : id;
}

/** The input type of an argument of the field being resolved. */
export function inputType(
  info: GraphQLResolveInfo,
  argument: 'filter' | 'orderBy' | 'campaignFilter',
): GraphQLInputObjectType {
  const field = info.parentType.getFields()[info.fieldName];
  const type = getNamedType(field?.args.find(({ name }) => name === argument)?.type);
  if (isInputObjectType(type)) return type;
  throw new Error(`The field ${info.parentType.name}.${info.fieldName} has no input "${argument}".`);
}
