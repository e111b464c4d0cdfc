import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { followRuns } from './demo/follow-runs.js';
import { type Operation, readOperations } from './demo/operations.js';
import { heading, line, printAnswer, printFailure } from './demo/print.js';
import { type Program, startProgram } from './demo/program.js';
import { send } from './demo/send.js';

const GATEWAY = 'http://127.0.0.1:4000';
const DYNAMICS = 'http://127.0.0.1:4010';
const ENTRA = 'http://127.0.0.1:4011';
const CAMPAIGN = 'http://127.0.0.1:4020';
const DATA = '.data';

const HELP = `Usage: npm run demo [-- --once]

Starts the mocks and the gateway, carries out the whole set-up with the operations of examples/, imports, and asks one question
of both systems. Stays up until Ctrl-C; with --once it ends by itself. What it makes is kept in ${DATA}/; remove that folder to begin anew.
`;

/** Runs the demo; its result is the exit code. */
async function main(): Promise<number> {
  const { once, help } = readFlags();
  if (help) {
    process.stdout.write(HELP);
    return 0;
  }
  const programs: Program[] = [];
  const stopped = onSignal();
  try {
    const interrupted = await Promise.race([run(programs).then(() => false), stopped.then(() => true)]);
    if (!once && !interrupted) await untilStopped(programs, stopped);
    return interrupted ? 130 : 0;
  } catch (error) {
    printFailure(error);
    return 1;
  } finally {
    // The gateway first, so that it does not see its remotes go away.
    for (const program of programs.toReversed()) await program.stop();
  }
}

async function run(programs: Program[]): Promise<void> {
  heading('Start');
  await mkdir(`${DATA}/mocks`, { recursive: true });
  assertStateIsWhole();
  programs.push(await startProgram('mocks', ['dist/mocks/main.js', '--state', `${DATA}/mocks`], {}));
  line(`mock Dynamics ${DYNAMICS}, mock Entra ID ${ENTRA}, mock Campaign ${CAMPAIGN}`);
  programs.push(await startProgram('gateway', ['dist/src/main.js'], gatewaySettings()));
  line(`gateway ${GATEWAY}, its database in ${DATA}/`);
  for (const operation of await readOperations()) await carryOut(operation);
  heading('Go on by yourself');
  line(`${GATEWAY}/graphiql        try queries in the browser`);
  line(`${GATEWAY}/schema.graphql  the GraphQL schema as it is now`);
  line(
    `curl -H 'content-type: application/graphql' --data-binary @examples/09-unified-contacts.graphql ${GATEWAY}/graphql`,
  );
}

/** The mocks keep their state when they end in order. Where they were killed, the gateway remembers what they have forgotten. */
function assertStateIsWhole(): void {
  if (!existsSync(`${DATA}/db`) || existsSync(`${DATA}/mocks/campaign.json`)) return;
  throw new Error(
    `The mocks of an earlier demo ended without keeping their state. Remove the folder ${DATA} and begin anew.`,
  );
}

function gatewaySettings(): Record<string, string> {
  return {
    HOST: '127.0.0.1',
    PORT: new URL(GATEWAY).port,
    DATA_DIR: DATA,
    DATABASE_URL: '',
    CAMPAIGN_URL: CAMPAIGN,
    CAMPAIGN_USER: 'admin',
    CAMPAIGN_PASSWORD: 'admin',
    ENTRA_AUTHORITY: ENTRA,
    AUTH: 'none',
    LOG_LEVEL: 'warn',
  };
}

async function carryOut(operation: Operation): Promise<void> {
  heading(operation.title, operation.file);
  const answer = await send(`${GATEWAY}/graphql`, operation.text);
  printAnswer(answer);
  if (operation.name === 'StartWorkflows') await followRuns(`${GATEWAY}/graphql`, answer.data);
}

function readFlags(): { readonly once: boolean; readonly help: boolean } {
  const { values } = parseArgs({ options: { once: { type: 'boolean' }, help: { type: 'boolean' } } });
  return { once: values.once ?? false, help: values.help ?? false };
}

/** Rejects when a program ends by itself, which in the demo only a failure makes it do. */
function endsOf(programs: readonly Program[]): Promise<never>[] {
  return programs.map((program) => program.failed);
}

async function untilStopped(programs: readonly Program[], stopped: Promise<void>): Promise<void> {
  line('Everything stays up. Ctrl-C ends it.');
  await Promise.race([stopped, ...endsOf(programs)]);
}

function onSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  });
}

process.exitCode = await main();
