import { ApolloServer } from '@apollo/server';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RequestContext } from '../../src/http/context.js';
import { createKnownOperations } from '../../src/http/known-operations.js';
import { createLimitCheck } from '../../src/http/limits.js';
import { createMetrics } from '../../src/http/metrics.js';
import { startGateway, type TestGateway } from '../support/gateway.js';
import { zooSchema } from '../unified/zoo-schema.js';

const CONTACTS = '{ unified { contacts(first: 3) { nodes { lastname campaign { email } } } } }';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

describe('a query that comes again', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway({ contacts: 20, settings: { MAX_QUERY_COST: '6000' } });
    for (const file of ['01-create-external-account', '04-map-tables']) await gateway.example(`${file}.graphql`);
  });
  afterAll(() => gateway?.close());
  beforeEach(() => gateway.mocks.clearRequests());
  afterEach(() => {
    gateway.mocks.dynamics.clearFaults();
    gateway.mocks.campaign.clearFaults();
  });

  async function post(body: Readonly<Record<string, unknown>>, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(`${gateway.app.gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    const { date: _, ...told } = Object.fromEntries(response.headers);
    return { status: response.status, headers: told, body: await response.text() };
  }

  async function thrice(body: Readonly<Record<string, unknown>>, headers?: Record<string, string>): Promise<Answer> {
    const [first, ...others] = [await post(body, headers), await post(body, headers), await post(body, headers)];
    expect(others).toEqual([first, first]);
    return first;
  }

  it.each([
    ['JSON', {}],
    ['a client that names no type', { accept: '*/*' }],
    ['GraphQL', { accept: 'application/graphql-response+json' }],
    ['a type that is not served', { accept: 'text/xml' }],
  ])('has the status, the headers and the body that it had the first time: %s', async (_, headers) => {
    await thrice({ query: CONTACTS }, headers);
  });

  it.each([
    [
      'variables',
      { query: 'query ($n: Int) { dynamics { contacts(first: $n) { nodes { lastname } } } }', variables: { n: 2 } },
    ],
    [
      'a variable that does not fit',
      { query: 'query ($n: Int) { dynamics { contacts(first: $n) { nodes { lastname } } } }', variables: { n: 'x' } },
    ],
    ['variables that are no object', { query: CONTACTS, variables: [1] }],
    ['null beside the text', { query: CONTACTS, variables: null, operationName: null, extensions: null }],
    ['one operation of several', { query: 'query A { __typename } query B { b: __typename }', operationName: 'B' }],
    ['no name among several', { query: 'query A { __typename } query B { b: __typename }' }],
    ['a name that the text has not', { query: 'query A { __typename }', operationName: 'Other' }],
    [
      'a hash that is not of the text',
      { query: CONTACTS, extensions: { persistedQuery: { version: 1, sha256Hash: 'a' } } },
    ],
    ['a fault of its own', { query: '{ dynamics { contacts(first: 0) { nodes { lastname } } } }' }],
    ['a cost over the limit', { query: '{ unified { contacts(first: 5000) { nodes { campaign { email } } } } }' }],
    ['the GraphQL schema', { query: '{ __type(name: "Contact") { fields { name } } }' }],
  ])('is answered alike with %s', async (_, body) => {
    await thrice(body);
  });

  it('tells of a system that fails as it did the first time, and asks it no more often', async () => {
    gateway.mocks.campaign.addFault({ times: 100, status: 500, message: 'XTK-170036 broken' });
    const { status, body } = await thrice({ query: CONTACTS });
    const { data, errors } = JSON.parse(body);
    expect([status, data.unified.contacts.nodes.length, errors[0].extensions.code]).toEqual([
      200,
      3,
      'UPSTREAM_UNAVAILABLE',
    ]);
    const asked = gateway.mocks.requests().filter(({ path }) => path.startsWith('/nl/'));
    expect(asked).toHaveLength(3);
  });

  it('sees what was written in between', async () => {
    const name = '{ dynamics { contacts(first: 1) { nodes { contactid lastname } } } }';
    const { contactid } = JSON.parse((await thrice({ query: name })).body).data.dynamics.contacts.nodes[0];
    const write = `mutation { updateDynamicsContact(id: "${contactid}", input: { lastname: "Seen" }) { contactid } }`;
    await post({ query: write });
    expect(JSON.parse((await post({ query: name })).body).data.dynamics.contacts.nodes[0].lastname).toBe('Seen');
  });

  it.each([
    ['short', 1],
    ['long', 100],
  ])('has the length that its headers tell, in bytes, where it is %s', async (_, times) => {
    const [first] = JSON.parse(
      (await post({ query: '{ dynamics { contacts(first: 1) { nodes { contactid } } } }' })).body,
    ).data.dynamics.contacts.nodes;
    const write = `mutation { updateDynamicsContact(id: "${first.contactid}", input: { lastname: "Ελένη" }) { contactid } }`;
    await post({ query: write });
    const names = Array.from({ length: times }, (_, index) => `name${index}: lastname`);
    const { headers, body } = await thrice({
      query: `{ dynamics { contacts(first: 20) { nodes { ${names.join(' ')} } } } }`,
    });
    expect(body).toContain('"name0":"Ελένη"');
    expect(Number(headers['content-length'])).toBe(Buffer.byteLength(body));
  });

  it('is refused once the graph no longer has what it asks for', async () => {
    const leads = { query: '{ unified { leads(first: 1) { nodes { subject } } } }' };
    const map =
      'mutation { mapTables(input: { account: "dynamicsCRM", tables: [{ table: "lead", columns: ["subject"] }] }) { dryRun } }';
    await gateway.ask(map);
    expect((await thrice(leads)).body).toContain('"subject"');
    await gateway.ask('mutation { unmapTables(input: { account: "dynamicsCRM", tables: ["lead"] }) { dryRun } }');
    expect((await thrice(leads)).body).toContain('Cannot query field');
  });

  it('is counted among the operations each time', async () => {
    const text = async () => (await fetch(`${gateway.app.gateway.url}/metrics`)).text();
    const count = async () =>
      Number(
        /isthmus_graphql_operation_duration_seconds_count\{type="query",outcome="ok"\} (\d+)/.exec(await text())?.[1],
      );
    const before = await count();
    await thrice({ query: CONTACTS });
    expect((await count()) - before).toBe(3);
  });

  it('may be a change, which is made each time', async () => {
    const write = 'mutation { createDynamicsContact(input: { lastname: "Twice" }) { lastname } }';
    await thrice({ query: write });
    const made = '{ dynamics { contacts(filter: { lastname: { eq: "Twice" } }) { totalCount { value } } } }';
    expect(JSON.parse((await post({ query: made })).body).data.dynamics.contacts.totalCount.value).toBe(3);
  });
});

describe('a query that comes again from someone unknown', () => {
  it('is refused', async () => {
    const keys = 'front:reader:a-key-of-some-length-0123456789';
    const gateway = await startGateway({ contacts: 5, settings: { AUTH: 'apikey', API_KEYS: keys } });
    const ask = async (key: string) => {
      const response = await fetch(`${gateway.app.gateway.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': key },
        body: '{"query":"{ __typename }"}',
      });
      return response.status;
    };
    const statuses = [
      await ask('a-key-of-some-length-0123456789'),
      await ask('a-key-of-some-length-0123456789'),
      await ask('other'),
    ];
    await gateway.close();
    expect(statuses).toEqual([200, 200, 401]);
  });
});

describe('the known operations', () => {
  const schema = zooSchema();
  const served = { current: schema };

  async function knownAfter(...texts: readonly string[]) {
    served.current = schema;
    const execute = async () => ({ data: null });
    const limits = createLimitCheck();
    const known = createKnownOperations({ schema: served, execute, limits, metrics: createMetrics() });
    const apollo = new ApolloServer<RequestContext>({ schema, plugins: [known.plugin] });
    // The schema's resolvers ask nothing of their context.
    for (const query of texts) await apollo.executeOperation({ query }, { contextValue: {} as RequestContext });
    await apollo.stop();
    return known;
  }

  it('are the valid queries of the graph that is served', async () => {
    const known = await knownAfter('{ cat { name } }', '{ cat { wings } }', 'mutation { adopt(name: "Mia") }');
    expect(known.find({ query: '{ cat { name } }' })?.operation.operation).toBe('query');
    expect(known.find({ query: '{ cat { wings } }' })).toBeNull();
    expect(known.find({ query: 'mutation { adopt(name: "Mia") }' })).toBeNull();
    served.current = zooSchema();
    expect(known.find({ query: '{ cat { name } }' })).toBeNull();
  });

  it('make room for new ones, the oldest first', async () => {
    const texts = Array.from({ length: 1_001 }, (_, index) => `{ a${index}: __typename }`);
    const known = await knownAfter(...texts);
    expect(texts.map((query) => known.find({ query })).indexOf(null)).toBe(0);
    expect(known.find({ query: texts[1] })).not.toBeNull();
  });

  it('are none that no client would send again and again', async () => {
    const long = `{ cat { name } } #${' '.repeat(20_000)}`;
    expect((await knownAfter(long)).find({ query: long })).toBeNull();
  });
});
