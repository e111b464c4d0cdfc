import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway.js';

const CONTACTS = '{ unified { contacts(first: 3) { nodes { lastname campaign { email } } } } }';

/** What an upstream request is told with, whatever it was. */
const ANSWERED = { status: 200, milliseconds: expect.any(Number) };

interface Extended {
  readonly extensions?: { readonly upstream?: readonly { readonly system: string }[]; readonly cost?: unknown };
}

describe('a query', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway({ contacts: 20, settings: { QUERY_TIMEOUT_MS: '1500', MAX_QUERY_COST: '6000' } });
    for (const file of ['01-create-external-account', '04-map-tables']) await gateway.example(`${file}.graphql`);
  });
  afterAll(() => gateway?.close());
  beforeEach(() => gateway.mocks.clearRequests());
  afterEach(() => {
    gateway.mocks.dynamics.clearFaults();
    gateway.mocks.campaign.clearFaults();
  });

  async function post(query: string, headers: Record<string, string> = {}): Promise<Extended> {
    const response = await fetch(`${gateway.app.gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query }),
    });
    return (await response.json()) as Extended; // what a GraphQL server answers
  }

  it('tells its cost and the limit where the client asks for that', async () => {
    expect((await post(CONTACTS, { 'isthmus-cost': 'true' })).extensions).toEqual({ cost: { cost: 8, limit: 6_000 } });
    expect(await post(CONTACTS)).not.toHaveProperty('extensions');
  });

  it('tells cost and upstream requests together', async () => {
    const { extensions } = await post(CONTACTS, { 'isthmus-cost': 'true', 'isthmus-upstream': 'true' });
    expect(extensions?.upstream?.map(({ system }) => system)).toEqual(['dynamics', 'campaign']);
    expect(extensions?.cost).toEqual({ cost: 8, limit: 6_000 });
  });

  it('tells each upstream request with what it was and how long it took, however often it is asked', async () => {
    for (let time = 0; time < 3; time++) {
      const { extensions } = await post(CONTACTS, { 'isthmus-upstream': 'true' });
      expect(extensions).toEqual({
        upstream: [
          { system: 'dynamics', method: 'GET', target: expect.stringContaining('/contacts?'), ...ANSWERED },
          { system: 'campaign', method: 'POST', target: expect.stringContaining('ExecuteQuery'), ...ANSWERED },
        ],
      });
    }
  });

  it('over the limit of the settings is refused before anything is asked upstream', async () => {
    const answer = await gateway.send('{ unified { contacts(first: 5000) { nodes { campaign { email } } } } }');
    expect(answer.errors[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT', cost: { cost: 10_002, limit: 6_000 } });
    expect(gateway.mocks.requests()).toEqual([]);
  });

  it('that takes too long is answered with what is known by then', async () => {
    gateway.mocks.campaign.addFault({ times: 10, delayMs: 20_000 });
    const { data, errors } = await gateway.send(CONTACTS);
    expect(data.unified.contacts.nodes.map((node: { campaign: unknown }) => node.campaign)).toEqual([null, null, null]);
    expect(errors[0]).toMatchObject({
      message: expect.stringContaining('within 1500 ms'),
      extensions: { code: 'UPSTREAM_UNAVAILABLE' },
    });
  });

  it('ends its upstream work when the client leaves', async () => {
    gateway.mocks.dynamics.addFault({ times: 1, delayMs: 500 });
    const leaving = request(`${gateway.app.gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/graphql' },
    });
    leaving.on('error', () => undefined);
    leaving.end(CONTACTS);
    await until(() => gateway.mocks.dynamics.requests().length > 0);
    leaving.destroy();
    await delay(900);
    // Campaign would have been asked for the ids that Dynamics tells.
    expect(gateway.mocks.requests().map(({ path }) => path.split('?')[0])).toEqual(['/api/data/v9.2/contacts']);
  });
});

describe('where the settings show what is asked upstream', () => {
  it('each answer lists its upstream requests and its cost unasked', async () => {
    const gateway = await startGateway({ contacts: 5, settings: { SHOW_UPSTREAM: 'always' } });
    const response = await fetch(`${gateway.app.gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/graphql' },
      body: '{ externalAccounts { name } }',
    });
    expect(await response.json()).toMatchObject({ extensions: { upstream: [], cost: { cost: 1, limit: 100_000 } } });
    await gateway.close();
  });
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await delay(10);
}
