import { PublicClientApplication } from '@azure/msal-node';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MICROSOFT, READY_MADE } from '../../../mocks/entra/directory.js';
import { createEntraMock, type EntraMock } from '../../../mocks/entra/server.js';
import { covers } from '../compatibility.js';
import { GraphClient, requestToken, tokenOutcome } from './graph/graph-client.js';

const GRAPH_SCOPES = ['https://graph.microsoft.com/.default'];
const ORG = 'https://contoso.crm.dynamics.com';
const DEVICE = { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', client_id: MICROSOFT.graphCommandLine };

let entra: EntraMock;
beforeAll(async () => {
  entra = await createEntraMock();
});
beforeEach(() => entra.reset());
afterAll(() => entra.close());

function publicClient(): PublicClientApplication {
  const base = `${entra.url}/${READY_MADE.tenantId}`;
  return new PublicClientApplication({
    auth: {
      clientId: MICROSOFT.graphCommandLine,
      authority: `https://localhost:${entra.port}/${READY_MADE.tenantId}`,
      knownAuthorities: [`localhost:${entra.port}`],
      authorityMetadata: JSON.stringify({
        issuer: `${base}/v2.0`,
        authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
        token_endpoint: `${base}/oauth2/v2.0/token`,
        jwks_uri: `${base}/discovery/v2.0/keys`,
      }),
    },
  });
}

/** What a browser would do: it follows the link, and posts the form that it is shown. */
async function browse(url: string): Promise<void> {
  const page = await fetch(url, { redirect: 'manual' });
  const html = await page.text();
  const action = /action="([^"]+)"/.exec(html)?.[1] ?? '';
  const body = new URLSearchParams();
  for (const [, name = '', value = ''] of html.matchAll(/name="(\w+)" value="([^"]*)"/g)) body.set(name, value);
  await fetch(action, { method: 'POST', body });
}

async function deviceCode(): Promise<string> {
  const body = new URLSearchParams({ client_id: MICROSOFT.graphCommandLine, scope: GRAPH_SCOPES.join(' ') });
  const response = await fetch(`${entra.url}/contoso.example/oauth2/v2.0/devicecode`, { method: 'POST', body });
  return ((await response.json()) as { device_code: string }).device_code;
}

/** A code, straight from the address that the browser is led to. */
async function authorizationCode(change: Readonly<Record<string, string>> = {}): Promise<URL> {
  const query = new URLSearchParams({
    client_id: MICROSOFT.graphCommandLine,
    redirect_uri: 'http://localhost:5555',
    response_type: 'code',
    scope: GRAPH_SCOPES.join(' '),
    state: 'x y',
    ...change,
  });
  const url = `${entra.url}/contoso.example/oauth2/v2.0/authorize?${query}`;
  const response = await fetch(url, { redirect: 'manual' });
  return new URL(
    response.headers.get('location') ?? `error:${((await response.json()) as { error_codes: number[] }).error_codes}`,
  );
}

function redeem(code: string | null, change: Readonly<Record<string, string>> = {}): Promise<unknown> {
  return tokenOutcome(entra, {
    grant_type: 'authorization_code',
    client_id: MICROSOFT.graphCommandLine,
    redirect_uri: 'http://localhost:5555',
    scope: GRAPH_SCOPES.join(' '),
    code: code ?? '',
    ...change,
  });
}

describe('an administrator', () => {
  it('signs in by device code, and silently for Dynamics from then on', async () => {
    covers('entra', 'Graph 6.1 Device code', 'devicecode and the device_code grant as msal-node sends them');
    covers('entra', 'Graph 6 Sign-in', 'one sign-in gives tokens for Graph and, by refresh token, for Dynamics');
    const client = publicClient();
    let message = '';
    const result = await client.acquireTokenByDeviceCode({
      scopes: GRAPH_SCOPES,
      deviceCodeCallback: (shown) => {
        message = shown.message;
      },
    });
    expect(message).toContain('https://microsoft.com/devicelogin');
    expect(decodeJwt(result?.accessToken ?? '')).toMatchObject({
      aud: 'https://graph.microsoft.com',
      upn: READY_MADE.administratorName,
      wids: ['62e90394-69f5-4237-9190-012177145e10'],
    });
    const account = result?.account;
    expect(account?.username).toBe(READY_MADE.administratorName);
    const silent = account && (await client.acquireTokenSilent({ account, scopes: [`${ORG}/user_impersonation`] }));
    expect(decodeJwt(silent?.accessToken ?? '')).toMatchObject({ aud: ORG, scp: 'user_impersonation' });
  });

  it('signs in by authorization code in a browser, whose page posts the code', async () => {
    covers(
      'entra',
      'Graph 6.2 Authorization code',
      'authorize with form_post and PKCE, as msal-node asks interactively',
    );
    const result = await publicClient().acquireTokenInteractive({ scopes: GRAPH_SCOPES, openBrowser: browse });
    expect(result.account?.username).toBe(READY_MADE.administratorName);
    expect(decodeJwt(result.accessToken)).toMatchObject({ aud: 'https://graph.microsoft.com' });
  });
});

describe('a device code', () => {
  it('is pending at first, then good for one token', async () => {
    covers(
      'entra',
      'Graph 6.1 Device code',
      'authorization_pending, bad_verification_code, expired_token; both spellings of the grant',
    );
    const device_code = await deviceCode();
    const form = { ...DEVICE, device_code };
    expect(await requestToken(entra, form)).toMatchObject({ error: 'authorization_pending', error_codes: [70016] });
    expect(await tokenOutcome(entra, { ...form, scope: GRAPH_SCOPES.join(' ') })).toBe('token');
    expect(await requestToken(entra, form)).toMatchObject({ error: 'bad_verification_code' });
  });

  it('expires', async () => {
    const device_code = await deviceCode();
    entra.clock.advance(1000);
    expect(await requestToken(entra, { ...DEVICE, device_code })).toMatchObject({ error: 'expired_token' });
  });

  it('is not given to a client that is not public', async () => {
    const directory = entra.directory;
    const tenant = directory.tenant('contoso.example');
    const application = tenant && directory.application(tenant, READY_MADE.clientId);
    if (application) directory.putApplication({ ...application, isFallbackPublicClient: false });
    const form = { ...DEVICE, client_id: READY_MADE.clientId, device_code: await deviceCode() };
    expect(await tokenOutcome(entra, form)).toBe(7000218);
  });
});

describe('an authorization code', () => {
  it('is in the query of the redirect, with the state, and good once', async () => {
    covers(
      'entra',
      'Graph 6.2 Authorization code',
      'authorize with response_mode=query; http://localhost matches any port',
    );
    covers(
      'entra',
      'Graph 6.2 Authorization code',
      'code redeemed twice, expired, other redirect, wrong verifier: 54005, 70008, 500112, 501481',
    );
    const { origin, searchParams } = await authorizationCode();
    expect([origin, searchParams.get('state')]).toEqual(['http://localhost:5555', 'x y']);
    expect(await redeem(searchParams.get('code'))).toBe('token');
    expect(await redeem(searchParams.get('code'))).toBe(54005);
  });

  it('is refused with another redirect URI, a wrong verifier, or too late', async () => {
    const code = async (change = {}) => (await authorizationCode(change)).searchParams.get('code');
    expect(await redeem(await code(), { redirect_uri: 'http://localhost:6666' })).toBe(500112);
    const challenge = { code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256' };
    // The verifier and the challenge of RFC 7636, appendix B.
    expect(await redeem(await code(challenge), { code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk' })).toBe(
      'token',
    );
    expect(await redeem(await code(challenge), { code_verifier: 'wrong' })).toBe(501481);
    const late = await code();
    entra.clock.advance(700);
    expect(await redeem(late)).toBe(70008);
    expect(await redeem('made up')).toBe(70000);
  });

  it('is given for nobody’s redirect URI and to no unknown client', async () => {
    covers(
      'entra',
      'Graph 6.2 Authorization code',
      'unregistered redirect URI (50011) and unknown client (700016) are told on the page',
    );
    expect((await authorizationCode({ redirect_uri: 'http://evil.example' })).href).toBe('error:50011');
    expect((await authorizationCode({ client_id: READY_MADE.tenantId })).href).toBe('error:700016');
  });
});

describe('the consent of an administrator in a browser', () => {
  it('grants what the application declares, and leads back', async () => {
    covers(
      'entra',
      'Graph 3 Consent',
      '/adminconsent: grants what is declared, and leads back with admin_consent=True',
    );
    const graph = new GraphClient(entra);
    const access = [{ id: '78ce3f0f-a1ce-49c2-8cde-64b5c0896db4', type: 'Scope' }];
    const { appId } = (
      await graph.post('/applications', {
        displayName: 'x',
        isFallbackPublicClient: true,
        web: { redirectUris: ['http://localhost'] },
        requiredResourceAccess: [{ resourceAppId: MICROSOFT.dynamics, resourceAccess: access }],
      })
    ).body;
    await graph.post('/servicePrincipals', { appId });
    const { userName: username, password } = READY_MADE;
    const form = { grant_type: 'password', client_id: String(appId), username, password, scope: `${ORG}/.default` };
    expect(await tokenOutcome(entra, form)).toBe(65001);
    const query = new URLSearchParams({
      client_id: String(appId),
      scope: `${ORG}/.default`,
      redirect_uri: 'http://localhost:7777',
      state: 's',
    });
    const path = `/${READY_MADE.tenantId}/v2.0/adminconsent?${query}`;
    const response = await fetch(entra.url + path, { redirect: 'manual' });
    const { searchParams } = new URL(response.headers.get('location') ?? '');
    expect(Object.fromEntries(searchParams)).toEqual({
      admin_consent: 'True',
      tenant: READY_MADE.tenantId,
      state: 's',
    });
    expect(await tokenOutcome(entra, form)).toBe('token');
  });
});
