import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Environment, MockUrls } from './environment.js';

const HOME = 'bench/peers/mesh';
const run = promisify(execFile);

/**
 * Starts GraphQL Mesh on the mock Dynamics, twice: `mesh` with `expandNavProps`, `mesh-plain` without. It is installed where it is not
 * there yet, and compiled from the `$metadata` that the mock serves. Rejects where one of these steps fails.
 */
export async function startMesh(environment: Environment): Promise<void> {
  if (!existsSync(join(HOME, 'node_modules')))
    await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: HOME, timeout: 300_000 });
  const token = await fetchToken(environment.mocks);
  await writeMetadata(environment.mocks, token);
  const settings = { DYNAMICS_URL: environment.mocks.dynamics, DYNAMICS_TOKEN: token };
  await build(settings);
  for (const server of ['mesh', 'mesh-plain'] as const) {
    const expandNavProps = String(server === 'mesh');
    await environment.start(server, [join(HOME, 'server.mjs')], { ...settings, EXPAND_NAV_PROPS: expandNavProps });
  }
}

/** Mesh sends no token where it reads `$metadata` itself. */
async function writeMetadata({ dynamics }: MockUrls, token: string): Promise<void> {
  const response = await fetch(`${dynamics}/api/data/v9.2/$metadata`, {
    headers: { authorization: `Bearer ${token}` },
  });
  if (!response.ok) throw new Error(`Expected $metadata, but got ${response.status}: ${await response.text()}`);
  await writeFile(join(HOME, 'metadata.xml'), await response.text());
}

async function build(settings: Record<string, string>): Promise<void> {
  await run(process.execPath, ['node_modules/@graphql-mesh/cli/cjs/bin.js', 'build', '--fileType', 'js'], {
    cwd: HOME,
    timeout: 120_000,
    env: {
      ...process.env,
      ...settings,
      // It loads ts-node, which must not take the compiler and the settings of the project around it.
      TS_NODE_SKIP_PROJECT: 'true',
      TS_NODE_COMPILER: join(process.cwd(), HOME, 'node_modules/typescript'),
    },
  });
}

async function fetchToken({ dynamics, entra }: MockUrls): Promise<string> {
  const response = await fetch(`${entra}/11111111-1111-1111-1111-111111111111/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: '22222222-2222-2222-2222-222222222222',
      client_secret: 'mock-secret',
      scope: `${dynamics}/.default`,
    }),
  });
  return ((await response.json()) as { access_token: string }).access_token; // what a token endpoint answers
}
