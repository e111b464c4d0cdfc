import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runToEnd, setUp, startGateway, type TestGateway } from '../support/gateway.js';

describe('the requests that a query costs', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway({ contacts: 150 });
    await setUp(gateway);
    await runToEnd(gateway, 'importContacts');
  });
  afterAll(() => gateway.close());
  beforeEach(() => gateway.mocks.clearRequests());

  it('are two for a list of 100 contacts with their Campaign side', async () => {
    const { unified } = await gateway.ask(
      '{ unified { contacts(first: 100) { nodes { dynamics { fullname } campaign { email lastName } } } } }',
    );
    expect(unified.contacts.nodes).toHaveLength(100);
    expect(unified.contacts.nodes.every((contact: { campaign: unknown }) => contact.campaign !== null)).toBe(true);
    const requests = gateway.mocks.requests().map(({ method, path }) => `${method} ${path.split('?')[0]}`);
    expect(requests).toEqual(['GET /api/data/v9.2/contacts', 'POST /nl/jsp/soaprouter.jsp']);
  });

  it('are two where syncState and drift are asked for as well', async () => {
    await gateway.ask(
      '{ unified { contacts(first: 100) { nodes { syncState drift { column } dynamics { jobtitle } campaign { id } } } } }',
    );
    expect(gateway.mocks.requests()).toHaveLength(2);
  });

  it('are one where only one side is asked for', async () => {
    await gateway.ask('{ unified { contacts(first: 100) { nodes { id lastname dynamics { fullname } } } } }');
    expect(gateway.mocks.requests()).toHaveLength(1);
  });

  it('select no more columns than are asked for', async () => {
    await gateway.ask('{ dynamics { contacts(first: 3) { nodes { lastname } } } }');
    const [request] = gateway.mocks.requests();
    expect(new URL(request?.path ?? '', 'http://mock').searchParams.get('$select')).toBe('contactid,lastname');
  });

  it('grow by one where the accounts of all the contacts are asked for', async () => {
    await gateway.ask(
      '{ dynamics { contacts(first: 100) { nodes { fullname parentcustomerid { ... on DynamicsAccount { name } } } } } }',
    );
    expect(gateway.mocks.requests()).toHaveLength(2);
  });

  it.each<[string, string, readonly string[]]>([
    ['one record', 'dynamics { contacts(first: 1) { nodes { lastname } } }', ['contacts']],
    ['a list and its count', 'dynamics { contacts { totalCount { value } nodes { lastname } } }', ['contacts']],
    [
      'a filter on the record a lookup leads to',
      'dynamics { contacts(filter: { parentcustomerid_account: { name: { startsWith: "A" } } }) { nodes { lastname } } }',
      ['contacts'],
    ],
    [
      'a filter by period and by label',
      'dynamics { contacts(filter: { createdon: { thisYear: false }, gendercode: { label: { eq: "Female" } } }) { nodes { lastname } } }',
      ['contacts'],
    ],
    [
      'a many-to-many relationship of one record',
      'dynamics { contacts(first: 1) { nodes { contactleads_association { nodes { fullname } totalCount { value } } } } }',
      ['contacts', 'leads'],
    ],
    [
      'filters on both systems, both sides shown',
      'unified { contacts(filter: { lastname: { isNull: false } }, campaignFilter: { lastName: { startsWith: "M" } }) { nodes { lastname campaign { email } } } }',
      ['campaign', 'contacts'],
    ],
    [
      'filters on both systems of a list that follows Campaign',
      'unified { contacts(from: CAMPAIGN, filter: { lastname: { isNull: false } }, campaignFilter: { lastName: { startsWith: "M" } }) { nodes { id } } }',
      ['campaign'],
    ],
    [
      'the sums over all records',
      'dynamics { contactsAggregate(filter: { lastname: { isNull: false } }) { count max { createdon } countDistinct { address1_city } } }',
      ['contacts'],
    ],
    [
      'groups of records and the names of the accounts they are grouped by',
      'dynamics { contactsAggregate { groupBy(columns: [parentcustomerid, gendercode]) { count key { gendercode { label } parentcustomerid { ... on DynamicsAccount { name } } } } } }',
      ['contacts', 'accounts'],
    ],
    [
      'groups of Campaign records',
      'campaign { nmsRecipientsAggregate { groupBy(columns: [gender, location_city]) { count key { gender { label } location { city } } } } }',
      ['campaign'],
    ],
    [
      'the groups of a unified list, its total and a second grouping',
      'unified { contactsAggregate { count groupBy(columns: [gendercode]) { count } states: groupBy(columns: [statecode]) { count } } }',
      ['contacts', 'contacts', 'contacts'],
    ],
    [
      'a collection of one Campaign record',
      'campaign { xtkFolders(first: 1, filter: { id: { ne: "0" } }) { nodes { folder { nodes { label } } } } }',
      ['campaign', 'campaign'],
    ],
  ])('are exactly these for %s', async (_, query, expected) => {
    await gateway.ask(`{ ${query} }`);
    const requests = gateway.mocks.requests().map(({ path }) => /v9\.2\/(\w+)/.exec(path)?.[1] ?? 'campaign');
    expect(requests.sort()).toEqual([...expected].sort());
  });

  it('are as many, and the sums and groups they give alike, when a query comes again and is compiled', async () => {
    const query = `query ($columns: [DynamicsContactGroupColumn!]!, $first: Int) { dynamics { contactsAggregate(filter: { statecode: { eq: 0 } }) {
      count min { createdon } groupBy(columns: $columns, orderBy: [{ count: DESC }], first: $first) {
        count key { gendercode { label } parentcustomerid { ... on DynamicsAccount { name } } } countDistinct { lastname }
      }
    } } }`;
    const variables = { columns: ['gendercode', 'parentcustomerid'], first: 7 };
    const answers = [];
    for (let time = 0; time < 3; time += 1) answers.push(await gateway.ask(query, variables));
    expect(answers[0]?.dynamics.contactsAggregate.groupBy).toHaveLength(7);
    expect(answers.slice(1)).toEqual([answers[0], answers[0]]);
    expect(gateway.mocks.requests()).toHaveLength(3 * 3);
  });

  it('are listed in the answer when the client asks for that', async () => {
    const response = await fetch(`${gateway.app.gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/graphql', 'isthmus-upstream': 'true' },
      body: '{ unified { contacts(first: 2) { nodes { campaign { email } } } } }',
    });
    const { extensions } = (await response.json()) as {
      extensions: { upstream: { system: string; status: number }[] };
    };
    expect(extensions.upstream.map(({ system, status }) => [system, status])).toEqual([
      ['dynamics', 200],
      ['campaign', 200],
    ]);
  });
});
