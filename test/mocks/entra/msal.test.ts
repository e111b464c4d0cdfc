import { createHash, X509Certificate } from 'node:crypto';
import { ConfidentialClientApplication, type NodeAuthOptions, PublicClientApplication } from '@azure/msal-node';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { READY_MADE, readFixture } from '../../../mocks/entra/directory.js';
import { createEntraMock, type EntraMock } from '../../../mocks/entra/server.js';
import { covers } from '../compatibility.js';

const { tenantId, clientId, clientSecret, userName, password } = READY_MADE;
const SCOPES = ['https://contoso.crm.dynamics.com/.default'];
const DER = new X509Certificate(readFixture('certificate.pem')).raw;

let entra: EntraMock;
beforeAll(async () => {
  entra = await createEntraMock();
});
beforeEach(() => entra.reset());
afterAll(() => entra.close());

/** MSAL insists on an https authority; its metadata may all the same lead to a plain endpoint. */
function auth(credentials: Partial<NodeAuthOptions> = {}, tenant: string = tenantId): NodeAuthOptions {
  const base = `${entra.url}/${tenant}`;
  return {
    clientId,
    authority: `https://localhost:${entra.port}/${tenant}`,
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

function acquire(credentials: Partial<NodeAuthOptions>, tenant?: string) {
  return new ConfidentialClientApplication({ auth: auth(credentials, tenant) }).acquireTokenByClientCredential({
    scopes: SCOPES,
  });
}

function thumbprint(algorithm: string): string {
  return createHash(algorithm).update(DER).digest('hex');
}

describe('msal-node, unmodified,', () => {
  it('gets a token by client secret and keeps it', async () => {
    covers('entra', '8.8 msal-node', 'client credentials with a secret, kept in the cache');
    const application = new ConfidentialClientApplication({ auth: auth({ clientSecret }) });
    const first = await application.acquireTokenByClientCredential({ scopes: SCOPES });
    const second = await application.acquireTokenByClientCredential({ scopes: SCOPES });
    expect([first?.fromCache, second?.fromCache]).toEqual([false, true]);
    expect(second?.accessToken).toBe(first?.accessToken);
    expect(entra.requests()).toHaveLength(1);
  });

  it.each([
    ['SHA-256', { thumbprintSha256: thumbprint('sha256') }],
    ['SHA-1', { thumbprint: thumbprint('sha1') }],
  ])('gets a token by certificate with its %s thumbprint', async (_name, print) => {
    covers('entra', '8.8 msal-node', 'client credentials with a certificate, SHA-256 and SHA-1');
    const clientCertificate = { ...print, privateKey: readFixture('private-key.pem') };
    const result = await acquire({ clientCertificate });
    expect(result?.accessToken.split('.')).toHaveLength(3);
  });

  it('gets a token by password, with an account to name it by', async () => {
    covers('entra', '8.8 msal-node', 'acquireTokenByUsernamePassword, with an account');
    const application = new PublicClientApplication({ auth: auth() });
    const result = await application.acquireTokenByUsernamePassword({ scopes: SCOPES, username: userName, password });
    expect(result?.account).toMatchObject({
      username: userName,
      tenantId,
      homeAccountId: `${READY_MADE.userId}.${tenantId}`,
    });
  });

  it('renews a token by the refresh token it got', async () => {
    covers('entra', '8.8 msal-node', 'acquireTokenSilent');
    const application = new PublicClientApplication({ auth: auth() });
    const first = await application.acquireTokenByUsernamePassword({ scopes: SCOPES, username: userName, password });
    if (!first?.account) throw new Error('Expected an account.');
    const renewed = await application.acquireTokenSilent({
      account: first.account,
      scopes: SCOPES,
      forceRefresh: true,
    });
    expect(renewed.fromCache).toBe(false);
    expect(entra.requests().map(({ body }) => new URLSearchParams(body).get('grant_type'))).toEqual([
      'password',
      'refresh_token',
    ]);
  });

  it.each([
    ['a wrong secret', { clientSecret: 'wrong' }, tenantId, { errorCode: 'invalid_client', errorNo: 7000215 }],
    [
      'a key that is not registered',
      { clientCertificate: { thumbprint: '0A'.repeat(20), privateKey: readFixture('private-key.pem') } },
      tenantId,
      { errorCode: 'invalid_client', errorNo: 700027 },
    ],
    [
      'an unknown tenant',
      { clientSecret },
      '99999999-9999-9999-9999-999999999999',
      { errorCode: 'invalid_request', errorNo: 90002 },
    ],
    [
      'an unknown application',
      { clientSecret, clientId: tenantId },
      tenantId,
      { errorCode: 'unauthorized_client', errorNo: 700016 },
    ],
  ])('reads the error that answers %s', async (_name, credentials, tenant, expected) => {
    covers('entra', '8.8 msal-node', 'ServerError with errorCode and errorNo: 7000215, 700027, 90002, 700016');
    await expect(acquire(credentials, tenant)).rejects.toMatchObject(expected);
  });

  it('takes a required second factor for a case of interaction', async () => {
    covers('entra', '8.8 msal-node', 'InteractionRequiredAuthError for 50076');
    const user = entra.directory.user(userName);
    if (user) entra.directory.putUser({ ...user, state: 'multi-factor required' });
    const application = new PublicClientApplication({ auth: auth() });
    const attempt = application.acquireTokenByUsernamePassword({ scopes: SCOPES, username: userName, password });
    await expect(attempt).rejects.toMatchObject({ name: 'InteractionRequiredAuthError', subError: 'basic_action' });
  });

  it('holds back by itself after it was throttled', async () => {
    covers('entra', '8.8 msal-node', 'local throttling after 429 with Retry-After');
    const application = new ConfidentialClientApplication({ auth: auth({ clientSecret }) });
    entra.addFault({ status: 429, retryAfter: 60 });
    const attempt = () => application.acquireTokenByClientCredential({ scopes: SCOPES });
    await expect(attempt()).rejects.toMatchObject({ errorNo: 90055 });
    await expect(attempt()).rejects.toMatchObject({ errorCode: '90055' });
    expect(entra.requests()).toHaveLength(1);
  });
});
