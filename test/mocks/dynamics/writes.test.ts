import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { covers } from '../compatibility.js';
import { type Organization, startOrganization } from './support.js';

let organization: Organization;
let id = '';
const MISSING = '00000000-0000-0000-0000-000000000001';
const REPRESENTATION = { prefer: 'return=representation' };

beforeAll(async () => {
  organization = await startOrganization({ contacts: 0, tables: 'test/mocks/dynamics/fixtures/custom-tables.json' });
});

beforeEach(async () => {
  await organization.mock.reset();
  id = String(organization.mock.insert('account', { name: 'Litware' }).accountid);
});

afterAll(() => organization.mock.close());

describe('create', () => {
  it('answers with the address of the new row', async () => {
    covers('dynamics', '4 Writes', 'Create: 204 with OData-EntityId, @odata.bind');
    const { status, headers, text } = await organization.send('POST', 'contacts', {
      firstname: 'Ada',
      lastname: 'Lyon',
      'parentcustomerid_account@odata.bind': `/accounts(${id})`,
    });
    const url = headers.get('odata-entityid') ?? '';
    expect([status, text, headers.get('location')]).toEqual([204, '', url]);
    const contact = organization.mock.row('contact', url.slice(-37, -1));
    expect(contact).toMatchObject({
      fullname: 'Ada Lyon',
      parentcustomerid: { table: 'account', id },
      statecode: 0,
      statuscode: 1,
      ownerid: { table: 'systemuser' },
      donotemail: false,
    });
  });

  it('answers with the row where a representation is asked for', async () => {
    const { status, body, headers } = await organization.send(
      'POST',
      'accounts?$select=name',
      { name: 'New' },
      REPRESENTATION,
    );
    expect([status, body.name, headers.get('odata-entityid')]).toEqual([201, 'New', null]);
  });

  it('takes an id of the client, once', async () => {
    covers('dynamics', '4 Writes', 'Create with a primary key; 412 where it is taken');
    expect((await organization.send('POST', 'accounts', { accountid: MISSING, name: 'New' })).status).toBe(204);
    const again = await organization.send('POST', 'accounts', { accountid: MISSING });
    expect([again.status, again.body.error.code]).toEqual([412, '0x80040237']);
  });

  it('takes the date of creation from the client, and keeps the real one beside it', async () => {
    covers('dynamics', '4 Writes', 'Create with overriddencreatedon');
    organization.mock.clock.set(new Date('2030-01-31T12:00:00Z'));
    const { body } = await organization.send(
      'POST',
      'contacts?$select=createdon,overriddencreatedon',
      { lastname: 'Lyon', overriddencreatedon: '2020-01-01T00:00:00Z', createdon: '2001-01-01T00:00:00Z' },
      REPRESENTATION,
    );
    expect(body).toMatchObject({
      createdon: '2020-01-01T00:00:00Z',
      overriddencreatedon: expect.stringMatching(/^2030-01-31T12:00:/),
    });
  });

  it('asks for nothing that only forms require', async () => {
    expect((await organization.send('POST', 'accounts', {})).status).toBe(204);
  });

  it('makes related rows along with it, or nothing at all', async () => {
    covers('dynamics', '4 Writes', 'Deep insert, all or nothing');
    const body = {
      name: 'Parent',
      primarycontactid: { lastname: 'First' },
      contact_customer_accounts: [{ lastname: 'Second' }, { lastname: 'Third' }],
    };
    const { headers } = await organization.send('POST', 'accounts', body);
    const created = headers.get('odata-entityid')?.slice(-37, -1) ?? '';
    expect(
      (await organization.get(`accounts(${created})/contact_customer_accounts?$select=lastname&$orderby=lastname`)).body
        .value,
    ).toMatchObject([{ lastname: 'Second' }, { lastname: 'Third' }]);
    const before = organization.mock.rows('contact').length;
    const bad = { ...body, contact_customer_accounts: [{ lastname: 'Fine' }, { lastname: 'x'.repeat(51) }] };
    expect((await organization.send('POST', 'accounts', bad)).status).toBe(400);
    expect(organization.mock.rows('contact')).toHaveLength(before);
  });

  it('computes full names, addresses and base amounts', async () => {
    covers('dynamics', '4 Writes', 'Computed columns: fullname, composite addresses, base amounts');
    const [euro] = organization.mock.rows('transactioncurrency').filter((row) => row.isocurrencycode === 'EUR');
    const { body } = await organization.send(
      'POST',
      'accounts',
      {
        name: 'E',
        revenue: 92,
        'transactioncurrencyid@odata.bind': `/transactioncurrencies(${String(euro?.transactioncurrencyid)})`,
        address1_line1: '1 rue de la Paix',
        address1_city: 'Paris',
        address1_postalcode: '75002',
      },
      REPRESENTATION,
    );
    expect(body).toMatchObject({
      revenue_base: 100,
      exchangerate: 0.92,
      address1_composite: '1 rue de la Paix\r\nParis, 75002',
    });
  });

  it.each([
    [{ nothing: 1 }, '0x80048d19', "The property 'nothing' does not exist on type 'Microsoft.Dynamics.CRM.account'"],
    [
      { 'nothing@odata.bind': '/contacts(1)' },
      '0x80048d19',
      "An undeclared property 'nothing' which only has property annotations",
    ],
    [
      { '@odata.type': '#Microsoft.Dynamics.CRM.contact', name: 'A' },
      '0x80048d19',
      "type 'Microsoft.Dynamics.CRM.contact' was found, but it is not assignable to the expected type 'Microsoft.Dynamics.CRM.account'",
    ],
    [
      { '@odata.type': 'Microsoft.Dynamics.CRM.nothing', name: 'A' },
      '0x80048d19',
      "A type named 'Microsoft.Dynamics.CRM.nothing' could not be resolved by the model.",
    ],
    [{ name: 5 }, '0x80048d19', "Cannot convert the literal '5' to the expected type 'Edm.String'"],
    [{ numberofemployees: 3_000_000_000 }, '0x80048d19', "expected type 'Edm.Int32'"],
    [
      { name: 'x'.repeat(161) },
      '0x80044331',
      "The length of the 'name' attribute of the 'account' entity exceeded the maximum allowed length of '160'.",
    ],
    [{ numberofemployees: -1 }, '0x8004432f', 'outside the valid range'],
    [{ address1_latitude: 91 }, '0x80044330', 'outside the valid range'],
    [{ industrycode: 99 }, '0x8004431a', 'outside the valid range'],
    [{ lastonholdtime_: 'x' }, '0x80048d19', 'does not exist'],
    [{ statuscode: 2 }, '0x80048408', 'is not a valid status code'],
    [
      { _primarycontactid_value: MISSING },
      '0x80060888',
      'CRM do not support direct update of Entity Reference properties',
    ],
  ])('refuses %o', async (body, code, message) => {
    covers('dynamics', '6 Errors', 'Checks of type, length, range, option and property names');
    const answer = await organization.send('POST', 'accounts', body);
    expect([answer.status, answer.body.error.code]).toEqual([400, code]);
    expect(answer.body.error.message).toContain(message);
  });

  it('refuses to bind to a row that is not there, or of another table', async () => {
    covers('dynamics', '6 Errors', 'Binding to a missing row or one of another table');
    expect(
      (await organization.send('POST', 'accounts', { 'primarycontactid@odata.bind': `/contacts(${MISSING})` })).body
        .error.code,
    ).toBe('0x80040217');
    expect(
      (await organization.send('POST', 'accounts', { 'primarycontactid@odata.bind': `/accounts(${id})` })).status,
    ).toBe(400);
  });

  it('refuses dates of another form', async () => {
    const { body } = await organization.send('POST', 'contacts', { birthdate: '1980-02-29T00:00:00Z' });
    expect(body.error.message).toContain("expected type 'Edm.Date'");
    expect((await organization.send('POST', 'contacts', { birthdate: '1980-02-29' })).status).toBe(204);
  });
});

it('a new user or team can own rows', async () => {
  const { body } = await organization.send(
    'POST',
    'systemusers?$select=ownerid,_businessunitid_value',
    { firstname: 'Kim', lastname: 'Abercrombie', domainname: 'kim@contoso.example' },
    REPRESENTATION,
  );
  expect(body).toMatchObject({ ownerid: body.systemuserid, _businessunitid_value: expect.any(String) });
  expect(
    (
      await organization.send('PATCH', `accounts(${id})`, {
        'ownerid@odata.bind': `/systemusers(${body.systemuserid})`,
      })
    ).status,
  ).toBe(204);
  expect(organization.mock.row('account', id)).toMatchObject({
    ownerid: { id: body.systemuserid },
    owninguser: { id: body.systemuserid },
  });
  expect(
    (await organization.get(`systemusers(${body.systemuserid})/owner_accounts?$select=name`)).body.value,
  ).toMatchObject([{ name: 'Litware' }]);
  expect((await organization.get(`systemusers(ownerid=${body.systemuserid})?$select=fullname`)).body.fullname).toBe(
    'Kim Abercrombie',
  );
  expect((await organization.get(`systemusers(systemuserid=${body.systemuserid})`)).status).toBe(400);
});

describe('update', () => {
  it('raises the rowversion and sets who changed it when', async () => {
    covers('dynamics', '4 Writes', 'versionnumber, ETag and modifiedon on every change');
    const before = organization.mock.row('account', id);
    organization.mock.clock.advance(60);
    expect((await organization.send('PATCH', `accounts(${id})`, { name: 'Renamed' })).status).toBe(204);
    const after = organization.mock.row('account', id);
    expect(Number(after?.versionnumber)).toBeGreaterThan(Number(before?.versionnumber));
    expect(String(after?.modifiedon) > String(before?.modifiedon)).toBe(true);
  });

  it('creates the row where there is none, with the id of the address', async () => {
    covers('dynamics', '4 Writes', 'Upsert by id');
    const { status, headers } = await organization.send('PATCH', `accounts(${MISSING})`, { name: 'Upserted' });
    expect([status, headers.get('odata-entityid')]).toEqual([204, `${organization.api}accounts(${MISSING})`]);
    expect(organization.mock.row('account', MISSING)?.name).toBe('Upserted');
  });

  it.each([
    ['if-match', '*', MISSING, 404, '0x80040217'],
    ['if-none-match', '*', null, 412, '0x80040237'],
    ['if-match', 'W/"1"', null, 412, '0x80060882'],
  ])('%s: %s is heeded', async (header, value, other, status, code) => {
    const answer = await organization.send('PATCH', `accounts(${other ?? id})`, { name: 'x' }, { [header]: value });
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
  });

  it('goes through with the ETag of the row, and tells created from updated by the status', async () => {
    covers('dynamics', '4 Writes', 'Upsert: 200 or 201 with return=representation');
    const etag = (await organization.get(`accounts(${id})?$select=name`)).headers.get('etag') ?? '';
    expect(
      (
        await organization.send(
          'PATCH',
          `accounts(${id})?$select=name`,
          { name: 'x' },
          { 'if-match': etag, ...REPRESENTATION },
        )
      ).status,
    ).toBe(200);
    expect((await organization.send('PATCH', `accounts(${MISSING})`, { name: 'x' }, REPRESENTATION)).status).toBe(201);
  });

  it('lets a status imply its state, and a state begin with its status', async () => {
    covers('dynamics', '4 Writes', 'State and status rules, 0x80048408');
    await organization.send('PATCH', `accounts(${id})`, { statecode: 1 });
    expect(organization.mock.row('account', id)).toMatchObject({ statecode: 1, statuscode: 2 });
    await organization.send('PATCH', `accounts(${id})`, { statuscode: 1 });
    expect(organization.mock.row('account', id)).toMatchObject({ statecode: 0, statuscode: 1 });
    const mismatch = await organization.send('PATCH', `accounts(${id})`, { statecode: 0, statuscode: 2 });
    expect(mismatch.body.error.code).toBe('0x80048408');
  });

  it('sets one lookup of a polymorphic pair, and clears it', async () => {
    covers('dynamics', '4 Writes', 'Polymorphic lookups: one property sets, null clears');
    const contact = String(
      organization.mock.insert('contact', { lastname: 'L', parentcustomerid: { table: 'account', id } }).contactid,
    );
    await organization.send('PATCH', `contacts(${contact})`, {
      'parentcustomerid_contact@odata.bind': `contacts(${contact})`,
    });
    expect(organization.mock.row('contact', contact)?.parentcustomerid).toEqual({ table: 'contact', id: contact });
    await organization.send('PATCH', `contacts(${contact})`, { parentcustomerid_contact: null });
    expect(organization.mock.row('contact', contact)?.parentcustomerid).toBeUndefined();
  });

  it('writes and empties a single property', async () => {
    expect((await organization.send('PUT', `accounts(${id})/name`, { value: 'One' })).status).toBe(204);
    expect(organization.mock.row('account', id)?.name).toBe('One');
    expect((await organization.send('DELETE', `accounts(${id})/name`)).status).toBe(204);
    expect(organization.mock.row('account', id)?.name).toBeUndefined();
  });

  it.each([
    ['PATCH', '', { 'ownerid@odata.bind': null }],
    ['PATCH', '', { statecode: null }],
    ['PATCH', '', { statuscode: null }],
    ['DELETE', '/statuscode', undefined],
    ['DELETE', '/ownerid/$ref', undefined],
  ])('leaves no row without owner and status: %s %s %j', async (method, path, body) => {
    covers('dynamics', '6 Errors', 'Null for the owner, the state or the status: 400');
    const before = organization.mock.row('account', id);
    const answer = await organization.send(method, `accounts(${id})${path}`, body);
    expect([answer.status, answer.body.error.code]).toEqual([400, '0x80040203']);
    expect(organization.mock.row('account', id)).toEqual(before);
  });

  it('is not offered for a collection', async () => {
    covers('dynamics', '6 Errors', 'PATCH and DELETE on a collection: 405');
    expect((await organization.send('PATCH', 'accounts', {})).status).toBe(405);
    expect((await organization.send('DELETE', 'accounts')).status).toBe(405);
  });
});

it('a hierarchy takes no loop, of one row or of several', async () => {
  covers('dynamics', '4 Writes', '0x80040507: loops in a hierarchy of rows');
  const { accountid: middle } = organization.mock.insert('account', { name: 'Middle' });
  const { accountid: bottom } = organization.mock.insert('account', { name: 'Bottom' });
  const under = (child: unknown, parent: unknown) =>
    organization.send('PATCH', `accounts(${child})`, { 'parentaccountid@odata.bind': `accounts(${parent})` });
  expect([(await under(bottom, middle)).status, (await under(middle, id)).status]).toEqual([204, 204]);
  const above = organization.mock.row('account', id);
  const refused = [await under(id, bottom), await under(id, id)];
  refused.push(
    await organization.send('POST', `accounts(${bottom})/account_parent_account/$ref`, {
      '@odata.id': `${organization.api}accounts(${id})`,
    }),
  );
  for (const { status, body } of refused)
    expect([status, body.error]).toEqual([
      400,
      {
        code: '0x80040507',
        message: 'Creating this parental association would create a loop in Accounts hierarchy.',
      },
    ]);
  expect(organization.mock.row('account', id)).toEqual(above);
});

describe('an alternate key', () => {
  it('addresses rows, keeps them apart, and fills in what it is made of', async () => {
    covers('dynamics', '4 Writes', 'Alternate keys: addresses, 0x80060892, 0x80060891');
    const { headers } = await organization.send('PATCH', "cr1_projects(cr1_code='P''1')", { cr1_name: 'One' });
    expect(headers.get('odata-entityid')).toBe(`${organization.api}cr1_projects(cr1_code='P''1')`);
    const { body } = await organization.get("cr1_projects(cr1_code='P''1')?$select=cr1_code,cr1_name,cr1_topics", {
      prefer: 'odata.include-annotations="*"',
    });
    expect(body).toMatchObject({ cr1_code: "P'1", cr1_name: 'One', cr1_topics: null });
    const duplicate = await organization.send('POST', 'cr1_projects', { cr1_code: "p'1" });
    expect([duplicate.status, duplicate.body.error.code]).toEqual([412, '0x80060892']);
    const missing = await organization.get("cr1_projects(cr1_code='P2')");
    expect([missing.status, missing.body.error.code]).toEqual([404, '0x80060891']);
  });

  it('addresses nothing while its index is not active', async () => {
    expect((await organization.get("cr1_projects(cr1_name='One')")).status).toBe(400);
  });
});

it('several choices are a list of numbers, shown by their labels', async () => {
  const { body } = await organization.send(
    'POST',
    'cr1_projects?$select=cr1_topics',
    { cr1_topics: '3,1' },
    { prefer: 'return=representation,odata.include-annotations="*"' },
  );
  expect(body).toMatchObject({
    cr1_topics: '1,3',
    'cr1_topics@OData.Community.Display.V1.FormattedValue': 'Bread; Café',
  });
  expect((await organization.send('POST', 'cr1_projects', { cr1_topics: '9' })).body.error.code).toBe('0x8004431a');
});

describe('delete', () => {
  it('takes a row away with what cascades, and clears lookups to it', async () => {
    covers('dynamics', '4 Writes', 'Delete: cascades and cleared lookups');
    const { mock } = organization;
    const contact = String(
      mock.insert('contact', { lastname: 'L', parentcustomerid: { table: 'account', id } }).contactid,
    );
    const child = String(
      mock.insert('account', { name: 'Child', parentaccountid: { table: 'account', id } }).accountid,
    );
    expect((await organization.send('DELETE', `accounts(${id})`)).status).toBe(204);
    expect(mock.row('contact', contact)).toBeUndefined();
    expect(mock.row('account', child)?.parentaccountid).toBeUndefined();
    expect((await organization.send('DELETE', `accounts(${id})`)).status).toBe(404);
  });

  it('is refused where a relationship restricts it, and then changes nothing', async () => {
    covers('dynamics', '4 Writes', 'Delete: restricted, 0x80040227');
    const [dollar] = organization.mock.rows('transactioncurrency');
    organization.mock.update('account', id, { revenue: 1 });
    const { status, body } = await organization.send(
      'DELETE',
      `transactioncurrencies(${String(dollar?.transactioncurrencyid)})`,
    );
    expect([status, body.error.code]).toEqual([400, '0x80040227']);
    expect(organization.mock.row('account', id)?.transactioncurrencyid).toBeDefined();
  });

  it('heeds the ETag', async () => {
    covers('dynamics', '4 Writes', 'Delete with If-Match');
    expect((await organization.send('DELETE', `accounts(${id})`, undefined, { 'if-match': 'W/"1"' })).status).toBe(412);
  });
});

describe('references', () => {
  it('tie and untie rows of a one-to-many relationship', async () => {
    const contact = String(organization.mock.insert('contact', { lastname: 'L' }).contactid);
    const collection = `accounts(${id})/contact_customer_accounts`;
    expect(
      (
        await organization.send('POST', `${collection}/$ref`, {
          '@odata.id': `${organization.api}contacts(${contact})`,
        })
      ).status,
    ).toBe(204);
    expect(organization.mock.row('contact', contact)?.parentcustomerid).toEqual({ table: 'account', id });
    expect((await organization.send('DELETE', `${collection}(${contact})/$ref`)).status).toBe(204);
    expect(organization.mock.row('contact', contact)?.parentcustomerid).toBeUndefined();
  });

  it('set and clear a lookup', async () => {
    const contact = String(organization.mock.insert('contact', { lastname: 'L' }).contactid);
    expect(
      (await organization.send('PUT', `accounts(${id})/primarycontactid/$ref`, { '@odata.id': `contacts(${contact})` }))
        .status,
    ).toBe(204);
    expect(organization.mock.row('account', id)?.primarycontactid).toEqual({ table: 'contact', id: contact });
    await organization.send('DELETE', `accounts(${id})/primarycontactid/$ref`);
    expect(organization.mock.row('account', id)?.primarycontactid).toBeUndefined();
  });

  it('put members into a list of their type, each once', async () => {
    covers('dynamics', '4 Writes', 'Marketing lists: members by association');
    const { mock } = organization;
    const list = String(mock.insert('list', { listname: 'News', createdfromcode: 2, type: false }).listid);
    const contact = String(mock.insert('contact', { lastname: 'L' }).contactid);
    const path = `lists(${list})/listcontact_association/$ref`;
    const body = { '@odata.id': `${organization.api}contacts(${contact})` };
    expect((await organization.send('POST', path, body)).status).toBe(204);
    expect((await organization.send('POST', path, body)).status).toBe(412);
    expect(
      (await organization.get(`contacts(${contact})/listcontact_association?$select=listname`)).body.value,
    ).toMatchObject([{ listname: 'News' }]);
    expect(mock.row('list', list)?.membercount).toBe(1);
    const account = await organization.send('POST', `lists(${list})/listaccount_association/$ref`, {
      '@odata.id': `${organization.api}accounts(${id})`,
    });
    expect(account.body.error.message).toContain('does not take members of the type account');
    await organization.send('DELETE', `${path}?$id=${organization.api}contacts(${contact})`);
    expect(mock.row('list', list)?.membercount).toBe(0);
  });
});
