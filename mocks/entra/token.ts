import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { MockRequest, MockResponse } from '../control.js';
import { authenticateClient, type ClientProof, readClientCredentials } from './client-authentication.js';
import { type Application, type Directory, MICROSOFT, type Tenant, type User } from './directory.js';
import { ANY_TENANT, issuerV1, issuerV2, knownTenant, missingParameter } from './discovery.js';
import { correlationIdOf, EntraError, jsonResponse, UNCACHED } from './errors.js';
import { type InteractiveSignIns, redeemCode, redeemDeviceCode } from './interactive.js';
import type { SigningKey } from './keys.js';
import { applicationTarget, assertResource, delegatedTarget, isGraph, type Target } from './resources.js';

/** What the token endpoint acts upon; `refreshTokens` is its memory. */
export interface TokenContext {
  readonly directory: Directory;
  readonly key: SigningKey;
  /** The audiences that the tenant knows; undefined for every http or https origin. */
  readonly resources: readonly string[] | undefined;
  readonly refreshTokens: Map<string, RefreshGrant>;
  readonly signIns: InteractiveSignIns;
  now(): Date;
}

export interface RefreshGrant {
  readonly clientId: string;
  readonly userPrincipalName: string;
}

const LIFETIME_SECONDS = 3599;
const MAX_REFRESH_TOKENS = 10_000;

/**
 * `POST /{tenant}/oauth2/v2.0/token`, and without `/v2.0` the older endpoint, which takes a `resource` for a scope and answers numbers as
 * text. Throws `EntraError` for whatever Entra refuses.
 * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 */
export async function answerTokenRequest(
  segment: string,
  version: 1 | 2,
  request: MockRequest,
  context: TokenContext,
): Promise<MockResponse> {
  if (request.method !== 'POST') {
    throw new EntraError(900561, `The endpoint only accepts POST requests. Received a ${request.method} request.`);
  }
  const form = readForm(request);
  const grantType = required(form, 'grant_type');
  const grant = Object.hasOwn(GRANTS, grantType) ? GRANTS[grantType] : undefined;
  if (!grant) throw new EntraError(70003, `The app requested an unsupported grant type '${grantType}'.`);
  const tenant = tenantOf(segment, form, context);
  // A client may be made to believe in https, or in Entra itself, and yet be led here by the metadata it was given.
  const origin = request.origin.toLowerCase();
  const origins = [origin, origin.replace(/^http:/, 'https:'), 'https://login.microsoftonline.com'];
  const client = await authenticateClient(readClientCredentials(form, request.headers.authorization), {
    directory: context.directory,
    tenant,
    now: context.now(),
    origins,
  });
  const body = await grant({ form, version, tenant, origin: request.origin, context, ...client });
  const headers = {
    ...UNCACHED,
    'x-ms-request-id': randomUUID(),
    'client-request-id': correlationIdOf(request) ?? randomUUID(),
  };
  return jsonResponse(200, version === 1 ? asText(body) : body, headers);
}

interface TokenRequest {
  readonly form: URLSearchParams;
  readonly version: 1 | 2;
  readonly tenant: Tenant;
  readonly origin: string;
  readonly context: TokenContext;
  readonly application: Application;
  readonly proof: ClientProof;
}

type TokenBody = Readonly<Record<string, string | number>>;

const GRANTS: Readonly<Record<string, (request: TokenRequest) => Promise<TokenBody>>> = {
  client_credentials: grantToApplication,
  password: grantByPassword,
  refresh_token: grantByRefreshToken,
  authorization_code: grantByCode,
  device_code: grantByDeviceCode,
  'urn:ietf:params:oauth:grant-type:device_code': grantByDeviceCode,
};

/** Anything but a form is read as an empty one, so that the answer names the parameter that is missed first. */
function readForm({ headers, body }: MockRequest): URLSearchParams {
  const isForm = headers['content-type']?.toLowerCase().startsWith('application/x-www-form-urlencoded') ?? false;
  return new URLSearchParams(isForm ? body.toString('utf8') : '');
}

function required(form: URLSearchParams, name: string): string {
  const value = form.get(name);
  if (!value) throw missingParameter(name);
  return value;
}

/** A user's domain tells the tenant where the path does not; an application has no such domain. */
function tenantOf(segment: string, form: URLSearchParams, context: TokenContext): Tenant {
  if (!ANY_TENANT.has(segment)) return knownTenant(context.directory, segment, 'invalid_request');
  const user = userNameOf(form, context);
  if (form.get('grant_type') !== 'client_credentials' && user) {
    return knownTenant(context.directory, user.split('@')[1] ?? '', 'invalid_request');
  }
  throw new EntraError(
    50059,
    'No tenant-identifying information found in either the request or implied by any provided credentials.',
  );
}

function userNameOf(form: URLSearchParams, { refreshTokens, signIns }: TokenContext): string | undefined {
  const code = signIns.codes.get(form.get('code') ?? '');
  const refresh = refreshTokens.get(form.get('refresh_token') ?? '');
  const device = form.has('device_code') ? signIns.userPrincipalName : undefined;
  return form.get('username') ?? refresh?.userPrincipalName ?? code?.userPrincipalName ?? device;
}

async function grantToApplication(request: TokenRequest): Promise<TokenBody> {
  if (request.proof === 'none') throw noProof();
  const principalId = principalOf(request);
  const target = targetOf(request, applicationTarget);
  const { directory } = request.context;
  const roles = isGraph(target.resource, request.origin)
    ? { roles: directory.assignedRoles(principalId, MICROSOFT.graph, request.tenant.id) }
    : {};
  return answerWithAccessToken(request, target, {
    appidacr: request.proof === 'secret' ? '1' : '2',
    idp: issuerV1(request.tenant.id),
    oid: principalId,
    sub: principalId,
    ...roles,
  });
}

/** The service principal, without which an application is registered and yet may not enter. */
function principalOf({ application, tenant }: TokenRequest): string {
  if (application.servicePrincipalId !== null) return application.servicePrincipalId;
  throw new EntraError(
    7000229,
    `The client application ${application.clientId} is missing service principal in the tenant ${tenant.id}. See instructions here: https://go.microsoft.com/fwlink/?linkid=2225119`,
  );
}

async function grantByPassword(request: TokenRequest): Promise<TokenBody> {
  assertPublicClient(request);
  const user = findUser(required(request.form, 'username'), request);
  if (user.password !== required(request.form, 'password')) {
    throw new EntraError(50126, 'Error validating credentials due to invalid username or password.');
  }
  assertMayEnter(user);
  return grantToUser(request, user);
}

async function grantByRefreshToken(request: TokenRequest): Promise<TokenBody> {
  assertPublicClient(request);
  const grant = request.context.refreshTokens.get(required(request.form, 'refresh_token'));
  if (grant?.clientId !== request.application.clientId)
    throw new EntraError(70000, 'Provided grant is invalid or malformed.');
  const user = findUser(grant.userPrincipalName, request);
  assertMayEnter(user);
  return grantToUser(request, user);
}

async function grantByCode(request: TokenRequest): Promise<TokenBody> {
  const { form, application, context } = request;
  const { userPrincipalName, isPublicClient, nonce } = redeemCode(context.signIns, {
    code: required(form, 'code'),
    verifier: form.get('code_verifier'),
    redirectUri: required(form, 'redirect_uri'),
    clientId: application.clientId,
    now: context.now(),
  });
  if (!isPublicClient) assertPublicClient(request);
  const user = findUser(userPrincipalName, request);
  assertMayEnter(user);
  return grantToUser(request, user, nonce);
}

async function grantByDeviceCode(request: TokenRequest): Promise<TokenBody> {
  const { form, application, context } = request;
  assertPublicClient(request);
  const code = required(form, 'device_code');
  const name = redeemDeviceCode(context.signIns, { code, clientId: application.clientId, now: context.now() });
  const user = findUser(name, request);
  assertMayEnter(user);
  return grantToUser(request, user);
}

function assertPublicClient({ application, proof }: TokenRequest): void {
  if (proof === 'none' && !application.isFallbackPublicClient) throw noProof();
}

function noProof(): EntraError {
  return new EntraError(
    7000218,
    "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
  );
}

function findUser(name: string, { tenant, context }: TokenRequest): User {
  const user = context.directory.user(name);
  if (user?.tenantId === tenant.id) return user;
  throw new EntraError(
    50034,
    `The user account ${name} does not exist in the ${tenant.id} directory. To sign into this application, the account must be added to the directory.`,
  );
}

function assertMayEnter({ state }: User): void {
  switch (state) {
    case 'locked':
      throw new EntraError(50053, "You've tried to sign in too many times with an incorrect user ID or password.");
    case 'disabled':
      throw new EntraError(50057, 'The user account is disabled.');
    case 'password change required':
      throw new EntraError(50055, 'The password is expired.');
    case 'multi-factor required':
      throw new EntraError(
        50076,
        'Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access the resource.',
      );
    case 'multi-factor registration required':
      throw new EntraError(
        50079,
        'Due to a configuration change made by your administrator, or because you moved to a new location, you must enroll in multi-factor authentication to access the resource.',
      );
    default:
      return;
  }
}

async function grantToUser(request: TokenRequest, user: User, nonce: string | null = null): Promise<TokenBody> {
  const { application, form, version, tenant, context } = request;
  const target = targetOf(request, delegatedTarget);
  const scopes = consentedScopes(request, user, target);
  const wids = context.directory.directoryRoles(user.objectId, tenant.id);
  const subject = pairwiseSubject(user, application);
  const answer = await answerWithAccessToken(request, target, {
    acr: '1',
    amr: ['pwd'],
    appidacr: request.proof === 'none' ? '0' : request.proof === 'secret' ? '1' : '2',
    name: user.displayName,
    oid: user.objectId,
    scp: scopes.join(' '),
    ...(wids.length > 0 ? { wids } : {}),
    sub: subject,
    unique_name: user.userPrincipalName,
    upn: user.userPrincipalName,
  });
  const isV1 = version === 1;
  return {
    ...answer,
    scope: isV1 ? scopes.join(' ') : [...scopes, '.default'].map((scope) => `${target.resource}/${scope}`).join(' '),
    ...(isV1 || target.openId.has('offline_access') ? { refresh_token: rememberUser(request, user) } : {}),
    ...(isV1 || target.openId.has('openid') ? { id_token: await idToken(request, user, { sub: subject, nonce }) } : {}),
    ...(form.get('client_info') === '1' ? { client_info: base64urlJson({ uid: user.objectId, utid: tenant.id }) } : {}),
  };
}

/** What was consented to of a resource; AADSTS65001 where that is nothing, or not all that was asked for by name. */
function consentedScopes(request: TokenRequest, user: User, { resource, scopes }: Target): readonly string[] {
  const { application, context } = request;
  const appId = isGraph(resource, request.origin) ? MICROSOFT.graph : MICROSOFT.dynamics;
  const granted = context.directory.grantedScopes(principalOf(request), appId, user.objectId);
  if (granted.length > 0 && scopes.every((scope) => granted.includes(scope))) return granted;
  throw new EntraError(
    65001,
    `The user or administrator has not consented to use the application with ID '${application.clientId}' named '${application.displayName}'. Send an interactive authorization request for this user and resource.`,
  );
}

/** The older endpoint takes the audience itself for a scope. */
function targetOf(
  { form, version, context, tenant, origin }: TokenRequest,
  readScope: (scope: string) => Target,
): Target {
  const target =
    version === 1
      ? { resource: required(form, 'resource'), scopes: [], openId: new Set<string>() }
      : readScope(required(form, 'scope'));
  assertResource(target.resource, { resources: context.resources, origin, tenantName: tenant.displayName });
  return target;
}

async function answerWithAccessToken(
  { version, tenant, context, application }: TokenRequest,
  { resource }: Target,
  claims: Readonly<Record<string, unknown>>,
): Promise<TokenBody> {
  const now = Math.floor(context.now().getTime() / 1000);
  const times = { iat: now, nbf: now, exp: now + LIFETIME_SECONDS };
  const common = {
    aud: resource,
    iss: issuerV1(tenant.id),
    ...times,
    appid: application.clientId,
    tid: tenant.id,
    ver: '1.0',
    uti: randomId(16),
  };
  const accessToken = await context.key.sign({ ...common, ...claims });
  const lifetime = { token_type: 'Bearer', expires_in: LIFETIME_SECONDS, ext_expires_in: LIFETIME_SECONDS };
  if (version === 2) return { ...lifetime, access_token: accessToken };
  return { ...lifetime, expires_on: times.exp, not_before: times.nbf, resource, access_token: accessToken };
}

function idToken(
  { tenant, context, application, origin, version }: TokenRequest,
  user: User,
  { sub, nonce }: { readonly sub: string; readonly nonce: string | null },
): Promise<string> {
  const now = Math.floor(context.now().getTime() / 1000);
  return context.key.sign({
    aud: application.clientId,
    iss: version === 2 ? issuerV2(origin, tenant.id) : issuerV1(tenant.id),
    iat: now,
    nbf: now,
    exp: now + LIFETIME_SECONDS,
    name: user.displayName,
    oid: user.objectId,
    preferred_username: user.userPrincipalName,
    sub,
    ...(nonce === null ? {} : { nonce }),
    tid: tenant.id,
    ver: `${version}.0`,
    uti: randomId(16),
  });
}

/** A user is known to each application by a name of its own, the same one every time. */
function pairwiseSubject(user: User, application: Application): string {
  return createHash('sha256').update(`${user.objectId} ${application.clientId}`).digest('base64url');
}

/** The oldest are forgotten beyond a limit, so that a long run does not fill the memory. */
function rememberUser({ context: { refreshTokens }, application }: TokenRequest, user: User): string {
  const [oldest] = refreshTokens.keys();
  if (oldest !== undefined && refreshTokens.size >= MAX_REFRESH_TOKENS) refreshTokens.delete(oldest);
  const token = `0.A${randomId(48)}`;
  refreshTokens.set(token, { clientId: application.clientId, userPrincipalName: user.userPrincipalName });
  return token;
}

function randomId(bytes: number): string {
  return randomBytes(bytes).toString('base64url');
}

function base64urlJson(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function asText(body: TokenBody): TokenBody {
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [name, String(value)]));
}
