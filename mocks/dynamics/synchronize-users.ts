import type { MockClock } from '../control.js';
import { formatMoment, type TenantDirectory, type TenantUser } from './context.js';
import { isAdministrator, privilegeId, rolesOf } from './privileges.js';
import { BUSINESS_UNIT_ID, ORGANIZATION_ID, reference } from './seed/organization.js';
import type { Row, Store } from './store.js';

interface Synchronized {
  readonly store: Store;
  readonly clock: MockClock;
  readonly directory?: TenantDirectory | undefined;
}

/**
 * Brings the users of the organization in line with the people of the tenant: who has a licence becomes a user, without a role; who
 * loses it is disabled, but for administrators and non-interactive users; who is disabled there is disabled here.
 * https://learn.microsoft.com/power-platform/admin/create-users
 */
export function synchronizeUsers({ store, clock, directory }: Synchronized): void {
  for (const person of directory?.users?.() ?? []) {
    const users = store.table('systemuser');
    const [id] = users.idsWith('azureactivedirectoryobjectid', person.objectId);
    const row = id === undefined ? undefined : users.get(id);
    if (row !== undefined) synchronizeUser(store, row, person);
    else if (person.isLicensed && person.isEnabled) store.put('systemuser', newUser(person, formatMoment(clock.now())));
  }
}

function synchronizeUser(store: Store, row: Row, { isLicensed, isEnabled }: TenantUser): void {
  const hasLost = row.islicensed === true && !isLicensed && !needsNoLicence(store, row);
  const isdisabled = row.isdisabled === true || !isEnabled || hasLost;
  if (row.islicensed === isLicensed && row.isdisabled === isdisabled) return;
  store.put('systemuser', { ...row, islicensed: isLicensed, isdisabled });
}

function needsNoLicence(store: Store, row: Row): boolean {
  return row.accessmode === 4 || rolesOf(store, row).some(isAdministrator);
}

/** The id follows from the person's, so that who is removed and comes back is the same user. */
function newUser({ objectId, userPrincipalName, displayName }: TenantUser, now: string): Row {
  const systemuserid = privilegeId(`systemuser ${objectId}`);
  const [firstname = '', ...rest] = displayName.split(' ');
  return {
    systemuserid,
    ownerid: systemuserid,
    azureactivedirectoryobjectid: objectId,
    domainname: userPrincipalName,
    internalemailaddress: userPrincipalName,
    ...(rest.length === 0 ? { lastname: firstname } : { firstname, lastname: rest.join(' ') }),
    fullname: displayName,
    accessmode: 0,
    isdisabled: false,
    islicensed: true,
    setupuser: false,
    isintegrationuser: false,
    businessunitid: reference('businessunit', BUSINESS_UNIT_ID),
    organizationid: reference('organization', ORGANIZATION_ID),
    createdon: now,
    modifiedon: now,
  };
}
