import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';
import type { MockClock, MockRequest } from '../control.js';
import { CODES, DynamicsError, queryError, rowNotFound } from './errors.js';
import { assertMayImpersonate } from './privileges.js';
import { isGuid, normalizeGuid } from './resource-path.js';
import type { Row, Store } from './store.js';

/** The claims of an access token that decide who calls. */
export interface Claims {
  /** Client id; an app-only token is mapped by it. */
  readonly appid?: string;
  /** Object id; a user's token is mapped by it. */
  readonly oid?: string;
  /** Present in a user's token only. */
  readonly scp?: string;
}

export interface AuthenticatorOptions {
  /** Base URL of the Entra that signs the tokens. */
  readonly authority: string;
  readonly tenant: string;
  readonly clock: MockClock;
  /** In place of the signature check: the claims of a token, or null where it is not valid. */
  readonly authenticate?: (token: string) => Claims | null;
}

const CLOCK_SKEW_SECONDS = 300;

/** Tells who calls, or throws the service's own 401 and 403. https://learn.microsoft.com/power-apps/developer/data-platform/authenticate-oauth */
export class Authenticator {
  private readonly keys: ReturnType<typeof createRemoteJWKSet>;
  private readonly verified = new Map<string, JWTPayload & Claims>();

  constructor(
    private readonly store: Store,
    private readonly options: AuthenticatorOptions,
  ) {
    const { authority, tenant } = options;
    // The keys of a mock that was started anew must be seen soon, hence the short cool-down.
    this.keys = createRemoteJWKSet(new URL(`${authority}/${tenant}/discovery/v2.0/keys`), {
      cooldownDuration: 1000,
      timeoutDuration: 5000,
    });
  }

  /** The row of the user that a request acts for. */
  async authenticate(request: MockRequest): Promise<Row> {
    const token = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined) throw this.unauthorized(request);
    const claims = await this.claimsOf(token, request);
    const user = this.userOf(claims);
    if (user === undefined)
      throw new DynamicsError(403, CODES.notMember, 'The user is not a member of the organization.');
    return this.impersonated(request, assertEnabled(user));
  }

  private async claimsOf(token: string, request: MockRequest): Promise<Claims> {
    if (this.options.authenticate === undefined) return this.verify(token, request);
    const claims = this.options.authenticate(token);
    if (claims === null) throw this.unauthorized(request, 'the token is not valid');
    return claims;
  }

  /** A signature is checked once; times are checked at every request, by a clock that tests may set. */
  private async verify(token: string, request: MockRequest): Promise<Claims> {
    const key = `${request.origin} ${token}`;
    const known = this.verified.get(key);
    if (known !== undefined && isCurrent(known, this.options.clock.now())) return known;
    const claims = await this.verifySignature(token, request);
    if (this.verified.size >= MAX_VERIFIED) this.verified.clear();
    this.verified.set(key, claims);
    return claims;
  }

  private async verifySignature(token: string, request: MockRequest): Promise<JWTPayload & Claims> {
    const { authority, tenant, clock } = this.options;
    try {
      const { payload } = await jwtVerify<JWTPayload & Claims>(token, this.keys, {
        algorithms: ['RS256'],
        issuer: [
          `https://sts.windows.net/${tenant}/`,
          `${authority}/${tenant}/v2.0`,
          `https://login.microsoftonline.com/${tenant}/v2.0`,
        ],
        audience: [request.origin, `${request.origin}/`],
        currentDate: clock.now(),
        clockTolerance: CLOCK_SKEW_SECONDS,
      });
      return payload;
    } catch (error) {
      // Keys that cannot be read are a fault of the set-up, not of the caller's token.
      if (!(error instanceof errors.JOSEError) || error instanceof errors.JWKSTimeout) throw error;
      throw this.unauthorized(request, error.message);
    }
  }

  private userOf(claims: Claims): Row | undefined {
    const isAppOnly = claims.scp === undefined;
    const column = isAppOnly ? 'applicationid' : 'azureactivedirectoryobjectid';
    const value = isAppOnly ? claims.appid : claims.oid;
    if (value === undefined) return undefined;
    const users = this.store.table('systemuser');
    const [id] = users.idsWith(column, value);
    return id === undefined ? undefined : users.get(id);
  }

  /** https://learn.microsoft.com/power-apps/developer/data-platform/webapi/impersonate-another-user-web-api */
  private impersonated(request: MockRequest, user: Row): Row {
    const users = this.store.table('systemuser');
    const callerId = request.headers.mscrmcallerid;
    const objectId = request.headers.callerobjectid;
    const value = callerId ?? objectId;
    if (typeof value !== 'string' || value === '') return user;
    if (!isGuid(value)) throw queryError(`The id '${value}' of the user to act for is not a GUID.`);
    const id =
      callerId !== undefined
        ? normalizeGuid(value)
        : [...users.idsWith('azureactivedirectoryobjectid', normalizeGuid(value))][0];
    const caller = id === undefined ? undefined : users.get(id);
    if (caller === undefined) throw rowNotFound('systemuser', normalizeGuid(value));
    assertMayImpersonate(this.store, user);
    return assertEnabled(caller);
  }

  /** Generic clients read tenant and resource from this header. */
  private unauthorized(request: MockRequest, reason?: string): DynamicsError {
    const { authority, tenant } = this.options;
    const challenge = `Bearer authorization_uri=${authority}/${tenant}/oauth2/authorize, resource_id=${request.origin}/`;
    const detail =
      reason === undefined ? '' : `, error="invalid_token", error_description="${reason.replaceAll('"', "'")}"`;
    return new DynamicsError(401, '', '', { 'www-authenticate': challenge + detail });
  }
}

const MAX_VERIFIED = 1000;

function isCurrent({ exp, nbf }: JWTPayload, now: Date): boolean {
  const seconds = now.getTime() / 1000;
  return seconds < (exp ?? 0) + CLOCK_SKEW_SECONDS && seconds >= (nbf ?? 0) - CLOCK_SKEW_SECONDS;
}

function assertEnabled(user: Row): Row {
  if (user.isdisabled !== true) return user;
  throw new DynamicsError(
    403,
    CODES.userDisabled,
    `The specified user(Id = ${String(user.systemuserid)}) is disabled. Consider enabling this user. Additional Details: {0}`,
  );
}
