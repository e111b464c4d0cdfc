import type { RequestContext } from '../context.js';
import { CODES, DynamicsError } from '../errors.js';
import { privilegeId } from '../privileges.js';
import { type Cell, isReference, type Reference, type Row, type RowChanges } from '../store.js';

/*
 * Users, those of applications among them:
 * https://learn.microsoft.com/power-platform/admin/manage-application-users
 */

const NON_INTERACTIVE = 4;
/** Of people; application users do not count. https://learn.microsoft.com/power-platform/admin/create-users#create-a-non-interactive-user-account */
const MAX_NON_INTERACTIVE = 7;

/**
 * What the service adds to a user that a client creates: to one with a client id, name and addresses from the tenant's directory.
 *
 * @throws DynamicsError where the business unit is missing, the tenant does not know the application, or the user is there already.
 */
export function newUserCells(context: RequestContext, given: RowChanges): RowChanges {
  const cells = typeof given.applicationid === 'string' ? applicationUser(context, given, given.applicationid) : given;
  assertUserFree(context, cells, null);
  assertFewNonInteractive(context, cells, null);
  return cells;
}

/** @throws DynamicsError where a change gives a user what another one has, or one non-interactive user too many. */
export function assertUserChange(context: RequestContext, row: Row, changes: RowChanges): void {
  const id = String(row.systemuserid);
  assertUserFree(context, changes, id);
  if (row.applicationid === undefined) assertFewNonInteractive(context, changes, id);
}

function applicationUser({ directory }: RequestContext, given: RowChanges, clientId: string): RowChanges {
  if (given.businessunitid === undefined || given.businessunitid === null)
    throw new DynamicsError(400, CODES.unexpected, 'An unexpected error occurred.');
  const application = directory === undefined ? unlisted(clientId) : directory.application(clientId);
  if (application === undefined) {
    throw new DynamicsError(
      400,
      CODES.isvAborted,
      `The application id ${clientId} was not found in the directory of the tenant.`,
    );
  }
  const address = `${application.displayName.replaceAll(/[^\w.-]/g, '')}_${clientId}@contoso.example`;
  return {
    firstname: '#',
    lastname: application.displayName,
    domainname: address,
    internalemailaddress: address,
    azureactivedirectoryobjectid: application.objectId,
    applicationiduri: `api://${clientId}`,
    accessmode: NON_INTERACTIVE,
    islicensed: false,
    setupuser: false,
    isdisabled: false,
    ...withoutNulls(given),
  };
}

/** Without a directory every application has a name, and the same object id each time. */
function unlisted(clientId: string): { readonly displayName: string; readonly objectId: string } {
  return { displayName: `Application ${clientId.slice(0, 8)}`, objectId: privilegeId(clientId) };
}

function withoutNulls(changes: RowChanges): Readonly<Record<string, Cell | undefined>> {
  return Object.fromEntries(Object.entries(changes).flatMap(([name, cell]) => (cell === null ? [] : [[name, cell]])));
}

/** One user for each application, and for each name. */
function assertUserFree({ store }: RequestContext, cells: RowChanges, own: string | null): void {
  for (const column of ['applicationid', 'domainname']) {
    const value = cells[column];
    if (typeof value !== 'string' || value === '') continue;
    const others = [...store.table('systemuser').idsWith(column, value)].filter((id) => id !== own);
    if (others.length > 0)
      throw new DynamicsError(412, CODES.duplicate, 'A record with matching key values already exists.');
  }
}

function assertFewNonInteractive({ store }: RequestContext, cells: RowChanges, own: string | null): void {
  if (cells.accessmode !== NON_INTERACTIVE || typeof cells.applicationid === 'string') return;
  const users = store.table('systemuser');
  const people = [...users.idsWith('accessmode', NON_INTERACTIVE)].filter(
    (id) => id !== own && users.get(id)?.applicationid === undefined,
  );
  if (people.length < MAX_NON_INTERACTIVE) return;
  throw new DynamicsError(
    400,
    CODES.isvAborted,
    `You cannot have more than ${MAX_NON_INTERACTIVE} non-interactive users in an organization.`,
  );
}

/** @throws DynamicsError where a user is still active or owns rows. */
export function assertUserDeletable(context: RequestContext, user: Row): void {
  const id = String(user.systemuserid);
  const refuse = (reason: string) =>
    new DynamicsError(400, CODES.invalidArgument, `The user with Id = ${id} ${reason}.`);
  if (user.applicationid === undefined)
    throw refuse('cannot be deleted, only disabled; application users can be deleted');
  if (user.isdisabled !== true) throw refuse('cannot be deleted while it is enabled');
  const owning = context.tables.all.find(
    (table) =>
      table.columns.get('ownerid')?.type === 'Owner' && context.store.table(table.name).idsWith('ownerid', id).size > 0,
  );
  if (owning !== undefined) throw refuse(`owns rows of ${owning.name}; assign them to another user first`);
}

/** @throws DynamicsError where the user is disabled, or the role is that of another business unit. */
export function assertMayHoldRole({ store }: RequestContext, user: Reference, role: Reference): void {
  const [holder, held] = [store.row(user), store.row(role)];
  if (holder?.isdisabled === true)
    throw new DynamicsError(400, CODES.invalidArgument, `Roles cannot be given to the disabled user ${user.id}.`);
  if (unitOf(holder) === unitOf(held)) return;
  throw new DynamicsError(
    400,
    CODES.invalidArgument,
    `The role ${role.id} is of another business unit than the user ${user.id}; give the copy that the user's unit has.`,
  );
}

function unitOf(row: Row | undefined): string | undefined {
  return isReference(row?.businessunitid) ? row.businessunitid.id : undefined;
}
