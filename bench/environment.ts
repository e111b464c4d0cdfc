import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Program, startProgram } from '../examples/demo/program.js';
import { send } from '../examples/demo/send.js';

const PORTS = { gateway: 14_000, floor: 14_001, control: 14_002, apollo: 14_003, mocks: 14_010 };

export type Server = 'gateway' | 'floor' | 'control' | 'apollo';

/** The mocks, the gateway and what it is held against, each a process of its own. */
export interface Environment {
  readonly gateway: string;
  /** Where a server answers. */
  url(server: Server): string;
  pid(server: Server): number;
  /** Lets the mocks wait before each answer from now on. */
  setDelay(milliseconds: number): Promise<void>;
  close(): Promise<void>;
}

const MOCKS = {
  dynamics: `http://127.0.0.1:${PORTS.mocks}`,
  entra: `http://127.0.0.1:${PORTS.mocks + 1}`,
  campaign: `http://127.0.0.1:${PORTS.mocks + 10}`,
} as const;

/** Starts mocks with so many contacts and a gateway that is set up but has imported nothing. */
export async function startEnvironment({ contacts }: { readonly contacts: number }): Promise<Environment> {
  const folder = await mkdtemp(join(tmpdir(), 'isthmus-bench-'));
  const programs = new Map<string, Program>();

  async function close(): Promise<void> {
    for (const program of [...programs.values()].toReversed()) await program.stop();
    await rm(folder, { recursive: true, force: true });
  }

  async function start(name: string, command: readonly string[], settings: Record<string, string>): Promise<void> {
    programs.set(name, await startProgram(name, command, settings));
  }

  try {
    await start('mocks', ['dist/mocks/main.js', '--port', `${PORTS.mocks}`, '--contacts', `${contacts}`], {});
    await start('gateway', ['dist/src/main.js'], gatewaySettings(folder));
    const gateway = `http://127.0.0.1:${PORTS.gateway}/graphql`;
    for (const file of ['01-create-external-account', '04-map-tables', '06-create-workflows']) {
      const text = await readFile(`examples/${file}.graphql`, 'utf8');
      await send(gateway, text.replaceAll('http://127.0.0.1:4010', MOCKS.dynamics));
    }
    // After the mapping: a session of Campaign knows the schemas that were there when it began.
    for (const name of ['floor', 'control', 'apollo'] as const) {
      const file = name === 'control' ? 'floor' : name;
      await start(name, [`dist/bench/contestants/${file}.js`], contestantSettings(PORTS[name]));
    }
    return {
      gateway,
      url: (server) => `http://127.0.0.1:${PORTS[server]}/graphql`,
      pid: (server) => programs.get(server)?.pid ?? 0,
      setDelay,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** On PostgreSQL where `BENCH_DATABASE_URL` names one, else on the embedded database. */
function gatewaySettings(folder: string): Record<string, string> {
  const database = process.env.BENCH_DATABASE_URL ?? '';
  return {
    PORT: `${PORTS.gateway}`,
    HOST: '127.0.0.1',
    DATABASE_URL: database,
    SECRET_KEY: database === '' ? '' : Buffer.alloc(32, 1).toString('base64'),
    DATA_DIR: folder,
    CAMPAIGN_URL: MOCKS.campaign,
    CAMPAIGN_USER: 'admin',
    CAMPAIGN_PASSWORD: 'admin',
    ENTRA_AUTHORITY: MOCKS.entra,
    AUTH: 'none',
    LOG_LEVEL: 'error',
    NODE_ENV: 'production',
  };
}

function contestantSettings(port: number): Record<string, string> {
  return {
    PORT: `${port}`,
    BENCH_DYNAMICS: MOCKS.dynamics,
    BENCH_ENTRA: MOCKS.entra,
    BENCH_CAMPAIGN: MOCKS.campaign,
    NODE_ENV: 'production',
  };
}

async function setDelay(milliseconds: number): Promise<void> {
  for (const url of [MOCKS.dynamics, MOCKS.campaign]) {
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
