import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import type { MocksSettings } from '../../mocks/command-line.js';
import { READY_MADE } from '../../mocks/entra/directory.js';
import { type Mocks, startMocks } from '../../mocks/start.js';
import { covers } from './compatibility.js';
import { GraphClient } from './entra/graph/graph-client.js';

const SETTINGS: MocksSettings = {
  host: '127.0.0.1',
  ports: { dynamics: 0, entra: 0, campaign: 0 },
  contacts: 10,
  seed: 1,
  latency: 0,
};

const NEW_USER = {
  accountEnabled: true,
  displayName: 'CRM integration',
  mailNickname: 'integration',
  userPrincipalName: 'integration@contoso.example',
  usageLocation: 'FR',
  passwordProfile: { password: 'Correct-Horse-7', forceChangePasswordNextSignIn: false },
};

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(settings: Partial<MocksSettings> = {}): Promise<Mocks> {
  const mocks = await startMocks({ ...SETTINGS, ...settings });
  closers.push(() => mocks.close());
  return mocks;
}

async function signIn({ entra, dynamics }: Mocks): Promise<string> {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: READY_MADE.clientId,
    client_secret: READY_MADE.clientSecret,
    scope: `${dynamics.url}/.default`,
  });
  const response = await fetch(`${entra.url}/${READY_MADE.tenantId}/oauth2/v2.0/token`, { method: 'POST', body });
  return `Bearer ${((await response.json()) as { access_token: string }).access_token}`;
}

describe('the three mocks', () => {
  it('let Dynamics trust the tokens of Entra, until one clock for all says they expired', async () => {
    const mocks = await start();
    const authorization = await signIn(mocks);
    const ask = async () =>
      (await fetch(`${mocks.dynamics.url}/api/data/v9.2/WhoAmI`, { headers: { authorization } })).status;
    const before = await ask();
    mocks.campaign.clock.advance(2 * 3600);
    expect([before, await ask()]).toEqual([200, 401]);
  });

  it('answer https to whoever trusts the one authority of all three', async () => {
    const mocks = await start({ tls: true });
    expect([mocks.dynamics.ca, mocks.entra.ca, mocks.campaign.ca]).toEqual([mocks.ca, mocks.ca, mocks.ca]);
    const dispatcher = new Agent({ connect: { ca: mocks.ca ?? '' } });
    closers.push(() => dispatcher.close());
    const form = {
      grant_type: 'client_credentials',
      client_id: READY_MADE.clientId,
      client_secret: READY_MADE.clientSecret,
      scope: `${mocks.dynamics.url}/.default`,
    };
    const tokenUrl = `${mocks.entra.url}/${READY_MADE.tenantId}/oauth2/v2.0/token`;
    const token = await request(tokenUrl, {
      method: 'POST',
      body: new URLSearchParams(form).toString(),
      dispatcher,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    const { access_token } = (await token.body.json()) as { access_token: string };
    const headers = { authorization: `Bearer ${access_token}` };
    const answer = await request(`${mocks.dynamics.url}/api/data/v9.2/WhoAmI`, { headers, dispatcher });
    expect([mocks.dynamics.url.slice(0, 8), answer.statusCode]).toEqual(['https://', 200]);
  });

  it('let Dynamics see who is made and licensed in the tenant, and which applications there are', async () => {
    covers(
      'entra',
      'Graph 8.3 Effects',
      'licensed user: a row of systemusers; application user: known applications alone',
    );
    const mocks = await start();
    const graph = new GraphClient(mocks.entra);
    const { id } = (await graph.post('/users', NEW_USER)).body;
    const skuId = '1e1a282c-9c54-43a2-9310-98ef728faace';
    await graph.post(`/users/${id}/assignLicense`, { addLicenses: [{ skuId }], removeLicenses: [] });
    const { appId } = (await graph.post('/applications', { displayName: 'robot' })).body;
    await graph.post('/servicePrincipals', { appId });
    const headers = { authorization: await signIn(mocks), 'content-type': 'application/json' };
    const address = `${mocks.dynamics.url}/api/data/v9.2`;
    const [unit] = mocks.dynamics.rows('businessunit');
    const addUser = async (applicationid: unknown) => {
      const businessunit = `/businessunits(${unit?.businessunitid})`;
      const body = JSON.stringify({ applicationid, 'businessunitid@odata.bind': businessunit });
      return (await fetch(`${address}/systemusers`, { method: 'POST', headers, body })).status;
    };
    expect([await addUser(appId), await addUser(READY_MADE.userId)]).toEqual([204, 400]);
    const users = await fetch(`${address}/systemusers?$filter=azureactivedirectoryobjectid eq ${id}`, { headers });
    expect(((await users.json()) as { value: unknown }).value).toMatchObject([{ islicensed: true, accessmode: 0 }]);
  });

  it('keep their data in a folder from one run to the next', async () => {
    const state = await mkdtemp(join(tmpdir(), 'mocks-'));
    closers.push(() => rm(state, { recursive: true }));
    const first = await startMocks({ ...SETTINGS, state });
    const headers = { authorization: await signIn(first), 'content-type': 'application/json' };
    const created = await fetch(`${first.dynamics.url}/api/data/v9.2/contacts`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ lastname: 'Kept' }),
    });
    expect(created.status).toBe(204);
    await first.close();
    const second = await start({ state });
    expect(second.dynamics.rows('contact').filter(({ lastname }) => lastname === 'Kept')).toHaveLength(1);
  });

  it('leave nothing behind where one of them cannot start', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.on('listening', resolve));
    closers.push(async () => other.close());
    const taken = (other.address() as AddressInfo).port;
    const free = await start();
    const entraPort = free.entra.port;
    await free.close();
    const starting = startMocks({ ...SETTINGS, ports: { dynamics: 0, entra: entraPort, campaign: taken } });
    await expect(starting).rejects.toMatchObject({ code: 'EADDRINUSE', port: taken });
    await expect(fetch(`http://127.0.0.1:${entraPort}/_mock/health`)).rejects.toThrow();
  });
});
