import type { DirectoryObject, Json, JsonObject } from '../directory-objects.js';
import { isJsonObject, listOf, textOf } from '../directory-objects.js';
import { readProperties } from './body.js';
import { bodyOf, type GraphAnswer, type GraphCall, requiredObject, visibleObjects } from './call.js';
import { badRequest, type GraphError, invalidProperty } from './graph-error.js';
import { consumedUnits, SUBSCRIPTIONS } from './licenses.js';
import { fillUser, USER } from './object-types.js';
import { answerCreated, answerList, answerOne, countMatching, shownProperties } from './query.js';

/** `GET /users` */
export function listUsers(call: GraphCall): GraphAnswer {
  return answerList(call, USER, visibleObjects(call, 'user'));
}

/** `GET /users/$count` */
export function countUsers(call: GraphCall): number {
  return countMatching(call, USER, visibleObjects(call, 'user'));
}

/** `GET /users/{id or userPrincipalName}` */
export function getUser(call: GraphCall): GraphAnswer {
  return answerOne(call, USER, user(call));
}

/** `GET /me`, which only a user has. */
export function getMe(call: GraphCall): GraphAnswer {
  if (!call.caller.isUser) throw badRequest('/me request is only valid with delegated authentication flow.');
  return answerOne(call, USER, requiredObject(call, 'user', call.caller.objectId));
}

/** `POST /users`: 201; the user may sign in at once, unless the password must be changed first. */
export function createUser(call: GraphCall): GraphAnswer {
  const { passwordProfile = null, ...properties } = readProperties(bodyOf(call), USER, 'create');
  checkUser(call, properties);
  const hidden = readPassword(passwordProfile, 'create');
  const made = call.directory.objects.add('user', { ...fillUser(call.caller.tenant, properties), hidden });
  return answerCreated(call, USER, made);
}

/** `PATCH /users/{key}`: 204. */
export function updateUser(call: GraphCall): GraphAnswer {
  const existing = user(call);
  const { passwordProfile, ...properties } = readProperties(bodyOf(call), USER, 'update');
  checkUser(call, properties, existing);
  const hidden = passwordProfile === undefined ? {} : readPassword(passwordProfile, 'update');
  call.directory.objects.change(existing, properties, hidden);
  return { status: 204 };
}

/** `DELETE /users/{key}`: 204; kept among the deleted for 30 days. */
export function deleteUser(call: GraphCall): GraphAnswer {
  call.directory.objects.delete(user(call));
  return { status: 204 };
}

/**
 * `POST /users/{key}/assignLicense`: 200 with the user. Nothing is changed where any part of it is refused.
 * https://learn.microsoft.com/graph/api/user-assignlicense
 */
export function assignLicense(call: GraphCall): GraphAnswer {
  const object = user(call);
  const { addLicenses, removeLicenses } = bodyOf(call);
  if (!Array.isArray(addLicenses)) throw missingParameter('addLicenses');
  if (!Array.isArray(removeLicenses)) throw missingParameter('removeLicenses');
  const held = listOf(object, 'assignedLicenses');
  const kept = withoutLicenses(held, removeLicenses);
  const added = addLicenses.map((license) => readLicense(call, object, license));
  const addedIds = added.map(({ skuId }) => skuId);
  const assignedLicenses = [...kept.filter(({ skuId }) => !addedIds.includes(skuId)), ...added];
  const changed = call.directory.objects.change(object, {
    assignedLicenses,
    licenseAssignmentStates: assignedLicenses.map((license) => assignmentState(license, call.now)),
  });
  const context = `${call.root}/$metadata#users/$entity`;
  return {
    status: 200,
    body: { '@odata.context': context, ...shownProperties(USER, changed, { selected: undefined, withKeys: false }) },
  };
}

function user(call: GraphCall): DirectoryObject {
  return requiredObject(call, 'user', call.keys[0] ?? '');
}

function checkUser({ directory, caller }: GraphCall, properties: JsonObject, existing?: DirectoryObject): void {
  const { userPrincipalName, usageLocation } = properties;
  if (typeof usageLocation === 'string' && !/^[A-Z]{2}$/.test(usageLocation))
    throw invalidProperty(
      'usageLocation',
      `Invalid value '${usageLocation}' specified for property 'usageLocation' of resource 'User'.`,
    );
  if (typeof userPrincipalName !== 'string') return;
  const [name = '', domain = '', ...rest] = userPrincipalName.split('@');
  if (name === '' || rest.length > 0 || domain.toLowerCase() !== caller.tenant.domain)
    throw invalidProperty(
      'userPrincipalName',
      'The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization.',
    );
  const other = directory.objects.find('user', 'userPrincipalName', userPrincipalName);
  if (other === undefined || other.id === existing?.id) return;
  const message = 'Another object with the same value for property userPrincipalName already exists.';
  throw badRequest(message, [{ code: 'ObjectConflict', message, target: 'userPrincipalName' }]);
}

/** The password goes where Graph never shows it; one that must be changed first keeps its user from signing in without a browser. */
function readPassword(profile: Json, purpose: 'create' | 'update') {
  if (!isJsonObject(profile)) throw invalidProperty('passwordProfile');
  const { password, forceChangePasswordNextSignIn, ...rest } = profile;
  const unknown = Object.keys(rest).find((name) => name !== 'forceChangePasswordNextSignInWithMfa');
  if (unknown !== undefined) throw invalidProperty(`passwordProfile/${unknown}`, `Invalid property '${unknown}'.`);
  if (purpose === 'create' && typeof password !== 'string')
    throw badRequest("A value is required for property 'passwordProfile/password' of resource 'User'.");
  if (typeof password === 'string') checkPassword(password);
  // Entra has the password changed at the next sign-in unless it is told not to.
  const mustChange = forceChangePasswordNextSignIn ?? (purpose === 'create' || typeof password === 'string');
  return {
    ...(typeof password === 'string' ? { password } : {}),
    signInState: mustChange === true ? 'password change required' : 'active',
  };
}

/** https://learn.microsoft.com/entra/identity/authentication/concept-sspr-policy */
function checkPassword(password: string): void {
  const classes = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z\d]/].filter((each) => each.test(password)).length;
  if (password.length >= 8 && password.length <= 256 && classes >= 3) return;
  const message =
    'The specified password does not comply with password complexity requirements. Please provide a different password.';
  throw badRequest(message, [{ code: 'InvalidPassword', message, target: 'password' }]);
}

function withoutLicenses(held: readonly JsonObject[], removed: readonly Json[]): readonly JsonObject[] {
  if (removed.every((skuId) => held.some((license) => license.skuId === skuId)))
    return held.filter(({ skuId }) => !removed.includes(skuId ?? null));
  throw badRequest('User does not have a corresponding license.');
}

function readLicense(call: GraphCall, object: DirectoryObject, license: Json): JsonObject {
  const { skuId, disabledPlans = [] } = isJsonObject(license) ? license : {};
  const subscription = SUBSCRIPTIONS.find((candidate) => candidate.skuId === skuId);
  if (subscription === undefined)
    throw badRequest(`License ${String(skuId)} does not correspond to a valid company License.`);
  if (textOf(object, 'usageLocation') === '')
    throw badRequest('License assignment cannot be done for user with invalid usage location.');
  const isHeld = listOf(object, 'assignedLicenses').some((held) => held.skuId === skuId);
  const { objects } = call.directory;
  if (!isHeld && consumedUnits(subscription, objects, call.caller.tenant.id) >= subscription.seats)
    throw badRequest(`Subscription with SKU ${subscription.skuId} does not have any available licenses.`);
  return { disabledPlans, skuId: subscription.skuId };
}

function assignmentState({ skuId = null, disabledPlans = [] }: JsonObject, now: Date): JsonObject {
  return {
    skuId,
    disabledPlans,
    assignedByGroup: null,
    error: 'None',
    lastUpdatedDateTime: now.toISOString(),
    state: 'Active',
  };
}

function missingParameter(name: string): GraphError {
  return badRequest(
    `One or more parameters of the operation 'assignLicense' are missing from the request payload. The missing parameters are: ${name}.`,
  );
}
