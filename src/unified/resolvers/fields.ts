import { type GraphQLFieldResolver, type GraphQLResolveInfo, getNamedType, isUnionType } from 'graphql';
import { differences, type FieldDifference } from '../../mapping/compare.js';
import { RequestError } from '../../model/errors.js';
import type { RecordData, RecordValue, Reference } from '../../model/record.js';
import type { UnifiedContext } from '../context.js';
import { planAlong } from '../plan-along.js';
import { askedBy } from '../read-related.js';
import { type LookupSource, resolvedSource, type TableTarget, type UnifiedTarget } from '../schema/field-source.js';
import { campaignSelection, dynamicsSelection, oncePerPlace, planUnified } from '../selection.js';
import { campaignSide, dynamicsSide, type UnifiedRecord } from './unified-records.js';

type Resolver<Source> = GraphQLFieldResolver<Source, UnifiedContext>;

/** Reads a property whose name GraphQL does not allow, or which another field has taken. */
export function resolveProperty(name: string): Resolver<RecordData> {
  return (source) => source[name];
}

/** Follows a lookup of a Dynamics record. */
export const resolveLookup: Resolver<RecordData> = (source, _, context, info) => {
  const lookup = resolvedSource(info, 'lookup');
  return follow(lookup, source[lookup.column], context, info);
};

/** Reads a column of a unified record, which is that of its Dynamics side. */
export function resolveUnifiedColumn(target: UnifiedTarget, column: string): Resolver<UnifiedRecord> {
  const read = columnReader(target, column);
  return (record, _, context) => read(record, context);
}

type ColumnValue = RecordValue | undefined;

/** Answers without a promise where the record is at hand, which spares long lists one for each value. */
function columnReader(target: UnifiedTarget, column: string) {
  const selection = { fields: [column] };
  return (record: UnifiedRecord, context: UnifiedContext): ColumnValue | Promise<ColumnValue> => {
    if (record.dynamics !== undefined) return record.dynamics?.[column];
    const loaded = dynamicsSide(target, context).load(record.id, selection);
    return loaded.then((side) => side?.[column]);
  };
}

/** Follows a lookup of a unified record. */
export function resolveUnifiedLookup(target: UnifiedTarget, column: string): Resolver<UnifiedRecord> {
  const read = columnReader(target, column);
  return (record, _, context, info) => {
    const value = read(record, context);
    const lookup = resolvedSource(info, 'lookup');
    if (!(value instanceof Promise)) return follow(lookup, value, context, info);
    return value.then((reference) => follow(lookup, reference, context, info));
  };
}

type Followed<Shown> = Shown | null | Promise<Shown | null>;

/**
 * The record that a reference leads to, or the reference itself where its table is not part of the graph. Answers without a promise where
 * the record came along.
 */
function follow(
  lookup: LookupSource,
  value: ColumnValue,
  context: UnifiedContext,
  info: GraphQLResolveInfo,
): Followed<object> {
  if (!isReference(value)) return null;
  const target = lookup.targets.get(value.table);
  if (!target) return inUnion(info, lookup.referenceType ?? unknownTable(lookup, value), value);
  const show = (record: object | null) => record && inUnion(info, target.typeName, record);
  const record =
    target.system === 'unified'
      ? followToUnified(target, value, context, info)
      : followToTable(target, value, context, info);
  return record instanceof Promise ? record.then(show) : show(record);
}

function followToTable(
  target: TableTarget,
  { id }: Reference,
  context: UnifiedContext,
  info: GraphQLResolveInfo,
): Followed<RecordData> {
  const { primaryId } = target.table;
  const select = oncePerPlace(info, target.typeName, () => dynamicsSelection(info, target.typeName, info.fieldNodes));
  // The reference alone tells the id.
  if (select.fields.every((field) => field === primaryId)) return { [primaryId]: id };
  const loader = context.loaders.table(target.table);
  const known = loader.peek(id, select);
  if (known !== undefined) return known;
  return loader.load(id, select, alongOf(target, context, info));
}

function followToUnified(
  target: UnifiedTarget,
  { id }: Reference,
  context: UnifiedContext,
  info: GraphQLResolveInfo,
): Followed<UnifiedRecord> {
  const plan = oncePerPlace(info, target.typeName, () => planUnified(info, target, info.fieldNodes));
  if (plan.dynamics === null) return { id };
  const loader = dynamicsSide(target, context);
  const known = loader.peek(id, plan.dynamics);
  if (known !== undefined) return known && { id, dynamics: known };
  return loader.load(id, plan.dynamics, alongOf(target, context, info)).then(
    (dynamics) => dynamics && { id, dynamics },
    (error) => {
      // What is asked of Campaign can still be answered; each field that needs Dynamics meets the fault by itself.
      if (plan.campaign) return { id };
      throw error;
    },
  );
}

function alongOf(target: TableTarget | UnifiedTarget, context: UnifiedContext, info: GraphQLResolveInfo) {
  return oncePerPlace(info, `along ${target.typeName}`, () =>
    planAlong(askedBy(info, context), target, info.fieldNodes),
  );
}

function isReference(value: ColumnValue): value is Reference {
  return typeof value === 'object' && value !== null && 'table' in value && 'id' in value;
}

/** GraphQL must be told the type of a union's member; plain fields get the record as it is. */
function inUnion(info: GraphQLResolveInfo, typeName: string, record: object): object {
  return isUnionType(getNamedType(info.returnType)) ? { ...record, __typename: typeName } : record;
}

function unknownTable(lookup: LookupSource, reference: Reference): never {
  throw new RequestError(
    'CONFLICT',
    `The lookup "${lookup.column}" points at a record of ${reference.table}, which its description does not name as a target. The description may be out of date: map the table anew.`,
  );
}

/** The Dynamics side of a unified record. */
export const resolveDynamicsSide: Resolver<UnifiedRecord> = (record, _, context, info) => {
  if (record.dynamics !== undefined) return record.dynamics;
  const { unified } = resolvedSource(info, 'dynamics');
  const type = getNamedType(info.returnType).name;
  const select = oncePerPlace(info, type, () => dynamicsSelection(info, type, info.fieldNodes));
  return dynamicsSide(unified, context).load(record.id, select);
};

/** The Campaign side of a unified record. */
export const resolveCampaignSide: Resolver<UnifiedRecord> = (record, _, context, info) => {
  if (record.campaign !== undefined) return record.campaign;
  const { unified } = resolvedSource(info, 'campaign');
  const type = getNamedType(info.returnType).name;
  const select = oncePerPlace(info, type, () => campaignSelection(info, type, info.fieldNodes));
  return campaignSide(unified, context).load(record.id, select);
};

/** How the two sides stand to each other. */
export const resolveSyncState: Resolver<UnifiedRecord> = async (record, _, context, info) => {
  const { unified } = resolvedSource(info, 'syncState');
  const sides = await readSides(unified, record, context);
  if (sides.dynamics === null) return sides.campaign === null ? null : 'ONLY_IN_CAMPAIGN';
  if (sides.campaign === null) return 'ONLY_IN_DYNAMICS';
  return compare(unified, sides.dynamics, sides.campaign).length > 0 ? 'DRIFTED' : 'IN_SYNC';
};

/** The mapped fields that differ; none where one side is missing. */
export const resolveDrift: Resolver<UnifiedRecord> = async (record, _, context, info) => {
  const { unified } = resolvedSource(info, 'drift');
  const { dynamics, campaign } = await readSides(unified, record, context);
  return dynamics && campaign ? compare(unified, dynamics, campaign) : [];
};

interface Sides {
  readonly dynamics: RecordData | null;
  readonly campaign: RecordData | null;
}

async function readSides(target: UnifiedTarget, record: UnifiedRecord, context: UnifiedContext): Promise<Sides> {
  const { compared } = target;
  const [dynamics, campaign] = await Promise.all([
    record.dynamics !== undefined ? record.dynamics : dynamicsSide(target, context).load(record.id, compared.dynamics),
    record.campaign !== undefined ? record.campaign : campaignSide(target, context).load(record.id, compared.campaign),
  ]);
  return { dynamics, campaign };
}

function compare(target: UnifiedTarget, dynamics: RecordData, campaign: RecordData): readonly FieldDifference[] {
  return differences(target.compared.mapping, target.table, target.schema, dynamics, campaign);
}
