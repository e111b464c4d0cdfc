import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { READY_MADE } from '../../../../mocks/entra/directory.js';
import { createEntraMock, type EntraMock } from '../../../../mocks/entra/server.js';
import { covers } from '../../compatibility.js';
import { makeCertificate, type TestCertificate } from './certificate.js';

const run = promisify(execFile);

let entra: EntraMock;
let folder: string;
let certificate: TestCertificate;
let seen: Readonly<Record<string, unknown>>;

/** Runs the walk once, in a process that trusts the mock. */
beforeAll(async () => {
  [entra, certificate] = await Promise.all([createEntraMock({ tls: true }), makeCertificate()]);
  folder = await mkdtemp(join(tmpdir(), 'mock-ca-'));
  const authority = join(folder, 'ca.pem');
  await writeFile(authority, entra.ca ?? '');
  const input = {
    port: entra.port,
    tenantId: READY_MADE.tenantId,
    clientId: READY_MADE.administrationClientId,
    clientSecret: READY_MADE.administrationClientSecret,
    certificate: certificate.key,
  };
  const walk = fileURLToPath(new URL('./walk.ts', import.meta.url));
  const { stdout } = await run(process.execPath, [walk, JSON.stringify(input)], {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: authority },
    timeout: 50_000,
  });
  seen = JSON.parse(stdout);
});
afterAll(async () => {
  await entra?.close();
  if (folder) await rm(folder, { recursive: true });
});

describe("Microsoft's own clients, unmodified, over TLS", () => {
  it('find the authority of the mock, sign in and register an application with its certificate', () => {
    covers('entra', 'Graph 7.7 Microsoft client', 'application, service principal and certificate over TLS');
    covers('entra', '8.8 msal-node', 'authority over https: OpenID Connect document and token endpoint');
    expect(seen.appId).toMatch(/^[\da-f-]{36}$/);
    expect(seen.thumbprint).toBe(certificate.thumbprint);
  });

  it('add a secret without a body', () => {
    covers('entra', 'Graph 7.7 Microsoft client', 'addPassword without a body');
    expect(seen.secret).toMatch(/^\S{20,}$/);
  });

  it('grant consent, and read the refusal of a second grant', () => {
    covers('entra', 'Graph 7.7 Microsoft client', 'consent, and GraphError with code, message and request id');
    expect(seen.scopes).toEqual(['user_impersonation']);
    expect(seen.duplicate).toEqual([
      409,
      'Request_MultipleObjectsWithSameKeyValue',
      'Permission entry already exists.',
      36,
    ]);
  });

  it('make a user with a licence', () => {
    covers('entra', 'Graph 7.7 Microsoft client', 'user and licence');
    expect(seen.licenses).toEqual([true]);
  });

  it('follow the pages of a list, and read a batch', () => {
    covers('entra', 'Graph 7.7 Microsoft client', 'PageIterator follows @odata.nextLink; $batch');
    expect(seen.names).toEqual(['crm.user@contoso.example', 'admin@contoso.example', 'integration@contoso.example']);
    expect(seen.batched).toEqual([200]);
  });
});
