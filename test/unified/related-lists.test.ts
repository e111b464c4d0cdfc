import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type MappedMocks, startMappedMocks } from './mapped-mocks.js';

const NESTED = `{ dynamics { accounts(first: 4) { nodes {
  name contact_customer_accounts(first: 2) { nodes { fullname } }
} } } }`;

describe('a list in a list', () => {
  let graph: MappedMocks;

  beforeAll(async () => {
    graph = await startMappedMocks();
  });
  afterAll(() => graph.close());
  beforeEach(() => graph.mocks.dynamics.clearFaults());

  it('is asked for by itself where Dynamics refuses to bring it along', async () => {
    const whole = await graph.ask(NESTED);
    graph.mocks.dynamics.addFault({ match: { path: 'expand' }, times: 1, status: 403, code: '0x80040220' });
    expect(await graph.ask(NESTED)).toEqual(whole);
    expect(tablesAsked()).toEqual(['accounts', 'accounts', 'contacts']);
  });

  it('alone is null where its table may not be read, with the fault told for each', async () => {
    graph.mocks.dynamics.addFault({ match: { path: 'contact_customer_accounts' }, times: 9, status: 403 });
    graph.mocks.dynamics.addFault({ match: { path: '/contacts?' }, times: 9, status: 403 });
    const { data, errors } = await graph.run(NESTED);
    expect(data.dynamics.accounts.nodes).toHaveLength(4);
    for (const { name, contact_customer_accounts } of data.dynamics.accounts.nodes)
      expect([typeof name, contact_customer_accounts]).toEqual(['string', null]);
    expect(errors.map((error) => ('code' in error ? error.code : error.message))).toEqual(Array(4).fill('FORBIDDEN'));
    expect(tablesAsked()).toEqual(['accounts', 'accounts', 'contacts']);
  });

  it.each([
    'dynamics { accounts(first: 9) { nodes { contact_customer_accounts(first: 2, orderBy: [{ lastname: DESC }]) { nodes { lastname gendercode { label } } pageInfo { hasNextPage } totalCount { value exact } } } } }',
    'dynamics { accounts(first: 9) { nodes { a: contact_customer_accounts(first: 1) { nodes { contactid } } b: contact_customer_accounts(first: 3, filter: { lastname: { gt: "M" } }) { nodes { lastname contact_customer_contacts { nodes { lastname } } } } } } }',
    'dynamics { lists(first: 5) { nodes { listname listcontact_association(first: 3) { nodes { lastname parentcustomerid { ... on DynamicsAccount { name } } } totalCount { value } } } } }',
    'dynamics { contacts(first: 40) { nodes { parentcustomerid { ... on DynamicsAccount { name primarycontactid { fullname contact_customer_contacts(first: 2) { nodes { fullname } } } } ... on DynamicsContact { fullname } } } } }',
    'unified { contacts(first: 40) { nodes { id campaign { email } contact_customer_contacts(first: 3) { nodes { id lastname campaign { email } } } } } }',
  ])('is answered alike whether Dynamics brings it along or refuses to: %s', async (query) => {
    const along = await graph.ask(`{ ${query} }`);
    expect(graph.asked().some((path) => path.includes('expand'))).toBe(true);
    graph.mocks.dynamics.addFault({ match: { path: 'expand' }, times: 99, status: 400, code: '0x80060888' });
    expect(await graph.ask(`{ ${query} }`)).toEqual(along);
  });

  it('is not asked for again where Dynamics is down, as its records are not there either', async () => {
    graph.mocks.dynamics.addFault({ match: { path: 'accounts' }, times: 9, status: 500 });
    const { data, errors } = await graph.run(NESTED);
    expect([data.dynamics.accounts, errors.length]).toEqual([null, 1]);
    expect(tablesAsked()).toEqual(['accounts']);
  });

  it('keeps its Dynamics side where Campaign fails', async () => {
    graph.mocks.campaign.addFault({ match: { path: 'soaprouter' }, times: 9, status: 500 });
    const { data, errors } = await graph.run(`{ dynamics { accounts(first: 2) { nodes { name } } }
      unified { contacts(first: 3) { nodes { lastname campaign { email } } } } }`);
    graph.mocks.campaign.clearFaults();
    expect(data.unified.contacts.nodes.map((node: { campaign: unknown }) => node.campaign)).toEqual([null, null, null]);
    expect(data.unified.contacts.nodes.every((node: { lastname: unknown }) => node.lastname !== undefined)).toBe(true);
    expect(errors).toHaveLength(3);
  });

  it('leaves out what @skip takes away', async () => {
    await graph.ask(NESTED.replace('(first: 2)', '(first: 2) @skip(if: true)'));
    expect(graph.asked()[0]).not.toContain('expand');
  });

  it('tells what is wrong with its own arguments, and leaves the rest', async () => {
    const { data, errors } = await graph.run(NESTED.replace('first: 2', 'first: 0'));
    expect(data.dynamics.accounts.nodes.map(({ name }: { name: string }) => typeof name)).toEqual(
      Array(4).fill('string'),
    );
    expect(errors[0]).toMatchObject({ code: 'BAD_USER_INPUT', field: 'first' });
  });

  it('continues after its cursor, with the records that a longer page has', async () => {
    const query = (list: string) => `{ dynamics { accounts(first: 9) { nodes { accountid ${list} } } } }`;
    const page = 'contact_customer_accounts(first: 1, orderBy: [{ lastname: DESC }])';
    const { dynamics } = await graph.ask(query(`${page} { pageInfo { hasNextPage endCursor } }`));
    const goesOn = dynamics.accounts.nodes.find(
      (node: { contact_customer_accounts: { pageInfo: { hasNextPage: boolean } } }) =>
        node.contact_customer_accounts.pageInfo.hasNextPage,
    );
    const { endCursor } = goesOn.contact_customer_accounts.pageInfo;
    const next = await graph.ask(`{ dynamics { account(id: "${goesOn.accountid}") {
      whole: ${page.replace('first: 1', 'first: 9')} { nodes { contactid } }
      rest: ${page.replace('first: 1', `first: 9, after: "${endCursor}"`)} { nodes { contactid } }
    } } }`);
    expect(next.dynamics.account.rest.nodes).toEqual(next.dynamics.account.whole.nodes.slice(1));
  });

  it('holds those alone whose Campaign side matches, Campaign and Dynamics asked once for all of its records', async () => {
    for (const row of graph.mocks.dynamics.rows('contact').slice(1, 20)) {
      const parent = graph.mocks.dynamics.rows('contact')[0]?.contactid;
      graph.mocks.dynamics.update('contact', String(row.contactid), {
        parentcustomerid: { table: 'contact', id: String(parent) },
      });
    }
    const list = (args: string, fields: string) => `{ unified { contacts(first: 50) { nodes {
      contact_customer_contacts(${args}) { nodes { ${fields} } totalCount { value } }
    } } } }`;
    const { unified: all } = await graph.ask(list('first: 50', 'id campaign { email }'));
    const { unified: some } = await graph.ask(list('first: 50, campaignFilter: { email: { startsWith: "a" } }', 'id'));
    expect(tablesAsked().sort()).toEqual(['/nl/jsp/soaprouter.jsp', 'contacts', 'contacts']);
    type Nodes = { contact_customer_contacts: { nodes: { id: string; campaign: { email: string } }[] } }[];
    const expected = (all.contacts.nodes as Nodes).map(({ contact_customer_contacts: { nodes } }) =>
      nodes.filter(({ campaign }) => /^a/i.test(campaign?.email ?? '')).map(({ id }) => ({ id })),
    );
    expect(expected.flat().length).toBeGreaterThan(1);
    expect((some.contacts.nodes as Nodes).map((node) => node.contact_customer_contacts)).toEqual(
      expected.map((nodes) => ({ nodes, totalCount: { value: nodes.length } })),
    );
  });

  it.each([
    // The names come before all others, those of the second run before those of the first.
    ['brought along', ['Aac', 'Aad'], 'contact_customer_accounts(first: 2, orderBy: [{ lastname: ASC }])'],
    [
      'gathered',
      ['Aaa', 'Aab'],
      'contact_customer_accounts(first: 2, orderBy: [{ lastname: ASC }], filter: { parentcustomerid_account: { name: { isNull: false } } })',
    ],
  ])('%s continues behind its cursor where records have come before that', async (_, names, list) => {
    const page = `${list} { pageInfo { hasNextPage endCursor } nodes { contactid } }`;
    const { dynamics } = await graph.ask(`{ dynamics { accounts(first: 30) { nodes { accountid ${page} } } } }`);
    const goesOn = dynamics.accounts.nodes.find(
      (node: { contact_customer_accounts: { pageInfo: { hasNextPage: boolean } } }) =>
        node.contact_customer_accounts.pageInfo.hasNextPage,
    );
    const after = `after: "${goesOn.contact_customer_accounts.pageInfo.endCursor}"`;
    const next = `{ dynamics { account(id: "${goesOn.accountid}") { ${page.replace('first: 2', `first: 2, ${after}`)} } } }`;
    const before = await graph.ask(next);
    for (const lastname of names)
      graph.mocks.dynamics.insert('contact', {
        lastname,
        parentcustomerid: { table: 'account', id: goesOn.accountid },
      });
    expect((await graph.ask(next)).dynamics.account.contact_customer_accounts.nodes).toEqual(
      before.dynamics.account.contact_customer_accounts.nodes,
    );
  });

  const tablesAsked = () => graph.asked().map((path) => path.split('?')[0]);
});
