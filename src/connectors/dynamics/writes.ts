import { randomUUID } from 'node:crypto';
import type { CallOptions, UpstreamCall } from '../../model/call.js';
import { isTransient, RemoteError, RequestError } from '../../model/errors.js';
import { keyPathsOf, type WriteOutcome, type WriteRequest } from '../../model/query.js';
import { type Column, findColumn, type Table } from '../../model/table.js';
import { type ClientRequest, type ClientResponse, type DynamicsClient, parseObject } from './client.js';
import { badInput, compileLiteral, propertyOf } from './literal.js';
import { assertWritable, buildBody, isById, type SetNameLookup } from './write-body.js';

export interface WriteContext {
  readonly client: DynamicsClient;
  readonly setNameOf: SetNameLookup;
  /** Records written at once. */
  readonly concurrency: number;
}

type WriteRecord = WriteRequest<Table>['records'][number];

/** One record on its way: where it goes and, where it is known, its id. */
interface Addressed {
  readonly index: number;
  readonly record: WriteRecord;
  /** `contacts(<id>)` or `contacts(emailaddress1='a@b.example')`, encoded. */
  readonly address: string;
  readonly id: string | null;
}

/**
 * Writes records one request each, some at a time, with an outcome for each in order. A record that Dynamics refuses has its reason as its
 * outcome; a passing fault, or a refusal of the connection itself, rejects the whole once the requests under way have ended.
 * Bulk requests are not used: they roll all back for one wrong record and do not tell which it was.
 * https://learn.microsoft.com/power-apps/developer/data-platform/webapi/update-delete-entities-using-web-api
 */
export async function writeRecords(
  context: WriteContext,
  request: WriteRequest<Table>,
  options: CallOptions = {},
): Promise<readonly WriteOutcome[]> {
  assertKey(request);
  assertWritable(request);
  const outcomes: WriteOutcome[] = request.records.map(() => ({
    ok: false,
    code: 'BAD_USER_INPUT',
    message: 'Not sent.',
  }));
  const lanes = new Map<string, Addressed[]>();
  for (const [index, record] of request.records.entries()) {
    try {
      const addressed = { index, record, ...addressOf(request, record) };
      lanes.set(addressed.address, [...(lanes.get(addressed.address) ?? []), addressed]);
    } catch (error) {
      outcomes[index] = outcomeOf(error);
    }
  }
  await inParallel([...lanes.values()], context.concurrency, async (lane) => {
    // The same record twice is written in order: Dataverse may deadlock on changes of one row at once.
    for (const addressed of lane) outcomes[addressed.index] = await writeRecord(context, request, addressed, options);
  });
  return outcomes;
}

function assertKey(request: WriteRequest<Table>): void {
  const { to } = request;
  const paths = keyPathsOf(request);
  const isKey = to.keys.some((one) => one.active && isSameSet(one.columns, paths));
  if (isById(request) || isKey) return;
  throw badInput(
    `Expected the key of table ${to.logicalName} to be ${to.primaryId} or the columns of an active alternate key, but it is "${paths.join(', ')}".`,
  );
}

function isSameSet(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name) => other.includes(name));
}

function addressOf(request: WriteRequest<Table>, record: WriteRecord): Pick<Addressed, 'address' | 'id'> {
  const { to, operation } = request;
  const id = record[to.primaryId] ?? null;
  if (isById(request) && id !== null) return byId(to, compileLiteral(columnOf(to, to.primaryId), id));
  // An id of our own makes a create repeatable: the second time it is refused as a duplicate instead of making another record.
  if (operation === 'create' || (operation === 'upsert' && lacksKey(request, record))) return byId(to, randomUUID());
  const parts = keyPathsOf(request).map((name) => {
    const column = columnOf(to, name);
    const value = record[name] ?? null;
    if (value === null)
      throw badInput(`Expected a value of key "${name}" to ${operation} a record by, but it has none.`);
    return `${propertyOf(column)}=${encodeKey(name, compileLiteral(column, value))}`;
  });
  return { address: `${to.setName}(${parts.join(',')})`, id: null };
}

/** A record with no part of its key is a new one; one with some of the parts is a mistake, which is told. */
function lacksKey(request: WriteRequest<Table>, record: WriteRecord): boolean {
  return keyPathsOf(request).every((name) => (record[name] ?? null) === null);
}

function columnOf(table: Table, name: string): Column {
  const column = findColumn(table, name);
  if (column) return column;
  throw badInput(`Expected the key to be a column of table ${table.logicalName}, but it has none called "${name}".`);
}

function byId(table: Table, id: string): Pick<Addressed, 'address' | 'id'> {
  return { address: `${table.setName}(${id})`, id };
}

/** https://learn.microsoft.com/power-apps/developer/data-platform/define-alternate-keys-entity */
function encodeKey(key: string, literal: string): string {
  if (/[/<>*%&:\\?+]/.test(literal))
    throw badInput(
      `Expected a value of key "${key}" without any of / < > * % & : \\ ? +, with which Dynamics cannot find a record.`,
    );
  return encodeURIComponent(literal);
}

async function writeRecord(
  context: WriteContext,
  request: WriteRequest<Table>,
  addressed: Addressed,
  options: CallOptions,
): Promise<WriteOutcome> {
  const calls: UpstreamCall[] = [];
  const onCall = (call: UpstreamCall) => {
    if (call.system === 'dynamics') calls.push(call);
    options.onCall?.(call);
  };
  try {
    const response = await context.client.send(await buildRequest(context, request, addressed), { ...options, onCall });
    const id = addressed.id ?? readId(request.to, response);
    return { ok: true, id, ...(request.operation === 'upsert' && { created: isCreated(response, calls) }) };
  } catch (error) {
    if (!isDoneBefore(request, error, calls)) return outcomeOf(withDoubt(request, error, calls));
    return { ok: true, id: addressed.id, ...(request.operation === 'upsert' && { created: true }) };
  }
}

async function buildRequest(
  context: WriteContext,
  request: WriteRequest<Table>,
  addressed: Addressed,
): Promise<ClientRequest> {
  const { to, operation } = request;
  const asked = `${operation} a record of ${to.setName}`;
  const headers: Record<string, string> = {};
  if (request.ifMatch !== undefined) headers['If-Match'] = entityTag(request.ifMatch);
  if (operation === 'delete') return { method: 'DELETE', resource: addressed.address, headers, asked };
  const body = await buildBody(request, addressed.record, context.setNameOf);
  const only = operation === 'upsert' ? request.only : operation;
  if (only === 'create') headers['If-None-Match'] = '*';
  if (only === 'update') headers['If-Match'] ??= '*';
  if (addressed.id !== null && operation !== 'upsert')
    return { method: 'PATCH', resource: addressed.address, headers, body, asked };
  // Only where it is asked for the record does Dynamics tell by the status whether it was made, and by an alternate key its id.
  headers.Prefer = 'return=representation';
  return { method: 'PATCH', resource: `${addressed.address}?$select=${to.primaryId}`, headers, body, asked };
}

/**
 * Dynamics tags a row with its version number.
 * https://learn.microsoft.com/power-apps/developer/data-platform/webapi/perform-conditional-operations-using-web-api
 */
function entityTag(version: string): string {
  if (/^\d{1,19}$/.test(version)) return `W/"${version}"`;
  throw badInput(
    `Expected the version of a record to be a whole number, but got ${JSON.stringify(version).slice(0, 80)}.`,
  );
}

function readId(table: Table, response: ClientResponse): string | null {
  if (response.text === '') return null;
  const id = parseObject(response.text, 'tell the id of a record')[table.primaryId];
  return typeof id === 'string' ? id : null;
}

/** Whether an upsert made its record. One that found it may have made it by an earlier attempt, whose answer was lost. */
function isCreated(response: ClientResponse, calls: readonly UpstreamCall[]): boolean | null {
  if (response.status === 201) return true;
  return wasAnswerLost(calls) ? null : false;
}

/** After an attempt whose answer was lost, "exists already" and "does not exist" mean that the attempt did its work. */
function isDoneBefore(
  { operation, only }: WriteRequest<Table>,
  error: unknown,
  calls: readonly UpstreamCall[],
): boolean {
  if (!(error instanceof RemoteError)) return false;
  const ofUpsert = only === 'create' ? 'CONFLICT' : null;
  const done = { create: 'CONFLICT', delete: 'NOT_FOUND', update: null, upsert: ofUpsert }[operation];
  return wasAnswerLost(calls) && error.code === done;
}

/** After an attempt whose answer was lost, a version that is another one may have been made by that attempt. */
function withDoubt({ ifMatch }: WriteRequest<Table>, error: unknown, calls: readonly UpstreamCall[]): unknown {
  const isOpen = error instanceof RemoteError && error.code === 'CONFLICT' && ifMatch !== undefined;
  if (!isOpen || !wasAnswerLost(calls)) return error;
  const { code, message, upstream } = error;
  return new RemoteError(code, message, { upstream, mayHaveArrived: true, cause: error });
}

function wasAnswerLost(calls: readonly UpstreamCall[]): boolean {
  return calls.slice(0, -1).some(({ status }) => status === null || status >= 500);
}

/** The outcome of a record that was refused; throws what concerns more than the one record. */
function outcomeOf(error: unknown): WriteOutcome {
  if (error instanceof RequestError) return { ok: false, code: error.code, message: error.message, cause: error };
  const ofRecord = error instanceof RemoteError && !isTransient(error) && error.code !== 'UPSTREAM_UNAUTHENTICATED';
  if (!ofRecord) throw error;
  return { ok: false, code: error.code, message: error.message, cause: error };
}

/** Does the work for all items, some at a time. After a failure no more is begun, and it rejects when what was begun has ended. */
async function inParallel<T>(
  items: readonly T[],
  concurrency: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items].reverse();
  async function worker(): Promise<void> {
    for (let item = queue.pop(); item !== undefined; item = queue.pop()) {
      try {
        await work(item);
      } catch (error) {
        queue.length = 0;
        throw error;
      }
    }
  }
  const ends = await Promise.allSettled(Array.from({ length: Math.min(concurrency, items.length) }, worker));
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed) throw failed.reason;
}
