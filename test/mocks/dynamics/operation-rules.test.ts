import { afterAll, beforeAll, expect, it } from 'vitest';
import { covers } from '../compatibility.js';
import { type Organization, startOrganization } from './support.js';

const CLIENT_ID = '77777777-7777-7777-7777-777777777777';
const AS_READER = { authorization: `Bearer ${CLIENT_ID}` };

let organization: Organization;
let lead = '';
let opportunity = '';
let list = '';
let contact = '';

/** The organization has an application that may read everything and write nothing. */
beforeAll(async () => {
  organization = await startOrganization({
    contacts: 6,
    authenticate: (token) => ({ appid: token === 'test' ? '22222222-2222-2222-2222-222222222222' : token }),
  });
  const { mock, send } = organization;
  lead = String(mock.insert('lead', { lastname: 'Lyon', companyname: 'Litware' }).leadid);
  opportunity = String(mock.insert('opportunity', { name: 'Ten pumps' }).opportunityid);
  list = String(mock.insert('list', { listname: 'Readers', createdfromcode: 2, type: false }).listid);
  contact = String(mock.rows('contact')[0]?.contactid);
  const unit = String((await organization.get('WhoAmI')).body.BusinessUnitId);
  const user = await send(
    'POST',
    'systemusers',
    { applicationid: CLIENT_ID, 'businessunitid@odata.bind': `/businessunits(${unit})` },
    { prefer: 'return=representation' },
  );
  const role = mock
    .rows('role')
    .find(({ name, businessunitid }) => name === 'Service Reader' && isUnit(businessunitid));
  function isUnit(cell: unknown) {
    return typeof cell === 'object' && cell !== null && 'id' in cell && cell.id === unit;
  }
  await send('POST', `systemusers(${user.body.systemuserid})/systemuserroles_association/$ref`, {
    '@odata.id': `${organization.api}roles(${String(role?.roleid)})`,
  });
});

afterAll(() => organization.mock.close());

const qualify = (status: number, headers: Record<string, string> = {}) => {
  const body = { CreateAccount: true, CreateContact: true, CreateOpportunity: true, Status: status };
  return organization.send('POST', `leads(${lead})/Microsoft.Dynamics.CRM.QualifyLead`, body, headers);
};

const win = (status: number, headers: Record<string, string> = {}) => {
  const close = { subject: 'Won', 'opportunityid@odata.bind': `/opportunities(${opportunity})` };
  return organization.send('POST', 'WinOpportunity', { Status: status, OpportunityClose: close }, headers);
};

const addMember = () => {
  const body = {
    List: { listid: list, '@odata.type': 'Microsoft.Dynamics.CRM.list' },
    Members: [{ contactid: contact, '@odata.type': 'Microsoft.Dynamics.CRM.contact' }],
  };
  return organization.send('POST', 'AddListMembersList', body, AS_READER);
};

const held = () => {
  const { mock } = organization;
  const tables = ['lead', 'opportunity', 'opportunityclose', 'account', 'contact', 'listmember'];
  return tables.map((table) => mock.rows(table));
};

it.each([
  ['QualifyLead', 'prvWriteLead', () => qualify(3, AS_READER)],
  ['WinOpportunity', 'prvWriteOpportunity', () => win(3, AS_READER)],
  ['AddListMembersList', 'prvAppendList', addMember],
])('%s is refused to who lacks %s, and writes nothing', async (_name, privilege, call) => {
  covers('dynamics', '4 Operations', 'Privileges of operations');
  const before = held();
  const { status, body } = await call();
  expect([status, body.error.code]).toEqual([403, '0x80040220']);
  expect(body.error.message).toContain(privilege);
  expect(held()).toEqual(before);
});

it.each([
  ['QualifyLead', () => qualify(77)],
  ['WinOpportunity', () => win(77)],
  ['WinOpportunity with a status of another state', () => win(1)],
])('%s is refused a status that is none, and writes nothing', async (_name, call) => {
  covers('dynamics', '4 Writes', 'State and status rules, 0x80048408');
  const before = held();
  const { status, body } = await call();
  expect([status, body.error.code]).toEqual([400, '0x80048408']);
  expect(held()).toEqual(before);
});
