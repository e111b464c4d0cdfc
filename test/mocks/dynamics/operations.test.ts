import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { covers } from '../compatibility.js';
import { type Organization, startOrganization } from './support.js';

let organization: Organization;
const CONTACT = 'Microsoft.Dynamics.CRM.contact';

beforeAll(async () => {
  organization = await startOrganization({ contacts: 10 });
});

beforeEach(() => organization.mock.reset());

afterAll(() => organization.mock.close());

describe('functions and actions', () => {
  it('WhoAmI answers with and without parentheses', async () => {
    const plain = await organization.get('WhoAmI');
    expect(plain.body['@odata.context']).toBe(`${organization.api}$metadata#Microsoft.Dynamics.CRM.WhoAmIResponse`);
    expect((await organization.get('WhoAmI()')).body).toEqual(plain.body);
    expect((await organization.send('POST', 'WhoAmI', {})).status).toBe(405);
  });

  it('RetrieveTotalRecordCount counts tables', async () => {
    const { body } = await organization.get(
      `RetrieveTotalRecordCount(EntityNames=@p1)?@p1=${encodeURIComponent('["contact","lead"]')}`,
    );
    expect(body.EntityRecordCountCollection).toEqual({
      Count: 2,
      IsReadOnly: false,
      Keys: ['contact', 'lead'],
      Values: [10, 4],
    });
  });

  it('WinOpportunity closes an opportunity', async () => {
    covers('dynamics', '4 Operations', 'WinOpportunity, LoseOpportunity');
    const [open] = organization.mock.rows('opportunity').filter((row) => row.statecode === 0);
    const id = String(open?.opportunityid);
    const close = {
      Status: 3,
      OpportunityClose: { subject: 'Won', 'opportunityid@odata.bind': `/opportunities(${id})` },
    };
    expect((await organization.send('POST', 'WinOpportunity', close)).status).toBe(204);
    expect(organization.mock.row('opportunity', id)).toMatchObject({ statecode: 1, statuscode: 3 });
  });

  it('AddMemberList and RemoveMemberList change a list', async () => {
    covers('dynamics', '4 Operations', 'AddListMembersList, AddMemberList, RemoveMemberList');
    const list = String(organization.mock.insert('list', { listname: 'News', createdfromcode: 2 }).listid);
    const [contact] = organization.mock.rows('contact');
    const member = { contactid: contact?.contactid, '@odata.type': CONTACT };
    expect(
      (
        await organization.send('POST', 'AddListMembersList', {
          List: { listid: list, '@odata.type': 'Microsoft.Dynamics.CRM.list' },
          Members: [member],
        })
      ).status,
    ).toBe(204);
    expect(organization.mock.row('list', list)?.membercount).toBe(1);
    expect(
      (await organization.send('POST', `lists(${list})/Microsoft.Dynamics.CRM.RemoveMemberList`, { Member: member }))
        .status,
    ).toBe(200);
    expect(organization.mock.row('list', list)?.membercount).toBe(0);
  });

  it('an operation that is not imitated is not found, rather than done in appearance', async () => {
    expect((await organization.send('POST', 'QualifyLead', {})).status).toBe(404);
    expect((await organization.send('POST', 'contacts/Microsoft.Dynamics.CRM.Nothing', {})).status).toBe(404);
  });
});

describe('writing many rows', () => {
  const post = (operation: string, targets: object[]) =>
    organization.send('POST', `contacts/Microsoft.Dynamics.CRM.${operation}`, {
      Targets: targets.map((target) => ({ '@odata.type': CONTACT, ...target })),
    });

  it('CreateMultiple answers with the ids in order', async () => {
    const { body } = await post('CreateMultiple', [{ lastname: 'A' }, { lastname: 'B' }]);
    expect(body.Ids.map((id: string) => organization.mock.row('contact', id)?.lastname)).toEqual(['A', 'B']);
  });

  it('UpdateMultiple writes all or none', async () => {
    covers('dynamics', '4 Writes', 'Bulk actions: all or nothing');
    const [one, two] = organization.mock.rows('contact');
    const before = one?.lastname;
    expect(
      (
        await post('UpdateMultiple', [
          { contactid: one?.contactid, lastname: 'X' },
          { contactid: two?.contactid, lastname: 'x'.repeat(51) },
        ])
      ).status,
    ).toBe(400);
    expect(organization.mock.row('contact', String(one?.contactid))?.lastname).toBe(before);
    expect((await post('UpdateMultiple', [{ contactid: one?.contactid, lastname: 'X' }])).status).toBe(204);
    expect(organization.mock.row('contact', String(one?.contactid))?.lastname).toBe('X');
  });

  it('UpsertMultiple creates what is missing', async () => {
    const id = '00000000-0000-0000-0000-000000000001';
    expect((await post('UpsertMultiple', [{ contactid: id, lastname: 'New' }])).status).toBe(204);
    expect(organization.mock.row('contact', id)?.lastname).toBe('New');
  });

  it('asks for the type of every row, and knows no DeleteMultiple', async () => {
    covers('dynamics', '4 Writes', 'Bulk actions: @odata.type, DeleteMultiple refused');
    expect(
      (
        await organization.send('POST', 'contacts/Microsoft.Dynamics.CRM.CreateMultiple', {
          Targets: [{ lastname: 'A' }],
        })
      ).status,
    ).toBe(400);
    expect((await post('DeleteMultiple', [])).body.error.message).toBe('DeleteMultiple has not yet been implemented.');
  });
});

describe('a batch', () => {
  const send = (parts: string, headers: Record<string, string> = {}) =>
    organization.send('POST', '$batch', parts.replaceAll('\n', '\r\n'), {
      'content-type': 'multipart/mixed; boundary="batch_1"',
      ...headers,
    });
  const get = (path: string) =>
    `--batch_1\nContent-Type: application/http\nContent-Transfer-Encoding: binary\n\nGET ${path} HTTP/1.1\nAccept: application/json\n\n\n`;

  it('answers each operation in order, whatever form its address has', async () => {
    covers('dynamics', '4 Writes', '$batch: absolute, host-relative and relative addresses');
    const { status, text } = await send(
      `${get('/api/data/v9.2/WhoAmI')}${get('contacts/$count')}${get(`${organization.api}leads?$select=subject&$top=1`)}--batch_1--`,
    );
    expect(status).toBe(200);
    expect(text.startsWith('--batchresponse_')).toBe(true);
    expect(text.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(3);
    expect(text.indexOf('UserId')).toBeLessThan(text.indexOf('"subject"'));
  });

  it('ends at the first failure with its status, or goes on where asked to', async () => {
    covers('dynamics', '4 Writes', '$batch: first failure ends it');
    const parts = `${get('foos')}${get('/api/data/v9.2/WhoAmI')}--batch_1--`;
    const stopped = await send(parts);
    expect([stopped.status, stopped.text.includes('UserId')]).toEqual([404, false]);
    const continued = await send(parts, { prefer: 'odata.continue-on-error' });
    expect([continued.status, continued.text.includes('UserId')]).toEqual([200, true]);
  });

  it('refuses a body that does not end', async () => {
    expect((await send(get('WhoAmI'))).status).toBe(400);
  });
});
