import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { covers } from '../compatibility.js';
import { type Organization, startOrganization } from './support.js';

let organization: Organization;
let ids: string[] = [];
const TRACK = { prefer: 'odata.track-changes' };

beforeAll(async () => {
  organization = await startOrganization({ contacts: 0 });
});

beforeEach(async () => {
  await organization.mock.reset();
  ids = ['Ada', 'Grace', 'Mary'].map((firstname) =>
    String(organization.mock.insert('contact', { firstname, lastname: 'L' }).contactid),
  );
});

afterAll(() => organization.mock.close());

async function deltaLink(): Promise<string> {
  const { body, headers } = await organization.get('contacts?$select=firstname', TRACK);
  expect(headers.get('preference-applied')).toBe('odata.track-changes');
  return body['@odata.deltaLink'];
}

describe('change tracking', () => {
  it('begins with all rows and ends with a link to what changes later', async () => {
    covers('dynamics', '5 Change tracking', 'odata.track-changes: first read and delta link');
    const link = await deltaLink();
    expect(link).toMatch(/contacts\?\$select=firstname&\$deltatoken=\d+%21\d\d%2f\d\d%2f\d{4}%20\d\d%3a\d\d%3a\d\d$/);
    const { body } = await organization.get(link);
    expect(body).toMatchObject({
      '@odata.context': `${organization.api}$metadata#contacts(firstname)/$delta`,
      value: [],
    });
    expect(body['@odata.deltaLink']).toBeDefined();
  });

  it('tells new and changed rows in the order they changed, then deletions', async () => {
    covers('dynamics', '5 Change tracking', 'Changes by rowversion, then deletions; $count?$deltatoken');
    const link = await deltaLink();
    const [first = '', second = '', third = ''] = ids;
    organization.mock.remove('contact', third);
    organization.mock.update('contact', second, { firstname: 'Grace B.' });
    organization.mock.update('contact', first, { firstname: 'Ada K.' });
    organization.mock.update('contact', second, { firstname: 'Grace M.' });
    const { body } = await organization.get(link);
    expect(body.value).toEqual([
      { '@odata.etag': expect.any(String), firstname: 'Ada K.', contactid: first },
      { '@odata.etag': expect.any(String), firstname: 'Grace M.', contactid: second },
      { '@odata.context': `${organization.api}$metadata#contacts/$deletedEntity`, id: third, reason: 'deleted' },
    ]);
    expect((await organization.get(link.replace('contacts?', 'contacts/$count?'))).text).toContain('3');
    expect((await organization.get(body['@odata.deltaLink'])).body.value).toEqual([]);
  });

  it('tells of a row that came and went between two passes', async () => {
    covers('dynamics', '5 Change tracking', 'Rows created and deleted between two reads');
    const link = await deltaLink();
    const id = String(organization.mock.insert('contact', { lastname: 'Short' }).contactid);
    organization.mock.remove('contact', id);
    expect((await organization.get(link)).body.value).toMatchObject([{ id, reason: 'deleted' }]);
  });

  it('comes in pages; only the last has the link', async () => {
    covers('dynamics', '5 Change tracking', 'Pages of changes');
    const page = { prefer: 'odata.track-changes,odata.maxpagesize=2' };
    const first = await organization.get('contacts?$select=firstname', page);
    expect(first.body['@odata.deltaLink']).toBeUndefined();
    const second = await organization.get(first.body['@odata.nextLink'], page);
    const link = second.body['@odata.deltaLink'];
    for (const id of ids) organization.mock.update('contact', id, { firstname: 'X' });
    organization.mock.remove('contact', ids[0] ?? '');
    const changed = await organization.get(link, { prefer: 'odata.maxpagesize=2' });
    expect(changed.body.value.map((row: { contactid: string }) => row.contactid)).toEqual(ids.slice(1));
    organization.mock.update('contact', ids[2] ?? '', { firstname: 'During' });
    const rest = await organization.get(changed.body['@odata.nextLink'], { prefer: 'odata.maxpagesize=2' });
    expect(rest.body.value).toMatchObject([{ firstname: 'During' }, { id: ids[0] }]);
  });

  it.each(['$filter=statecode eq 0', '$orderby=firstname', '$expand=ownerid', '$top=1'])(
    'is not to be had with %s',
    async (option) => {
      covers('dynamics', '5 Change tracking', 'Options that are refused');
      const { status, body } = await organization.get(`contacts?${option}`, TRACK);
      const name = option.slice(0, option.indexOf('='));
      expect([status, body.error.message]).toEqual([
        400,
        `The "${name}" query parameter isn't supported when Change Tracking is enabled.`,
      ]);
    },
  );

  it('is refused for tables that do not track, and expires after seven days', async () => {
    covers('dynamics', '5 Change tracking', '0x80072491, and expiry 0x80044352 by the clock');
    const untracked = await organization.get('listmembers', TRACK);
    expect(untracked.body.error.code).toBe('0x80072491');
    const link = await deltaLink();
    organization.mock.clock.advance(6 * 86_400);
    expect((await organization.get(link)).status).toBe(200);
    organization.mock.clock.advance(2 * 86_400);
    const expired = await organization.get(link);
    expect([expired.status, expired.body.error.code]).toEqual([400, '0x80044352']);
  });

  it('leaves out what a change set took back', async () => {
    const link = await deltaLink();
    const targets = [
      { '@odata.type': 'Microsoft.Dynamics.CRM.contact', lastname: 'Fine' },
      { '@odata.type': 'Microsoft.Dynamics.CRM.contact', lastname: 'x'.repeat(51) },
    ];
    expect(
      (await organization.send('POST', 'contacts/Microsoft.Dynamics.CRM.CreateMultiple', { Targets: targets })).status,
    ).toBe(400);
    expect((await organization.get(link)).body.value).toEqual([]);
  });
});
