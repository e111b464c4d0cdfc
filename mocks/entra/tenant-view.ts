import { type Directory, READY_MADE } from './directory.js';
import { listOf, textOf } from './directory-objects.js';
import { SUBSCRIPTIONS } from './graph/licenses.js';

/** What other mocks may know of a tenant: its applications, and its people with their licences. */
export interface TenantView {
  /** By client id; undefined where the tenant has no service principal for it. */
  application(clientId: string): { readonly displayName: string; readonly objectId: string } | undefined;
  users(): readonly {
    readonly objectId: string;
    readonly userPrincipalName: string;
    readonly displayName: string;
    readonly isEnabled: boolean;
    /** Holds a licence of Dynamics, of whichever plan. */
    readonly isLicensed: boolean;
  }[];
}

const DYNAMICS_LICENSES = SUBSCRIPTIONS.filter(({ skuPartNumber }) => skuPartNumber.startsWith('DYN365')).map(
  ({ skuId }) => skuId,
);

/** Shows a tenant of the directory as it is at each call. */
export function viewTenant({ objects }: Directory, tenantId: string = READY_MADE.tenantId): TenantView {
  return {
    application: (clientId) => {
      const principal = objects.find('servicePrincipal', 'appId', clientId, tenantId);
      return principal && { displayName: textOf(principal, 'displayName'), objectId: principal.id };
    },
    users: () =>
      objects.all('user', tenantId).map((user) => ({
        objectId: user.id,
        userPrincipalName: textOf(user, 'userPrincipalName'),
        displayName: textOf(user, 'displayName'),
        isEnabled: user.properties.accountEnabled === true,
        isLicensed: listOf(user, 'assignedLicenses').some(({ skuId }) => DYNAMICS_LICENSES.includes(String(skuId))),
      })),
  };
}
