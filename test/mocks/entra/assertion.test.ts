import { createHash, createPrivateKey, generateKeyPairSync, randomUUID, X509Certificate } from 'node:crypto';
import { type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { READY_MADE, readFixture } from '../../../mocks/entra/directory.js';
import { createEntraMock, type EntraMock } from '../../../mocks/entra/server.js';
import { covers } from '../compatibility.js';

const { tenantId, clientId } = READY_MADE;
const PRIVATE_KEY = createPrivateKey(readFixture('private-key.pem'));
const DER = new X509Certificate(readFixture('certificate.pem')).raw;
const SHA1 = createHash('sha1').update(DER).digest('base64url');
const SHA256 = createHash('sha256').update(DER).digest('base64url');

let entra: EntraMock;
beforeAll(async () => {
  entra = await createEntraMock();
});
beforeEach(() => entra.reset());
afterAll(() => entra.close());

function claims(): JWTPayload {
  const now = Math.floor(Date.now() / 1000);
  const aud = `${entra.url}/${tenantId}/oauth2/v2.0/token`;
  return { aud, iss: clientId, sub: clientId, jti: randomUUID(), iat: now, nbf: now, exp: now + 600 };
}

function sign(
  change: JWTPayload = {},
  header: JWTHeaderParameters = { alg: 'RS256', x5t: SHA1 },
  key = PRIVATE_KEY,
): Promise<string> {
  return new SignJWT({ ...claims(), ...change }).setProtectedHeader(header).sign(key);
}

async function present(assertion: string): Promise<string> {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    scope: 'https://contoso.crm.dynamics.com/.default',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  });
  const response = await fetch(`${entra.url}/${tenantId}/oauth2/v2.0/token`, { method: 'POST', body });
  const { error_codes, error_description = '' } = (await response.json()) as {
    error_codes?: number[];
    error_description?: string;
  };
  return error_codes ? `${response.status} ${error_codes} ${error_description}` : `${response.status}`;
}

describe('a client assertion', () => {
  it.each<[string, JWTHeaderParameters]>([
    ['RS256 and x5t', { alg: 'RS256', x5t: SHA1 }],
    ['PS256 and x5t#S256', { alg: 'PS256', 'x5t#S256': SHA256 }],
  ])('is accepted with %s', async (_name, header) => {
    covers('entra', '8.4 Client assertion', 'RS256 with x5t, PS256 with x5t#S256');
    expect(await present(await sign({}, header))).toBe('200');
  });

  it('is accepted again as long as it is valid', async () => {
    covers('entra', '8.4 Client assertion', 'the same assertion may come again');
    const assertion = await sign();
    expect([await present(assertion), await present(assertion)]).toEqual(['200', '200']);
  });

  it('may be meant for either endpoint or the issuer', async () => {
    covers('entra', '8.4 Client assertion', 'audience: either token endpoint or the issuer');
    const audiences = ['/oauth2/token', '/v2.0'].map((path) => `${entra.url}/${tenantId}${path}`);
    audiences.push(`https://login.microsoftonline.com/contoso.example/oauth2/v2.0/token`);
    for (const aud of audiences) expect(await present(await sign({ aud }))).toBe('200');
  });

  it('may lie five minutes off the time', async () => {
    covers('entra', '8.4 Client assertion', 'nbf and exp within five minutes: else 700024');
    const now = Math.floor(Date.now() / 1000);
    expect(await present(await sign({ nbf: now + 280, exp: now + 900 }))).toBe('200');
    expect(await present(await sign({ nbf: now - 900, exp: now - 280 }))).toBe('200');
    expect(await present(await sign({ nbf: now + 320 }))).toMatch(/^401 700024 .* not within its valid time range/);
    expect(await present(await sign({ exp: now - 320 }))).toMatch(/^401 700024 /);
  });

  it('is judged by the clock of the mock', async () => {
    const assertion = await sign();
    entra.clock.advance(3600);
    expect(await present(assertion)).toMatch(/^401 700024 /);
  });

  it.each<[string, JWTPayload, string]>([
    ['another issuer', { iss: tenantId }, '401 700021 '],
    ['another subject', { sub: tenantId }, '401 700021 '],
    ['another audience', { aud: 'https://evil.example' }, '401 700023 '],
  ])('is refused with %s', async (_name, change, expected) => {
    covers('entra', '8.4 Client assertion', 'iss and sub: 700021; aud: 700023');
    expect((await present(await sign(change))).slice(0, expected.length)).toBe(expected);
  });

  it('is refused with a certificate that is not registered', async () => {
    covers('entra', '8.4 Client assertion', 'certificate not registered: 700027 with its thumbprint');
    const refused = await present(
      await sign({}, { alg: 'RS256', x5t: Buffer.from('0A0B', 'hex').toString('base64url') }),
    );
    expect(refused).toMatch(/^401 700027 .*Reason - The key was not found., Thumbprint of key used by client: '0A0B'/);
    expect(await present(await sign({}, { alg: 'RS256' }))).toMatch(/^401 700027 /);
  });

  it('is refused with the signature of another key', async () => {
    covers('entra', '8.4 Client assertion', 'signature of another key: 700027');
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    expect(await present(await sign({}, { alg: 'RS256', x5t: SHA1 }, privateKey))).toMatch(
      /^401 700027 .* contains an invalid signature/,
    );
  });

  it('is refused after its certificate expired', async () => {
    covers('entra', '8.4 Client assertion', 'certificate expired: 700027');
    entra.clock.set(new Date('2124-02-01T00:00:00Z'));
    expect(await present(await sign())).toMatch(/^401 700027 .*The key used is expired/);
  });

  it('is refused unsigned, or signed by an algorithm that Entra does not take', async () => {
    covers('entra', '8.4 Client assertion', 'alg none and HS256: 50027');
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    expect(await present(`${part({ alg: 'none', x5t: SHA1 })}.${part(claims())}.`)).toMatch(/^401 50027 /);
    const hs256 = new SignJWT(claims()).setProtectedHeader({ alg: 'HS256', x5t: SHA1 }).sign(Buffer.alloc(32));
    expect(await present(await hs256)).toMatch(/^401 50027 .* RS256 or PS256/);
  });
});
