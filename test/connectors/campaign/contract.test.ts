import { createCampaignMock } from '../../../mocks/campaign/server.js';
import { createCampaignConnector } from '../../../src/connectors/campaign/create-campaign-connector.js';
import { WriteWatch } from '../../../src/connectors/write-watch.js';
import { describeConnectorContract } from '../contract.js';

describeConnectorContract('the Campaign connector', async () => {
  const mock = await createCampaignMock();
  const writes = new WriteWatch();
  const connector = createCampaignConnector({ url: mock.url, user: 'admin', password: 'admin', writes });
  const [description] = await connector.introspect(['nms:recipient']);
  if (!description) throw new Error('Expected the mock to know nms:recipient.');
  return {
    connector,
    writes,
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
