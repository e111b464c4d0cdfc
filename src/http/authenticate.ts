import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { type Principal, ROLES, type Role } from '../admin/context.js';
import { RequestError } from '../model/errors.js';

/** Who may call, as the settings tell. */
export type AuthenticationOptions =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'apikey';
      readonly keys: readonly { readonly name: string; readonly role: Role; readonly key: string }[];
    }
  | { readonly kind: 'jwt'; readonly issuer: string; readonly audience: string; readonly jwksUrl: string };

/** Tells who sent a request by its headers. Throws UNAUTHENTICATED with what is expected; FORBIDDEN where no role is given. */
export type Authenticate = (headers: IncomingHttpHeaders) => Promise<Principal>;

const LOCAL: Principal = { name: 'local', role: 'admin' };

export function createAuthenticate(options: AuthenticationOptions): Authenticate {
  switch (options.kind) {
    case 'none':
      return async () => LOCAL;
    case 'apikey':
      return byKey(options.keys);
    case 'jwt':
      return byToken(options, createRemoteJWKSet(new URL(options.jwksUrl), { timeoutDuration: 5_000 }));
  }
}

function byKey(keys: readonly { readonly name: string; readonly role: Role; readonly key: string }[]): Authenticate {
  // Digests have one length, so that comparing them takes the same time whatever key was sent.
  const known = keys.map(({ name, role, key }) => ({ name, role, digest: digest(key) }));
  return async (headers) => {
    const sent = digest(bearer(headers) ?? single(headers['x-api-key']) ?? '');
    const match = known.find((key) => timingSafeEqual(key.digest, sent));
    if (match) return { name: match.name, role: match.role };
    throw new RequestError(
      'UNAUTHENTICATED',
      'Expected a known API key in the header "x-api-key" or as "authorization: Bearer <key>".',
    );
  };
}

function byToken(options: { readonly issuer: string; readonly audience: string }, keys: JWTVerifyGetKey): Authenticate {
  return async (headers) => {
    const token = bearer(headers);
    if (token === null)
      throw new RequestError('UNAUTHENTICATED', 'Expected a token in the header "authorization: Bearer <token>".');
    const { payload } = await jwtVerify(token, keys, options).catch((cause: unknown) => {
      // Keys that cannot be read are our trouble, and signing in again would not mend it.
      if (!(cause instanceof errors.JOSEError) || cause instanceof errors.JWKSTimeout) throw cause;
      const message = `Expected a valid token of ${options.issuer} for "${options.audience}". Sign in again.`;
      throw new RequestError('UNAUTHENTICATED', message, { cause });
    });
    return { name: payload.sub ?? 'unknown', role: roleOf(payload) };
  };
}

/** The highest of our roles that the claim `roles` (a list, or one name) holds. */
function roleOf(payload: JWTPayload): Role {
  const held = [payload.roles].flat();
  const role = ROLES.findLast((name) => held.includes(name));
  if (role) return role;
  throw new RequestError(
    'FORBIDDEN',
    'The token holds none of the roles reader, operator or admin in its claim "roles".',
  );
}

function bearer(headers: IncomingHttpHeaders): string | null {
  return /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? null;
}

function single(value: string | string[] | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
