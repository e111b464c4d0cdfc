import { afterEach, describe, expect, it } from 'vitest';
import { readFixture } from '../../../../mocks/entra/directory.js';
import { createEntraMock, type EntraMock } from '../../../../mocks/entra/server.js';
import type { MicrosoftGraph } from '../../../../src/connectors/dynamics/dynamics-set-up.js';
import { createMicrosoftGraph } from '../../../../src/connectors/dynamics/graph/create-microsoft-graph.js';
import { RecentlyMade } from '../../../../src/connectors/dynamics/graph/recently-made.js';
import { openLocalServer } from '../local-server.js';

const CONTENT = {
  ...{ name: 'adobecampaigntest', homePageUrl: 'http://localhost', redirectUris: ['http://localhost'] },
  ...{ allowsPublicClients: false, requiredAccess: [] },
};

describe('Microsoft Graph', () => {
  let entra: EntraMock;
  let graph: MicrosoftGraph;
  afterEach(async () => {
    await graph.close();
    await entra?.close();
  });

  async function open(replicationMs = 0, patience = { firstMs: 40, totalMs: 3_000 }): Promise<void> {
    entra = await createEntraMock({ replicationMs });
    const token = await entra.administratorToken();
    graph = createMicrosoftGraph({ graphUrl: entra.url, token, recent: new RecentlyMade(patience), tenantId: null });
  }

  it('is waited for where a new object has not reached every replica', async () => {
    await open(250);
    const { objectId, clientId } = await graph.createApplication(CONTENT);
    const principal = await graph.createServicePrincipal(clientId);
    await graph.updateApplication(objectId, { allowsPublicClients: true });
    expect(await graph.findApplication(clientId)).toMatchObject({ allowsPublicClients: true });
    expect(principal.clientId).toBe(clientId);
  });

  it('is not waited for where an object is missing that it did not make', async () => {
    await open(0, { firstMs: 60_000, totalMs: 120_000 });
    expect(await graph.findApplication('99999999-9999-9999-9999-999999999999')).toBeNull();
    expect(await graph.findUser('nobody@contoso.example')).toBeNull();
  });

  it('keeps the certificates that are there when one is added', async () => {
    await open();
    const { objectId } = await graph.createApplication(CONTENT);
    const key = Buffer.from(readFixture('certificate.pem')).toString('base64');
    const credential = {
      ...{ keyId: 'aaaaaaaa-0000-4000-8000-000000000001', customKeyIdentifier: null, key, displayName: 'one' },
      ...{ type: 'AsymmetricX509Cert', usage: 'Verify' },
      ...{ startsOn: '2025-01-01T00:00:00Z', expiresOn: new Date(Date.now() + 86_400_000).toISOString() },
    };
    const [first] = await graph.replaceCertificates(objectId, [credential]);
    if (!first) throw new Error('Expected the certificate to be uploaded.');
    const other = { ...credential, keyId: 'aaaaaaaa-0000-4000-8000-000000000002' };
    const held = await graph.replaceCertificates(objectId, [first, other]);
    expect(held.map(({ keyId }) => keyId)).toEqual([credential.keyId, other.keyId]);
  });

  it('finds names with quotes, and lists more than a page', async () => {
    await open();
    for (let count = 0; count < 3; count++) await graph.createApplication({ ...CONTENT, name: "O'Brien & #1" });
    expect(await graph.findApplicationsNamed("O'Brien & #1")).toHaveLength(3);
  });

  it('keeps the token at home when a link leads elsewhere', async () => {
    await open();
    const elsewhere = await openLocalServer(() => ({ body: { value: [] } }));
    const pages = await openLocalServer(({ target }) =>
      target.includes('skiptoken')
        ? { body: { value: [] } }
        : { body: { value: [], '@odata.nextLink': `${elsewhere.url}/v1.0/applications?$skiptoken=x` } },
    );
    const recent = new RecentlyMade();
    const other = createMicrosoftGraph({ graphUrl: pages.url, token: 'token', recent, tenantId: null });
    expect(await other.findApplicationsNamed('x')).toEqual([]);
    await Promise.all([other.close(), pages.close(), elsewhere.close()]);
    expect([pages.requests.length, elsewhere.requests.length]).toEqual([2, 0]);
  });
});
