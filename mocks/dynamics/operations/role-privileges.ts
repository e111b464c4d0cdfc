import type { MockResponse } from '../../control.js';
import { answerJson, answerNothing, contextUrl, type RequestContext } from '../context.js';
import { queryError, rowNotFound } from '../errors.js';
import { assertPrivilege, isAdministrator, privilegeId, privilegesOfRole, rolesOf, rootRoleId } from '../privileges.js';
import { DEPTHS } from '../reach.js';
import { isGuid, normalizeGuid, unquote } from '../resource-path.js';
import { isReference, type Row, type Store } from '../store.js';
import { isObject, type JsonBody } from '../writes/payload.js';

/** A privilege that is held, and how far it reaches. */
interface Held {
  readonly PrivilegeName: string;
  readonly Depth: string;
  readonly PrivilegeId: string;
  readonly BusinessUnitId: string | null;
}

/** https://learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/retrieveuserprivileges */
export function retrieveUserPrivileges(context: RequestContext, user: Row): MockResponse {
  return answerHeld(context, 'RetrieveUserPrivilegesResponse', privilegesOfUser(context, user));
}

/** The same for one privilege; none where the user does not hold it. */
export function retrieveUserPrivilege(context: RequestContext, user: Row, name: string | undefined): MockResponse {
  if (name === undefined) throw queryError("Expected PrivilegeName, as in PrivilegeName='prvReadAccount'.");
  const wanted = unquote(name).toLowerCase();
  const held = privilegesOfUser(context, user).filter((it) => it.PrivilegeName.toLowerCase() === wanted);
  return answerHeld(context, 'RetrieveUserPrivilegeByPrivilegeNameResponse', held);
}

export function retrieveRolePrivileges(context: RequestContext, role: Row): MockResponse {
  return answerHeld(context, 'RetrieveRolePrivilegesRoleResponse', privilegesOf(context, role));
}

function answerHeld(context: RequestContext, type: string, held: readonly Held[]): MockResponse {
  return answerJson(context, {
    '@odata.context': contextUrl(context, `Microsoft.Dynamics.CRM.${type}`),
    RolePrivileges: held,
  });
}

function privilegesOfUser(context: RequestContext, user: Row): Held[] {
  const held = rolesOf(context.store, user).flatMap((role) => privilegesOf(context, role));
  return [...new Map(held.map((it) => [it.PrivilegeId, it])).values()];
}

function privilegesOf({ store }: RequestContext, role: Row): Held[] {
  const privileges = store.table('privilege');
  const unit = isReference(role.businessunitid) ? role.businessunitid.id : null;
  return [...privilegesOfRole(store, role)].map((id) => ({
    PrivilegeName: String(privileges.get(id)?.name),
    Depth: depthOf(store, role, id),
    PrivilegeId: id,
    BusinessUnitId: unit,
  }));
}

function depthOf(store: Store, role: Row, privilege: string): string {
  const row = store.table('roleprivileges').get(grantId(role, privilege));
  const found = Object.entries(DEPTHS).find(([, mask]) => mask === row?.privilegedepthmask);
  return found?.[0] ?? 'Global';
}

/** The same id for the same role and privilege. */
function grantId(role: Row, privilege: string): string {
  return privilegeId(`${rootRoleId(role)}${privilege}`);
}

/** https://learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/addprivilegesrole */
export function addPrivileges(context: RequestContext, role: Row, { Privileges }: JsonBody): MockResponse {
  assertMayChange(context, role);
  if (!Array.isArray(Privileges) || !Privileges.every(isObject)) throw queryError('Expected Privileges to be a list.');
  for (const privilege of Privileges) addPrivilege(context, role, privilege);
  return answerNothing();
}

function addPrivilege({ store }: RequestContext, role: Row, { PrivilegeId, Depth }: JsonBody): void {
  const privilegeid = requirePrivilege(store, PrivilegeId);
  const mask = Object.entries(DEPTHS).find(([name]) => name === Depth)?.[1];
  if (mask === undefined) throw queryError(`Expected Depth to be one of ${Object.keys(DEPTHS).join(', ')}.`);
  const roleprivilegeid = grantId(role, privilegeid);
  store.put('roleprivileges', { roleprivilegeid, roleid: rootRoleId(role), privilegeid, privilegedepthmask: mask });
}

/** https://learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/removeprivilegerole */
export function removePrivilege(context: RequestContext, role: Row, { PrivilegeId }: JsonBody): MockResponse {
  assertMayChange(context, role);
  context.store.remove('roleprivileges', grantId(role, requirePrivilege(context.store, PrivilegeId)));
  return answerNothing();
}

function requirePrivilege(store: Store, value: unknown): string {
  if (typeof value !== 'string' || !isGuid(value))
    throw queryError('Expected PrivilegeId to be the id of a privilege.');
  const id = normalizeGuid(value);
  if (store.table('privilege').get(id) === undefined) throw rowNotFound('privilege', id);
  return id;
}

function assertMayChange(context: RequestContext, role: Row): void {
  assertPrivilege(context, 'Write', context.tables.get('role'));
  if (isAdministrator(role)) throw queryError('The System Administrator role cannot be changed.');
}
