import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MICROSOFT, READY_MADE } from '../../../../mocks/entra/directory.js';
import { createEntraMock, type EntraMock } from '../../../../mocks/entra/server.js';
import { covers } from '../../compatibility.js';
import { GraphClient, requestToken } from './graph-client.js';

let entra: EntraMock;
let graph: GraphClient;
beforeAll(async () => {
  entra = await createEntraMock();
  graph = new GraphClient(entra);
});
beforeEach(() => entra.reset());
afterAll(() => entra.close());

const DENIED = [403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.'];
const USER = {
  accountEnabled: true,
  displayName: 'x',
  mailNickname: 'x',
  userPrincipalName: 'x@contoso.example',
  passwordProfile: { password: 'Correct-Horse-7' },
};

/** A client with a user's token, got through Microsoft's public client, which has consent to every scope. */
async function signedIn(username: string, password: string): Promise<GraphClient> {
  const scope = 'https://graph.microsoft.com/.default';
  const form = { grant_type: 'password', client_id: MICROSOFT.graphCommandLine, username, password, scope };
  return new GraphClient(entra, String((await requestToken(entra, form)).access_token));
}

/** A client with the token of an application that has these permissions alone. */
async function applicationWith(...permissions: readonly string[]) {
  const { appId } = (await graph.post('/applications', { displayName: 'limited' })).body;
  const { secretText } = (await graph.post(`/applications(appId='${appId}')/addPassword`)).body;
  const principalId = (await graph.post('/servicePrincipals', { appId })).body.id;
  const resource = (await graph.get(`/servicePrincipals(appId='${MICROSOFT.graph}')`)).body;
  for (const permission of permissions) {
    const role = (resource.appRoles as { id: string; value: string }[]).find(({ value }) => value === permission);
    const body = { principalId, resourceId: resource.id, appRoleId: role?.id };
    await graph.post(`/servicePrincipals/${principalId}/appRoleAssignments`, body);
  }
  const token = await requestToken(entra, {
    grant_type: 'client_credentials',
    client_id: String(appId),
    client_secret: String(secretText),
    scope: 'https://graph.microsoft.com/.default',
  });
  return { client: new GraphClient(entra, String(token.access_token)), principalId: String(principalId) };
}

describe('a request without a good token', () => {
  it('is refused, and told why', async () => {
    covers(
      'entra',
      'Graph 7.3 Errors',
      '401 InvalidAuthenticationToken: no token, foreign audience, expired, not a token',
    );
    const claims = { tid: READY_MADE.tenantId, oid: READY_MADE.servicePrincipalId, appid: READY_MADE.clientId };
    const later = Math.floor(Date.now() / 1000) + 3600;
    const foreign = await entra.signToken({ ...claims, aud: 'https://contoso.crm.dynamics.com', exp: later });
    const expired = await entra.signToken({ ...claims, aud: 'https://graph.microsoft.com', exp: later - 7200 });
    const message = async (token: string) => {
      const client = new GraphClient(entra, token);
      return (await client.refusal(client.get('/users'))).slice(1);
    };
    expect(await message('')).toEqual(['InvalidAuthenticationToken', 'Access token is empty.']);
    expect((await message(foreign))[1]).toBe('Access token validation failure. Invalid audience.');
    expect((await message(expired))[1]).toBe('Lifetime validation failed, the token is expired.');
    expect((await message('made-up'))[1]).toBe('CompactToken parsing failed with error code: 80049217');
  });

  it('is refused too once the mock clock has passed its end', async () => {
    const token = await entra.administratorToken();
    entra.clock.advance(2 * 3600);
    const client = new GraphClient(entra, token);
    expect((await client.get('/users')).status).toBe(401);
  });

  it('is refused where its identity is gone', async () => {
    covers('entra', 'Graph 7.3 Errors', '403 Authorization_IdentityNotFound');
    const { client, principalId } = await applicationWith('User.Read.All');
    await graph.delete(`/servicePrincipals/${principalId}`);
    expect((await client.refusal(client.get('/users')))[1]).toBe('Authorization_IdentityNotFound');
  });
});

describe('a user', () => {
  it('needs a directory role beside the scope', async () => {
    covers('entra', 'Graph 8.2 Rules', 'delegated calls need the scope and a directory role: else 403');
    const limited = await signedIn(READY_MADE.userName, READY_MADE.password);
    expect((await limited.get('/users')).status).toBe(200);
    expect(await limited.refusal(limited.post('/users', USER))).toEqual(DENIED);
    await graph.post('/roleManagement/directory/roleAssignments', {
      roleDefinitionId: 'fe930be7-5e62-47db-91af-98c3a49a38b1',
      principalId: READY_MADE.userId,
    });
    expect((await limited.post('/users', USER)).status).toBe(201);
  });

  it('with the role of a Global Administrator may do everything', async () => {
    covers('entra', 'Graph 8.2 Rules', 'a Global Administrator and a limited user are there');
    const administrator = await signedIn(READY_MADE.administratorName, READY_MADE.administratorPassword);
    expect((await administrator.post('/users', USER)).status).toBe(201);
    const { appId } = (await administrator.post('/applications', { displayName: 'x' })).body;
    expect((await administrator.post('/servicePrincipals', { appId })).status).toBe(201);
  });

  it('may register an application and change that one alone', async () => {
    covers('entra', 'Graph 8.2 Rules', 'owners may change their own applications without a role');
    const limited = await signedIn(READY_MADE.userName, READY_MADE.password);
    const { id } = (await limited.post('/applications', { displayName: 'own' })).body;
    expect((await limited.patch(`/applications/${id}`, { notes: 'mine' })).status).toBe(204);
    const other = `/applications(appId='${READY_MADE.clientId}')`;
    expect(await limited.refusal(limited.patch(other, { notes: 'mine' }))).toEqual(DENIED);
  });
});

describe('an application', () => {
  it('needs the role of what it does, and no directory role', async () => {
    covers('entra', 'Graph 8.2 Rules', 'app-only calls need the application permission: else 403');
    const { client } = await applicationWith('User.Read.All');
    expect((await client.get('/users')).status).toBe(200);
    expect(await client.refusal(client.post('/users', USER))).toEqual(DENIED);
    expect(await client.refusal(client.get('/subscribedSkus'))).toEqual(DENIED);
    expect(await client.refusal(client.get('/oauth2PermissionGrants'))).toEqual(DENIED);
  });

  it('with Application.ReadWrite.OwnedBy changes what it made alone', async () => {
    covers('entra', 'Graph 8.2 Rules', 'Application.ReadWrite.OwnedBy');
    const { client } = await applicationWith('Application.ReadWrite.OwnedBy');
    const { id, appId } = (await client.post('/applications', { displayName: 'own' })).body;
    expect((await client.post(`/applications/${id}/addPassword`)).status).toBe(200);
    expect((await client.post('/servicePrincipals', { appId })).status).toBe(201);
    const other = `/applications(appId='${READY_MADE.clientId}')`;
    expect(await client.refusal(client.delete(other))).toEqual(DENIED);
  });
});
