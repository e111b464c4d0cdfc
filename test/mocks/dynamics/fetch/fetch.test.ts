import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBuiltInTables } from '../../../../mocks/dynamics/built-in-tables.js';
import { parseFetch } from '../../../../mocks/dynamics/fetch/parse-fetch.js';
import { buildTables } from '../../../../mocks/dynamics/tables.js';
import { covers } from '../../compatibility.js';
import { ALL_ANNOTATIONS, type Organization, startOrganization } from '../support.js';

let organization: Organization;
const ids = { litware: '', fabrikam: '', ada: '', zoe: '', bo: '' };

beforeAll(async () => {
  organization = await startOrganization({ contacts: 0 });
  const { mock } = organization;
  const insert = (table: string, cells: Parameters<typeof mock.insert>[1]) =>
    String(mock.insert(table, cells)[`${table}id`]);
  ids.litware = insert('account', { name: 'Litware', revenue: 20_000, industrycode: 6, numberofemployees: 12 });
  ids.fabrikam = insert('account', { name: 'Fabrikam', industrycode: 1, preferredcontactmethodcode: 3 });
  mock.update('account', ids.litware, { preferredcontactmethodcode: 4 });
  const at = (id: string) => ({ table: 'account', id });
  ids.ada = insert('contact', { firstname: 'Ada', lastname: 'Lyon', parentcustomerid: at(ids.litware) });
  ids.zoe = insert('contact', { firstname: 'Zoë', lastname: 'Faÿ', parentcustomerid: at(ids.litware) });
  ids.bo = insert('contact', { firstname: 'Bo', lastname: 'Dee', birthdate: '1980-05-29' });
  mock.update('account', ids.litware, { primarycontactid: { table: 'contact', id: ids.ada } });
});

afterAll(() => organization.mock.close());

function fetchXml(set: string, text: string, headers: Record<string, string> = {}) {
  return organization.get(`${set}?fetchXml=${encodeURIComponent(text)}`, headers);
}

async function firstNames(conditions: string): Promise<string[]> {
  const { body } = await fetchXml(
    'contacts',
    `<fetch><entity name="contact"><attribute name="firstname"/><order attribute="firstname"/>${conditions}</entity></fetch>`,
  );
  return body.value.map((row: { firstname: string }) => row.firstname);
}

describe('FetchXML', () => {
  it('leaves columns without a value out and always gives the key and the ETag', async () => {
    covers('dynamics', '3 Queries', 'FetchXML: columns, nulls omitted');
    const { body } = await fetchXml(
      'accounts',
      '<fetch><entity name="account"><attribute name="name"/><attribute name="revenue"/><order attribute="name"/></entity></fetch>',
    );
    expect(body.value).toEqual([
      { '@odata.etag': expect.stringMatching(/^W\//), accountid: ids.fabrikam, name: 'Fabrikam' },
      { '@odata.etag': expect.any(String), accountid: ids.litware, name: 'Litware', revenue: 20_000 },
    ]);
  });

  it.each([
    ['<condition attribute="firstname" operator="eq" value="ADA"/>', ['Ada']],
    ['<condition attribute="firstname" operator="ne" value="ada"/>', ['Bo', 'Zoë']],
    ['<condition attribute="firstname" operator="like" value="%o%"/>', ['Bo', 'Zoë']],
    ['<condition attribute="firstname" operator="like" value="b_"/>', ['Bo']],
    ['<condition attribute="firstname" operator="not-like" value="a%"/>', ['Bo', 'Zoë']],
    ['<condition attribute="lastname" operator="begins-with" value="d"/>', ['Bo']],
    ['<condition attribute="lastname" operator="not-end-with" value="n"/>', ['Bo', 'Zoë']],
    ['<condition attribute="firstname" operator="in"><value>ada</value><value>bo</value></condition>', ['Ada', 'Bo']],
    ['<condition attribute="parentcustomerid" operator="null"/>', ['Bo']],
    ['<condition attribute="birthdate" operator="not-null"/>', ['Bo']],
    ['<condition attribute="birthdate" operator="on" value="1980-05-29"/>', ['Bo']],
    [
      '<condition attribute="birthdate" operator="between"><value>1980-01-01</value><value>1981-01-01</value></condition>',
      ['Bo'],
    ],
    ['<condition attribute="createdon" operator="today"/>', ['Ada', 'Bo', 'Zoë']],
    ['<condition attribute="createdon" operator="last-x-hours" value="2"/>', ['Ada', 'Bo', 'Zoë']],
    ['<condition attribute="createdon" operator="olderthan-x-days" value="2"/>', []],
    ['<condition attribute="ownerid" operator="eq-userid"/>', ['Ada', 'Bo', 'Zoë']],
    ['<condition attribute="statecode" operator="eq" value="1"/>', []],
    ['<condition attribute="firstname" operator="eq" valueof="lastname"/>', []],
  ])('filters by %s', async (condition, expected) => {
    covers('dynamics', '3 Queries', 'FetchXML: condition operators, on text, numbers, dates, users and lists');
    expect(await firstNames(`<filter>${condition}</filter>`)).toEqual(expected);
  });

  it('joins by inner and outer links and gives linked columns under the alias of the link', async () => {
    covers('dynamics', '3 Queries', 'FetchXML: link-entity inner and outer, aliases with _x002e_');
    const link = (type: string) =>
      `<fetch><entity name="contact"><attribute name="firstname"/><order attribute="firstname"/><link-entity name="account" from="accountid" to="parentcustomerid" link-type="${type}" alias="a"><attribute name="name"/><attribute name="industrycode" alias="branch"/></link-entity></entity></fetch>`;
    const inner = await fetchXml('contacts', link('inner'));
    expect(inner.body.value.map((row: object) => ({ ...row, '@odata.etag': '', contactid: '' }))).toEqual([
      { '@odata.etag': '', contactid: '', firstname: 'Ada', a_x002e_name: 'Litware', branch: 6 },
      { '@odata.etag': '', contactid: '', firstname: 'Zoë', a_x002e_name: 'Litware', branch: 6 },
    ]);
    const outer = await fetchXml('contacts', link('outer'), ALL_ANNOTATIONS);
    expect(outer.body.value.map((row: Record<string, unknown>) => row.a_x002e_name)).toEqual([
      'Litware',
      undefined,
      'Litware',
    ]);
    expect(outer.body.value[0]).toMatchObject({
      'branch@OData.Community.Display.V1.FormattedValue': 'Business Services',
      'a_x002e_name@OData.Community.Display.V1.AttributeName': 'name',
    });
  });

  it('filters on columns of links by entityname, also for rows that have none', async () => {
    const link = '<link-entity name="account" from="accountid" to="parentcustomerid" link-type="outer" alias="a"/>';
    expect(
      await firstNames(`${link}<filter><condition entityname="a" attribute="accountid" operator="null"/></filter>`),
    ).toEqual(['Bo']);
  });

  it.each([
    ['any', ['Litware']],
    ['not any', ['Fabrikam']],
    ['all', []],
    ['not all', ['Litware']],
  ])('filters by related rows with the link type %s', async (type, expected) => {
    covers('dynamics', '3 Queries', 'FetchXML: link types any, not any, all, not all, exists, in');
    const { body } = await fetchXml(
      'accounts',
      `<fetch><entity name="account"><attribute name="name"/><filter><link-entity name="contact" from="parentcustomerid" to="accountid" link-type="${type}"><filter><condition attribute="firstname" operator="eq" value="Ada"/></filter></link-entity></filter></entity></fetch>`,
    );
    expect(body.value.map((row: { name: string }) => row.name)).toEqual(expected);
  });

  it('orders choices by their labels, which $orderby orders by their numbers', async () => {
    covers('dynamics', '3 Queries', 'FetchXML: order, choices by label');
    // Phone is 3, Fax is 4.
    const order = '<order attribute="preferredcontactmethodcode"/>';
    const { body } = await fetchXml(
      'accounts',
      `<fetch><entity name="account"><attribute name="name"/>${order}</entity></fetch>`,
    );
    const byNumber = await organization.get('accounts?$select=name&$orderby=preferredcontactmethodcode');
    const namesOf = (rows: { name: string }[]) => rows.map(({ name }) => name);
    expect([namesOf(body.value), namesOf(byNumber.body.value)]).toEqual([
      ['Litware', 'Fabrikam'],
      ['Fabrikam', 'Litware'],
    ]);
  });

  it('gives distinct rows once and without a key', async () => {
    covers('dynamics', '3 Queries', 'FetchXML: distinct');
    const { body } = await fetchXml(
      'contacts',
      '<fetch distinct="true"><entity name="contact"><attribute name="statecode"/></entity></fetch>',
    );
    expect(body.value).toEqual([{ statecode: 0 }]);
  });

  it('counts, sums and groups', async () => {
    covers('dynamics', '3 Queries', 'FetchXML: aggregates and groupby, also by parts of dates');
    const { body } = await fetchXml(
      'contacts',
      '<fetch aggregate="true"><entity name="contact"><attribute name="contactid" alias="n" aggregate="count"/><attribute name="birthdate" alias="born" aggregate="countcolumn"/><order alias="n" descending="true"/><link-entity name="account" from="accountid" to="parentcustomerid" link-type="outer" alias="a"><attribute name="name" alias="company" groupby="true"/></link-entity></entity></fetch>',
    );
    expect(body.value).toEqual([
      { company: 'Litware', n: 2, born: 0 },
      { n: 1, born: 1 },
    ]);
    const dates = await fetchXml(
      'contacts',
      '<fetch aggregate="true"><entity name="contact"><attribute name="birthdate" alias="month" groupby="true" dategrouping="month"/><attribute name="birthdate" alias="year" groupby="true" dategrouping="year"/><filter><condition attribute="birthdate" operator="not-null"/></filter></entity></fetch>',
    );
    expect(dates.body.value).toEqual([{ month: 5, year: 1980 }]);
  });

  it('pages by a cookie that survives writes', async () => {
    covers('dynamics', '3 Queries', 'FetchXML: page, count and paging cookie, returntotalrecordcount');
    const page = (attributes: string) =>
      fetchXml(
        'contacts',
        `<fetch count="2" ${attributes}><entity name="contact"><attribute name="firstname"/><order attribute="firstname"/></entity></fetch>`,
        ALL_ANNOTATIONS,
      );
    const first = await page('page="1" returntotalrecordcount="true"');
    expect(first.body['@Microsoft.Dynamics.CRM.morerecords']).toBe(true);
    expect(first.body['@Microsoft.Dynamics.CRM.totalrecordcount']).toBe(3);
    const outer: string = first.body['@Microsoft.Dynamics.CRM.fetchxmlpagingcookie'];
    const inner = decodeURIComponent(decodeURIComponent(/pagingcookie="([^"]*)"/.exec(outer)?.[1] ?? ''));
    const escaped = inner.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
    organization.mock.update('contact', ids.ada, { firstname: 'Zzz' });
    const second = await page(`page="2" paging-cookie="${escaped}"`);
    organization.mock.update('contact', ids.ada, { firstname: 'Ada' });
    expect(second.body.value.map((row: { firstname: string }) => row.firstname)).toEqual(['Zoë', 'Zzz']);
    expect(second.body).not.toHaveProperty('@Microsoft.Dynamics.CRM.morerecords');
  });

  it.each([
    ['<fetch><entity name="foo"/></fetch>', '0x80041102', "The entity with a name = 'foo'"],
    ['<fetch><entity name="account"><attribute name="foo"/></entity></fetch>', '0x80041103', "Name = 'foo'"],
    ['<fetch><entity name="account">', '0x80040203', 'Invalid XML'],
    ['<fetch top="3" page="1"><entity name="account"/></fetch>', '0x80040203', 'top attribute'],
    ['<fetch><entity name="contact"/></fetch>', '0x80040203', "to be 'account'"],
    [
      '<fetch><entity name="account"><filter><condition attribute="name" operator="resembles" value="x"/></filter></entity></fetch>',
      '0x80040203',
      "operator 'resembles'",
    ],
    [
      '<fetch><entity name="account"><filter><condition attribute="revenue" operator="gt" value="much"/></filter></entity></fetch>',
      '0x80040203',
      'account.revenue',
    ],
    [
      `<fetch><entity name="account">${'<link-entity name="contact" from="contactid" to="primarycontactid"/>'.repeat(16)}</entity></fetch>`,
      '0x8004430d',
      'link entities',
    ],
  ])('refuses %s', async (text, code, message) => {
    covers('dynamics', '3 Queries', 'FetchXML: errors and limits');
    const { status, body } = await fetchXml('accounts', text);
    expect([status, body.error.code]).toEqual([400, code]);
    expect(body.error.message).toContain(message);
  });

  it('refuses more than 500 conditions', () => {
    covers('dynamics', '3 Queries', 'FetchXML: errors and limits');
    const condition = '<condition attribute="name" operator="null"/>';
    const query = (count: number) =>
      `<fetch><entity name="account"><filter>${condition.repeat(count)}</filter></entity></fetch>`;
    const tables = buildTables(readBuiltInTables());
    expect(parseFetch(tables, query(500)).root.condition).toBeTruthy();
    expect(() => parseFetch(tables, query(501))).toThrowError(expect.objectContaining({ code: '0x8004430c' }));
  });
});
