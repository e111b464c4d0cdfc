import { decodeJwt } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { READY_MADE } from '../../../../mocks/entra/directory.js';
import { grantId } from '../../../../mocks/entra/graph/grant-id.js';
import { createEntraMock, type EntraMock } from '../../../../mocks/entra/server.js';
import { covers } from '../../compatibility.js';
import { GraphClient, requestToken, tokenOutcome } from './graph-client.js';

const DYNAMICS = '00000007-0000-0000-c000-000000000000';
const GRAPH = '00000003-0000-0000-c000-000000000000';

let entra: EntraMock;
let graph: GraphClient;
beforeAll(async () => {
  entra = await createEntraMock();
  graph = new GraphClient(entra);
});
beforeEach(() => entra.reset());
afterAll(() => entra.close());

async function principalOf(appId: string): Promise<string> {
  return String((await graph.get(`/servicePrincipals(appId='${appId}')`)).body.id);
}

/** An application that allows public client flows, with its service principal. */
async function register(): Promise<{ readonly appId: string; readonly principalId: string }> {
  const application = await graph.post('/applications', { displayName: 'client', isFallbackPublicClient: true });
  const appId = String(application.body.appId);
  const principal = await graph.post('/servicePrincipals', { appId });
  return { appId, principalId: String(principal.body.id) };
}

function byPassword(appId: string, scope = 'https://contoso.crm.dynamics.com/.default') {
  const { userName: username, password } = READY_MADE;
  return { grant_type: 'password', client_id: appId, username, password, scope };
}

async function grantFor(clientId: string, rest: object = {}) {
  const resourceId = await principalOf(DYNAMICS);
  return { clientId, resourceId, consentType: 'AllPrincipals', scope: 'user_impersonation', ...rest };
}

describe('a service principal', () => {
  it('takes name and addresses from its application, and an id of its own', async () => {
    covers('entra', 'Graph 1.3 Service principal', 'POST /servicePrincipals');
    covers('entra', 'Graph 1.3 Service principal', "GET /servicePrincipals(appId='…') and $filter=appId eq '…'");
    const web = { redirectUris: ['http://localhost'] };
    const { appId, id } = (await graph.post('/applications', { displayName: 'x', web })).body;
    const { status, body } = await graph.post('/servicePrincipals', { appId });
    expect([status, body]).toMatchObject([
      201,
      {
        appId,
        displayName: 'x',
        appDisplayName: 'x',
        accountEnabled: true,
        appOwnerOrganizationId: READY_MADE.tenantId,
        servicePrincipalNames: [appId],
        servicePrincipalType: 'Application',
        replyUrls: ['http://localhost'],
      },
    ]);
    expect(body.id).not.toBe(id);
    expect(await graph.list(`/servicePrincipals?$filter=appId eq '${appId}'&$select=id`)).toEqual([{ id: body.id }]);
    expect(await graph.list(`/servicePrincipals?$filter=appId eq '${GRAPH.replace('3', '9')}'`)).toEqual([]);
  });

  it('is made once, and for an application that is there', async () => {
    covers(
      'entra',
      'Graph 1.4 Errors',
      'service principal there already: 409; no such application: NoBackingApplicationObject',
    );
    const { appId } = await register();
    expect((await graph.refusal(graph.post('/servicePrincipals', { appId }))).slice(0, 2)).toEqual([
      409,
      'Request_MultipleObjectsWithSameKeyValue',
    ]);
    expect(await graph.refusal(graph.post('/servicePrincipals', { appId: READY_MADE.tenantId }))).toEqual([
      400,
      'Request_BadRequest',
      `The appId '${READY_MADE.tenantId}' of the service principal does not reference a valid application object.`,
      'NoBackingApplicationObject',
    ]);
  });

  it('is made or changed by its appId', async () => {
    covers(
      'entra',
      'Graph 1.3 Service principal',
      "PATCH /servicePrincipals(appId='…') with Prefer: create-if-missing; DELETE",
    );
    const { appId } = (await graph.post('/applications', { displayName: 'x' })).body;
    const path = `/servicePrincipals(appId='${appId}')`;
    expect((await graph.patch(path, { notes: 'n' })).status).toBe(404);
    expect((await graph.patch(path, { notes: 'n' }, { prefer: 'create-if-missing' })).status).toBe(201);
    expect((await graph.patch(path, { notes: 'm' }, { prefer: 'create-if-missing' })).status).toBe(204);
    expect((await graph.get(path)).body.notes).toBe('m');
    expect((await graph.delete(path)).status).toBe(204);
    expect((await graph.get(path)).status).toBe(404);
  });

  it('of Dynamics and of Graph are in the tenant, with the scopes and roles that they offer', async () => {
    covers('entra', 'Graph 8.1 Minimum', 'service principals of Dynamics and Microsoft Graph are there');
    const dynamics = (await graph.get(`/servicePrincipals(appId='${DYNAMICS}')`)).body;
    expect(dynamics.oauth2PermissionScopes).toMatchObject([
      { id: '78ce3f0f-a1ce-49c2-8cde-64b5c0896db4', value: 'user_impersonation', type: 'User' },
    ]);
    const { appRoles } = (await graph.get(`/servicePrincipals(appId='${GRAPH}')?$select=appRoles`)).body;
    expect(appRoles).toContainEqual(expect.objectContaining({ value: 'Application.ReadWrite.All' }));
  });
});

describe('consent', () => {
  it('opens delegated access, and taking it back closes it', async () => {
    covers('entra', 'Graph 3 Consent', 'POST and DELETE /oauth2PermissionGrants');
    covers('entra', 'Graph 8.3 Effects', 'no grant for user_impersonation: AADSTS65001 for users');
    const { appId, principalId } = await register();
    expect(await tokenOutcome(entra, byPassword(appId))).toBe(65001);
    const made = await graph.post('/oauth2PermissionGrants', await grantFor(principalId));
    expect([made.status, made.body.principalId]).toEqual([201, null]);
    expect(await tokenOutcome(entra, byPassword(appId))).toBe('token');
    expect((await graph.delete(`/oauth2PermissionGrants/${made.body.id}`)).status).toBe(204);
    expect(await tokenOutcome(entra, byPassword(appId))).toBe(65001);
  });

  it('may be given for one user alone', async () => {
    covers('entra', 'Graph 3 Consent', 'consentType Principal: for one user');
    const { appId, principalId } = await register();
    const forOther = await grantFor(principalId, { consentType: 'Principal', principalId: READY_MADE.administratorId });
    await graph.post('/oauth2PermissionGrants', forOther);
    expect(await tokenOutcome(entra, byPassword(appId))).toBe(65001);
    const forUser = { ...forOther, principalId: READY_MADE.userId };
    const { body } = await graph.post('/oauth2PermissionGrants', forUser);
    expect(String(body.id)).toHaveLength(64);
    expect(await tokenOutcome(entra, byPassword(appId))).toBe('token');
  });

  it('has the id that the documentation makes of its ends', () => {
    covers('entra', 'Graph 3 Consent', 'id of a grant from the ids of its ends');
    const ids = ['b0d9b9e3-0ecf-4bfd-8dab-9273dd055a94', '7ea9e944-71ce-443d-811c-71e8047b557a'] as const;
    expect(grantId(...ids)).toBe('47nZsM8O_UuNq5Jz3QValETpqX7OcT1EgRxx6AR7VXo');
  });

  it('is found by its ends, and its scopes are replaced', async () => {
    covers(
      'entra',
      'Graph 3 Consent',
      'GET /oauth2PermissionGrants with $filter, by id and of a service principal; PATCH scope',
    );
    const { principalId } = await register();
    const { resourceId, ...grant } = await grantFor(principalId, { scope: '' });
    const { id } = (await graph.post('/oauth2PermissionGrants', { ...grant, resourceId })).body;
    const filter = `clientId eq '${principalId}' and resourceId eq '${resourceId}' and consentType eq 'AllPrincipals'`;
    expect((await graph.patch(`/oauth2PermissionGrants/${id}`, { scope: 'user_impersonation' })).status).toBe(204);
    expect(await graph.list(`/oauth2PermissionGrants?$filter=${filter}`)).toMatchObject([
      { id, scope: 'user_impersonation' },
    ]);
    expect(await graph.list(`/servicePrincipals/${principalId}/oauth2PermissionGrants`)).toMatchObject([{ id }]);
    expect((await graph.get(`/oauth2PermissionGrants/${id}`)).body.scope).toBe('user_impersonation');
  });

  it.each([
    ['a second time', {}, 409, 'Permission entry already exists.'],
    ['with a scope that the resource has not', { scope: 'fly' }, 400, "The scope 'fly' does not exist on the resource"],
    ['by an application id', { clientId: DYNAMICS }, 404, `Resource '${DYNAMICS}' does not exist`],
    ['for one user without that user', { consentType: 'Principal' }, 400, "Property 'principalId' belongs to"],
    [
      'of another kind',
      { consentType: 'Everybody' },
      400,
      "Invalid value 'Everybody' specified for property 'consentType'",
    ],
  ])('is not given %s', async (_name, change, status, message) => {
    covers('entra', 'Graph 3 Consent', 'grant there already: 409; unknown scope, principal or kind: 400, 404');
    const { principalId } = await register();
    await graph.post('/oauth2PermissionGrants', await grantFor(principalId));
    const answer = graph.post('/oauth2PermissionGrants', await grantFor(principalId, change));
    const [actual, , text] = await graph.refusal(answer);
    expect(actual).toBe(status);
    expect(text).toContain(message);
  });

  it('lets a token for Graph say what was granted, and no more be asked for', async () => {
    covers(
      'entra',
      'Graph 6 Sign-in',
      'delegated Graph token: scp from the grant, wids from the roles; other scopes AADSTS65001',
    );
    const { appId, principalId } = await register();
    const resourceId = await principalOf(GRAPH);
    await graph.post('/oauth2PermissionGrants', {
      ...(await grantFor(principalId)),
      resourceId,
      scope: 'User.Read Application.Read.All',
    });
    const { access_token, scope } = await requestToken(entra, byPassword(appId, 'User.Read openid'));
    expect(decodeJwt(String(access_token))).toMatchObject({
      aud: 'https://graph.microsoft.com',
      scp: 'User.Read Application.Read.All',
    });
    expect(scope).toContain('https://graph.microsoft.com/User.Read ');
    expect(await tokenOutcome(entra, byPassword(appId, 'https://graph.microsoft.com/User.ReadWrite.All'))).toBe(65001);
  });
});

describe('an application role', () => {
  it('is assigned, told in tokens of the application, and taken away', async () => {
    covers(
      'entra',
      'Graph 8 Full',
      'appRoleAssignments and appRoleAssignedTo: list, assign, remove; roles in app-only tokens',
    );
    const { appId, principalId } = await register();
    const application = `/applications(appId='${appId}')`;
    const { secretText } = (await graph.post(`${application}/addPassword`)).body;
    const resourceId = await principalOf(GRAPH);
    const { appRoles } = (await graph.get(`/servicePrincipals/${resourceId}`)).body as {
      appRoles: { id: string; value: string }[];
    };
    const appRoleId = appRoles.find(({ value }) => value === 'User.Read.All')?.id;
    const path = `/servicePrincipals/${principalId}/appRoleAssignments`;
    const made = await graph.post(path, { principalId, resourceId, appRoleId });
    expect([made.status, made.body.resourceDisplayName]).toEqual([201, 'Microsoft Graph']);
    expect((await graph.post(path, { principalId, resourceId, appRoleId })).status).toBe(400);
    const form = { grant_type: 'client_credentials', client_id: appId, client_secret: String(secretText) };
    const roles = async () => {
      const token = await requestToken(entra, { ...form, scope: 'https://graph.microsoft.com/.default' });
      return decodeJwt(String(token.access_token)).roles;
    };
    expect(await roles()).toEqual(['User.Read.All']);
    expect(
      await graph.list(`/servicePrincipals/${resourceId}/appRoleAssignedTo?$filter=principalId eq '${principalId}'`),
    ).toHaveLength(1);
    expect((await graph.delete(`${path}/${made.body.id}`)).status).toBe(204);
    expect(await roles()).toEqual([]);
  });
});
