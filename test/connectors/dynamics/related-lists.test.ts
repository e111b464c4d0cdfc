import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDynamicsMock, type DynamicsMock } from '../../../mocks/dynamics/server.js';
import { createEntraMock, type EntraMock } from '../../../mocks/entra/server.js';
import { createDynamicsConnector } from '../../../src/connectors/dynamics/create-dynamics-connector.js';
import type { DynamicsConnector } from '../../../src/connectors/dynamics/dynamics-connector.js';
import { type AlongList, type Filter, type Page, type Scalar, tiedTo } from '../../../src/model/query.js';
import type { Table } from '../../../src/model/table.js';

/** What a page tells, but for its cursors and the column that ties. */
function told(page: Page) {
  const records = page.records.map(({ parentcustomerid: _, ...record }) => record);
  return { records, hasNextPage: page.hasNextPage, count: page.count };
}

describe('Lists that hang on Dynamics records', () => {
  let entra: EntraMock;
  let dynamics: DynamicsMock;
  let connector: DynamicsConnector;
  let tables: Readonly<Record<'account' | 'contact' | 'list', Table>>;
  let accounts: readonly string[];

  beforeAll(async () => {
    entra = await createEntraMock();
    dynamics = await createDynamicsMock({ contacts: 200, authority: entra.url });
    connector = createDynamicsConnector({
      account: {
        name: 'dynamicsCRM',
        server: dynamics.url,
        tenantId: '11111111-1111-1111-1111-111111111111',
        clientId: '22222222-2222-2222-2222-222222222222',
        credentials: { oauthType: 'CLIENT_SECRET', clientSecret: 'mock-secret' },
      },
      authority: entra.url,
    });
    const [account, contact, list] = await connector.introspect(['account', 'contact', 'list']);
    if (!account || !contact || !list) throw new Error('The mock lacks a table.');
    tables = { account, contact, list };
    accounts = dynamics.rows('account').map((row) => String(row.accountid));
  });
  afterAll(async () => {
    await connector?.close();
    await dynamics?.close();
    await entra?.close();
  });
  beforeEach(() => dynamics.clearRequests());

  const asked = () => dynamics.requests().map(({ path }) => decodeURIComponent(path).replace('/api/data/v9.2/', ''));

  function contactsOf(facts: Partial<AlongList> = {}): AlongList {
    return {
      ...{ navigation: 'contact_customer_accounts', from: tables.contact, path: 'parentcustomerid' },
      ...{ select: { fields: ['lastname', 'gendercode'] }, first: 3 },
      ...facts,
    };
  }

  /** As a request of its own answers it. */
  async function alone({ navigation: _, path, ...list }: AlongList, id: Scalar, after?: string): Promise<Page> {
    return connector.query({ ...tiedTo(list, path, id), ...(after !== undefined && { after }) });
  }

  /** Expects what a request of its own gives, and that cursors of either lead to the same records. */
  async function expectAsAlone(page: Page, list: AlongList, id: Scalar): Promise<void> {
    const own = await alone(list, id);
    expect(told(page)).toEqual(told(own));
    const last = page.records.length - 1;
    if (last < 0) return;
    const rest = await alone(list, id, page.cursorAt(last));
    expect(told(rest)).toEqual(told(await alone(list, id, own.cursorAt(last))));
  }

  const filters: fc.Arbitrary<Filter> = fc.oneof(
    fc.record({
      kind: fc.constant('text' as const),
      path: fc.constant('lastname'),
      operator: fc.constantFrom('contains' as const, 'startsWith' as const, 'endsWith' as const),
      value: fc.constantFrom('a', "O'", 'e', ';', ')', '%', ',$top=1'),
    }),
    fc.record({ kind: fc.constant('null' as const), path: fc.constant('emailaddress1'), isNull: fc.boolean() }),
    fc.record({
      kind: fc.constant('in' as const),
      path: fc.constant('gendercode'),
      values: fc.subarray([1, 2, 3], { minLength: 1 }),
    }),
    fc.record({
      kind: fc.constant('period' as const),
      path: fc.constant('createdon'),
      period: fc.constant('thisYear' as const),
      value: fc.constant(null),
    }),
    fc.record({
      kind: fc.constant('compare' as const),
      path: fc.constantFrom('parentcustomerid_account/name', 'lastname'),
      operator: fc.constantFrom('ne' as const, 'gt' as const),
      value: fc.constantFrom('M', "B'"),
    }),
  );
  const lists = fc.record(
    {
      filter: fc.oneof(
        filters,
        filters.map((filter): Filter => ({ kind: 'not', filter })),
        fc.array(filters, { minLength: 2, maxLength: 3 }).map((all): Filter => ({ kind: 'or', filters: all })),
      ),
      orderBy: fc.array(
        fc.record({ path: fc.constantFrom('lastname', 'createdon', 'gendercode'), descending: fc.boolean() }),
        { minLength: 1, maxLength: 2 },
      ),
      first: fc.constantFrom(1, 2, 5, 50),
      count: fc.constant(true),
    },
    { requiredKeys: ['first'] },
  );

  it('come along as requests of their own would answer and continue them', async () => {
    let brought = 0;
    await fc.assert(
      fc.asyncProperty(lists, async (facts) => {
        const list = contactsOf(facts);
        const along = { lookups: [], lists: [list] };
        const select = { fields: ['name'] };
        const page = await connector.query({ from: tables.account, select, first: 4, along });
        const pages = page.along?.lists.get(list) ?? [];
        for (const [index, one] of pages.entries()) {
          if (one === null) continue;
          brought += 1;
          await expectAsAlone(one, list, String(page.records[index]?.accountid));
        }
      }),
      { numRuns: 60 },
    );
    expect(brought).toBeGreaterThan(50);
  });

  it('are gathered as requests of their own would answer and continue them', async () => {
    let gathered = 0;
    await fc.assert(
      fc.asyncProperty(lists, fc.boolean(), async (facts, mayExpand) => {
        const { navigation, path, ...list } = contactsOf(facts);
        const parent = { from: tables.account, navigation };
        const values = accounts.slice(0, 5);
        const pages = await connector.queryEach(list, { path, values, ...(mayExpand && { parent }) });
        gathered += pages.size;
        for (const [id, page] of pages) await expectAsAlone(page, contactsOf(facts), id);
      }),
      { numRuns: 60 },
    );
    expect(gathered).toBeGreaterThan(200);
  });

  it('continue after the cursors of what came along', async () => {
    const list = contactsOf({ first: 1, orderBy: [{ path: 'lastname', descending: true }] });
    const along = { lookups: [], lists: [list] };
    const page = await connector.query({ from: tables.account, select: { fields: [] }, first: 20, along });
    const index = (page.along?.lists.get(list) ?? []).findIndex((one) => one?.hasNextPage);
    const id = String(page.records[index]?.accountid);
    const after = page.along?.lists.get(list)?.[index]?.cursorAt(0) ?? '';
    const whole = await alone({ ...list, first: 50 }, id);
    const rest = await connector.query({ ...tiedTo(list, list.path, id), first: 50, after });
    expect(whole.records.length).toBeGreaterThan(1);
    expect(rest.records).toEqual(whole.records.slice(1));
  });

  it('come along over a table between the two', async () => {
    const list: AlongList = {
      ...{ navigation: 'listcontact_association', from: tables.contact, path: 'listcontact_association/listid' },
      ...{ select: { fields: ['lastname'] }, orderBy: [{ path: 'lastname', descending: false }], first: 2 },
    };
    const along = { lookups: [], lists: [list] };
    const page = await connector.query({ from: tables.list, select: { fields: ['listname'] }, first: 3, along });
    const pages = page.along?.lists.get(list) ?? [];
    expect(pages).toHaveLength(3);
    for (const [index, one] of pages.entries())
      if (one) await expectAsAlone(one, list, String(page.records[index]?.listid));
    expect(pages.some((one) => one && one.records.length === 2)).toBe(true);
  });

  it('are gathered over a table between the two by asking for the records again', async () => {
    const ids = dynamics.rows('list').map((row) => String(row.listid));
    const [navigation, path] = ['listcontact_association', 'listcontact_association/listid'];
    const list = { from: tables.contact, select: { fields: ['lastname'] }, first: 2 };
    const parent = { from: tables.list, navigation };
    const pages = await connector.queryEach(list, { path, values: ids, parent });
    expect(pages.size).toBe(ids.length);
    expect(asked()).toHaveLength(1);
    for (const [id, page] of pages) await expectAsAlone(page, { ...list, navigation, path }, id);
  });

  it('are left out where they go on and are to be counted', async () => {
    const list = contactsOf({ first: 1, count: true });
    const along = { lookups: [], lists: [list] };
    const page = await connector.query({ from: tables.account, select: { fields: [] }, first: 50, along });
    const pages = page.along?.lists.get(list) ?? [];
    expect(pages).toContain(null);
    for (const one of pages) if (one) expect([one.hasNextPage, one.count?.value]).toEqual([false, one.records.length]);
  });

  it('are counted exactly where they are gathered', async () => {
    const { navigation: _, path, ...list } = contactsOf({ first: 1, count: true });
    const pages = await connector.queryEach(list, { path, values: accounts });
    expect(pages.size).toBe(accounts.length);
    expect(asked()).toHaveLength(1);
    const of = (id: string) =>
      dynamics.rows('contact').filter((row) => (row.parentcustomerid as { id?: string } | undefined)?.id === id);
    for (const [id, page] of pages) expect(page.count).toEqual({ value: of(String(id)).length, exact: true });
  });

  it('are divided where Dynamics refuses to expand them', async () => {
    const { navigation, path, ...list } = contactsOf();
    const parent = { from: tables.account, navigation };
    dynamics.addFault({ match: { path: 'expand' }, times: 1, status: 403, code: '0x80040220' });
    const pages = await connector.queryEach(list, { path, values: accounts.slice(0, 3), parent });
    expect([...pages.keys()]).toEqual(accounts.slice(0, 3));
    expect(asked().map((path) => path.split('?')[0])).toEqual(['accounts', 'contacts']);
  });

  it('are asked for in requests that name no more than 100 records each', async () => {
    const { navigation, path, ...list } = contactsOf();
    const values = Array.from({ length: 201 }, (_, index) => accounts[index % accounts.length] ?? '');
    await connector.queryEach(list, { path, values, parent: { from: tables.account, navigation } });
    expect(asked()).toHaveLength(3);
  });

  it('are asked for as they are now, not as a cache holds them', async () => {
    const along = { lookups: [], lists: [contactsOf()] };
    await connector.query({ from: tables.account, select: { fields: [] }, first: 1, along });
    expect(dynamics.requests()[0]?.headers['if-none-match']).toBe('null');
  });
});
