import { createServer } from 'node:http';
import { join } from 'node:path';
import core from '@sap-ux/fe-mockserver-core';

/*
 * Serves the folder given as argument (metadata.xml, accounts.json, contacts.json) as an OData service at /service, and tells its port
 * to the process that forked it.
 */
const folder = process.argv[2] ?? '';
// A CommonJS module: its default export is a member of what an import gives.
const mock = new core.default({
  services: [
    { urlPath: '/service', metadataPath: join(folder, 'metadata.xml'), mockdataPath: folder, generateMockData: false },
  ],
});
await mock.isReady;
const router = mock.getRouter();
const server = createServer((request, response) => {
  router(request, response, () => response.writeHead(404).end());
});
server.listen(0, '127.0.0.1', () => process.send?.({ url: `http://127.0.0.1:${server.address().port}/service/` }));
