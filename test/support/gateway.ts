import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import request from 'supertest';
import { type App, startApp } from '../../src/app.js';
import { type Config, readConfig } from '../../src/config.js';
import { createLogger } from '../../src/log.js';
import type { Database } from '../../src/storage/create-storage.js';
import { openTestDatabase } from './database.js';
import { type Mocks, startMocks } from './mocks.js';

/** The body of an answer; tests look into it as they asked for it. */
// biome-ignore lint/suspicious/noExplicitAny: what is in an answer depends on the query, and a test says so by reading it
export type Data = Record<string, any>;

export interface Answer {
  readonly status: number;
  readonly data: Data;
  readonly errors: readonly {
    readonly message: string;
    readonly path?: readonly unknown[];
    readonly extensions: Data;
  }[];
}

export interface TestGateway {
  readonly mocks: Mocks;
  readonly app: App;
  readonly database: Database;
  /** Sends an operation and gives back what came, errors or not. */
  send(query: string, variables?: Data): Promise<Answer>;
  /** Sends an operation that must succeed. */
  ask(query: string, variables?: Data): Promise<Data>;
  /** Sends a file of `examples/`, with the addresses of these mocks in it. */
  example(file: string): Promise<Data>;
  /** Stops the gateway and starts it again on the same database. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export interface TestGatewayOptions {
  readonly contacts?: number;
  readonly settings?: Readonly<Record<string, string>>;
}

/** Starts the gateway in this process, on a database of its own and mocks of its own. */
export async function startGateway(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const mocks = await startMocks(options);
  const { database, close } = await openTestDatabase();
  const config = testConfig(mocks, options.settings ?? {});
  const log = createLogger('error');
  let app = await startApp({ config, database, log });

  async function send(query: string, variables?: Data): Promise<Answer> {
    const response = await request(app.gateway.url).post('/graphql').send({ query, variables });
    return { status: response.status, data: response.body.data, errors: response.body.errors ?? [] };
  }

  async function ask(query: string, variables?: Data): Promise<Data> {
    const { data, errors } = await send(query, variables);
    if (errors.length > 0)
      throw new Error(errors.map((error) => `${error.extensions.code}: ${error.message}`).join('\n'));
    return data;
  }

  return {
    mocks,
    database,
    send,
    ask,
    get app() {
      return app;
    },
    example: (file) =>
      ask(readFileSync(`examples/${file}`, 'utf8').replaceAll('http://127.0.0.1:4010', mocks.dynamics.url)),
    async restart() {
      await app.close();
      app = await startApp({ config, database, log });
    },
    async close() {
      await app.close();
      await close();
      await mocks.close();
    },
  };
}

/** What a gateway on the mocks is started with. */
export function testConfig(mocks: Mocks, settings: Readonly<Record<string, string>>): Config {
  return readConfig({
    PORT: '0',
    DATA_DIR: ':memory:',
    CAMPAIGN_URL: mocks.campaign.url,
    CAMPAIGN_USER: 'admin',
    CAMPAIGN_PASSWORD: 'admin',
    ENTRA_AUTHORITY: mocks.entra.url,
    GRAPH_URL: mocks.entra.url,
    LOG_LEVEL: 'silent',
    // Journals hold what a test has asked for, and nothing beside it.
    METADATA_CHECK_SECONDS: '0',
    ...settings,
  });
}

/** Carries out the set-up of `examples/` as far as the workflows. */
export async function setUp(gateway: TestGateway): Promise<void> {
  for (const file of SET_UP) await gateway.example(file);
}

export const SET_UP = [
  '01-create-external-account.graphql',
  '02-test-external-account.graphql',
  '03-look-around.graphql',
  '04-map-tables.graphql',
  '05-synchronize-enumerations.graphql',
  '06-create-workflows.graphql',
] as const;

/** Starts a workflow and waits until its run has ended. */
export async function runToEnd(gateway: TestGateway, workflow: string): Promise<Data> {
  const { startWorkflow } = await gateway.ask(`mutation { startWorkflow(name: ${JSON.stringify(workflow)}) { id } }`);
  for (;;) {
    const { run } = await gateway.ask(
      `{ run(id: "${startWorkflow.id}") { id status read created updated unchanged rejected error { code message } } }`,
    );
    if (!['QUEUED', 'RUNNING'].includes(run.status)) return run;
    await delay(50);
  }
}
