import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Data, setUp, startGateway, type TestGateway } from '../support/gateway.js';

const ACCOUNT = {
  name: 'other',
  server: 'https://contoso.crm.dynamics.com',
  tenantId: '11111111-1111-1111-1111-111111111111',
  clientId: '22222222-2222-2222-2222-222222222222',
  oauthType: 'CLIENT_SECRET',
  clientSecret: 'mock-secret',
};
const CREATE = 'mutation ($input: ExternalAccountInput!) { createExternalAccount(input: $input) { outcome } }';
const MAP = 'mutation ($input: MapTablesInput!) { mapTables(input: $input) { changes { kind } } }';

describe('bad input', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway({ contacts: 20 });
    await setUp(gateway);
  });
  afterAll(() => gateway.close());
  afterEach(() => {
    gateway.mocks.dynamics.clearFaults();
    gateway.mocks.campaign.clearFaults();
  });

  it.each([
    [{ name: 'no spaces' }, 'input.name'],
    [{ server: 'contoso' }, 'input.server'],
    [{ server: 'http://contoso.crm.dynamics.com' }, 'input.server'],
    [{ tenantId: 'tenant' }, 'input.tenantId'],
    [{ clientId: '42' }, 'input.clientId'],
    [{ clientSecret: null }, 'input.clientSecret'],
    [{ oauthType: 'CERTIFICATE' }, 'input.clientSecret'],
    [
      {
        oauthType: 'CERTIFICATE',
        clientSecret: null,
        certificate: { privateKey: 'bm90IGEga2V5', customKeyIdentifier: 'ab', keyId: 'x' },
      },
      'input.certificate.privateKey',
    ],
  ])('in an account %j names its field and saves nothing', async (change, field) => {
    const answer = await gateway.send(CREATE, { input: { ...ACCOUNT, ...change } });
    expect(fault(answer)).toMatchObject({ code: 'BAD_USER_INPUT', field });
    expect(await gateway.ask('{ externalAccount(name: "other") { name } }')).toEqual({ externalAccount: null });
  });

  it('is a conflict where another account has the name', async () => {
    const answer = await gateway.send(CREATE, { input: { ...ACCOUNT, name: 'dynamicsCRM' } });
    expect(fault(answer)).toMatchObject({ code: 'CONFLICT', field: 'input.name' });
    expect(answer.errors[0]?.message).toContain('updateExternalAccount');
  });

  it.each<[Data, string, string, string]>([
    [{ table: 'contcat' }, 'NOT_FOUND', 'input.tables.0.table', 'contcat'],
    [{ table: 'lead', columns: ['subjekt'] }, 'NOT_FOUND', 'input.tables.0.columns.0', 'subject'],
    [{ table: 'email', columns: ['subject', 'to'] }, 'UNSUPPORTED', 'input.tables.0.columns.1', 'partylist'],
    [
      { table: 'lead', target: { schema: 'nms:recipient', key: '@nope' } },
      'BAD_USER_INPUT',
      'input.tables.0.target.key',
      '@nope',
    ],
    [{ table: 'lead', target: { schema: 'nms:leads' } }, 'BAD_USER_INPUT', 'input.tables.0.target.schema', 'nms'],
    [
      { table: 'lead', target: { schema: 'not a name' } },
      'BAD_USER_INPUT',
      'input.tables.0.target.schema',
      'not a name',
    ],
  ])('in a mapping of %j names the thing and leaves both systems as they were', async (table, code, field, text) => {
    const before = state(gateway);
    const answer = await gateway.send(MAP, { input: { account: 'dynamicsCRM', tables: [table] } });
    expect(fault(answer)).toMatchObject({ code, field });
    expect(answer.errors[0]?.message).toContain(text);
    expect(state(gateway)).toEqual(before);
    expect((await gateway.ask('{ tableMappings { table } }')).tableMappings).toHaveLength(2);
  });

  it('names an account that is not there, and how to make one', async () => {
    const answer = await gateway.send(MAP, { input: { account: 'nobody', tables: [{ table: 'lead' }] } });
    expect(fault(answer)).toMatchObject({ code: 'NOT_FOUND', field: 'input.account' });
    expect(answer.errors[0]?.message).toContain('createExternalAccount');
  });

  it('is a conflict where a second account maps tables', async () => {
    await gateway.ask(CREATE, { input: { ...ACCOUNT, name: 'second', server: gateway.mocks.dynamics.url } });
    const answer = await gateway.send(MAP, { input: { account: 'second', tables: [{ table: 'lead' }] } });
    expect(fault(answer)).toMatchObject({ code: 'CONFLICT' });
    expect(answer.errors[0]?.message).toContain('unmapTables');
    await gateway.ask('mutation { deleteExternalAccount(name: "second") }');
  });

  it('of a wrong secret is told with its code and remedy by the connection test', async () => {
    await gateway.ask(CREATE, {
      input: { ...ACCOUNT, name: 'wrong', server: gateway.mocks.dynamics.url, clientSecret: 'not-it' },
    });
    const { testExternalAccount } = await gateway.ask(
      'mutation { testExternalAccount(name: "wrong") { ok steps { ok detail remedy } } }',
    );
    const failed = testExternalAccount.steps.at(-1);
    expect(testExternalAccount.ok).toBe(false);
    expect(failed.ok).toBe(false);
    expect(failed.detail).toContain('AADSTS7000215');
    expect(failed.remedy).toMatch(/secret/i);
    expect(JSON.stringify(testExternalAccount)).not.toContain('not-it');
    expect((await gateway.ask('{ externalAccount(name: "wrong") { status } }')).externalAccount.status).toBe('FAILED');
    await gateway.ask('mutation { deleteExternalAccount(name: "wrong") }');
  });

  it('of Campaign being down leaves no half-made account', async () => {
    gateway.mocks.campaign.addFault({ times: 100, close: true });
    const answer = await gateway.send(CREATE, { input: ACCOUNT });
    expect(fault(answer)).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', upstream: { system: 'campaign' } });
    expect(await gateway.ask('{ externalAccount(name: "other") { name } }')).toEqual({ externalAccount: null });
  });

  it('of Campaign refusing one of several schemas puts back those written before', async () => {
    const before = state(gateway);
    gateway.mocks.campaign.addFault({
      match: { path: 'BuildSchemaFromId' },
      times: 1,
      status: 200,
      code: 'XTK-170006',
      message: 'refused',
    });
    const answer = await gateway.send(MAP, {
      input: { account: 'dynamicsCRM', tables: [{ table: 'lead', columns: ['subject', 'leadsourcecode'] }] },
    });
    expect(fault(answer)).toMatchObject({
      code: 'UPSTREAM_REJECTED',
      upstream: { system: 'campaign', code: 'XTK-170006' },
    });
    expect(state(gateway)).toEqual(before);
    expect((await gateway.ask('{ tableMappings { table } }')).tableMappings).toHaveLength(2);
  });

  it('of one system being down nulls only the fields that need it', async () => {
    gateway.mocks.campaign.addFault({ times: 100, close: true });
    const { data, errors } = await gateway.send(
      '{ unified { contacts(first: 2) { nodes { lastname campaign { email } } } } }',
    );
    expect(data.unified.contacts.nodes.map((contact: Data) => contact.campaign)).toEqual([null, null]);
    expect(data.unified.contacts.nodes.every((contact: Data) => contact.lastname !== null)).toBe(true);
    expect(new Set(errors.map((error) => error.extensions.code))).toEqual(new Set(['UPSTREAM_UNAVAILABLE']));
  });

  it.each([
    ['{ unified { contact(id: "42") { id } } }', 'BAD_USER_INPUT'],
    ['{ unified { contacts(first: 0) { nodes { id } } } }', 'BAD_USER_INPUT'],
    ['{ unified { contacts(after: "xyz") { nodes { id } } } }', 'BAD_USER_INPUT'],
    ['{ dynamicsTables(first: 5000) { nodes { label } } }', 'BAD_USER_INPUT'],
    ['{ campaignSchema(name: "recipient") { label } }', 'BAD_USER_INPUT'],
    ['{ runs(after: "%%") { nodes { id } } }', 'BAD_USER_INPUT'],
    ['mutation { startWorkflow(name: "nope") { id } }', 'NOT_FOUND'],
    ['mutation { stopRun(id: "nope") { id } }', 'NOT_FOUND'],
    [
      'mutation { createWorkflow(input: { name: "w", account: "dynamicsCRM", operation: EXPORT, table: "contact" }) { name } }',
      'UNSUPPORTED',
    ],
    [
      'mutation { createWorkflow(input: { name: "w", account: "dynamicsCRM", operation: IMPORT, table: "lead" }) { name } }',
      'NOT_FOUND',
    ],
    [
      'mutation { createWorkflow(input: { name: "w", account: "dynamicsCRM", operation: IMPORT, table: "contact", schedule: "often" }) { name } }',
      'BAD_USER_INPUT',
    ],
    [
      'mutation { synchronizeEnumerations(input: { account: "dynamicsCRM", enumerations: [{ table: "contact", column: "firstname" }] }) { dryRun } }',
      'UNSUPPORTED',
    ],
  ])('%s is answered with %s', async (query, code) => {
    const answer = await gateway.send(query);
    expect(fault(answer)).toMatchObject({ code });
    expect(answer.errors[0]?.message.length).toBeGreaterThan(20);
  });

  it('that asks for a run that is not there finds none', async () => {
    expect(await gateway.ask('{ run(id: "nope") { id } }')).toEqual({ run: null });
  });
});

function fault(answer: Answer): Data | undefined {
  return answer.errors[0]?.extensions;
}

/** What Campaign holds of schemas, and what of accounts. */
function state({ mocks }: TestGateway): unknown {
  const schemas = mocks.campaign.rows('xtk:srcSchema').map(({ namespace, name, data }) => ({ namespace, name, data }));
  return { schemas, accounts: mocks.campaign.rows('nms:extAccount').map((account) => account.name) };
}
