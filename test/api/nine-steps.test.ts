import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KeptCertificate, runSetUp, type Step } from '../../examples/setup/set-up.js';
import { READY_MADE } from '../../mocks/entra/directory.js';
import { startGateway, type TestGateway } from '../support/gateway.js';

/** The documented procedure, by the operations of examples/setup/ alone. */
describe('the set-up from an empty tenant, organization and Campaign instance', () => {
  let gateway: TestGateway;
  let kept: KeptCertificate | null = null;
  let first: readonly Step[];
  beforeAll(async () => {
    gateway = await startGateway({
      contacts: 10,
      settings: {
        ADMIN_TENANT_ID: READY_MADE.tenantId,
        ADMIN_CLIENT_ID: READY_MADE.administrationClientId,
        ADMIN_CLIENT_SECRET: READY_MADE.administrationClientSecret,
      },
    });
    first = await run();
  });
  afterAll(() => gateway?.close());

  const run = () =>
    runSetUp({
      ask: gateway.ask,
      server: gateway.mocks.dynamics.url,
      userPrincipalName: 'integration@contoso.example',
      certificate: {
        read: async () => kept,
        keep: async (certificate) => {
          kept = certificate;
        },
      },
    });

  it('changes something in every step that writes', () => {
    const idle = first.filter(({ changes }) => changes.length === 0).map(({ file }) => file);
    expect(idle).toEqual([
      'examples/setup/03-encode-private-key.graphql',
      'examples/setup/10-check-schema.graphql',
      'examples/setup/13-test-external-account.graphql',
    ]);
  });

  it('ends with a connection that works in all its steps', () => {
    const test = first.at(-1)?.answer;
    expect(test).toMatchObject({ ok: true });
  });

  it('changes nothing when it is run again', async () => {
    const writes = () =>
      gateway.mocks.entra.requests().filter(({ method, path }) => method !== 'GET' && path.includes('/v1.0/'));
    gateway.mocks.clearRequests();
    const second = await run();
    expect(second.flatMap(({ changes }) => changes)).toEqual([]);
    expect(second.at(-1)?.answer).toMatchObject({ ok: true });
    expect(writes()).toEqual([]);
    expect(gateway.mocks.dynamics.requests().filter(({ method }) => method !== 'GET')).toEqual([]);
    const calls = gateway.mocks.campaign.requests().map(({ headers }) => String(headers.soapaction));
    expect(calls.filter((call) => /#Write|builder/.test(call))).toEqual([]);
    expect(calls.some((call) => call.includes('ExecuteQuery'))).toBe(true);
  });

  it('connects Campaign by the external account, which holds no credentials there', () => {
    const row = gateway.mocks.campaign.rows('nms:extAccount').find(({ name }) => name === 'dynamicsCRM');
    expect(row).toMatchObject({ type: 12, server: gateway.mocks.dynamics.url });
    expect(JSON.stringify(row)).not.toContain('PRIVATE KEY');
  });
});
