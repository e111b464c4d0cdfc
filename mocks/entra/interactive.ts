import { createHash, randomBytes } from 'node:crypto';
import type { MockRequest, MockResponse } from '../control.js';
import { type Directory, MICROSOFT, type Tenant } from './directory.js';
import { type DirectoryObject, isJsonObject, listOf } from './directory-objects.js';
import { ANY_TENANT, knownTenant, missingParameter } from './discovery.js';
import { EntraError, jsonResponse, UNCACHED } from './errors.js';
import { delegatedTarget, isGraph } from './resources.js';

interface Code {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly challenge: string | null;
  readonly nonce: string | null;
  readonly userPrincipalName: string;
  /** Its redirect URI was registered for public clients, which have no secret. */
  readonly isPublicClient: boolean;
  readonly expiresAt: number;
  isRedeemed: boolean;
}

interface DeviceCode {
  readonly clientId: string;
  readonly expiresAt: number;
  polls: number;
}

/** The sign-ins that wait for their client; whoever is to sign in is there at once and agrees. */
export interface InteractiveSignIns {
  readonly codes: Map<string, Code>;
  readonly deviceCodes: Map<string, DeviceCode>;
  /** Who signs in where `login_hint` names nobody. */
  readonly userPrincipalName: string;
}

export function createSignIns(userPrincipalName: string): InteractiveSignIns {
  return { codes: new Map(), deviceCodes: new Map(), userPrincipalName };
}

const CODE_LIFETIME_MS = 600_000;
const DEVICE_CODE_LIFETIME_SECONDS = 900;
const MAX_WAITING = 1000;

/** What an interactive sign-in acts upon. */
export interface SignInContext {
  readonly directory: Directory;
  readonly signIns: InteractiveSignIns;
  now(): Date;
}

/**
 * `POST /{tenant}/oauth2/v2.0/devicecode`. The user enters the code after the first poll, so that a client is seen to wait.
 * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code
 */
export function answerDeviceCode(segment: string, request: MockRequest, context: SignInContext): MockResponse {
  const form = new URLSearchParams(request.body.toString('utf8'));
  const clientId = required(form, 'client_id');
  required(form, 'scope');
  if (!ANY_TENANT.has(segment)) {
    assertClient(knownTenant(context.directory, segment, 'invalid_request'), clientId, context.directory);
  }
  const [userCode, deviceCode] = [
    randomBytes(4).toString('hex').toUpperCase(),
    `D${randomBytes(32).toString('base64url')}`,
  ];
  const expiresAt = context.now().getTime() + DEVICE_CODE_LIFETIME_SECONDS * 1000;
  remember(context.signIns.deviceCodes, deviceCode, { clientId, expiresAt, polls: 0 });
  return jsonResponse(
    200,
    {
      user_code: userCode,
      device_code: deviceCode,
      verification_uri: 'https://microsoft.com/devicelogin',
      expires_in: DEVICE_CODE_LIFETIME_SECONDS,
      interval: 1,
      message: `To sign in, use a web browser to open the page https://microsoft.com/devicelogin and enter the code ${userCode} to authenticate.`,
    },
    UNCACHED,
  );
}

/** Gives the name of the user who entered the code; throws AADSTS70016 until that has happened. */
export function redeemDeviceCode(
  { deviceCodes, userPrincipalName }: InteractiveSignIns,
  { code, clientId, now }: { readonly code: string; readonly clientId: string; readonly now: Date },
): string {
  const waiting = deviceCodes.get(code);
  if (waiting?.clientId.toLowerCase() !== clientId.toLowerCase())
    throw new EntraError(
      70018,
      'Invalid verification code due to User typing in wrong user code for device code flow.',
    );
  if (waiting.expiresAt <= now.getTime()) throw new EntraError(70020, 'The provided device code has expired.');
  waiting.polls += 1;
  if (waiting.polls === 1)
    throw new EntraError(70016, 'OAuth 2.0 device flow error. Authorization is pending. Continue polling.');
  deviceCodes.delete(code);
  return userPrincipalName;
}

/**
 * `GET /{tenant}/oauth2/v2.0/authorize`: signs in at once and leads back to the client with a code. What is wrong with the client or
 * its redirect URI is told on the page, never to the redirect URI.
 * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
 */
export function answerAuthorize(segment: string, request: MockRequest, context: SignInContext): MockResponse {
  const query = new URLSearchParams(request.search);
  const { directory, signIns } = context;
  const userPrincipalName = query.get('login_hint') ?? signIns.userPrincipalName;
  const domain = userPrincipalName.split('@')[1] ?? '';
  const tenant = knownTenant(directory, ANY_TENANT.has(segment) ? domain : segment, 'invalid_request');
  const clientId = required(query, 'client_id');
  const redirectUri = required(query, 'redirect_uri');
  const registered = assertRegistered(tenant, { clientId, redirectUri }, directory);
  if (query.get('response_type') !== 'code')
    throw new EntraError(70002, 'The mock signs in with response_type=code only.');
  const code = `1.${randomBytes(48).toString('base64url')}`;
  remember(signIns.codes, code, {
    clientId,
    redirectUri,
    challenge: query.get('code_challenge'),
    nonce: query.get('nonce'),
    userPrincipalName,
    isPublicClient: registered.publicOnes.some((uri) => isSameUri(uri, redirectUri)),
    expiresAt: context.now().getTime() + CODE_LIFETIME_MS,
    isRedeemed: false,
  });
  return leadBack(redirectUri, query, { code, session_state: randomBytes(16).toString('hex') });
}

/**
 * `GET /{tenant}/v2.0/adminconsent`: the administrator consents at once, to the scopes of the resource that is asked for, and the browser
 * is led back. https://learn.microsoft.com/entra/identity-platform/v2-admin-consent
 */
export function answerAdminConsent(segment: string, request: MockRequest, { directory }: SignInContext): MockResponse {
  const query = new URLSearchParams(request.search);
  const tenant = knownTenant(directory, segment, 'invalid_request');
  const clientId = required(query, 'client_id');
  const redirectUri = required(query, 'redirect_uri');
  assertRegistered(tenant, { clientId, redirectUri }, directory);
  const client = directory.objects.find('servicePrincipal', 'appId', clientId, tenant.id);
  const { resource, scopes } = delegatedTarget(required(query, 'scope'));
  const appId = isGraph(resource, request.origin) ? MICROSOFT.graph : MICROSOFT.dynamics;
  const target = directory.objects.find('servicePrincipal', 'appId', appId, tenant.id);
  if (client && target) {
    const granted = scopes.length > 0 ? scopes : declaredScopes(directory, { tenant, clientId, target });
    const before = directory.grantedScopes(client.id, appId, '');
    directory.putGrant(tenant.id, client.id, target.id, [...new Set([...before, ...granted])].join(' '));
  }
  return leadBack(redirectUri, query, { admin_consent: 'True', tenant: tenant.id });
}

/** `/.default` asks for what the application declares that it needs. */
function declaredScopes(
  { objects }: Directory,
  {
    tenant,
    clientId,
    target,
  }: { readonly tenant: Tenant; readonly clientId: string; readonly target: DirectoryObject },
): readonly string[] {
  const application = objects.find('application', 'appId', clientId, tenant.id);
  const required = application ? listOf(application, 'requiredResourceAccess') : [];
  const ids = required
    .filter(({ resourceAppId }) => resourceAppId === target.properties.appId)
    .flatMap(({ resourceAccess }) => (Array.isArray(resourceAccess) ? resourceAccess : []))
    .map((access) => (isJsonObject(access) ? access.id : null));
  return listOf(target, 'oauth2PermissionScopes')
    .filter(({ id = null }) => ids.includes(id))
    .map(({ value }) => String(value));
}

/** Gives whose sign-in a code stands for; throws where it is unknown, expired, used up, or not this client's. */
export function redeemCode(
  { codes }: InteractiveSignIns,
  given: {
    readonly code: string;
    readonly verifier: string | null;
    readonly redirectUri: string;
    readonly clientId: string;
    readonly now: Date;
  },
): Code {
  const code = codes.get(given.code);
  if (code?.clientId.toLowerCase() !== given.clientId.toLowerCase())
    throw new EntraError(70000, 'Provided grant is invalid or malformed.');
  if (code.isRedeemed)
    throw new EntraError(
      54005,
      'OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.',
    );
  if (code.expiresAt <= given.now.getTime())
    throw new EntraError(
      70008,
      'The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.',
    );
  if (code.redirectUri !== given.redirectUri)
    throw new EntraError(
      500112,
      `The reply address '${given.redirectUri}' does not match the reply address '${code.redirectUri}' provided when requesting Authorization code.`,
    );
  if (code.challenge !== null && code.challenge !== challengeOf(given.verifier ?? ''))
    throw new EntraError(
      501481,
      'The Code_Verifier does not match the code_challenge supplied in the authorization request.',
    );
  code.isRedeemed = true;
  return code;
}

function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}

function assertClient(tenant: Tenant, clientId: string, directory: Directory): void {
  if (directory.application(tenant, clientId)) return;
  throw new EntraError(
    700016,
    `Application with identifier '${clientId}' was not found in the directory '${tenant.displayName}'.`,
  );
}

/** Throws for a client that is not in the tenant, and for a redirect URI that is not the client's. */
function assertRegistered(
  tenant: Tenant,
  { clientId, redirectUri }: { readonly clientId: string; readonly redirectUri: string },
  directory: Directory,
): RegisteredUris {
  assertClient(tenant, clientId, directory);
  const registered = registeredUris(tenant, clientId, directory);
  if (registered.all.some((uri) => isSameUri(uri, redirectUri))) return registered;
  throw new EntraError(
    50011,
    `The redirect URI '${redirectUri}' specified in the request does not match the redirect URIs configured for the application '${clientId}'.`,
  );
}

interface RegisteredUris {
  readonly all: readonly string[];
  readonly publicOnes: readonly string[];
}

/** The redirect URIs of an application; of one that another tenant owns, those of its service principal. */
function registeredUris({ id }: Tenant, clientId: string, { objects }: Directory): RegisteredUris {
  const application = objects.find('application', 'appId', clientId, id);
  const principal = objects.find('servicePrincipal', 'appId', clientId, id);
  const uris = (platform: string) => {
    const value = application?.properties[platform];
    return isJsonObject(value) ? textsOf(value.redirectUris) : [];
  };
  const replyUrls = application ? [] : textsOf(principal?.properties.replyUrls);
  const publicOnes = [...uris('publicClient'), ...replyUrls];
  return { all: [...uris('web'), ...uris('spa'), ...publicOnes], publicOnes };
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** `http://localhost` stands for any of its ports. https://learn.microsoft.com/entra/identity-platform/reply-url */
function isSameUri(registered: string, given: string): boolean {
  if (registered === given) return true;
  if (!URL.canParse(registered) || !URL.canParse(given)) return false;
  const [one, other] = [new URL(registered), new URL(given)];
  const isLoopback = one.protocol === 'http:' && one.hostname === 'localhost' && other.hostname === 'localhost';
  return isLoopback && other.protocol === 'http:' && one.pathname === other.pathname;
}

function leadBack(redirectUri: string, query: URLSearchParams, answer: Record<string, string>): MockResponse {
  const state = query.get('state');
  const fields = { ...answer, ...(state === null ? {} : { state }) };
  if (query.get('response_mode') === 'form_post') return formPost(redirectUri, fields);
  const target = new URL(redirectUri);
  for (const [name, value] of Object.entries(fields)) target.searchParams.set(name, value);
  return { status: 302, headers: { ...UNCACHED, location: target.href } };
}

function formPost(action: string, fields: Readonly<Record<string, string>>): MockResponse {
  const inputs = Object.entries(fields).map(
    ([name, value]) => `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`,
  );
  const body = `<!DOCTYPE html><html><head><title>Working...</title></head><body onload="document.forms[0].submit()"><form method="POST" action="${escapeHtml(action)}">${inputs.join('')}<noscript><input type="submit" value="Continue"></noscript></form></body></html>`;
  return { status: 200, headers: { ...UNCACHED, 'content-type': 'text/html; charset=utf-8' }, body };
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

function required(values: URLSearchParams, name: string): string {
  const value = values.get(name);
  if (!value) throw missingParameter(name);
  return value;
}

/** The oldest is forgotten beyond a limit. */
function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  const [oldest] = map.keys();
  if (oldest !== undefined && map.size >= MAX_WAITING) map.delete(oldest);
  map.set(key, value);
}
