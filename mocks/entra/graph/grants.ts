import { createHash } from 'node:crypto';
import type { DirectoryObject, JsonObject } from '../directory-objects.js';
import { listOf, textOf } from '../directory-objects.js';
import { readProperties } from './body.js';
import { bodyOf, findObject, type GraphAnswer, type GraphCall, requiredObject, visibleObjects } from './call.js';
import { grantId } from './grant-id.js';
import { badRequest, GraphError, invalidProperty, resourceNotFound } from './graph-error.js';
import { APP_ROLE_ASSIGNMENT, GRANT } from './object-types.js';
import { answerCreated, answerList, answerOne } from './query.js';
import { servicePrincipal } from './service-principals.js';

/** `GET /oauth2PermissionGrants` */
export function listGrants(call: GraphCall): GraphAnswer {
  return answerList(call, GRANT, visibleObjects(call, 'oauth2PermissionGrant'));
}

/** `GET /oauth2PermissionGrants/{id}` */
export function getGrant(call: GraphCall): GraphAnswer {
  return answerOne(call, GRANT, grant(call));
}

/** `POST /oauth2PermissionGrants`: consents for everybody or for one user; 409 where that was done. */
export function createGrant(call: GraphCall): GraphAnswer {
  const properties = readProperties(bodyOf(call), GRANT, 'create');
  const { clientId, resourceId, principalId, consentType } = properties;
  requiredObject(call, 'servicePrincipal', String(clientId));
  const resource = requiredObject(call, 'servicePrincipal', String(resourceId));
  if ((consentType === 'Principal') !== (typeof principalId === 'string'))
    throw invalidProperty(
      'principalId',
      "Property 'principalId' belongs to consentType 'Principal', and to that alone.",
    );
  if (typeof principalId === 'string') requiredObject(call, 'user', principalId);
  checkScope(properties, resource);
  const ends = [clientId, resourceId, ...(typeof principalId === 'string' ? [principalId] : [])].map(String);
  const id = grantId(...ends);
  if (call.directory.objects.get('oauth2PermissionGrant', id)) throw alreadyThere();
  const { tenant } = call.caller;
  const made = { principalId: null, scope: '', ...properties };
  return answerCreated(
    call,
    GRANT,
    call.directory.objects.add('oauth2PermissionGrant', { tenantId: tenant.id, id, properties: made }),
  );
}

/** `PATCH /oauth2PermissionGrants/{id}`: 204. The scope is replaced; what the grant is between stays. */
export function updateGrant(call: GraphCall): GraphAnswer {
  const existing = grant(call);
  const properties = readProperties(bodyOf(call), GRANT, 'update');
  const fixed = Object.keys(properties).find((name) => name !== 'scope');
  if (fixed !== undefined) throw invalidProperty(fixed, `Property '${fixed}' is read-only and cannot be set.`);
  checkScope(properties, requiredObject(call, 'servicePrincipal', textOf(existing, 'resourceId')));
  call.directory.objects.change(existing, properties);
  return { status: 204 };
}

/** `DELETE /oauth2PermissionGrants/{id}`: 204. */
export function deleteGrant(call: GraphCall): GraphAnswer {
  call.directory.objects.delete(grant(call));
  return { status: 204 };
}

/** `GET /servicePrincipals/{key}/appRoleAssignments`: what it was assigned as a client. */
export function listAppRoles(call: GraphCall): GraphAnswer {
  return answerList(call, APP_ROLE_ASSIGNMENT, assignments(call, 'principalId'));
}

/** `GET /servicePrincipals/{key}/appRoleAssignedTo`: who was assigned roles of it as a resource. */
export function listAppRolesAssignedTo(call: GraphCall): GraphAnswer {
  return answerList(call, APP_ROLE_ASSIGNMENT, assignments(call, 'resourceId'));
}

/** `POST /servicePrincipals/{key}/appRoleAssignments` (or `appRoleAssignedTo`): gives an application a permission of its own. */
export function assignAppRole(call: GraphCall): GraphAnswer {
  servicePrincipal(call);
  const properties = readProperties(bodyOf(call), APP_ROLE_ASSIGNMENT, 'create');
  const [principalId, resourceId, appRoleId] = [
    properties.principalId,
    properties.resourceId,
    properties.appRoleId,
  ].map(String);
  const principal = requiredObject(call, 'servicePrincipal', principalId ?? '');
  const resource = requiredObject(call, 'servicePrincipal', resourceId ?? '');
  if (!listOf(resource, 'appRoles').some(({ id }) => id === appRoleId))
    throw badRequest('Permission being assigned was not found on application', [
      { code: 'InvalidValue', message: 'Permission being assigned was not found on application', target: 'appRoleId' },
    ]);
  const id = createHash('sha256').update([principalId, resourceId, appRoleId].join()).digest('base64url');
  if (call.directory.objects.get('appRoleAssignment', id))
    throw badRequest('Permission being assigned already exists on the object');
  const shown = {
    ...properties,
    principalDisplayName: textOf(principal, 'displayName'),
    principalType: 'ServicePrincipal',
    resourceDisplayName: textOf(resource, 'displayName'),
  };
  const { id: tenantId } = call.caller.tenant;
  return answerCreated(
    call,
    APP_ROLE_ASSIGNMENT,
    call.directory.objects.add('appRoleAssignment', { tenantId, id, properties: shown }),
  );
}

/** `DELETE /servicePrincipals/{key}/appRoleAssignments/{id}`: 204. */
export function removeAppRole(call: GraphCall): GraphAnswer {
  servicePrincipal(call);
  call.directory.objects.delete(requiredObject(call, 'appRoleAssignment', call.keys[1] ?? ''));
  return { status: 204 };
}

function grant(call: GraphCall): DirectoryObject {
  const [key = ''] = call.keys;
  const found = findObject(call, 'oauth2PermissionGrant', key);
  if (found) return found;
  throw resourceNotFound(key);
}

function assignments(call: GraphCall, end: 'principalId' | 'resourceId'): readonly DirectoryObject[] {
  const { id } = servicePrincipal(call);
  return visibleObjects(call, 'appRoleAssignment').filter(({ properties }) => properties[end] === id);
}

function checkScope({ scope }: JsonObject, resource: DirectoryObject): void {
  const known = listOf(resource, 'oauth2PermissionScopes').map(({ value }) => value);
  const wanted = String(scope ?? '').split(/\s+/);
  const unknown = wanted.find((name) => name !== '' && !known.includes(name));
  if (unknown === undefined) return;
  throw invalidProperty('scope', `The scope '${unknown}' does not exist on the resource '${resource.id}'.`);
}

function alreadyThere(): GraphError {
  return new GraphError(409, 'Request_MultipleObjectsWithSameKeyValue', 'Permission entry already exists.');
}
