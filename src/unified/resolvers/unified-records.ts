import type { GraphQLResolveInfo } from 'graphql';
import { neutralPath } from '../../model/campaign-schema.js';
import { RequestError } from '../../model/errors.js';
import { keepLast } from '../../model/keep-last.js';
import type { Filter, Page, Selection } from '../../model/query.js';
import type { RecordData } from '../../model/record.js';
import { createSlot } from '../../model/slot.js';
import type { UnifiedContext } from '../context.js';
import { IdList } from '../id-list.js';
import type { PlannedAlong, RecordLoader } from '../loaders.js';
import { asksFurther, planAlong } from '../plan-along.js';
import { isGuid } from '../read-filter.js';
import { askedBy } from '../read-related.js';
import type { UnifiedTarget } from '../schema/field-source.js';
import { planUnified, type UnifiedPlan } from '../selection.js';
import { NOTHING, valueAt } from '../selections.js';
import { filterThroughMapping, orderThroughMapping } from '../through-mapping.js';
import { type ConnectionData, type ConnectionShape, EMPTY_CONNECTION, toConnection } from './connection.js';
import type { ListQuery } from './records.js';

/**
 * One record of both systems, found by its Dynamics id. A side is here where it has been read with all that the query asks of it:
 * the record, or null where that system has none. A side that is not here is loaded by the fields that need it.
 */
export interface UnifiedRecord {
  readonly id: string;
  readonly dynamics?: RecordData | null;
  readonly campaign?: RecordData | null;
}

/** Dynamics records by id. */
export function dynamicsSide(target: UnifiedTarget, context: UnifiedContext): RecordLoader {
  return context.loaders.table(target.table);
}

/** Campaign records by the Dynamics id they hold. */
export function campaignSide(target: UnifiedTarget, context: UnifiedContext): RecordLoader {
  return context.loaders.mapped(target.schema, target.mapping.key);
}

/**
 * The record with this id, or null where neither system has it. The systems that the query needs are asked at once; the other one only
 * if they know no such record. A record that one system has is answered though the other fails: its fields meet the fault themselves.
 */
export async function resolveUnifiedRecord(
  target: UnifiedTarget,
  id: string,
  context: UnifiedContext,
  info: GraphQLResolveInfo,
): Promise<UnifiedRecord | null> {
  const plan = planUnified(info, target, info.fieldNodes);
  const along = planAlong(askedBy(info, context), target, info.fieldNodes);
  const dynamics = plan.dynamics ?? (along ? NOTHING : null);
  const needed = dynamics || plan.campaign ? { ...plan, dynamics, along } : { dynamics: NOTHING, campaign: null };
  const loads = loadSides(target, id, needed, context);
  const settled = settleSides(loads);
  if (asksFurther(info, target, info.fieldNodes)) {
    // What else is to be read goes out beside Campaign's answer, and does not depend on when it comes.
    const dynamics = await loads.dynamics?.catch(() => null);
    if (dynamics) return { id, dynamics };
  }
  const sides = await settled;
  if (sides.dynamics || sides.campaign) return { id, dynamics: sides.dynamics, campaign: sides.campaign };
  if (sides.fault) throw sides.fault.reason;
  const rest = { dynamics: needed.dynamics ? null : NOTHING, campaign: needed.campaign ? null : NOTHING };
  const others = await settleSides(loadSides(target, id, rest, context));
  if (others.fault) throw others.fault.reason;
  return others.dynamics || others.campaign ? { id, ...sides } : null;
}

/** The sides that were asked for and answered, and the fault of one that did not. */
interface Sides extends Omit<UnifiedRecord, 'id'> {
  readonly fault?: PromiseRejectedResult;
}

type Loading = Promise<RecordData | null> | undefined;

function loadSides(
  target: UnifiedTarget,
  id: string,
  plan: UnifiedPlan & { readonly along?: PlannedAlong | undefined },
  context: UnifiedContext,
): { readonly dynamics: Loading; readonly campaign: Loading } {
  return {
    dynamics: plan.dynamics ? dynamicsSide(target, context).load(id, plan.dynamics, plan.along) : undefined,
    campaign: plan.campaign ? campaignSide(target, context).load(id, plan.campaign) : undefined,
  };
}

async function settleSides(loads: ReturnType<typeof loadSides>): Promise<Sides> {
  const sides = await Promise.allSettled([loads.dynamics, loads.campaign]);
  const [dynamics, campaign] = sides.map((side) => (side.status === 'fulfilled' ? side.value : undefined));
  return { dynamics, campaign, fault: sides.find((side) => side.status === 'rejected') };
}

/**
 * A page of unified records, planned as one query of the system that the list follows. Where that is Dynamics and Campaign records are
 * filtered too, those are read first, and Dynamics is asked for the ids they hold.
 */
export async function readUnifiedPage(options: UnifiedPageOptions): Promise<ConnectionData> {
  const plan = planUnified(options.info, options.target, options.shape.records);
  if (options.from === 'CAMPAIGN') return readFromCampaign(options, plan.campaign ?? NOTHING);
  if (options.campaignFilter === true) return readFromDynamics(options, plan);
  const within = await readWithin(options, options.campaignFilter, plan.campaign ?? NOTHING);
  if (within === false) return EMPTY_CONNECTION;
  const filter: Filter = options.list.filter ? { kind: 'and', filters: [within, options.list.filter] } : within;
  return readFromDynamics({ ...options, list: { ...options.list, filter } }, plan);
}

/**
 * The filter on Dynamics records that admits those whose Campaign side matches a filter of its own; false where there are none. Rejects
 * with UNSUPPORTED where there are more than Dynamics can be asked for.
 */
export async function readWithin(
  options: Pick<UnifiedPageOptions, 'target' | 'context'>,
  filter: Filter,
  select = NOTHING,
): Promise<Filter | false> {
  const ids = await readMatches(options, filter, select);
  return ids.length > 0 && { kind: 'in', path: options.target.table.primaryId, values: ids };
}

/** Ids that one request to Dynamics may name beside what else is asked: their filter stands in its URL, which is bounded in length. */
export const MAX_CAMPAIGN_MATCHES = 300;

/**
 * The Dynamics ids of the Campaign records that match, in a fixed order, since cursors belong to them. The records are kept for the
 * fields that show them. Rejects with UNSUPPORTED where there are more than can be named.
 */
function readMatches(
  options: Pick<UnifiedPageOptions, 'target' | 'context'>,
  filter: Filter,
  select: Selection,
): Promise<readonly string[]> {
  // The loader is that of this request, and another one after each write.
  const loader = campaignSide(options.target, options.context);
  const known = knownMatches.get(loader) ?? new Map<string, Promise<readonly string[]>>();
  knownMatches.set(loader, known);
  const key = JSON.stringify([filter, select]);
  const matches = known.get(key) ?? readMatchesAnew(options, filter, select);
  known.set(key, matches);
  return matches;
}

/** By the loader of a request: lists inside a list are asked for the same matches, one for each of its records. */
const knownMatches = createSlot<Map<string, Promise<readonly string[]>>>();

async function readMatchesAnew(
  { target, context }: Pick<UnifiedPageOptions, 'target' | 'context'>,
  filter: Filter,
  select: Selection,
): Promise<readonly string[]> {
  const key = neutralPath(target.mapping.key);
  const holdsId: Filter = { kind: 'null', path: key, isNull: false };
  const page = await campaignSide(target, context).page({
    filter: { kind: 'and', filters: [holdsId, filter] },
    select,
    first: MAX_CAMPAIGN_MATCHES,
  });
  if (page.hasNextPage) throw tooManyMatches(target);
  const ids = page.records.map((record) => String(valueAt(record, key)).toLowerCase()).filter(isGuid);
  return [...new Set(ids)].sort();
}

function tooManyMatches({ schema }: UnifiedTarget): RequestError {
  return new RequestError(
    'UNSUPPORTED',
    `More than ${MAX_CAMPAIGN_MATCHES} records of ${schema.name} match campaignFilter, and Dynamics cannot be asked for so many by id. Narrow campaignFilter, or let the list follow Campaign with "from: CAMPAIGN".`,
    { field: 'campaignFilter' },
  );
}

export interface UnifiedPageOptions {
  readonly target: UnifiedTarget;
  readonly list: ListQuery;
  /** True where Campaign records are not filtered. */
  readonly campaignFilter: Filter | true;
  readonly shape: ConnectionShape;
  readonly from: 'DYNAMICS' | 'CAMPAIGN';
  readonly context: UnifiedContext;
  readonly info: GraphQLResolveInfo;
}

async function readFromDynamics(options: UnifiedPageOptions, plan: UnifiedPlan): Promise<ConnectionData> {
  const { target, list, shape, context, info } = options;
  const along = planAlong(askedBy(info, context), target, shape.records);
  const page = await dynamicsSide(target, context).page({
    ...list,
    select: plan.dynamics ?? NOTHING,
    related: target.related,
    ...(along && { along }),
  });
  const further = asksFurther(info, target, shape.records);
  return toUnifiedConnection(page, { target, shape, campaign: plan.campaign, further, context });
}

/** What a page of Dynamics records is shown by as unified ones. `campaign` is what their other sides are asked for. */
export interface UnifiedShow extends Pick<UnifiedPageOptions, 'target' | 'shape' | 'context'> {
  readonly campaign: Selection | null;
  /** Whether more is to be read for these records, which need not wait for their Campaign sides. */
  readonly further: boolean;
}

/**
 * A page of Dynamics records as unified ones. Their Campaign sides are read at once, where any are asked for; those that could not be
 * read are left to their fields, which meet the fault by themselves, and so are all where more is to be read than they.
 */
export function toUnifiedConnection(
  page: Page,
  { target, shape, campaign, further, context }: UnifiedShow,
): ConnectionData | Promise<ConnectionData> {
  const list = idsOf(page.records, target.table.primaryId);
  const { ids } = list;
  if (campaign === null || ids.length === 0) return withoutSides();
  const loading = campaignSide(target, context).loadMany(list, campaign);
  if (further) {
    // The fields of the Campaign sides wait for them, and meet their fault.
    loading.catch(() => undefined);
    return withoutSides();
  }
  return loading.then((sides) =>
    toConnection(page, shape, (dynamics, index): UnifiedRecord => {
      const id = ids[index] ?? '';
      const side = sides[index];
      return side === undefined || side instanceof Error ? { id, dynamics } : { id, dynamics, campaign: side };
    }),
  );

  function withoutSides(): ConnectionData {
    return toConnection(page, shape, (dynamics, index) => ({ id: ids[index] ?? '', dynamics }));
  }
}

/** The ids of records, in lower case. Requests that share an answer share them too. */
function idsOf(records: readonly RecordData[], primaryId: string): IdList {
  return keptIds(
    records,
    [primaryId],
    () => new IdList(records.map((record) => String(record[primaryId]).toLowerCase())),
  );
}

const keptIds = keepLast<IdList>();

async function readFromCampaign(options: UnifiedPageOptions, select: Selection): Promise<ConnectionData> {
  const { target, list, campaignFilter, shape, context } = options;
  const key = neutralPath(target.mapping.key);
  const holdsId: Filter = { kind: 'null', path: key, isNull: false };
  const mapped = list.filter ? [filterThroughMapping(target, list.filter)] : [];
  const filters = [holdsId, ...mapped, ...(campaignFilter === true ? [] : [campaignFilter])];
  const filter: Filter = filters.length === 1 ? holdsId : { kind: 'and', filters };
  const orderBy = orderThroughMapping(target, list.orderBy ?? []);
  const page = await campaignSide(target, context).page({ ...list, filter, orderBy, select });
  return toConnection(page, shape, (record) => ({ id: String(valueAt(record, key)).toLowerCase(), campaign: record }));
}
