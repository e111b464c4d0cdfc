import type { GraphQLResolveInfo } from 'graphql';
import { neutralPath } from '../../model/campaign-schema.js';
import type { Filter, Selection } from '../../model/query.js';
import type { RecordData } from '../../model/record.js';
import type { UnifiedContext } from '../context.js';
import type { RecordLoader } from '../loaders.js';
import type { UnifiedTarget } from '../schema/field-source.js';
import { planUnified, type UnifiedPlan } from '../selection.js';
import { NOTHING, valueAt } from '../selections.js';
import { filterThroughMapping, orderThroughMapping } from '../through-mapping.js';
import { type ConnectionData, type ConnectionShape, toConnection } from './connection.js';
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
  const needed = plan.dynamics || plan.campaign ? plan : { dynamics: NOTHING, campaign: null };
  const sides = await readSides(target, id, needed, context);
  if (sides.dynamics || sides.campaign) return { id, dynamics: sides.dynamics, campaign: sides.campaign };
  if (sides.fault) throw sides.fault.reason;
  const rest = { dynamics: needed.dynamics ? null : NOTHING, campaign: needed.campaign ? null : NOTHING };
  const others = await readSides(target, id, rest, context);
  if (others.fault) throw others.fault.reason;
  return others.dynamics || others.campaign ? { id, ...sides } : null;
}

/** The sides that were asked for and answered, and the fault of one that did not. */
interface Sides extends Omit<UnifiedRecord, 'id'> {
  readonly fault?: PromiseRejectedResult;
}

async function readSides(
  target: UnifiedTarget,
  id: string,
  plan: UnifiedPlan,
  context: UnifiedContext,
): Promise<Sides> {
  const sides = await Promise.allSettled([
    plan.dynamics ? dynamicsSide(target, context).load(id, plan.dynamics) : undefined,
    plan.campaign ? campaignSide(target, context).load(id, plan.campaign) : undefined,
  ]);
  const [dynamics, campaign] = sides.map((side) => (side.status === 'fulfilled' ? side.value : undefined));
  return { dynamics, campaign, fault: sides.find((side) => side.status === 'rejected') };
}

/** A page of unified records, planned as one query of the system that the list follows. */
export function readUnifiedPage(options: UnifiedPageOptions): Promise<ConnectionData> {
  const plan = planUnified(options.info, options.target, options.shape.records);
  return options.from === 'CAMPAIGN'
    ? readFromCampaign(options, plan.campaign ?? NOTHING)
    : readFromDynamics(options, plan.dynamics ?? NOTHING);
}

export interface UnifiedPageOptions {
  readonly target: UnifiedTarget;
  readonly list: ListQuery;
  readonly shape: ConnectionShape;
  readonly from: 'DYNAMICS' | 'CAMPAIGN';
  readonly context: UnifiedContext;
  readonly info: GraphQLResolveInfo;
}

async function readFromDynamics(options: UnifiedPageOptions, select: Selection): Promise<ConnectionData> {
  const { target, list, shape, context } = options;
  const page = await dynamicsSide(target, context).page({ ...list, select, related: target.related });
  return toConnection(page, shape, (record) => ({
    id: String(record[target.table.primaryId]).toLowerCase(),
    dynamics: record,
  }));
}

async function readFromCampaign(options: UnifiedPageOptions, select: Selection): Promise<ConnectionData> {
  const { target, list, shape, context } = options;
  const key = neutralPath(target.mapping.key);
  const holdsId: Filter = { kind: 'null', path: key, isNull: false };
  const filter: Filter = list.filter
    ? { kind: 'and', filters: [holdsId, filterThroughMapping(target, list.filter)] }
    : holdsId;
  const orderBy = orderThroughMapping(target, list.orderBy ?? []);
  const page = await campaignSide(target, context).page({ ...list, filter, orderBy, select });
  return toConnection(page, shape, (record) => ({ id: String(valueAt(record, key)).toLowerCase(), campaign: record }));
}
