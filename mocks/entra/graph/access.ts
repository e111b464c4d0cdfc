import { errors, type JWTPayload } from 'jose';
import { type Directory, MICROSOFT } from '../directory.js';
import type { DirectoryObject } from '../directory-objects.js';
import type { SigningKey } from '../keys.js';
import type { Caller, GraphCall, GraphRequest } from './call.js';
import { accessDenied, GraphError } from './graph-error.js';
import { type Access, DIRECTORY_ROLES } from './permissions.js';

/** Tells who calls, from a token of the mock's own with the audience of Microsoft Graph; throws Graph's 401 and 403. */
export async function readCaller(
  request: GraphRequest,
  { directory, key, now }: { readonly directory: Directory; readonly key: SigningKey; readonly now: Date },
): Promise<Caller> {
  const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) throw invalidToken('Access token is empty.');
  const claims = await verify(token, request, { key, now });
  const tenant = directory.tenant(String(claims.tid));
  if (tenant === undefined) throw invalidToken('Access token validation failure. Invalid issuer.');
  const isUser = typeof claims.scp === 'string';
  const objectId = String(claims.oid);
  if (directory.objects.get(isUser ? 'user' : 'servicePrincipal', objectId) === undefined) {
    throw new GraphError(
      403,
      'Authorization_IdentityNotFound',
      'The identity of the calling application could not be established.',
    );
  }
  const permissions = isUser
    ? String(claims.scp).split(' ')
    : Array.isArray(claims.roles)
      ? claims.roles.map(String)
      : [];
  return { tenant, clientId: String(claims.appid), objectId, isUser, permissions, claims };
}

async function verify(
  token: string,
  { root }: GraphRequest,
  { key, now }: { readonly key: SigningKey; readonly now: Date },
): Promise<JWTPayload> {
  const { host } = new URL(root);
  const origins = ['https://graph.microsoft.com', `http://${host}`, `https://${host}`];
  const audience = [MICROSOFT.graph, ...origins, ...origins.map((origin) => `${origin}/`)];
  try {
    return await key.verify(token, { audience, now });
  } catch (error) {
    throw invalidToken(refusal(error));
  }
}

function refusal(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'Lifetime validation failed, the token is expired.';
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'aud')
    return 'Access token validation failure. Invalid audience.';
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return 'Access token validation failure. Invalid signature.';
  return 'CompactToken parsing failed with error code: 80049217';
}

function invalidToken(message: string): GraphError {
  return new GraphError(401, 'InvalidAuthenticationToken', message);
}

/** Throws 403 where the caller lacks the permission, or the directory role that a user needs beside it. */
export function assertAccess(call: GraphCall, access: Access, owned?: DirectoryObject): void {
  const isOwner = access.owners === true && owned?.hidden.owners?.includes(call.caller.objectId) === true;
  if (!mayOperate(call.caller, access, isOwner)) throw accessDenied();
  if (!call.caller.isUser || isOwner || access.directoryRoles === undefined) return;
  const wanted = access.directoryRoles.map((name): string => DIRECTORY_ROLES[name]);
  const held = call.directory.directoryRoles(call.caller.objectId, call.caller.tenant.id);
  if (!held.some((role) => wanted.includes(role))) throw accessDenied();
}

function mayOperate({ permissions, isUser }: Caller, access: Access, isOwner: boolean): boolean {
  const sufficient = isOwner && !isUser ? [...access.permissions, 'Application.ReadWrite.OwnedBy'] : access.permissions;
  return permissions.some((permission) => sufficient.includes(permission));
}
