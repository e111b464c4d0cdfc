import { randomUUID } from 'node:crypto';
import { requireRow } from '../addressed-row.js';
import type { RequestContext } from '../context.js';
import { CODES, DynamicsError } from '../errors.js';
import { isReference, type Reference, type Row } from '../store.js';
import { isLookup, type ManyToManyNavigation, type Navigation, type Table } from '../tables.js';
import { assertMayHoldRole } from './system-users.js';
import { changeRow, insertRow } from './write-rows.js';

/** A row, one of its navigation properties, and the row at the other end. */
export interface Association {
  readonly table: Table;
  readonly row: Row;
  readonly navigation: Navigation;
  readonly target: Reference;
}

/**
 * Ties two rows together: sets the lookup of one, or adds a row to the intersect table.
 * https://learn.microsoft.com/power-apps/developer/data-platform/webapi/associate-disassociate-entities-using-web-api
 */
export function associate(context: RequestContext, { table, row, navigation, target }: Association): void {
  if (navigation.kind === 'lookup') {
    changeRow(context, table, row, { [navigation.column.name]: target });
    return;
  }
  const source: Reference = { table: table.name, id: String(row[table.definition.primaryId]) };
  if (navigation.kind === 'one-to-many') {
    changeRow(context, context.tables.get(navigation.table), rowOf(context, target), { [navigation.column]: source });
    return;
  }
  addMember(context, { source, target, navigation });
}

/** Unties two rows; nothing happens where they are not tied. */
export function disassociate(context: RequestContext, { table, row, navigation, target }: Association): void {
  const id = String(row[table.definition.primaryId]);
  if (navigation.kind === 'many-to-many') {
    removeMember(context, { source: { table: table.name, id }, target, navigation });
    return;
  }
  const [holder, column] =
    navigation.kind === 'lookup' ? [row, navigation.column.name] : [rowOf(context, target), navigation.column];
  const holderTable = navigation.kind === 'lookup' ? table : context.tables.get(navigation.table);
  const cell = holder[column];
  const expected = navigation.kind === 'lookup' ? target.id : id;
  if (cell !== undefined && isReference(cell) && cell.id === expected)
    changeRow(context, holderTable, holder, { [column]: null });
}

function rowOf(context: RequestContext, { table, id }: Reference): Row {
  const row = context.store.row({ table, id });
  return requireRow({ table: context.tables.get(table), id, row, keyValues: null });
}

interface Membership {
  readonly source: Reference;
  readonly target: Reference;
  readonly navigation: ManyToManyNavigation;
}

function addMember(context: RequestContext, membership: Membership): void {
  const { source, target, navigation } = membership;
  if (findMember(context, membership) !== undefined)
    throw new DynamicsError(412, CODES.duplicate, 'Cannot insert duplicate key.');
  if (navigation.intersect === 'systemuserroles') assertRoleGiven(context, membership);
  const intersect = context.tables.get(navigation.intersect);
  const list = listOf(membership);
  if (list !== undefined) assertListTakes(context, list, source.table === 'list' ? target : source);
  insertRow(context, intersect, {
    [intersect.definition.primaryId]: randomUUID(),
    [navigation.ownAttribute]: memberCell(intersect, navigation.ownAttribute, source),
    [navigation.otherAttribute]: memberCell(intersect, navigation.otherAttribute, target),
    ...entityType(context, intersect, source.table === 'list' || source.table === 'campaign' ? target : source),
  });
  if (list !== undefined) countMembers(context, list);
}

function assertRoleGiven(context: RequestContext, { source, target }: Membership): void {
  const [user, role] = source.table === 'systemuser' ? [source, target] : [target, source];
  assertMayHoldRole(context, user, role);
}

function removeMember(context: RequestContext, membership: Membership): void {
  const id = findMember(context, membership);
  if (id === undefined) return;
  context.store.remove(membership.navigation.intersect, id);
  const list = listOf(membership);
  if (list !== undefined) countMembers(context, list);
}

function findMember(context: RequestContext, { source, target, navigation }: Membership): string | undefined {
  const rows = context.store.table(navigation.intersect);
  const ofTarget = rows.idsWith(navigation.otherAttribute, target.id);
  return [...rows.idsWith(navigation.ownAttribute, source.id)].find((id) => ofTarget.has(id));
}

/** Most intersect tables hold bare ids; that of marketing lists has lookups. */
function memberCell(intersect: Table, attribute: string, reference: Reference): Reference | string {
  const column = intersect.columns.get(attribute);
  return column !== undefined && isLookup(column) ? reference : reference.id;
}

function entityType(context: RequestContext, intersect: Table, member: Reference) {
  return intersect.columns.has('entitytype')
    ? { entitytype: context.tables.get(member.table).definition.objectTypeCode }
    : {};
}

function listOf({ source, target, navigation }: Membership): Reference | undefined {
  if (navigation.intersect !== 'listmember') return undefined;
  return source.table === 'list' ? source : target;
}

/** A list takes members of the type it was made for, unless it is locked or dynamic. */
function assertListTakes(context: RequestContext, list: Reference, member: Reference): void {
  const row = rowOf(context, list);
  const code = context.tables.get(member.table).definition.objectTypeCode;
  const refuse = (reason: string) =>
    new DynamicsError(400, CODES.invalidArgument, `${reason} (list With Id = ${list.id}).`);
  if (row.type === true) throw refuse('Members cannot be added to a dynamic list');
  if (row.lockstatus === true) throw refuse('The list is locked, so its members cannot be changed');
  if (row.createdfromcode !== code) throw refuse(`The list does not take members of the type ${member.table}`);
}

function countMembers(context: RequestContext, list: Reference): void {
  const membercount = context.store.table('listmember').idsWith('listid', list.id).size;
  context.store.put('list', { ...rowOf(context, list), membercount });
}
