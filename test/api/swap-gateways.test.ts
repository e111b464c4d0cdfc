import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type App, startApp } from '../../src/app.js';
import { createLogger } from '../../src/log.js';
import { createStorage, type Database } from '../../src/storage/create-storage.js';
import { createDatabase, TEST_SECRET_KEY } from '../support/database.js';
import { testConfig } from '../support/gateway.js';
import {
  KEPT,
  mapAccounts,
  mapContacts,
  mapLeads,
  post,
  SHAPES,
  unmapLeads,
  WHIMS,
  WHIMSICAL,
} from '../support/mapping-changes.js';
import { type Mocks, startMocks } from '../support/mocks.js';

/** Taking away a column, then a table, then adding both again. */
const STEPS = [mapContacts(KEPT), unmapLeads(), mapContacts([...KEPT, WHIMS]), mapLeads()];
const LANES = 6;

describe.runIf(process.env.TEST_DATABASE_URL)('two gateways on one PostgreSQL', () => {
  let mocks: Mocks;
  let drop: () => Promise<void>;
  const databases: Database[] = [];
  const apps: App[] = [];

  beforeAll(async () => {
    mocks = await startMocks({ contacts: 20 });
    const created = await createDatabase(process.env.TEST_DATABASE_URL ?? '');
    drop = created.drop;
    for (const _ of ['one', 'other']) {
      const { database, app } = await start(created.url);
      databases.push(database);
      apps.push(app);
    }
  }, 60_000);
  afterAll(async () => {
    for (const app of apps) await app.close();
    for (const database of databases) await database.close();
    await drop?.();
    await mocks?.close();
  });

  it('fail no query of what stays while one of them changes the mappings', async () => {
    const [one = '', other = ''] = apps.map(({ gateway }) => gateway.url);
    await change(one, account(mocks.dynamics.url));
    for (const step of [mapAccounts(), mapContacts([...KEPT, WHIMS]), mapLeads()]) await change(one, step);
    await until(async () => WHIMSICAL.judge(await post(other, WHIMSICAL.query)) === 'answered');
    await until(async () => (await post(other, '{ unified { leads(first: 1) { nodes { id } } } }')).body.data);
    for (const path of ['xtk:persist#Write', 'xtk:builder'])
      mocks.campaign.addFault({ match: { path }, times: 1_000, delayMs: 100 });

    let isOver = false;
    let asked = 0;
    const wrong = new Map<string, unknown>();
    const seen = new Set<string>();
    async function lane(): Promise<void> {
      while (!isOver) {
        const [name, shape] = SHAPES[asked++ % SHAPES.length] ?? ['', WHIMSICAL];
        // Sessions end at any time, and the next one sees Campaign as it is by then.
        if (asked % 60 === 0)
          mocks.campaign.addFault({ match: { path: 'xtk:queryDef' }, code: 'XSV-350008', message: 'Expired.' });
        const answer = await post(other, shape.query);
        const outcome = shape.judge(answer);
        seen.add(`${name}: ${outcome}`);
        if (outcome === null) wrong.set(name, answer.body);
      }
    }
    async function changes(): Promise<void> {
      try {
        for (const step of STEPS) await change(one, step);
      } finally {
        isOver = true;
      }
    }
    await Promise.all([changes(), ...Array.from({ length: LANES }, lane)]);
    expect([...wrong]).toEqual([]);
    expect([...seen]).toEqual(
      expect.arrayContaining([
        'the state and the drift: answered',
        'the column that comes and goes: not there',
        'leads: not there',
      ]),
    );
  }, 180_000);

  async function start(url: string): Promise<{ readonly database: Database; readonly app: App }> {
    const log = createLogger('silent');
    const config = testConfig(mocks, { DATABASE_URL: url, SECRET_KEY: TEST_SECRET_KEY.toString('base64') });
    const database = await createStorage({ databaseUrl: url, dataDir: ':memory:', secretKey: TEST_SECRET_KEY, log });
    return { database, app: await startApp({ config, database, log }) };
  }
});

function account(server: string): string {
  return `mutation { createExternalAccount(input: {
    name: "dynamicsCRM", server: "${server}", oauthType: CLIENT_SECRET, clientSecret: "mock-secret",
    tenantId: "11111111-1111-1111-1111-111111111111", clientId: "22222222-2222-2222-2222-222222222222"
  }) { name } }`;
}

async function change(url: string, mutation: string): Promise<void> {
  const { body } = await post(url, mutation);
  if (body.errors) throw new Error(JSON.stringify(body.errors));
}

async function until(isSo: () => Promise<unknown>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 200));
}
