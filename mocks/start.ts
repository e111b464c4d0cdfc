import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type CampaignMock, createCampaignMock } from './campaign/server.js';
import type { MocksSettings } from './command-line.js';
import { createCertificateAuthority } from './control/certificates.js';
import { createClock } from './control.js';
import { createDynamicsMock, type DynamicsMock } from './dynamics/server.js';
import { createEntraMock, type EntraMock } from './entra/server.js';
import { viewTenant } from './entra/tenant-view.js';

/** The three mocks, which share one clock; Dynamics trusts the tokens of Entra ID. */
export interface Mocks {
  readonly dynamics: DynamicsMock;
  readonly entra: EntraMock;
  readonly campaign: CampaignMock;
  /** With TLS the certificate in PEM that clients of all three must trust; null without. */
  readonly ca: string | null;
  /** Closes them in the order that saves their state: first those that others do not need. */
  close(): Promise<void>;
}

/** Starts the three mocks. Where one cannot start, the others are closed again and its error is thrown. */
export async function startMocks(settings: MocksSettings): Promise<Mocks> {
  const { host, ports, latency, contacts, seed, tables, state, tls = false } = settings;
  if (state !== undefined) await mkdir(state, { recursive: true });
  const authority = tls ? await createCertificateAuthority() : false;
  const common = { host, latency, clock: createClock(), tls: authority };
  const stateFile = (name: string) => (state === undefined ? undefined : join(state, name));
  const started: { close(): Promise<void> }[] = [];
  const start = async <Server extends { close(): Promise<void> }>(starting: Promise<Server>): Promise<Server> => {
    const server = await starting;
    started.unshift(server);
    return server;
  };
  const close = () => closeAll(started);
  try {
    const entra = await start(createEntraMock({ ...common, port: ports.entra, stateFile: stateFile('entra.json') }));
    const dynamics = await start(
      createDynamicsMock({
        ...settings.dynamics,
        ...common,
        port: ports.dynamics,
        contacts,
        seed,
        tables,
        keysAsSegments: settings.keysAsSegments ?? false,
        // It answers http as well, which needs no trust in its certificate.
        authority: entra.url.replace(/^https:/, 'http:'),
        directory: viewTenant(entra.directory),
        stateFile: stateFile('dynamics.json'),
      }),
    );
    const campaign = await start(
      createCampaignMock({
        ...settings.campaign,
        ...common,
        port: ports.campaign,
        stateFile: stateFile('campaign.json'),
      }),
    );
    return { dynamics, entra, campaign, ca: entra.ca, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** One that cannot save its state does not keep the others from it; its error is thrown when all are closed. */
async function closeAll(servers: readonly { close(): Promise<void> }[]): Promise<void> {
  const errors: unknown[] = [];
  for (const server of servers) await server.close().catch((error: unknown) => errors.push(error));
  if (errors.length > 0) throw errors[0];
}
