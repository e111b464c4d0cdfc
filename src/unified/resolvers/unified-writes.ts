import { randomUUID } from 'node:crypto';
import type { GraphQLFieldResolver, GraphQLInputObjectType, GraphQLResolveInfo } from 'graphql';
import { recordToCampaign } from '../../mapping/convert-record.js';
import { RemoteError, RequestError } from '../../model/errors.js';
import type { WriteRequest, WriteValue } from '../../model/query.js';
import type { RecordData } from '../../model/record.js';
import type { Table } from '../../model/table.js';
import type { UnifiedContext } from '../context.js';
import { asRecord, differingColumns } from '../held-values.js';
import { readColumns } from '../read-columns.js';
import { readGuid } from '../read-filter.js';
import { columnOfInput, type UnifiedTarget } from '../schema/field-source.js';
import { nodesBelow, planUnified } from '../selection.js';
import { mergeSelections, NOTHING } from '../selections.js';
import type { UnifiedRecord } from './unified-records.js';
import { assertSomething, ifMatch, inputTypeOf } from './write-arguments.js';
import { bringToCampaign, deleteFromCampaign, tieToCampaign } from './write-campaign-side.js';
import { assertMayWrite, writeRecord } from './write-record.js';
import { describeError, isDone, notWritten, type WrittenSide } from './written-side.js';

type Resolver = GraphQLFieldResolver<unknown, UnifiedContext>;
type Values = Readonly<Record<string, WriteValue>>;

/** What a mutation of a unified record answers with. */
interface Payload {
  readonly id: string;
  readonly dynamics: WrittenSide;
  readonly campaign: WrittenSide;
  readonly record?: UnifiedRecord | null;
}

const SKIPPED: WrittenSide = { status: 'SKIPPED' };

/**
 * Makes a record in Dynamics, which is the master and knows the id, then in Campaign. With an id of the client's choice a repetition finds
 * what was made: where that holds the same values, it goes on to Campaign.
 */
export function createUnified(target: UnifiedTarget): Resolver {
  return async (_, args, context, info) => {
    assertMayWrite(context);
    const isChosen = args.id !== null && args.id !== undefined;
    const id = isChosen ? readGuid(args.id, 'id') : randomUUID();
    const values = readInput(target, id, args.input, info);
    const repeat = `Repeat the mutation with id: "${id}": it finds what was made, and does what is still to be done.`;
    const change = { operation: 'create', values, remedy: repeat, mayBeDone: isChosen } as const;
    const dynamics = await writeDynamics(target, id, change, context);
    return goOnToCampaign(target, { id, dynamics, repeat }, context, info);
  };
}

/**
 * Changes a record in Dynamics, then brings Campaign in line with all that Dynamics then holds of it. Repeated with the version that it had
 * before, it goes on to Campaign where Dynamics holds the values already.
 */
export function updateUnified(target: UnifiedTarget): Resolver {
  return async (_, args, context, info) => {
    assertMayWrite(context);
    const id = readGuid(args.id, 'id');
    const values = readInput(target, id, args.input, info);
    assertSomething(values);
    const version = ifMatch(args);
    const mayBeDone = version.ifMatch !== undefined;
    const change = { operation: 'update', values, remedy: REPEAT, mayBeDone, ...version } as const;
    const dynamics = await writeDynamics(target, id, change, context);
    return goOnToCampaign(target, { id, dynamics, repeat: REPEAT }, context, info);
  };
}

const REPEAT = 'Repeat the mutation; the next import of the table brings Campaign in line, too.';

/**
 * Deletes a record in Dynamics, then in Campaign. In this order nothing is lost that cannot be found again: Dynamics is who may refuse, and
 * a record that is left in Campaign still holds the id by which a repetition finds it. The other way round a refusal would leave a record that
 * the next import makes anew in Campaign, without its history.
 */
export function deleteUnified(target: UnifiedTarget): Resolver {
  return async (_, args, context): Promise<Payload> => {
    assertMayWrite(context);
    const id = readGuid(args.id, 'id');
    const repeat = 'Repeat the mutation: the record that is left in Campaign is found by the id it holds.';
    const change = { operation: 'delete', values: {}, remedy: repeat, mayBeDone: false, ...ifMatch(args) } as const;
    const dynamics = await writeDynamics(target, id, change, context);
    const campaign = isDone(dynamics) ? await deleteFromCampaign(target, id, context, repeat) : SKIPPED;
    return { id, dynamics, campaign };
  };
}

/** Resolves the error of a side. */
export const resolveSideError: GraphQLFieldResolver<WrittenSide, UnifiedContext> = (side) => describeError(side);

/** The columns given. Rejects with BAD_USER_INPUT what Campaign could not hold of them: then nothing is written on either side. */
function readInput(target: UnifiedTarget, id: string, input: unknown, info: GraphQLResolveInfo): Values {
  const type = inputTypeOf(info);
  const values = readColumns(type, input);
  const tie = tieToCampaign(target);
  const fields = tie.mapping.fields.filter((field) => field.column in values);
  const record = { ...asRecord(target.table, values), [target.table.primaryId]: id };
  try {
    recordToCampaign({ ...tie, mapping: { ...tie.mapping, fields } }, record);
  } catch (error) {
    if (!(error instanceof RequestError) || error.field === null) throw error;
    throw new RequestError(error.code, error.message, { field: placeOf(type, error.field), cause: error });
  }
  return values;
}

function placeOf(type: GraphQLInputObjectType, column: string): string {
  const field = Object.values(type.getFields()).find((one) => columnOfInput(one)?.name === column);
  return `input.${field?.name ?? column}`;
}

/** What is to be done in Dynamics. */
interface Change extends Pick<WriteRequest<Table>, 'ifMatch'> {
  readonly operation: 'create' | 'update' | 'delete';
  readonly values: Values;
  readonly remedy: string;
  /** Whether CONFLICT may mean that an earlier call did it already. */
  readonly mayBeDone: boolean;
}

const DONE = { create: 'CREATED', update: 'UPDATED', delete: 'DELETED' } as const;

/** Rejects only where the request itself is wrong: then nothing has happened. */
async function writeDynamics(
  target: UnifiedTarget,
  id: string,
  change: Change,
  context: UnifiedContext,
): Promise<WrittenSide> {
  const { operation, values, remedy, mayBeDone, ...rest } = change;
  const { table } = target;
  const record = { ...values, [table.primaryId]: id };
  const request = { ...rest, to: table, operation, key: table.primaryId, records: [record] };
  try {
    await writeRecord(await context.dynamics(), request, context);
    return { status: DONE[operation] };
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    if (operation === 'delete' && error.code === 'NOT_FOUND') return { status: 'UNCHANGED' };
    if (mayBeDone && error.code === 'CONFLICT') return compareHeld(target, id, values, error, context);
    return notWritten(error, error.mayHaveArrived ? remedy : null);
  }
}

/** What Dynamics holds already is not written again; where it holds something else, the conflict stands. */
async function compareHeld(
  { table, typeName }: UnifiedTarget,
  id: string,
  values: Values,
  conflict: RemoteError,
  context: UnifiedContext,
): Promise<WrittenSide> {
  try {
    const held = await context.loaders.table(table).load(id, { fields: Object.keys(values) });
    const differing = held && differingColumns(table, values, held);
    if (differing?.length === 0) return { status: 'UNCHANGED' };
    if (!differing) return notWritten(conflict);
    const remedy = `Dynamics holds other values of ${differing.join(', ')}: read the record, and change it with update${typeName}.`;
    return { status: 'FAILED', error: conflict, remedy };
  } catch {
    return notWritten(conflict);
  }
}

interface Begun {
  readonly id: string;
  readonly dynamics: WrittenSide;
  readonly repeat: string;
}

/** Reads what Dynamics then holds, with all that the query asks of it, and brings Campaign in line with that. */
async function goOnToCampaign(
  target: UnifiedTarget,
  { id, dynamics, repeat }: Begun,
  context: UnifiedContext,
  info: GraphQLResolveInfo,
): Promise<Payload> {
  if (!isDone(dynamics)) return { id, dynamics, campaign: SKIPPED, record: null };
  const plan = planUnified(info, target, nodesBelow(info, 'record'));
  const select = mergeSelections(target.compared.dynamics, plan.dynamics ?? NOTHING);
  let held: RecordData | null;
  try {
    held = await context.loaders.table(target.table).load(id, select);
  } catch (error) {
    return { id, dynamics, campaign: { ...SKIPPED, error, remedy: repeat }, record: { id } };
  }
  if (!held) return { id, dynamics, campaign: { ...SKIPPED, error: unreadable(target, id) }, record: null };
  const campaign = await bringToCampaign(target, id, held, context, repeat);
  return { id, dynamics, campaign, record: { id, dynamics: held } };
}

function unreadable({ table }: UnifiedTarget, id: string): RequestError {
  return new RequestError(
    'NOT_FOUND',
    `Dynamics does not show the record ${id} of ${table.logicalName} after it was written: it was deleted since, or the user of the external account may not read it.`,
  );
}
