import type { RequestContext } from './context.js';
import { CODES, DynamicsError } from './errors.js';
import {
  type Access,
  assertPrivilege,
  grantsOf,
  isAdministrator,
  privilegeDenied,
  rolesOf,
  rootRoleId,
  teamIdsOfUser,
} from './privileges.js';
import { lookedUp, type TableRow } from './query/related.js';
import { isReference, type Row, type Store } from './store.js';
import type { Navigation, Table } from './tables.js';

/*
 * How far a privilege reaches: https://learn.microsoft.com/power-platform/admin/security-roles-privileges#security-role-privileges
 */

/** The depths of privileges, as `roleprivileges` keeps them. */
export const DEPTHS = { Basic: 1, Local: 2, Deep: 4, Global: 8 } as const;

/** Tells whether a privilege reaches a row. */
export type Reach = (row: Row) => boolean;

/** What was found out for a request, by access and table. */
const REACHES = new WeakMap<RequestContext, Map<string, Reach | null>>();

/** Which rows of a table the caller may do something with; null: all of them. The privilege itself is for others to ask for. */
export function reachOf(context: RequestContext, access: Access, table: Table): Reach | null {
  const known = REACHES.get(context) ?? new Map<string, Reach | null>();
  REACHES.set(context, known);
  const name = `${access} ${table.name}`;
  const found = known.get(name);
  if (found !== undefined) return found;
  const reach = findReach(context, access, table);
  known.set(name, reach);
  return reach;
}

/** @throws DynamicsError 403 where the caller lacks the privilege, or holds it and it does not reach the row. */
export function assertAccess(context: RequestContext, access: Access, { table, row }: TableRow): void {
  assertPrivilege(context, access, table);
  if (reachOf(context, access, table)?.(row) === false) throw accessCheckFailed(context, access, { table, row });
}

/** @throws DynamicsError 403 where the caller lacks the privilege for some of the rows of a table. */
export function assertGlobal(context: RequestContext, access: Access, table: Table): void {
  assertPrivilege(context, access, table);
  if (reachOf(context, access, table) !== null) throw privilegeDenied(context, access, table);
}

/**
 * Asserts that the caller may read the tables that conditions, orders or groups lead to.
 *
 * @throws DynamicsError 403 naming the privilege that is missing.
 */
export function assertMayFollow(context: RequestContext, navigation: Navigation): void {
  const names = navigation.kind === 'lookup' ? navigation.targets : [navigation.table];
  for (const name of names) assertPrivilege(context, 'Read', context.tables.get(name));
}

/** The row that a lookup leads to, as the caller sees it: none where a privilege does not reach it. */
export function followed(context: RequestContext, row: TableRow, navigation: Navigation): TableRow | undefined {
  const target = lookedUp(context.store, row, navigation);
  if (target === undefined || reachOf(context, 'Read', target.table)?.(target.row) === false) return undefined;
  return target;
}

function findReach(context: RequestContext, access: Access, table: Table): Reach | null {
  const depth = depthOf(context, access, table);
  if (depth === DEPTHS.Global) return null;
  const { store, user } = context;
  const owners = new Set([String(user.systemuserid), ...teamIdsOfUser(store, user)]);
  const units = depth === DEPTHS.Basic ? NO_UNITS : unitsOf(context, depth);
  return ({ ownerid }) =>
    isReference(ownerid) && (owners.has(ownerid.id) || units.has(unitOf(store, ownerid) ?? 'none'));
}

const NO_UNITS: ReadonlySet<string> = new Set();

/** Of several roles the one that reaches farthest counts. Only rows that are owned by users can be reached in part. */
function depthOf({ store, user }: RequestContext, access: Access, table: Table): number {
  const roles = rolesOf(store, user);
  if (table.definition.ownership !== 'UserOwned' || roles.some(isAdministrator)) return DEPTHS.Global;
  const held = new Set(roles.map(rootRoleId));
  const masks = grantsOf(store, access, table)
    .filter(({ roleid }) => held.has(String(roleid)))
    .map(({ privilegedepthmask }) => Number(privilegedepthmask ?? DEPTHS.Global));
  return Math.max(DEPTHS.Basic, ...masks);
}

/** The business unit of the caller, and those below it where a privilege reaches so far. */
function unitsOf({ store, user }: RequestContext, depth: number): ReadonlySet<string> {
  const { businessunitid } = user;
  const units = new Set(isReference(businessunitid) ? [businessunitid.id] : []);
  if (depth === DEPTHS.Local) return units;
  const below = store.table('businessunit');
  // A set that grows while it is read is read to its new end.
  for (const unit of units) for (const id of below.idsWith('parentbusinessunitid', unit)) units.add(id);
  return units;
}

function unitOf(store: Store, owner: { readonly table: string; readonly id: string }): string | undefined {
  const unit = store.row(owner)?.businessunitid;
  return isReference(unit) ? unit.id : undefined;
}

function accessCheckFailed({ store, user }: RequestContext, access: Access, { table, row }: TableRow): DynamicsError {
  const { definition } = table;
  const owner = isReference(row.ownerid) ? row.ownerid : undefined;
  const unit = owner && unitOf(store, owner);
  return new DynamicsError(
    403,
    CODES.privilegeDenied,
    `SecLib::AccessCheckEx failed. Returned hr = -2147187962, ObjectID: ${String(row[definition.primaryId])}, OwnerId: ${owner?.id}, OwnerIdType: ${owner?.table === 'team' ? 9 : 8} and CallingUser: ${String(user.systemuserid)}. ObjectTypeCode: ${definition.objectTypeCode}, objectBusinessUnitId: ${unit}, AccessRights: ${access}Access`,
  );
}
