import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway.js';

describe('the set-up asks Dynamics for metadata', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway({ contacts: 10 });
    await gateway.example('01-create-external-account.graphql');
  });
  afterAll(() => gateway?.close());
  beforeEach(() => gateway.mocks.clearRequests());

  function metadataRequests(): number {
    const paths = gateway.mocks.dynamics.requests().map(({ path }) => path);
    return paths.filter((path) => /RetrieveMetadataChanges|EntityDefinitions/.test(path)).length;
  }

  it('twice for two tables that are mapped: once for them, once for those that their lookups lead to', async () => {
    await gateway.example('04-map-tables.graphql');
    expect(metadataRequests()).toBe(2);
  });

  it('once where the enumerations of the mapped tables are synchronized', async () => {
    await gateway.example('05-synchronize-enumerations.graphql');
    expect(metadataRequests()).toBe(1);
  });
});
