import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { READY_MADE, readFixture } from '../../../mocks/entra/directory.js';
import { type Answer, type Data, startGateway, type TestGateway } from '../../support/gateway.js';

const CREATE =
  'mutation ($input: ExternalAccountInput!) { createExternalAccount(input: $input) { outcome name status } }';
const UPDATE =
  'mutation ($name: String!, $input: ExternalAccountPatch!) { updateExternalAccount(name: $name, input: $input) { outcome label status lastTest { ok } } }';
const DELETE = 'mutation ($name: String!) { deleteExternalAccount(name: $name) }';
const PEM = readFixture('certificate.pem');
const CERTIFICATE = {
  privateKey: Buffer.from(readFixture('private-key.pem')).toString('base64'),
  customKeyIdentifier: new X509Certificate(PEM).fingerprint,
  keyId: '33333333-0000-4000-8000-000000000000',
};

describe('external accounts', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway({ contacts: 30 });
  });
  afterAll(() => gateway?.close());
  afterEach(async () => {
    gateway.mocks.dynamics.clearFaults();
    await gateway.send(DELETE, { name: 'crm' });
  });

  const input = (change: Data = {}) => ({
    name: 'crm',
    label: 'CRM',
    server: gateway.mocks.dynamics.url,
    tenantId: READY_MADE.tenantId,
    clientId: READY_MADE.clientId,
    oauthType: 'CLIENT_SECRET',
    clientSecret: READY_MADE.clientSecret,
    ...change,
  });
  const create = (change: Data = {}) => gateway.send(CREATE, { input: input(change) });
  const update = (change: Data) => gateway.send(UPDATE, { name: 'crm', input: change });
  const fault = (answer: Answer) => answer.errors[0]?.extensions;
  const campaignAccount = (name: string) =>
    gateway.mocks.campaign.rows('nms:extAccount').find((row) => row.name === name);

  it('do not take over an account of another kind in Campaign', async () => {
    const before = campaignAccount('defaultEmailMid');
    expect(fault(await create({ name: 'defaultEmailMid' }))).toMatchObject({ code: 'CONFLICT', field: 'input.name' });
    expect(campaignAccount('defaultEmailMid')).toEqual(before);
  });

  it('leave an account of another kind in Campaign when they are deleted', async () => {
    const { name, label, server, tenantId, clientId, clientSecret } = input({ name: 'defaultEmailBulk' });
    // As an earlier version may have saved it.
    const credentials = { oauthType: 'CLIENT_SECRET', clientSecret } as const;
    await gateway.database.storage.accounts.save({ name, label, server, tenantId, clientId }, credentials);
    expect(await gateway.ask(DELETE, { name })).toEqual({ deleteExternalAccount: true });
    expect(campaignAccount('defaultEmailBulk')).toBeDefined();
  });

  it('keep calls under way and what was tested when only the label changes', async () => {
    await create();
    await gateway.ask('mutation { testExternalAccount(name: "crm") { ok } }');
    gateway.mocks.dynamics.addFault({ match: { path: 'EntityDefinitions' }, delayMs: 400 });
    const reading = gateway.send('{ dynamicsTables(first: 1) { nodes { logicalName } } }');
    const { data } = await update({ label: 'Renamed' });
    expect(data.updateExternalAccount).toEqual({
      outcome: 'UPDATED',
      label: 'Renamed',
      status: 'CONNECTED',
      lastTest: { ok: true },
    });
    expect((await reading).errors).toEqual([]);
  });

  it('change their credentials without ending the calls under way', async () => {
    await create();
    await gateway.ask('{ dynamicsTables(first: 1) { nodes { logicalName } } }');
    gateway.mocks.dynamics.addFault({ match: { path: 'EntityDefinitions' }, delayMs: 600 });
    const reading = gateway.send('{ dynamicsTables(first: 1) { nodes { logicalName } } }');
    await new Promise((sent) => setTimeout(sent, 100));
    const { data } = await update({ oauthType: 'CERTIFICATE', certificate: CERTIFICATE });
    expect(data.updateExternalAccount).toMatchObject({ outcome: 'UPDATED', status: 'DRAFT', lastTest: null });
    expect((await reading).errors).toEqual([]);
    gateway.mocks.entra.clearRequests();
    await gateway.ask('{ dynamicsTables(first: 1) { nodes { logicalName } } }');
    expect(gateway.mocks.entra.requests().at(-1)?.body).toContain('client_assertion');
  });

  it('refuse credentials that do not work where a test is asked for, and keep the old ones', async () => {
    await create();
    const answer = await update({ clientSecret: 'wrong', test: true });
    expect(fault(answer)).toMatchObject({ code: 'CONFLICT' });
    expect(answer.errors[0]?.message).toContain('AADSTS7000215');
    expect(await gateway.ask('mutation { testExternalAccount(name: "crm") { ok } }')).toEqual({
      testExternalAccount: { ok: true },
    });
  });

  it('whose credentials cannot be read any more take new ones', async () => {
    await create();
    await gateway.database.orm.em
      .fork()
      .execute("update external_account set credentials = 'v1:AAAA' where name = 'crm'");
    expect(fault(await update({ label: 'Other' }))).toMatchObject({ code: 'CONFLICT' });
    expect((await update({ clientSecret: READY_MADE.clientSecret })).errors).toEqual([]);
    const { testExternalAccount } = await gateway.ask('mutation { testExternalAccount(name: "crm") { ok } }');
    expect(testExternalAccount.ok).toBe(true);
  });

  it('are created by one of two calls at once that want different things', async () => {
    const answers = await Promise.all([create(), create({ label: 'Another' })]);
    const outcomes = answers.map((answer) => answer.data?.createExternalAccount?.outcome ?? fault(answer)?.code);
    expect(outcomes.toSorted()).toEqual(['CONFLICT', 'CREATED']);
  });

  it.each([
    [{ label: 'x'.repeat(129) }, 'input.label', 'at most 128'],
    [{ label: 'two\nlines' }, 'input.label', 'one line'],
    [{ server: 'https://crm.evil.example' }, 'input.server', 'DYNAMICS_HOSTS'],
    [{ server: 'https://dynamics.com.evil.example' }, 'input.server', 'DYNAMICS_HOSTS'],
    [{ server: 'https://evil.example/crm.dynamics.com' }, 'input.server', 'DYNAMICS_HOSTS'],
    [
      { oauthType: 'CERTIFICATE', clientSecret: null, certificate: { ...CERTIFICATE, privateKey: ecKey() } },
      'input.certificate.privateKey',
      'RSA',
    ],
    [
      {
        oauthType: 'CERTIFICATE',
        clientSecret: null,
        certificate: { ...CERTIFICATE, certificate: PEM, customKeyIdentifier: 'AB'.repeat(20) },
      },
      'input.certificate.customKeyIdentifier',
      'thumbprint',
    ],
  ])('with %j are refused at once, naming the field', async (change, field, text) => {
    const answer = await create(change);
    expect(fault(answer)).toMatchObject({ code: 'BAD_USER_INPUT', field });
    expect(answer.errors[0]?.message).toContain(text);
    expect(gateway.mocks.campaign.rows('nms:extAccount').filter(({ name }) => name === 'crm')).toEqual([]);
  });

  it('know when their certificate expires, and say so in the test', async () => {
    await create({ oauthType: 'CERTIFICATE', clientSecret: null, certificate: { ...CERTIFICATE, certificate: PEM } });
    const { testExternalAccount } = await gateway.ask(
      'mutation { testExternalAccount(name: "crm") { steps { name detail } } }',
    );
    const step = testExternalAccount.steps.find(({ name }: Data) => name === 'Certificate');
    expect(step.detail).toContain(new Date(new X509Certificate(PEM).validTo).toISOString());
  });

  it('go on knowing it when the same certificate is given again without it', async () => {
    const byCertificate = { oauthType: 'CERTIFICATE', clientSecret: null };
    await create({ ...byCertificate, certificate: { ...CERTIFICATE, certificate: PEM } });
    const { data } = await update({ oauthType: 'CERTIFICATE', certificate: CERTIFICATE });
    expect(data.updateExternalAccount.outcome).toBe('UNCHANGED');
    await update({ certificate: { ...CERTIFICATE, keyId: '33333333-0000-4000-8000-00000000000f' } });
    const kept = await gateway.database.storage.accounts.connection('crm');
    expect(kept?.credentials).not.toHaveProperty('expiresOn');
  });

  it('of a name that no database can hold are not found', async () => {
    const { externalAccount } = await gateway.ask('query ($name: String!) { externalAccount(name: $name) { name } }', {
      name: 'a\u0000',
    });
    expect(externalAccount).toBeNull();
    expect(await gateway.ask(DELETE, { name: 'a\u0000' })).toEqual({ deleteExternalAccount: false });
    expect(fault(await gateway.send(UPDATE, { name: 'a\u0000', input: {} }))).toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('an account whose tables are mapped', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway({ contacts: 5 });
    await gateway.example('01-create-external-account.graphql');
    await gateway.example('04-map-tables.graphql');
    await gateway.example('06-create-workflows.graphql');
  });
  afterAll(() => gateway?.close());

  const update = (change: Data) => gateway.ask(UPDATE, { name: 'dynamicsCRM', input: change });

  it('stays CONFIGURED with other credentials', async () => {
    const certificate = { oauthType: 'CERTIFICATE', certificate: CERTIFICATE };
    const { updateExternalAccount } = await update(certificate);
    expect(updateExternalAccount).toMatchObject({ outcome: 'UPDATED', status: 'CONFIGURED' });
  });

  it('reads everything again in another organization', async () => {
    const { workflows } = gateway.database.storage;
    const workflow = await workflows.find('importContacts');
    if (workflow === null) throw new Error('Expected the example to make importContacts.');
    await workflows.save({ ...workflow, index: 'a cursor of the old organization' });
    await update({ label: 'Still the same organization' });
    expect((await workflows.find('importContacts'))?.index).toBe('a cursor of the old organization');
    await update({ server: gateway.mocks.dynamics.url.replace('127.0.0.1', 'localhost') });
    expect((await workflows.find('importContacts'))?.index).toBeNull();
  });
});

function ecKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return Buffer.from(privateKey.export({ format: 'pem', type: 'pkcs8' })).toString('base64');
}
