import { type GraphQLFieldResolver, type GraphQLResolveInfo, getNamedType, isObjectType } from 'graphql';
import type { AggregateFunction, AggregateQuery, Group, Measure, MeasureValue } from '../../model/aggregate.js';
import { RequestError } from '../../model/errors.js';
import type { RecordData } from '../../model/record.js';
import { readOptions, type UnifiedContext } from '../context.js';
import { orderGroups } from '../order-groups.js';
import { all, type ReadFilter, readFilter } from '../read-filter.js';
import { readOrder } from '../read-order.js';
import { fieldOf, inputType } from '../read-related.js';
import { fieldSource, type RecordTarget, resolvedSource, type UnifiedTarget } from '../schema/field-source.js';
import { campaignSelection, dynamicsSelection, type FieldNodes, selectedFields } from '../selection.js';
import { readFirst } from './connection.js';
import { readWithin, type UnifiedRecord } from './unified-records.js';

type Resolver<Source, Arguments = Readonly<Record<string, unknown>>> = GraphQLFieldResolver<
  Source,
  UnifiedContext,
  Arguments
>;

/** Groups where the client does not say how many. */
export const DEFAULT_GROUPS = 100;

/** What the fields of an aggregate read: a filter whose groups are read when asked for, and the sums over all that it lets pass. */
export interface AggregateData {
  readonly filter: ReadFilter | Promise<ReadFilter>;
  /** Absent where nothing is asked of all records together. */
  readonly total?: Promise<Summary>;
}

/** The count and the measures of all records, or of those of one group. */
export interface Summary extends Readonly<Record<AggregateFunction, Readonly<Record<string, MeasureValue>>>> {
  readonly count: number | null;
}

export interface GroupData extends Summary {
  /** A record of the key alone, as the record's own resolvers read it. */
  readonly key: RecordData | UnifiedRecord;
}

/** Resolves `contactsAggregate(filter)`: reads in one request what is asked of all records together. */
export const resolveAggregate: Resolver<unknown, AggregateArguments> = (_, args, context, info) => {
  const { target } = resolvedSource(info, 'aggregate');
  const own = readFilter(inputType(fieldOf(info), 'filter'), args.filter, { languages: context.languages });
  const filter = target.system === 'unified' ? readWithMatches(target, own, args, context, info) : own;
  const asked = askedOf(info, info.fieldNodes);
  if (!asked.count && asked.measures.length === 0) return { filter } satisfies AggregateData;
  const query = { ...asked, groupBy: [] };
  const total = readGroups(target, filter, query, context).then(([group]) => summaryOf(group ?? NO_RECORDS, query));
  // Whoever waits for it is told of a fault; where the query ends before, nobody is.
  total.catch(() => undefined);
  return { filter, total } satisfies AggregateData;
};

export interface AggregateArguments {
  readonly filter?: unknown;
  /** Of unified records: which Campaign records the other side must be one of. */
  readonly campaignFilter?: unknown;
}

/** Reads the Campaign records that match first, as the list of unified records does. */
function readWithMatches(
  target: UnifiedTarget,
  own: ReadFilter,
  { campaignFilter }: AggregateArguments,
  context: UnifiedContext,
  info: GraphQLResolveInfo,
): ReadFilter | Promise<ReadFilter> {
  const place = 'campaignFilter';
  const wanted = readFilter(inputType(fieldOf(info), place), campaignFilter, { place });
  if (wanted === true || own === false) return own;
  if (wanted === false) return false;
  const filter = readWithin({ target, context }, wanted).then((within) => all([within, own]));
  // Whoever waits for it is told of a fault; where the query ends before, nobody is.
  filter.catch(() => undefined);
  return filter;
}

const NO_RECORDS: Group = { key: {}, count: 0, values: [] };

export const resolveCount: Resolver<AggregateData | GroupData> = async (source) => (await summaryAt(source)).count;

export function resolveMeasures(name: AggregateFunction): Resolver<AggregateData | GroupData> {
  return async (source) => (await summaryAt(source))[name];
}

/** Of a field that only names its type (`sum { __typename }`) nothing is read. */
async function summaryAt(source: AggregateData | GroupData): Promise<Summary> {
  if ('filter' in source) return (await source.total) ?? summaryOf(NO_RECORDS, { measures: [] });
  return source;
}

/** Reads a measure whose path is not the name of its field. */
export function resolveMeasure(path: string): Resolver<Readonly<Record<string, MeasureValue>>> {
  return (measures) => measures[path];
}

export interface GroupArguments {
  readonly columns: readonly string[];
  readonly orderBy?: unknown;
  readonly first?: number | null;
}

/** Resolves `groupBy(columns, orderBy, first)`: reads in one request what is asked of the groups. */
export const resolveGroups: Resolver<AggregateData, GroupArguments> = async ({ filter }, args, context, info) => {
  const { target, keyType } = resolvedSource(info, 'groups');
  const groupBy = [...new Set(args.columns)];
  const first = readFirst(args.first ?? DEFAULT_GROUPS);
  const orderBy = readOrder(inputType(fieldOf(info), 'orderBy'), args.orderBy);
  const asked = askedOf(info, info.fieldNodes);
  assertGrouped(groupBy, keysAsked(target, keyType, info), orderBy);
  const query = { ...withOrdered(asked, orderBy), groupBy };
  const groups = await readGroups(target, filter, query, context);
  return orderGroups(groups, query, orderBy)
    .slice(0, first)
    .map((group): GroupData => ({ ...summaryOf(group, query), key: keyRecord(target, group.key) }));
};

/** What is asked of all records, or of the groups, below `nodes`. */
interface Asked {
  readonly count: boolean;
  readonly measures: readonly Measure[];
}

function askedOf(info: GraphQLResolveInfo, nodes: FieldNodes): Asked {
  const measures: Measure[] = [];
  let count = false;
  for (const { source, type, nodes: inner } of sourcesBelow(info, info.returnType, nodes)) {
    if (source?.kind === 'count') count = true;
    if (source?.kind !== 'measures') continue;
    for (const { source: measure } of sourcesBelow(info, type, inner)) {
      if (measure?.kind === 'measure') measures.push({ function: source.function, path: measure.path });
    }
  }
  return { count, measures };
}

function sourcesBelow(info: GraphQLResolveInfo, type: GraphQLResolveInfo['returnType'], nodes: FieldNodes) {
  const named = getNamedType(type);
  if (!isObjectType(named)) return [];
  const fields = named.getFields();
  return [...selectedFields(info, named, nodes)].flatMap(([name, inner]) => {
    const field = fields[name];
    return field ? [{ source: fieldSource(field), type: field.type, nodes: inner }] : [];
  });
}

/** The paths of the key that the query shows. */
function keysAsked(target: RecordTarget, keyType: string, info: GraphQLResolveInfo): readonly string[] {
  const key = sourcesBelow(info, info.returnType, info.fieldNodes).find(({ source }) => source?.kind === 'groupKey');
  if (!key) return [];
  const selectionOf = target.system === 'campaign' ? campaignSelection : dynamicsSelection;
  return selectionOf(info, keyType, key.nodes).fields;
}

type GroupOrder = ReturnType<typeof readOrder>;

function assertGrouped(groupBy: readonly string[], shown: readonly string[], orderBy: GroupOrder): void {
  if (groupBy.length === 0) {
    const message =
      'Expected "columns" to name at least one column to group by, but it is empty. Ask for count, sum and the like beside groupBy for all records together.';
    throw new RequestError('BAD_USER_INPUT', message, { field: 'columns' });
  }
  const sorted = orderBy.flatMap(({ path }) => (path.startsWith('key/') ? [path.slice('key/'.length)] : []));
  const missing = [...shown, ...sorted].find((path) => !groupBy.includes(path));
  if (missing === undefined) return;
  const message = `Expected the key to be asked for what the groups are made by, but "${missing}" is not among "columns". Name it there, or leave it out.`;
  throw new RequestError('BAD_USER_INPUT', message, { field: 'columns' });
}

/** What the groups are ordered by is read too, though it be not shown. */
function withOrdered(asked: Asked, orderBy: GroupOrder): Asked {
  const measures = [...asked.measures];
  for (const { path } of orderBy) {
    const [first = '', ...rest] = path.split('/');
    const name = FUNCTIONS.find((one) => one === first);
    const measure = name && { function: name, path: rest.join('/') };
    if (measure && !measures.some((one) => one.function === measure.function && one.path === measure.path))
      measures.push(measure);
  }
  return { count: asked.count || orderBy.some(({ path }) => path === 'count'), measures };
}

const FUNCTIONS: readonly AggregateFunction[] = ['sum', 'avg', 'min', 'max', 'countDistinct'];

async function readGroups(
  target: RecordTarget,
  filtered: ReadFilter | Promise<ReadFilter>,
  query: Pick<AggregateQuery<unknown>, 'groupBy' | 'count' | 'measures'>,
  context: UnifiedContext,
): Promise<readonly Group[]> {
  const filter = await filtered;
  if (filter === false) return [];
  const { languages } = context;
  const options = readOptions(context);
  const asked = { ...query, ...(filter === true ? {} : { filter }), ...(languages && { languages }) };
  if (target.system === 'campaign') {
    const campaign = await context.campaign();
    return campaign.aggregate({ ...asked, from: target.schema }, options);
  }
  const dynamics = await context.dynamics();
  return dynamics.aggregate({ ...asked, from: target.table, related: target.related }, options);
}

function summaryOf({ count, values }: Group, { measures }: Pick<AggregateQuery<unknown>, 'measures'>): Summary {
  const summary: Record<AggregateFunction, Record<string, MeasureValue>> = {
    sum: {},
    avg: {},
    min: {},
    max: {},
    countDistinct: {},
  };
  measures.forEach(({ function: name, path }, index) => {
    summary[name][path] = values[index] ?? (name === 'countDistinct' ? 0 : null);
  });
  return { count, ...summary };
}

function keyRecord(target: RecordTarget, key: RecordData): RecordData | UnifiedRecord {
  return target.system === 'unified' ? { id: '', dynamics: key } : key;
}
