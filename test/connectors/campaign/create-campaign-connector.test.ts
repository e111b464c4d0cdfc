import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type CampaignMock, createCampaignMock } from '../../../mocks/campaign/server.js';
import type { CampaignConnector } from '../../../src/connectors/campaign/campaign-connector.js';
import { createCampaignConnector } from '../../../src/connectors/campaign/create-campaign-connector.js';
import { parseXml } from '../../../src/connectors/campaign/xml-text.js';
import type { CampaignSchema } from '../../../src/model/campaign-schema.js';
import type { Filter, Order, RecordQuery, WriteRequest } from '../../../src/model/query.js';

let mock: CampaignMock;
let connector: CampaignConnector;
let recipient: CampaignSchema;

beforeAll(async () => {
  mock = await createCampaignMock();
});
afterAll(() => mock.close());

async function open(): Promise<void> {
  await mock.reset();
  connector = connect();
  const [found] = await connector.introspect(['nms:recipient']);
  if (!found) throw new Error('Expected the mock to know nms:recipient.');
  recipient = found;
}

function connect(password = 'admin', url = mock.url): CampaignConnector {
  return createCampaignConnector({ url, user: 'admin', password, retries: 0 });
}

type Query = RecordQuery<CampaignSchema>;

function ask(facts: Partial<Query> = {}) {
  return connector.query({ from: recipient, select: { fields: ['email'] }, first: 100, ...facts });
}

function write(operation: WriteRequest<never>['operation'], ...records: WriteRequest<never>['records']) {
  return connector.write({ to: recipient, operation, key: 'email', records });
}

function actions(): readonly (string | undefined)[] {
  return mock.requests().map((request) => request.headers.soapaction);
}

function named(lastName: string): Filter {
  return { kind: 'compare', path: 'lastName', operator: 'eq', value: lastName };
}

describe('the Campaign connector', () => {
  afterEach(() => connector.close());

  describe('tests the connection', () => {
    it('step by step, with the version of the server', async () => {
      await open();
      const steps = await connector.check();
      expect(steps.map(({ name, ok }) => [name, ok])).toEqual([
        ['Campaign address', true],
        ['Campaign logon', true],
        ['Campaign reading', true],
        ['Campaign schema rights', true],
      ]);
      expect(steps[0]?.detail).toContain('7.4.3');
    });

    it('and says what to do about a wrong password', async () => {
      connector = connect('wrong');
      const steps = await connector.check();
      expect(steps.map(({ ok }) => ok)).toEqual([true, false]);
      expect(steps[1]?.remedy).toContain('CAMPAIGN_PASSWORD');
    });

    it('and says what to do about an address where nobody answers', async () => {
      connector = connect('admin', 'http://127.0.0.1:1');
      const [step] = await connector.check();
      expect(step).toMatchObject({
        name: 'Campaign address',
        ok: false,
        remedy: expect.stringContaining('CAMPAIGN_URL'),
      });
    });

    it('and says what to do about a security zone', async () => {
      await open();
      connector = connect();
      mock.addFault({
        match: { path: 'soaprouter' },
        code: 'XSV-350013',
        message: 'The IP address is not authorised.',
      });
      const steps = await connector.check();
      expect(steps.at(-1)).toMatchObject({ ok: false, remedy: expect.stringContaining('security zone') });
    });
  });

  describe('keeps a session', () => {
    it('for all calls, and logs off at the end', async () => {
      await open();
      await Promise.all([ask(), ask(), ask()]);
      await connector.close();
      expect(actions().filter((action) => action === 'xtk:session#Logon')).toHaveLength(1);
      expect(actions().at(-1)).toBe('xtk:session#Logoff');
    });

    it('and begins another when it has expired, without a word to the caller', async () => {
      await open();
      mock.clock.advance(100_000);
      expect((await ask({ first: 1 })).records).toHaveLength(1);
      expect(actions().filter((action) => action === 'xtk:session#Logon')).toHaveLength(2);
    });

    it('and gives up when a new one does not help', async () => {
      await open();
      mock.addFault({ match: { path: 'soaprouter' }, times: 3, code: 'XSV-350008', message: 'Session has expired.' });
      await expect(ask()).rejects.toMatchObject({ code: 'UPSTREAM_UNAUTHENTICATED' });
    });

    it('and sends both tokens with each call, and the password with none but the logon', async () => {
      await open();
      await ask();
      const [query] = mock.requests().filter(({ headers }) => headers.soapaction === 'xtk:queryDef#ExecuteQuery');
      expect(query?.headers.cookie).toMatch(/^__sessiontoken=___/);
      expect(query?.headers['x-security-token']).toMatch(/^@/);
      expect(query?.body).toMatch(/<sessiontoken[^>]*>___/);
    });
  });

  describe('describes schemas', () => {
    it('with the enumerations that others declare, under their full names', async () => {
      await open();
      const [subscription] = await connector.introspect(['nms:subscription', 'nms:nope', 'nonsense']);
      expect(subscription?.enumerations.map(({ name }) => name)).toEqual(['nms:recipient:emailFormat']);
    });

    it('lists them by name, whatever the server allows on a page', async () => {
      await open();
      const names = (await connector.summaries()).map(({ name }) => name);
      expect(names).toContain('nms:recipient');
      expect(names).toEqual([...new Set(names)].sort());
    });
  });

  describe('reads records', () => {
    it('with elements, enumerations and linked records, typed', async () => {
      await open();
      await write('upsert', {
        email: 'ada@b.example',
        gender: 2,
        birthDate: '1815-12-10',
        'location/city': 'London',
        'folder/name': 'nmsRootFolder',
      });
      const fields = ['gender', 'birthDate', 'location/city', 'blackList', 'phone', 'lastModified'];
      const select = { fields, nested: { folder: { fields: ['label'] } } };
      const page = await ask({
        select,
        filter: { kind: 'compare', path: 'email', operator: 'eq', value: 'ada@b.example' },
      });
      expect(page.records).toEqual([
        {
          id: expect.any(Number),
          gender: { name: 'female', value: '2', label: 'Female' },
          birthDate: '1815-12-10',
          location: { city: 'London' },
          blackList: false,
          phone: null,
          lastModified: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
          folder: { id: 1181, label: 'Recipients' },
        },
      ]);
    });

    it.each<[string, readonly Order[]]>([
      ['a text that many share', [{ path: 'lastName', descending: false }]],
      ['a date that some lack', [{ path: 'birthDate', descending: true }]],
      [
        'a linked record that some lack',
        [
          { path: 'country/label', descending: false },
          { path: 'firstName', descending: true },
        ],
      ],
      [
        'a number and a date',
        [
          { path: 'gender', descending: true },
          { path: 'birthDate', descending: false },
        ],
      ],
    ])('page by page in the order of %s', async (_name, orderBy) => {
      await open();
      await write(
        'upsert',
        { email: 'x@b.example', birthDate: null },
        { email: 'y@b.example', birthDate: '1990-01-01', 'location/countryCode': 'ZZ' },
      );
      const whole = (await ask({ orderBy })).records.map(({ id }) => id);
      const paged: unknown[] = [];
      for (let after: string | undefined, more = true; more; ) {
        const page = await ask({ orderBy, first: 3, ...(after === undefined ? {} : { after }) });
        paged.push(...page.records.map(({ id }) => id));
        more = page.hasNextPage;
        if (more) after = page.cursorAt(page.records.length - 1);
      }
      expect(whole).toHaveLength(38);
      expect(paged).toEqual(whole);
    });

    it('by a text exactly as it is, whatever characters it has', async () => {
      await open();
      const texts = [
        "O'Neill",
        'back\\slash',
        "quote\\'s",
        "' or 1=1 or '",
        '50%',
        '5_',
        '50x',
        '"double"',
        '#2026#',
        '$(login)',
        'Zoë 😀',
      ];
      await write('create', ...texts.map((lastName, index) => ({ email: `${index}@b.example`, lastName })));
      for (const text of texts) {
        const found = await ask({ select: { fields: ['lastName'] }, filter: named(text) });
        expect(found.records.map(({ lastName }) => lastName)).toEqual([text]);
        const filter = { kind: 'text', path: 'lastName', operator: 'contains', value: text } as const;
        const containing = await ask({ select: { fields: ['lastName'] }, filter });
        expect(containing.records.map(({ lastName }) => lastName)).toEqual(
          texts.filter((other) => other.includes(text)),
        );
      }
    });

    it.each<[string, Filter]>([
      ['a text', { kind: 'text', path: 'lastName', operator: 'startsWith', value: 'M' }],
      ['a comparison of texts', { kind: 'compare', path: 'lastName', operator: 'lt', value: 'N' }],
      ['a comparison of numbers', { kind: 'compare', path: 'gender', operator: 'gte', value: 1 }],
      ['a comparison of dates', { kind: 'compare', path: 'birthDate', operator: 'gt', value: '1990-01-01' }],
      ['a list', { kind: 'in', path: 'lastName', values: ['Nowak', "O'Brien"] }],
      ['a linked record', { kind: 'compare', path: 'country/label', operator: 'eq', value: 'France' }],
      ['no value', { kind: 'null', path: 'birthDate', isNull: true }],
    ])('divided between %s and its negation', async (_name, filter) => {
      await open();
      await write(
        'upsert',
        { email: 'none@b.example' },
        { email: 'some@b.example', lastName: 'Zorn', gender: 1, birthDate: '2000-02-02' },
      );
      const inside = await ask({ filter });
      const outside = await ask({ filter: { kind: 'not', filter } });
      expect(inside.records.length).toBeGreaterThan(0);
      expect(outside.records.length).toBeGreaterThan(0);
      const all = [...inside.records, ...outside.records].map(({ id }) => Number(id)).sort((one, other) => one - other);
      expect(all).toEqual((await ask()).records.map(({ id }) => id));
    });

    it('without asking where nothing can match', async () => {
      await open();
      mock.clearRequests();
      const page = await ask({ filter: { kind: 'in', path: 'email', values: [] }, count: true });
      expect([page.records, page.hasNextPage, page.count]).toEqual([[], false, { value: 0, exact: true }]);
      expect(actions()).toEqual([]);
    });
  });

  describe('writes records', () => {
    it('all but the bad ones, and says what is wrong with these', async () => {
      await open();
      const records = Array.from({ length: 20 }, (_, index) => ({
        email: `${index}@b.example`,
        lastName: index === 13 ? 'x'.repeat(101) : 'Fine',
      }));
      const outcomes = await write('upsert', ...records, { email: 'bad@b.example', 'folder/name': 'noSuchFolder' });
      expect(outcomes.flatMap((outcome, index) => (outcome.ok ? [] : [index]))).toEqual([13, 20]);
      expect(outcomes[13]).toMatchObject({ code: 'ODB-240000', message: expect.stringContaining('value too long') });
      expect(outcomes[20]).toMatchObject({ code: 'XSV-350000' });
      expect((await ask({ filter: named('Fine') })).records).toHaveLength(19);
    });

    it('and tells which of an update are not there', async () => {
      await open();
      await write('upsert', { email: 'here@b.example' });
      const outcomes = await write(
        'update',
        { email: 'gone@b.example', lastName: 'X' },
        { email: 'here@b.example', lastName: 'X' },
      );
      expect(outcomes).toMatchObject([{ ok: false, code: 'NOT_FOUND' }, { ok: true }]);
      expect((await ask({ filter: named('X') })).records).toMatchObject([{ email: 'here@b.example' }]);
    });

    it('made with ids that Campaign gives beforehand, all of them by one request', async () => {
      await open();
      mock.clearRequests();
      const outcomes = await write('create', { lastName: 'Made' }, { lastName: 'Made' }, { lastName: 'x'.repeat(101) });
      expect(outcomes).toMatchObject([
        { ok: true, id: expect.stringMatching(/^\d+$/) },
        { ok: true, id: expect.stringMatching(/^\d+$/) },
        { ok: false, code: 'ODB-240000', cause: { name: 'RemoteError' } },
      ]);
      expect(actions().filter((action) => action?.includes('NewIds'))).toEqual(['xtk:persist#GetNewIdsEx']);
      const { records } = await ask({ select: { fields: ['id'] }, filter: named('Made') });
      expect(records.map(({ id }) => String(id))).toEqual(
        outcomes.slice(0, 2).map((outcome) => outcome.ok && outcome.id),
      );
    });

    it('and does not look for them first where nobody need be told that they are gone', async () => {
      await open();
      mock.clearRequests();
      const records = [{ email: 'nobody@nowhere.example', lastName: 'Doe' }];
      const update = { to: recipient, operation: 'update', key: 'email', records, mayBeMissing: true } as const;
      expect(await connector.write(update)).toMatchObject([{ ok: true }]);
      expect(actions()).toEqual(['xtk:persist#WriteCollection']);
    });

    it('and deletes them, those that are gone already too', async () => {
      await open();
      await write('upsert', { email: 'a@b.example', lastName: 'Gone' });
      const outcomes = await write('delete', { email: 'a@b.example' }, { email: 'never@b.example' });
      expect(outcomes).toEqual([
        { ok: true, id: null },
        { ok: true, id: null },
      ]);
      expect((await ask({ filter: named('Gone') })).records).toEqual([]);
    });

    it('and empties values and links', async () => {
      await open();
      await write('upsert', {
        email: 'a@b.example',
        lastName: 'Doe',
        'location/countryCode': 'FR',
        'folder/name': 'nmsRootFolder',
      });
      await write('upsert', { email: 'a@b.example', lastName: null, 'country/isoA2': null, 'folder/name': null });
      const select = { fields: ['lastName', 'folder/label', 'country/label'] };
      const page = await ask({
        select,
        filter: { kind: 'compare', path: 'email', operator: 'eq', value: 'a@b.example' },
      });
      expect(page.records).toMatchObject([{ lastName: null, folder: null, country: null }]);
    });
  });

  it('gives the changes of each pass, also those made while the pass before ran', async () => {
    await open();
    mock.clock.advance(3_600);
    const query = { from: recipient, select: { fields: ['email'] }, first: 10 };
    let cursor: string | null = null;
    for await (const page of connector.changes(query, null)) {
      if (cursor === null) await write('upsert', { email: 'meanwhile@b.example' });
      cursor = page.cursor;
    }
    mock.clock.advance(3_600);
    const changed: unknown[] = [];
    for await (const page of connector.changes(query, cursor)) changed.push(...page.changed.map(({ email }) => email));
    expect(changed).toEqual(['meanwhile@b.example']);
  });

  it('writes, builds and removes a source schema, which new sessions see', async () => {
    await open();
    const document = parseXml(
      '<srcSchema namespace="cus" name="crmAccount" label="Accounts"><element name="crmAccount" autopk="true">' +
        '<attribute name="crmId" length="36"/><attribute name="name" label="Name"/></element></srcSchema>',
    );
    await connector.writeSourceSchema(document);
    expect((await connector.readSourceSchema('cus:crmAccount'))?.attributes.label).toBe('Accounts');
    expect(await connector.introspect(['cus:crmAccount'])).toEqual([]);
    await connector.reconnect();
    expect(await connector.introspect(['cus:crmAccount'])).toMatchObject([
      { label: 'Accounts', keys: [{ fields: ['id'] }] },
    ]);
    await connector.deleteSourceSchema('cus:crmAccount');
    await connector.deleteSourceSchema('cus:crmAccount');
    expect(await connector.readSourceSchema('cus:crmAccount')).toBeNull();
  });

  it('says why a source schema is refused', async () => {
    await open();
    const document = parseXml(
      '<srcSchema namespace="cus" name="bad"><element name="bad"><attribute name="a" type="nonsense"/></element></srcSchema>',
    );
    await expect(connector.writeSourceSchema(document)).rejects.toMatchObject({
      name: 'RemoteError',
      code: 'UPSTREAM_REJECTED',
    });
    await expect(connector.writeSourceSchema(parseXml('<schema/>'))).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  });

  it('makes an itemized list, orders its values and removes some', async () => {
    await open();
    const values = ['Accounting', 'Agriculture', 'Retail'].map((name) => ({ name, label: `${name}!` }));
    await connector.writeItemizedList({ name: 'crmIndustry', label: 'Industry', values }, []);
    const reordered = { name: 'crmIndustry', label: 'Other label', values: [...values.slice(1)].reverse() };
    await connector.writeItemizedList(reordered, ['Accounting', 'Retail', 'Unheard']);
    expect(await connector.readItemizedLists(['crmIndustry', 'noSuchList'])).toEqual([
      { name: 'crmIndustry', label: 'Industry', values: [values[2], values[1]] },
    ]);
    const lists = await connector.itemizedLists();
    expect(lists.map(({ name }) => name)).toEqual(['crmIndustry', 'leadRating', 'neoIndustry', 'origin', 'salutation']);
    expect(lists.find(({ name }) => name === 'neoIndustry')?.values).toEqual([]);
  });

  it('makes, changes and deletes an external account', async () => {
    await open();
    const account = {
      name: 'dynamicsCRM',
      label: 'Microsoft Dynamics CRM',
      server: 'https://contoso.crm.dynamics.com',
      clientId: '22222222-2222-2222-2222-222222222222',
      tenant: '11111111-1111-1111-1111-111111111111',
      active: true,
    };
    await connector.writeExternalAccount(account);
    expect(await connector.readExternalAccount('dynamicsCRM')).toEqual({ ...account, isDynamics: true });
    await connector.writeExternalAccount({ ...account, active: false });
    expect(await connector.readExternalAccount('dynamicsCRM')).toMatchObject({ active: false, server: account.server });
    await connector.deleteExternalAccount('dynamicsCRM');
    await connector.deleteExternalAccount('dynamicsCRM');
    expect(await connector.readExternalAccount('dynamicsCRM')).toBeNull();
  });

  it('tells accounts of other kinds from those of Dynamics', async () => {
    await open();
    expect(await connector.readExternalAccount('defaultEmailMid')).toMatchObject({ isDynamics: false });
  });

  it('tells the name of the instance', async () => {
    await open();
    expect(await connector.instanceName()).toMatch(/^\w+$/);
  });

  it('reads faults that come with HTTP 500 as newer servers send them', async () => {
    await open();
    const newer = await createCampaignMock({ faultHttpStatus: 500 });
    connector = connect('admin', newer.url);
    const query = connector.query({
      from: { ...recipient, name: 'cus:nope' },
      select: { fields: ['email'] },
      first: 1,
    });
    await expect(query).rejects.toMatchObject({ code: 'NOT_FOUND', upstream: { status: 500, code: 'XFR-180000' } });
    await newer.close();
  });

  it('aborts what is under way when it closes', async () => {
    await open();
    mock.addFault({ match: { path: 'soaprouter' }, delayMs: 10_000 });
    const asking = ask();
    const closing = connector.close();
    await expect(asking).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    await closing;
  });
});
