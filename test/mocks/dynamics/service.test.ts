import { afterAll, beforeAll, expect, it } from 'vitest';
import { covers } from '../compatibility.js';
import { APPLICATION, type Organization, startOrganization } from './support.js';

let organization: Organization;

beforeAll(async () => {
  organization = await startOrganization({ contacts: 6 });
});

afterAll(() => organization.mock.close());

it.each([
  ['v9.0', 200],
  ['v9.1', 200],
  ['v9.2', 200],
  ['v8.2', 404],
])('the version %s of the API is answered with %i, its links below that version', async (version, status) => {
  covers('dynamics', '1 Service', 'versions 9.0 to 9.2; links begin with the address that the client used');
  const api = organization.api.replace('v9.2', version);
  const answer = await organization.get(`${api}contacts?$select=fullname`, { prefer: 'odata.maxpagesize=2' });
  expect(answer.status).toBe(status);
  if (status === 200) expect(answer.body['@odata.nextLink'].startsWith(`${api}contacts?$select=fullname&`)).toBe(true);
});

it.each(['Contacts', 'contact', 'contacts?$select=FullName', 'contacts?$Filter=fullname%20eq%20null'])(
  'names are taken as they are written: %s',
  async (path) => {
    covers('dynamics', '1 Service', 'names of sets, properties and options in their own case');
    const { status, body } = await organization.get(path);
    expect([400, 404]).toContain(status);
    expect(body.error.message).not.toBe('');
  },
);

it('preferences may share a header, hold commas in quotes, and are told when heeded', async () => {
  covers('dynamics', '1 Service', 'Prefer: page size, annotations, representation; Preference-Applied');
  const annotations = 'OData.Community.Display.V1.FormattedValue,Microsoft.Dynamics.CRM.*';
  const { body, headers } = await organization.get('contacts?$select=statecode', {
    prefer: `odata.include-annotations="${annotations}",odata.maxpagesize=3`,
  });
  expect(body.value).toHaveLength(3);
  expect(body.value[0]['statecode@OData.Community.Display.V1.FormattedValue']).toBe('Active');
  expect(
    headers
      .get('preference-applied')
      ?.split(/,(?=odata)/)
      .sort(),
  ).toEqual([`odata.include-annotations="${annotations}"`, 'odata.maxpagesize=3']);
});

it('every answer has the headers of the service', async () => {
  covers('dynamics', '1 Service', 'headers of every answer');
  const { headers } = await organization.get('WhoAmI');
  expect(Object.fromEntries(headers)).toMatchObject({
    'content-type': expect.stringMatching(/^application\/json; odata\.metadata=minimal/),
    'cache-control': 'no-cache',
    'odata-version': '4.0',
    allow: 'OPTIONS,GET,HEAD,POST',
    'x-ms-service-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    req_id: headers.get('x-ms-service-request-id'),
    authactivityid: expect.stringMatching(/^[0-9a-f-]{36}$/),
    expires: '-1',
    vary: 'Accept-Encoding',
    public: 'OPTIONS,GET,HEAD,POST',
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
    'x-ms-dop-hint': '48',
    'x-ms-ratelimit-time-remaining-xrm-requests': '1,200.00',
    'x-ms-ratelimit-burst-remaining-xrm-requests': '5999',
  });
  expect(headers.getSetCookie().map((cookie) => cookie.split('=')[0])).toEqual(['ARRAffinity', 'orgId', 'ReqClientId']);
});

it.each(['abc', '0', '-5', '1.5'])('a page size of %s is refused in the words of the service', async (size) => {
  const { status, body } = await organization.get('contacts', { prefer: `odata.maxpagesize=${size}` });
  expect([status, body.error.code]).toEqual([400, '0x80060888']);
  expect(body.error.message).toContain(`odata.maxpagesize preference '${size}'`);
});

it.each(['WhoAmI', 'WhoAmI()'])('%s tells who asks', async (path) => {
  covers('dynamics', '1 Service', 'WhoAmI, with and without parentheses');
  const { body } = await organization.get(path);
  const user = organization.mock.rows('systemuser').find(({ applicationid }) => applicationid === APPLICATION.appid);
  expect(body).toEqual({
    '@odata.context': `${organization.api}$metadata#Microsoft.Dynamics.CRM.WhoAmIResponse`,
    UserId: user?.systemuserid,
    BusinessUnitId: organization.mock.rows('businessunit')[0]?.businessunitid,
    OrganizationId: organization.mock.rows('organization')[0]?.organizationid,
  });
});

it('functions tell of the organization, its version, and how many rows it has', async () => {
  covers('dynamics', '1 Service', 'RetrieveTotalRecordCount, RetrieveVersion, RetrieveCurrentOrganization');
  const count = await organization.get('RetrieveTotalRecordCount(EntityNames=@p1)?@p1=["contact"]');
  expect(count.body.EntityRecordCountCollection).toEqual({
    Count: 1,
    IsReadOnly: false,
    Keys: ['contact'],
    Values: [6],
  });
  expect((await organization.get('RetrieveVersion()')).body.Version).toMatch(/^9\.2\.\d+\.\d+$/);
  const access = "@p1=Microsoft.Dynamics.CRM.EndpointAccessType'Default'";
  const { body } = await organization.get(`RetrieveCurrentOrganization(AccessType=@p1)?${access}`);
  expect(body.Detail.OrganizationId).toBe(organization.mock.rows('organization')[0]?.organizationid);
});
