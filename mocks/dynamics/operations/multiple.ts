import type { MockRequest, MockResponse } from '../../control.js';
import { addressRow, requireRow } from '../addressed-row.js';
import { answerJson, answerNothing, contextUrl, type RequestContext } from '../context.js';
import { CODES, DynamicsError, methodNotAllowed, payloadError, queryError } from '../errors.js';
import { isGuid, normalizeGuid, parseResourcePath } from '../resource-path.js';
import type { Table } from '../tables.js';
import { isObject, type JsonBody, parseBody } from '../writes/payload.js';
import { createRow, updateRow } from '../writes/write-rows.js';

/** The actions that write many rows of one table. https://learn.microsoft.com/power-apps/developer/data-platform/bulk-operations */
const NAMES = ['CreateMultiple', 'UpdateMultiple', 'UpsertMultiple', 'DeleteMultiple'];

export function isMultiple(operation: string): boolean {
  return NAMES.includes(operation);
}

interface MultipleRequest {
  readonly table: Table;
  readonly operation: string;
  readonly request: MockRequest;
}

/** One transaction: an error in one row leaves none of them written. */
export function answerMultiple(context: RequestContext, { table, operation, request }: MultipleRequest): MockResponse {
  if (request.method !== 'POST') throw methodNotAllowed(request.method);
  if (operation === 'DeleteMultiple')
    throw new DynamicsError(400, CODES.unexpected, 'DeleteMultiple has not yet been implemented.');
  const targets = targetsOf(table, parseBody(request.body, table.definition.setName));
  return context.store.transaction(() => {
    if (operation === 'CreateMultiple') return answerCreated(context, table, targets);
    if (operation === 'UpdateMultiple') assertAllThere(context, table, targets);
    for (const target of targets) writeTarget(context, { table, target, mayCreate: operation === 'UpsertMultiple' });
    return answerNothing();
  });
}

function targetsOf(table: Table, body: JsonBody): JsonBody[] {
  const { Targets } = body;
  if (!Array.isArray(Targets) || !Targets.every(isObject))
    throw payloadError(table.definition.setName, 'The body must hold the rows as "Targets".');
  for (const target of Targets) {
    const type = String(target['@odata.type'] ?? '').replace(/^#?Microsoft\.Dynamics\.CRM\./, '');
    if (type === '')
      throw payloadError(table.definition.setName, "An entry of Targets does not state its '@odata.type'.");
    if (type !== table.name) throw queryError(`An entry of Targets is of type ${type}, but ${table.name} is expected.`);
  }
  return Targets;
}

function answerCreated(context: RequestContext, table: Table, targets: readonly JsonBody[]): MockResponse {
  const Ids = targets.map((target) => createRow(context, table, target)[table.definition.primaryId]);
  return answerJson(context, {
    '@odata.context': contextUrl(context, 'Microsoft.Dynamics.CRM.CreateMultipleResponse'),
    Ids,
  });
}

/** Rows named by their ids that are not there are told together. */
function assertAllThere(context: RequestContext, table: Table, targets: readonly JsonBody[]): void {
  const addresses = targets.map((target) => addressTarget(context, table, target));
  const missing = addresses.filter(({ row, keyValues }) => row === undefined && keyValues === null);
  if (missing.length === 0) return;
  const ids = missing.map(({ id }) => id).join(', ');
  throw new DynamicsError(404, CODES.notFound, `${table.name} With Ids = ${ids} Do Not Exist`);
}

function writeTarget(
  context: RequestContext,
  { table, target, mayCreate }: { table: Table; target: JsonBody; mayCreate: boolean },
): void {
  const { primaryId } = table.definition;
  const address = addressTarget(context, table, target);
  if (address.row === undefined && mayCreate) {
    createRow(context, table, target, address.keyValues ?? {});
    return;
  }
  const { [primaryId]: _, ...changes } = target;
  updateRow(context, table, requireRow(address), changes);
}

/** By the id among its columns, or by an alternate key in its `@odata.id`. */
function addressTarget(context: RequestContext, table: Table, target: JsonBody) {
  const id = target[table.definition.primaryId];
  if (typeof id === 'string' && isGuid(id)) return addressRow(context, table, { kind: 'id', id: normalizeGuid(id) });
  const key = typeof target['@odata.id'] === 'string' ? parseResourcePath(target['@odata.id'])[0]?.key : undefined;
  if (key === undefined || key === null)
    throw payloadError(
      table.definition.setName,
      `An entry of Targets holds neither '${table.definition.primaryId}' nor '@odata.id'.`,
    );
  return addressRow(context, table, key);
}
