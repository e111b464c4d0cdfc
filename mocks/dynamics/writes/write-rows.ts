import { randomUUID } from 'node:crypto';
import { findByKey, keyProperty } from '../addressed-row.js';
import { formatMoment, type RequestContext } from '../context.js';
import { CODES, DynamicsError } from '../errors.js';
import { type Access, assertPrivilege } from '../privileges.js';
import { assertAccess } from '../reach.js';
import { type Cell, isReference, type Reference, type Row, type RowChanges } from '../store.js';
import type { ColumnDefinition } from '../table-definitions.js';
import { defaultStatus, type Table } from '../tables.js';
import { assertNoLoop } from './assert-no-loop.js';
import { associate } from './associate.js';
import { applyChanges, computeColumns, settleState } from './complete-row.js';
import { decodePayload, type JsonBody, type Payload } from './payload.js';
import { assertUserChange, newUserCells } from './system-users.js';

/**
 * Creates a row, the rows that its body holds, and the associations; all or nothing. `preset` are values from the URL, which the body
 * may override.
 */
export function createRow(
  context: RequestContext,
  table: Table,
  body: JsonBody,
  preset: Readonly<Record<string, Cell>> = {},
): Row {
  return context.store.transaction(() => {
    assertPrivilege(context, 'Create', table);
    const payload = decodePayload(context, table, body);
    assertMayRefer(context, { table, row: null, cells: payload.cells });
    const parents = createParents(context, payload);
    const given = { ...preset, ...payload.cells, ...parents };
    const row = insertRow(context, table, table.name === 'systemuser' ? newUserCells(context, given) : given);
    assertAccess(context, 'Create', { table, row });
    createChildren(context, table, row, payload);
    return context.store.table(table.name).get(String(row[table.definition.primaryId])) ?? row;
  });
}

/** Changes a row; its rowversion rises even where nothing differs. */
export function updateRow(context: RequestContext, table: Table, row: Row, body: JsonBody): Row {
  return context.store.transaction(() => {
    assertAccess(context, 'Write', { table, row });
    const payload = decodePayload(context, table, body);
    assertMayRefer(context, { table, row, cells: payload.cells });
    if (table.name === 'systemuser') assertUserChange(context, row, payload.cells);
    if (payload.children.length > 0 || payload.associations.length > 0) {
      throw new DynamicsError(
        400,
        CODES.query,
        'Deep update of navigation properties is not supported. Use $ref to associate rows.',
      );
    }
    return changeRow(context, table, row, payload.cells);
  });
}

/** Lookups append the row to those they point at; another owner is an assignment. */
function assertMayRefer(context: RequestContext, { table, row, cells }: Referring): void {
  const assert = (access: Access) =>
    row === null ? assertPrivilege(context, access, table) : assertAccess(context, access, { table, row });
  for (const [name, cell] of Object.entries(cells)) {
    if (cell === null || !isReference(cell)) continue;
    if (name === 'ownerid') assert('Assign');
    else {
      assert('Append');
      assertMayAppendTo(context, cell);
    }
  }
}

interface Referring {
  readonly table: Table;
  /** Null for a row that is not there yet. */
  readonly row: Row | null;
  readonly cells: Payload['cells'];
}

function assertMayAppendTo(context: RequestContext, reference: Reference): void {
  const table = context.tables.get(reference.table);
  const row = context.store.row(reference);
  if (row === undefined) assertPrivilege(context, 'AppendTo', table);
  else assertAccess(context, 'AppendTo', { table, row });
}

/** Changes columns of a row that are known to be valid. @throws DynamicsError 400 where a row would be left without owner or status. */
export function changeRow(context: RequestContext, table: Table, row: Row, changes: RowChanges): Row {
  const { primaryId } = table.definition;
  const id = String(row[primaryId]);
  const allowed = Object.fromEntries(Object.entries(changes).filter(([name]) => isUpdatable(table, name)));
  assertKept(table, allowed);
  assertNoLoop(context, { table, id, changes: allowed });
  const merged = applyChanges(row, { ...allowed, ...settleState(table, allowed, id) });
  const completed = applyChanges(merged, {
    ...computeColumns(context.store, table, merged),
    ...modification(context, table),
  });
  assertKeysFree(context, table, completed);
  return context.store.put(table.name, { ...completed, [primaryId]: id });
}

/** What the server fills when a row is created can be changed, not emptied. */
function assertKept(table: Table, changes: RowChanges): void {
  const emptied = Object.keys(changes).find((name) => changes[name] === null && isKept(table.columns.get(name)?.type));
  if (emptied === undefined) return;
  throw new DynamicsError(
    400,
    CODES.invalidArgument,
    `The attribute '${emptied}' of the entity '${table.name}' is required and cannot be null.`,
  );
}

function isKept(type: ColumnDefinition['type'] | undefined): boolean {
  return type === 'Owner' || type === 'State' || type === 'Status';
}

function isUpdatable(table: Table, name: string): boolean {
  return name !== table.definition.primaryId && table.columns.get(name)?.createOnly !== true;
}

function modification(context: RequestContext, table: Table): RowChanges {
  return {
    ...(table.columns.has('modifiedon') ? { modifiedon: formatMoment(context.now()) } : {}),
    ...(table.columns.has('modifiedby') ? { modifiedby: userReference(context) } : {}),
  };
}

function userReference({ user }: RequestContext): Reference {
  return { table: 'systemuser', id: String(user.systemuserid) };
}

/** Puts a new row in with all that the server fills. */
export function insertRow(context: RequestContext, table: Table, given: RowChanges): Row {
  const { primaryId } = table.definition;
  const id = typeof given[primaryId] === 'string' ? given[primaryId] : randomUUID();
  if (context.store.table(table.name).get(id) !== undefined) {
    throw new DynamicsError(412, CODES.duplicate, 'Cannot insert duplicate key.');
  }
  const begun = applyChanges(
    {},
    { ...defaults(table), ...creation(context, table), ...withoutNulls(given), ...initialState(table, given, id) },
  );
  assertRequired(table, begun);
  const completed = applyChanges(begun, {
    ...computeColumns(context.store, table, begun),
    ...createdOn(context, begun),
  });
  assertKeysFree(context, table, completed);
  return context.store.put(table.name, { ...completed, ...principalId(table, id), [primaryId]: id });
}

function withoutNulls(changes: RowChanges): RowChanges {
  return Object.fromEntries(Object.entries(changes).filter(([, cell]) => cell !== null));
}

function defaults(table: Table): RowChanges {
  const columns = table.definition.columns.filter((column) => column.default !== undefined);
  return Object.fromEntries(columns.map((column) => [column.name, column.default]));
}

function creation(context: RequestContext, table: Table): RowChanges {
  const has = (name: string) => table.columns.has(name);
  const now = formatMoment(context.now());
  const user = userReference(context);
  const { businessunitid } = context.user;
  return {
    ...(has('createdon') ? { createdon: now } : {}),
    ...(has('modifiedon') ? { modifiedon: now } : {}),
    ...(has('createdby') ? { createdby: user } : {}),
    ...(has('modifiedby') ? { modifiedby: user } : {}),
    ...(table.columns.get('ownerid')?.type === 'Owner' ? { ownerid: user } : {}),
    ...(isRequired(table, 'businessunitid') ? { businessunitid } : {}),
    ...(isRequired(table, 'organizationid') ? { organizationid: organizationOf(context) } : {}),
    ...(table.definition.isActivity === true ? { activitytypecode: table.name } : {}),
  };
}

function isRequired(table: Table, name: string): boolean {
  return table.columns.get(name)?.required === 'SystemRequired';
}

function organizationOf({ store }: RequestContext): Reference | undefined {
  const [organization] = store.table('organization').all();
  return organization === undefined ? undefined : { table: 'organization', id: String(organization.organizationid) };
}

/** Users and teams have their id a second time. */
function principalId(table: Table, id: string): Readonly<Record<string, string>> {
  return keyProperty(table) === 'ownerid' ? { ownerid: id } : {};
}

/** A row begins in its first state whatever the client says; a status must belong to that. */
function initialState(table: Table, given: RowChanges, id: string): RowChanges {
  const first = table.columns.get('statecode')?.options?.[0]?.value;
  if (first === undefined) return {};
  const statuscode = typeof given.statuscode === 'number' ? given.statuscode : defaultStatus(table, first);
  return settleState(table, { statecode: first, statuscode }, id);
}

/** A client may say when a row was created; when it really was is kept beside it. */
function createdOn(context: RequestContext, { overriddencreatedon }: Row): RowChanges {
  return overriddencreatedon === undefined
    ? {}
    : { createdon: overriddencreatedon, overriddencreatedon: formatMoment(context.now()) };
}

/** Only what the platform itself cannot do without is required here; what applications require is a matter of forms. */
function assertRequired(table: Table, row: Row): void {
  const missing = table.definition.columns.find(
    (column) => isEnforced(table, column) && row[column.name] === undefined,
  );
  if (missing === undefined) return;
  throw new DynamicsError(
    400,
    CODES.invalidArgument,
    `Required field '${missing.name}' is missing for the entity '${table.name}'.`,
  );
}

const SELF_FILLED_TABLES = new Set(['systemuser', 'team', 'businessunit', 'organization']);

function isEnforced(table: Table, column: ColumnDefinition): boolean {
  if (column.required !== 'SystemRequired' || column.readOnly === true || SELF_FILLED_TABLES.has(table.name))
    return false;
  return (
    column.name !== table.definition.primaryId &&
    column.type !== 'State' &&
    column.type !== 'Status' &&
    column.type !== 'Boolean'
  );
}

/** https://learn.microsoft.com/power-apps/developer/data-platform/define-alternate-keys-entity */
function assertKeysFree(context: RequestContext, table: Table, row: Row): void {
  for (const key of table.definition.keys ?? []) {
    const cells = key.columns.map((name) => [name, row[name]] as const);
    // A row without a value in a column of the key is not subject to it.
    const values = Object.fromEntries(cells.flatMap(([name, cell]) => (cell === undefined ? [] : [[name, cell]])));
    if (Object.keys(values).length < cells.length) continue;
    const other = findByKey(context, table, values);
    if (other === undefined || other[table.definition.primaryId] === row[table.definition.primaryId]) continue;
    throw new DynamicsError(
      412,
      CODES.duplicateKey,
      `Entity Key ${key.label ?? key.name} violated. A record with the same value for ${key.columns.join(', ')} already exists. A duplicate record cannot be created. Select one or more unique values and try again.`,
    );
  }
}

/** Rows that this one points at are created first. */
function createParents(context: RequestContext, payload: Payload): RowChanges {
  const created = payload.children.flatMap(({ navigation, bodies }) => {
    if (navigation.kind !== 'lookup') return [];
    const table = context.tables.get(navigation.targets[0] ?? '');
    return bodies.map((body) => [navigation.column.name, referenceTo(table, createRow(context, table, body))] as const);
  });
  return Object.fromEntries(created);
}

/** Rows that point at this one, and those associated with it, come after it. */
function createChildren(context: RequestContext, table: Table, row: Row, payload: Payload): void {
  for (const { navigation, bodies } of payload.children) {
    if (navigation.kind === 'lookup') continue;
    const target = context.tables.get(navigation.table);
    const preset: Readonly<Record<string, Cell>> =
      navigation.kind === 'one-to-many' ? { [navigation.column]: referenceTo(table, row) } : {};
    for (const body of bodies) {
      const child = createRow(context, target, body, preset);
      if (navigation.kind === 'many-to-many')
        associate(context, { table, row, navigation, target: referenceTo(target, child) });
    }
  }
  for (const { navigation, references } of payload.associations) {
    for (const target of references) associate(context, { table, row, navigation, target });
  }
}

export function referenceTo(table: Table, row: Row): Reference {
  return { table: table.name, id: String(row[table.definition.primaryId]) };
}

/** Deletes a row and does to the rows that point at it what their relationships say. */
export function deleteRow(context: RequestContext, table: Table, id: string): void {
  context.store.transaction(() => deleteWithRelated(context, { table: table.name, id }));
}

function deleteWithRelated(context: RequestContext, reference: Reference): void {
  const { store, tables } = context;
  if (store.row(reference) === undefined) return;
  removeIntersects(context, reference);
  for (const relationship of tables.relationships) {
    if (!pointsAt(relationship.referencedEntity, reference.table)) continue;
    const referencing = tables.get(relationship.referencingEntity);
    const ids = [...store.table(referencing.name).idsWith(relationship.referencingAttribute, reference.id)];
    const rule = referencing.definition.isIntersect === true ? 'Cascade' : relationship.onDelete;
    for (const id of ids)
      settleRelated(context, {
        rule,
        column: relationship.referencingAttribute,
        table: referencing,
        id,
        deleted: reference,
      });
  }
  store.remove(reference.table, reference.id);
}

function pointsAt(referenced: string, table: string): boolean {
  return referenced === table || (referenced === 'owner' && (table === 'systemuser' || table === 'team'));
}

interface RelatedRow {
  readonly rule: 'Cascade' | 'RemoveLink' | 'Restrict' | 'NoCascade';
  readonly table: Table;
  readonly id: string;
  readonly column: string;
  readonly deleted: Reference;
}

function settleRelated(context: RequestContext, { rule, table, id, column, deleted }: RelatedRow): void {
  const row = context.store.table(table.name).get(id);
  const cell = row?.[column];
  // The index knows ids only; the same id in another table is another row.
  if (row === undefined || cell === undefined || !isReference(cell) || cell.table !== deleted.table) return;
  if (rule === 'Restrict') {
    throw new DynamicsError(
      400,
      CODES.associated,
      `The object you tried to delete is associated with another object and cannot be deleted. ${deleted.table} With Id = ${deleted.id} is used by ${table.name} With Id = ${id}.`,
    );
  }
  if (rule === 'Cascade') deleteWithRelated(context, { table: table.name, id });
  if (rule === 'RemoveLink') changeRow(context, table, row, { [column]: null });
}

function removeIntersects({ store, tables }: RequestContext, { table, id }: Reference): void {
  for (const it of tables.manyToMany) {
    const attributes = [
      ...(it.entity1 === table ? [it.entity1Attribute] : []),
      ...(it.entity2 === table ? [it.entity2Attribute] : []),
    ];
    for (const attribute of attributes) {
      for (const member of [...store.table(it.intersect).idsWith(attribute, id)]) store.remove(it.intersect, member);
    }
  }
}
