import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createEntraMock, type EntraMock } from '../../../../mocks/entra/server.js';
import { covers } from '../../compatibility.js';
import { GraphClient } from './graph-client.js';

const DYNAMICS = '00000007-0000-0000-c000-000000000000';
const GUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;
const RESOURCE_ACCESS = [
  { resourceAppId: DYNAMICS, resourceAccess: [{ id: '78ce3f0f-a1ce-49c2-8cde-64b5c0896db4', type: 'Scope' }] },
];

let entra: EntraMock;
let graph: GraphClient;
beforeAll(async () => {
  entra = await createEntraMock();
  graph = new GraphClient(entra);
});
beforeEach(() => entra.reset());
afterAll(() => entra.close());

async function create(properties: object = {}) {
  const { body } = await graph.post('/applications', { displayName: 'adobecampaigncontoso', ...properties });
  return body as { readonly id: string; readonly appId: string } & Readonly<Record<string, unknown>>;
}

describe('an application', () => {
  it('is made with ids, defaults and a location', async () => {
    covers('entra', 'Graph 1.1 Create', 'POST /applications, with every default filled in');
    const { status, body, headers } = await graph.post('/applications', {
      displayName: 'adobecampaigncontoso',
      signInAudience: 'AzureADMyOrg',
      isFallbackPublicClient: true,
      web: { homePageUrl: 'http://localhost', redirectUris: ['http://localhost'] },
      requiredResourceAccess: RESOURCE_ACCESS,
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      '@odata.context': `${entra.url}/v1.0/$metadata#applications/$entity`,
      id: expect.stringMatching(GUID),
      appId: expect.stringMatching(GUID),
      uniqueName: null,
      deletedDateTime: null,
      publisherDomain: 'contoso.example',
      isFallbackPublicClient: true,
      identifierUris: [],
      keyCredentials: [],
      passwordCredentials: [],
      requiredResourceAccess: RESOURCE_ACCESS,
      api: { requestedAccessTokenVersion: null, oauth2PermissionScopes: [] },
      web: {
        homePageUrl: 'http://localhost',
        logoutUrl: null,
        implicitGrantSettings: { enableIdTokenIssuance: false, enableAccessTokenIssuance: false },
      },
    });
    expect(body.id).not.toBe(body.appId);
    expect(headers.get('location')).toContain(`/directoryObjects/${body.id}/Microsoft.DirectoryServices.Application`);
  });

  it('may have the name of another', async () => {
    covers('entra', 'Graph 1.2 Idempotence', 'displayName is not unique');
    const [first, second] = [await create(), await create()];
    expect(first.appId).not.toBe(second.appId);
  });

  it('is found by object id and by client id, and not by one in place of the other', async () => {
    covers('entra', 'Graph 1.1 Create', "GET /applications/{id}, ('{id}') and (appId='…')");
    const { id, appId } = await create();
    for (const path of [`/applications/${id}`, `/applications('${id}')`, `/Applications(appId='${appId}')`])
      expect((await graph.get(path)).body.appId).toBe(appId);
    expect(await graph.refusal(graph.get(`/applications/${appId}`))).toEqual([
      404,
      'Request_ResourceNotFound',
      `Resource '${appId}' does not exist or one of its queried reference-property objects are not present.`,
    ]);
  });

  it('is changed by what is sent alone: lists and complex values are replaced, the rest stays', async () => {
    covers('entra', 'Graph 1.1 Create', 'PATCH /applications/{key}: 204; what is left out keeps its value');
    const { id } = await create({ tags: ['a', 'b'], notes: 'kept', requiredResourceAccess: RESOURCE_ACCESS });
    const { status, headers } = await graph.patch(`/applications/${id}`, { tags: ['c'], requiredResourceAccess: [] });
    expect([status, headers.get('content-type')]).toEqual([204, null]);
    const { body } = await graph.get(`/applications/${id}`);
    expect([body.tags, body.notes, body.requiredResourceAccess]).toEqual([['c'], 'kept', []]);
  });

  it('is made or found by its unique name', async () => {
    covers('entra', 'Graph 1.2 Idempotence', "PATCH /applications(uniqueName='…') with Prefer: create-if-missing");
    const path = "/applications(uniqueName='isthmus-contoso')";
    const upsert = (headers = {}) => graph.patch(path, { displayName: 'Isthmus' }, headers);
    expect((await upsert()).status).toBe(404);
    const made = await upsert({ prefer: 'create-if-missing' });
    expect([made.status, made.body.uniqueName]).toEqual([201, 'isthmus-contoso']);
    expect((await upsert({ prefer: 'create-if-missing' })).status).toBe(204);
    expect((await graph.get(path)).body.id).toBe(made.body.id);
  });

  it.each([
    [{ displayName: undefined }, "A value is required for property 'displayName' of resource 'Application'."],
    [{ appId: DYNAMICS }, "Property 'appId' is read-only and cannot be set."],
    [{ dispalyName: 'x' }, "Invalid property 'dispalyName'."],
    [{ tags: 'x' }, "Invalid value 'x' specified for property 'tags' of resource."],
    [{ web: { redirectUri: 'x' } }, "Invalid property 'redirectUri'."],
    [{ signInAudience: 'Everybody' }, "Invalid value 'Everybody' specified for property 'signInAudience' of resource."],
    [{ passwordCredentials: [{}] }, 'Password credentials can only be added with addPassword.'],
    [
      { requiredResourceAccess: [{ resourceAppId: DYNAMICS }] },
      "Invalid value specified for property 'requiredResourceAccess' of resource 'Application'.",
    ],
  ])('is refused with %j', async (properties, message) => {
    covers('entra', 'Graph 1.4 Errors', 'unknown, read-only, missing and ill-typed properties: 400 Request_BadRequest');
    const answer = graph.post('/applications', { displayName: 'x', ...properties });
    expect((await graph.refusal(answer)).slice(0, 3)).toEqual([400, 'Request_BadRequest', message]);
  });

  it('shares its identifier URIs with no other', async () => {
    covers('entra', 'Graph 1.4 Errors', 'identifierUris taken: 400 with detail ObjectConflict');
    await create({ identifierUris: ['api://one'] });
    const { id } = await create();
    expect(await graph.refusal(graph.patch(`/applications/${id}`, { identifierUris: ['api://one'] }))).toEqual([
      400,
      'Request_BadRequest',
      'Another object with the same value for property identifierUris already exists.',
      'ObjectConflict',
    ]);
  });

  it('is owned by who made it, and by whom it is given to', async () => {
    covers('entra', 'Graph 8 Full', 'owners: list, $expand=owners, add and remove by $ref');
    const { id } = await create();
    const user = '44444444-4444-4444-4444-444444444444';
    const owners = async () => (await graph.list(`/applications/${id}/owners`)).map(({ displayName }) => displayName);
    expect(await owners()).toEqual(['Administration']);
    const reference = { '@odata.id': `${entra.url}/v1.0/directoryObjects/${user}` };
    expect((await graph.post(`/applications/${id}/owners/$ref`, reference)).status).toBe(204);
    expect(await owners()).toEqual(['Administration', 'CRM User']);
    expect((await graph.post(`/applications/${id}/owners/$ref`, reference)).status).toBe(400);
    expect((await graph.delete(`/applications/${id}/owners/${user}/$ref`)).status).toBe(204);
    expect((await graph.get(`/applications/${id}?$expand=owners`)).body.owners).toMatchObject([
      { '@odata.type': '#microsoft.graph.servicePrincipal', displayName: 'Administration' },
    ]);
  });
});

describe('a deleted application', () => {
  it('takes its service principal along, and both come back', async () => {
    covers('entra', 'Graph 1.5 Undo', 'DELETE /applications/{key}, with its service principal and grants');
    covers('entra', 'Graph 1.5 Undo', 'POST /directory/deletedItems/{id}/restore');
    covers(
      'entra',
      'Graph 1.5 Undo',
      'GET /directory/deletedItems/microsoft.graph.{application, servicePrincipal, user}',
    );
    const { id, appId } = await create();
    await graph.post('/servicePrincipals', { appId });
    expect((await graph.delete(`/applications/${id}`)).status).toBe(204);
    expect((await graph.get(`/servicePrincipals(appId='${appId}')`)).status).toBe(404);
    const [deleted] = await graph.list('/directory/deletedItems/microsoft.graph.application');
    expect(deleted).toMatchObject({ id, appId, deletedDateTime: expect.stringMatching(/Z$/) });
    const restored = await graph.post(`/directory/deletedItems/${id}/restore`);
    expect([restored.status, restored.body.deletedDateTime]).toEqual([200, null]);
    expect((await graph.get(`/servicePrincipals(appId='${appId}')`)).status).toBe(200);
  });

  it('is gone for good when purged, and after 30 days', async () => {
    covers('entra', 'Graph 1.5 Undo', 'DELETE /directory/deletedItems/{id}, and the end after 30 days');
    const [first, second] = [await create(), await create()];
    for (const { id } of [first, second]) await graph.delete(`/applications/${id}`);
    expect((await graph.delete(`/directory/deletedItems/${first.id}`)).status).toBe(204);
    expect((await graph.post(`/directory/deletedItems/${first.id}/restore`)).status).toBe(404);
    entra.clock.advance(31 * 24 * 3600);
    expect(await graph.list('/directory/deletedItems/microsoft.graph.application')).toEqual([]);
  });
});

describe('a new application on a replica that lags', () => {
  it('is not found by its id, in lists, or by what refers to it, and then it is', async () => {
    covers('entra', 'Graph 7.6 Replication', 'replicationMs: a fresh object is invisible, as a reference too');
    const slow = await createEntraMock({ replicationMs: 5000 });
    const client = new GraphClient(slow);
    slow.clock.advance(60);
    const { id, appId } = (await client.post('/applications', { displayName: 'fresh' })).body;
    expect((await client.get(`/applications/${id}`)).status).toBe(404);
    expect(await client.list("/applications?$filter=displayName eq 'fresh'")).toEqual([]);
    expect(await client.refusal(client.post('/servicePrincipals', { appId }))).toContain('NoBackingApplicationObject');
    slow.clock.advance(5);
    expect((await client.get(`/applications/${id}`)).status).toBe(200);
    await slow.close();
  });
});
