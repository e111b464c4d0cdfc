import { createHash } from 'node:crypto';
import type { RequestContext } from './context.js';
import { CODES, DynamicsError } from './errors.js';
import { isReference, type Row, type Store } from './store.js';
import type { Table } from './tables.js';

/*
 * Security roles: https://learn.microsoft.com/power-platform/admin/security-roles-privileges
 * Whether a privilege is held stands here; which rows it reaches, in reach.ts.
 */

/** What may be done with the rows of a table, by the number that a privilege row has for it. */
export const ACCESS_RIGHTS = {
  Read: 1,
  Write: 2,
  Append: 4,
  AppendTo: 16,
  Create: 32,
  Delete: 65_536,
  Share: 262_144,
  Assign: 524_288,
} as const;

export type Access = keyof typeof ACCESS_RIGHTS;

/** The template of System Administrator, which holds every privilege; the same in every organization. */
export const ADMINISTRATOR_TEMPLATE_ID = '627090ff-40a3-4053-8790-584edc5be201';

/** `prvReadAccount`; the names of custom tables keep their prefix as it is. */
export function privilegeName({ definition }: Pick<Table, 'definition'>, access: Access): string {
  const { logicalName, schemaName, isCustom } = definition;
  const capital = isCustom === true ? logicalName : logicalName.charAt(0).toUpperCase() + logicalName.slice(1);
  return `prv${access}${schemaName ?? capital}`;
}

/** The same id for the same name in every organization. */
export function privilegeId(name: string): string {
  const hex = createHash('md5').update(name).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20)].join('-');
}

/** @throws DynamicsError 403 where the user has no role at all, whatever is asked for. */
export function assertHasRole(store: Store, user: Row): void {
  if (rolesOf(store, user).length > 0) return;
  throw new DynamicsError(
    403,
    CODES.noRoles,
    `The user with id ${String(user.systemuserid)} has not been assigned any roles. They need a role with the prvReadUser privilege.`,
  );
}

/** @throws DynamicsError 403 naming the privilege that none of the user's roles holds. */
export function assertPrivilege(context: RequestContext, access: Access, table: Table): void {
  if (!holdsPrivilege(context.store, context.user, privilegeName(table, access)))
    throw privilegeDenied(context, access, table);
}

export function privilegeDenied({ store, user }: RequestContext, access: Access, table: Table): DynamicsError {
  const name = privilegeName(table, access);
  return deniedFor(
    store,
    user,
    `${name} privilege (Id=${privilegeId(name)}) on OTC=${table.definition.objectTypeCode} for entity '${table.name}'`,
  );
}

/** The rows that give a privilege to roles. */
export function grantsOf(store: Store, access: Access, table: Table): Row[] {
  const granted = store.table('roleprivileges');
  const ids = granted.idsWith('privilegeid', privilegeId(privilegeName(table, access)));
  return [...ids].map((id) => granted.get(id)).filter((row) => row !== undefined);
}

/** @throws DynamicsError 403 where the user may not act for others, which administrators may. */
export function assertMayImpersonate(store: Store, user: Row): void {
  const name = 'prvActOnBehalfOfAnotherUser';
  if (holdsPrivilege(store, user, name)) return;
  throw deniedFor(store, user, `${name} privilege (Id=${privilegeId(name)}) on OTC=0 for entity 'none'`);
}

function deniedFor(store: Store, user: Row, missing: string): DynamicsError {
  const roles = rolesOf(store, user);
  const id = String(user.systemuserid);
  const count = roles.reduce((sum, role) => sum + privilegesOfRole(store, role).size, 0);
  return new DynamicsError(
    403,
    CODES.privilegeDenied,
    `Principal user (Id=${id}, type=8, roleCount=${roles.length}, privilegeCount=${count}, accessMode='${String(user.accessmode ?? 0)}'), is missing ${missing}. context.Caller=${id}.`,
  );
}

function holdsPrivilege(store: Store, user: Row, name: string): boolean {
  const roles = rolesOf(store, user);
  if (roles.some(isAdministrator)) return true;
  const holders = holdersOf(store, privilegeId(name));
  return roles.some((role) => holders.has(rootRoleId(role)));
}

/** Ids of the roles that hold a privilege. */
function holdersOf(store: Store, privilege: string): ReadonlySet<string> {
  const granted = store.table('roleprivileges');
  return new Set([...granted.idsWith('privilegeid', privilege)].map((id) => String(granted.get(id)?.roleid)));
}

/** Ids of the privileges of a role: those of the role that it is a copy of, for other business units have copies. */
export function privilegesOfRole(store: Store, role: Row): ReadonlySet<string> {
  if (isAdministrator(role)) return new Set(store.table('privilege').sortedIds());
  const granted = store.table('roleprivileges');
  return new Set([...granted.idsWith('roleid', rootRoleId(role))].map((id) => String(granted.get(id)?.privilegeid)));
}

export function isAdministrator(role: Row): boolean {
  return isReference(role.roletemplateid) && role.roletemplateid.id === ADMINISTRATOR_TEMPLATE_ID;
}

export function rootRoleId(role: Row): string {
  return isReference(role.parentrootroleid) ? role.parentrootroleid.id : String(role.roleid);
}

/** The roles that a user holds, themselves and by their teams. */
export function rolesOf(store: Store, user: Row): Row[] {
  const own = linked(store, {
    table: 'systemuserroles',
    from: 'systemuserid',
    to: 'roleid',
    id: String(user.systemuserid),
  });
  const byTeam = teamIdsOfUser(store, user).flatMap((id) =>
    linked(store, { table: 'teamroles', from: 'teamid', to: 'roleid', id }),
  );
  const roles = store.table('role');
  return [...new Set([...own, ...byTeam])].map((id) => roles.get(id)).filter((role) => role !== undefined);
}

export function teamIdsOfUser(store: Store, user: Row): string[] {
  return linked(store, { table: 'teammembership', from: 'systemuserid', to: 'teamid', id: String(user.systemuserid) });
}

interface Link {
  readonly table: string;
  readonly from: string;
  readonly to: string;
  readonly id: string;
}

function linked(store: Store, { table, from, to, id }: Link): string[] {
  const rows = store.table(table);
  return [...rows.idsWith(from, id)].map((it) => String(rows.get(it)?.[to]));
}
