import { expect, it } from 'vitest';
import { privilegeId } from '../../../../mocks/dynamics/privileges.js';
import { covers } from '../../compatibility.js';
import { startOrganization } from '../support.js';

const CLIENT_ID = '77777777-7777-7777-7777-777777777777';
const REPRESENTATION = { prefer: 'return=representation' };
const LINKED =
  '<fetch><entity name="account"><attribute name="name"/><link-entity name="contact" from="contactid" to="primarycontactid" alias="c"><attribute name="fullname"/></link-entity></entity></fetch>';

it('a query that joins a table which the caller may not read is refused', async () => {
  covers('dynamics', '3 Queries', 'FetchXML: Read privilege for every table of the query');
  await using organization = await startOrganization({
    contacts: 4,
    authenticate: (token) => ({ appid: token === 'test' ? '22222222-2222-2222-2222-222222222222' : token }),
  });
  const { send } = organization;
  const { body: me } = await organization.get('WhoAmI');
  const unit = { 'businessunitid@odata.bind': `/businessunits(${me.BusinessUnitId})` };
  const { body: role } = await send('POST', 'roles', { name: 'Accounts alone', ...unit }, REPRESENTATION);
  await send('POST', `roles(${role.roleid})/Microsoft.Dynamics.CRM.AddPrivilegesRole`, {
    Privileges: [{ PrivilegeId: privilegeId('prvReadAccount'), Depth: 'Global' }],
  });
  const { body: user } = await send('POST', 'systemusers', { applicationid: CLIENT_ID, ...unit }, REPRESENTATION);
  const given = { '@odata.id': `${organization.api}roles(${role.roleid})` };
  await send('POST', `systemusers(${user.systemuserid})/systemuserroles_association/$ref`, given);
  const as = { authorization: `Bearer ${CLIENT_ID}` };
  expect((await organization.get('accounts?$select=name', as)).status).toBe(200);
  const { status, body } = await organization.get(`accounts?fetchXml=${encodeURIComponent(LINKED)}`, as);
  expect([status, body.error.code]).toEqual([403, '0x80040220']);
  expect(body.error.message).toContain('prvReadContact');
});
