import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { covers } from '../compatibility.js';
import { type Organization, startOrganization } from './support.js';

/** What a query means, by example: five accounts whose names tell what they hold. */
let organization: Organization;
const ids: Record<string, string> = {};
const NOW = '2024-05-15T12:00:00Z';

beforeAll(async () => {
  organization = await startOrganization({ contacts: 0 });
  const { mock } = organization;
  mock.clock.set(new Date(NOW));
  const insert = (name: string, cells: Parameters<typeof mock.insert>[1]) => {
    ids[name] = String(mock.insert('account', { name, ...cells }).accountid);
  };
  insert('Paris', {
    address1_city: 'Paris',
    revenue: 100,
    industrycode: 1,
    lastonholdtime: '2024-05-15T08:00:00Z',
    preferredcontactmethodcode: 3,
  });
  insert('paris', {
    address1_city: 'PARIS',
    revenue: 200,
    industrycode: 33,
    lastonholdtime: '2024-05-14T23:59:59Z',
    preferredcontactmethodcode: 5,
  });
  insert('Lyon', {
    address1_city: 'Lyon',
    revenue: 300,
    industrycode: 6,
    lastonholdtime: '2024-04-15T12:00:00Z',
    preferredcontactmethodcode: 4,
  });
  insert('100%', {
    address1_city: '100% Lyon',
    industrycode: 2,
    lastonholdtime: '2023-05-15T12:00:00Z',
    preferredcontactmethodcode: 2,
  });
  insert('none', {});
  mock.update('account', ids.Lyon ?? '', { parentaccountid: { table: 'account', id: ids.Paris ?? '' } });
  mock.update('account', ids.none ?? '', { parentaccountid: { table: 'account', id: ids.Lyon ?? '' } });
});

afterAll(() => organization.mock.close());

async function names(filter: string): Promise<string[]> {
  const { body } = await organization.get(`accounts?$select=name&$filter=${encodeURIComponent(filter)}`);
  return body.value.map((row: { name: string }) => row.name).sort();
}

const call = (name: string, property: string, rest = '') =>
  `Microsoft.Dynamics.CRM.${name}(PropertyName='${property}'${rest === '' ? '' : `,${rest}`})`;

describe('text', () => {
  it.each([
    ['compares without regard to case', "address1_city eq 'pArIs'", ['Paris', 'paris']],
    ['that differs: rows without a value match ne', "address1_city ne 'Paris'", ['100%', 'Lyon', 'none']],
    ['that differs: not (… eq …) does as well', "not (address1_city eq 'Paris')", ['100%', 'Lyon', 'none']],
    ['without a value is told by eq null', 'address1_city eq null', ['none']],
    ['with a value is told by ne null', 'address1_city ne null', ['100%', 'Lyon', 'Paris', 'paris']],
    ['a percent sign stands for anything', "contains(address1_city,'p%s')", ['Paris', 'paris']],
    ['an underscore stands for one character', "startswith(address1_city,'l_on')", ['Lyon']],
    ['brackets stand for one of a set', "startswith(address1_city,'[lp]')", ['Lyon', 'Paris', 'paris']],
    ['brackets with ^ stand for one not of a set', "startswith(address1_city,'[^lp]')", ['100%']],
    ['a wildcard is taken literally in brackets', "contains(address1_city,'100[%]')", ['100%']],
    ['endswith', "endswith(address1_city,'LYON')", ['100%', 'Lyon']],
  ])('%s', async (_, filter, expected) => {
    covers('dynamics', '3 Queries', '$filter: text without regard to case, wildcards, ne and rows without a value');
    expect(await names(filter)).toEqual(expected);
  });
});

describe('numbers, choices, ids and columns', () => {
  it.each([
    ['gt leaves rows without a value out', 'revenue gt 100', ['Lyon', 'paris']],
    ['ne finds rows without a value', 'revenue ne 100', ['100%', 'Lyon', 'none', 'paris']],
    ['le and ge make a range', 'revenue ge 100 and revenue le 200', ['Paris', 'paris']],
    ['a literal may stand first', '200 lt revenue', ['Lyon']],
    ['a negated group', 'not (revenue gt 100 or revenue eq null)', ['Paris']],
    ['columns compare with columns', 'name eq address1_city', ['Lyon', 'Paris', 'paris']],
    ['an id may be quoted', "_parentaccountid_value eq 'PARIS'", ['Lyon']],
    ['an id may be bare', '_parentaccountid_value eq PARIS', ['Lyon']],
    ['over two lookups', "parentaccountid/parentaccountid/name eq 'Paris'", ['none']],
    ['any', "account_parent_account/any(c:c/name eq 'Lyon')", ['Paris']],
    ['any without a condition', 'account_parent_account/any()', ['Lyon', 'Paris']],
    ['all is true of no rows', 'account_parent_account/all(c:c/revenue gt 250)', ['100%', 'Paris', 'none', 'paris']],
  ])('%s', async (_, filter, expected) => {
    covers('dynamics', '3 Queries', '$filter: comparisons, columns with columns, lookup paths, any and all');
    expect(await names(filter.replace('PARIS', ids.Paris ?? ''))).toEqual(expected);
  });
});

describe('dates, by the clock of the mock', () => {
  it.each([
    ['Today', '', ['Paris']],
    ['Yesterday', '', ['paris']],
    ['ThisMonth', '', ['Paris', 'paris']],
    ['LastMonth', '', ['Lyon']],
    ['LastYear', '', ['100%']],
    ['ThisYear', '', ['Lyon', 'Paris', 'paris']],
    ['LastXDays', 'PropertyValue=40', ['Lyon', 'Paris', 'paris']],
    ['LastXHours', 'PropertyValue=6', ['Paris']],
    ['OlderThanXMonths', 'PropertyValue=6', ['100%']],
    ['On', "PropertyValue='2024-05-14'", ['paris']],
    ['OnOrBefore', "PropertyValue='2024-04-15'", ['100%', 'Lyon']],
    ['OnOrAfter', "PropertyValue='2024-05-14'", ['Paris', 'paris']],
    ['ThisFiscalPeriod', '', ['Lyon', 'Paris', 'paris']],
    ['InFiscalYear', 'PropertyValue=2023', ['100%']],
    ['InFiscalPeriodAndYear', 'PropertyValue1=2,PropertyValue2=2024', ['Lyon', 'Paris', 'paris']],
    ['LastFiscalYear', '', ['100%']],
    ['ThisFiscalYear', '', ['Lyon', 'Paris', 'paris']],
    ['LastXFiscalYears', 'PropertyValue=1', ['100%']],
    ['InFiscalPeriod', 'PropertyValue=2', ['100%', 'Lyon', 'Paris', 'paris']],
    ['InFiscalPeriod', 'PropertyValue=1', []],
    ['OlderThanXHours', 'PropertyValue=24', ['100%', 'Lyon']],
    ['OlderThanXWeeks', 'PropertyValue=2', ['100%', 'Lyon']],
    ['OlderThanXYears', 'PropertyValue=2', []],
    ['Between', 'PropertyValues=["2024-05-01","2024-05-15"]', ['paris']],
  ])('%s(%s)', async (name, rest, expected) => {
    covers('dynamics', '3 Queries', '$filter: date functions, by the clock');
    expect(await names(call(name, 'lastonholdtime', rest))).toEqual(expected);
  });
});

describe('dates to come', () => {
  beforeAll(() => {
    const days = {
      Paris: '2024-05-16',
      paris: '2024-05-23',
      Lyon: '2024-06-10',
      none: '2024-08-01',
      '100%': '2025-02-01',
    };
    for (const [name, day] of Object.entries(days))
      organization.mock.update('account', ids[name] ?? '', { lastusedincampaign: `${day}T08:00:00Z` });
  });

  it.each([
    ['Tomorrow', '', ['Paris']],
    ['Next7Days', '', ['Paris']],
    ['NextWeek', '', ['paris']],
    ['NextMonth', '', ['Lyon']],
    ['NextYear', '', ['100%']],
    ['NextFiscalPeriod', '', ['none']],
    ['NextFiscalYear', '', ['100%']],
    ['NextXHours', 'PropertyValue=24', ['Paris']],
    ['NextXDays', 'PropertyValue=10', ['Paris', 'paris']],
    ['NextXWeeks', 'PropertyValue=2', ['Paris', 'paris']],
    ['NextXMonths', 'PropertyValue=1', ['Lyon', 'Paris', 'paris']],
    ['NextXYears', 'PropertyValue=1', ['100%', 'Lyon', 'Paris', 'none', 'paris']],
    ['NextXFiscalPeriods', 'PropertyValue=1', ['none']],
    ['NextXFiscalYears', 'PropertyValue=1', ['100%']],
  ])('%s(%s)', async (name, rest, expected) => {
    covers('dynamics', '3 Queries', '$filter: date functions, by the clock');
    expect(await names(call(name, 'lastusedincampaign', rest))).toEqual(expected);
  });
});

describe('lists, users and hierarchies', () => {
  it.each([
    ['In', 'industrycode', 'PropertyValues=["1","6"]', ['Lyon', 'Paris']],
    ['NotIn', 'industrycode', 'PropertyValues=["1","6"]', ['100%', 'none', 'paris']],
    ['NotBetween', 'revenue', 'PropertyValues=["150","250"]', ['Lyon', 'Paris']],
    ['EqualUserId', 'ownerid', '', ['100%', 'Lyon', 'Paris', 'none', 'paris']],
    ['NotEqualUserId', 'ownerid', '', []],
    ['EqualUserOrUserTeams', 'ownerid', '', ['100%', 'Lyon', 'Paris', 'none', 'paris']],
    ['EqualUserOrUserHierarchy', 'ownerid', '', ['100%', 'Lyon', 'Paris', 'none', 'paris']],
    ['Under', 'accountid', "PropertyValue='PARIS'", ['Lyon', 'none']],
    ['UnderOrEqual', 'accountid', "PropertyValue='PARIS'", ['Lyon', 'Paris', 'none']],
    ['NotUnder', 'accountid', "PropertyValue='PARIS'", ['100%', 'Paris', 'paris']],
    ['Above', 'accountid', "PropertyValue='NONE'", ['Lyon', 'Paris']],
    ['AboveOrEqual', 'accountid', "PropertyValue='NONE'", ['Lyon', 'Paris', 'none']],
  ])('%s(%s,%s)', async (name, property, rest, expected) => {
    covers('dynamics', '3 Queries', '$filter: lists, users, teams, business units, hierarchies');
    const values = rest.replace('PARIS', ids.Paris ?? '').replace('NONE', ids.none ?? '');
    expect(await names(call(name, property, values))).toEqual(expected);
  });
});

describe('parameter aliases', () => {
  it.each([
    ['revenue gt @p1&@p1=250', ['Lyon']],
    ["contains(name,@p1)&@p1='yo'", ['Lyon']],
    ['@p1 eq 100&@p1=revenue', ['Paris']],
    ['revenue eq @missing', ['100%', 'none']],
    [`Microsoft.Dynamics.CRM.In(PropertyName=@p1,PropertyValues=@p2)&@p1='address1_city'&@p2=["Lyon","x'y"]`, ['Lyon']],
  ])('%s', async (text, expected) => {
    covers('dynamics', '3 Queries', 'parameter aliases, one without a value being null');
    const { body } = await organization.get(
      `accounts?$select=name&$orderby=name&$filter=${text.replaceAll(' ', '%20').replace('100%', '100%25')}`,
    );
    expect(body.value.map((row: { name: string }) => row.name).sort()).toEqual(expected);
  });
});

describe('$orderby', () => {
  it.each([
    ['revenue', ['100%', 'none', 'Paris', 'paris', 'Lyon']],
    ['revenue desc', ['Lyon', 'paris', 'Paris', '100%', 'none']],
    // By number: Email, Phone, Fax, Mail. By label Phone would be last.
    ['preferredcontactmethodcode', ['none', '100%', 'Paris', 'Lyon', 'paris']],
    ['_parentaccountid_value desc,name', ['Lyon', 'none', '100%', 'Paris', 'paris']],
    ['parentaccountid/revenue desc,name desc', ['none', 'Lyon', 'Paris', 'paris', '100%']],
  ])('%s', async (order, expected) => {
    covers('dynamics', '3 Queries', '$orderby: nulls first, choices by number, lookups by name, paths');
    const { body } = await organization.get(`accounts?$select=name&$orderby=${order.replaceAll(' ', '%20')}`);
    const found: string[] = body.value.map((row: { name: string }) => row.name);
    // Rows that agree in all keys come in the order of their ids, which are random.
    expect(found.map((name) => name.toLowerCase()).sort()).toEqual(expected.map((name) => name.toLowerCase()).sort());
    expect(keysOf(order, found)).toEqual(keysOf(order, expected));
  });

  function keysOf(order: string, found: readonly string[]): unknown[] {
    const [first = ''] = order.split(/[ ,]/);
    const rows = organization.mock.rows('account');
    const rowNamed = (name: string) => rows.find((row) => row.name === name);
    return found.map((name) => {
      const row = rowNamed(name);
      const parent = row?.parentaccountid;
      const above = typeof parent === 'object' ? rows.find((it) => it.accountid === parent.id) : undefined;
      if (first.startsWith('parentaccountid/')) return above?.revenue ?? null;
      return first.startsWith('_') ? (above?.name ?? null) : (row?.[first] ?? null);
    });
  }
});
