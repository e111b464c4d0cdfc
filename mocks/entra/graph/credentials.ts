import { randomBytes, randomUUID, X509Certificate } from 'node:crypto';
import { compactVerify, decodeJwt } from 'jose';
import type { DirectoryObject, JsonObject } from '../directory-objects.js';
import { isJsonObject, listOf } from '../directory-objects.js';
import { assertAccess } from './access.js';
import { application, keyCredentialContext } from './applications.js';
import { bodyOf, type GraphAnswer, type GraphCall } from './call.js';
import { badRequest, GraphError } from './graph-error.js';
import { readKeyCredential } from './key-credentials.js';
import { WRITE_APPLICATIONS } from './permissions.js';
import { isoSeconds } from './time.js';

/**
 * `POST /applications/{key}/addPassword`: makes a secret and tells it this once. https://learn.microsoft.com/graph/api/application-addpassword
 */
export function addPassword(call: GraphCall): GraphAnswer {
  const object = writable(call);
  const { passwordCredential } = bodyOf(call);
  const given = isJsonObject(passwordCredential) ? passwordCredential : {};
  const credential = newPassword(given, call.now);
  const passwordCredentials = [...listOf(object, 'passwordCredentials'), credential];
  call.directory.objects.change(object, { passwordCredentials });
  const context = `${call.root}/$metadata#microsoft.graph.passwordCredential`;
  return { status: 200, body: { '@odata.context': context, ...credential } };
}

/** `POST /applications/{key}/removePassword`: 204. */
export function removePassword(call: GraphCall): GraphAnswer {
  const object = writable(call);
  return removeCredential(call, object, 'passwordCredentials');
}

/**
 * `POST /applications/{key}/addKey`: an application rolls its own keys, without any permission, by a proof that an existing certificate
 * signs. https://learn.microsoft.com/graph/api/application-addkey
 */
export async function addKey(call: GraphCall): Promise<GraphAnswer> {
  const object = application(call);
  const { keyCredential, proof } = bodyOf(call);
  await assertRolling(call, object, proof);
  if (!isJsonObject(keyCredential)) throw badRequest("A value is required for property 'keyCredential'.");
  const context = keyCredentialContext(call, object);
  const credential = readKeyCredential(keyCredential, { ...context, existing: [] });
  const keyCredentials = [...context.existing, credential];
  call.directory.objects.change(object, { keyCredentials });
  const name = `${call.root}/$metadata#microsoft.graph.keyCredential`;
  return { status: 200, body: { '@odata.context': name, ...credential, key: null } };
}

/** `POST /applications/{key}/removeKey`: 204, by the same proof. https://learn.microsoft.com/graph/api/application-removekey */
export async function removeKey(call: GraphCall): Promise<GraphAnswer> {
  const object = application(call);
  await assertRolling(call, object, bodyOf(call).proof);
  return removeCredential(call, object, 'keyCredentials');
}

function writable(call: GraphCall): DirectoryObject {
  const object = application(call);
  assertAccess(call, WRITE_APPLICATIONS, object);
  return object;
}

const SECRET_YEARS = 2;

function newPassword(given: JsonObject, now: Date): JsonObject {
  const start = timeOr(given.startDateTime, now);
  const end = new Date(start);
  end.setUTCFullYear(start.getUTCFullYear() + SECRET_YEARS);
  const expiry = timeOr(given.endDateTime, end);
  if (expiry <= start) throw badRequest('The end of the password credential must lie after its start.');
  const secretText = `${randomBytes(3).toString('hex').slice(0, 3)}8Q~${randomBytes(24).toString('base64url')}`;
  return {
    customKeyIdentifier: null,
    displayName: typeof given.displayName === 'string' ? given.displayName : null,
    endDateTime: isoSeconds(expiry),
    hint: secretText.slice(0, 3),
    keyId: randomUUID(),
    secretText,
    startDateTime: isoSeconds(start),
  };
}

function timeOr(value: unknown, otherwise: Date): Date {
  if (value === undefined || value === null) return otherwise;
  const time = new Date(String(value));
  if (Number.isNaN(time.getTime())) throw badRequest(`Cannot convert the literal '${String(value)}' to a date.`);
  return time;
}

function removeCredential(
  call: GraphCall,
  object: DirectoryObject,
  list: 'keyCredentials' | 'passwordCredentials',
): GraphAnswer {
  const { keyId } = bodyOf(call);
  const credentials = listOf(object, list);
  const left = credentials.filter(
    (credential) => String(credential.keyId).toLowerCase() !== String(keyId).toLowerCase(),
  );
  if (left.length === credentials.length) {
    const what = list === 'keyCredentials' ? 'key' : 'password';
    const message = `No ${what} credential found with keyId.`;
    throw badRequest(message, [{ code: 'InvalidValue', message, target: 'keyId' }]);
  }
  call.directory.objects.change(object, { [list]: left });
  return { status: 204 };
}

const PROOF_AUDIENCE = '00000002-0000-0000-c000-000000000000';
const PROOF_LIFETIME_SECONDS = 600;
const CLOCK_SKEW_SECONDS = 300;

/** The application itself may roll its keys, and whoever may change it; both need the proof. */
async function assertRolling(call: GraphCall, object: DirectoryObject, proof: unknown): Promise<void> {
  const isItself = !call.caller.isUser && call.caller.clientId === object.properties.appId;
  if (!isItself) assertAccess(call, WRITE_APPLICATIONS, object);
  const keys = listOf(object, 'keyCredentials').filter(({ endDateTime }) => new Date(String(endDateTime)) > call.now);
  for (const { key } of keys) if (await isProof(String(proof), String(key), object, call.now)) return;
  throw new GraphError(401, 'Authentication_MissingOrMalformed', 'Access Token missing or malformed.');
}

async function isProof(proof: string, key: string, object: DirectoryObject, now: Date): Promise<boolean> {
  try {
    const { publicKey } = new X509Certificate(Buffer.from(key, 'base64'));
    await compactVerify(proof, publicKey, { algorithms: ['RS256', 'PS256'] });
    const { aud, iss, nbf = 0, exp = 0 } = decodeJwt(proof);
    const seconds = now.getTime() / 1000;
    const isNow = nbf - CLOCK_SKEW_SECONDS <= seconds && seconds < exp && exp - nbf <= PROOF_LIFETIME_SECONDS;
    return aud === PROOF_AUDIENCE && iss === object.id && isNow;
  } catch {
    return false;
  }
}
