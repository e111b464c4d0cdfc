import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { READY_MADE } from '../../../mocks/entra/directory.js';
import { createEntraMock, type EntraMock } from '../../../mocks/entra/server.js';
import { covers } from '../compatibility.js';

const { tenantId, clientId, clientSecret, userName, password } = READY_MADE;
const ORG = 'https://contoso.crm.dynamics.com';

let entra: EntraMock;
beforeEach(async () => {
  entra = await createEntraMock();
});
afterEach(() => entra.close());

type Json = Readonly<Record<string, unknown>>;

async function getJson(path: string): Promise<Json> {
  return (await fetch(entra.url + path)).json() as Promise<Json>;
}

async function requestToken(
  form: Readonly<Record<string, string>>,
  { path = `/${tenantId}/oauth2/v2.0/token`, headers = {} }: { path?: string; headers?: Record<string, string> } = {},
) {
  const response = await fetch(entra.url + path, { method: 'POST', body: new URLSearchParams(form), headers });
  return { response, status: response.status, body: (await response.json()) as Json };
}

const BY_SECRET = {
  grant_type: 'client_credentials',
  client_id: clientId,
  client_secret: clientSecret,
  scope: `${ORG}/.default`,
};
const BY_PASSWORD = {
  grant_type: 'password',
  client_id: clientId,
  username: userName,
  password,
  scope: `${ORG}/.default openid profile offline_access`,
  client_info: '1',
};

describe('discovery', () => {
  it('serves the OpenID Connect document of a tenant by id and by domain', async () => {
    covers(
      'entra',
      '8.2 Endpoints',
      'GET /{tid}/v2.0/.well-known/openid-configuration, by id and by domain, without regard to case',
    );
    const document = await getJson(`/${tenantId}/v2.0/.well-known/openid-configuration`);
    expect(document).toMatchObject({
      issuer: `${entra.url}/${tenantId}/v2.0`,
      authorization_endpoint: `${entra.url}/${tenantId}/oauth2/v2.0/authorize`,
      token_endpoint: `${entra.url}/${tenantId}/oauth2/v2.0/token`,
      jwks_uri: `${entra.url}/${tenantId}/discovery/v2.0/keys`,
    });
    expect(await getJson('/Contoso.Example/v2.0/.well-known/openid-configuration')).toEqual(document);
  });

  it('serves the document of the older version, and that of any tenant', async () => {
    covers('entra', '8.2 Endpoints', 'GET /{tid}/.well-known/openid-configuration; common and organizations');
    expect(await getJson(`/${tenantId}/.well-known/openid-configuration`)).toMatchObject({
      issuer: `https://sts.windows.net/${tenantId}/`,
      token_endpoint: `${entra.url}/${tenantId}/oauth2/token`,
    });
    expect(await getJson('/common/v2.0/.well-known/openid-configuration')).toMatchObject({
      issuer: `${entra.url}/{tenantid}/v2.0`,
      token_endpoint: `${entra.url}/common/oauth2/v2.0/token`,
    });
  });

  it('answers for an unknown tenant with invalid_tenant', async () => {
    covers('entra', '8.7 Errors', '90002: invalid_tenant on the document');
    const response = await fetch(`${entra.url}/nowhere.example/v2.0/.well-known/openid-configuration`);
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { error: 'invalid_tenant', error_codes: [90002] },
    ]);
  });

  it('tells that its own host is an authority, and a foreign one is none', async () => {
    covers('entra', '8.2 Endpoints', 'GET /common/discovery/instance, and invalid_instance 50049');
    const ask = (endpoint: string) =>
      getJson(`/common/discovery/instance?api-version=1.1&authorization_endpoint=${encodeURIComponent(endpoint)}`);
    expect(await ask(`${entra.url}/${tenantId}/oauth2/v2.0/authorize`)).toMatchObject({
      tenant_discovery_endpoint: `${entra.url}/${tenantId}/v2.0/.well-known/openid-configuration`,
      metadata: [{ aliases: [`127.0.0.1:${entra.port}`] }, { preferred_network: 'login.microsoftonline.com' }],
    });
    expect(await ask('https://evil.example/x')).toMatchObject({ error: 'invalid_instance', error_codes: [50049] });
  });

  it('tells that every user is managed', async () => {
    covers('entra', '8.2 Endpoints', 'GET /common/userrealm/{upn}: always Managed');
    expect(await getJson(`/common/userrealm/${encodeURIComponent(userName)}?api-version=1.0`)).toMatchObject({
      account_type: 'Managed',
      domain_name: 'contoso.example',
    });
  });

  it('answers 404 to what it does not know', async () => {
    expect((await fetch(`${entra.url}/${tenantId}/oauth2/v2.0/logout`)).status).toBe(404);
  });
});

describe('a token for an application', () => {
  it('is signed by the published key and says who asks for what', async () => {
    covers('entra', '8.2 Endpoints', 'GET /{tid}/discovery/v2.0/keys');
    covers('entra', '8.6 Claims', 'app-only: aud, iss, appid, appidacr, oid, tid, ver 1.0, no scp');
    covers('entra', '8.2 Endpoints', 'POST /{tid}/oauth2/v2.0/token');
    const { status, body, response } = await requestToken(BY_SECRET);
    expect([status, body]).toMatchObject([200, { token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599 }]);
    expect(response.headers.get('cache-control')).toBe('no-store, no-cache');
    const keys = (await getJson(`/${tenantId}/discovery/v2.0/keys`)) as unknown as JSONWebKeySet;
    const { payload, protectedHeader } = await jwtVerify(String(body.access_token), createLocalJWKSet(keys));
    expect(protectedHeader).toMatchObject({ alg: 'RS256', kid: keys.keys[0]?.kid });
    expect(payload).toMatchObject({
      aud: ORG,
      iss: `https://sts.windows.net/${tenantId}/`,
      appid: clientId,
      appidacr: '1',
      oid: READY_MADE.servicePrincipalId,
      tid: tenantId,
      ver: '1.0',
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3599);
    expect(payload).not.toHaveProperty('scp');
  });

  it('has the audience as the scope has it, slash or not', async () => {
    covers('entra', '8.6 Claims', 'aud copies the scope, slash or not');
    const audience = async (scope: string) =>
      decodeJwt(String((await requestToken({ ...BY_SECRET, scope })).body.access_token)).aud;
    expect(await audience(`${ORG}//.default`)).toBe(`${ORG}/`);
    expect(await audience('http://127.0.0.1:4010/.default')).toBe('http://127.0.0.1:4010');
  });

  it('is given to a tenant called by its domain, and to Basic credentials', async () => {
    covers('entra', '8.3 Token requests', 'client_secret_basic');
    const { client_id: _id, client_secret: _secret, ...form } = BY_SECRET;
    const authorization = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;
    const { status } = await requestToken(form, {
      path: '/contoso.example/oauth2/v2.0/token',
      headers: { authorization },
    });
    expect(status).toBe(200);
  });

  it('comes from the older endpoint with a resource, and numbers as text', async () => {
    covers('entra', '8.2 Endpoints', 'POST /{tid}/oauth2/token with resource; numbers as text');
    const { scope: _scope, ...form } = BY_SECRET;
    const { body } = await requestToken({ ...form, resource: `${ORG}/` }, { path: `/${tenantId}/oauth2/token` });
    expect(body).toMatchObject({ expires_in: '3599', resource: `${ORG}/`, token_type: 'Bearer' });
    expect(body.expires_on).toBe(String(decodeJwt(String(body.access_token)).exp));
  });

  it('is dated by the clock of the mock', async () => {
    covers('entra', '8.5 Tokens', 'expiry by the clock of the mock');
    entra.clock.set(new Date('2031-01-01T00:00:00Z'));
    const { body } = await requestToken(BY_SECRET);
    expect(decodeJwt(String(body.access_token)).iat).toBe(Date.parse('2031-01-01T00:00:00Z') / 1000);
  });
});

describe('a token for a user', () => {
  it('says who signed in, beside an id token, a refresh token and client info', async () => {
    covers('entra', '8.5 Tokens', 'ROPC: scope, refresh_token, id_token, client_info');
    covers('entra', '8.6 Claims', 'delegated: oid, scp, upn, unique_name, name, amr');
    const { body } = await requestToken(BY_PASSWORD);
    expect(body.scope).toBe(`${ORG}/user_impersonation ${ORG}/.default`);
    expect(decodeJwt(String(body.access_token))).toMatchObject({
      aud: ORG,
      appidacr: '0',
      oid: READY_MADE.userId,
      scp: 'user_impersonation',
      upn: userName,
    });
    expect(decodeJwt(String(body.id_token))).toMatchObject({
      aud: clientId,
      preferred_username: userName,
      oid: READY_MADE.userId,
    });
    expect(JSON.parse(Buffer.from(String(body.client_info), 'base64url').toString())).toEqual({
      uid: READY_MADE.userId,
      utid: tenantId,
    });
  });

  it('is renewed by its refresh token, by its own application only', async () => {
    covers('entra', '8.5 Tokens', 'refresh_token grant; 70000 for another client');
    const { refresh_token } = (await requestToken(BY_PASSWORD)).body;
    const renew = {
      grant_type: 'refresh_token',
      client_id: clientId,
      refresh_token: String(refresh_token),
      scope: `${ORG}/.default`,
    };
    expect((await requestToken(renew)).status).toBe(200);
    expect((await requestToken({ ...renew, refresh_token: 'made up' })).body).toMatchObject({
      error: 'invalid_grant',
      error_codes: [70000],
    });
  });

  it('is found by the domain of the user where the path names no tenant', async () => {
    covers('entra', '8.2 Endpoints', 'common and organizations for users; 50059 for applications');
    expect((await requestToken(BY_PASSWORD, { path: '/organizations/oauth2/v2.0/token' })).status).toBe(200);
    const refused = await requestToken(BY_SECRET, { path: '/organizations/oauth2/v2.0/token' });
    expect(refused.body).toMatchObject({ error_codes: [50059] });
  });
});

describe('an error', () => {
  it('has the shape, the ids and the headers of Entra', async () => {
    covers(
      'entra',
      '8.7 Errors',
      'error, error_description, error_codes, timestamp, trace_id, correlation_id, error_uri, headers',
    );
    entra.clock.set(new Date('2030-05-01T10:00:00Z'));
    const { response, status, body } = await requestToken(
      { ...BY_SECRET, client_secret: 'wrong' },
      { path: `/${tenantId}/oauth2/v2.0/token?client-request-id=5d60aaaa-0000-4000-8000-000000000001` },
    );
    expect([status, body]).toMatchObject([
      401,
      {
        error: 'invalid_client',
        error_codes: [7000215],
        timestamp: '2030-05-01 10:00:00Z',
        correlation_id: '5d60aaaa-0000-4000-8000-000000000001',
        error_uri: `${entra.url}/error?code=7000215`,
      },
    ]);
    expect(body.error_description).toMatch(
      /^AADSTS7000215: Invalid client secret provided\. .* Trace ID: \S+ Correlation ID: 5d60aaaa\S+ Timestamp: 2030-05-01 10:00:00Z$/,
    );
    expect(body.error_description).not.toContain('wrong');
    expect([response.headers.get('pragma'), response.headers.get('x-ms-request-id')]).toEqual([
      'no-cache',
      body.trace_id,
    ]);
  });

  it.each<[string, Readonly<Record<string, string>>, number, string, number]>([
    ['no grant type', { ...BY_SECRET, grant_type: '' }, 400, 'invalid_request', 900144],
    ['no client id', { ...BY_SECRET, client_id: '' }, 400, 'invalid_request', 900144],
    ['no scope', { ...BY_SECRET, scope: '' }, 400, 'invalid_request', 900144],
    ['an unknown grant type', { ...BY_SECRET, grant_type: 'constructor' }, 400, 'unsupported_grant_type', 70003],
    ['an unknown application', { ...BY_SECRET, client_id: tenantId }, 400, 'unauthorized_client', 700016],
    ['no secret', { ...BY_SECRET, client_secret: '' }, 401, 'invalid_client', 7000218],
    ['a scope without .default', { ...BY_SECRET, scope: `${ORG}/user_impersonation` }, 400, 'invalid_scope', 1002012],
    ['two scopes', { ...BY_SECRET, scope: `${ORG}/.default openid` }, 400, 'invalid_scope', 1002012],
    [
      'an audience that is no origin',
      { ...BY_SECRET, scope: 'api://unknown/.default' },
      400,
      'invalid_resource',
      500011,
    ],
    ['a wrong password', { ...BY_PASSWORD, password: 'wrong' }, 400, 'invalid_grant', 50126],
    ['an unknown user', { ...BY_PASSWORD, username: 'no@contoso.example' }, 400, 'invalid_grant', 50034],
    ['a user scope that is none', { ...BY_PASSWORD, scope: 'openid' }, 400, 'invalid_scope', 70011],
    [
      'two resources',
      { ...BY_PASSWORD, scope: `${ORG}/.default https://other.example/.default` },
      400,
      'invalid_request',
      28000,
    ],
    [
      'an assertion that is none',
      {
        ...BY_SECRET,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: 'x',
      },
      401,
      'invalid_client',
      50027,
    ],
  ])('answers %s', async (_name, form, expectedStatus, error, code) => {
    covers('entra', '8.7 Errors', '900144, 70003, 700016, 7000218, 1002012, 500011, 50126, 50034, 70011, 28000, 50027');
    const { status, body } = await requestToken(form);
    expect([status, body.error, body.error_codes]).toEqual([expectedStatus, error, [code]]);
  });

  it('answers an unknown tenant, a GET and a body that is no form', async () => {
    covers('entra', '8.7 Errors', '90002: invalid_request on the token endpoint; 900561');
    expect((await requestToken(BY_SECRET, { path: '/nowhere.example/oauth2/v2.0/token' })).body).toMatchObject({
      error: 'invalid_request',
      error_codes: [90002],
    });
    expect(await getJson(`/${tenantId}/oauth2/v2.0/token`)).toMatchObject({ error_codes: [900561] });
    const response = await fetch(`${entra.url}/${tenantId}/oauth2/v2.0/token`, {
      method: 'POST',
      body: JSON.stringify(BY_SECRET),
    });
    expect(await response.json()).toMatchObject({ error_codes: [900144] });
  });

  it.each([
    ['locked', 'invalid_grant', 50053, undefined],
    ['disabled', 'invalid_grant', 50057, undefined],
    ['multi-factor required', 'interaction_required', 50076, 'basic_action'],
    ['multi-factor registration required', 'interaction_required', 50079, 'basic_action'],
  ] as const)('refuses a user who is %s', async (state, error, code, suberror) => {
    covers('entra', '8.7 Errors', '50053, 50057, 50076, 50079');
    const user = entra.directory.user(userName);
    if (user) entra.directory.putUser({ ...user, state });
    const { body } = await requestToken(BY_PASSWORD);
    expect([body.error, body.error_codes, body.suberror]).toEqual([error, [code], suberror]);
  });

  it.each([
    [{ enabled: false }, BY_SECRET, 'unauthorized_client', 7000112],
    [{ secrets: [{ value: clientSecret, expiresAt: new Date('2020-01-01') }] }, BY_SECRET, 'invalid_client', 7000222],
    [{ consented: false }, BY_PASSWORD, 'invalid_grant', 65001],
    [{ isFallbackPublicClient: false }, BY_PASSWORD, 'invalid_client', 7000218],
  ])('refuses an application with %j', async (change, form, error, code) => {
    covers('entra', '8.7 Errors', '7000112, 7000222, 65001, 7000218');
    const tenant = entra.directory.tenant(tenantId);
    const application = tenant && entra.directory.application(tenant, clientId);
    if (application) entra.directory.putApplication({ ...application, ...change });
    const { body } = await requestToken(form);
    expect([body.error, body.error_codes]).toEqual([error, [code]]);
  });

  it('refuses an audience that is not among those it was told of', async () => {
    covers('entra', '8.7 Errors', '500011 where the audiences are listed');
    const strict = await createEntraMock({ resources: [ORG] });
    const ask = async (scope: string) => {
      const body = new URLSearchParams({ ...BY_SECRET, scope });
      return (await fetch(`${strict.url}/${tenantId}/oauth2/v2.0/token`, { method: 'POST', body })).status;
    };
    const statuses = [
      await ask(`${ORG}/.default`),
      await ask(`${ORG}//.default`),
      await ask('https://other.example/.default'),
    ];
    await strict.close();
    expect(statuses).toEqual([200, 200, 400]);
  });

  it('is injected in the shape of Entra', async () => {
    covers('entra', '8.7 Errors', '90055, 90033 and any other as a fault');
    entra.addFault({ status: 429, retryAfter: 17 });
    entra.addFault({ code: 'AADSTS50053' });
    entra.addFault({ code: 'invalid_client', status: 401, message: 'As the test wishes.' });
    const throttled = await requestToken(BY_SECRET);
    expect([throttled.status, throttled.response.headers.get('retry-after'), throttled.body.error]).toEqual([
      429,
      '17',
      'temporarily_unavailable',
    ]);
    expect((await requestToken(BY_SECRET)).body).toMatchObject({ error: 'invalid_grant', error_codes: [50053] });
    const own = await requestToken(BY_SECRET);
    expect([own.status, own.body.error]).toEqual([401, 'invalid_client']);
    expect(own.body.error_description).toContain('As the test wishes.');
  });
});

describe('the mock', () => {
  it('returns to what is ready-made', async () => {
    const user = entra.directory.user(userName);
    if (user) entra.directory.putUser({ ...user, password: 'changed' });
    const { refresh_token } = (await requestToken({ ...BY_PASSWORD, password: 'changed' })).body;
    await entra.reset();
    expect((await requestToken(BY_PASSWORD)).status).toBe(200);
    const renew = {
      grant_type: 'refresh_token',
      client_id: clientId,
      refresh_token: String(refresh_token),
      scope: `${ORG}/.default`,
    };
    expect((await requestToken(renew)).status).toBe(400);
  });

  it('signs the claims that a test gives', async () => {
    const token = await entra.signToken({ aud: ORG, exp: 1 });
    expect([decodeJwt(token), decodeProtectedHeader(token).alg]).toEqual([{ aud: ORG, exp: 1 }, 'RS256']);
  });
});
