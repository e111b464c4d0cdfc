import type { DirectoryObjects, JsonObject } from '../directory-objects.js';
import { listOf } from '../directory-objects.js';

/** A subscription of the tenant. `taken` seats are those of users that the mock does not have. */
export interface Subscription {
  readonly skuId: string;
  readonly skuPartNumber: string;
  readonly seats: number;
  readonly taken: number;
  readonly servicePlanId: string;
}

export const SALES_SKU_ID = '1e1a282c-9c54-43a2-9310-98ef728faace';

/**
 * One with free seats, one without, and one that has nothing to do with Dynamics.
 * https://learn.microsoft.com/entra/identity/users/licensing-service-plan-reference
 */
export const SUBSCRIPTIONS: readonly Subscription[] = [
  {
    skuId: SALES_SKU_ID,
    skuPartNumber: 'DYN365_ENTERPRISE_SALES',
    seats: 25,
    taken: 13,
    servicePlanId: '2da8e897-7791-486b-b08f-cc63c8129df7',
  },
  {
    skuId: 'ea126fc5-a19e-42e2-a731-da9d437bffcf',
    skuPartNumber: 'DYN365_ENTERPRISE_PLAN1',
    seats: 5,
    taken: 5,
    servicePlanId: 'd56f3deb-50d8-465a-bedb-f079817ccac1',
  },
  {
    skuId: 'f30db892-07e9-47e9-837c-80727f46fd3d',
    skuPartNumber: 'FLOW_FREE',
    seats: 10_000,
    taken: 3,
    servicePlanId: '50e68c76-46c6-4674-81f9-75456511b170',
  },
];

/** How many seats of a subscription are in use. */
export function consumedUnits({ skuId, taken }: Subscription, objects: DirectoryObjects, tenantId: string): number {
  const holders = objects
    .all('user', tenantId)
    .filter((user) => listOf(user, 'assignedLicenses').some((license) => license.skuId === skuId));
  return taken + holders.length;
}

/** A subscription as `GET /subscribedSkus` tells it. */
export function subscribedSku(
  subscription: Subscription,
  objects: DirectoryObjects,
  { id: tenantId, displayName }: { readonly id: string; readonly displayName: string },
): JsonObject {
  const { skuId, skuPartNumber, seats, servicePlanId } = subscription;
  return {
    id: `${tenantId}_${skuId}`,
    accountId: tenantId,
    accountName: displayName,
    appliesTo: 'User',
    capabilityStatus: 'Enabled',
    consumedUnits: consumedUnits(subscription, objects, tenantId),
    prepaidUnits: { enabled: seats, lockedOut: 0, suspended: 0, warning: 0 },
    servicePlans: [{ servicePlanId, servicePlanName: skuPartNumber, provisioningStatus: 'Success', appliesTo: 'User' }],
    skuId,
    skuPartNumber,
    subscriptionIds: [],
  };
}
