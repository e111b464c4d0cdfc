import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway.js';

const QUERIES = 1_000;
const CHANGES = 20;
const FIRST = 5;

/** Columns of contacts that every change leaves mapped, and one that comes and goes. */
const KEPT = ['jobtitle', 'parentcustomerid', 'statecode'];
const WHIMS = 'department';

describe('a change of mappings', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway({ contacts: 20 });
    await gateway.example('01-create-external-account.graphql');
    await gateway.ask(mapAccounts());
    await gateway.ask(mapContacts(KEPT));
  });
  afterAll(() => gateway?.close());

  it('fails none of 1,000 queries in flight across 20 of them', async () => {
    // Each write of a schema takes its time, and so does Campaign to tell what it has built.
    for (const path of ['xtk:persist#Write', 'xtk:builder']) {
      gateway.mocks.campaign.addFault({ match: { path }, times: 1_000, delayMs: 40 });
    }
    let asked = 0;
    let changed = 0;
    const wrong = new Map<string, unknown>();
    const seen = new Set<string>();

    async function lane(): Promise<void> {
      while (asked < QUERIES || changed < CHANGES) {
        const [name, shape] = SHAPES[asked++ % SHAPES.length] ?? ['', WHIMSICAL];
        const answer = await post(gateway, shape.query);
        const outcome = shape.judge(answer);
        seen.add(`${name}: ${outcome ?? 'wrong'}`);
        if (outcome === null) wrong.set(name, answer.body);
      }
    }

    async function change(): Promise<void> {
      for (; changed < CHANGES; changed++) {
        const mark = asked;
        await gateway.ask(STEPS[changed % STEPS.length] ?? '');
        while (asked < mark + QUERIES / CHANGES) await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }

    await Promise.all([change(), ...Array.from({ length: 16 }, lane)]);
    expect([...wrong]).toEqual([]);
    expect([asked >= QUERIES, changed]).toEqual([true, CHANGES]);
    const whole = SHAPES.map(([name]) => `${name}: answered`);
    const refused = ['the column that comes and goes', 'its attribute in Campaign', 'leads'];
    expect([...seen].sort()).toEqual([...whole, ...refused.map((name) => `${name}: not there`)].sort());
  }, 180_000);
});

/** In turn: contacts with and without a column, and a table that comes and goes, which others lead to. */
const STEPS = [mapContacts([...KEPT, WHIMS]), mapLeads(), mapContacts(KEPT), unmapLeads()];

function mapAccounts(): string {
  return map('{ table: "account", columns: ["name", "primarycontactid", "industrycode"] }');
}

function mapContacts(columns: readonly string[]): string {
  const fields = '[{ column: "lastname", path: "@lastName" }, { column: "emailaddress1", path: "@email" }]';
  return map(
    `{ table: "contact", columns: ${JSON.stringify(columns)}, target: { schema: "nms:recipient", fields: ${fields} } }`,
  );
}

function mapLeads(): string {
  return map('{ table: "lead", columns: ["subject", "parentcontactid", "parentaccountid"] }');
}

function map(table: string): string {
  return `mutation { mapTables(input: { account: "dynamicsCRM", tables: [${table}] }) { changes { kind } } }`;
}

function unmapLeads(): string {
  return 'mutation { unmapTables(input: { account: "dynamicsCRM", tables: ["lead"] }) { changes { kind } } }';
}

interface Answered {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: what is in an answer depends on the query, and each judge reads its own
  readonly body: any;
}

interface Shape {
  readonly query: string;
  /** What came of it in a word; null where it must not have come. */
  readonly judge: (answer: Answered) => 'answered' | 'not there' | null;
}

/** A query of what stays mapped, which always has its answer. */
function always(query: string, isWhole: (data: Answered['body']) => boolean): Shape {
  return {
    query,
    judge: ({ status, body }) => (status === 200 && !body.errors && isWhole(body.data) ? 'answered' : null),
  };
}

/** A query of what comes and goes: it is answered, or told as a whole that there is no such field. */
function sometimes(query: string): Shape {
  return {
    query,
    judge({ body: { data, errors } }) {
      if (!errors) return data ? 'answered' : null;
      const isUnknown = errors.every(
        (error: Answered['body']) => error.extensions.code === 'GRAPHQL_VALIDATION_FAILED',
      );
      return isUnknown && !data ? 'not there' : null;
    },
  };
}

const nodesOf = (list: Answered['body']) => list?.nodes?.length === FIRST;
const WHIMSICAL = sometimes(
  `{ unified { contacts(first: ${FIRST}) { nodes { lastname ${WHIMS} drift { column } } } } }`,
);

const SHAPES: readonly (readonly [name: string, shape: Shape])[] = [
  [
    'both sides',
    always(
      `{ unified { contacts(first: ${FIRST}) { nodes { lastname jobtitle campaign { email jobtitle } } } } }`,
      (data) => nodesOf(data.unified.contacts),
    ),
  ],
  [
    'the state and the drift',
    always(`{ unified { contacts(first: ${FIRST}) { nodes { syncState drift { column } } } } }`, (data) =>
      data.unified.contacts.nodes.every((node: Answered['body']) => node.syncState && node.drift),
    ),
  ],
  [
    'a list in a list',
    always(
      `{ unified { accounts(first: ${FIRST}) { nodes { name syncState contact_customer_accounts(first: 2) { nodes { lastname syncState } } } } } }`,
      (data) => nodesOf(data.unified.accounts),
    ),
  ],
  [
    'a lookup',
    always(
      `{ unified { contacts(first: ${FIRST}) { nodes { lastname parentcustomerid { ... on Account { name syncState } } } } } }`,
      (data) => nodesOf(data.unified.contacts),
    ),
  ],
  [
    'links in Campaign',
    always('{ campaign { cusCrmAccounts(first: 5) { nodes { name primarycontactid_contact { email } } } } }', (data) =>
      Array.isArray(data.campaign.cusCrmAccounts.nodes),
    ),
  ],
  [
    'groups',
    always('{ unified { contactsAggregate { count } } dynamics { contactsAggregate { count } } }', (data) =>
      Boolean(data.unified.contactsAggregate && data.dynamics.contactsAggregate),
    ),
  ],
  [
    'a list that follows Campaign',
    always('{ unified { contacts(first: 5, from: CAMPAIGN) { nodes { lastname campaign { email } } } } }', (data) =>
      Array.isArray(data.unified.contacts.nodes),
    ),
  ],
  ['the column that comes and goes', WHIMSICAL],
  [
    'its attribute in Campaign',
    sometimes(`{ unified { contacts(first: ${FIRST}) { nodes { campaign { email ${WHIMS} } } } } }`),
  ],
  ['leads', sometimes(`{ unified { leads(first: ${FIRST}) { nodes { subject syncState campaign { subject } } } } }`)],
];

async function post(gateway: TestGateway, query: string): Promise<Answered> {
  const response = await fetch(`${gateway.app.gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return { status: response.status, body: await response.json() };
}
