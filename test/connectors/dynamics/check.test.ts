import { X509Certificate } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createDynamicsMock } from '../../../mocks/dynamics/server.js';
import { type Application, READY_MADE, readFixture, type User } from '../../../mocks/entra/directory.js';
import { createDynamicsConnector } from '../../../src/connectors/dynamics/create-dynamics-connector.js';
import type { AccountConnection, AccountCredentials } from '../../../src/model/account.js';
import { type Mocks, startMocks } from '../../support/mocks.js';
import { openLocalServer } from './local-server.js';

const PASSWORD: AccountCredentials = {
  oauthType: 'PASSWORD_CREDENTIALS',
  account: READY_MADE.userName,
  password: READY_MADE.password,
};
const CERTIFICATE: AccountCredentials = {
  oauthType: 'CERTIFICATE',
  privateKey: Buffer.from(readFixture('private-key.pem')).toString('base64'),
  customKeyIdentifier: new X509Certificate(readFixture('certificate.pem')).fingerprint,
  keyId: 'not used',
};
const NO_GUID_OF_OURS = '99999999-9999-9999-9999-999999999999';
const DAY_MS = 24 * 60 * 60 * 1000;
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();

describe('the connection test of Dynamics', () => {
  let mocks: Mocks;
  beforeAll(async () => {
    mocks = await startMocks({ contacts: 5 });
  });
  afterAll(() => mocks?.close());
  afterEach(() => {
    mocks.entra.reset();
    mocks.dynamics.reset();
  });

  async function check(facts: Partial<AccountConnection> = {}, tables: readonly string[] = []) {
    const account: AccountConnection = {
      name: 'crm',
      server: mocks.dynamics.url,
      tenantId: READY_MADE.tenantId,
      clientId: READY_MADE.clientId,
      credentials: { oauthType: 'CLIENT_SECRET', clientSecret: READY_MADE.clientSecret },
      ...facts,
    };
    const connector = createDynamicsConnector({ account, authority: mocks.entra.url, retries: 0 });
    return connector.check({ tables }).finally(() => connector.close());
  }

  function changeApplication(change: Partial<Application>): void {
    const { tenantId, clientId, servicePrincipalId, clientSecret } = READY_MADE;
    mocks.entra.directory.putApplication({
      ...{ tenantId, clientId, servicePrincipalId, displayName: 'Isthmus', enabled: true, consented: true },
      secrets: [{ value: clientSecret }],
      certificates: [readFixture('certificate.pem')],
      isFallbackPublicClient: true,
      ...change,
    });
  }

  /** As if the certificates that are uploaded had come to their end a day ago. */
  function expireCertificates(): void {
    const { objects } = mocks.entra.directory;
    const application = objects.find('application', 'appId', READY_MADE.clientId, READY_MADE.tenantId);
    if (!application) throw new Error('Expected the ready-made application.');
    const { keyCredentials }: { readonly keyCredentials?: unknown } = application.properties;
    const held: readonly object[] = Array.isArray(keyCredentials) ? keyCredentials : [];
    const past = { startDateTime: inDays(-366), endDateTime: inDays(-1) };
    objects.change(application, { keyCredentials: held.map((credential) => ({ ...credential, ...past })) });
  }

  function changeUser(state: User['state']): void {
    const { tenantId, userId: objectId, userName: userPrincipalName, password } = READY_MADE;
    mocks.entra.directory.putUser({ tenantId, objectId, userPrincipalName, displayName: 'CRM', password, state });
  }

  /** Changes the organization as its administrator. */
  async function administer(method: string, resource: string, body?: unknown): Promise<void> {
    const form = {
      grant_type: 'client_credentials',
      client_id: READY_MADE.administrationClientId,
      client_secret: READY_MADE.administrationClientSecret,
      scope: `${mocks.dynamics.url}/.default`,
    };
    const url = `${mocks.entra.url}/${READY_MADE.tenantId}/oauth2/v2.0/token`;
    const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(form) });
    const { access_token: token } = (await answer.json()) as { access_token: string }; // as a token endpoint answers
    const response = await fetch(`${mocks.dynamics.url}/api/data/v9.2/${resource}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    expect(response.status).toBeLessThan(300);
  }

  it('passes step by step, also for the mapped tables', async () => {
    const steps = await check({}, ['account', 'contact']);
    expect(steps.map(({ name, ok, remedy }) => [name, ok, remedy])).toEqual([
      ['Server address', true, null],
      ['Name resolution', true, null],
      ['Connection', true, null],
      ['Access token', true, null],
      ['User', true, null],
      ['Metadata', true, null],
      ['Privileges', true, null],
      ['Change tracking', true, null],
    ]);
  });

  it.each([CERTIFICATE, PASSWORD])('passes by $oauthType too', async (credentials) => {
    expect((await check({ credentials })).every(({ ok }) => ok)).toBe(true);
  });

  interface Failure {
    readonly what: string;
    readonly facts?: () => Partial<AccountConnection>;
    readonly arrange?: () => void | Promise<void>;
    readonly step: string;
    /** The vendor's code, or what was found. */
    readonly detail: string;
    readonly remedy: string;
  }

  const secret = (clientSecret: string) => () => ({
    credentials: { oauthType: 'CLIENT_SECRET', clientSecret } as const,
  });
  const byPassword =
    (change: object = {}) =>
    () => ({ credentials: { ...PASSWORD, ...change } as AccountCredentials });
  const byCertificate =
    (change: object = {}) =>
    () => ({
      credentials: { ...CERTIFICATE, ...change } as AccountCredentials,
    });
  const user = `systemusers(0c0c0c0c-0000-4000-8000-000000000001)`;

  const FAILURES: readonly Failure[] = [
    {
      what: 'an address that is none',
      facts: () => ({ server: 'contoso' }),
      step: 'Server address',
      detail: 'not a URL',
      remedy: 'https://contoso.crm.dynamics.com',
    },
    {
      what: 'an address without TLS',
      facts: () => ({ server: 'http://contoso.example' }),
      step: 'Server address',
      detail: 'https://',
      remedy: 'https://contoso.crm.dynamics.com',
    },
    {
      what: 'a host that is not there',
      facts: () => ({ server: 'https://contoso.invalid' }),
      step: 'Name resolution',
      detail: 'contoso.invalid',
      remedy: 'typing error',
    },
    {
      what: 'a host that does not answer',
      facts: () => ({ server: 'http://127.0.0.1:1' }),
      step: 'Connection',
      detail: 'refused the connection',
      remedy: 'that this machine can reach it',
    },
    {
      what: 'a tenant that is not that of the organization',
      facts: () => ({ tenantId: NO_GUID_OF_OURS }),
      step: 'Connection',
      detail: READY_MADE.tenantId,
      remedy: 'Check the tenant id',
    },
    {
      what: 'a tenant that does not exist',
      facts: () => ({ tenantId: 'nosuch.example' }),
      step: 'Access token',
      detail: 'AADSTS90002',
      remedy: 'Check the tenant id',
    },
    {
      what: 'an application that the tenant does not know',
      facts: () => ({ clientId: NO_GUID_OF_OURS }),
      step: 'Access token',
      detail: 'AADSTS700016',
      remedy: 'Check the client id',
    },
    {
      what: 'an application that is disabled',
      arrange: () => changeApplication({ enabled: false }),
      step: 'Access token',
      detail: 'AADSTS7000112',
      remedy: 'Enable its enterprise application',
    },
    {
      what: 'a wrong secret',
      facts: secret('wrong'),
      step: 'Access token',
      detail: 'AADSTS7000215',
      remedy: 'Enter the value of the secret',
    },
    {
      what: 'an expired secret',
      facts: secret('old'),
      arrange: () => changeApplication({ secrets: [{ value: 'old', expiresAt: new Date(0) }] }),
      step: 'Access token',
      detail: 'AADSTS7000222',
      remedy: 'Make a new client secret',
    },
    {
      what: 'a certificate that was never uploaded',
      facts: byCertificate({ customKeyIdentifier: '00'.repeat(20) }),
      step: 'Access token',
      detail: 'AADSTS700027',
      remedy: 'certificate is uploaded',
    },
    {
      what: 'an expired certificate',
      facts: byCertificate({ expiresOn: inDays(-1) }),
      step: 'Certificate',
      detail: 'expired',
      remedy: 'uploadCertificate',
    },
    {
      what: 'an expired certificate of which nobody told when it would',
      facts: byCertificate(),
      arrange: () => expireCertificates(),
      step: 'Access token',
      detail: 'AADSTS700027',
      remedy: 'The certificate has expired',
    },
    {
      what: 'a clock that is wrong',
      facts: byCertificate(),
      arrange: () => mocks.clock.advance(3600),
      step: 'Access token',
      detail: 'AADSTS700024',
      remedy: 'Correct the clock',
    },
    {
      what: 'a wrong password',
      facts: byPassword({ password: 'wrong' }),
      step: 'Access token',
      detail: 'AADSTS50126',
      remedy: 'Check account and password',
    },
    {
      what: 'a user that does not exist',
      facts: byPassword({ account: 'nobody@contoso.example' }),
      step: 'Access token',
      detail: 'AADSTS50034',
      remedy: 'Check the account name',
    },
    {
      what: 'a user that is locked',
      facts: byPassword(),
      arrange: () => changeUser('locked'),
      step: 'Access token',
      detail: 'AADSTS50053',
      remedy: 'unlock',
    },
    {
      what: 'a user that is disabled in Entra ID',
      facts: byPassword(),
      arrange: () => changeUser('disabled'),
      step: 'Access token',
      detail: 'AADSTS50057',
      remedy: 'Enable the user in Entra ID',
    },
    {
      what: 'a password that must be changed',
      facts: byPassword(),
      arrange: () => changeUser('password change required'),
      step: 'Access token',
      detail: 'AADSTS50055',
      remedy: 'Set a new password',
    },
    {
      what: 'a user who needs a second factor',
      facts: byPassword(),
      arrange: () => changeUser('multi-factor required'),
      step: 'Access token',
      detail: 'AADSTS50076',
      remedy: 'multi-factor',
    },
    {
      what: 'public client flows that are not allowed',
      facts: byPassword(),
      arrange: () => changeApplication({ isFallbackPublicClient: false }),
      step: 'Access token',
      detail: 'AADSTS7000218',
      remedy: 'public client flows',
    },
    {
      what: 'consent that is missing',
      facts: byPassword(),
      arrange: () => changeApplication({ consented: false }),
      step: 'Access token',
      detail: 'AADSTS65001',
      remedy: 'consent',
    },
    {
      what: 'an application user that is missing',
      facts: () => ({
        clientId: NO_GUID_OF_OURS,
        credentials: { oauthType: 'CLIENT_SECRET', clientSecret: 'other' } as const,
      }),
      arrange: () => {
        const servicePrincipalId = '99999999-9999-9999-9999-000000000000';
        changeApplication({ clientId: NO_GUID_OF_OURS, servicePrincipalId, secrets: [{ value: 'other' }] });
      },
      step: 'User',
      detail: '0x80072560',
      remedy: 'Create an application user',
    },
    {
      what: 'an application user that is disabled',
      arrange: () => administer('PATCH', user, { isdisabled: true }),
      step: 'User',
      detail: '0x80040225',
      remedy: 'Enable the user in the organization',
    },
    {
      what: 'an application user without a security role',
      arrange: () =>
        administer('DELETE', `${user}/systemuserroles_association(0f0f0f0f-0000-4000-8000-000000000001)/$ref`),
      step: 'User',
      detail: '0x80042f09',
      remedy: 'Give the user a security role',
    },
  ];

  it.each(FAILURES)('ends at "$step" for $what, with its remedy', async ({ facts, arrange, step, detail, remedy }) => {
    await arrange?.();
    const steps = await check(facts?.());
    const last = steps.at(-1);
    expect(last).toMatchObject({ name: step, ok: false });
    expect(last?.detail).toContain(detail);
    expect(last?.remedy).toContain(remedy);
    expect(steps.slice(0, -1).every(({ ok }) => ok)).toBe(true);
  });

  it('ends at "Privileges" for an application user whose role may not read a mapped table, with its remedy', async () => {
    const [administrator, reader] = ['0f0f0f0f-0000-4000-8000-000000000001', '0f0f0f0f-0000-4000-8000-000000000004'];
    const { privilegeid } = mocks.dynamics.rows('privilege').find(({ name }) => name === 'prvReadLead') ?? {};
    const granted = mocks.dynamics
      .rows('roleprivileges')
      .find((row) => row.roleid === reader && row.privilegeid === privilegeid);
    mocks.dynamics.remove('roleprivileges', String(granted?.roleprivilegeid));
    await administer('POST', `${user}/systemuserroles_association/$ref`, {
      '@odata.id': `${mocks.dynamics.url}/api/data/v9.2/roles(${reader})`,
    });
    await administer('DELETE', `${user}/systemuserroles_association(${administrator})/$ref`);
    const steps = await check({}, ['contact', 'lead']);
    expect(steps.at(-1)).toMatchObject({
      name: 'Privileges',
      ok: false,
      detail: expect.stringContaining('lead'),
      remedy: expect.stringContaining('prvReadLead'),
    });
  });

  it('warns at "Change tracking" of a mapped table whose changes Dynamics does not keep, with the remedy', async () => {
    const steps = await check({}, ['contact', 'contactleads']);
    expect(steps.find(({ name }) => name === 'Change tracking')).toMatchObject({
      ok: true,
      detail: expect.stringContaining('contactleads'),
      remedy: expect.stringContaining('Track changes'),
    });
  });

  it('does not repeat the remedy in the detail of a failed step', async () => {
    const last = (await check(secret('wrong')())).at(-1);
    expect(last?.detail).not.toContain(last?.remedy);
  });

  it('tells of a TLS certificate that nobody vouches for', async () => {
    const secure = await createDynamicsMock({ authority: mocks.entra.url, contacts: 5, tls: true });
    const last = (await check({ server: secure.url })).at(-1);
    await secure.close();
    expect(last).toMatchObject({ name: 'Connection', ok: false });
    expect(last?.detail).toContain('NODE_EXTRA_CA_CERTS');
  });

  it('tells that a server is no Dynamics organization at all, and sends it no token', async () => {
    const other = await openLocalServer(() => ({ body: '<html>Welcome</html>' }));
    const last = (await check({ server: other.url })).at(-1);
    await other.close();
    expect(last).toMatchObject({ name: 'Connection', ok: false, remedy: expect.stringContaining('Environment URL') });
    expect(other.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  it('tells that the clock of this machine is not that of the server', async () => {
    const headers = {
      'WWW-Authenticate': 'Bearer authorization_uri=x',
      Date: new Date(Date.now() - 3_600_000).toUTCString(),
    };
    const behind = await openLocalServer(() => ({ status: 401, headers }));
    const last = (await check({ server: behind.url })).at(-1);
    await behind.close();
    expect(last).toMatchObject({ name: 'Connection', ok: false, remedy: 'Correct the clock of this machine.' });
    expect(last?.detail).toContain('60 minutes ahead');
  });

  it('warns 30 days before the certificate expires, and passes all the same', async () => {
    const steps = await check(byCertificate({ expiresOn: inDays(12.5) })());
    const step = steps.find(({ name }) => name === 'Certificate');
    expect(step).toMatchObject({ ok: true, remedy: expect.stringContaining('generateCertificate') });
    expect(step?.detail).toContain('in 12 days');
    expect(steps.every(({ ok }) => ok)).toBe(true);
  });

  it('names a mapped table that is gone', async () => {
    const last = (await check({}, ['account', 'new_gone'])).at(-1);
    expect(last).toMatchObject({ name: 'Metadata', ok: false, remedy: expect.stringContaining('unmapTables') });
    expect(last?.detail).toContain('new_gone');
  });
});
