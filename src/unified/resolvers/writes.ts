import { type GraphQLFieldResolver, type GraphQLInputObjectType, type GraphQLResolveInfo, getNamedType } from 'graphql';
import { RemoteError, type RemoteErrorCode, RequestError } from '../../model/errors.js';
import type { WriteOutcome, WriteRequest, WriteValue } from '../../model/query.js';
import type { RecordData } from '../../model/record.js';
import type { Column, Table } from '../../model/table.js';
import type { UnifiedContext } from '../context.js';
import { readGuid } from '../read-filter.js';
import { columnOfInput, type TableTarget } from '../schema/field-source.js';
import { dynamicsSelection } from '../selection.js';

type Resolver = GraphQLFieldResolver<unknown, UnifiedContext>;
type Values = Readonly<Record<string, WriteValue>>;

/** Makes a record and answers with it as Dynamics then holds it. */
export function createRecord(target: TableTarget): Resolver {
  return async (_, { input }, context, info) => {
    const { id } = await write(target, context, { operation: 'create', record: readValues(info, input) });
    if (id === null) throw new Error(`Dynamics told no id of the record made in ${target.table.logicalName}.`);
    return readBack(target, id, context, info);
  };
}

/** Changes a record and answers with it as Dynamics then holds it. Rejects with NOT_FOUND where there is none. */
export function updateRecord(target: TableTarget): Resolver {
  return async (_, args, context, info) => {
    const id = readGuid(args.id, 'id');
    const values = readValues(info, args.input);
    if (Object.keys(values).length === 0) {
      throw new RequestError('BAD_USER_INPUT', 'Expected at least one column to change.', { field: 'input' });
    }
    await write(target, context, {
      operation: 'update',
      record: { ...values, [target.table.primaryId]: id },
      ...ifMatch(args),
    });
    return readBack(target, id, context, info);
  };
}

/** Deletes a record; false where there is none. */
export function deleteRecord(target: TableTarget): Resolver {
  return async (_, args, context) => {
    const id = readGuid(args.id, 'id');
    const record = { [target.table.primaryId]: id };
    return (await write(target, context, { operation: 'delete', record, ...ifMatch(args) }, ['NOT_FOUND'])) !== null;
  };
}

/** What is to be done to one record. */
interface Change extends Pick<WriteRequest<Table>, 'operation' | 'ifMatch'> {
  readonly record: Values;
}

function ifMatch(args: Readonly<Record<string, unknown>>): Pick<Change, 'ifMatch'> {
  return args.ifMatch === null || args.ifMatch === undefined ? {} : { ifMatch: String(args.ifMatch) };
}

async function write(
  target: TableTarget,
  context: UnifiedContext,
  change: Change,
): Promise<{ readonly id: string | null }>;
async function write(
  target: TableTarget,
  context: UnifiedContext,
  change: Change,
  accepted: readonly string[],
): Promise<{ readonly id: string | null } | null>;
async function write(
  { table }: TableTarget,
  context: UnifiedContext,
  change: Change,
  accepted: readonly string[] = [],
): Promise<{ readonly id: string | null } | null> {
  assertMayWrite(context);
  const dynamics = await context.dynamics();
  const { signal, onCall } = context;
  const { record, ...rest } = change;
  const request = { ...rest, to: table, key: table.primaryId, records: [record] };
  const [outcome] = await dynamics.write(request, { ...(signal && { signal }), ...(onCall && { onCall }) });
  if (!outcome) throw new Error(`The connector told nothing of the record written to ${table.logicalName}.`);
  if (outcome.ok) return outcome;
  if (accepted.includes(outcome.code)) return null;
  throw refused(outcome);
}

function assertMayWrite(context: UnifiedContext): void {
  if (context.mayWrite) return;
  throw new RequestError('FORBIDDEN', 'Your role does not allow this. Writing records needs the role "operator".');
}

const REMOTE_CODES: readonly string[] = [
  'NOT_FOUND',
  'CONFLICT',
  'FORBIDDEN',
  'UPSTREAM_REJECTED',
] satisfies RemoteErrorCode[];

function refused({ code, message }: Extract<WriteOutcome, { readonly ok: false }>): RemoteError {
  const known = REMOTE_CODES.includes(code) ? (code as RemoteErrorCode) : 'UPSTREAM_REJECTED'; // it is one of the list
  return new RemoteError(known, message, {
    upstream: { system: 'dynamics', status: null, code, message, requestId: null },
  });
}

/** Not by the loaders: this request may have read the record before it was written. */
async function readBack(
  { typeName, table }: TableTarget,
  id: string,
  context: UnifiedContext,
  info: GraphQLResolveInfo,
): Promise<RecordData | null> {
  const dynamics = await context.dynamics();
  const { fields } = dynamicsSelection(info, typeName, info.fieldNodes);
  const page = await dynamics.query(
    {
      from: table,
      select: { fields: [...new Set([table.primaryId, ...fields])] },
      filter: { kind: 'compare', path: table.primaryId, operator: 'eq', value: id },
      first: 1,
    },
    { ...(context.signal && { signal: context.signal }), ...(context.onCall && { onCall: context.onCall }) },
  );
  return page.records[0] ?? null;
}

/** The values of a generated input by column, in the form that connectors write. */
function readValues(info: GraphQLResolveInfo, input: Readonly<Record<string, unknown>>): Values {
  const argument = info.parentType.getFields()[info.fieldName]?.args.find((one) => one.name === 'input');
  const type = getNamedType(argument?.type) as GraphQLInputObjectType; // as write-types.ts builds it
  const values: Record<string, WriteValue> = {};
  for (const [name, value] of Object.entries(input)) {
    const column = columnOfInput(type.getFields()[name]);
    if (column) values[column.name] = toWriteValue(column, value, `input.${name}`);
  }
  return values;
}

function toWriteValue(column: Column, value: unknown, field: string): WriteValue {
  if (value === null || value === undefined) return null;
  if (value instanceof Date) return column.type === 'date' ? value.toISOString().slice(0, 10) : value.toISOString();
  if (Array.isArray(value)) return value.join(',');
  if (isReference(value)) return `${value.table}:${readGuid(value.id, `${field}.id`)}`;
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  return String(value);
}

function isReference(value: unknown): value is { readonly table: string; readonly id: string } {
  return typeof value === 'object' && value !== null && 'table' in value && 'id' in value;
}
