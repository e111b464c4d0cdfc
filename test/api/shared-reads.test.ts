import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Data, startGateway, type TestGateway } from '../support/gateway.js';
import { readableRequest } from '../support/readable-requests.js';
import { type SlowProxy, startSlowProxy } from '../support/slow-proxy.js';

const MAPPED = ['01-create-external-account', '04-map-tables'];
const KEYS = { reader: 'reader-key-0123456789', operator: 'operator-key-0123456789', admin: 'admin-key-01234567890' };
const LIST = '{ unified { contacts(first: 20) { nodes { lastname campaign { email } } } } }';
const RELATED = `{ dynamics { accounts(first: 5) { nodes {
  name primarycontactid { fullname } contact_customer_accounts(first: 2) { nodes { fullname } totalCount { value } } } } } }`;
const SUMS = `{ dynamics { contactsAggregate { count groupBy(columns: [gendercode]) { count key { gendercode { label } } } } }
  campaign { nmsRecipientsAggregate { count } } }`;

interface Answer {
  readonly data: Data;
  readonly errors?: readonly {
    readonly message: string;
    readonly path: readonly unknown[];
    readonly extensions: Data;
  }[];
  readonly extensions?: { readonly upstream: readonly { readonly system: string; readonly shared?: true }[] };
}

describe('Queries that are asked at the same time', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    const apiKeys = Object.entries(KEYS).map(([role, key]) => `${role}:${role}:${key}`);
    gateway = await startGateway({
      contacts: 60,
      settings: { AUTH: 'apikey', API_KEYS: apiKeys.join(',') },
    });
    for (const file of MAPPED) await ask(exampleOf(file), 'admin');
    // Sessions and tokens are at hand from here on.
    await ask(LIST);
  });
  afterAll(() => gateway?.close());
  beforeEach(() => gateway.mocks.clearRequests());
  afterEach(() => {
    gateway.mocks.dynamics.clearFaults();
    gateway.mocks.campaign.clearFaults();
  });

  const exampleOf = (file: string) =>
    readFileSync(`examples/${file}.graphql`, 'utf8').replaceAll('http://127.0.0.1:4010', gateway.mocks.dynamics.url);

  async function ask(
    query: string,
    role: keyof typeof KEYS = 'reader',
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await fetch(`${gateway.app.gateway.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/graphql',
        'x-api-key': KEYS[role],
        'isthmus-upstream': 'true',
        ...headers,
      },
      body: query,
    });
    return (await response.json()) as Answer; // what a GraphQL server answers
  }

  /** The next requests are answered late, so that all who ask meanwhile find them under way. */
  function slowly(times: number): void {
    gateway.mocks.dynamics.addFault({ times, delayMs: 800 });
    gateway.mocks.campaign.addFault({ times, delayMs: 800 });
  }

  const requests = () => gateway.mocks.requests().map(readableRequest);

  it.each([
    ['a list with its Campaign side', LIST, 2],
    ['lists within a list, and records that lookups lead to', RELATED, 2],
    ['sums and groups', SUMS, 3],
  ])('cost the requests of one: %s', async (_, query, expected) => {
    const alone = await ask(query);
    expect(requests()).toHaveLength(expected);
    slowly(20);
    const together = await Promise.all(Array.from({ length: 8 }, () => ask(query)));
    expect(requests()).toHaveLength(2 * expected);
    for (const { data, errors } of together) {
      expect(errors).toBeUndefined();
      expect(data).toEqual(alone.data);
    }
  });

  it('share them whoever asks, as the remotes see the gateway alone', async () => {
    slowly(4);
    await Promise.all([ask(LIST, 'reader'), ask(LIST, 'operator'), ask(LIST, 'admin')]);
    expect(requests()).toHaveLength(2);
  });

  it('list the requests of others as shared, and the metrics count them as spared', async () => {
    const before = await metrics();
    slowly(4);
    const answers = await Promise.all([ask(LIST), ask(LIST), ask(LIST)]);
    const lists = answers.map(({ extensions }) => extensions?.upstream.map(({ system, shared }) => [system, shared]));
    expect(lists.filter((list) => list?.every(([, shared]) => shared === undefined))).toEqual([
      [
        ['dynamics', undefined],
        ['campaign', undefined],
      ],
    ]);
    expect(lists.filter((list) => list?.every(([, shared]) => shared === true))).toHaveLength(2);
    const after = await metrics();
    expect(after.sent - before.sent).toBe(2);
    expect(after.spared - before.spared).toBe(4);
  });

  async function metrics(): Promise<{ readonly sent: number; readonly spared: number }> {
    const response = await fetch(`${gateway.app.gateway.url}/metrics`, { headers: { 'x-api-key': KEYS.admin } });
    const text = await response.text();
    const sum = (series: RegExp) => [...text.matchAll(series)].reduce((total, [, value]) => total + Number(value), 0);
    return {
      sent: sum(/^isthmus_upstream_request_duration_seconds_count\{.*\} (\d+)$/gm),
      spared: sum(/^isthmus_upstream_requests_spared_total\{.*\} (\d+)$/gm),
    };
  }

  it('share none where their labels are wanted in other languages', async () => {
    const query = '{ dynamics { contacts(first: 3) { nodes { gendercode { label } } } } }';
    slowly(4);
    await Promise.all([ask(query, 'reader', { 'accept-language': 'fr' }), ask(query)]);
    expect(requests()).toHaveLength(2);
  });

  it('are each told of a fault with the path of their own field', async () => {
    gateway.mocks.dynamics.addFault({ times: 1, status: 403, delayMs: 800 });
    const [one, other] = await Promise.all([
      ask('{ dynamics { contacts(first: 3) { nodes { lastname } } } }'),
      ask('{ dynamics { mine: contacts(first: 3) { nodes { lastname } } } }'),
    ]);
    expect(requests()).toHaveLength(1);
    expect(one?.errors?.[0]?.path).toEqual(['dynamics', 'contacts']);
    expect(other?.errors?.[0]?.path).toEqual(['dynamics', 'mine']);
    expect(one?.errors?.[0]?.extensions).toEqual(other?.errors?.[0]?.extensions);
    expect(one?.errors?.[0]?.extensions.upstream.status).toBe(403);
  });

  it('are answered when the one that sent the request has left', async () => {
    slowly(4);
    const leaving = request(`${gateway.app.gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/graphql', 'x-api-key': KEYS.reader },
    });
    leaving.on('error', () => undefined);
    leaving.end(LIST);
    while (gateway.mocks.requests().length === 0) await delay(5);
    const staying = ask(LIST);
    await delay(50);
    leaving.destroy();
    expect((await staying).data.unified.contacts.nodes).toHaveLength(20);
    expect(requests()).toHaveLength(2);
  });

  it('do not share what was asked before a write that has ended', async () => {
    const [contact] = (await ask('{ dynamics { contacts(first: 1) { nodes { contactid } } } }')).data.dynamics.contacts
      .nodes;
    const query = `{ dynamics { contact(id: "${contact.contactid}") { jobtitle } } }`;
    gateway.mocks.dynamics.addFault({ match: { method: 'GET' }, times: 1, delayMs: 500 });
    gateway.mocks.clearRequests();
    const before = ask(query);
    while (gateway.mocks.requests().length === 0) await delay(5);
    await ask(
      `mutation { updateDynamicsContact(id: "${contact.contactid}", input: { jobtitle: "Owner" }) { contactid } }`,
      'operator',
    );
    expect((await ask(query)).data.dynamics.contact).toEqual({ jobtitle: 'Owner' });
    await before;
    const reads = requests().filter((line) => line.startsWith('GET contacts?$select=contactid,jobtitle'));
    expect(reads).toHaveLength(2);
  });

  it('share a request also within one operation', async () => {
    slowly(2);
    const { data } = await ask(
      '{ dynamics { a: contacts(first: 2) { nodes { lastname } } b: contacts(first: 2) { nodes { lastname } } } }',
    );
    expect(data.dynamics.b).toEqual(data.dynamics.a);
    expect(requests()).toHaveLength(1);
  });

  it('share nothing with what a mutation reads', async () => {
    const { nodes } = (await ask('{ dynamics { contacts(first: 1) { nodes { contactid } } } }')).data.dynamics.contacts;
    const change = `mutation { updateDynamicsContact(id: "${nodes[0].contactid}", input: { jobtitle: "Chair" }) { fullname } }`;
    gateway.mocks.clearRequests();
    slowly(10);
    const answers = await Promise.all([ask(change, 'operator'), ask(change, 'operator')]);
    const shared = answers.flatMap(({ extensions }) => extensions?.upstream.filter((call) => call.shared) ?? []);
    expect(shared).toEqual([]);
    expect(requests().filter((line) => line.startsWith('GET contacts?$select=contactid,fullname'))).toHaveLength(2);
  });
});

describe('With SHARE_READS=off', () => {
  it('each query sends its own requests', async () => {
    const gateway = await startGateway({ contacts: 20, settings: { SHARE_READS: 'off' } });
    for (const file of MAPPED) await gateway.example(`${file}.graphql`);
    await gateway.ask(LIST);
    gateway.mocks.clearRequests();
    gateway.mocks.dynamics.addFault({ times: 10, delayMs: 800 });
    await Promise.all(Array.from({ length: 3 }, () => gateway.ask(LIST)));
    expect(gateway.mocks.requests()).toHaveLength(6);
    await gateway.close();
  });
});

const CLIENTS = 4;

/** What one client does, step by step: pauses are in milliseconds. */
const steps = fc.array(fc.record({ kind: fc.constantFrom('write', 'read', 'read', 'read'), pause: fc.nat(12) }), {
  minLength: 3,
  maxLength: 9,
});

describe.each([
  {
    system: 'Dynamics',
    isList: /\$select=contactid,jobtitle&\$orderby/,
    all: '{ dynamics { contacts(first: 10) { nodes { id: contactid value: jobtitle } } } }',
    write: (id: string, value: string) =>
      `mutation { updateDynamicsContact(id: "${id}", input: { jobtitle: "${value}" }) { contactid } }`,
  },
  {
    system: 'Campaign',
    isList: /lineCount="11"/,
    all: '{ campaign { nmsRecipients(first: 10) { nodes { id value: email } } } }',
    write: (id: string, value: string) =>
      `mutation { updateCampaignNmsRecipient(id: "${id}", input: { email: "${value}" }) { id } }`,
  },
])('Clients that write to $system and read at random', ({ all, write, isList }) => {
  let gateway: TestGateway;
  const proxies: SlowProxy[] = [];
  let ids: readonly string[] = [];
  let wait = 0;

  beforeAll(async () => {
    const late = (sent: string) => (isList.test(sent) ? Math.random() * wait : 0);
    const campaign = await startSlowProxy(() => gateway.mocks.campaign.url, late);
    const dynamics = await startSlowProxy(() => gateway.mocks.dynamics.url, late);
    proxies.push(campaign, dynamics);
    gateway = await startGateway({ contacts: 10, settings: { CAMPAIGN_URL: campaign.url } });
    for (const file of MAPPED) {
      const text = readFileSync(`examples/${file}.graphql`, 'utf8');
      await gateway.ask(text.replaceAll('http://127.0.0.1:4010', dynamics.url));
    }
    for (let client = 0; client < CLIENTS; client += 1)
      await gateway.ask(`mutation { createCampaignNmsRecipient(input: { lastName: "Client ${client}" }) { id } }`);
    ids = (await read()).map(({ id }) => id).slice(0, CLIENTS);
    wait = 60;
  });
  afterAll(async () => {
    await gateway?.close();
    for (const proxy of proxies) proxy.close();
  });

  async function read(): Promise<readonly { readonly id: string; readonly value: string | null }[]> {
    const data = await gateway.ask(all);
    const [list] = Object.values(Object.values(data)[0]) as Data[]; // one field in one namespace, as asked
    return list?.nodes;
  }

  it('never read what was before their own writes', async () => {
    let version = 0;
    gateway.mocks.clearRequests();
    let reads = 0;

    async function runClient(id: string, todo: readonly { readonly kind: string; readonly pause: number }[]) {
      let written = 0;
      for (const { kind, pause } of todo) {
        await delay(pause);
        if (kind === 'write') {
          version += 1;
          const mine = version;
          await gateway.ask(write(id, `${mine}@x.example`));
          written = mine;
        }
        reads += 1;
        const seen = (await read()).find((record) => record.id === id)?.value;
        expect(written === 0 || Number.parseInt(seen ?? '', 10) >= written, `${seen} after ${written}`).toBe(true);
      }
    }

    await fc.assert(
      fc.asyncProperty(fc.tuple(...Array.from({ length: CLIENTS }, () => steps)), async (todos) => {
        await Promise.all(todos.map((todo, client) => runClient(ids[client] ?? '', todo)));
      }),
      { numRuns: 12, endOnFailure: true },
    );
    // Else nothing was put to the test. Writes read too, so that there was more to send than this.
    const sent = gateway.mocks
      .requests()
      .filter(({ method, path }) => method === 'GET' || path.includes('ExecuteQuery'));
    expect(sent.length).toBeLessThan(reads);
  }, 120_000);
});
