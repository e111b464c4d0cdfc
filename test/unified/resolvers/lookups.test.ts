import { describe, expect, it } from 'vitest';
import { CRM_CATALOG } from '../catalogs.js';
import { ask, fakeRemotes, guid } from '../fake-remotes.js';

const toAccount = (number: number) => ({ table: 'account', id: guid(number), name: 'Litware' });
const toContact = (number: number) => ({ table: 'contact', id: guid(number), name: null });

const ROWS = {
  account: [
    { accountid: guid(1), name: 'Litware', primarycontactid: toContact(12) },
    { accountid: guid(2), name: 'Fabrikam', primarycontactid: null },
  ],
  contact: [
    { contactid: guid(11), lastname: 'Silva', parentcustomerid: toAccount(1), accountid: toAccount(1) },
    { contactid: guid(12), lastname: 'Ek', parentcustomerid: toContact(11), accountid: null },
    { contactid: guid(13), lastname: 'Rossi', parentcustomerid: null, accountid: toAccount(9) },
  ],
};

describe('a lookup', () => {
  it('leads to the records it points at, all of a list in one request', async () => {
    const remotes = fakeRemotes(ROWS);
    const { data } = await ask(CRM_CATALOG, remotes, '{ dynamics { contacts { nodes { accountid { name } } } } }');
    expect(data.dynamics.contacts.nodes).toEqual([
      { accountid: { name: 'Litware' } },
      { accountid: null },
      { accountid: null },
    ]);
    expect(remotes.requests).toEqual(['dynamics contact', 'dynamics account']);
  });

  it('costs no request where only the id is asked for', async () => {
    const remotes = fakeRemotes(ROWS);
    const { data } = await ask(
      CRM_CATALOG,
      remotes,
      '{ dynamics { contacts(first: 1) { nodes { accountid { accountid } } } } }',
    );
    expect(data.dynamics.contacts.nodes).toEqual([{ accountid: { accountid: guid(1) } }]);
    expect(remotes.requests).toEqual(['dynamics contact']);
  });

  it('with several targets tells which one it leads to', async () => {
    const remotes = fakeRemotes(ROWS);
    const query = `{ dynamics { contacts(first: 2) { nodes { lastname parentcustomerid {
      __typename ... on DynamicsAccount { name } ... on DynamicsContact { lastname }
    } } } } }`;
    const { data } = await ask(CRM_CATALOG, remotes, query);
    expect(data.dynamics.contacts.nodes).toEqual([
      { lastname: 'Silva', parentcustomerid: { __typename: 'DynamicsAccount', name: 'Litware' } },
      { lastname: 'Ek', parentcustomerid: { __typename: 'DynamicsContact', lastname: 'Silva' } },
    ]);
    // The list brought every contact it leads to.
    expect(remotes.requests).toEqual(['dynamics contact', 'dynamics account']);
  });

  it('to a table outside the graph is a reference', async () => {
    const ownerid = { table: 'systemuser', id: guid(5), name: 'Kim' };
    const remotes = fakeRemotes({ contact: [{ contactid: guid(11), ownerid }] });
    const { data } = await ask(
      CRM_CATALOG,
      remotes,
      '{ dynamics { contacts { nodes { ownerid { id table name } } } } }',
    );
    expect(data.dynamics.contacts.nodes).toEqual([{ ownerid: { id: guid(5), table: 'systemuser', name: 'Kim' } }]);
    expect(remotes.requests).toHaveLength(1);
  });

  it('to a table its description does not name says so', async () => {
    const remotes = fakeRemotes({ contact: [{ contactid: guid(11), accountid: toContact(12) }] });
    const { data, errors } = await ask(
      CRM_CATALOG,
      remotes,
      '{ dynamics { contacts { nodes { accountid { name } } } } }',
    );
    expect(data.dynamics.contacts.nodes).toEqual([{ accountid: null }]);
    expect(errors[0]?.originalError).toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('accountid') });
  });

  it('is followed over several steps, and a record is not read twice on the way', async () => {
    const remotes = fakeRemotes(ROWS);
    const query = `{ dynamics { account(id: "${guid(1)}") { name primarycontactid { lastname parentcustomerid {
      ... on DynamicsContact { lastname accountid { name } }
    } } } } }`;
    const { data } = await ask(CRM_CATALOG, remotes, query);
    expect(data.dynamics.account.primarycontactid.parentcustomerid).toEqual({
      lastname: 'Silva',
      accountid: { name: 'Litware' },
    });
    expect(remotes.requests).toEqual(['dynamics account', 'dynamics contact', 'dynamics contact']);
  });
});

describe('a one-to-many relationship', () => {
  it('lists the records that point here, within the filter of the client', async () => {
    const remotes = fakeRemotes(ROWS);
    const query = `{ dynamics { account(id: "${guid(1)}") {
      contact_customer_accounts(filter: { lastname: { eq: "Silva" } }) { nodes { lastname } totalCount { value } }
    } } }`;
    const { data } = await ask(CRM_CATALOG, remotes, query);
    expect(data.dynamics.account.contact_customer_accounts).toEqual({
      nodes: [{ lastname: 'Silva' }],
      totalCount: { value: 1 },
    });
    expect(remotes.asked[1]?.filter).toEqual({
      kind: 'and',
      filters: [
        { kind: 'compare', path: 'parentcustomerid', operator: 'eq', value: guid(1) },
        { kind: 'compare', path: 'lastname', operator: 'eq', value: 'Silva' },
      ],
    });
  });
});

describe('a list', () => {
  it('is read page by page with the cursor of the page before', async () => {
    const remotes = fakeRemotes(ROWS);
    const query = `query ($after: String) { dynamics { contacts(first: 2, after: $after) {
      edges { cursor node { lastname } } pageInfo { hasNextPage endCursor }
    } } }`;
    const first = await ask(CRM_CATALOG, remotes, query);
    expect(first.data.dynamics.contacts.pageInfo).toEqual({ hasNextPage: true, endCursor: '2' });
    const second = await ask(CRM_CATALOG, remotes, query, { after: '2' });
    expect(second.data.dynamics.contacts).toEqual({
      edges: [{ cursor: '3', node: { lastname: 'Rossi' } }],
      pageInfo: { hasNextPage: false, endCursor: '3' },
    });
  });
});

describe('a Campaign record', () => {
  const RECIPIENTS = [
    {
      id: 7,
      'folder-id': 3,
      gender: { name: 'male', value: '1', label: 'Male' },
      location: { city: 'Lyon' },
      folder: { id: 3, label: 'News' },
    },
    { id: 8, 'folder-id': 0, gender: null, location: { city: null }, folder: null },
  ];

  it('shows its elements, its enumerations and the record it links to, in one request', async () => {
    const remotes = fakeRemotes({ 'nms:recipient': RECIPIENTS });
    const query =
      '{ campaign { nmsRecipients { nodes { id folder_id gender { value label } location { city } folder { label } } } } }';
    const { data } = await ask(CRM_CATALOG, remotes, query);
    expect(data.campaign.nmsRecipients.nodes).toEqual([
      {
        id: '7',
        folder_id: 3,
        gender: { value: '1', label: 'Male' },
        location: { city: 'Lyon' },
        folder: { label: 'News' },
      },
      { id: '8', folder_id: 0, gender: null, location: { city: null }, folder: null },
    ]);
    expect(remotes.requests).toEqual(['campaign nms:recipient']);
  });

  it('is found by its key, and is null where there is none', async () => {
    const remotes = fakeRemotes({ 'nms:recipient': RECIPIENTS });
    const { data } = await ask(
      CRM_CATALOG,
      remotes,
      '{ campaign { a: nmsRecipient(id: 8) { id } b: nmsRecipient(id: "9") { id } } }',
    );
    expect(data.campaign).toEqual({ a: { id: '8' }, b: null });
    expect(remotes.requests).toEqual(['campaign nms:recipient']);
  });
});
