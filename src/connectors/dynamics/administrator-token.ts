import { RequestError } from '../../model/errors.js';

/** What a token tells of itself; null where it does not. */
export interface TokenFacts {
  readonly tenantId: string | null;
}

export interface ExpectedToken {
  /** `input.administrator.graphToken` */
  readonly field: string;
  /** What the token is for, in words. */
  readonly service: string;
  /** Addresses or ids that the token may name as its audience. */
  readonly audiences: readonly string[];
  /** How an administrator gets one. */
  readonly remedy: string;
}

/** How far the clocks of two machines may differ. */
const SKEW_SECONDS = 300;

/**
 * Looks into an access token before it is used, so that a wrong one is told in plain words. Its signature is for the service to check. Throws
 * BAD_USER_INPUT without the token. https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 */
export function inspectToken(token: string, expected: ExpectedToken, now = Date.now()): TokenFacts {
  const { field, service, audiences, remedy } = expected;
  const refuse = (why: string) =>
    new RequestError('BAD_USER_INPUT', `Expected an access token for ${service}, but ${why}. ${remedy}`, { field });
  // What else it held would be sent as a header.
  if (!/^[\w.~+/=-]+$/.test(token)) throw refuse('it holds characters that no token has');
  const claims = decodeClaims(token);
  if (claims === null) return { tenantId: null };
  const { aud, exp, nbf, tid } = claims;
  if (typeof aud === 'string' && !audiences.some((audience) => isSame(audience, aud)))
    throw refuse(`this one is for "${aud}"`);
  if (typeof exp === 'number' && exp + SKEW_SECONDS < now / 1000)
    throw refuse(`it expired at ${new Date(exp * 1000).toISOString()}`);
  if (typeof nbf === 'number' && nbf - SKEW_SECONDS > now / 1000)
    throw refuse(`it is not valid before ${new Date(nbf * 1000).toISOString()}; check the clock of this machine`);
  return { tenantId: typeof tid === 'string' ? tid.toLowerCase() : null };
}

/** The claims of a JSON Web Token; null for a token of another form. */
function decodeClaims(token: string): Readonly<Record<string, unknown>> | null {
  const [, payload, signature] = token.split('.');
  if (!payload || !signature) return null;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    return typeof claims === 'object' && claims !== null ? { ...claims } : null;
  } catch {
    return null;
  }
}

function isSame(one: string, other: string): boolean {
  const plain = (audience: string) => audience.toLowerCase().replace(/\/+$/, '');
  return plain(one) === plain(other);
}
