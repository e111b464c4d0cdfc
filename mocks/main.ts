import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandLineError, HELP, type MocksSettings, parseCommandLine } from './command-line.js';
import { READY_MADE } from './entra/directory.js';
import { type Mocks, startMocks } from './start.js';

/** `npm run mocks`: starts the mocks, says where they are, and closes them on SIGINT or SIGTERM. */
async function main(): Promise<void> {
  const settings = readSettings();
  if (!settings) return;
  const mocks = await startMocks(settings).catch((error: unknown) => fail(1, describeStartError(error, settings)));
  closeOnSignal(mocks);
  const trust = await writeAuthority(mocks, settings);
  process.stdout.write(`${welcome(mocks)}${trust}\nMocks are ready.\n`);
}

/** Writes the certificate that clients must trust to where they find it, and tells them where. */
async function writeAuthority({ ca }: Mocks, { state = '.data' }: MocksSettings): Promise<string> {
  if (ca === null) return '';
  const file = join(state, 'mocks-ca.pem');
  await mkdir(state, { recursive: true });
  await writeFile(file, ca);
  return `Certificate to trust  ${file}, for example NODE_EXTRA_CA_CERTS=${file}\n`;
}

function readSettings(): MocksSettings | null {
  try {
    const settings = parseCommandLine(process.argv.slice(2));
    if (settings !== 'help') return settings;
    process.stdout.write(HELP);
    return null;
  } catch (error) {
    if (error instanceof CommandLineError) fail(2, `${error.message} See npm run mocks -- --help.`);
    throw error;
  }
}

function describeStartError(error: unknown, { host }: MocksSettings): string {
  const { code, port, message } = error as NodeJS.ErrnoException & { readonly port?: number };
  if (code === 'EADDRINUSE')
    return `Port ${port} on ${host} is in use; stop what listens there or choose others with --port.`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `This machine has no address ${host}; choose another with --host.`;
  if (code === 'EACCES' && port !== undefined) return `Port ${port} needs more rights; choose others with --port.`;
  return message ?? String(error);
}

/** One Ctrl-C may arrive twice, from the terminal and again from npm. */
const SAME_SIGNAL_MS = 1000;

/** The first signal closes the mocks and saves their state; a later one does not wait for that. */
function closeOnSignal(mocks: Mocks): void {
  let closingSince: number | null = null;
  const stop = () => {
    if (closingSince !== null && performance.now() - closingSince > SAME_SIGNAL_MS) process.exit(1);
    if (closingSince !== null) return;
    closingSince = performance.now();
    mocks.close().then(
      () => process.exit(0),
      (error: unknown) => fail(1, `The mocks did not close: ${error instanceof Error ? error.message : error}`),
    );
  };
  process.on('SIGINT', stop).on('SIGTERM', stop).on('SIGHUP', stop);
  // A parent that opened a channel is gone. The channel alone is no reason to stay.
  process.on('disconnect', stop);
  process.channel?.unref();
}

function welcome({ dynamics, entra, campaign }: Mocks): string {
  return `Mock Dynamics      ${dynamics.url}/api/data/v9.2/
Mock Entra ID      ${entra.url}/${READY_MADE.tenantId}/oauth2/v2.0/token
Mock Campaign      ${campaign.url}/nl/jsp/soaprouter.jsp

Tenant             ${READY_MADE.tenantId} (${READY_MADE.domain})
Client id          ${READY_MADE.clientId}
Client secret      ${READY_MADE.clientSecret}
Certificate        mocks/entra/fixtures/certificate.pem, its key private-key.pem beside it
User               ${READY_MADE.userName} with password ${READY_MADE.password}
Microsoft Graph    ${entra.url}/v1.0/applications
Administrator      client ${READY_MADE.administrationClientId} with secret ${READY_MADE.administrationClientSecret},
                   or user ${READY_MADE.administratorName} with password ${READY_MADE.administratorPassword}
Campaign operator  admin with password admin
`;
}

function fail(exitCode: number, message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(exitCode);
}

await main();
