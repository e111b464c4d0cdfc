import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway.js';

const KEYS = [
  'reads:reader:reader-key-0123456789',
  'works:operator:operator-key-012345',
  'rules:admin:admin-key-0123456789',
];
const CREATE_WORKFLOW =
  'mutation { createWorkflow(input: { name: "w", account: "a", operation: IMPORT, table: "contact" }) { name } }';
const DELETE_ACCOUNT = 'mutation { deleteExternalAccount(name: "nobody") }';

describe('authentication by API key', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway({ contacts: 1, settings: { AUTH: 'apikey', API_KEYS: KEYS.join(',') } });
  });
  afterAll(() => gateway.close());

  function send(query: string, headers: Record<string, string> = {}) {
    return request(gateway.app.gateway.url).post('/graphql').set(headers).send({ query });
  }

  it.each<Record<string, string>>([{}, { 'x-api-key': 'wrong-key-0123456789' }, { authorization: 'Bearer wrong' }])(
    'refuses %j with 401 and tells what is expected',
    async (headers) => {
      const { status, body } = await send('{ externalAccounts { name } }', headers);
      expect(status).toBe(401);
      expect(body.errors[0].extensions.code).toBe('UNAUTHENTICATED');
      expect(body.errors[0].message).toContain('x-api-key');
    },
  );

  it.each<Record<string, string>>([
    { 'x-api-key': 'reader-key-0123456789' },
    { authorization: 'Bearer reader-key-0123456789' },
  ])('takes the key from %j', async (headers) => {
    expect((await send('{ externalAccounts { name } }', headers)).body).toEqual({ data: { externalAccounts: [] } });
  });

  it.each([
    ['reader-key-0123456789', CREATE_WORKFLOW, 'FORBIDDEN'],
    ['operator-key-012345', CREATE_WORKFLOW, 'NOT_FOUND'],
    ['operator-key-012345', DELETE_ACCOUNT, 'FORBIDDEN'],
    ['admin-key-0123456789', DELETE_ACCOUNT, undefined],
  ])('lets %s do what its role allows: %s', async (key, query, code) => {
    const { body } = await send(query, { 'x-api-key': key });
    expect(body.errors?.[0].extensions.code).toBe(code);
  });

  it('shows the GraphQL schema to nobody without a key', async () => {
    const { url } = gateway.app.gateway;
    expect((await request(url).get('/schema.graphql')).status).toBe(401);
    expect((await request(url).get('/schema.graphql').set('x-api-key', 'reader-key-0123456789')).text).toContain(
      'type Query',
    );
  });
});

describe('authentication by token', () => {
  let gateway: TestGateway;
  let sign: (claims: Record<string, unknown>, audience?: string) => Promise<string>;
  const keys = createServer();
  beforeAll(async () => {
    const { publicKey, privateKey } = await generateKeyPair('RS256');
    const jwk = { ...(await exportJWK(publicKey)), kid: 'k', alg: 'RS256' };
    keys.on('request', (_request, response) =>
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] })),
    );
    await new Promise<void>((resolve) => keys.listen(0, '127.0.0.1', resolve));
    const { port } = keys.address() as AddressInfo; // it listens
    sign = (claims, audience = 'isthmus') =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'RS256', kid: 'k' })
        .setIssuer('https://id.example')
        .setAudience(audience)
        .setExpirationTime('5m')
        .sign(privateKey);
    const settings = {
      AUTH: 'jwt',
      JWT_ISSUER: 'https://id.example',
      JWT_AUDIENCE: 'isthmus',
      JWT_JWKS_URL: `http://127.0.0.1:${port}/keys`,
    };
    gateway = await startGateway({ contacts: 1, settings });
  });
  afterAll(async () => {
    await gateway.close();
    keys.close();
  });

  async function codeOf(query: string, token: string): Promise<string | undefined> {
    const { body } = await request(gateway.app.gateway.url)
      .post('/graphql')
      .set('authorization', `Bearer ${token}`)
      .send({ query });
    return body.errors?.[0].extensions.code;
  }

  it('gives the highest role that the claim "roles" holds', async () => {
    const token = await sign({ sub: 'ann', roles: ['reader', 'operator'] });
    expect(await codeOf('{ externalAccounts { name } }', token)).toBeUndefined();
    expect(await codeOf(CREATE_WORKFLOW, token)).toBe('NOT_FOUND');
    expect(await codeOf(DELETE_ACCOUNT, token)).toBe('FORBIDDEN');
  });

  it('refuses a token for somebody else, one that is none, and one without a role', async () => {
    expect(await codeOf('{ externalAccounts { name } }', await sign({ roles: ['admin'] }, 'another'))).toBe(
      'UNAUTHENTICATED',
    );
    expect(await codeOf('{ externalAccounts { name } }', 'not.a.token')).toBe('UNAUTHENTICATED');
    expect(await codeOf('{ externalAccounts { name } }', await sign({ roles: ['guest'] }))).toBe('FORBIDDEN');
  });
});
