import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { covers } from '../compatibility.js';
import { type Organization, startOrganization } from './support.js';

let organization: Organization;

beforeAll(async () => {
  organization = await startOrganization({ contacts: 100 });
});

afterAll(() => organization.mock.close());

const PAGES = { prefer: 'odata.maxpagesize=30' };

async function readAll(path: string, headers: Record<string, string> = PAGES) {
  const pages: Record<string, unknown>[][] = [];
  let next: string | undefined = path;
  while (next !== undefined) {
    const { body } = await organization.get(next, headers);
    pages.push(body.value);
    next = body['@odata.nextLink'];
  }
  return pages;
}

describe('pages', () => {
  it('hold as many rows as asked for, each row once', async () => {
    covers('dynamics', '3 Queries', 'paging by odata.maxpagesize and @odata.nextLink');
    const pages = await readAll('contacts?$select=fullname');
    expect(pages.map((page) => page.length)).toEqual([30, 30, 30, 10]);
    expect(new Set(pages.flat().map((row) => row.contactid)).size).toBe(100);
  });

  it('keep an order with equal and empty values', async () => {
    const rows = (await readAll('contacts?$select=annualincome&$orderby=annualincome%20desc')).flat();
    const values = rows.map((row) => Number(row.annualincome ?? -1));
    expect(values).toEqual([...values].sort((a, b) => b - a));
    expect(new Set(rows.map((row) => row.contactid)).size).toBe(100);
  });

  it('link to the next with every option as it was written, below the address the client used', async () => {
    const { body, headers } = await organization.get(
      'contacts?$select=fullname&$filter=fullname%20ne%20%27a%26b%27&$count=true',
      PAGES,
    );
    const link: string = body['@odata.nextLink'];
    expect(
      link.startsWith(
        `${organization.api}contacts?$select=fullname&$filter=fullname%20ne%20%27a%26b%27&$count=true&$skiptoken=%3Ccookie%20pagenumber=%222%22`,
      ),
    ).toBe(true);
    expect(body['@odata.count']).toBe(100);
    expect(headers.get('preference-applied')).toBe('odata.maxpagesize=30');
  });

  it('neither repeat nor lose rows when one before is deleted', async () => {
    covers('dynamics', '3 Queries', 'paging cookies that survive writes');
    const first = await organization.get('contacts?$select=fullname', PAGES);
    organization.mock.remove('contact', first.body.value[0].contactid);
    const second = await organization.get(first.body['@odata.nextLink'], PAGES);
    const seen = new Set(first.body.value.map((row: { contactid: string }) => row.contactid));
    expect(second.body.value.some((row: { contactid: string }) => seen.has(row.contactid))).toBe(false);
    expect(second.body.value).toHaveLength(30);
    await organization.mock.reset();
  });

  it('are of the rows of now after a reset that leads to the same rowversion', async () => {
    const first = async () => (await organization.get('accounts?$select=name&$orderby=name&$top=1')).body.value[0].name;
    organization.mock.insert('account', { name: '1 before' });
    expect(await first()).toBe('1 before');
    await organization.mock.reset();
    organization.mock.insert('account', { name: '0 after' });
    expect(await first()).toBe('0 after');
    await organization.mock.reset();
  });

  it('refuse a token that is not theirs', async () => {
    covers('dynamics', '6 Errors', '0x80060888 for a malformed paging cookie');
    const { status, body } = await organization.get('contacts?$skiptoken=nonsense', PAGES);
    expect([status, body.error.message]).toEqual([400, 'Malformed XML in the Paging Cookie']);
  });
});

describe('$top and $count', () => {
  it('$top ends without a link, and is ignored where pages are asked for', async () => {
    covers('dynamics', '3 Queries', '$top');
    const top = await organization.get('contacts?$select=fullname&$top=5');
    expect([top.body.value.length, top.body['@odata.nextLink']]).toEqual([5, undefined]);
    expect((await organization.get('contacts?$select=fullname&$top=5', PAGES)).body.value).toHaveLength(30);
  });

  it('counts stop at 5,000 and tell so', async () => {
    covers('dynamics', '3 Queries', '$count capped at 5,000, totalrecordcount and its limit');
    await using large = await startOrganization({ contacts: 5001 });
    const { body } = await large.get('contacts?$select=fullname&$count=true', {
      prefer: 'odata.maxpagesize=1,odata.include-annotations="*"',
    });
    expect(body).toMatchObject({
      '@odata.count': 5000,
      '@Microsoft.Dynamics.CRM.totalrecordcount': 5000,
      '@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded': true,
    });
    expect((await large.get('contacts/$count')).text).toContain('5000');
    expect((await large.get('contacts?$select=fullname')).body.value).toHaveLength(5000);
  });

  it('/$count begins with a byte order mark', async () => {
    covers('dynamics', '3 Queries', '/$count as text with a byte order mark');
    const response = await fetch(`${organization.api}contacts/$count?$filter=contactid%20ne%20null`, {
      headers: { authorization: 'Bearer x' },
    });
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([0xef, 0xbb, 0xbf, ...Buffer.from('100')]);
  });

  it('without $count the annotation says -1', async () => {
    const { body } = await organization.get('contacts?$select=fullname&$top=1', {
      prefer: 'odata.include-annotations="Microsoft.Dynamics.CRM.*"',
    });
    expect(body['@Microsoft.Dynamics.CRM.totalrecordcount']).toBe(-1);
  });
});

it('a long answer tells of the state of when it was asked for, whatever is written while its client reads it', async () => {
  await using long = await startOrganization({ contacts: 2000 });
  const response = await fetch(`${long.api}contacts`, {
    headers: { authorization: 'Bearer test', prefer: 'odata.include-annotations="*"' },
  });
  for (const { transactioncurrencyid } of long.mock.rows('transactioncurrency'))
    long.mock.update('transactioncurrency', String(transactioncurrencyid), {
      currencyname: 'Renamed',
      currencysymbol: '@@',
    });
  for (const { contactid } of long.mock.rows('contact').slice(-500)) long.mock.remove('contact', String(contactid));
  const text = await response.text();
  expect(JSON.parse(text).value).toHaveLength(2000);
  expect(text).not.toContain('Renamed');
  const { body } = await long.get('contacts?$select=_transactioncurrencyid_value', {
    prefer: 'odata.include-annotations="*"',
  });
  expect([body.value.length, JSON.stringify(body).includes('Renamed')]).toEqual([1500, true]);
});
