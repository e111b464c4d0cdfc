import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { heading, line, outline, printFailure } from '../demo/print.js';
import { type Program, startProgram } from '../demo/program.js';
import { type KeptCertificate, runSetUp, type Step } from './set-up.js';

const GATEWAY = 'http://127.0.0.1:4000';
const DYNAMICS = 'http://127.0.0.1:4010';
const ENTRA = 'http://127.0.0.1:4011';
const CAMPAIGN = 'http://127.0.0.1:4020';
const DATA = '.data/setup';
const CERTIFICATE = `${DATA}/certificate.json`;
const TIMEOUT_MS = 180_000;

const HELP = `Usage: npm run setup-demo [-- --once]

Starts the mocks and the gateway, and carries out the documented procedure of connecting Dynamics and Campaign by the operations of
examples/setup/, from registering the application to the connection test; then once more, to show that nothing changes. Stays up until
Ctrl-C; with --once it ends by itself. What it makes is kept in ${DATA}/, also the private key; remove that folder to begin anew.
`;

/** Runs the set-up twice; its result is the exit code. */
async function main(): Promise<number> {
  const { values } = parseArgs({ options: { once: { type: 'boolean' }, help: { type: 'boolean' } } });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const programs: Program[] = [];
  const stopped = onSignal();
  try {
    const interrupted = await Promise.race([run(programs).then(() => false), stopped.then(() => true)]);
    if (!values.once && !interrupted) {
      line('Everything stays up. Ctrl-C ends it.');
      await Promise.race([stopped, ...programs.map(({ failed }) => failed)]);
    }
    return interrupted ? 130 : 0;
  } catch (error) {
    printFailure(error);
    return 1;
  } finally {
    for (const program of programs.toReversed()) await program.stop();
  }
}

async function run(programs: Program[]): Promise<void> {
  heading('Start');
  await mkdir(`${DATA}/mocks`, { recursive: true });
  programs.push(await startProgram('mocks', ['dist/mocks/main.js', '--state', `${DATA}/mocks`], {}));
  programs.push(await startProgram('gateway', ['dist/src/main.js'], gatewaySettings()));
  line(`mocks of Dynamics, Entra ID and Campaign, and the gateway ${GATEWAY}; their data in ${DATA}/`);
  await setUp((step) => {
    heading(step.title, step.file);
    for (const text of outline(withoutKeys(step.answer))) line(text);
  });
  heading('Once more');
  const again = (await setUp()).flatMap(({ changes }) => changes);
  if (again.length > 0) throw new Error(`Expected the second run to change nothing, but it did: ${again.join('; ')}`);
  line('Nothing was left to change.');
}

async function setUp(onStep?: (step: Step) => void): Promise<readonly Step[]> {
  const steps = await runSetUp({
    ask,
    server: DYNAMICS,
    userPrincipalName: 'integration@contoso.example',
    certificate: { read: readCertificate, keep: keepCertificate },
    ...(onStep && { onStep }),
  });
  const { ok }: { readonly ok?: boolean } = Object(steps.at(-1)?.answer);
  if (ok !== true) throw new Error('The connection test failed; its steps above tell why.');
  return steps;
}

async function ask(query: string, variables: Record<string, unknown>): Promise<Record<string, unknown>> {
  const response = await fetch(`${GATEWAY}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const { data, errors } = (await response.json()) as Body; // what a GraphQL server answers
  if (data && !errors) return data;
  throw new Error(
    errors?.map(({ message }) => message).join('\n') ?? `Expected data, but got status ${response.status}.`,
  );
}

interface Body {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { readonly message: string }[];
}

async function readCertificate(): Promise<KeptCertificate | null> {
  try {
    return JSON.parse(await readFile(CERTIFICATE, 'utf8')) as KeptCertificate; // `keepCertificate` wrote it
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

async function keepCertificate(certificate: KeptCertificate): Promise<void> {
  await writeFile(CERTIFICATE, JSON.stringify(certificate), { mode: 0o600 });
}

/** Neither the private key nor the long text of the certificate is for a screen. */
function withoutKeys(answer: unknown): unknown {
  if (typeof answer === 'string') return 'encoded, and not shown here';
  const { privateKey: _, certificate: __, ...shown }: Record<string, unknown> = Object(answer);
  return shown;
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
    GRAPH_URL: ENTRA,
    // The ready-made administrator of the mocks.
    ADMIN_TENANT_ID: '11111111-1111-1111-1111-111111111111',
    ADMIN_CLIENT_ID: '66666666-6666-6666-6666-666666666666',
    ADMIN_CLIENT_SECRET: 'mock-admin-secret',
    AUTH: 'none',
    LOG_LEVEL: 'warn',
  };
}

function onSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}

process.exitCode = await main();
