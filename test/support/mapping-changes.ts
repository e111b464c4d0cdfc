const FIRST = 5;

/** Columns of contacts that every change leaves mapped, and one that comes and goes. */
export const KEPT = ['jobtitle', 'parentcustomerid', 'statecode'];
export const WHIMS = 'department';

/** In turn: contacts with and without a column, and a table that comes and goes, which others lead to. */
export const STEPS = [mapContacts([...KEPT, WHIMS]), mapLeads(), mapContacts(KEPT), unmapLeads()];

export function mapAccounts(): string {
  return map('{ table: "account", columns: ["name", "primarycontactid", "industrycode"] }');
}

export function mapContacts(columns: readonly string[]): string {
  const fields = '[{ column: "lastname", path: "@lastName" }, { column: "emailaddress1", path: "@email" }]';
  return map(
    `{ table: "contact", columns: ${JSON.stringify(columns)}, target: { schema: "nms:recipient", fields: ${fields} } }`,
  );
}

export function mapLeads(): string {
  return map('{ table: "lead", columns: ["subject", "parentcontactid", "parentaccountid"] }');
}

function map(table: string): string {
  return `mutation { mapTables(input: { account: "dynamicsCRM", tables: [${table}] }) { changes { kind } } }`;
}

export function unmapLeads(): string {
  return 'mutation { unmapTables(input: { account: "dynamicsCRM", tables: ["lead"] }) { changes { kind } } }';
}

export interface Answered {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: what is in an answer depends on the query, and each judge reads its own
  readonly body: any;
}

export interface Shape {
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
export const WHIMSICAL = sometimes(
  `{ unified { contacts(first: ${FIRST}) { nodes { lastname ${WHIMS} drift { column } } } } }`,
);

export const SHAPES: readonly (readonly [name: string, shape: Shape])[] = [
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

export async function post(url: string, query: string): Promise<Answered> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return { status: response.status, body: await response.json() };
}
