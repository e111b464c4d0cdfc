import type { Subscription } from '../../connectors/dynamics/dynamics-set-up.js';
import { RequestError } from '../../model/errors.js';

/** Subscriptions that admit a user to Dynamics 365, the ones that cost least first: https://learn.microsoft.com/entra/identity/users/licensing-service-plan-reference */
const KNOWN = [
  'D365_SALES_PRO',
  'DYN365_ENTERPRISE_SALES',
  'DYN365_ENTERPRISE_CUSTOMER_SERVICE',
  'DYN365_ENTERPRISE_SALES_CUSTOMERSERVICE',
  'DYN365_SALES_PREMIUM',
  'DYN365_ENTERPRISE_PLAN1',
  'CRMSTANDARD',
  'DYN365_TEAM_MEMBERS',
];

/** Others look like them by name; those that need another licence beside them, are for trial or for other products do not. */
const LIKELY = /^(DYN365_(ENTERPRISE|SALES)|D365_SALES|CRM)/;
const UNFIT = /BUSCENTRAL|FINANCIALS|RETAIL|_ATTACH|_TRIAL|_VIRAL/;

/** Tells whether the licences of a subscription admit users to Dynamics 365. */
export function admitsToDynamics({ name, isForUsers }: Subscription): boolean {
  return isForUsers && (KNOWN.includes(name) || (LIKELY.test(name) && !UNFIT.test(name)));
}

/**
 * The subscription to take a licence of: the one that is asked for, or the least one with a free licence. Throws NOT_FOUND for a name that
 * the tenant has not, CONFLICT where no licence is free.
 */
export function chooseSubscription(subscriptions: readonly Subscription[], wanted: string | null): Subscription {
  return wanted === null ? chooseFree(subscriptions) : findNamed(subscriptions, wanted.trim().toUpperCase());
}

function findNamed(subscriptions: readonly Subscription[], wanted: string): Subscription {
  const found = subscriptions.find(({ name, id }) => name.toUpperCase() === wanted || id.toUpperCase() === wanted);
  if (found === undefined) {
    const names = subscriptions.map(({ name }) => name).join(', ') || 'none';
    throw refuse('NOT_FOUND', `The tenant has no subscription "${wanted}". It has: ${names}.`);
  }
  if (isFree(found)) return found;
  throw refuse('CONFLICT', `No licence of subscription "${found.name}" is free. Free one, buy one, or name another.`);
}

function chooseFree(subscriptions: readonly Subscription[]): Subscription {
  const fit = subscriptions.filter(admitsToDynamics);
  const [best] = fit.filter(isFree).toSorted((one, other) => rank(one) - rank(other));
  if (best) return best;
  const held = fit.map(({ name, freeLicenses }) => `${name} (${freeLicenses} free)`).join(', ') || 'none';
  throw refuse(
    'CONFLICT',
    `The tenant has no free licence that admits a user to Dynamics 365. Of such subscriptions it has: ${held}. Free a licence, or name a subscription as "license".`,
  );
}

function isFree({ isEnabled, freeLicenses }: Subscription): boolean {
  return isEnabled && freeLicenses > 0;
}

function rank({ name }: Subscription): number {
  const at = KNOWN.indexOf(name);
  return at < 0 ? KNOWN.length : at;
}

function refuse(code: 'NOT_FOUND' | 'CONFLICT', message: string): RequestError {
  return new RequestError(code, message, { field: 'input.license' });
}
