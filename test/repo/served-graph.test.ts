import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runToEnd, setUp, startGateway, type TestGateway } from '../support/gateway.js';

describe('after the set-up of examples/', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway({ contacts: 10 });
    await setUp(gateway);
    await runToEnd(gateway, 'importContacts');
  });
  afterAll(() => gateway.close());

  // "npm run schema" runs this test with -u, which writes the file anew.
  it('the gateway serves what schema.graphql holds', async () => {
    const response = await fetch(`${gateway.app.gateway.url}/schema.graphql`);
    await expect(await response.text()).toMatchFileSnapshot('../../schema.graphql');
  });

  it("the README's first query gets its answer, sent as the README sends it", async () => {
    const query = /--data-binary '([^']+)'/.exec(readFileSync('README.md', 'utf8'))?.[1] ?? '';
    const response = await fetch(`${gateway.app.gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/graphql' },
      body: query,
    });
    const { data } = (await response.json()) as { data: { unified: { contacts: { nodes: unknown[] } } } };
    expect(data.unified.contacts.nodes).toHaveLength(2);
    expect(data.unified.contacts.nodes[0]).toMatchObject({
      syncState: 'IN_SYNC',
      dynamics: { fullname: expect.any(String) },
      campaign: { id: expect.any(String) },
    });
  });
});
