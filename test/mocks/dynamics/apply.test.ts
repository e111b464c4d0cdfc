import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { covers } from '../compatibility.js';
import { type Organization, startOrganization } from './support.js';

let organization: Organization;

beforeAll(async () => {
  organization = await startOrganization({ contacts: 0 });
  const { mock } = organization;
  const contact = mock.insert('contact', { firstname: 'Ada', lastname: 'Lyon' });
  const primarycontactid = { table: 'contact', id: String(contact.contactid) };
  mock.insert('account', { name: 'A', address1_stateorprovince: 'WA', revenue: 10.1, primarycontactid });
  mock.insert('account', { name: 'B', address1_stateorprovince: 'wa', revenue: 20.2 });
  mock.insert('account', { name: 'C', address1_stateorprovince: 'OR' });
});

afterAll(() => organization.mock.close());

function apply(text: string, more = '') {
  return organization.get(`accounts?$apply=${encodeURIComponent(text)}${more}`);
}

describe('$apply', () => {
  it.each([
    ['aggregate($count as n)', [{ n: 3 }]],
    ['aggregate(revenue with sum as total,revenue with average as mean)', [{ total: 30.3, mean: 15.15 }]],
    ['aggregate(revenue with min as least,revenue with max as most)', [{ least: 10.1, most: 20.2 }]],
    ['aggregate(address1_stateorprovince with countdistinct as states)', [{ states: 2 }]],
    ['groupby((statecode),aggregate($count as n))', [{ statecode: 0, n: 3 }]],
    ["filter(name ne 'A')/groupby((statecode),aggregate($count as n))", [{ statecode: 0, n: 2 }]],
    ['groupby((statuscode))', [{ statuscode: 1 }]],
    ["filter(contains(name,'a'))/groupby((primarycontactid/fullname))", [{ contact_fullname: 'Ada Lyon' }]],
  ])('%s', async (text, expected) => {
    covers('dynamics', '3 Queries', '$apply: filter, groupby, aggregate, lookup paths');
    const { body } = await apply(text);
    expect(body).toEqual({ '@odata.context': `${organization.api}$metadata#accounts`, value: expected });
  });

  it('shows what it counted as it shows a number, where formatted values are asked for', async () => {
    covers('dynamics', '3 Queries', '$apply: filter, groupby, aggregate, lookup paths');
    const text = encodeURIComponent('groupby((statuscode),aggregate($count as count))');
    const prefer = 'odata.include-annotations="OData.Community.Display.V1.FormattedValue"';
    const { body } = await organization.get(`accounts?$apply=${text}`, { prefer });
    expect(body.value).toEqual([
      {
        'statuscode@OData.Community.Display.V1.FormattedValue': 'Active',
        statuscode: 1,
        'count@OData.Community.Display.V1.FormattedValue': '3',
        count: 3,
      },
    ]);
  });

  it('leaves a group key without a value out', async () => {
    const { body } = await apply('groupby((revenue),aggregate($count as n))');
    expect(body.value).toContainEqual({ n: 1 });
  });

  it.each([
    ['groupby((createdon))', '', 'Grouping by the date property'],
    ['groupby((foo))', '', "named 'foo' on type 'Microsoft.Dynamics.CRM.account'"],
    ['aggregate(name with sum as total)', '', 'it is no number'],
    ['aggregate(revenue with sum)', '', 'Syntax error at position 0'],
    ['top(3)', '', 'not a valid transformation'],
    ['groupby((statuscode))/filter(statuscode eq 1)', '', 'must be the last one'],
    [
      'groupby((statuscode),aggregate($count as n))',
      '&$orderby=n',
      'The query node SingleValueOpenPropertyAccess is not supported.',
    ],
  ])('refuses %s%s', async (text, more, message) => {
    covers('dynamics', '3 Queries', '$apply: errors and limits');
    const { status, body } = await apply(text, more);
    expect([status, body.error.code]).toEqual([400, '0x80060888']);
    expect(body.error.message).toContain(message);
  });
});
