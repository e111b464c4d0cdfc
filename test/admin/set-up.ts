import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DriftService } from '../../src/admin/drift/drift.service.js';
import { EnumerationsService } from '../../src/admin/enumerations/enumerations.service.js';
import { MappingsService } from '../../src/admin/mappings/mappings.service.js';
import type { CampaignConnector } from '../../src/connectors/campaign/campaign-connector.js';
import { createCampaignConnector } from '../../src/connectors/campaign/create-campaign-connector.js';
import { type Connections, createConnections } from '../../src/connectors/connections.js';
import { createDynamicsConnector } from '../../src/connectors/dynamics/create-dynamics-connector.js';
import type { DynamicsConnector } from '../../src/connectors/dynamics/dynamics-connector.js';
import type { Table } from '../../src/model/table.js';
import type { Storage } from '../../src/storage/storage.js';
import { openTestDatabase } from '../support/database.js';
import { type Mocks, startMocks } from '../support/mocks.js';

export const ACCOUNT = 'dynamicsCRM';

/** The services of the set-up over the mocks, without a gateway. */
export interface SetUp {
  readonly mocks: Mocks;
  readonly storage: Storage;
  readonly connections: Connections;
  readonly mappings: MappingsService;
  readonly enumerations: EnumerationsService;
  readonly drift: DriftService;
  readonly campaign: CampaignConnector;
  /** Has Dynamics describe its tables otherwise from now on. */
  redefine(change: (table: Table) => Table): void;
  /** The same services on connections of their own, which end when `writes` requests that change something were carried out. */
  cutOffAfter(writes: number): Promise<CutOff>;
  close(): Promise<void>;
}

export interface CutOff extends Pick<SetUp, 'mappings' | 'enumerations'> {
  /** Tells whether there was anything left to cut off. */
  isCut(): boolean;
  close(): Promise<void>;
}

export async function openSetUp(): Promise<SetUp> {
  const mocks = await startMocks({ contacts: 5 });
  const { database, close } = await openTestDatabase();
  const { storage } = database;
  await saveAccount(storage, mocks);
  let redefined = (table: Table) => table;
  const remotes = (campaignUrl: string): Remotes => ({ mocks, campaignUrl, redefine: (table) => redefined(table) });
  const parts = createServices(storage, remotes(mocks.campaign.url));
  return {
    mocks,
    storage,
    ...parts,
    campaign: await parts.connections.campaign(),
    redefine(change) {
      redefined = change;
    },
    async cutOffAfter(writes) {
      const proxy = await startGuillotine(mocks.campaign.url, writes);
      const { mappings, enumerations, connections } = createServices(storage, remotes(proxy.url));
      const end = async () => {
        await connections.close();
        await proxy.close();
      };
      return { mappings, enumerations, isCut: proxy.isCut, close: end };
    },
    async close() {
      await parts.connections.close();
      await close();
      await mocks.close();
    },
  };
}

async function saveAccount(storage: Storage, mocks: Mocks): Promise<void> {
  const credentials = { oauthType: 'CLIENT_SECRET', clientSecret: 'mock-secret' } as const;
  const tenantId = '11111111-1111-1111-1111-111111111111';
  const clientId = '22222222-2222-2222-2222-222222222222';
  const account = { name: ACCOUNT, label: 'Contoso', server: mocks.dynamics.url, tenantId, clientId };
  await storage.accounts.save(account, credentials);
}

interface Remotes {
  readonly mocks: Mocks;
  readonly campaignUrl: string;
  readonly redefine: (table: Table) => Table;
}

function createServices(storage: Storage, { mocks, campaignUrl, redefine }: Remotes) {
  const connections = createConnections({
    findConnection: (account) => storage.accounts.connection(account),
    openDynamics: (account) => redefining(createDynamicsConnector({ account, authority: mocks.entra.url }), redefine),
    openCampaign: () => createCampaignConnector({ url: campaignUrl, user: 'admin', password: 'admin' }),
  });
  const mappings = new MappingsService({ storage, connections, onMappingsChanged: ignore, onTakingAway: ignore });
  const enumerations = new EnumerationsService({ storage, connections, mappings });
  const nothing = { graphChanges: async () => [], unknownNames: () => [] };
  const drift = new DriftService({ storage, connections, mappings, enumerations, ...nothing });
  return { connections, mappings, enumerations, drift };
}

async function ignore(): Promise<void> {}

/** The connector, with what it tells of tables changed. */
function redefining(connector: DynamicsConnector, redefine: (table: Table) => Table): DynamicsConnector {
  const introspect: DynamicsConnector['introspect'] = async (names, call) =>
    (await connector.introspect(names, call)).map(redefine);
  return new Proxy(connector, {
    get: (target, name) => {
      if (name === 'introspect') return introspect;
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

/** Passes requests on until so many of them changed something; from then on nothing reaches Campaign, as if our process were gone. */
async function startGuillotine(target: string, writes: number) {
  let left = writes;
  let isCut = false;
  const server = createServer(async (request, response) => {
    if (left <= 0) {
      isCut = true;
      response.writeHead(400).end('The process is gone.');
      return;
    }
    if (/persist(%23|#)Write|builder/.test(request.url ?? '')) left--;
    await forward(target, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port, so that this is its form
  const close = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return { url: `http://127.0.0.1:${port}`, isCut: () => isCut, close };
}

async function forward(target: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const { method = 'GET', headers } = request;
  const kept = Object.entries(headers).filter(([name]) => !['host', 'connection', 'content-length'].includes(name));
  const body = method === 'GET' ? null : Buffer.concat(chunks);
  const answer = await fetch(`${target}${request.url}`, {
    method,
    headers: kept.map(([name, value]) => [name, String(value)] as [string, string]),
    body,
  });
  const cookies = answer.headers.getSetCookie();
  const type = answer.headers.get('content-type');
  response.writeHead(answer.status, {
    ...(type && { 'content-type': type }),
    ...(cookies.length > 0 && { 'set-cookie': cookies }),
  });
  response.end(Buffer.from(await answer.arrayBuffer()));
}
