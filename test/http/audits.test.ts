import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway.js';

describe('GraphQL over HTTP', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway({ contacts: 10 });
  });
  afterAll(() => gateway?.close());

  // https://github.com/graphql/graphql-http/blob/main/README.md#audits
  const audits = serverAudits({ url: () => `${gateway.app.gateway.url}/graphql` });

  it('has 61 audits', () => {
    expect(audits).toHaveLength(61);
  });

  it.each(audits)('passes $id: it $name', async ({ fn }) => {
    const result = await fn();
    expect(result).toMatchObject({ status: 'ok' });
  });

  it.each([
    'text/plain',
    'text/plain; application/json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    null,
  ])('refuses what a page of another site can send unasked: a POST of type %s', async (type) => {
    const before = await accounts(gateway);
    const response = await fetch(`${gateway.app.gateway.url}/graphql`, {
      method: 'POST',
      headers: type === null ? {} : { 'content-type': type },
      body: Buffer.from(JSON.stringify({ query: CREATE })),
    });
    expect(response.status).toBe(400);
    expect(await accounts(gateway)).toEqual(before);
  });

  it('refuses a POST of text/plain that holds its mutation in the address', async () => {
    const response = await fetch(`${gateway.app.gateway.url}/graphql?query=${encodeURIComponent(CREATE)}`, {
      method: 'POST',
      body: 'x',
    });
    expect(response.status).toBe(400);
    expect(await accounts(gateway)).toEqual([]);
  });

  it('refuses mutations by GET', async () => {
    const response = await fetch(`${gateway.app.gateway.url}/graphql?query=${encodeURIComponent(CREATE)}`);
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
    expect(await accounts(gateway)).toEqual([]);
  });
});

const CREATE = `mutation { createExternalAccount(input: {
  name: "other", server: "https://contoso.crm.dynamics.com", tenantId: "11111111-1111-1111-1111-111111111111",
  clientId: "22222222-2222-2222-2222-222222222222", oauthType: CLIENT_SECRET, clientSecret: "mock-secret"
}) { outcome } }`;

async function accounts(gateway: TestGateway): Promise<unknown> {
  return (await gateway.ask('{ externalAccounts { name } }')).externalAccounts;
}
