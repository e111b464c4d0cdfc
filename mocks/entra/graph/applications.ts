import type { DirectoryObject, Json, JsonObject } from '../directory-objects.js';
import { isJsonObject, listOf } from '../directory-objects.js';
import { assertAccess } from './access.js';
import { readProperties } from './body.js';
import { bodyOf, findObject, type GraphAnswer, type GraphCall, requiredObject, visibleObjects } from './call.js';
import { badRequest, type GraphError, resourceNotFound } from './graph-error.js';
import { type KeyCredentialContext, readKeyCredentials } from './key-credentials.js';
import { APPLICATION, fillApplication } from './object-types.js';
import { expandOwners } from './owners.js';
import { WRITE_APPLICATIONS } from './permissions.js';
import { answerCreated, answerList, answerOne, countMatching } from './query.js';

/** `GET /applications` */
export function listApplications(call: GraphCall): GraphAnswer {
  return answerList(call, APPLICATION, visibleObjects(call, 'application'), expandOwners(call));
}

/** `GET /applications/$count` */
export function countApplications(call: GraphCall): number {
  return countMatching(call, APPLICATION, visibleObjects(call, 'application'));
}

/** `GET /applications/{key}` */
export function getApplication(call: GraphCall): GraphAnswer {
  return answerOne(call, APPLICATION, application(call), expandOwners(call));
}

/** `POST /applications`: makes the registration alone; its service principal is another object. */
export function createApplication(call: GraphCall): GraphAnswer {
  const body = bodyOf(call);
  return answerCreated(call, APPLICATION, addApplication(call, body));
}

/**
 * `PATCH /applications/{key}`: 204. With `Prefer: create-if-missing` an application that is not there under this `uniqueName` is made.
 * https://learn.microsoft.com/graph/api/application-upsert
 */
export function updateApplication(call: GraphCall): GraphAnswer {
  const [key = ''] = call.keys;
  const existing = findObject(call, 'application', key);
  const uniqueName = /^uniqueName='(.+)'$/.exec(key)?.[1];
  if (existing === undefined) {
    if (uniqueName === undefined || !/create-if-missing/i.test(String(call.headers.prefer))) throw notFound(key);
    return answerCreated(call, APPLICATION, addApplication(call, bodyOf(call), uniqueName.replaceAll("''", "'")));
  }
  assertAccess(call, WRITE_APPLICATIONS, existing);
  const properties = readApplication(call, bodyOf(call), existing);
  assertUnique(call, properties, existing);
  call.directory.objects.change(existing, properties);
  return { status: 204 };
}

/** `DELETE /applications/{key}`: 204, and its service principal goes with it. */
export function deleteApplication(call: GraphCall): GraphAnswer {
  const existing = application(call);
  assertAccess(call, WRITE_APPLICATIONS, existing);
  call.directory.objects.delete(existing);
  return { status: 204 };
}

/** The application that the path names. */
export function application(call: GraphCall): DirectoryObject {
  return requiredObject(call, 'application', call.keys[0] ?? '');
}

/** What uploaded certificates are checked against. */
export function keyCredentialContext({ now, options }: GraphCall, existing?: DirectoryObject): KeyCredentialContext {
  const credentials = existing ? listOf(existing, 'keyCredentials') : [];
  return { now, thumbprintForm: options.thumbprintForm ?? 'hex', existing: credentials };
}

function addApplication(call: GraphCall, body: JsonObject, uniqueName: string | null = null): DirectoryObject {
  const { caller, directory } = call;
  const properties = readApplication(call, body, undefined);
  assertUnique(call, properties);
  const filled = fillApplication(caller.tenant, { ...properties, uniqueName });
  return directory.objects.add('application', { ...filled, hidden: { owners: [caller.objectId] } });
}

function readApplication(call: GraphCall, body: JsonObject, existing: DirectoryObject | undefined): JsonObject {
  const properties = readProperties(body, APPLICATION, existing ? 'update' : 'create');
  if (listOf({ properties }, 'passwordCredentials').length > 0)
    throw badRequest('Password credentials can only be added with addPassword.', [
      { code: 'InvalidValue', message: 'Use addPassword.', target: 'passwordCredentials' },
    ]);
  const { passwordCredentials: _passwords, ...rest } = properties;
  checkResourceAccess(listOf({ properties }, 'requiredResourceAccess'));
  const { keyCredentials } = rest;
  if (!Array.isArray(keyCredentials)) return rest;
  return { ...rest, keyCredentials: readKeyCredentials(keyCredentials, keyCredentialContext(call, existing)) };
}

const MAX_RESOURCES = 50;
const MAX_PERMISSIONS = 400;
const GUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** https://learn.microsoft.com/graph/api/resources/requiredresourceaccess */
function checkResourceAccess(resources: readonly JsonObject[]): void {
  const accesses = resources.flatMap(({ resourceAccess }) => (Array.isArray(resourceAccess) ? resourceAccess : []));
  if (resources.length > MAX_RESOURCES || accesses.length > MAX_PERMISSIONS)
    throw invalidAccess(
      `requiredResourceAccess takes at most ${MAX_RESOURCES} resources and ${MAX_PERMISSIONS} permissions.`,
    );
  const isValid =
    resources.every(({ resourceAppId, resourceAccess }) => isGuid(resourceAppId) && Array.isArray(resourceAccess)) &&
    accesses.every(
      (access) => isJsonObject(access) && isGuid(access.id) && ['Scope', 'Role'].includes(String(access.type)),
    );
  if (!isValid)
    throw invalidAccess("Invalid value specified for property 'requiredResourceAccess' of resource 'Application'.");
}

function isGuid(value: Json | undefined): boolean {
  return typeof value === 'string' && GUID.test(value);
}

function invalidAccess(message: string): GraphError {
  return badRequest(message, [{ code: 'InvalidValue', message, target: 'requiredResourceAccess' }]);
}

/** Identifier URIs are unique in a tenant; display names are not. */
function assertUnique({ directory, caller }: GraphCall, properties: JsonObject, existing?: DirectoryObject): void {
  const uris = Array.isArray(properties.identifierUris) ? properties.identifierUris : [];
  const taken = directory.objects
    .all('application', caller.tenant.id)
    .filter(({ id }) => id !== existing?.id)
    .flatMap(({ properties: { identifierUris } }) => (Array.isArray(identifierUris) ? identifierUris : []));
  if (!uris.some((uri) => taken.includes(uri))) return;
  const message = 'Another object with the same value for property identifierUris already exists.';
  throw badRequest(message, [{ code: 'ObjectConflict', message, target: 'identifierUris' }]);
}

function notFound(key: string): GraphError {
  return resourceNotFound(/='(.*)'$/.exec(key)?.[1] ?? key);
}
