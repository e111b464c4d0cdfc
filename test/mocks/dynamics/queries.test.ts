import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { covers } from '../compatibility.js';
import { ALL_ANNOTATIONS, type Organization, startOrganization } from './support.js';

let organization: Organization;
const ids = { litware: '', fabrikam: '', ada: '', zoe: '' };

beforeAll(async () => {
  organization = await startOrganization({ contacts: 0 });
  const { mock } = organization;
  const insert = (table: string, cells: Parameters<typeof mock.insert>[1]) =>
    String(mock.insert(table, cells)[`${table}id`]);
  ids.litware = insert('account', {
    name: 'Litware',
    numberofemployees: 1500,
    revenue: 20_000,
    industrycode: 6,
    createdon: '2024-01-01T00:00:00Z',
  });
  ids.fabrikam = insert('account', { name: "Fabrikam's", numberofemployees: 12 });
  ids.ada = insert('contact', {
    firstname: 'Ada',
    lastname: 'Lyon',
    parentcustomerid: { table: 'account', id: ids.litware },
    birthdate: '1980-02-29',
    donotemail: true,
  });
  ids.zoe = insert('contact', {
    firstname: 'Zoë',
    lastname: 'Faÿ',
    parentcustomerid: { table: 'contact', id: ids.ada },
  });
  mock.update('account', ids.litware, { primarycontactid: { table: 'contact', id: ids.ada } });
});

afterAll(() => organization.mock.close());

async function names(filter: string, set = 'accounts?$select=name'): Promise<string[]> {
  const { body } = await organization.get(`${set}&$filter=${encodeURIComponent(filter)}`);
  return body.value.map((row: Record<string, string>) => row.name ?? row.firstname).sort();
}

describe('a filter', () => {
  it.each([
    ["name eq 'litware'", ['Litware']],
    ["name eq 'Fabrikam''s'", ["Fabrikam's"]],
    ['numberofemployees gt 100 and numberofemployees le 1500', ['Litware']],
    ["not contains(name,'brik')", ['Litware']],
    ["startswith(name,'FAB') or endswith(name,'ware')", ["Fabrikam's", 'Litware']],
    ['revenue eq null', ["Fabrikam's"]],
    ['industrycode ne 6', ["Fabrikam's"]],
    ["primarycontactid/fullname eq 'Ada Lyon'", ['Litware']],
    ["contact_customer_accounts/any(c:c/firstname eq 'Ada')", ['Litware']],
    ['contact_customer_accounts/any()', ['Litware']],
    ['Microsoft.Dynamics.CRM.In(PropertyName=\'numberofemployees\',PropertyValues=["12","13"])', ["Fabrikam's"]],
    ['Microsoft.Dynamics.CRM.Between(PropertyName=\'numberofemployees\',PropertyValues=["1000","2000"])', ['Litware']],
    ["Microsoft.Dynamics.CRM.EqualUserId(PropertyName='ownerid')", ["Fabrikam's", 'Litware']],
    ['createdon lt 2024-06-01', ['Litware']],
  ])('%s', async (filter, expected) => {
    expect(await names(filter)).toEqual(expected);
  });

  it('compares a lookup with an id, bare or quoted', async () => {
    expect(await names(`_parentcustomerid_value eq ${ids.litware}`, 'contacts?$select=firstname')).toEqual(['Ada']);
    expect(await names(`_parentcustomerid_value eq '${ids.ada}'`, 'contacts?$select=firstname')).toEqual(['Zoë']);
  });

  it('takes the values of parameter aliases', async () => {
    const { body } = await organization.get('accounts?$select=name&$filter=numberofemployees%20gt%20@p1&@p1=1000');
    expect(body.value).toMatchObject([{ name: 'Litware' }]);
  });

  it.each([
    [
      "statuscodename eq 'Active'",
      "Could not find a property named 'statuscodename' on type 'Microsoft.Dynamics.CRM.account'.",
    ],
    [
      "primarycontactid/nothing eq 'x'",
      "Could not find a property named 'nothing' on type 'Microsoft.Dynamics.CRM.contact'.",
    ],
  ])('is refused where it names what is not there: %s', async (filter, message) => {
    covers('dynamics', '6 Errors', '0x80060888 for what is no property, column or option of a query');
    const { status, body } = await organization.get(`accounts?$filter=${encodeURIComponent(filter)}`);
    expect(status).toBe(400);
    expect(body).toEqual({ error: { code: '0x80060888', message } });
  });

  it('is refused where it is no OData', async () => {
    const { status, body } = await organization.get("accounts?$filter=name%20eq%20'open");
    expect([status, body.error.code]).toEqual([400, '0x80060888']);
  });
});

describe('a row', () => {
  it('has its ETag, its key, and null for an empty column', async () => {
    covers('dynamics', '3 Queries', 'single rows: context, ETag, key, explicit nulls');
    const { body, headers } = await organization.get(`accounts(${ids.fabrikam})?$select=name,industrycode`);
    const etag = `W/"${String(organization.mock.row('account', ids.fabrikam)?.versionnumber)}"`;
    expect(body).toEqual({
      '@odata.context': `${organization.api}$metadata#accounts(name,industrycode)/$entity`,
      '@odata.etag': etag,
      name: "Fabrikam's",
      industrycode: null,
      accountid: ids.fabrikam,
    });
    expect(headers.get('etag')).toBe(etag);
  });

  it('shows formatted values and what a lookup leads to only when asked', async () => {
    covers('dynamics', '3 Queries', 'annotations: formatted values, lookuplogicalname, associatednavigationproperty');
    const path = `contacts(${ids.ada})?$select=birthdate,donotemail,statecode,_parentcustomerid_value`;
    const plain = await organization.get(path);
    expect(Object.keys(plain.body).filter((name) => name.includes('@') && !name.startsWith('@'))).toEqual([]);
    const { body } = await organization.get(path, ALL_ANNOTATIONS);
    expect(body).toMatchObject({
      'birthdate@OData.Community.Display.V1.FormattedValue': '2/29/1980',
      birthdate: '1980-02-29',
      'donotemail@OData.Community.Display.V1.FormattedValue': 'Do Not Allow',
      'statecode@OData.Community.Display.V1.FormattedValue': 'Active',
      '_parentcustomerid_value@OData.Community.Display.V1.FormattedValue': 'Litware',
      '_parentcustomerid_value@Microsoft.Dynamics.CRM.associatednavigationproperty': 'parentcustomerid_account',
      '_parentcustomerid_value@Microsoft.Dynamics.CRM.lookuplogicalname': 'account',
      _parentcustomerid_value: ids.litware,
    });
  });

  it('formats money in its currency and brings that along', async () => {
    covers('dynamics', '3 Queries', '$select: companions of money and address columns');
    const { body } = await organization.get(
      `accounts(${ids.litware})?$select=revenue,numberofemployees,createdon`,
      ALL_ANNOTATIONS,
    );
    expect(body).toMatchObject({
      'revenue@OData.Community.Display.V1.FormattedValue': '$20,000.00',
      'numberofemployees@OData.Community.Display.V1.FormattedValue': '1,500',
      'createdon@OData.Community.Display.V1.FormattedValue': '1/1/2024 12:00 AM',
      '_transactioncurrencyid_value@OData.Community.Display.V1.FormattedValue': 'US Dollar',
    });
  });

  it('is not found under an id that nothing has', async () => {
    covers('dynamics', '6 Errors', '404 0x80040217 for a row that is not there');
    const id = '00000000-0000-0000-0000-000000000001';
    const { status, body } = await organization.get(`accounts(${id})`);
    expect([status, body]).toEqual([
      404,
      { error: { code: '0x80040217', message: `account With Id = ${id} Does Not Exist` } },
    ]);
  });

  it('is refused under a key that the table does not have', async () => {
    covers('dynamics', '3 Queries', 'keys: id, id by name, alternate keys, refused names');
    const { status, body } = await organization.get("accounts(accountnumber='A1')");
    expect(status).toBe(400);
    expect(body.error.message).toContain(
      "The key in the request URI is not valid for resource 'Microsoft.Dynamics.CRM.account'",
    );
  });

  it('answers 304 to its own ETag, but not when annotations are asked for, nor to the literal null', async () => {
    covers('dynamics', '1 Service', 'If-None-Match: 304, and the literal null');
    const path = `accounts(${ids.fabrikam})?$select=name`;
    const etag = (await organization.get(path)).headers.get('etag') ?? '';
    expect((await organization.get(path, { 'if-none-match': etag })).status).toBe(304);
    expect((await organization.get(path, { 'if-none-match': etag, ...ALL_ANNOTATIONS })).status).toBe(200);
    expect((await organization.get(path, { 'if-none-match': 'null' })).status).toBe(200);
  });

  it('leads to its properties, to rows by lookup, and to references', async () => {
    covers('dynamics', '3 Queries', 'single properties, navigation, $ref, $count of collections');
    const path = `accounts(${ids.litware})`;
    expect((await organization.get(`${path}/name`)).body).toEqual({
      '@odata.context': `${organization.api}$metadata#${path}/name`,
      value: 'Litware',
    });
    expect((await organization.get(`${path}/fax`)).status).toBe(204);
    expect((await organization.get(`${path}/primarycontactid?$select=fullname`)).body).toMatchObject({
      fullname: 'Ada Lyon',
      contactid: ids.ada,
    });
    expect((await organization.get(`${path}/parentaccountid`)).status).toBe(204);
    expect((await organization.get(`${path}/primarycontactid/$ref`)).body['@odata.id']).toBe(
      `${organization.api}contacts(${ids.ada})`,
    );
    expect((await organization.get(`${path}/contact_customer_accounts/$ref`)).body.value).toEqual([
      { '@odata.id': `${organization.api}contacts(${ids.ada})` },
    ]);
    expect((await organization.get(`${path}/contact_customer_accounts/$count`)).text).toBe('\uFEFF1'.slice(1));
  });
});

describe('an order', () => {
  it('puts null first, text without regard to case, lookups by the name they show', async () => {
    const names = async (order: string) =>
      (await organization.get(`accounts?$select=name&$orderby=${order}`)).body.value.map(
        (row: { name: string }) => row.name,
      );
    expect(await names('revenue')).toEqual(["Fabrikam's", 'Litware']);
    expect(await names('name%20desc')).toEqual(['Litware', "Fabrikam's"]);
    expect(await names('_primarycontactid_value%20desc')).toEqual(['Litware', "Fabrikam's"]);
  });
});

describe('an expansion', () => {
  it('writes a row for a lookup, null for an empty one', async () => {
    const { body } = await organization.get(
      'accounts?$select=name&$orderby=name&$expand=primarycontactid($select=fullname)',
    );
    expect(body['@odata.context']).toBe(`${organization.api}$metadata#accounts(name,primarycontactid(fullname))`);
    expect(body.value).toMatchObject([
      { primarycontactid: null },
      { primarycontactid: { fullname: 'Ada Lyon', contactid: ids.ada } },
    ]);
  });

  it('gives all rows of a collection, and a link that reads them once more', async () => {
    covers('dynamics', '3 Queries', '$expand: lookups and collections, links of single-level collections');
    const { body } = await organization.get(
      `accounts(${ids.litware})?$select=name&$expand=contact_customer_accounts($select=firstname)`,
    );
    expect(body.contact_customer_accounts).toMatchObject([{ firstname: 'Ada' }]);
    const link = body['contact_customer_accounts@odata.nextLink'];
    expect(link).toBe(`${organization.api}accounts(${ids.litware})/contact_customer_accounts?$select=firstname`);
    expect((await organization.get(link)).body.value).toMatchObject([{ firstname: 'Ada' }]);
  });

  it('nests', async () => {
    covers('dynamics', '3 Queries', '$expand: nested, with its rules');
    const { body } = await organization.get(
      `contacts(${ids.zoe})?$select=firstname&$expand=parentcustomerid_contact($select=firstname;$expand=parentcustomerid_account($select=name))`,
    );
    expect(body.parentcustomerid_contact).toMatchObject({
      firstname: 'Ada',
      parentcustomerid_account: { name: 'Litware' },
    });
  });

  it('of an owner shows what users and teams share, their id', async () => {
    const { body } = await organization.get(`accounts(${ids.litware})?$select=name&$expand=ownerid`);
    expect(body.ownerid.ownerid).toBe((await organization.get('WhoAmI')).body.UserId);
    const { body: refused } = await organization.get('accounts?$expand=ownerid($select=fullname)');
    expect(refused.error.message).toBe(
      "Could not find a property named 'fullname' on type 'Microsoft.Dynamics.CRM.principal'.",
    );
  });

  it('gives references where $ref is asked for', async () => {
    covers('dynamics', '3 Queries', '$expand with $ref');
    const { body } = await organization.get(`accounts(${ids.litware})?$select=name&$expand=primarycontactid/$ref`);
    expect(body.primarycontactid).toEqual({ '@odata.id': `${organization.api}contacts(${ids.ada})` });
  });

  it.each([
    ['primarycontactid($filter=statecode%20eq%200)', 'Only $select and $filter clause can be provided'],
    ['contact_customer_accounts($top=1;$expand=ownerid)', 'Only $select and $filter clause can be provided'],
    ['contact_customer_accounts/$ref', 'Expand with $ref is only supported on lookup type navigation property.'],
    ['nothing', "Could not find a property named 'nothing' on type 'Microsoft.Dynamics.CRM.account'."],
    ['accountleads_association,primarycontactid', 'Many-to-many relationships cannot be expanded together'],
    ['accountleads_association($expand=ownerid)', 'Nested $expand is not supported on many-to-many relationships.'],
    [Array(16).fill('primarycontactid').join(','), 'A query may hold at most 15 $expand options.'],
  ])('%s is refused', async (expand, message) => {
    covers('dynamics', '3 Queries', '$expand: nested, with its rules');
    const { status, body } = await organization.get(`accounts?$expand=${expand}`);
    expect(status).toBe(400);
    expect(body.error.message).toContain(message);
  });
});

it.each(['$skip=1', '$search=x', '$format=json', '$compute=a', '$apply=x'])(
  'the option %s is refused',
  async (option) => {
    covers('dynamics', '3 Queries', '$skip, $search, $format, $compute refused');
    const { status, body } = await organization.get(`accounts?${option}`);
    expect([status, body.error.code]).toEqual([400, '0x80060888']);
  },
);

it('an entity set that is not there is not found', async () => {
  covers('dynamics', '6 Errors', '404 0x8006088a for an unknown segment');
  const { status, body } = await organization.get('foos');
  expect([status, body]).toEqual([
    404,
    { error: { code: '0x8006088a', message: "Resource not found for the segment 'foos'." } },
  ]);
});

it('errors tell more where all annotations are asked for', async () => {
  covers('dynamics', '6 Errors', 'shape, with details where all annotations are asked for');
  const { body } = await organization.get('foos', ALL_ANNOTATIONS);
  expect(body.error).toHaveProperty(['@Microsoft.PowerApps.CDS.HelpLink']);
});
