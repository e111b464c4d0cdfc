import type { GraphQLFieldResolver, GraphQLResolveInfo } from 'graphql';
import { findAttribute } from '../../model/campaign-schema.js';
import { asError } from '../../model/errors.js';
import type { Filter, Page, Selection } from '../../model/query.js';
import type { RecordData } from '../../model/record.js';
import type { UnifiedContext } from '../context.js';
import { entriesOf, unfit } from '../input-values.js';
import type { PageQuery } from '../loaders.js';
import { readNodeId } from '../node-id.js';
import { createFieldMemo } from '../once-per-query.js';
import { planAlong } from '../plan-along.js';
import { readAlternateKey } from '../read-alternate-key.js';
import { all, type ReadFilter, readGuid, readNumericId } from '../read-filter.js';
import { askedBy, fieldOf, type ListArguments, readCampaignFilter, readListQuery } from '../read-related.js';
import type { Entities } from '../schema/federation.js';
import { type RecordTarget, resolvedSource, type SchemaTarget, type TableTarget } from '../schema/field-source.js';
import { campaignSelection, dynamicsSelection, type FieldNodes } from '../selection.js';
import { NOTHING } from '../selections.js';
import { type ConnectionData, connectionShape, EMPTY_CONNECTION, toConnection } from './connection.js';
import { readUnifiedPage, resolveUnifiedRecord } from './unified-records.js';

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
  return firstOf(target, key, context, info);
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
      return context.loaders
        .table(target.table)
        .load(
          readGuid(id, 'id'),
          select(info, target, info.fieldNodes),
          planAlong(askedBy(info, context), target, info.fieldNodes),
        );
    case 'campaign':
      return context.loaders.schema(target.schema).load(readKey(target, id), select(info, target, info.fieldNodes));
    case 'unified':
      return resolveUnifiedRecord(target, readGuid(id, 'id'), context, info);
  }
}

/** Arguments of a field for one record: `id`, or the columns of an alternate key. */
export type RecordArguments = Readonly<Record<string, unknown>> & { readonly id: string };

async function firstOf(
  target: TableTarget,
  filter: Filter,
  context: UnifiedContext,
  info: GraphQLResolveInfo,
): Promise<RecordData | null> {
  const { records } = await readTablePage(target, { filter, first: 1 }, info.fieldNodes, context, info);
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

/** Reads a page of the records of `target` that `within` admits. */
export async function readList(
  target: RecordTarget,
  args: ListArguments,
  within: ReadFilter,
  context: UnifiedContext,
  info: GraphQLResolveInfo,
): Promise<ConnectionData> {
  const field = fieldOf(info);
  const shape = connectionShape(info, info.returnType, info.fieldNodes);
  const { languages } = context;
  const read = () => readListQuery(field, args, shape, NOTHING, languages);
  // A client may ask for any languages, so that what is read in them is not kept.
  const query = languages ? read() : listQueries(info, info.fieldNodes, info.returnType, read);
  if (query === null) return EMPTY_CONNECTION;
  const filter = all([within, query.filter ?? true]);
  if (filter === false) return EMPTY_CONNECTION;
  const list = { ...query, ...(filter !== true && { filter }) };
  if (target.system === 'unified') {
    const campaignFilter = readCampaignFilter(field, args);
    if (campaignFilter === false) return EMPTY_CONNECTION;
    return readUnifiedPage({ target, list, campaignFilter, shape, from: args.from ?? 'DYNAMICS', context, info });
  }
  const page =
    target.system === 'dynamics'
      ? readTablePage(target, list, shape.records, context, info)
      : context.loaders.schema(target.schema).page({ ...list, select: select(info, target, shape.records) });
  return toConnection(await page, shape, (record) => record);
}

const listQueries = createFieldMemo<PageQuery | null>();

function readTablePage(
  target: TableTarget,
  list: ListQuery,
  nodes: FieldNodes,
  context: UnifiedContext,
  info: GraphQLResolveInfo,
): Promise<Page> {
  const along = planAlong(askedBy(info, context), target, nodes);
  const { related } = target;
  return context.loaders
    .table(target.table)
    .page({ ...list, select: select(info, target, nodes), related, ...(along && { along }) });
}

/** What a list asks for besides its selection. */
export type ListQuery = Omit<PageQuery, 'select'>;

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
