import type { MockRequest, MockResponse } from '../control.js';
import type { Directory, Tenant } from './directory.js';
import { EntraError, jsonResponse } from './errors.js';
import type { SigningKey } from './keys.js';

/** Path segments that stand for a tenant yet to be known. */
export const ANY_TENANT: ReadonlySet<string> = new Set(['common', 'organizations', 'consumers']);

const MICROSOFT_HOSTS = ['login.microsoftonline.com', 'login.windows.net', 'login.microsoft.com', 'sts.windows.net'];

/** The issuer of access tokens, which are of version 1.0: that of Entra itself, so that a checker needs no special case. */
export function issuerV1(tenantId: string): string {
  return `https://sts.windows.net/${tenantId}/`;
}

/** The issuer of id tokens of the endpoint of version 2.0. */
export function issuerV2(origin: string, tenantId: string): string {
  return `${origin}/${tenantId}/v2.0`;
}

/** `GET /common/discovery/instance`: tells whether a host is an authority, and under which names it is known. */
export function instanceDiscovery(request: MockRequest): MockResponse {
  const endpoint = new URLSearchParams(request.search).get('authorization_endpoint');
  if (endpoint === null) throw missingParameter('authorization_endpoint');
  const asked = URL.canParse(endpoint) ? new URL(endpoint) : null;
  const own = new URL(request.origin).host;
  if (asked === null || ![own, ...MICROSOFT_HOSTS].includes(asked.host)) {
    throw new EntraError(50049, 'Unknown or invalid instance.');
  }
  return jsonResponse(200, {
    tenant_discovery_endpoint: `${asked.origin}/${asked.pathname.split('/')[1]}/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [
      { preferred_network: own, preferred_cache: own, aliases: [own] },
      { preferred_network: MICROSOFT_HOSTS[0], preferred_cache: MICROSOFT_HOSTS[1], aliases: MICROSOFT_HOSTS },
    ],
  });
}

/** The OpenID Connect document of a tenant (by id or domain), or of `common`, whose issuer is a template. */
export function openIdConfiguration(
  directory: Directory,
  segment: string,
  version: 1 | 2,
  { origin }: MockRequest,
): MockResponse {
  const tenant = ANY_TENANT.has(segment) ? segment : knownTenant(directory, segment, 'invalid_tenant').id;
  const issuerTenant = ANY_TENANT.has(segment) ? '{tenantid}' : tenant;
  const oauth2 = `${origin}/${tenant}/oauth2${version === 2 ? '/v2.0' : ''}`;
  return jsonResponse(200, {
    issuer: version === 2 ? issuerV2(origin, issuerTenant) : issuerV1(issuerTenant),
    authorization_endpoint: `${oauth2}/authorize`,
    token_endpoint: `${oauth2}/token`,
    ...(version === 2 ? { device_authorization_endpoint: `${oauth2}/devicecode` } : {}),
    jwks_uri: `${origin}/${tenant}/discovery${version === 2 ? '/v2.0' : ''}/keys`,
    response_modes_supported: ['query', 'fragment', 'form_post'],
    response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    claims_supported: ['sub', 'iss', 'aud', 'exp', 'iat', 'oid', 'tid', 'ver', 'name', 'preferred_username'],
    request_uri_parameter_supported: false,
    tenant_region_scope: null,
    cloud_instance_name: 'microsoftonline.com',
  });
}

/** The public part of the signing key. */
export function keySet(
  directory: Directory,
  key: SigningKey,
  segment: string,
  version: 1 | 2,
  { origin }: MockRequest,
): MockResponse {
  const tenant = ANY_TENANT.has(segment) ? '{tenantid}' : knownTenant(directory, segment, 'invalid_tenant').id;
  return jsonResponse(200, key.keySet(version === 2 ? issuerV2(origin, tenant) : issuerV1(tenant)));
}

/** `GET /common/userrealm/{upn}`: every domain signs in here, and none by a server of its own. */
export function userRealm(userPrincipalName: string): MockResponse {
  return jsonResponse(200, {
    ver: '1.0',
    account_type: 'Managed',
    // The name is still percent-encoded, and a domain holds nothing that would be.
    domain_name: userPrincipalName.split(/@|%40/i)[1] ?? '',
    cloud_instance_name: 'microsoftonline.com',
    cloud_audience_urn: 'urn:federation:MicrosoftOnline',
  });
}

/** Finds a tenant or throws AADSTS90002, which the documents and the token endpoint call by different names. */
export function knownTenant(
  directory: Directory,
  segment: string,
  error: 'invalid_tenant' | 'invalid_request',
): Tenant {
  const tenant = directory.tenant(segment);
  if (tenant) return tenant;
  throw new EntraError(
    90002,
    `Tenant '${segment}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.`,
    { error },
  );
}

export function missingParameter(name: string): EntraError {
  return new EntraError(900144, `The request body must contain the following parameter: '${name}'.`);
}
