import { afterAll, beforeAll, expect, it } from 'vitest';
import { setUp, startGateway, type TestGateway } from '../support/gateway.js';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ contacts: 10 });
  await setUp(gateway);
});
afterAll(() => gateway.close());

// "npm run schema" runs this test with --update, which writes the file anew.
it('schema.graphql is what the gateway serves after the set-up of examples/', async () => {
  const response = await fetch(`${gateway.app.gateway.url}/schema.graphql`);
  await expect(await response.text()).toMatchFileSnapshot('../../schema.graphql');
});
