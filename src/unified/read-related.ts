import {
  type GraphQLField,
  type GraphQLInputObjectType,
  type GraphQLResolveInfo,
  getNamedType,
  isInputObjectType,
} from 'graphql';
import type { Languages } from '../model/labels.js';
import { type AlongList, conjunction, type Filter, type Selection } from '../model/query.js';
import type { UnifiedContext } from './context.js';
import type { PageQuery } from './loaders.js';
import { asksFurther, planAlong } from './plan-along.js';
import { type ReadFilter, readFilter } from './read-filter.js';
import { readOrder } from './read-order.js';
import { type ConnectionShape, connectionShape, readFirst } from './resolvers/connection.js';
import type { CollectionSource, RelatedSource } from './schema/field-source.js';
import { campaignSelection, dynamicsSelection, type FieldNodes, planUnified, type QueryInfo } from './selection.js';
import { mergeSelections, NOTHING } from './selections.js';
import type { TiedList } from './tied-lists.js';

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

/** What is known of a request where its lists are planned. */
export interface Asked extends QueryInfo {
  readonly languages: Languages | undefined;
}

export function askedBy({ schema, fragments, variableValues }: QueryInfo, { languages }: UnifiedContext): Asked {
  return { schema, fragments, variableValues, languages };
}

/** A list that hangs on records, as one place of a query asks for it of each of them. */
export interface RelatedQuery {
  readonly list: TiedList;
  /** How Dynamics may bring it along with the records; null where it cannot. */
  readonly along: AlongList | null;
  readonly shape: ConnectionShape;
  /** Of unified records: what is asked of their Campaign sides. */
  readonly campaign: Selection | null;
  /** Which Campaign records those must be one of; null where any will do. The list is to be narrowed by them before it is read. */
  readonly matching: Filter | null;
  /** Of unified records: whether more is to be read for them, which need not wait for these. */
  readonly further: boolean;
}

/**
 * Reads what `nodes` ask of a relationship to many of Dynamics. Null where no record can pass its filters. Rejects with BAD_USER_INPUT an
 * argument that does not fit.
 */
export function readRelated(
  info: Asked,
  field: GraphQLField<unknown, unknown>,
  source: RelatedSource,
  nodes: FieldNodes,
  args: ListArguments,
): RelatedQuery | null {
  const { target, table: from, navigation, column } = source;
  const shape = connectionShape(info, field.type, nodes);
  const unified = target.system === 'unified' ? planUnified(info, target, shape.records) : null;
  const select = unified ? (unified.dynamics ?? NOTHING) : dynamicsSelection(info, target.typeName, shape.records);
  const plain = readListQuery(field, args, shape, select, info.languages);
  const matching = unified ? readCampaignFilter(field, args) : true;
  if (plain === null || matching === false) return null;
  const isAlone = plain.after !== undefined || shape.countOnly || matching !== true;
  const along = isAlone ? planAlong(info, target, shape.records) : undefined;
  const list: TiedList = {
    key: JSON.stringify([from.logicalName, navigation, target.table.logicalName, { ...plain, select: null }, matching]),
    query: { ...plain, related: target.related, ...(along && { along }) },
    path: column,
    ...(!isAlone && { parent: { from, navigation } }),
    records: (loaders) => loaders.table(target.table),
  };
  return {
    list,
    along: isAlone ? null : { ...plain, navigation, from: target.table, path: column },
    shape,
    campaign: unified?.campaign ?? null,
    matching: matching === true ? null : matching,
    further: unified !== null && asksFurther(info, target, shape.records),
  };
}

/** Reads which Campaign records those of a unified list must be one of. */
export function readCampaignFilter(
  field: GraphQLField<unknown, unknown>,
  { campaignFilter }: ListArguments,
): ReadFilter {
  return readFilter(inputType(field, 'campaignFilter'), campaignFilter, { place: 'campaignFilter' });
}

/** The list of those records alone that `within` admits. */
export function narrowed(related: RelatedQuery, within: Filter): RelatedQuery {
  const { list } = related;
  return { ...related, list: { ...list, query: { ...list.query, filter: conjunction(within, list.query.filter) } } };
}

/** Reads what `nodes` ask of a collection of Campaign, whose records hold one value of the record at hand. */
export function readCollection(
  info: Asked,
  field: GraphQLField<unknown, unknown>,
  { target }: CollectionSource,
  path: string,
  nodes: FieldNodes,
  args: ListArguments,
): RelatedQuery | null {
  const shape = connectionShape(info, field.type, nodes);
  const query = readListQuery(
    field,
    args,
    shape,
    campaignSelection(info, target.typeName, shape.records),
    info.languages,
  );
  if (query === null) return null;
  const list: TiedList = {
    key: JSON.stringify([target.schema.name, path, { ...query, select: null }]),
    query,
    path,
    records: (loaders) => loaders.schema(target.schema),
  };
  return { list, along: null, shape, campaign: null, matching: null, further: false };
}

/** The same list with more selected. */
export function selecting(related: RelatedQuery, select: Selection): RelatedQuery {
  const whole = mergeSelections(related.list.query.select, select);
  return {
    ...related,
    list: { ...related.list, query: { ...related.list.query, select: whole } },
    along: related.along && { ...related.along, select: whole },
  };
}

/** What the arguments of a list and the parts asked of it come to; null where no record can pass the filter. */
export function readListQuery(
  field: GraphQLField<unknown, unknown>,
  args: ListArguments,
  shape: ConnectionShape,
  select: Selection,
  languages: Languages | undefined,
): PageQuery | null {
  const filter = readFilter(inputType(field, 'filter'), args.filter, { languages });
  const orderBy = readOrder(inputType(field, 'orderBy'), args.orderBy);
  const first = readFirst(args.first);
  if (filter === false) return null;
  return {
    select,
    ...(filter !== true && { filter }),
    ...(orderBy.length > 0 && { orderBy }),
    ...(args.after != null && { after: args.after }),
    first: shape.countOnly ? 1 : first,
    ...(shape.wantsCount && { count: true }),
  };
}

/** The definition of the field being resolved. */
export function fieldOf({ parentType, fieldName }: GraphQLResolveInfo): GraphQLField<unknown, unknown> {
  const field = parentType.getFields()[fieldName];
  if (field) return field;
  throw new Error(`Expected ${parentType.name} to have the field ${fieldName}.`);
}

/** The type of a list's argument. */
export function inputType(
  field: GraphQLField<unknown, unknown>,
  argument: 'filter' | 'orderBy' | 'campaignFilter',
): GraphQLInputObjectType {
  const type = getNamedType(field.args.find(({ name }) => name === argument)?.type);
  if (isInputObjectType(type)) return type;
  throw new Error(`The field ${field.name} has no input "${argument}".`);
}
