import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { covers } from '../compatibility.js';
import { type Organization, startOrganization } from './support.js';

let organization: Organization;

beforeAll(async () => {
  organization = await startOrganization({ contacts: 20 });
});

afterAll(() => organization.mock.close());

function viewNamed(name: string): string {
  const view = organization.mock.rows('savedquery').find((row) => row.name === name);
  return String(view?.savedqueryid);
}

describe('a saved query', () => {
  it('is found among the views of a table and run on its entity set', async () => {
    covers('dynamics', '3 Queries', 'savedQuery and userQuery');
    const { body: views } = await organization.get(
      "savedqueries?$select=name,savedqueryid&$filter=name eq 'Active Contacts' and returnedtypecode eq 'contact'",
    );
    const { body } = await organization.get(`contacts?savedQuery=${views.value[0].savedqueryid}`);
    const active = organization.mock.rows('contact').filter((row) => row.statecode === 0);
    expect(body.value).toHaveLength(active.length);
    expect(body.value[0]).toHaveProperty('fullname');
    expect(body.value[0]).not.toHaveProperty('firstname');
  });

  it('leaves columns without a value out, which a query by OData options gives as null', async () => {
    covers('dynamics', '3 Queries', 'nulls: explicit by OData options, omitted by FetchXML and saved queries');
    organization.mock.insert('contact', { firstname: 'Aaa', lastname: 'Aaa' });
    const { body } = await organization.get(`contacts?savedQuery=${viewNamed('Active Contacts')}`);
    expect(body.value[0]).not.toHaveProperty('telephone1');
    const { body: plain } = await organization.get("contacts?$select=telephone1&$filter=lastname eq 'Aaa'");
    expect(plain.value[0].telephone1).toBeNull();
  });

  it('is read in pages by its links', async () => {
    const seen: string[] = [];
    const headers = { prefer: 'odata.maxpagesize=8' };
    let next: string | undefined = `contacts?savedQuery=${viewNamed('All Contacts')}`;
    for (let page = 0; next !== undefined && page < 9; page += 1) {
      const { body } = await organization.get(next, headers);
      seen.push(...body.value.map((row: { contactid: string }) => row.contactid));
      next = body['@odata.nextLink'];
    }
    expect(new Set(seen).size).toBe(organization.mock.rows('contact').length);
    expect(seen).toHaveLength(organization.mock.rows('contact').length);
  });

  it('runs on a filtered collection', async () => {
    const contact = organization.mock
      .rows('contact')
      .find((row) => row.parentcustomerid !== undefined && row.statecode === 0);
    const parent = contact?.parentcustomerid;
    const id = typeof parent === 'object' ? parent.id : '';
    const { body } = await organization.get(
      `accounts(${id})/contact_customer_accounts?savedQuery=${viewNamed('All Contacts')}`,
    );
    expect(body.value.map((row: { contactid: string }) => row.contactid)).toContain(contact?.contactid);
    expect(body.value.length).toBeLessThan(organization.mock.rows('contact').length);
  });

  it.each([
    ['savedQuery=1', 400, 'must be a GUID'],
    ['savedQuery=00000000-0000-0000-0000-000000000009', 404, 'savedquery With Id ='],
    ['userQuery=00000000-0000-0000-0000-000000000009', 404, 'userquery With Id ='],
    ['fetchXml=%3Cfetch/%3E', 400, '<entity>'],
  ])('%s is refused', async (query, status, message) => {
    const { status: answered, body } = await organization.get(`contacts?${query}`);
    expect([answered, body.error.message]).toEqual([status, expect.stringContaining(message)]);
  });
});

it('a query of a user is created and run', async () => {
  covers('dynamics', '3 Queries', 'savedQuery and userQuery');
  const fetchxml = '<fetch top="2"><entity name="account"><attribute name="name"/></entity></fetch>';
  const query = { name: 'Two of mine', returnedtypecode: 'account', querytype: 0, fetchxml };
  const created = await organization.send('POST', 'userqueries', query);
  const id = /\(([^)]+)\)$/.exec(created.headers.get('odata-entityid') ?? '')?.[1];
  expect((await organization.get(`accounts?userQuery=${id}`)).body.value).toHaveLength(2);
});
