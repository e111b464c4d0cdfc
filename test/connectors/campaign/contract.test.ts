import { createCampaignMock } from '../../../mocks/campaign/server.js';
import { createCampaignConnector } from '../../../src/connectors/campaign/create-campaign-connector.js';
import { describeConnectorContract } from '../contract.js';

describeConnectorContract('the Campaign connector', async () => {
  const mock = await createCampaignMock();
  const connector = createCampaignConnector({ url: mock.url, user: 'admin', password: 'admin' });
  const [description] = await connector.introspect(['nms:recipient']);
  if (!description) throw new Error('Expected the mock to know nms:recipient.');
  return {
    connector,
    description,
    name: 'nms:recipient',
    nameOf: (schema) => schema.name,
    id: 'id',
    text: 'lastName',
    key: 'email',
    newRecord: { email: 'ada@contoso.example', lastName: 'Lovelace' },
    addFault: mock.addFault,
    clearFaults: mock.clearFaults,
    requests: () => mock.requests().length,
    close: async () => {
      await connector.close();
      await mock.close();
    },
  };
});
