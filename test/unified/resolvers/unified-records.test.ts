import { describe, expect, it, vi } from 'vitest';
import { RemoteError } from '../../../src/model/errors.js';
import type { System } from '../../../src/model/system.js';
import { CRM_CATALOG } from '../catalogs.js';
import { ask, type FakeRemotes, fakeRemotes, guid } from '../fake-remotes.js';

const ACCOUNT = { table: 'account', id: guid(1000), name: 'Litware' };

/** Contacts 1 to `count` of one account, each with its recipient. */
function twoSystems(count: number): FakeRemotes {
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  return fakeRemotes({
    contact: numbers.map((number) => contactOf(number)),
    account: [{ accountid: ACCOUNT.id, name: 'Litware', primarycontactid: null }],
    'nms:recipient': numbers.map((number) => recipientOf(number)),
    'cus:crmAccount': [{ id: 1, crmId: ACCOUNT.id, name: 'Litware Inc' }],
  });
}

function contactOf(number: number) {
  const emailaddress1 = `c${number}@contoso.example`;
  return {
    contactid: guid(number),
    firstname: 'Ana',
    lastname: 'Silva',
    emailaddress1,
    gendercode: null,
    accountid: ACCOUNT,
    parentcustomerid: ACCOUNT,
  };
}

function recipientOf(number: number) {
  return { id: number, crmId: guid(number), email: `c${number}@contoso.example`, firstName: 'Ana', gender: null };
}

function down(system: System): RemoteError {
  const upstream = { system, status: 503, code: null, message: 'busy', requestId: null };
  return new RemoteError('UPSTREAM_UNAVAILABLE', `${system} is down.`, { upstream });
}

describe('a unified list', () => {
  it('of 100 records with their Campaign side is two requests', async () => {
    const remotes = twoSystems(100);
    const query =
      '{ unified { contacts(first: 100) { nodes { emailaddress1 dynamics { lastname } campaign { email } syncState drift { column } } } } }';
    const { data, errors } = await ask(CRM_CATALOG, remotes, query);
    expect(errors).toEqual([]);
    expect(data.unified.contacts.nodes).toHaveLength(100);
    expect(data.unified.contacts.nodes[99]).toEqual({
      emailaddress1: 'c100@contoso.example',
      dynamics: { lastname: 'Silva' },
      campaign: { email: 'c100@contoso.example' },
      syncState: 'IN_SYNC',
      drift: [],
    });
    expect(remotes.requests).toEqual(['dynamics contact', 'campaign nms:recipient']);
  });

  it.each([
    '{ unified { contacts(first: 2) { nodes { campaign { email } parentcustomerid { ... on Account { name syncState } } } } } }',
    `{ unified { contact(id: "${guid(1)}") { campaign { email } parentcustomerid { ... on Account { name syncState } } } } }`,
    '{ unified { accounts(first: 2) { nodes { name syncState contact_customer_accounts(first: 2) { nodes { campaign { email } } } } } } }',
  ])('asks for what else it leads to beside the Campaign side, however long that takes: %s', async (query) => {
    const remotes = twoSystems(2);
    const release = remotes.hold('campaign');
    const answer = ask(CRM_CATALOG, remotes, query);
    await vi.waitFor(() => expect(remotes.requests).toHaveLength(4));
    release();
    const { data, errors } = await answer;
    expect(errors).toEqual([]);
    expect(JSON.stringify(data)).toContain('Litware');
    expect(remotes.requests).toHaveLength(4);
  });

  it('with a lookup in addition is three', async () => {
    const remotes = twoSystems(100);
    const query = '{ unified { contacts(first: 100) { nodes { campaign { email } accountid { name } } } } }';
    const { data } = await ask(CRM_CATALOG, remotes, query);
    expect(data.unified.contacts.nodes[0].accountid).toEqual({ name: 'Litware' });
    expect([...remotes.requests].sort()).toEqual(['campaign nms:recipient', 'dynamics account', 'dynamics contact']);
  });

  it('does not ask Campaign where nothing needs it', async () => {
    const remotes = twoSystems(2);
    await ask(CRM_CATALOG, remotes, '{ unified { contacts { nodes { id firstname } totalCount { value } } } }');
    expect(remotes.requests).toEqual(['dynamics contact']);
  });

  it('leads by lookups to unified records, whichever of the mapped tables they point at', async () => {
    const remotes = twoSystems(1);
    const query =
      '{ unified { contacts { nodes { parentcustomerid { __typename ... on Account { id name campaign { name } } } } } } }';
    const { data } = await ask(CRM_CATALOG, remotes, query);
    expect(data.unified.contacts.nodes[0].parentcustomerid).toEqual({
      __typename: 'Account',
      id: ACCOUNT.id,
      name: 'Litware',
      campaign: { name: 'Litware Inc' },
    });
  });

  it('leads by relationships to unified records', async () => {
    const remotes = twoSystems(2);
    const query = '{ unified { accounts { nodes { contact_customer_accounts { nodes { campaign { email } } } } } } }';
    const { data } = await ask(CRM_CATALOG, remotes, query);
    expect(data.unified.accounts.nodes[0].contact_customer_accounts.nodes).toEqual([
      { campaign: { email: 'c1@contoso.example' } },
      { campaign: { email: 'c2@contoso.example' } },
    ]);
    expect(remotes.requests).toEqual(['dynamics account', 'dynamics contact', 'campaign nms:recipient']);
  });
});

describe('a unified list that follows Campaign', () => {
  const ROWS = {
    contact: [contactOf(1)],
    'nms:recipient': [recipientOf(1), recipientOf(2), { id: 3, crmId: null, email: 'c0@contoso.example' }],
  };

  it('shows the records that hold a Dynamics id, with what Dynamics has of them', async () => {
    const remotes = fakeRemotes(ROWS);
    const query =
      '{ unified { contacts(from: CAMPAIGN) { nodes { id firstname dynamics { lastname } campaign { email } syncState } } } }';
    const { data } = await ask(CRM_CATALOG, remotes, query);
    expect(data.unified.contacts.nodes).toEqual([
      {
        id: guid(1),
        firstname: 'Ana',
        dynamics: { lastname: 'Silva' },
        campaign: { email: 'c1@contoso.example' },
        syncState: 'IN_SYNC',
      },
      {
        id: guid(2),
        firstname: null,
        dynamics: null,
        campaign: { email: 'c2@contoso.example' },
        syncState: 'ONLY_IN_CAMPAIGN',
      },
    ]);
    expect(remotes.requests).toEqual(['campaign nms:recipient', 'dynamics contact']);
  });

  it('filters and sorts the mapped columns by their Campaign paths', async () => {
    const remotes = fakeRemotes(ROWS);
    const query = `{ unified { contacts(from: CAMPAIGN, filter: { emailaddress1: { eq: "c2@contoso.example" } }, orderBy: [{ firstname: DESC }]) {
      nodes { id }
    } } }`;
    const { data } = await ask(CRM_CATALOG, remotes, query);
    expect(data.unified.contacts.nodes).toEqual([{ id: guid(2) }]);
    expect(remotes.asked[0]).toMatchObject({
      filter: {
        kind: 'and',
        filters: [
          { kind: 'null', path: 'crmId', isNull: false },
          { kind: 'compare', path: 'email', operator: 'eq', value: 'c2@contoso.example' },
        ],
      },
      orderBy: [{ path: 'firstName', descending: true }],
    });
  });
});

describe('the state of a unified record', () => {
  const query = `{ unified { contact(id: "${guid(1)}") { syncState drift { column path dynamics campaign } } } }`;

  it('is DRIFTED where a mapped field differs, and tells which', async () => {
    const recipient = { ...recipientOf(1), firstName: 'Anna' };
    const { data } = await ask(
      CRM_CATALOG,
      fakeRemotes({ contact: [contactOf(1)], 'nms:recipient': [recipient] }),
      query,
    );
    expect(data.unified.contact).toEqual({
      syncState: 'DRIFTED',
      drift: [{ column: 'firstname', path: '@firstName', dynamics: 'Ana', campaign: 'Anna' }],
    });
  });

  it.each([
    ['ONLY_IN_DYNAMICS', { contact: [contactOf(1)] }],
    ['ONLY_IN_CAMPAIGN', { 'nms:recipient': [recipientOf(1)] }],
  ])('is %s where the other system has no such record', async (state, rows) => {
    const { data } = await ask(CRM_CATALOG, fakeRemotes(rows), query);
    expect(data.unified.contact).toEqual({ syncState: state, drift: [] });
  });
});

describe('one unified record', () => {
  const ofDynamics = `{ unified { contact(id: "${guid(1)}") { id firstname } } }`;

  it('is null where neither system has it', async () => {
    const remotes = fakeRemotes({});
    const { data, errors } = await ask(CRM_CATALOG, remotes, ofDynamics);
    expect({ data, errors }).toEqual({ data: { unified: { contact: null } }, errors: [] });
    expect(remotes.requests).toEqual(['dynamics contact', 'campaign nms:recipient']);
  });

  it('is there though only Campaign has it', async () => {
    const { data } = await ask(CRM_CATALOG, fakeRemotes({ 'nms:recipient': [recipientOf(1)] }), ofDynamics);
    expect(data.unified.contact).toEqual({ id: guid(1), firstname: null });
  });

  it('asks only the system that the query needs, and each of them once', async () => {
    const remotes = twoSystems(1);
    await ask(CRM_CATALOG, remotes, `{ unified { contact(id: "${guid(1)}") { campaign { email } } } }`);
    await ask(
      CRM_CATALOG,
      remotes,
      `{ unified { contact(id: "${guid(1)}") { firstname campaign { email } syncState } } }`,
    );
    expect(remotes.requests).toEqual(['campaign nms:recipient', 'dynamics contact', 'campaign nms:recipient']);
  });
});

describe('a fault of one system', () => {
  const fields = 'id firstname dynamics { lastname } campaign { email } syncState';

  it('of Campaign leaves what Dynamics has', async () => {
    const remotes = twoSystems(1);
    remotes.fail('campaign', down('campaign'));
    const { data, errors } = await ask(CRM_CATALOG, remotes, `{ unified { contacts { nodes { ${fields} } } } }`);
    expect(data.unified.contacts.nodes).toEqual([
      { id: guid(1), firstname: 'Ana', dynamics: { lastname: 'Silva' }, campaign: null, syncState: null },
    ]);
    expect(errors.map(({ path }) => path?.at(-1))).toEqual(['campaign', 'syncState']);
    expect(errors[0]?.originalError).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
  });

  it('of Dynamics leaves what Campaign has of one record', async () => {
    const remotes = twoSystems(1);
    remotes.fail('dynamics', down('dynamics'));
    const { data, errors } = await ask(CRM_CATALOG, remotes, `{ unified { contact(id: "${guid(1)}") { ${fields} } } }`);
    expect(data.unified.contact).toEqual({
      id: guid(1),
      firstname: null,
      dynamics: null,
      campaign: { email: 'c1@contoso.example' },
      syncState: null,
    });
    expect(errors.map(({ path }) => path?.at(-1)).sort()).toEqual(['dynamics', 'firstname', 'syncState']);
    expect(remotes.requests).toEqual(['dynamics contact', 'campaign nms:recipient']);
  });

  it('of Dynamics leaves a list that follows Campaign', async () => {
    const remotes = twoSystems(1);
    remotes.fail('dynamics', down('dynamics'));
    const { data } = await ask(
      CRM_CATALOG,
      remotes,
      '{ unified { contacts(from: CAMPAIGN) { nodes { firstname campaign { email } } } } }',
    );
    expect(data.unified.contacts.nodes).toEqual([{ firstname: null, campaign: { email: 'c1@contoso.example' } }]);
  });

  it('nulls its own list beside that of the other', async () => {
    const remotes = twoSystems(1);
    remotes.fail('dynamics', down('dynamics'));
    const query = '{ dynamics { contacts { nodes { lastname } } } campaign { nmsRecipients { nodes { email } } } }';
    const { data } = await ask(CRM_CATALOG, remotes, query);
    expect(data).toEqual({
      dynamics: { contacts: null },
      campaign: { nmsRecipients: { nodes: [{ email: 'c1@contoso.example' }] } },
    });
  });
});
