import type { DirectoryObject, JsonObject } from '../directory-objects.js';
import { textOf } from '../directory-objects.js';
import { assertAccess } from './access.js';
import { readProperties } from './body.js';
import { bodyOf, findObject, type GraphAnswer, type GraphCall, requiredObject, visibleObjects } from './call.js';
import { badRequest, GraphError, resourceNotFound } from './graph-error.js';
import { fillServicePrincipal, GRANT, SERVICE_PRINCIPAL } from './object-types.js';
import { expandOwners } from './owners.js';
import { CREATE_SERVICE_PRINCIPALS, WRITE_APPLICATIONS } from './permissions.js';
import { answerCreated, answerList, answerOne, countMatching } from './query.js';

/** `GET /servicePrincipals` */
export function listServicePrincipals(call: GraphCall): GraphAnswer {
  return answerList(call, SERVICE_PRINCIPAL, visibleObjects(call, 'servicePrincipal'), expandOwners(call));
}

/** `GET /servicePrincipals/$count` */
export function countServicePrincipals(call: GraphCall): number {
  return countMatching(call, SERVICE_PRINCIPAL, visibleObjects(call, 'servicePrincipal'));
}

/** `GET /servicePrincipals/{key}` */
export function getServicePrincipal(call: GraphCall): GraphAnswer {
  return answerOne(call, SERVICE_PRINCIPAL, servicePrincipal(call), expandOwners(call));
}

/** `POST /servicePrincipals`, for an application of the tenant; 409 where it has one. */
export function createServicePrincipal(call: GraphCall): GraphAnswer {
  return answerCreated(call, SERVICE_PRINCIPAL, addServicePrincipal(call, bodyOf(call)));
}

/** `PATCH /servicePrincipals/{key}`: 204. With `Prefer: create-if-missing` one that is not there under this `appId` is made. */
export function updateServicePrincipal(call: GraphCall): GraphAnswer {
  const [key = ''] = call.keys;
  const existing = findObject(call, 'servicePrincipal', key);
  const appId = /^appId='(.+)'$/.exec(key)?.[1];
  if (existing === undefined) {
    if (appId === undefined || !/create-if-missing/i.test(String(call.headers.prefer)))
      throw resourceNotFound(appId ?? key);
    return answerCreated(call, SERVICE_PRINCIPAL, addServicePrincipal(call, { ...bodyOf(call), appId }));
  }
  assertAccess(call, WRITE_APPLICATIONS, existing);
  const { appId: _appId, ...properties } = readProperties(bodyOf(call), SERVICE_PRINCIPAL, 'update');
  call.directory.objects.change(existing, properties);
  return { status: 204 };
}

/** `DELETE /servicePrincipals/{key}`: 204, and its grants and assignments go with it. */
export function deleteServicePrincipal(call: GraphCall): GraphAnswer {
  const existing = servicePrincipal(call);
  assertAccess(call, WRITE_APPLICATIONS, existing);
  call.directory.objects.delete(existing);
  return { status: 204 };
}

/** `GET /servicePrincipals/{key}/oauth2PermissionGrants`: what it was granted as a client. */
export function listGrantsOf(call: GraphCall): GraphAnswer {
  const { id } = servicePrincipal(call);
  const grants = visibleObjects(call, 'oauth2PermissionGrant').filter(({ properties }) => properties.clientId === id);
  return answerList(call, GRANT, grants);
}

/** The service principal that the path names. */
export function servicePrincipal(call: GraphCall): DirectoryObject {
  return requiredObject(call, 'servicePrincipal', call.keys[0] ?? '');
}

function addServicePrincipal(call: GraphCall, body: JsonObject): DirectoryObject {
  const { directory, caller } = call;
  const properties = readProperties(body, SERVICE_PRINCIPAL, 'create');
  const appId = String(properties.appId).toLowerCase();
  const registration = findObject(call, 'application', `appId='${appId}'`);
  assertAccess(call, CREATE_SERVICE_PRINCIPALS, registration);
  if (directory.objects.find('servicePrincipal', 'appId', appId, caller.tenant.id)) throw alreadyThere(appId);
  if (registration === undefined) throw noBackingApplication(String(properties.appId));
  const { displayName, signInAudience, tags, appRoles, web, api } = registration.properties;
  const redirectUris = web === null ? [] : (Object(web).redirectUris ?? []);
  const taken = {
    displayName: displayName ?? null,
    signInAudience: signInAudience ?? null,
    tags: tags ?? [],
    appRoles: appRoles ?? [],
    replyUrls: redirectUris,
    homepage: Object(web).homePageUrl ?? null,
    oauth2PermissionScopes: Object(api).oauth2PermissionScopes ?? [],
  };
  const filled = fillServicePrincipal(caller.tenant, { ...taken, ...properties, appId: textOf(registration, 'appId') });
  return directory.objects.add('servicePrincipal', { ...filled, hidden: { owners: [caller.objectId] } });
}

function alreadyThere(appId: string): GraphError {
  const message = `The service principal cannot be created, updated, or restored because the service principal name ${appId} is already in use.`;
  return new GraphError(409, 'Request_MultipleObjectsWithSameKeyValue', message, [
    { code: 'ObjectConflict', message, target: 'servicePrincipalNames' },
  ]);
}

function noBackingApplication(appId: string): GraphError {
  const message = `The appId '${appId}' of the service principal does not reference a valid application object.`;
  return badRequest(message, [{ code: 'NoBackingApplicationObject', message, target: 'appId' }]);
}
