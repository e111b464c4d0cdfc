import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { READY_MADE } from '../../../../mocks/entra/directory.js';
import { createEntraMock, type EntraMock } from '../../../../mocks/entra/server.js';
import { covers } from '../../compatibility.js';
import { type GraphAnswer, GraphClient, requestToken, tokenOutcome } from './graph-client.js';

const NEW_USER = {
  accountEnabled: true,
  displayName: 'CRM integration',
  mailNickname: 'integration',
  userPrincipalName: 'integration@contoso.example',
  usageLocation: 'FR',
  passwordPolicies: 'DisablePasswordExpiration',
  passwordProfile: { password: 'Correct-Horse-7', forceChangePasswordNextSignIn: false },
};
const SALES = '1e1a282c-9c54-43a2-9310-98ef728faace';
const EXHAUSTED = 'ea126fc5-a19e-42e2-a731-da9d437bffcf';

let entra: EntraMock;
let graph: GraphClient;
beforeAll(async () => {
  entra = await createEntraMock();
  graph = new GraphClient(entra);
});
beforeEach(() => entra.reset());
afterAll(() => entra.close());

function signIn(password = NEW_USER.passwordProfile.password): Promise<unknown> {
  return tokenOutcome(entra, {
    grant_type: 'password',
    client_id: READY_MADE.clientId,
    username: NEW_USER.userPrincipalName,
    password,
    scope: 'https://contoso.crm.dynamics.com/.default',
  });
}

async function create(change: object = {}): Promise<string> {
  return String((await graph.post('/users', { ...NEW_USER, ...change })).body.id);
}

describe('a user', () => {
  it('is made with eleven properties in the answer, and signs in by password at once', async () => {
    covers('entra', 'Graph 4.1 User', 'POST /users; the default answer has eleven properties, never the password');
    covers('entra', 'Graph 8.3 Effects', 'user created: the password grant works');
    const { status, body } = await graph.post('/users', NEW_USER);
    expect(status).toBe(201);
    const { '@odata.context': _context, ...properties } = body;
    expect(Object.keys(properties).sort()).toEqual([
      'businessPhones',
      'displayName',
      'givenName',
      'id',
      'jobTitle',
      'mail',
      'mobilePhone',
      'officeLocation',
      'preferredLanguage',
      'surname',
      'userPrincipalName',
    ]);
    expect(await signIn()).toBe('token');
    expect(await signIn('Wrong-Horse-7')).toBe(50126);
  });

  it('is found by name or id, and tells what is selected', async () => {
    covers('entra', 'Graph 4.1 User', 'GET /users/{id or userPrincipalName} with $select');
    const id = await create();
    const path = `/users/Integration@contoso.example?$select=id,accountEnabled,usageLocation,assignedLicenses`;
    const { '@odata.context': context, ...body } = (await graph.get(path)).body;
    expect(body).toEqual({ id, accountEnabled: true, usageLocation: 'FR', assignedLicenses: [] });
    expect(context).toBe(`${entra.url}/v1.0/$metadata#users(id,accountEnabled,usageLocation,assignedLicenses)/$entity`);
    expect((await graph.get(`/users('${id}')`)).status).toBe(200);
    expect((await graph.get('/users/nobody@contoso.example')).status).toBe(404);
  });

  it.each([
    ['disabled', { accountEnabled: false }, 50057],
    ['told to change the password', { passwordProfile: { forceChangePasswordNextSignIn: true } }, 50055],
    [
      'given another password',
      { passwordProfile: { password: 'Another-Horse-8', forceChangePasswordNextSignIn: false } },
      50126,
    ],
  ])('who was %s is refused', async (_name, change, code) => {
    covers('entra', 'Graph 4.1 User', 'PATCH /users/{key}');
    covers('entra', 'Graph 8.3 Effects', 'user disabled: AADSTS50057; password to be changed: 50055; changed: 50126');
    const id = await create();
    expect((await graph.patch(`/users/${id}`, change)).status).toBe(204);
    expect(await signIn()).toBe(code);
  });

  it('who was deleted is refused until restored', async () => {
    covers('entra', 'Graph 4.1 User', 'DELETE /users/{key}, and back by directory/deletedItems');
    covers('entra', 'Graph 8.3 Effects', 'user deleted: AADSTS50034');
    const id = await create();
    expect((await graph.delete(`/users/${id}`)).status).toBe(204);
    expect(await signIn()).toBe(50034);
    expect(await graph.list('/directory/deletedItems/microsoft.graph.user')).toMatchObject([{ id }]);
    expect((await graph.post(`/directory/deletedItems/${id}/restore`)).status).toBe(200);
    expect(await signIn()).toBe('token');
  });

  it.each<[object, string, string?]>([
    [
      { userPrincipalName: 'CRM.User@contoso.example' },
      'Another object with the same value for property userPrincipalName already exists.',
      'ObjectConflict',
    ],
    [
      { passwordProfile: { password: 'simple' } },
      'The specified password does not comply with password complexity requirements. Please provide a different password.',
      'InvalidPassword',
    ],
    [
      { userPrincipalName: 'x@elsewhere.example' },
      'The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization.',
      'InvalidValue',
    ],
    [
      { mailNickname: undefined },
      "A value is required for property 'mailNickname' of resource 'User'.",
      'InvalidValue',
    ],
    [{ nickname: 'x' }, "Invalid property 'nickname'.", 'InvalidValue'],
    [
      { usageLocation: 'France' },
      "Invalid value 'France' specified for property 'usageLocation' of resource 'User'.",
      'InvalidValue',
    ],
  ])('is not made with %j', async (change, message, detail) => {
    covers(
      'entra',
      'Graph 4.1 User',
      'name taken, weak password, foreign domain, missing or unknown property: 400 with details',
    );
    const answer = graph.post('/users', { ...NEW_USER, ...change });
    expect(await graph.refusal(answer)).toEqual([400, 'Request_BadRequest', message, detail]);
  });

  it('is told who they are', async () => {
    covers('entra', 'Graph 8.1 Minimum', 'GET /me, for users only');
    const token = await requestToken(entra, {
      grant_type: 'password',
      client_id: '14d82eec-204b-4c2f-b7e8-296a70dab67e',
      username: READY_MADE.administratorName,
      password: READY_MADE.administratorPassword,
      scope: 'User.Read',
    });
    const { body } = await new GraphClient(entra, String(token.access_token)).get('/me');
    expect(body.userPrincipalName).toBe(READY_MADE.administratorName);
    expect((await graph.get('/me')).status).toBe(400);
  });
});

describe('a licence', () => {
  const assign = (id: string, skuId: string) =>
    graph.post(`/users/${id}/assignLicense`, { addLicenses: [{ skuId }], removeLicenses: [] });
  const consumed = async () =>
    (await graph.list('/subscribedSkus')).find(({ skuId }) => skuId === SALES)?.consumedUnits;

  it('takes a seat, may be assigned again, and gives the seat back', async () => {
    covers('entra', 'Graph 4.2 Licence', 'assignLicense: add, add again, remove; consumedUnits moves');
    const id = await create();
    expect((await assign(id, SALES)).status).toBe(200);
    expect((await assign(id, SALES)).status).toBe(200);
    expect(await consumed()).toBe(15);
    const { body } = await graph.get(`/users/${id}?$select=assignedLicenses,licenseAssignmentStates`);
    expect(body).toMatchObject({
      assignedLicenses: [{ skuId: SALES, disabledPlans: [] }],
      licenseAssignmentStates: [{ skuId: SALES, state: 'Active', error: 'None', assignedByGroup: null }],
    });
    const holders = `/users?$filter=assignedLicenses/any(license:license/skuId eq ${SALES})`;
    expect(await graph.list(holders)).toMatchObject([{ id: READY_MADE.userId }, { id }]);
    await graph.post(`/users/${id}/assignLicense`, { addLicenses: [], removeLicenses: [SALES] });
    expect([await consumed(), (await graph.list(holders)).length]).toEqual([14, 1]);
  });

  it('is offered by subscriptions: one with free seats, one without, one for something else', async () => {
    covers(
      'entra',
      'Graph 4.2 Licence',
      'GET /subscribedSkus with free seats, exhausted, and unrelated; $select alone',
    );
    const skus = (await graph.list('/subscribedSkus')) as {
      skuPartNumber: string;
      consumedUnits: number;
      prepaidUnits: { enabled: number };
    }[];
    expect(skus.map((sku) => [sku.skuPartNumber, sku.prepaidUnits.enabled - sku.consumedUnits])).toEqual([
      ['DYN365_ENTERPRISE_SALES', 11],
      ['DYN365_ENTERPRISE_PLAN1', 0],
      ['FLOW_FREE', 9997],
    ]);
    expect((await graph.refusal(graph.get('/subscribedSkus?$top=1'))).slice(0, 2)).toEqual([
      400,
      'Request_UnsupportedQuery',
    ]);
    expect(await graph.list('/subscribedSkus?$select=skuId')).toContainEqual({ skuId: SALES });
  });

  it('is refused where the user has no place, the subscription no seat, or the body no list', async () => {
    covers('entra', 'Graph 4.2 Licence', 'no usageLocation, no free seat, not held, missing list: 400');
    const [nowhere, id] = [
      await create({ usageLocation: undefined }),
      await create({ userPrincipalName: 'second@contoso.example' }),
    ];
    const message = async (answer: Promise<GraphAnswer>) => (await graph.refusal(answer))[2];
    expect(await message(assign(nowhere, SALES))).toBe(
      'License assignment cannot be done for user with invalid usage location.',
    );
    expect(await message(assign(id, EXHAUSTED))).toBe(
      `Subscription with SKU ${EXHAUSTED} does not have any available licenses.`,
    );
    const remove = { addLicenses: [], removeLicenses: [SALES] };
    expect(await message(graph.post(`/users/${id}/assignLicense`, remove))).toBe(
      'User does not have a corresponding license.',
    );
    expect(await message(graph.post(`/users/${id}/assignLicense`, { addLicenses: [] }))).toContain('removeLicenses');
  });
});

describe('the tenant', () => {
  it('tells its verified domains', async () => {
    covers('entra', 'Graph 4.1 User', 'GET /organization and /domains');
    expect(await graph.list('/organization?$select=id,displayName,verifiedDomains')).toMatchObject([
      {
        id: READY_MADE.tenantId,
        displayName: 'Contoso',
        verifiedDomains: [{ name: 'contoso.example', isDefault: true }],
      },
    ]);
    expect(await graph.list('/domains')).toMatchObject([{ id: 'contoso.example', isVerified: true }]);
    expect((await graph.get('/domains/elsewhere.example')).status).toBe(404);
  });
});

describe('a directory role', () => {
  it('is assigned once, found by a filter that is compulsory, and taken away', async () => {
    covers(
      'entra',
      'Graph 4.3 Directory role',
      'roleDefinitions; roleAssignments: POST, GET with $filter, by id, DELETE',
    );
    const principalId = await create();
    const [definition] = await graph.list(
      "/roleManagement/directory/roleDefinitions?$filter=displayName eq 'Dynamics 365 Administrator'",
    );
    expect(definition?.id).toBe('44367163-eba1-44c3-98af-f5787879f96a');
    const path = '/roleManagement/directory/roleAssignments';
    const assignment = {
      '@odata.type': '#microsoft.graph.unifiedRoleAssignment',
      roleDefinitionId: definition?.id,
      principalId,
    };
    const made = await graph.post(path, { ...assignment, directoryScopeId: '/' });
    expect([made.status, made.body.directoryScopeId]).toEqual([201, '/']);
    expect((await graph.post(path, assignment)).status).toBe(400);
    expect(await graph.list(`${path}?$filter=principalId eq '${principalId}'`)).toMatchObject([{ id: made.body.id }]);
    expect((await graph.get(path)).status).toBe(400);
    expect((await graph.get(`${path}/${made.body.id}`)).status).toBe(200);
    expect((await graph.delete(`${path}/${made.body.id}`)).status).toBe(204);
    expect(await graph.list(`${path}?$filter=principalId eq '${principalId}'`)).toEqual([]);
  });
});
