import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Program, startProgram } from '../examples/demo/program.js';
import { send } from '../examples/demo/send.js';
import { createDatabase } from './database.js';

/** The servers that are asked; `mesh` and `mesh-plain` where they were started. */
export type Server = 'gateway' | 'floor' | 'control' | 'apollo' | 'mesh' | 'mesh-plain';

/** Where the mocks answer. */
export interface MockUrls {
  readonly dynamics: string;
  readonly entra: string;
  readonly campaign: string;
}

/** The mocks, the gateway and what it is held against, each a process of its own on a free port. */
export interface Environment {
  readonly mocks: MockUrls;
  /** Where the gateway answers. */
  readonly gateway: string;
  has(server: Server): boolean;
  port(server: Server): number;
  pid(server: Server): number;
  /** Starts a further server, which says that it is ready. */
  start(server: Server, command: readonly string[], settings: Record<string, string>): Promise<void>;
  /** Stops the gateway and starts it anew on the data that it has, with these flags of Node's and these settings beside those of `npm start`. */
  restartGateway(flags: readonly string[], settings?: Readonly<Record<string, string>>): Promise<void>;
  /** Lets the mocks wait before each answer from now on. */
  setDelay(milliseconds: number): Promise<void>;
  close(): Promise<void>;
}

export interface EnvironmentOptions {
  readonly contacts: number;
  /** Starts the hand-written contestants too. */
  readonly contestants: boolean;
  /** A file of further tables for the Dynamics mock. */
  readonly tables?: string;
}

/** Starts mocks with so many contacts and a gateway that is set up but has imported nothing. */
export async function startEnvironment({ contacts, contestants, tables }: EnvironmentOptions): Promise<Environment> {
  const database = await createDatabase(process.env.BENCH_DATABASE_URL);
  const folder = await mkdtemp(join(tmpdir(), 'isthmus-bench-'));
  const programs = new Map<Server | 'mocks', Program>();
  const ports = new Map<Server, number>();
  const mocksPort = await freePorts([0, 1, 10]);
  const mocks: MockUrls = {
    dynamics: `http://127.0.0.1:${mocksPort}`,
    entra: `http://127.0.0.1:${mocksPort + 1}`,
    campaign: `http://127.0.0.1:${mocksPort + 10}`,
  };

  async function close(): Promise<void> {
    for (const program of [...programs.values()].toReversed()) await program.stop();
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  }

  async function start(server: Server, command: readonly string[], settings: Record<string, string>): Promise<void> {
    const port = ports.get(server) ?? (await freePorts([0]));
    ports.set(server, port);
    programs.set(server, await startProgram(server, command, { ...settings, PORT: `${port}`, NODE_ENV: 'production' }));
  }

  const startGateway = (flags: readonly string[] = [], further: Readonly<Record<string, string>> = {}) =>
    start('gateway', [...startFlags(), ...flags, 'dist/src/main.js'], {
      ...gatewaySettings({ folder, database: database.url, mocks }),
      ...further,
    });

  const environment = {
    mocks,
    has: (server: Server) => programs.has(server),
    port: (server: Server) => known(ports.get(server), server),
    pid: (server: Server) => known(programs.get(server), server).pid,
    start,
    async restartGateway(flags: readonly string[], further?: Readonly<Record<string, string>>) {
      await programs.get('gateway')?.stop();
      await startGateway(flags, further);
    },
    setDelay: (milliseconds: number) => setDelay(mocks, milliseconds),
    close,
  };

  try {
    const flags = ['--port', `${mocksPort}`, '--contacts', `${contacts}`, '--keys-as-segments'];
    if (tables !== undefined) flags.push('--tables', tables);
    programs.set('mocks', await startProgram('mocks', ['dist/mocks/main.js', ...flags], {}));
    await startGateway();
    const gateway = `http://127.0.0.1:${environment.port('gateway')}/graphql`;
    for (const file of ['01-create-external-account', '04-map-tables', '06-create-workflows']) {
      const text = await readFile(`examples/${file}.graphql`, 'utf8');
      await send(gateway, text.replaceAll('http://127.0.0.1:4010', mocks.dynamics));
    }
    // After the mapping: a session of Campaign knows the schemas that were there when it began.
    for (const name of contestants ? (['floor', 'control', 'apollo'] as const) : []) {
      const file = name === 'control' ? 'floor' : name;
      await start(name, [`dist/bench/contestants/${file}.js`], contestantSettings(mocks));
    }
    return { ...environment, gateway };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The flags of Node's that `npm start` gives the gateway. */
function startFlags(): readonly string[] {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: { start: string } }; // npm reads it likewise
  const [, flags] = /\bnode ((?:--\S+ )*)dist\/src\/main\.js$/.exec(scripts.start) ?? [];
  if (flags === undefined)
    throw new Error(`Expected npm start to end in "node … dist/src/main.js", not "${scripts.start}".`);
  return flags.split(' ').filter((flag) => flag !== '');
}

function known<Value>(value: Value | undefined, server: Server): Value {
  if (value === undefined) throw new Error(`Expected ${server} to have been started.`);
  return value;
}

interface GatewayParts {
  readonly folder: string;
  /** Of PostgreSQL; empty for the embedded database. */
  readonly database: string;
  readonly mocks: MockUrls;
}

function gatewaySettings({ folder, database, mocks }: GatewayParts): Record<string, string> {
  return {
    HOST: '127.0.0.1',
    DATABASE_URL: database,
    SECRET_KEY: database === '' ? '' : Buffer.alloc(32, 1).toString('base64'),
    DATA_DIR: folder,
    CAMPAIGN_URL: mocks.campaign,
    CAMPAIGN_USER: 'admin',
    CAMPAIGN_PASSWORD: 'admin',
    ENTRA_AUTHORITY: mocks.entra,
    AUTH: 'none',
    LOG_LEVEL: 'error',
  };
}

function contestantSettings(mocks: MockUrls): Record<string, string> {
  return { BENCH_DYNAMICS: mocks.dynamics, BENCH_ENTRA: mocks.entra, BENCH_CAMPAIGN: mocks.campaign };
}

async function setDelay({ dynamics, campaign }: MockUrls, milliseconds: number): Promise<void> {
  for (const url of [dynamics, campaign]) {
    await fetch(`${url}/_mock/faults`, { method: 'DELETE' });
    if (milliseconds === 0) continue;
    const response = await fetch(`${url}/_mock/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ times: 100_000_000, delayMs: milliseconds }),
    });
    if (!response.ok) throw new Error(`Expected ${url} to take a delay, but got ${await response.text()}`);
  }
}

const ATTEMPTS = 50;

/** A port that is free together with those that lie so far above it; several benches may run on one machine. */
async function freePorts(offsets: readonly number[]): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const free = await Promise.all(offsets.map((offset) => isFree(port + offset)));
    if (free.every(Boolean)) return port;
  }
  throw new Error('Expected a free port between 20000 and 32010.');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
