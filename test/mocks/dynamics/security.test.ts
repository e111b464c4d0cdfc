import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { privilegeId } from '../../../mocks/dynamics/privileges.js';
import { covers } from '../compatibility.js';
import { type Answer, type Organization, startOrganization } from './support.js';

const ADMINISTRATOR = { appid: '22222222-2222-2222-2222-222222222222' };
const CLIENT_ID = '77777777-7777-7777-7777-777777777777';
const REPRESENTATION = { prefer: 'return=representation' };
const KNOWN = { displayName: 'Importer', objectId: '77777777-0000-0000-0000-000000000001' };

let organization: Organization;
let unit = '';

beforeAll(async () => {
  organization = await startOrganization({
    contacts: 5,
    // The token tells its application.
    authenticate: (token) => (token === 'test' ? ADMINISTRATOR : { appid: token }),
    directory: { application: (clientId) => (clientId === CLIENT_ID ? KNOWN : undefined) },
  });
});

beforeEach(async () => {
  await organization.mock.reset();
  unit = (await organization.get('businessunits?$filter=_parentbusinessunitid_value eq null')).body.value[0]
    .businessunitid;
});

afterAll(() => organization.mock.close());

function createUser(more: object = {}): Promise<Answer> {
  const body = { applicationid: CLIENT_ID, 'businessunitid@odata.bind': `/businessunits(${unit})`, ...more };
  return organization.send('POST', 'systemusers', body, REPRESENTATION);
}

async function createUserWith(role: string): Promise<string> {
  const { systemuserid } = (await createUser()).body;
  const { value } = (
    await organization.get(`roles?$select=roleid&$filter=name eq '${role}' and _businessunitid_value eq ${unit}`)
  ).body;
  await give(systemuserid, value[0].roleid);
  return systemuserid;
}

function give(user: string, role: string): Promise<Answer> {
  return organization.send('POST', `systemusers(${user})/systemuserroles_association/$ref`, {
    '@odata.id': `${organization.api}roles(${role})`,
  });
}

const asApplication = (method: string, path: string, body?: unknown) =>
  organization.send(method, path, body, { authorization: `Bearer ${CLIENT_ID}` });

describe('an application user', () => {
  it('is filled in from the directory', async () => {
    covers('dynamics', '8 Application users', 'POST systemusers with applicationid');
    const { status, body } = await createUser();
    expect(status).toBe(201);
    expect(body).toMatchObject({
      azureactivedirectoryobjectid: KNOWN.objectId,
      firstname: '#',
      lastname: 'Importer',
      fullname: '# Importer',
      domainname: `Importer_${CLIENT_ID}@contoso.example`,
      accessmode: 4,
      isdisabled: false,
      islicensed: false,
      _businessunitid_value: unit,
    });
  });

  it('is there once, and takes no name that another user has', async () => {
    covers('dynamics', '8 Application users', 'Duplicate application or user name: 412');
    const trap = await createUser({ domainname: 'CRM.user@contoso.example' });
    expect([trap.status, trap.body.error.code]).toEqual([412, '0x80040237']);
    await createUser();
    const again = await createUser();
    expect([again.status, again.body.error]).toEqual([
      412,
      { code: '0x80040237', message: 'A record with matching key values already exists.' },
    ]);
  });

  it('needs a business unit, and an application that the tenant knows', async () => {
    const homeless = await organization.send('POST', 'systemusers', { applicationid: CLIENT_ID });
    expect([homeless.status, homeless.body.error.message]).toEqual([400, 'An unexpected error occurred.']);
    const unknown = await createUser({ applicationid: '88888888-8888-8888-8888-888888888888' });
    expect([unknown.status, unknown.body.error.code]).toEqual([400, '0x80040265']);
  });

  it('is refused before it is made, without a role, and when it is disabled', async () => {
    covers('dynamics', '8 Authentication', 'No user, no role, disabled user: 403');
    expect((await asApplication('GET', 'WhoAmI')).body.error.code).toBe('0x80072560');
    const { systemuserid } = (await createUser()).body;
    const bare = await asApplication('GET', 'WhoAmI');
    expect([bare.status, bare.body.error.code]).toEqual([403, '0x80042f09']);
    const [role] = (
      await organization.get(
        `roles?$filter=_roletemplateid_value eq 627090ff-40a3-4053-8790-584edc5be201 and _businessunitid_value eq ${unit}`,
      )
    ).body.value;
    expect((await give(systemuserid, role.roleid)).status).toBe(204);
    expect((await asApplication('GET', 'WhoAmI')).body.UserId).toBe(systemuserid);
    await organization.send('PATCH', `systemusers(${systemuserid})`, { isdisabled: true });
    expect((await asApplication('GET', 'WhoAmI')).body.error.code).toBe('0x80040225');
  });

  it('is deleted only while it is disabled and owns nothing', async () => {
    covers('dynamics', '8 Application users', 'DELETE of a disabled application user');
    const { systemuserid } = (await createUser()).body;
    const path = `systemusers(${systemuserid})`;
    expect((await organization.send('DELETE', path)).body.error.message).toContain('while it is enabled');
    await organization.send('PATCH', path, { isdisabled: true });
    const account = organization.mock.insert('account', {
      name: 'Owned',
      ownerid: { table: 'systemuser', id: systemuserid },
    });
    expect((await organization.send('DELETE', path)).body.error.message).toContain('owns rows of account');
    organization.mock.remove('account', String(account.accountid));
    expect((await organization.send('DELETE', path)).status).toBe(204);
    expect((await createUser()).status).toBe(201);
  });
});

describe('a security role', () => {
  it('has a copy in every business unit, and is held by users of its own', async () => {
    covers('dynamics', '8 Application users', 'Security roles: list, systemuserroles_association');
    const roles = (await organization.get("roles?$select=name,_businessunitid_value&$filter=name eq 'Service Reader'"))
      .body.value;
    expect(roles).toHaveLength(2);
    const user = await createUserWith('Service Reader');
    const held = `systemusers(${user})/systemuserroles_association`;
    expect((await organization.get(`${held}?$select=name`)).body.value).toMatchObject([{ name: 'Service Reader' }]);
    const own = roles.find((role: { _businessunitid_value: string }) => role._businessunitid_value === unit);
    const other = roles.find((role: { _businessunitid_value: string }) => role._businessunitid_value !== unit);
    expect((await give(user, own.roleid)).status).toBe(412);
    expect((await give(user, other.roleid)).body.error.message).toContain('of another business unit');
    expect((await organization.send('DELETE', `${held}(${own.roleid})/$ref`)).status).toBe(204);
    expect((await asApplication('GET', 'WhoAmI')).status).toBe(403);
  });

  it('lets its holder do what it grants and names the privilege that is missing', async () => {
    covers('dynamics', '6 Errors', '403 PrivilegeDenied');
    const user = await createUserWith('Service Reader');
    const [contact] = organization.mock.rows('contact');
    const id = String(contact?.contactid);
    expect((await asApplication('GET', 'contacts?$select=fullname&$expand=ownerid')).status).toBe(200);
    const refused = await asApplication('POST', 'contacts', { lastname: 'New' });
    expect([refused.status, refused.body.error.code]).toEqual([403, '0x80040220']);
    expect(refused.body.error.message).toMatch(
      new RegExp(
        `^Principal user \\(Id=${user}, type=8, roleCount=1, privilegeCount=\\d+, accessMode='4'\\), is missing prvCreateContact privilege \\(Id=.+\\) on OTC=2 for entity 'contact'\\.`,
      ),
    );
    const denied = await Promise.all([
      asApplication('PATCH', `contacts(${id})`, { lastname: 'New' }),
      asApplication('DELETE', `contacts(${id})`),
      asApplication('PUT', `contacts(${id})/lastname`, { value: 'New' }),
      asApplication('PUT', `contacts(${id})/parentcustomerid_account/$ref`, { '@odata.id': `accounts(${id})` }),
      asApplication('POST', 'contacts/Microsoft.Dynamics.CRM.CreateMultiple', {
        Targets: [{ '@odata.type': 'Microsoft.Dynamics.CRM.contact' }],
      }),
    ]);
    expect(denied.map(({ body }) => /prv\w+/.exec(body.error.message)?.[0])).toEqual([
      'prvWriteContact',
      'prvDeleteContact',
      'prvWriteContact',
      'prvAppendContact',
      'prvCreateContact',
    ]);
    expect(organization.mock.row('contact', id)).toEqual(contact);
  });

  it('that only deletes shows nothing, in expansions neither', async () => {
    await createUserWith('Service Deleter');
    expect((await asApplication('GET', 'contacts')).body.error.message).toContain('prvReadContact');
    const user = await organization.get(`systemusers?$filter=applicationid eq ${CLIENT_ID}`);
    expect(user.body.value).toHaveLength(1);
  });

  it('lets no one but administrators give roles or act for others', async () => {
    covers('dynamics', '1 Headers', 'Impersonation with its privilege');
    const user = await createUserWith('Service Writer');
    const [role] = organization.mock.rows('role');
    const given = await asApplication('POST', `systemusers(${user})/systemuserroles_association/$ref`, {
      '@odata.id': `roles(${String(role?.roleid)})`,
    });
    expect(given.body.error.message).toContain('prvAssignRole');
    const acted = await organization.get('WhoAmI', {
      authorization: `Bearer ${CLIENT_ID}`,
      mscrmcallerid: String(organization.mock.rows('systemuser')[0]?.systemuserid),
    });
    expect(acted.body.error.message).toContain('prvActOnBehalfOfAnotherUser');
  });

  it('lets administrators act for others, whoever they name rightly', async () => {
    covers('dynamics', '1 Headers', 'Impersonation: MSCRMCallerID and CallerObjectId');
    const user = await createUserWith('Service Reader');
    const id = organization.mock.row('systemuser', user)?.azureactivedirectoryobjectid;
    const names: Record<string, string>[] = [{ mscrmcallerid: user }, { callerobjectid: String(id) }];
    for (const headers of names) {
      expect((await organization.get('WhoAmI', headers)).body.UserId).toBe(user);
      const written = await organization.send('POST', 'contacts', { lastname: 'X' }, headers);
      expect(written.body.error.message).toContain('prvCreateContact');
    }
    const unknown = await organization.get('WhoAmI', { mscrmcallerid: '00000000-0000-0000-0000-000000000009' });
    const misspelt = await organization.get('WhoAmI', { mscrmcallerid: 'somebody' });
    expect([unknown.status, misspelt.status]).toEqual([404, 400]);
  });
});

describe('the depth of a privilege', () => {
  const BELOW = 'b0000000-0000-4000-8000-000000000001';
  const OUTSIDE = 'b0000000-0000-4000-8000-000000000002';
  const own = 'c0000000-0000-4000-8000-000000000001';
  const near = 'c0000000-0000-4000-8000-000000000002';
  const below = 'c0000000-0000-4000-8000-000000000003';
  const far = 'c0000000-0000-4000-8000-000000000004';
  const ACCESSES = ['Read', 'Write', 'Create', 'Delete', 'Append', 'AppendTo', 'Assign'];

  /** Contacts of the application user, of its business unit, of one below that, and of one beside it. */
  async function prepare(depth: string): Promise<string> {
    const { mock } = organization;
    mock.insert('businessunit', { businessunitid: BELOW, name: 'Below', parentbusinessunitid: unitReference(unit) });
    mock.insert('businessunit', { businessunitid: OUTSIDE, name: 'Outside' });
    const user = (await createUser()).body.systemuserid;
    const owners = { [own]: user, [near]: ownerIn(unit, 1), [below]: ownerIn(BELOW, 2), [far]: ownerIn(OUTSIDE, 3) };
    for (const [contactid, owner] of Object.entries(owners))
      mock.insert('contact', { contactid, lastname: 'Seen', ownerid: { table: 'systemuser', id: owner } });
    const role = await organization.send(
      'POST',
      'roles',
      { name: `Depth ${depth}`, 'businessunitid@odata.bind': `businessunits(${unit})` },
      REPRESENTATION,
    );
    const names = ACCESSES.map((access) => `name eq 'prv${access}Contact'`).join(' or ');
    const { value } = (await organization.get(`privileges?$select=privilegeid&$filter=${names}`)).body;
    const Privileges = value.map((it: { privilegeid: string }) => ({ PrivilegeId: it.privilegeid, Depth: depth }));
    const added = `roles(${role.body.roleid})/Microsoft.Dynamics.CRM.AddPrivilegesRole`;
    expect((await organization.send('POST', added, { Privileges })).status).toBe(204);
    await give(user, role.body.roleid);
    return user;
  }

  const unitReference = (id: string) => ({ table: 'businessunit', id });

  function ownerIn(businessUnit: string, number: number): string {
    const systemuserid = `d0000000-0000-4000-8000-00000000000${number}`;
    organization.mock.insert('systemuser', { systemuserid, businessunitid: unitReference(businessUnit) });
    return systemuserid;
  }

  const seen = async (query: string) => {
    const { value } = (await asApplication('GET', query)).body;
    return value.map((it: { contactid: string }) => it.contactid).sort();
  };

  it.each([
    ['Basic', [own]],
    ['Local', [own, near]],
    ['Deep', [own, near, below]],
    ['Global', [own, near, below, far]],
  ])('%s: shows the rows that it reaches, and no others', async (depth, expected) => {
    covers('dynamics', '8 Application users', 'Depth of privileges: own rows, business unit, units below, all');
    await prepare(depth);
    expect(await seen("contacts?$select=contactid&$filter=lastname eq 'Seen'")).toEqual(expected);
    expect(await seen("contacts?$select=contactid&$filter=lastname eq 'Seen'&$orderby=createdon")).toEqual(expected);
    const fetchXml =
      "<fetch><entity name='contact'><attribute name='contactid'/><filter><condition attribute='lastname' operator='eq' value='Seen'/></filter></entity></fetch>";
    expect(await seen(`contacts?fetchXml=${encodeURIComponent(fetchXml)}`)).toEqual(expected);
    const single = await Promise.all(
      [own, near, below, far].map(async (id) => (await asApplication('GET', `contacts(${id})`)).status),
    );
    expect(single).toEqual([own, near, below, far].map((id) => (expected.includes(id) ? 200 : 403)));
  });

  it('is heeded in conditions, orders and groups over related rows', async () => {
    covers('dynamics', '8 Application users', 'Depth of privileges in conditions, orders and groups over related rows');
    await prepare('Basic');
    organization.mock.update('contact', far, { firstname: 'Hidden', parentcustomerid: { table: 'contact', id: own } });
    organization.mock.update('contact', own, { parentcustomerid: { table: 'contact', id: far } });
    const byLookup = "contacts?$select=contactid&$filter=parentcustomerid_contact/firstname eq 'Hidden'";
    const byCollection = "contacts?$select=contactid&$filter=contact_customer_contacts/any(o:o/firstname eq 'Hidden')";
    expect([await seen(byLookup), await seen(byCollection)]).toEqual([[], []]);
    const administrators = [await organization.get(byLookup), await organization.get(byCollection)];
    expect(administrators.map(({ body }) => body.value)).toMatchObject([[{ contactid: own }], [{ contactid: own }]]);
    const groups = await asApplication('GET', 'contacts?$apply=groupby((parentcustomerid_contact/firstname))');
    expect([groups.status, groups.text]).toEqual([200, expect.not.stringContaining('Hidden')]);
  });

  it.each([
    ["$filter=primarycontactid/lastname eq 'Seen'"],
    ["$filter=contact_customer_accounts/any(o:o/lastname eq 'Seen')"],
    ['$orderby=primarycontactid/lastname'],
    ['$apply=groupby((primarycontactid/lastname))'],
    ['$apply=aggregate(primarycontactid/lastname with countdistinct as names)'],
  ])('a query with %s is refused to who may not read contacts', async (query) => {
    const role = await organization.send(
      'POST',
      'roles',
      {
        name: 'Accounts alone',
        'businessunitid@odata.bind': `businessunits(${unit})`,
      },
      REPRESENTATION,
    );
    const added = `roles(${role.body.roleid})/Microsoft.Dynamics.CRM.AddPrivilegesRole`;
    await organization.send('POST', added, {
      Privileges: [{ PrivilegeId: privilegeId('prvReadAccount'), Depth: 'Global' }],
    });
    await give((await createUser()).body.systemuserid, role.body.roleid);
    expect((await asApplication('GET', 'accounts?$select=name')).status).toBe(200);
    const refused = await asApplication('GET', `accounts?${query}`);
    expect([refused.status, refused.body.error.message]).toEqual([403, expect.stringContaining('prvReadContact')]);
  });

  it('keeps writes within the rows that it reaches, and says which row it does not', async () => {
    covers('dynamics', '6 Errors', '403 AccessCheckEx: a row beyond the depth of a privilege');
    const user = await prepare('Basic');
    expect((await asApplication('PATCH', `contacts(${own})`, { jobtitle: 'Mine' })).status).toBe(204);
    const refused = await Promise.all([
      asApplication('PATCH', `contacts(${far})`, { jobtitle: 'Not mine' }),
      asApplication('DELETE', `contacts(${far})`),
      asApplication('POST', 'contacts', {
        lastname: 'For another',
        'ownerid@odata.bind': `systemusers(${ownerIn(unit, 4)})`,
      }),
      asApplication('PATCH', `contacts(${own})`, { 'parentcustomerid_contact@odata.bind': `contacts(${far})` }),
    ]);
    expect(
      refused.map(({ status, body }) => [status, body.error.code, /AccessRights: (\w+)/.exec(body.error.message)?.[1]]),
    ).toEqual(
      ['WriteAccess', 'DeleteAccess', 'CreateAccess', 'AppendToAccess'].map((right) => [403, '0x80040220', right]),
    );
    expect(refused[0]?.body.error.message).toContain(`ObjectID: ${far}, OwnerId: d0000000-0000-4000-8000-000000000003`);
    expect(refused[0]?.body.error.message).toContain(`CallingUser: ${user}. ObjectTypeCode: 2`);
    expect(organization.mock.rows('contact').some((row) => row.lastname === 'For another')).toBe(false);
    expect((await asApplication('POST', 'contacts', { lastname: 'Mine' })).status).toBe(204);
  });

  it('is asked for by operations too', async () => {
    await prepare('Basic');
    const contact = (contactid: string) => ({ '@odata.type': 'Microsoft.Dynamics.CRM.contact', contactid });
    const merged = await asApplication('POST', 'Merge', {
      Target: contact(own),
      Subordinate: contact(far),
      PerformParentingChecks: false,
    });
    expect([merged.status, merged.body.error.message]).toEqual([403, expect.stringContaining(`ObjectID: ${far},`)]);
    expect(organization.mock.row('contact', far)?.merged).not.toBe(true);
    const begun = `InitializeFrom(EntityMoniker=@p1,TargetEntityName=@p2,TargetFieldType=@p3)?@p1={'@odata.id':'contacts(${far})'}&@p2='account'&@p3=Microsoft.Dynamics.CRM.TargetFieldType'ValidForCreate'`;
    expect((await asApplication('GET', begun)).body.error.message).toContain('AccessRights: ReadAccess');
  });

  it('is to be Global to track changes', async () => {
    covers('dynamics', '5 Change tracking', 'Organization-wide read privilege');
    await prepare('Deep');
    const tracked = { authorization: `Bearer ${CLIENT_ID}`, prefer: 'odata.track-changes' };
    const refused = await organization.get('contacts?$select=lastname', tracked);
    expect([refused.status, refused.body.error.message]).toEqual([403, expect.stringContaining('prvReadContact')]);
  });
});

it('at most seven people are non-interactive', async () => {
  const statuses = [];
  for (let at = 0; at < 8; at += 1) {
    const body = { lastname: `L${at}`, domainname: `l${at}@contoso.example`, accessmode: 4 };
    statuses.push((await organization.send('POST', 'systemusers', body)).status);
  }
  expect(statuses).toEqual([204, 204, 204, 204, 204, 204, 204, 400]);
});

describe('people of the tenant', () => {
  it('become users when they are given a licence, and are disabled when they lose it', async () => {
    covers('dynamics', '8 Application users', 'Licensed people of the tenant appear as systemusers');
    const person = {
      objectId: '99999999-0000-0000-0000-000000000001',
      userPrincipalName: 'kim@contoso.example',
      displayName: 'Kim Abercrombie',
      isEnabled: true,
      isLicensed: false,
    };
    let people = [person];
    await using own = await startOrganization({
      contacts: 0,
      directory: { application: () => undefined, users: () => people },
    });
    const find = () =>
      own.get(
        `systemusers?$select=fullname,isdisabled,islicensed,accessmode&$filter=azureactivedirectoryobjectid eq ${person.objectId}`,
      );
    expect((await find()).body.value).toEqual([]);
    people = [{ ...person, isLicensed: true }];
    const [user] = (await find()).body.value;
    expect(user).toMatchObject({ fullname: 'Kim Abercrombie', isdisabled: false, islicensed: true, accessmode: 0 });
    await own.send('PATCH', `systemusers(${user.systemuserid})`, { accessmode: 4 });
    people = [person];
    expect((await find()).body.value).toMatchObject([{ isdisabled: false, islicensed: false }]);
    people = [{ ...person, isLicensed: true }];
    await find();
    await own.send('PATCH', `systemusers(${user.systemuserid})`, { accessmode: 0 });
    people = [person];
    expect((await find()).body.value).toMatchObject([{ isdisabled: true }]);
  });
});
