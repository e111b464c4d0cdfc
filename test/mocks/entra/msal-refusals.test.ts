import { createHash, createPrivateKey, randomUUID, X509Certificate } from 'node:crypto';
import { ConfidentialClientApplication, type NodeAuthOptions, PublicClientApplication } from '@azure/msal-node';
import { type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Application, READY_MADE, readFixture, type User } from '../../../mocks/entra/directory.js';
import { createEntraMock, type EntraMock } from '../../../mocks/entra/server.js';
import { covers } from '../compatibility.js';

/*
 * The documented refusals, as msal-node reads them. It never sends what is refused with 900144 and 70003, a request without a field or
 * with a grant that nobody knows.
 * https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */

const { tenantId, clientId, clientSecret, userName, password } = READY_MADE;
const ORG = 'https://contoso.crm.dynamics.com';

let entra: EntraMock;
beforeAll(async () => {
  entra = await createEntraMock();
});
beforeEach(() => entra.reset());
afterAll(() => entra.close());

function auth(credentials: Partial<NodeAuthOptions> = {}): NodeAuthOptions {
  const base = `${entra.url}/${tenantId}`;
  return {
    clientId,
    authority: `https://localhost:${entra.port}/${tenantId}`,
    knownAuthorities: [`localhost:${entra.port}`],
    authorityMetadata: JSON.stringify({
      issuer: `${base}/v2.0`,
      authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
      token_endpoint: `${base}/oauth2/v2.0/token`,
      jwks_uri: `${base}/discovery/v2.0/keys`,
    }),
    ...credentials,
  };
}

function asApplication(credentials: Partial<NodeAuthOptions> = { clientSecret }, scope = `${ORG}/.default`) {
  const application = new ConfidentialClientApplication({ auth: auth(credentials) });
  return application.acquireTokenByClientCredential({ scopes: [scope] });
}

function asUser(change: { readonly username?: string; readonly password?: string } = {}, scope = `${ORG}/.default`) {
  const application = new PublicClientApplication({ auth: auth() });
  return application.acquireTokenByUsernamePassword({ scopes: [scope], username: userName, password, ...change });
}

function changeApplication(change: Partial<Application>): void {
  const tenant = entra.directory.tenant(tenantId);
  const application = tenant && entra.directory.application(tenant, clientId);
  if (application) entra.directory.putApplication({ ...application, ...change });
}

function changeUser(state: NonNullable<User['state']>): void {
  const user = entra.directory.user(userName);
  if (user) entra.directory.putUser({ ...user, state });
}

/** An assertion that is right but for the claims that are given. */
function assertion(change: JWTPayload): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const aud = `${entra.url}/${tenantId}/oauth2/v2.0/token`;
  const claims = { aud, iss: clientId, sub: clientId, jti: randomUUID(), iat: now, nbf: now, exp: now + 600 };
  const x5t = createHash('sha1')
    .update(new X509Certificate(readFixture('certificate.pem')).raw)
    .digest('base64url');
  const header = { alg: 'RS256', x5t };
  return new SignJWT({ ...claims, ...change })
    .setProtectedHeader(header)
    .sign(createPrivateKey(readFixture('private-key.pem')));
}

describe('msal-node is refused', () => {
  it.each<[string, JWTPayload, number]>([
    ['of another issuer', { iss: tenantId }, 700021],
    ['for another audience', { aud: 'https://evil.example' }, 700023],
    ['that is over', { exp: Math.floor(Date.now() / 1000) - 400 }, 700024],
  ])('an assertion %s', async (_name, change, errorNo) => {
    covers('entra', '8.8 msal-node', 'refused assertions: 700021, 700023, 700024, 50027');
    const clientAssertion = await assertion(change);
    await expect(asApplication({ clientAssertion })).rejects.toMatchObject({ errorCode: 'invalid_client', errorNo });
  });

  it('an assertion that is none', async () => {
    covers('entra', '8.8 msal-node', 'refused assertions: 700021, 700023, 700024, 50027');
    await expect(asApplication({ clientAssertion: 'a.b.c' })).rejects.toMatchObject({ errorNo: 50027 });
  });

  it.each<[string, Partial<Application>, () => Promise<unknown>, string, number]>([
    ['is disabled', { enabled: false }, asApplication, 'unauthorized_client', 7000112],
    [
      'has an expired secret',
      { secrets: [{ value: clientSecret, expiresAt: new Date('2020-01-01') }] },
      asApplication,
      'invalid_client',
      7000222,
    ],
    ['has no consent', { consented: false }, asUser, 'invalid_grant', 65001],
    ['is no public client', { isFallbackPublicClient: false }, asUser, 'invalid_client', 7000218],
  ])('as an application that %s', async (_name, change, ask, errorCode, errorNo) => {
    covers('entra', '8.8 msal-node', 'refused applications: 7000112, 7000222, 65001, 7000218');
    changeApplication(change);
    await expect(ask()).rejects.toMatchObject({ errorCode, errorNo });
  });

  it.each([
    ['locked', 'invalid_grant', 50053],
    ['disabled', 'invalid_grant', 50057],
    ['multi-factor required', 'interaction_required', 50076],
    ['multi-factor registration required', 'interaction_required', 50079],
  ] as const)('as a user who is %s', async (state, errorCode, errorNo) => {
    covers('entra', '8.8 msal-node', 'refused users: 50053, 50057, 50076, 50079, 50126, 50034');
    changeUser(state);
    await expect(asUser()).rejects.toMatchObject({ errorCode, errorNo });
  });

  it.each([
    ['a wrong password', { password: 'wrong' }, 50126],
    ['the name of nobody', { username: 'nobody@contoso.example' }, 50034],
  ])('with %s', async (_name, change, errorNo) => {
    covers('entra', '8.8 msal-node', 'refused users: 50053, 50057, 50076, 50079, 50126, 50034');
    await expect(asUser(change)).rejects.toMatchObject({ errorCode: 'invalid_grant', errorNo });
  });

  it('a scope that is none, or of no resource', async () => {
    covers('entra', '8.8 msal-node', 'refused scopes: 1002012, 500011, 70011');
    const narrow = asApplication({ clientSecret }, `${ORG}/user_impersonation`);
    await expect(narrow).rejects.toMatchObject({ errorCode: 'invalid_scope', errorNo: 1002012 });
    const unknown = asApplication({ clientSecret }, 'api://unknown/.default');
    await expect(unknown).rejects.toMatchObject({ errorCode: 'invalid_resource', errorNo: 500011 });
    await expect(asUser({}, 'openid')).rejects.toMatchObject({ errorCode: 'invalid_scope', errorNo: 70011 });
  });

  it.each([
    [429, 90055],
    [503, 90033],
  ])('for a time, with %i', async (status, errorNo) => {
    covers('entra', '8.8 msal-node', 'refused for a time: 90055, 90033');
    // msal-node itself asks once more after a 5xx.
    entra.addFault({ status, times: 5 });
    await expect(asApplication()).rejects.toMatchObject({ errorCode: 'temporarily_unavailable', errorNo });
  });
});
