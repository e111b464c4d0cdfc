import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Program, startProgram } from '../examples/demo/program.js';
import { send } from '../examples/demo/send.js';
import { createFloor } from './floor.js';
import { type Comparison, compareRates } from './measure.js';

const PORTS = { gateway: 14_000, mocks: 14_010 };
const GATEWAY = `http://127.0.0.1:${PORTS.gateway}/graphql`;
const DYNAMICS = `http://127.0.0.1:${PORTS.mocks}`;
const ENTRA = `http://127.0.0.1:${PORTS.mocks + 1}`;
const CAMPAIGN = `http://127.0.0.1:${PORTS.mocks + 10}`;
const CONTACTS = 5_000;

const LIST = `{ unified { contacts(first: 100) { nodes {
  dynamics { fullname emailaddress1 jobtitle }
  campaign { email firstName lastName } } } } }`;

/** Starts mocks and gateway as processes of their own, measures, and prints what came out. */
async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'isthmus-bench-'));
  const programs: Program[] = [];
  try {
    programs.push(await startProgram('mocks', mocksCommand(), {}));
    programs.push(await startProgram('gateway', ['dist/src/main.js'], settings(folder)));
    await setUp();
    await report();
  } finally {
    for (const program of programs.toReversed()) await program.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function mocksCommand(): string[] {
  return ['dist/mocks/main.js', '--port', String(PORTS.mocks), '--contacts', String(CONTACTS)];
}

function settings(folder: string): Record<string, string> {
  return {
    PORT: String(PORTS.gateway),
    HOST: '127.0.0.1',
    DATABASE_URL: '',
    DATA_DIR: folder,
    CAMPAIGN_URL: CAMPAIGN,
    CAMPAIGN_USER: 'admin',
    CAMPAIGN_PASSWORD: 'admin',
    ENTRA_AUTHORITY: ENTRA,
    AUTH: 'none',
    LOG_LEVEL: 'error',
    NODE_ENV: 'production',
  };
}

async function setUp(): Promise<void> {
  for (const file of ['01-create-external-account', '04-map-tables', '06-create-workflows']) {
    const text = await readFile(`examples/${file}.graphql`, 'utf8');
    await send(GATEWAY, text.replaceAll('http://127.0.0.1:4010', DYNAMICS));
  }
}

async function report(): Promise<void> {
  const first = await importContacts();
  const again = await importContacts();
  print(
    `import of ${CONTACTS} new contacts`,
    `${Math.round(first.read / first.seconds)} records/s (${first.created} created)`,
  );
  print(`the same again, unchanged`, `${again.read} read since the last run, ${again.unchanged} unchanged`);
  const floor = await createFloor({ dynamics: DYNAMICS, entra: ENTRA, campaign: CAMPAIGN });
  const unified = () => send(GATEWAY, LIST);
  for (const connections of [1, 8]) {
    const result = await compareRates({ floor, subject: unified, connections });
    print(`unified list of 100 contacts, ${connections} connections`, describe(result));
  }
}

interface ImportResult {
  readonly read: number;
  readonly created: number;
  readonly unchanged: number;
  readonly seconds: number;
}

async function importContacts(): Promise<ImportResult> {
  const start = performance.now();
  const { data } = await send(GATEWAY, 'mutation { startWorkflow(name: "importContacts") { id } }');
  const { id } = data.startWorkflow as { id: string }; // what the mutation asks for
  for (;;) {
    const answer = await send(GATEWAY, `{ run(id: "${id}") { status read created unchanged error { message } } }`);
    const run = answer.data.run as Omit<ImportResult, 'seconds'> & { status: string }; // what the query asks for
    if (run.status === 'SUCCEEDED') return { ...run, seconds: (performance.now() - start) / 1000 };
    if (run.status === 'FAILED') throw new Error(`The import failed: ${JSON.stringify(run)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function describe({ subject, floor, ratio }: Comparison): string {
  return `${ratio.toFixed(2)} of hand-written calls (${subject.toFixed(0)}/s against ${floor.toFixed(0)}/s, medians)`;
}

function print(what: string, result: string): void {
  process.stdout.write(`${what.padEnd(48)} ${result}\n`);
}

await main();
