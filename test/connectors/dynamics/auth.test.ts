import { X509Certificate } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { READY_MADE, readFixture } from '../../../mocks/entra/directory.js';
import { createEntraMock, type EntraMock } from '../../../mocks/entra/server.js';
import { createTokenSource, type TokenSource } from '../../../src/connectors/dynamics/auth.js';
import type { AccountConnection, AccountCredentials } from '../../../src/model/account.js';

const SECRET: AccountCredentials = { oauthType: 'CLIENT_SECRET', clientSecret: READY_MADE.clientSecret };
const PASSWORD: AccountCredentials = {
  oauthType: 'PASSWORD_CREDENTIALS',
  account: READY_MADE.userName,
  password: READY_MADE.password,
};
const THUMBPRINT = new X509Certificate(readFixture('certificate.pem')).fingerprint;
const PRIVATE_KEY = Buffer.from(readFixture('private-key.pem')).toString('base64');

function certificate(customKeyIdentifier = THUMBPRINT, privateKey = PRIVATE_KEY): AccountCredentials {
  return { oauthType: 'CERTIFICATE', privateKey, customKeyIdentifier, keyId: 'not used' };
}

describe('token source', () => {
  let entra: EntraMock;
  let opened: TokenSource[] = [];

  beforeAll(async () => {
    entra = await createEntraMock();
  });
  afterAll(() => entra.close());
  beforeEach(() => entra.reset());
  afterEach(async () => {
    await Promise.all(opened.map((source) => source.close()));
    opened = [];
  });

  function open(
    credentials: AccountCredentials,
    account: Partial<AccountConnection> = {},
    authority = entra.url,
  ): TokenSource {
    const { tenantId, clientId } = READY_MADE;
    const whole: AccountConnection = {
      name: 'crm',
      server: 'https://contoso.example',
      tenantId,
      clientId,
      credentials,
      ...account,
    };
    const source = createTokenSource({ account: whole, authority, retries: 1 });
    opened.push(source);
    return source;
  }

  const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

  it.each([
    ['a client secret', SECRET],
    ['a password', PASSWORD],
    ['a certificate, its thumbprint with colons', certificate()],
    ['a certificate, its thumbprint as plain digits', certificate(THUMBPRINT.replaceAll(':', '').toLowerCase())],
    [
      'a certificate, its thumbprint in base64',
      certificate(Buffer.from(THUMBPRINT.replaceAll(':', ''), 'hex').toString('base64')),
    ],
  ])('gets a token for the organization by %s', async (_name, credentials) => {
    const token = await open(credentials).token();
    expect(claimsOf(token)).toMatchObject({ aud: 'https://contoso.example', tid: READY_MADE.tenantId });
  });

  it('asks once for callers at the same time and keeps the token, of a password too', async () => {
    for (const credentials of [SECRET, PASSWORD]) {
      entra.clearRequests();
      const source = open(credentials);
      const [first, second] = await Promise.all([source.token(), source.token()]);
      expect([second, await source.token()]).toEqual([first, first]);
      expect(entra.requests()).toHaveLength(1);
    }
  });

  it('asks for another token once the one it has was refused', async () => {
    const source = open(SECRET);
    const refused = await source.token();
    const [first, second] = await Promise.all([source.token({}, refused), source.token({}, refused)]);
    expect(first).not.toBe(refused);
    expect(second).toBe(first);
    expect(entra.requests()).toHaveLength(2);
  });

  it.each([
    ['AADSTS7000215', 'the client secret is wrong', { oauthType: 'CLIENT_SECRET', clientSecret: 'wrong' }, {}],
    ['AADSTS50126', 'the user name or password is wrong', { ...PASSWORD, password: 'wrong' }, {}],
    ['AADSTS90002', 'the tenant does not exist', SECRET, { tenantId: '99999999-9999-9999-9999-999999999999' }],
    [
      'AADSTS700016',
      'the tenant does not know the application',
      SECRET,
      { clientId: '99999999-9999-9999-9999-999999999999' },
    ],
    ['AADSTS700027', 'the signature made with the certificate', certificate('00'.repeat(20)), {}],
  ] as const)('explains %s in plain words', async (code, words, credentials, account) => {
    const source = open(credentials, account);
    const fault = {
      name: 'RemoteError',
      code: 'UPSTREAM_UNAUTHENTICATED',
      message: expect.stringContaining(words),
      upstream: { system: 'entra', code },
    };
    await expect(source.token()).rejects.toMatchObject(fault);
    await expect(source.token()).rejects.not.toMatchObject({
      message: expect.stringMatching(/wrong-?secret|mock-|Trace ID/),
    });
  });

  it('tells an expired secret and a second factor apart from a wrong secret', async () => {
    const application = entra.directory.application(
      { id: READY_MADE.tenantId, domain: '', displayName: '' },
      READY_MADE.clientId,
    );
    if (!application) throw new Error('Expected the ready-made application.');
    entra.directory.putApplication({ ...application, secrets: [{ value: 'old', expiresAt: new Date(0) }] });
    await expect(open({ oauthType: 'CLIENT_SECRET', clientSecret: 'old' }).token()).rejects.toThrow(
      'has expired (AADSTS7000222)',
    );
    const user = entra.directory.user(READY_MADE.userName);
    if (!user) throw new Error('Expected the ready-made user.');
    entra.directory.putUser({ ...user, state: 'multi-factor required' });
    await expect(open(PASSWORD).token()).rejects.toThrow('second factor');
  });

  it('asks again after a passing fault, and at once after it gave up', async () => {
    entra.addFault({ status: 503, times: 1 });
    expect(await open(SECRET).token()).toMatch(/^ey/);
    const source = open(SECRET);
    entra.addFault({ status: 503, times: 2 });
    await expect(source.token()).rejects.toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      upstream: { system: 'entra', status: 503 },
    });
    expect(await source.token()).toMatch(/^ey/);
  });

  it('tells that Entra ID cannot be reached', async () => {
    await expect(open(SECRET, {}, 'http://127.0.0.1:1').token()).rejects.toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      message: expect.stringContaining('127.0.0.1:1'),
    });
  });

  it('lets one caller go without ending the request for the others', async () => {
    const source = open(SECRET);
    const abort = new AbortController();
    const [gone, staying] = [source.token({ signal: abort.signal }), source.token()];
    abort.abort(new Error('enough'));
    await expect(gone).rejects.toThrow('enough');
    expect(await staying).toMatch(/^ey/);
  });

  it.each([
    ['the PEM text', readFixture('private-key.pem'), 'encodePrivateKey'],
    ['no base64', '!!!', 'not base64'],
    ['base64 of something else', Buffer.from('hello').toString('base64'), 'not PEM'],
    ['the certificate', Buffer.from(readFixture('certificate.pem')).toString('base64'), 'it is a certificate'],
    [
      'a damaged key',
      Buffer.from('-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----').toString('base64'),
      'cannot be read',
    ],
  ])('refuses a private key that is %s, by its field', async (_name, privateKey, words) => {
    const refusal = {
      name: 'RequestError',
      code: 'BAD_USER_INPUT',
      field: 'certificate.privateKey',
      message: expect.stringContaining(words),
    };
    await expect(open(certificate(THUMBPRINT, privateKey)).token()).rejects.toMatchObject(refusal);
    expect(entra.requests()).toEqual([]);
  });

  it('refuses a thumbprint that is none, by its field', async () => {
    await expect(open(certificate('6bd1')).token()).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      field: 'certificate.customKeyIdentifier',
    });
  });

  it('refuses a plain http authority on another machine', () => {
    expect(() => open(SECRET, {}, 'http://login.example')).toThrow('loopback');
  });
});
