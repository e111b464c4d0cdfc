import type { JsonObject } from '../directory-objects.js';
import type { GraphAnswer, GraphCall } from './call.js';
import { resourceNotFound } from './graph-error.js';
import { SUBSCRIPTIONS, subscribedSku } from './licenses.js';
import { checkOptions } from './query.js';

/** `GET /subscribedSkus`, which takes `$select` alone. */
export function listSubscribedSkus(call: GraphCall): GraphAnswer {
  const { tenant } = call.caller;
  const skus = SUBSCRIPTIONS.map((subscription) => subscribedSku(subscription, call.directory.objects, tenant));
  return { ...answerAll(call, 'subscribedSkus', skus), headers: { 'x-ms-resource-unit': '3' } };
}

/** `GET /subscribedSkus/{id}` */
export function getSubscribedSku(call: GraphCall): GraphAnswer {
  const { tenant } = call.caller;
  const skus = SUBSCRIPTIONS.map((subscription) => subscribedSku(subscription, call.directory.objects, tenant));
  return answerByKey(call, 'subscribedSkus', skus);
}

/** `GET /organization`: the tenant, with the domains that user names may end in. */
export function listOrganization(call: GraphCall): GraphAnswer {
  return answerAll(call, 'organization', [organization(call)]);
}

/** `GET /organization/{id}` */
export function getOrganization(call: GraphCall): GraphAnswer {
  return answerByKey(call, 'organization', [organization(call)]);
}

/** `GET /domains` */
export function listDomains(call: GraphCall): GraphAnswer {
  return answerAll(call, 'domains', [domain(call)]);
}

/** `GET /domains/{name}` */
export function getDomain(call: GraphCall): GraphAnswer {
  return answerByKey(call, 'domains', [domain(call)]);
}

function organization({ caller: { tenant } }: GraphCall): JsonObject {
  const verified = { capabilities: 'Email, OfficeCommunicationsOnline', isDefault: true, isInitial: true };
  return {
    id: tenant.id,
    deletedDateTime: null,
    businessPhones: [],
    city: null,
    country: null,
    countryLetterCode: 'FR',
    displayName: tenant.displayName,
    tenantType: 'AAD',
    technicalNotificationMails: [],
    verifiedDomains: [{ ...verified, name: tenant.domain, type: 'Managed' }],
  };
}

function domain({ caller: { tenant } }: GraphCall): JsonObject {
  return {
    id: tenant.domain,
    authenticationType: 'Managed',
    isAdminManaged: true,
    isDefault: true,
    isInitial: true,
    isRoot: true,
    isVerified: true,
    supportedServices: [],
  };
}

function answerAll(call: GraphCall, set: string, objects: readonly JsonObject[]): GraphAnswer {
  checkOptions(call.query, ['$select']);
  const context = `${call.root}/$metadata#${set}`;
  return { status: 200, body: { '@odata.context': context, value: objects.map((object) => selected(call, object)) } };
}

function answerByKey(call: GraphCall, set: string, objects: readonly JsonObject[]): GraphAnswer {
  checkOptions(call.query, ['$select']);
  const [key = ''] = call.keys;
  const object = objects.find(({ id }) => String(id).toLowerCase() === key.toLowerCase());
  if (object === undefined) throw resourceNotFound(key);
  return {
    status: 200,
    body: { '@odata.context': `${call.root}/$metadata#${set}/$entity`, ...selected(call, object) },
  };
}

function selected({ query }: GraphCall, object: JsonObject): JsonObject {
  const names = query.get('$select')?.split(',');
  return names ? Object.fromEntries(Object.entries(object).filter(([name]) => names.includes(name))) : object;
}
