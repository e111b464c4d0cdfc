import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { declareKey } from '../support/dynamics-key.js';
import { runToEnd, setUp, startGateway, type TestGateway } from '../support/gateway.js';
import { readableRequest } from '../support/readable-requests.js';

describe('the requests that a query costs', () => {
  let gateway: TestGateway;
  /** What stands for `$contact`, `$account` and the like in a query. */
  let known: Readonly<Record<string, string>>;

  beforeAll(async () => {
    gateway = await startGateway({ contacts: 150 });
    await declareKey(gateway.mocks, 'contact', 'new_Email', ['emailaddress1']);
    await setUp(gateway);
    await runToEnd(gateway, 'importAccounts');
    await runToEnd(gateway, 'importContacts');
    known = await readKnown();
  });

  async function readKnown(): Promise<Readonly<Record<string, string>>> {
    const { dynamics } = await gateway.ask(`{ dynamics {
      contacts(first: 1, filter: { emailaddress1: { isNull: false } }) { nodes { contactid emailaddress1 } }
      accounts(first: 2) { nodes {
        accountid nodeId contact_customer_accounts(first: 1) { edges { cursor node { contactid } } }
      } }
    } }`);
    const [contact] = dynamics.contacts.nodes;
    const [account, other] = dynamics.accounts.nodes;
    const [member] = account.contact_customer_accounts.edges;
    return {
      $contact: contact.contactid,
      $email: contact.emailaddress1,
      $account: account.accountid,
      $node: account.nodeId,
      $other: other.accountid,
      $member: member.node.contactid,
      $after: member.cursor,
    };
  }

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

  it.each<[string, string, readonly string[]]>([
    ['a list', 'dynamics { contacts(first: 2) { nodes { lastname } } }', ['GET contacts?$select=contactid,lastname']],
    [
      'a list with its count',
      'dynamics { contacts(first: 2) { totalCount { value } nodes { lastname } } }',
      ['GET contacts?$select=contactid,lastname&$count=true'],
    ],
    ['a count alone', 'dynamics { contacts { totalCount { value } } }', ['GET contacts?$select=contactid&$count=true']],
    [
      'a record by id',
      'dynamics { contact(id: "$contact") { lastname } }',
      ['GET contacts?$select=contactid,lastname&$filter=contactid eq ID'],
    ],
    [
      'a record by an alternate key',
      'dynamics { contact(emailaddress1: "$email") { lastname parentcustomerid { ... on DynamicsAccount { name } } } }',
      [
        "GET contacts?$select=contactid,lastname,_parentcustomerid_value&$expand=parentcustomerid_account($select=accountid,name)&$filter=emailaddress1 eq 'EMAIL'",
      ],
    ],
    [
      'a unified list with its Campaign side',
      'unified { contacts(first: 100) { nodes { dynamics { fullname } campaign { email } } } }',
      [
        'GET contacts?$select=contactid,fullname',
        'queryDef nms:recipient: @id @crmId @email where @crmId IN (100 keys)',
      ],
    ],
    [
      'a unified record by id',
      'unified { contact(id: "$contact") { id dynamics { fullname } campaign { email } } }',
      [
        'GET contacts?$select=contactid,fullname&$filter=contactid eq ID',
        'queryDef nms:recipient: @id @crmId @email where @crmId IN (1 keys)',
      ],
    ],
    [
      'a filtered list with its count and its Campaign side',
      'unified { contacts(first: 50, filter: { lastname: { startsWith: "S" } }) { totalCount { value } nodes { dynamics { fullname } campaign { email } } } }',
      [
        "GET contacts?$select=contactid,fullname&$filter=startswith(lastname,'S')&$count=true",
        'queryDef nms:recipient: @id @crmId @email where @crmId IN (6 keys)',
      ],
    ],
    [
      '10 accounts with up to 50 contacts each and their Campaign side',
      'unified { accounts(first: 10) { nodes { dynamics { name } contact_customer_accounts(first: 50) { nodes { dynamics { fullname } campaign { email } } } } } }',
      [
        'GET accounts?$select=accountid,name&$expand=contact_customer_accounts($select=contactid,fullname;$top=51)',
        'queryDef nms:recipient: @id @crmId @email where @crmId IN (29 keys)',
      ],
    ],
    [
      'accounts and their contacts, both with their Campaign sides',
      'unified { accounts(first: 10) { nodes { campaign { name } contact_customer_accounts(first: 50) { nodes { campaign { email } } } } } }',
      [
        'GET accounts?$select=accountid&$expand=contact_customer_accounts($select=contactid;$top=51)',
        'queryDef cus:crmAccount: @id @crmId @name where @crmId IN (10 keys)',
        'queryDef nms:recipient: @id @crmId @email where @crmId IN (29 keys)',
      ],
    ],
    [
      'a list in a list',
      'dynamics { accounts(first: 3) { nodes { name contact_customer_accounts(first: 5) { nodes { fullname } } } } }',
      ['GET accounts?$select=accountid,name&$expand=contact_customer_accounts($select=contactid,fullname;$top=6)'],
    ],
    [
      'a list of a record by id',
      'dynamics { account(id: "$account") { name contact_customer_accounts(first: 5) { nodes { fullname } } } }',
      [
        'GET accounts?$select=accountid,name&$expand=contact_customer_accounts($select=contactid,fullname;$top=6)&$filter=accountid eq ID',
      ],
    ],
    [
      'a filtered and ordered list in a list',
      'dynamics { accounts(first: 3) { nodes { contact_customer_accounts(first: 2, filter: { lastname: { in: ["Silva", "O\'Neil; or"] }, not: { donotphone: { eq: true } } }, orderBy: [{ lastname: DESC }]) { nodes { fullname } } } } }',
      [
        "GET accounts?$select=accountid&$expand=contact_customer_accounts($select=contactid,fullname;$filter=((lastname eq 'Silva' or lastname eq 'O''Neil; or') and (donotphone ne true or donotphone eq null));$orderby=lastname desc,contactid asc;$top=3)",
      ],
    ],
    [
      'a list in a list by its edges',
      'dynamics { accounts(first: 3) { nodes { contact_customer_accounts(first: 1) { edges { cursor node { fullname } } pageInfo { hasNextPage endCursor } } } } }',
      ['GET accounts?$select=accountid&$expand=contact_customer_accounts($select=contactid,fullname;$top=2)'],
    ],
    [
      'two lists in a list',
      'dynamics { accounts(first: 3) { nodes { contact_customer_accounts(first: 1) { nodes { fullname } } account_parent_account(first: 1) { nodes { name } } } } }',
      [
        'GET accounts?$select=accountid&$expand=contact_customer_accounts($select=contactid,fullname;$top=2),account_parent_account($select=accountid,name;$top=2)',
      ],
    ],
    [
      'one list in a list under two names, asked for alike',
      'dynamics { accounts(first: 3) { nodes { a: contact_customer_accounts(first: 1) { nodes { fullname } } b: contact_customer_accounts(first: 1) { nodes { jobtitle } } } } }',
      ['GET accounts?$select=accountid&$expand=contact_customer_accounts($select=contactid,jobtitle,fullname;$top=2)'],
    ],
    [
      'one list in a list under two names, asked for differently',
      'dynamics { accounts(first: 3) { nodes { a: contact_customer_accounts(first: 1) { nodes { fullname } } b: contact_customer_accounts(first: 2) { nodes { jobtitle } } } } }',
      [
        'GET accounts?$select=accountid&$expand=contact_customer_accounts($select=contactid,fullname;$top=2)',
        "GET accounts?$select=accountid&$expand=contact_customer_accounts($select=contactid,jobtitle;$top=3)&$filter=In(PropertyName='accountid',3 ids)",
      ],
    ],
    [
      'a list in a list with its count',
      'dynamics { accounts(first: 3) { nodes { contact_customer_accounts(first: 5) { nodes { fullname } totalCount { value } } } } }',
      ['GET accounts?$select=accountid&$expand=contact_customer_accounts($select=contactid,fullname;$top=6)'],
    ],
    [
      'the counts of lists in a list',
      'dynamics { accounts(first: 3) { nodes { contact_customer_accounts { totalCount { value } } } } }',
      [
        'GET accounts?$select=accountid',
        "GET contacts?$select=contactid,_parentcustomerid_value&$filter=In(PropertyName='parentcustomerid',3 ids)",
      ],
    ],
    [
      'a list in a list filtered by a period',
      'dynamics { accounts(first: 3) { nodes { contact_customer_accounts(first: 5, filter: { createdon: { thisYear: false } }) { nodes { fullname } } } } }',
      [
        'GET accounts?$select=accountid',
        "GET contacts?$select=contactid,fullname,_parentcustomerid_value&$filter=(In(PropertyName='parentcustomerid',3 ids) and (not ThisYear(PropertyName='createdon') or createdon eq null))",
      ],
    ],
    [
      'a list in a list filtered across a lookup',
      'dynamics { accounts(first: 3) { nodes { contact_customer_accounts(first: 5, filter: { parentcustomerid_account: { name: { isNull: false } } }) { nodes { fullname } } } } }',
      [
        'GET accounts?$select=accountid',
        "GET contacts?$select=contactid,fullname,_parentcustomerid_value&$filter=(In(PropertyName='parentcustomerid',3 ids) and parentcustomerid_account/name ne null)",
      ],
    ],
    [
      'a list in a list in a list',
      'dynamics { accounts(first: 3) { nodes { contact_customer_accounts(first: 5) { nodes { fullname contact_customer_contacts(first: 2) { nodes { fullname } } } } } } }',
      [
        'GET accounts?$select=accountid&$expand=contact_customer_accounts($select=contactid,fullname;$top=6)',
        "GET contacts?$select=contactid&$expand=contact_customer_contacts($select=contactid,fullname;$top=3)&$filter=In(PropertyName='contactid',7 ids)",
      ],
    ],
    [
      'a list over a table between the two',
      'dynamics { contacts(first: 3) { nodes { contactleads_association(first: 5) { nodes { fullname } } } } }',
      ['GET contacts?$select=contactid&$expand=contactleads_association($select=leadid,fullname;$top=6)'],
    ],
    [
      'the same with its count',
      'dynamics { contacts(first: 2) { nodes { contactleads_association(first: 5) { nodes { fullname } totalCount { value } } } } }',
      ['GET contacts?$select=contactid&$expand=contactleads_association($select=leadid,fullname;$top=6)'],
    ],
    [
      'both kinds of lists in a list',
      'dynamics { contacts(first: 3) { nodes { contactleads_association(first: 5) { nodes { fullname } } contact_customer_contacts(first: 5) { nodes { fullname } } } } }',
      [
        'GET contacts?$select=contactid&$expand=contact_customer_contacts($select=contactid,fullname;$top=6)',
        "GET contacts?$select=contactid&$expand=contactleads_association($select=leadid,fullname;$top=6)&$filter=In(PropertyName='contactid',3 ids)",
      ],
    ],
    [
      'the record that a lookup leads to',
      'dynamics { accounts(first: 3) { nodes { primarycontactid { fullname } } } }',
      ['GET accounts?$select=accountid,_primarycontactid_value&$expand=primarycontactid($select=contactid,fullname)'],
    ],
    [
      'the record that a lookup leads to, by its id alone',
      'dynamics { accounts(first: 3) { nodes { primarycontactid { contactid } } } }',
      ['GET accounts?$select=accountid,_primarycontactid_value'],
    ],
    [
      'the records that a lookup of several tables leads to',
      'dynamics { contacts(first: 30) { nodes { parentcustomerid { ... on DynamicsAccount { name } ... on DynamicsContact { fullname } } } } }',
      [
        'GET contacts?$select=contactid,_parentcustomerid_value&$expand=parentcustomerid_account($select=accountid,name),parentcustomerid_contact($select=contactid,fullname)',
      ],
    ],
    [
      'lookups over two levels',
      'dynamics { contacts(first: 30) { nodes { parentcustomerid { ... on DynamicsAccount { name primarycontactid { fullname } } } } } }',
      [
        'GET contacts?$select=contactid,_parentcustomerid_value&$expand=parentcustomerid_account($select=accountid,name,_primarycontactid_value;$expand=primarycontactid($select=contactid,fullname))',
      ],
    ],
    [
      'a list beside lookups over two levels',
      'dynamics { accounts(first: 3) { nodes { primarycontactid { fullname parentcustomerid { ... on DynamicsAccount { name } } } contact_customer_accounts(first: 2) { nodes { fullname } } } } }',
      [
        'GET accounts?$select=accountid,_primarycontactid_value&$expand=contact_customer_accounts($select=contactid,fullname;$top=3),primarycontactid($select=contactid,fullname,_parentcustomerid_value)',
        'GET accounts?$select=accountid,name&$filter=accountid eq ID',
      ],
    ],
    [
      'the owner, a user or a team',
      'dynamics { contacts(first: 3) { nodes { ownerid { ... on DynamicsSystemuser { fullname } } } } }',
      [
        'GET contacts?$select=contactid,_ownerid_value',
        "GET systemusers?$select=systemuserid,fullname&$filter=In(PropertyName='systemuserid',3 ids)",
      ],
    ],
    [
      'a lookup of a unified record',
      'unified { contacts(first: 30) { nodes { lastname parentcustomerid { ... on Account { name campaign { name } } } } } }',
      [
        'GET contacts?$select=contactid,lastname,_parentcustomerid_value&$expand=parentcustomerid_account($select=accountid,name)',
        'queryDef cus:crmAccount: @id @crmId @name where @crmId IN (13 keys)',
      ],
    ],
    [
      'links of Campaign records',
      'campaign { nmsRecipients(first: 3) { nodes { email folder { label } } } }',
      ['queryDef nms:recipient: @id @email [folder/@id] [folder/@label]'],
    ],
    [
      'collections of Campaign records',
      'campaign { xtkFolders(first: 20) { nodes { label folder(first: 5) { nodes { label } } } } }',
      [
        'queryDef xtk:folder: @id @label',
        'queryDef xtk:folder: @id @label [@parent-id] where [@parent-id] IN (17 keys)',
      ],
    ],
    [
      'collections of Campaign records with their counts',
      'campaign { xtkFolders(first: 20) { nodes { folder(first: 5) { nodes { label } totalCount { value } } } } }',
      ['queryDef xtk:folder: @id', 'queryDef xtk:folder: @id @label [@parent-id] where [@parent-id] IN (17 keys)'],
    ],
    [
      'the sums over all records',
      'dynamics { contactsAggregate(filter: { lastname: { isNull: false } }) { count max { createdon } countDistinct { address1_city } } }',
      [
        'GET contacts?$apply=filter(lastname ne null)/aggregate($count as count,createdon with max as max_createdon,address1_city with countdistinct as countDistinct_address1_city)',
      ],
    ],
    [
      'groups of records and the names of the accounts they are grouped by',
      'dynamics { contactsAggregate { groupBy(columns: [parentcustomerid, gendercode]) { count key { gendercode { label } parentcustomerid { ... on DynamicsAccount { name } } } } } }',
      [
        "GET accounts?$select=accountid,name&$filter=In(PropertyName='accountid',37 ids)",
        'GET contacts?$apply=groupby((_parentcustomerid_value,gendercode),aggregate($count as count))',
      ],
    ],
    [
      'groups of Campaign records',
      'campaign { nmsRecipientsAggregate { groupBy(columns: [gender, location_city]) { count key { gender { label } location { city } } } } }',
      ["queryDef nms:recipient: @gender Coalesce([location/@city], '') Count(@id)"],
    ],
    [
      'the groups of a unified list, its total and a second grouping',
      'unified { contactsAggregate { count groupBy(columns: [gendercode]) { count } states: groupBy(columns: [statecode]) { count } } }',
      [
        'GET contacts?$apply=aggregate($count as count)',
        'GET contacts?$apply=groupby((gendercode),aggregate($count as count))',
        'GET contacts?$apply=groupby((statecode),aggregate($count as count))',
      ],
    ],
    [
      'a collection of one Campaign record',
      'campaign { xtkFolders(first: 1, filter: { id: { ne: "0" } }) { nodes { folder { nodes { label } } } } }',
      [
        'queryDef xtk:folder: @id where @id <> ID, @id IS NULL',
        'queryDef xtk:folder: @id @label where [@parent-id] = ID',
      ],
    ],
    [
      'filters on both systems',
      'unified { contacts(filter: { lastname: { isNull: false } }, campaignFilter: { lastName: { startsWith: "M" } }) { nodes { lastname campaign { email } } } }',
      [
        "GET contacts?$select=contactid,lastname&$filter=(In(PropertyName='contactid',13 ids) and lastname ne null)",
        "queryDef nms:recipient: @id @crmId @email where @crmId IS NOT NULL, @crmId <> '', @lastName LIKE 'M%'",
      ],
    ],
    [
      'filters on both systems of a list that follows Campaign',
      'unified { contacts(from: CAMPAIGN, filter: { lastname: { isNull: false } }, campaignFilter: { lastName: { startsWith: "M" } }) { nodes { id } } }',
      [
        "queryDef nms:recipient: @id @crmId where @crmId IS NOT NULL, @crmId <> '', @lastName IS NOT NULL, @lastName <> '', @lastName LIKE 'M%'",
      ],
    ],
    [
      'a list that follows Campaign with its Dynamics side',
      'unified { contacts(from: CAMPAIGN, first: 5) { nodes { campaign { email } dynamics { fullname } } } }',
      [
        "GET contacts?$select=contactid,fullname&$filter=In(PropertyName='contactid',5 ids)",
        "queryDef nms:recipient: @id @crmId @email where @crmId IS NOT NULL, @crmId <> ''",
      ],
    ],
    [
      'records by node id',
      'node(id: "$node") { ... on DynamicsAccount { name contact_customer_accounts(first: 1) { nodes { fullname } } } }',
      [
        'GET accounts?$select=accountid,name&$expand=contact_customer_accounts($select=contactid,fullname;$top=2)&$filter=accountid eq ID',
      ],
    ],
    [
      'records of a federated graph',
      '_entities(representations: [{ __typename: "DynamicsAccount", accountid: "$account" }, { __typename: "DynamicsAccount", accountid: "$other" }]) { ... on DynamicsAccount { name contact_customer_accounts(first: 1) { nodes { fullname } } } }',
      [
        "GET accounts?$select=accountid,name&$expand=contact_customer_accounts($select=contactid,fullname;$top=2)&$filter=In(PropertyName='accountid',2 ids)",
      ],
    ],
    [
      'two lists of one table',
      'dynamics { a: contacts(first: 1) { nodes { lastname } } b: contacts(first: 2) { nodes { lastname } } }',
      ['GET contacts?$select=contactid,lastname', 'GET contacts?$select=contactid,lastname'],
    ],
    [
      'one record by two paths',
      'unified { contact(id: "$contact") { lastname } } dynamics { contact(id: "$contact") { lastname } }',
      ['GET contacts?$select=contactid,lastname&$filter=contactid eq ID'],
    ],
    [
      'a record that a list has brought, asked for by a lookup',
      'dynamics { accounts(first: 3) { nodes { name contact_customer_accounts(first: 2) { nodes { fullname parentcustomerid { ... on DynamicsAccount { name } } } } } } }',
      [
        'GET accounts?$select=accountid,name&$expand=contact_customer_accounts($select=contactid,fullname,_parentcustomerid_value;$top=3)',
      ],
    ],
    [
      'a list in a list with the count of one that goes on',
      'dynamics { accounts(first: 3) { nodes { contact_customer_accounts(first: 1) { nodes { fullname } totalCount { value exact } } } } }',
      [
        'GET accounts?$select=accountid&$expand=contact_customer_accounts($select=contactid,fullname;$top=2)',
        "GET contacts?$select=contactid,fullname,_parentcustomerid_value&$filter=In(PropertyName='parentcustomerid',3 ids)",
      ],
    ],
    [
      'a list of a record and its count',
      'dynamics { account(id: "$account") { contact_customer_accounts(first: 1) { nodes { fullname } totalCount { value } } } }',
      [
        'GET accounts?$select=accountid&$expand=contact_customer_accounts($select=contactid,fullname;$top=2)&$filter=accountid eq ID',
        'GET contacts?$select=contactid,fullname&$filter=_parentcustomerid_value eq ID&$count=true',
      ],
    ],
    [
      'a unified list in a list with a campaignFilter',
      'unified { accounts(first: 2) { nodes { contact_customer_accounts(campaignFilter: { email: { isNull: false } }) { nodes { id } } } } }',
      [
        'GET accounts?$select=accountid',
        "GET contacts?$select=contactid,_parentcustomerid_value&$filter=(In(PropertyName='parentcustomerid',2 ids) and In(PropertyName='contactid',135 ids))",
        "queryDef nms:recipient: @id @crmId where @crmId IS NOT NULL, @crmId <> '', @email IS NOT NULL, @email <> ''",
      ],
    ],
    [
      'records of a list and one of them by its id',
      'dynamics { accounts(first: 1) { nodes { contact_customer_accounts(first: 9) { nodes { lastname } } } } contact(id: "$member") { lastname } }',
      [
        'GET accounts?$select=accountid&$expand=contact_customer_accounts($select=contactid,lastname;$top=10)',
        'GET contacts?$select=contactid,lastname&$filter=contactid eq ID',
      ],
    ],
    [
      'a list that continues in each record',
      'dynamics { account(id: "$account") { contact_customer_accounts(first: 1, after: "$after") { nodes { fullname } } } }',
      [
        'GET accounts?$select=accountid&$filter=accountid eq ID',
        'GET contacts?$select=contactid,fullname&$filter=_parentcustomerid_value eq ID',
      ],
    ],
  ])('are exactly these for %s', async (_, query, expected) => {
    const text = query.replaceAll(/\$\w+/g, (name) => known[name] ?? name);
    await gateway.ask(`{ ${text} }`);
    const requests = gateway.mocks
      .requests()
      .map((entry) => readableRequest(entry).replace(known.$email ?? '', 'EMAIL'));
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
