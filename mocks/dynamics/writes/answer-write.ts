import type { MockRequest, MockResponse } from '../../control.js';
import { type AddressedRow, requireRow } from '../addressed-row.js';
import { answerNothing, answerRowText, contextUrl, type RequestContext, rowUrl } from '../context.js';
import { CODES, DynamicsError, methodNotAllowed, payloadError, queryError, rowNotFound } from '../errors.js';
import { assertPrivilege } from '../privileges.js';
import { contextFragment } from '../query/collection.js';
import { assertExpand } from '../query/expand.js';
import { parseOptions, type QueryOptions } from '../query/options.js';
import { etagOf, selectProperties, writeRow } from '../query/write-row.js';
import { assertAccess } from '../reach.js';
import type { CollectionResource, ReferenceResource, Resource } from '../resource.js';
import type { Reference, Row } from '../store.js';
import type { Table } from '../tables.js';
import { associate, disassociate } from './associate.js';
import { assertNoDuplicate } from './duplicate-detection.js';
import { isObject, parseBody, readReference } from './payload.js';
import { assertUserDeletable } from './system-users.js';
import { createRow, deleteRow, updateRow } from './write-rows.js';

/** Answers POST, PATCH, PUT and DELETE of rows, properties and references. */
export function answerWrite(context: RequestContext, resource: Resource, request: MockRequest): MockResponse {
  switch (resource.kind) {
    case 'collection':
      if (request.method !== 'POST') throw methodNotAllowed(request.method);
      return answerCreate(context, resource, request);
    case 'row':
      // A lookup on the way leads to another row, which only reading follows.
      if (!request.path.endsWith(')')) throw methodNotAllowed(request.method);
      if (request.method === 'PATCH') return answerUpdate(context, resource, request);
      if (request.method === 'DELETE') return answerDelete(context, resource.address, request);
      throw methodNotAllowed(request.method);
    case 'property':
      return answerPropertyWrite(context, resource, request);
    case 'reference':
      return context.store.transaction(() => answerReferenceWrite(context, resource, request));
    default:
      throw methodNotAllowed(request.method);
  }
}

/** `POST contacts`, and `POST accounts(id)/contact_customer_accounts`, which ties the new row to the one it hangs on. */
function answerCreate(
  context: RequestContext,
  { table, parent }: CollectionResource,
  request: MockRequest,
): MockResponse {
  const options = parseOptions(request.search);
  const body = parseBody(request.body, table.definition.setName);
  const row = context.store.transaction(() => {
    const created = createRow(context, table, body);
    assertNoDuplicate(context, table, created, request);
    const id = String(created[table.definition.primaryId]);
    if (parent === null) return created;
    const { address, navigation } = parent;
    associate(context, {
      table: address.table,
      row: requireRow(address),
      navigation,
      target: { table: table.name, id },
    });
    return context.store.table(table.name).get(id) ?? created;
  });
  if (context.prefer.returnRepresentation) return answerRepresentation(context, { table, row, options, status: 201 });
  const url = rowUrl(context, table.name, String(row[table.definition.primaryId]));
  return answerNothing({ location: url, 'odata-entityid': url });
}

interface Representation {
  readonly table: Table;
  readonly row: Row;
  readonly options: QueryOptions;
  readonly status: number;
}

function answerRepresentation(context: RequestContext, { table, row, options, status }: Representation): MockResponse {
  assertExpand(context, table, options.expand ?? []);
  const shape = { table, properties: selectProperties(table, options.select), expand: options.expand ?? [] };
  const head = { '@odata.context': contextUrl(context, `${contextFragment(table, options)}/$entity`) };
  return answerRowText(context, head, writeRow(context, shape, row), { status, etag: etagOf(row) });
}

/** `PATCH contacts(key)`: an upsert, unless the conditions say otherwise. */
function answerUpdate(
  context: RequestContext,
  { address, path }: { address: AddressedRow; path: string },
  request: MockRequest,
): MockResponse {
  const { table } = address;
  // A representation of a PATCH ignores $expand.
  const { expand: _, ...options } = parseOptions(request.search);
  const body = parseBody(request.body, table.definition.setName);
  assertConditions(address, request);
  const isNew = address.row === undefined;
  const row = context.store.transaction(() => {
    const written =
      address.row === undefined ? createAt(context, address, body) : updateAt(context, address, address.row, body);
    assertNoDuplicate(context, table, written, request);
    return written;
  });
  if (context.prefer.returnRepresentation)
    return answerRepresentation(context, { table, row, options, status: isNew ? 201 : 200 });
  return answerNothing({ 'odata-entityid': `${context.base}${path}` });
}

/** https://learn.microsoft.com/power-apps/developer/data-platform/webapi/perform-conditional-operations-using-web-api */
function assertConditions(address: AddressedRow, { headers }: MockRequest): void {
  const ifMatch = headers['if-match'];
  const ifNoneMatch = headers['if-none-match'];
  if (ifNoneMatch === '*' && address.row !== undefined) {
    throw new DynamicsError(412, CODES.duplicate, 'A record with matching key values already exists.');
  }
  if (ifMatch === undefined) return;
  const row = requireRow(address);
  if (ifMatch !== '*' && ifMatch !== etagOf(row)) throw versionMismatch();
}

function versionMismatch(): DynamicsError {
  return new DynamicsError(
    412,
    CODES.versionMismatch,
    "The version of the existing record doesn't match the RowVersion property provided.",
  );
}

/** The values of the key in the URL go into the new row, unless its body has others. */
function createAt(
  context: RequestContext,
  { table, id, keyValues }: AddressedRow,
  body: Readonly<Record<string, unknown>>,
): Row {
  const { primaryId } = table.definition;
  const { [primaryId]: _, ...rest } = body;
  return createRow(context, table, id === null ? body : rest, id === null ? (keyValues ?? {}) : { [primaryId]: id });
}

/** The columns of the key that found the row are not written again. */
function updateAt(
  context: RequestContext,
  { table, keyValues }: AddressedRow,
  row: Row,
  body: Readonly<Record<string, unknown>>,
): Row {
  const written = Object.entries(body).filter(([name]) => keyValues === null || !(name in keyValues));
  return updateRow(context, table, row, Object.fromEntries(written));
}

function answerDelete(context: RequestContext, address: AddressedRow, { headers }: MockRequest): MockResponse {
  const row = requireRow(address);
  const ifMatch = headers['if-match'];
  if (ifMatch !== undefined && ifMatch !== '*' && ifMatch !== etagOf(row)) throw versionMismatch();
  assertAccess(context, 'Delete', { table: address.table, row });
  if (address.table.name === 'systemuser') assertUserDeletable(context, row);
  deleteRow(context, address.table, String(row[address.table.definition.primaryId]));
  return answerNothing();
}

function answerPropertyWrite(
  context: RequestContext,
  resource: Extract<Resource, { kind: 'property' }>,
  request: MockRequest,
): MockResponse {
  const { address, property } = resource;
  const row = requireRow(address);
  if (request.method !== 'PUT' && request.method !== 'DELETE') throw methodNotAllowed(request.method);
  assertConditions(address, request);
  const value = request.method === 'DELETE' ? null : parseBody(request.body, address.table.definition.setName).value;
  if (value === undefined)
    throw payloadError(
      address.table.definition.setName,
      `The body must hold the new value of '${property.name}' as "value".`,
    );
  updateRow(context, address.table, row, { [property.name]: value });
  return answerNothing();
}

function answerReferenceWrite(
  context: RequestContext,
  resource: ReferenceResource,
  request: MockRequest,
): MockResponse {
  const { address, navigation } = resource;
  const row = requireRow(address);
  assertMayAssociate(context, resource);
  const association = { table: address.table, row, navigation };
  const isCollection = navigation.kind !== 'lookup';
  if (request.method === 'DELETE') {
    const target = removedReference(context, resource, request);
    if (target !== null) disassociate(context, { ...association, target });
    return answerNothing();
  }
  if (request.method !== (isCollection ? 'POST' : 'PUT')) throw methodNotAllowed(request.method);
  associate(context, { ...association, target: bodyReference(context, resource, request) });
  return answerNothing();
}

/** Who ties rows together appends one to the other; a role is given by who may assign roles. */
function assertMayAssociate(context: RequestContext, { address, navigation }: ReferenceResource): void {
  if (navigation.kind === 'many-to-many' && navigation.intersect === 'systemuserroles') {
    assertPrivilege(context, 'Assign', context.tables.get('role'));
    return;
  }
  assertAccess(context, 'Append', { table: address.table, row: requireRow(address) });
  const targets = navigation.kind === 'lookup' ? navigation.targets : [navigation.table];
  for (const target of targets) assertPrivilege(context, 'AppendTo', context.tables.get(target));
}

function bodyReference(
  context: RequestContext,
  { address, navigation }: ReferenceResource,
  request: MockRequest,
): Reference {
  const body = parseBody(request.body, address.table.definition.setName);
  const url = isObject(body) ? body['@odata.id'] : undefined;
  if (typeof url !== 'string')
    throw payloadError(address.table.definition.setName, 'The body must hold the URL of a row as "@odata.id".');
  const reference = readReference(context, url);
  const targets = navigation.kind === 'lookup' ? navigation.targets : [navigation.table];
  if (targets.includes(reference.table)) return reference;
  throw queryError(
    `'${navigation.name}' expects a row of ${targets.join(' or ')}, but '${url}' is a row of ${reference.table}.`,
  );
}

/** The row to untie: in parentheses, in `$id`, or for a lookup the one it holds. Null where a lookup holds none. */
function removedReference(
  context: RequestContext,
  resource: ReferenceResource,
  request: MockRequest,
): Reference | null {
  const { address, navigation, memberId } = resource;
  if (navigation.kind === 'lookup') {
    const cell = requireRow(address)[navigation.column.name];
    return typeof cell === 'object' && navigation.targets.includes(cell.table) ? cell : null;
  }
  const url = parseOptions(request.search).all.get('$id');
  if (url !== undefined) return readReference(context, url);
  if (memberId === null) throw queryError(`Name the row to remove from '${navigation.name}' in parentheses or as $id.`);
  const target = { table: navigation.table, id: memberId };
  if (context.store.row(target) === undefined) throw rowNotFound(target.table, target.id);
  return target;
}
