import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { covers } from '../compatibility.js';
import { type Organization, startOrganization } from './support.js';

let organization: Organization;

beforeAll(async () => {
  organization = await startOrganization({ contacts: 0 });
});

beforeEach(() => organization.mock.reset());

afterAll(() => organization.mock.close());

const idOf = (table: string, cells: Parameters<Organization['mock']['insert']>[1]) =>
  String(organization.mock.insert(table, cells)[`${table}id`]);

describe('QualifyLead', () => {
  const qualify = (id: string, more: object = {}) =>
    organization.send('POST', `leads(${id})/Microsoft.Dynamics.CRM.QualifyLead`, {
      CreateAccount: true,
      CreateContact: true,
      CreateOpportunity: true,
      Status: 3,
      ...more,
    });
  const lead = () =>
    idOf('lead', {
      subject: 'Ten pumps',
      firstname: 'Ada',
      lastname: 'Lyon',
      companyname: 'Litware',
      emailaddress1: 'ada@litware.example',
    });

  it('closes the lead and makes an account, a contact and an opportunity of it', async () => {
    covers('dynamics', '4 Operations', 'QualifyLead');
    const id = lead();
    const { status, body } = await qualify(id);
    expect([status, body.value.map((it: Record<string, string>) => it['@odata.type'])]).toEqual([
      200,
      ['#Microsoft.Dynamics.CRM.account', '#Microsoft.Dynamics.CRM.contact', '#Microsoft.Dynamics.CRM.opportunity'],
    ]);
    const [{ accountid }, { contactid }, { opportunityid }] = body.value;
    const { mock } = organization;
    expect(mock.row('account', accountid)).toMatchObject({
      name: 'Litware',
      primarycontactid: { id: contactid },
      originatingleadid: { id },
    });
    expect(mock.row('contact', contactid)).toMatchObject({
      fullname: 'Ada Lyon',
      emailaddress1: 'ada@litware.example',
      parentcustomerid: { table: 'account', id: accountid },
    });
    expect(mock.row('opportunity', opportunityid)).toMatchObject({
      name: 'Ten pumps',
      customerid: { table: 'account', id: accountid },
    });
    expect(mock.row('lead', id)).toMatchObject({
      statecode: 1,
      statuscode: 3,
      qualifyingopportunityid: { id: opportunityid },
    });
  });

  it('makes only what is asked for, and is refused for a lead that is closed', async () => {
    const id = lead();
    const { body } = await qualify(id, { CreateAccount: false, CreateOpportunity: false });
    expect(body.value).toHaveLength(1);
    expect(organization.mock.rows('account')).toEqual([]);
    expect((await qualify(id)).status).toBe(400);
    expect(organization.mock.rows('contact')).toHaveLength(1);
  });
});

describe('Merge', () => {
  it('moves what hangs on a row to another one and leaves it inactive', async () => {
    covers('dynamics', '4 Operations', 'Merge');
    const { mock } = organization;
    const [kept, gone] = [idOf('account', { name: 'Kept' }), idOf('account', { name: 'Gone' })];
    const contact = String(
      mock.insert('contact', { lastname: 'L', parentcustomerid: { table: 'account', id: gone } }).contactid,
    );
    const type = 'Microsoft.Dynamics.CRM.account';
    const body = {
      Target: { accountid: kept, '@odata.type': type },
      Subordinate: { accountid: gone, '@odata.type': type },
      UpdateContent: { accountid: kept, '@odata.type': type, telephone1: '555' },
      PerformParentingChecks: false,
    };
    expect((await organization.send('POST', 'Merge', body)).status).toBe(204);
    expect(mock.row('contact', contact)?.parentcustomerid).toEqual({ table: 'account', id: kept });
    expect(mock.row('account', kept)).toMatchObject({ name: 'Kept', telephone1: '555' });
    expect(mock.row('account', gone)).toMatchObject({
      merged: true,
      masterid: { id: kept },
      statecode: 1,
      statuscode: 2,
    });
    expect((await organization.send('POST', 'Merge', body)).body.error.message).toContain('is merged already');
  });

  it('into a row that stands below the other is refused, and nothing is moved', async () => {
    const { mock } = organization;
    const account = (id: string) => ({ table: 'account', id });
    const top = idOf('account', { name: 'Top' });
    const middle = idOf('account', { name: 'Middle', parentaccountid: account(top) });
    const low = idOf('account', { name: 'Low', parentaccountid: account(middle) });
    const contact = idOf('contact', { lastname: 'L', parentcustomerid: account(top) });
    const type = 'Microsoft.Dynamics.CRM.account';
    const refused = await organization.send('POST', 'Merge', {
      Target: { accountid: low, '@odata.type': type },
      Subordinate: { accountid: top, '@odata.type': type },
      PerformParentingChecks: false,
    });
    expect([refused.status, refused.body.error.code]).toEqual([400, '0x80040507']);
    expect(mock.row('account', middle)?.parentaccountid).toEqual(account(top));
    expect(mock.row('account', low)?.parentaccountid).toEqual(account(middle));
    expect(mock.row('account', top)).toMatchObject({ statecode: 0 });
    expect(mock.row('contact', contact)?.parentcustomerid).toEqual(account(top));
  });
});

describe('InitializeFrom', () => {
  it('gives the beginning of a row that is made of another one, and writes nothing', async () => {
    covers('dynamics', '4 Operations', 'InitializeFrom');
    const id = idOf('account', { name: 'Litware', telephone1: '555', address1_city: 'Paris' });
    const query = `@p1={'@odata.id':'accounts(${id})'}&@p2='contact'&@p3=Microsoft.Dynamics.CRM.TargetFieldType'ValidForCreate'`;
    const { status, body } = await organization.get(
      `InitializeFrom(EntityMoniker=@p1,TargetEntityName=@p2,TargetFieldType=@p3)?${query}`,
    );
    expect([status, body]).toEqual([
      200,
      {
        '@odata.context': `${organization.api}$metadata#contacts/$entity`,
        '@odata.type': '#Microsoft.Dynamics.CRM.contact',
        'parentcustomerid_account@odata.bind': `accounts(${id})`,
        telephone1: '555',
        address1_city: 'Paris',
      },
    ]);
    const { '@odata.context': _, ...begun } = body;
    expect((await organization.send('POST', 'contacts', begun)).status).toBe(204);
  });
});

describe('duplicate detection', () => {
  const DETECT = { 'MSCRM.SuppressDuplicateDetection': 'false' };

  it('refuses a second row with the same address where it is asked for', async () => {
    covers('dynamics', '4 Writes', 'Duplicate detection on create and update');
    const first = { lastname: 'One', emailaddress1: 'same@example.com' };
    await organization.send('POST', 'contacts', first);
    const refused = await organization.send(
      'POST',
      'contacts',
      { ...first, emailaddress1: 'SAME@example.com' },
      DETECT,
    );
    expect([refused.status, refused.body.error]).toEqual([
      412,
      {
        code: '0x80040333',
        message: 'A record was not created or updated because a duplicate of the current record already exists.',
      },
    ]);
    expect(organization.mock.rows('contact')).toHaveLength(1);
    expect((await organization.send('POST', 'contacts', first)).status).toBe(204);
    const [, second] = organization.mock.rows('contact');
    const path = `contacts(${String(second?.contactid)})`;
    expect((await organization.send('PATCH', path, { jobtitle: 'X' }, DETECT)).status).toBe(412);
    expect((await organization.send('PATCH', path, { emailaddress1: 'other@example.com' }, DETECT)).status).toBe(204);
  });
});

describe('the privileges of a user', () => {
  it('are told by function, and changed by the roles it holds', async () => {
    covers('dynamics', '8 Application users', 'RetrieveUserPrivileges, AddPrivilegesRole, RemovePrivilegeRole');
    const { body } = await organization.get('WhoAmI');
    const one = `systemusers(${body.UserId})/Microsoft.Dynamics.CRM.RetrieveUserPrivilegeByPrivilegeName(PrivilegeName='prvReadAccount')`;
    expect((await organization.get(one)).body.RolePrivileges).toMatchObject([
      { PrivilegeName: 'prvReadAccount', Depth: 'Global' },
    ]);
    const role = await organization.send(
      'POST',
      'roles',
      { name: 'Importer', 'businessunitid@odata.bind': `/businessunits(${body.BusinessUnitId})` },
      { prefer: 'return=representation' },
    );
    const { PrivilegeId } = (await organization.get(one)).body.RolePrivileges[0];
    const path = `roles(${role.body.roleid})/Microsoft.Dynamics.CRM`;
    await organization.send('POST', `${path}.AddPrivilegesRole`, { Privileges: [{ PrivilegeId, Depth: 'Basic' }] });
    const held = () => organization.get(`RetrieveRolePrivilegesRole(RoleId=${role.body.roleid})`);
    expect((await held()).body.RolePrivileges).toMatchObject([{ PrivilegeName: 'prvReadAccount', Depth: 'Basic' }]);
    await organization.send('POST', `${path}.RemovePrivilegeRole`, { PrivilegeId });
    expect((await held()).body.RolePrivileges).toEqual([]);
    const all = await organization.get(`systemusers(${body.UserId})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()`);
    expect(all.body.RolePrivileges.length).toBeGreaterThan(500);
  });
});
