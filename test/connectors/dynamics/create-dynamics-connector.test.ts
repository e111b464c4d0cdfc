import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDynamicsMock, type DynamicsMock } from '../../../mocks/dynamics/server.js';
import { createEntraMock, type EntraMock } from '../../../mocks/entra/server.js';
import { createDynamicsConnector } from '../../../src/connectors/dynamics/create-dynamics-connector.js';
import type { DynamicsConnector } from '../../../src/connectors/dynamics/dynamics-connector.js';
import { WriteWatch } from '../../../src/connectors/write-watch.js';
import type { AccountConnection } from '../../../src/model/account.js';
import type { AlongList, ChangePage, Page } from '../../../src/model/query.js';
import { findColumn, type Table, type TableSummary } from '../../../src/model/table.js';
import { describeConnectorContract } from '../contract.js';

function accountOf(server: string, facts: Partial<AccountConnection> = {}): AccountConnection {
  return {
    name: 'dynamicsCRM',
    server,
    tenantId: '11111111-1111-1111-1111-111111111111',
    clientId: '22222222-2222-2222-2222-222222222222',
    credentials: { oauthType: 'CLIENT_SECRET', clientSecret: 'mock-secret' },
    ...facts,
  };
}

async function openMocks(contacts: number) {
  const entra = await createEntraMock();
  const dynamics = await createDynamicsMock({ contacts, authority: entra.url });
  const closeMocks = async () => {
    await dynamics.close();
    await entra.close();
  };
  return { entra, dynamics, closeMocks };
}

async function tableOf(connector: DynamicsConnector, name: string): Promise<Table> {
  const [table] = await connector.introspect([name]);
  if (!table) throw new Error(`Expected the mock to have a table ${name}.`);
  return table;
}

describeConnectorContract<Table, TableSummary>('The Dynamics connector', async () => {
  const { entra, dynamics, closeMocks } = await openMocks(50);
  const writes = new WriteWatch();
  const account = accountOf(dynamics.url);
  const connector = createDynamicsConnector({ account, authority: entra.url, retries: 1, writes });
  return {
    connector,
    writes,
    name: 'contact',
    description: await tableOf(connector, 'contact'),
    nameOf: (summary) => summary.logicalName,
    id: 'contactid',
    text: 'lastname',
    key: 'contactid',
    newRecord: { contactid: randomUUID(), lastname: "O'Contract 100%" },
    addFault: (fault) => dynamics.addFault(fault),
    clearFaults: () => dynamics.clearFaults(),
    requests: () => dynamics.requests().length,
    close: async () => {
      await connector.close();
      await closeMocks();
    },
  };
});

describe('Dynamics connector', () => {
  let entra: EntraMock;
  let dynamics: DynamicsMock;
  let closeMocks: () => Promise<void>;
  let connector: ReturnType<typeof createDynamicsConnector>;
  let contact: Table;

  beforeAll(async () => {
    ({ entra, dynamics, closeMocks } = await openMocks(30));
    const writes = new WriteWatch();
    connector = createDynamicsConnector({ account: accountOf(dynamics.url), authority: entra.url, writes });
    contact = await tableOf(connector, 'contact');
  });
  afterAll(async () => {
    await connector?.close();
    await closeMocks?.();
  });
  beforeEach(() => dynamics.clearRequests());

  it('describes the columns of a contact', () => {
    expect(contact).toMatchObject({ setName: 'contacts', primaryId: 'contactid', primaryName: 'fullname' });
    expect(findColumn(contact, 'firstname')).toMatchObject({ type: 'string', maxLength: 50, creatable: true });
    expect(findColumn(contact, 'birthdate')?.type).toBe('date');
    expect(findColumn(contact, 'createdon')).toMatchObject({ type: 'datetime', updatable: false });
    expect(findColumn(contact, 'gendercode')?.optionSet?.options).toEqual([
      { value: 1, label: 'Male', state: null },
      { value: 2, label: 'Female', state: null },
    ]);
    expect(findColumn(contact, 'statuscode')?.optionSet?.options.map(({ state }) => state)).toEqual([0, 1]);
    expect(findColumn(contact, 'parentcustomerid')).toMatchObject({
      type: 'customer',
      targets: [
        { table: 'account', navigation: 'parentcustomerid_account' },
        { table: 'contact', navigation: 'parentcustomerid_contact' },
      ],
    });
    expect(findColumn(contact, 'ownerid')?.targets.map(({ navigation }) => navigation)).toContain('ownerid');
    expect(findColumn(contact, 'parentcustomeridname')).toBeUndefined();
  });

  it('describes several tables, with the details of every column, in one request', async () => {
    await connector.introspect(['contact', 'account', 'lead']);
    expect(dynamics.requests().map(({ path }) => path.split('(')[0])).toEqual([
      '/api/data/v9.2/RetrieveMetadataChanges',
    ]);
  });

  it('can select every readable column of the common tables', async () => {
    for (const table of await connector.introspect([
      'account',
      'contact',
      'lead',
      'opportunity',
      'list',
      'campaign',
      'systemuser',
    ])) {
      const fields = table.columns.filter(({ readable }) => readable).map(({ name }) => name);
      const page = await connector.query({ from: table, select: { fields }, first: 3 });
      expect(Object.keys(page.records[0] ?? {}).sort()).toEqual([...fields].sort());
    }
  });

  it('reads choices, lookups, dates and numbers in the forms of records, in one request', async () => {
    const fields = [
      'fullname',
      'gendercode',
      'statecode',
      'parentcustomerid',
      'birthdate',
      'modifiedon',
      'versionnumber',
    ];
    const filter = {
      kind: 'and',
      filters: ['gendercode', 'parentcustomerid', 'birthdate'].map(
        (path) => ({ kind: 'null', path, isNull: false }) as const,
      ),
    } as const;
    const page = await connector.query({ from: contact, select: { fields }, filter, first: 1 });
    expect(page.records[0]).toMatchObject({
      gendercode: { value: expect.any(Number), label: expect.stringMatching(/^(Fem|M)ale$/i) },
      statecode: { value: expect.any(Number), label: expect.stringMatching(/^(Ina|A)ctive$/i) },
      parentcustomerid: {
        table: expect.stringMatching(/^(account|contact)$/),
        id: expect.any(String),
        name: expect.any(String),
      },
      birthdate: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
      modifiedon: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      versionnumber: expect.stringMatching(/^\d+$/),
    });
    expect(dynamics.requests()).toHaveLength(1);
  });

  it('reads the record a lookup leads to in the same request', async () => {
    const filter = { kind: 'null', path: 'primarycontactid', isNull: false } as const;
    const account = await tableOf(connector, 'account');
    const select = { fields: ['name'], nested: { primarycontactid: { fields: ['fullname', 'gendercode'] } } };
    const page = await connector.query({ from: account, select, filter, first: 2 });
    expect(page.records[0]?.primarycontactid).toMatchObject({
      contactid: expect.any(String),
      fullname: expect.any(String),
    });
    expect(dynamics.requests().filter(({ path }) => path.includes('/accounts?'))).toHaveLength(1);
  });

  it('finds records by ids, by lookups, by choices and by parts of texts', async () => {
    const all = await connector.query({
      from: contact,
      select: { fields: ['parentcustomerid', 'gendercode', 'lastname'] },
      first: 5_000,
    });
    const idsOf = (records: typeof all.records) => records.map(({ contactid }) => contactid).sort();
    const find = async (filter: Parameters<typeof connector.query>[0]['filter']) => {
      const page = await connector.query({
        from: contact,
        select: { fields: [] },
        first: 5_000,
        ...(filter ? { filter } : {}),
      });
      return idsOf(page.records);
    };
    const some = all.records.slice(3, 6).map(({ contactid }) => String(contactid));
    expect(await find({ kind: 'in', path: 'contactid', values: some })).toEqual([...some].sort());
    expect(await find({ kind: 'not', filter: { kind: 'in', path: 'contactid', values: some } })).toHaveLength(
      all.records.length - 3,
    );
    const parents = all.records
      .flatMap(({ parentcustomerid }) => (isReference(parentcustomerid) ? [parentcustomerid.id] : []))
      .slice(0, 2);
    const children = all.records.filter(
      ({ parentcustomerid }) => isReference(parentcustomerid) && parents.includes(parentcustomerid.id),
    );
    expect(await find({ kind: 'in', path: 'parentcustomerid', values: parents })).toEqual(idsOf(children));
    const men = all.records.filter(({ gendercode }) => isChoice(gendercode) && gendercode.value === 1);
    const filter = { kind: 'compare', path: 'gendercode', operator: 'eq', value: 1 } as const;
    expect(await find(filter)).toEqual(idsOf(men));
    expect(await find({ kind: 'not', filter })).toHaveLength(all.records.length - men.length);
    expect(await find({ kind: 'text', path: 'lastname', operator: 'contains', value: '%' })).toEqual([]);
  });

  it('stops counting where Dynamics does', async () => {
    const { entra: authority, dynamics: large, closeMocks: closeLarge } = await openMocks(5_100);
    const other = createDynamicsConnector({ account: accountOf(large.url), authority: authority.url });
    const page = await other.query({ from: contact, select: { fields: [] }, first: 1, count: true });
    expect(page.count).toEqual({ value: 5_000, exact: false });
    await other.close();
    await closeLarge();
  });

  it('reads the changes of the pass only, and everything the first time', async () => {
    const query = { from: contact, select: { fields: ['lastname'] }, first: 10 };
    const collect = async (cursor: string | null) => {
      const pages: ChangePage[] = [];
      for await (const page of connector.changes(query, cursor)) pages.push(page);
      return pages;
    };
    const first = await collect(null);
    expect(first.length).toBeGreaterThan(2);
    expect(first.map(({ complete }) => complete)).toEqual([...first.slice(1).map(() => false), true]);
    const [record] = first[0]?.changed ?? [];
    dynamics.clock.advance(3_600);
    entra.clock.advance(3_600);
    const records = [{ contactid: String(record?.contactid), lastname: 'Änderung' }];
    expect(await connector.write({ to: contact, operation: 'update', key: 'contactid', records })).toMatchObject([
      { ok: true },
    ]);
    const second = await collect(first.at(-1)?.cursor ?? null);
    expect(second.flatMap(({ changed }) => changed)).toContainEqual({
      contactid: record?.contactid,
      lastname: 'Änderung',
    });
  });

  it('goes on within a pass from the cursor of any of its pages', async () => {
    const query = { from: contact, select: { fields: [] }, first: 7 };
    const whole: string[] = [];
    const cursors: string[] = [];
    for await (const page of connector.changes(query, null)) {
      whole.push(...page.changed.map(({ contactid }) => String(contactid)));
      cursors.push(page.cursor);
    }
    const rest: string[] = [];
    for await (const page of connector.changes(query, cursors[1] ?? null))
      rest.push(...page.changed.map(({ contactid }) => String(contactid)));
    expect(rest).toEqual(whole.slice(14));
  });

  it('creates, updates, clears and deletes records', async () => {
    const account = await tableOf(connector, 'account');
    const [made] = await connector.write({
      to: account,
      operation: 'create',
      key: 'accountid',
      records: [{ name: 'Neu & Söhne', revenue: '12.5' }],
    });
    const accountid = made?.ok ? String(made.id) : '';
    const person = {
      lastname: 'Ng',
      parentcustomerid: `account:${accountid}`,
      gendercode: 2,
      birthdate: '2000-02-29',
      donotemail: true,
    };
    const [born] = await connector.write({ to: contact, operation: 'create', key: 'contactid', records: [person] });
    const contactid = born?.ok ? String(born.id) : '';
    const read = async () => {
      const filter = { kind: 'compare', path: 'contactid', operator: 'eq', value: contactid } as const;
      const fields = ['lastname', 'parentcustomerid', 'gendercode', 'birthdate', 'donotemail'];
      return (await connector.query({ from: contact, select: { fields }, filter, first: 1 })).records;
    };
    expect(await read()).toEqual([
      {
        contactid,
        lastname: 'Ng',
        parentcustomerid: { table: 'account', id: accountid, name: 'Neu & Söhne' },
        gendercode: { value: 2, label: 'Female' },
        birthdate: '2000-02-29',
        donotemail: true,
      },
    ]);
    const cleared = { contactid, parentcustomerid: null, gendercode: null };
    expect(await connector.write({ to: contact, operation: 'update', key: 'contactid', records: [cleared] })).toEqual([
      { ok: true, id: contactid },
    ]);
    expect(await read()).toMatchObject([{ parentcustomerid: null, gendercode: null, lastname: 'Ng' }]);
    const remove = { to: contact, operation: 'delete', key: 'contactid', records: [{ contactid }] } as const;
    expect(await connector.write(remove)).toEqual([{ ok: true, id: contactid }]);
    expect(await connector.write(remove)).toMatchObject([{ ok: false, code: 'NOT_FOUND' }]);
    expect(await read()).toEqual([]);
  });

  it('tells which records were deleted since the pass before', async () => {
    const collect = async (cursor: string | null) => {
      const pages: ChangePage[] = [];
      for await (const page of connector.deletions(contact, cursor)) pages.push(page);
      return { deleted: pages.flatMap(({ deleted }) => deleted), cursor: pages.at(-1)?.cursor ?? null };
    };
    const first = await collect(null);
    const contactid = randomUUID();
    const records = [{ contactid, lastname: 'Brief' }];
    await connector.write({ to: contact, operation: 'create', key: 'contactid', records });
    await connector.write({ to: contact, operation: 'delete', key: 'contactid', records: [{ contactid }] });
    const second = await collect(first.cursor);
    expect([first.deleted, second.deleted]).toEqual([[], [contactid]]);
    expect((await collect(second.cursor)).deleted).toEqual([]);
  });

  it('tells for each record of a write what became of it', async () => {
    const id = randomUUID();
    const outcomes = await connector.write({
      to: contact,
      operation: 'upsert',
      key: 'contactid',
      records: [
        { contactid: id, lastname: 'Fine' },
        { contactid: randomUUID(), lastname: 'x'.repeat(51) },
        { contactid: randomUUID(), gendercode: 99 },
        { contactid: 'no id' },
      ],
    });
    expect(outcomes).toMatchObject([
      { ok: true, id },
      { ok: false, code: 'UPSTREAM_REJECTED', message: expect.stringContaining('0x80044331') },
      { ok: false, code: 'UPSTREAM_REJECTED', message: expect.stringContaining('0x8004431a') },
      { ok: false, code: 'BAD_USER_INPUT' },
    ]);
  });

  it('gets another token when Dynamics refuses the one it has', async () => {
    const before = entra.requests().length;
    dynamics.addFault({ status: 401, times: 1 });
    const page = await connector.query({ from: contact, select: { fields: [] }, first: 1 });
    expect([page.records.length, entra.requests().length - before]).toEqual([1, 1]);
  });

  it('waits as long as Dynamics asks, and gives up when that is too long', async () => {
    dynamics.addFault({
      status: 429,
      code: '0x80072322',
      message: 'Number of requests exceeded',
      retryAfter: 1,
      times: 1,
    });
    await connector.query({ from: contact, select: { fields: [] }, first: 1 });
    dynamics.addFault({
      status: 429,
      code: '0x80072322',
      message: 'Number of requests exceeded',
      retryAfter: 300,
      times: 1,
    });
    const refused = connector.query({ from: contact, select: { fields: [] }, first: 1 });
    await expect(refused).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      retryAfter: 300,
      upstream: { code: '0x80072322' },
    });
  });

  /** Asks twice at once for accounts with lists of their contacts, and tells the lists of both pages. */
  async function askTwiceAlong(one: readonly AlongList[], other: readonly AlongList[]) {
    const account = await tableOf(connector, 'account');
    dynamics.clearRequests();
    const ask = (lists: readonly AlongList[]) =>
      connector.query(
        { from: account, select: { fields: ['name'] }, first: 4, along: { lookups: [], lists } },
        { mayShare: true },
      );
    const pages = await Promise.all([ask(one), ask(other)]);
    return pages.map(({ along }) => along?.lists ?? new Map<AlongList, readonly (Page | null)[]>());
  }

  function contactsOfAccount(facts: Partial<AlongList> = {}): AlongList {
    const path = 'parentcustomerid';
    const select = { fields: ['lastname'] };
    return { navigation: 'contact_customer_accounts', from: contact, path, select, first: 3, ...facts };
  }

  it('gives a shared page with its lists by the objects that each caller asked with', async () => {
    // The first is left out, as it cannot be expanded.
    const asked = [1, 2].map(() => [contactsOfAccount({ first: 5_000 }), contactsOfAccount()]);
    const [mine, theirs] = await askTwiceAlong(asked[0] ?? [], asked[1] ?? []);
    expect(dynamics.requests()).toHaveLength(1);
    expect([...(mine?.keys() ?? [])]).toEqual([asked[0]?.[1]]);
    expect([...(theirs?.keys() ?? [])][0]).toBe(asked[1]?.[1]);
    const recordsOf = (lists: typeof mine) => [...(lists?.values() ?? [])].flat().map((page) => page?.records);
    expect(recordsOf(theirs)).toHaveLength(4);
    expect(recordsOf(theirs)).toEqual(recordsOf(mine));
  });

  it('shares no page with who wants the count of a list, which the URL does not tell', async () => {
    const lists = await askTwiceAlong([contactsOfAccount()], [contactsOfAccount({ count: true })]);
    expect(dynamics.requests()).toHaveLength(2);
    const counted = lists.map((pages) => [...pages.values()].flat().some((page) => page && page.count !== null));
    expect(counted).toEqual([false, true]);
  });
});

function isReference(value: unknown): value is { readonly id: string } {
  return typeof value === 'object' && value !== null && 'id' in value;
}

function isChoice(value: unknown): value is { readonly value: number } {
  return typeof value === 'object' && value !== null && 'value' in value;
}
