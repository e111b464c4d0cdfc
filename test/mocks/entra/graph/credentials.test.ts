import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { READY_MADE, readFixture } from '../../../../mocks/entra/directory.js';
import { createEntraMock, type EntraMock } from '../../../../mocks/entra/server.js';
import { covers } from '../../compatibility.js';
import { assertionForm, makeCertificate, type TestCertificate } from './certificate.js';
import { GraphClient, type Json, requestToken, tokenOutcome } from './graph-client.js';

let entra: EntraMock;
let graph: GraphClient;
let certificate: TestCertificate;
beforeAll(async () => {
  [entra, certificate] = await Promise.all([createEntraMock(), makeCertificate()]);
  graph = new GraphClient(entra);
});
beforeEach(() => entra.reset());
afterAll(() => entra.close());

const SHORT = { type: 'AsymmetricX509Cert', usage: 'Verify' };

async function createApplication(): Promise<{ readonly id: string; readonly appId: string }> {
  const { body } = await graph.post('/applications', { displayName: 'adobecampaigncontoso' });
  const { id, appId } = body as { readonly id: string; readonly appId: string };
  await graph.post('/servicePrincipals', { appId });
  return { id, appId };
}

async function credentials(id: string): Promise<readonly Json[]> {
  return (await graph.get(`/applications/${id}?$select=id,keyCredentials`)).body.keyCredentials as readonly Json[];
}

async function byCertificate(appId: string, by = certificate): Promise<unknown> {
  return tokenOutcome(entra, await assertionForm(by, appId, `${entra.url}/contoso.example/oauth2/v2.0/token`));
}

describe('an uploaded certificate', () => {
  it('is accepted at the token endpoint from then on, and refused once it is taken away', async () => {
    covers('entra', 'Graph 2.1 Upload', 'PATCH keyCredentials: the certificate signs in from then on');
    covers('entra', 'Graph 8.3 Effects', 'certificate added, removed: assertion accepted, AADSTS700027');
    const { id, appId } = await createApplication();
    expect(await byCertificate(appId)).toBe(700027);
    expect(
      (await graph.patch(`/applications/${id}`, { keyCredentials: [{ ...SHORT, key: certificate.key }] })).status,
    ).toBe(204);
    expect(await byCertificate(appId)).toBe('token');
    await graph.patch(`/applications/${id}`, { keyCredentials: [] });
    expect(await byCertificate(appId)).toBe(700027);
  });

  it('has a thumbprint, a name, an id and dates where none were sent', async () => {
    covers('entra', 'Graph 2.1 Upload', 'defaults of keyId, displayName, dates and customKeyIdentifier (hex)');
    const { id } = await createApplication();
    await graph.patch(`/applications/${id}`, { keyCredentials: [{ ...SHORT, key: certificate.key }] });
    expect(await credentials(id)).toMatchObject([
      {
        customKeyIdentifier: certificate.thumbprint,
        displayName: 'CN=adobecampaign',
        endDateTime: certificate.notAfter.toISOString().replace('.000', ''),
        key: certificate.key,
        keyId: expect.stringMatching(/^[\da-f-]{36}$/),
      },
    ]);
  });

  it('tells its thumbprint in base64 where the mock is told to', async () => {
    covers('entra', 'Graph 2.2 customKeyIdentifier', 'both forms: 40 hex digits, or base64 of the SHA-1 bytes');
    const other = await createEntraMock({ thumbprintForm: 'base64' });
    const client = new GraphClient(other);
    const body = { displayName: 'x', keyCredentials: [{ ...SHORT, key: certificate.key }] };
    const [made] = (await client.post('/applications', body)).body.keyCredentials as Json[];
    await other.close();
    expect(made?.customKeyIdentifier).toBe(Buffer.from(certificate.thumbprint, 'hex').toString('base64'));
  });

  it('may be the base64 of a PEM file', async () => {
    covers('entra', 'Graph 2.1 Upload', 'key as base64 of DER or of a PEM file');
    const { id } = await createApplication();
    const key = Buffer.from(readFixture('certificate.pem')).toString('base64');
    await graph.patch(`/applications/${id}`, { keyCredentials: [{ ...SHORT, key }] });
    const [made] = await credentials(id);
    expect(made?.key).toMatch(/^MII/);
  });

  it('shows its key to a selecting read of one object only', async () => {
    covers('entra', 'Graph 2.1 Upload', 'key is null unless one object is read with $select=keyCredentials');
    const { id } = await createApplication();
    await graph.patch(`/applications/${id}`, { keyCredentials: [{ ...SHORT, key: certificate.key }] });
    const keys = (body: Json | undefined) => ((body?.keyCredentials ?? []) as Json[]).map(({ key }) => key);
    expect(keys((await graph.get(`/applications/${id}`)).body)).toEqual([null]);
    const [listed] = await graph.list(`/applications?$filter=id eq '${id}'&$select=keyCredentials`);
    expect(keys(listed)).toEqual([null]);
  });

  it('is kept by its keyId without its key, and cannot be changed', async () => {
    covers('entra', 'Graph 2.1 Upload', 'PATCH replaces the list; entries are known by keyId and may come without key');
    covers('entra', 'Graph 2.4 Errors', 'an existing keyId with other data: KeyNotUpdatable');
    const { id, appId } = await createApplication();
    await graph.patch(`/applications/${id}`, { keyCredentials: [{ ...SHORT, key: certificate.key }] });
    const [existing] = await credentials(id);
    const second = await makeCertificate(30);
    const both = [
      { ...existing, key: null },
      { ...SHORT, key: second.key },
    ];
    expect((await graph.patch(`/applications/${id}`, { keyCredentials: both })).status).toBe(204);
    expect([await byCertificate(appId), await byCertificate(appId, second)]).toEqual(['token', 'token']);
    const changed = { keyCredentials: [{ ...existing, displayName: 'another' }] };
    expect(await graph.refusal(graph.patch(`/applications/${id}`, changed))).toEqual([
      400,
      'Request_BadRequest',
      `Update to existing credential with KeyId '${existing?.keyId}' is not allowed.`,
      'KeyNotUpdatable',
    ]);
  });

  it('is refused at the token endpoint when its end has passed, and fails the list it is sent back in', async () => {
    covers('entra', 'Graph 2.4 Errors', 'one expired entry sent back fails the whole PATCH');
    covers('entra', 'Graph 8.3 Effects', 'certificate expired: AADSTS700027');
    const { id, appId } = await createApplication();
    const endDateTime = new Date(Date.now() + 3_600_000).toISOString();
    await graph.patch(`/applications/${id}`, { keyCredentials: [{ ...SHORT, key: certificate.key, endDateTime }] });
    entra.clock.advance(7200);
    const form = await assertionForm(certificate, appId, `${entra.url}/contoso.example/oauth2/v2.0/token`);
    expect(String((await requestToken(entra, form)).error_description)).toContain('The key used is expired.');
    const again = graph.patch(`/applications/${id}`, { keyCredentials: await credentials(id) });
    expect(await graph.refusal(again)).toContain('KeyCredentialsInvalidEndDate');
  });

  it.each([
    ['an end after its own', { endDateTime: '2999-01-01T00:00:00Z' }, 'Key credential end date is invalid.'],
    ['an end in the past', { endDateTime: '2020-01-01T00:00:00Z' }, 'Key credential end date is invalid.'],
    [
      'another usage',
      { usage: 'Encrypt' },
      'The value for the property "usage" in one of your credentials is invalid.',
    ],
    ['no key', { key: null }, 'Key credential certificate is invalid. A new credential needs its key.'],
    ['a key that is none', { key: 'AAAA' }, 'Key credential certificate is invalid. The key must be the base64'],
    [
      'a private key',
      { key: Buffer.from(readFixture('private-key.pem')).toString('base64') },
      'Key credential certificate is invalid. The key must not hold a private key.',
    ],
    [
      'two certificates',
      { key: Buffer.from(readFixture('certificate.pem').repeat(2)).toString('base64') },
      'Key credential certificate is invalid. The key must hold one certificate.',
    ],
    [
      'an identifier that is too long',
      { customKeyIdentifier: 'x'.repeat(41) },
      'The value for the property "customKey',
    ],
  ])('is refused with %s', async (_name, change, message) => {
    covers('entra', 'Graph 2.4 Errors', 'end date, usage, key that is no certificate, private key: 400');
    const { id } = await createApplication();
    const keyCredentials = [{ ...SHORT, key: certificate.key, ...change }];
    const [status, , text] = await graph.refusal(graph.patch(`/applications/${id}`, { keyCredentials }));
    expect(status).toBe(400);
    expect(text).toContain(message);
  });
});

describe('a key that an application rolls itself', () => {
  it('is added and removed by a proof that its certificate signs', async () => {
    covers('entra', 'Graph 2.5 Keys and passwords', 'addKey and removeKey with a proof, without any permission');
    const { id, appId } = await createApplication();
    await graph.patch(`/applications/${id}`, { keyCredentials: [{ ...SHORT, key: certificate.key }] });
    const form = await assertionForm(certificate, appId, `${entra.url}/contoso.example/oauth2/v2.0/token`);
    const token = await requestToken(entra, { ...form, scope: 'https://graph.microsoft.com/.default' });
    const itself = new GraphClient(entra, String(token.access_token));
    const now = Math.floor(Date.now() / 1000);
    const aud = '00000002-0000-0000-c000-000000000000';
    const proof = await certificate.sign({ aud, iss: id, nbf: now, exp: now + 600 });
    const next = await makeCertificate();
    const added = await itself.post(`/applications/${id}/addKey`, {
      keyCredential: { ...SHORT, key: next.key },
      passwordCredential: null,
      proof,
    });
    expect([added.status, added.body.customKeyIdentifier]).toEqual([200, next.thumbprint]);
    expect(await byCertificate(appId, next)).toBe('token');
    const [old] = await credentials(id);
    expect((await itself.post(`/applications/${id}/removeKey`, { keyId: old?.keyId, proof })).status).toBe(204);
    expect(await byCertificate(appId)).toBe(700027);
    expect(await graph.refusal(itself.post(`/applications/${id}/addKey`, { keyCredential: {}, proof: 'x' }))).toEqual([
      401,
      'Authentication_MissingOrMalformed',
      'Access Token missing or malformed.',
    ]);
  });
});

describe('a client secret', () => {
  const bySecret = (appId: string, secret: unknown) =>
    tokenOutcome(entra, {
      grant_type: 'client_credentials',
      client_id: appId,
      client_secret: String(secret),
      scope: 'https://contoso.crm.dynamics.com/.default',
    });

  it('is told once, works until it expires or is removed', async () => {
    covers('entra', 'Graph 2.5 Keys and passwords', 'addPassword, removePassword; secretText is told once');
    covers('entra', 'Graph 8.3 Effects', 'secret added, removed, expired: accepted, AADSTS7000215, AADSTS7000222');
    const { id, appId } = await createApplication();
    const { status, body } = await graph.post(`/applications/${id}/addPassword`, {
      passwordCredential: { displayName: 'isthmus' },
    });
    expect([status, body.displayName, String(body.secretText).startsWith(String(body.hint))]).toEqual([
      200,
      'isthmus',
      true,
    ]);
    expect(await bySecret(appId, body.secretText)).toBe('token');
    const { passwordCredentials } = (await graph.get(`/applications/${id}`)).body;
    expect(passwordCredentials).toMatchObject([{ keyId: body.keyId, secretText: null }]);
    entra.clock.advance(3 * 365 * 86_400);
    expect(await bySecret(appId, body.secretText)).toBe(7000222);
    expect((await graph.post(`/applications/${id}/removePassword`, { keyId: body.keyId })).status).toBe(204);
    expect(await bySecret(appId, body.secretText)).toBe(7000215);
    expect((await graph.post(`/applications/${id}/removePassword`, { keyId: body.keyId })).status).toBe(400);
  });

  it('is added without a body too', async () => {
    covers('entra', 'Graph 2.5 Keys and passwords', 'addPassword without a body');
    const { appId } = await createApplication();
    expect((await graph.post(`/applications(appId='${appId}')/addPassword`)).status).toBe(200);
  });

  it('opens nothing while the application has no service principal', async () => {
    covers('entra', 'Graph 8.3 Effects', 'application without service principal: AADSTS7000229; deleted: AADSTS700016');
    const { body } = await graph.post('/applications', { displayName: 'alone' });
    const { secretText } = (await graph.post(`/applications/${body.id}/addPassword`)).body;
    expect(await bySecret(String(body.appId), secretText)).toBe(7000229);
    await graph.post('/servicePrincipals', { appId: body.appId });
    expect(await bySecret(String(body.appId), secretText)).toBe('token');
    await graph.patch(`/servicePrincipals(appId='${body.appId}')`, { accountEnabled: false });
    expect(await bySecret(String(body.appId), secretText)).toBe(7000112);
    await graph.delete(`/applications/${body.id}`);
    expect(await bySecret(String(body.appId), secretText)).toBe(700016);
  });

  it('of the ready-made application is there beside its certificate', async () => {
    const { body } = await graph.get(`/applications(appId='${READY_MADE.clientId}')`);
    expect([body.passwordCredentials, body.keyCredentials]).toMatchObject([[{ hint: 'moc' }], [{ usage: 'Verify' }]]);
  });
});
