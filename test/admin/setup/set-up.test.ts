import { X509Certificate } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MICROSOFT, READY_MADE, readFixture } from '../../../mocks/entra/directory.js';
import { type Answer, type Data, startGateway, type TestGateway } from '../../support/gateway.js';

const REGISTER =
  'mutation ($input: RegisterApplicationInput!) { answer: registerApplication(input: $input) { outcome changes name clientId servicePrincipalId tenantId } }';
const UPLOAD =
  'mutation ($input: UploadCertificateInput!) { answer: uploadCertificate(input: $input) { outcome changes customKeyIdentifier keyId expiresOn } }';
const GRANT =
  'mutation ($input: GrantPermissionsInput!) { answer: grantPermissions(input: $input) { outcome changes grantId scopes } }';
const USER =
  'mutation ($input: CreateNonInteractiveUserInput!) { answer: createNonInteractiveUser(input: $input) { outcome changes status objectId systemUserId license securityRoles password } }';
const APPLICATION_USER =
  'mutation ($input: CreateApplicationUserInput!) { answer: createApplicationUser(input: $input) { outcome changes systemUserId userName securityRoles } }';

const PEM = readFixture('certificate.pem');

describe('the mutations of the set-up', () => {
  let gateway: TestGateway;
  let administrator: { graphToken: string; dynamicsToken: string };
  beforeAll(async () => {
    gateway = await startGateway({ contacts: 5 });
    administrator = {
      graphToken: await gateway.mocks.entra.administratorToken(),
      dynamicsToken: await dynamicsToken(),
    };
  });
  afterAll(() => gateway?.close());
  afterEach(() => {
    gateway.mocks.entra.reset();
    gateway.mocks.dynamics.reset();
  });

  /** A token of the ready-made administration application for the organization. */
  async function dynamicsToken(): Promise<string> {
    const { tenantId, administrationClientId, administrationServicePrincipalId } = READY_MADE;
    const now = Math.floor(Date.now() / 1000);
    return gateway.mocks.entra.signToken({
      ...{ aud: gateway.mocks.dynamics.url, iss: `https://sts.windows.net/${tenantId}/`, ver: '1.0' },
      ...{ iat: now, nbf: now, exp: now + 3599, tid: tenantId },
      ...{ appid: administrationClientId, oid: administrationServicePrincipalId },
    });
  }

  const send = (mutation: string, input: Data) => gateway.send(mutation, { input: { administrator, ...input } });
  const ask = async (mutation: string, input: Data): Promise<Data> => {
    const { data, errors } = await send(mutation, input);
    expect(errors).toEqual([]);
    return data.answer;
  };
  const fault = ({ errors }: Answer) => errors[0]?.extensions;
  const writesTo = (mock: 'entra' | 'dynamics') =>
    gateway.mocks[mock].requests().filter(({ method, path }) => method !== 'GET' && !path.includes('/token'));
  const applications = () => gateway.mocks.entra.directory.objects.all('application', READY_MADE.tenantId);
  const { clientId } = READY_MADE;

  describe('registerApplication', () => {
    it('names the application after the instance of Campaign, and makes it once', async () => {
      const first = await ask(REGISTER, {});
      expect(first).toMatchObject({ outcome: 'CREATED', name: 'adobecampaignmock', tenantId: READY_MADE.tenantId });
      const again = await ask(REGISTER, {});
      expect(again).toEqual({ ...first, outcome: 'UNCHANGED', changes: [] });
    });

    it('tells with dryRun what it would do, and does nothing', async () => {
      gateway.mocks.clearRequests();
      const planned = await ask(REGISTER, { name: 'planned', dryRun: true });
      expect(planned).toMatchObject({ outcome: 'CREATED', clientId: null, servicePrincipalId: null });
      expect(writesTo('entra')).toEqual([]);
      const { changes } = await ask(REGISTER, { name: 'planned' });
      expect(planned.changes).toEqual(changes);
    });

    it('takes an application that was made by hand, and makes only what it lacks', async () => {
      await ask(REGISTER, { name: 'by hand', signOnUrl: 'https://contoso.example/old' });
      expect(await ask(REGISTER, { name: 'by hand' })).toMatchObject({
        outcome: 'UPDATED',
        changes: ['Add the sign-on URL http://localhost.'],
      });
    });

    it('makes one application for two calls at once', async () => {
      const both = await Promise.all([1, 2].map(() => ask(REGISTER, { name: 'both' })));
      expect(both.map(({ outcome }) => outcome)).toEqual(['CREATED', 'UNCHANGED']);
      expect(both[1]?.clientId).toBe(both[0]?.clientId);
    });

    it('is a conflict that lists the client ids where several have the name', async () => {
      for (const id of ['a', 'b'].map((letter) => letter.repeat(8))) {
        gateway.mocks.entra.directory.putApplication({
          ...{ tenantId: READY_MADE.tenantId, clientId: `${id}-0000-4000-8000-000000000000`, displayName: "O'Twice" },
          ...{ servicePrincipalId: null, secrets: [], certificates: [], isFallbackPublicClient: false },
          ...{ enabled: true, consented: false },
        });
      }
      const answer = await send(REGISTER, { name: "O'Twice" });
      expect(fault(answer)).toMatchObject({ code: 'CONFLICT', field: 'input.name' });
      expect(answer.errors[0]?.message).toContain('aaaaaaaa-0000-4000-8000-000000000000, bbbbbbbb');
      const one = await ask(REGISTER, { clientId: 'aaaaaaaa-0000-4000-8000-000000000000' });
      expect(one).toMatchObject({ outcome: 'UPDATED', name: "O'Twice" });
    });

    it('goes on where an earlier call lost the answer of Graph', async () => {
      gateway.mocks.entra.addFault({ match: { method: 'POST', path: '/servicePrincipals' }, status: 503 });
      expect(fault(await send(REGISTER, { name: 'cut off' }))).toMatchObject({
        upstream: { system: 'entra', status: 503 },
      });
      expect(await ask(REGISTER, { name: 'cut off' })).toMatchObject({
        outcome: 'UPDATED',
        changes: ['Create its service principal.'],
      });
      expect(applications().filter(({ properties }) => properties.displayName === 'cut off')).toHaveLength(1);
    });

    it.each([
      [{ name: 'x'.repeat(121) }, 'input.name'],
      [{ name: 'x', signOnUrl: 'http://contoso.example' }, 'input.signOnUrl'],
      [{ clientId: '42' }, 'input.clientId'],
    ])('with %j names the field', async (input, field) => {
      expect(fault(await send(REGISTER, input))).toMatchObject({ code: 'BAD_USER_INPUT', field });
    });
  });

  describe('the sign-in of an administrator', () => {
    it('is asked for where neither call nor settings give one', async () => {
      const answer = await gateway.send(REGISTER, { input: { name: 'x' } });
      expect(fault(answer)).toMatchObject({ code: 'BAD_USER_INPUT', field: 'input.administrator.graphToken' });
      expect(answer.errors[0]?.message).toMatch(/az account get-access-token.*ADMIN_CLIENT_ID/);
    });

    it('for another service is refused before anything is sent', async () => {
      gateway.mocks.clearRequests();
      const answer = await send(REGISTER, { name: 'x', administrator: { graphToken: administrator.dynamicsToken } });
      expect(fault(answer)).toMatchObject({ code: 'BAD_USER_INPUT', field: 'input.administrator.graphToken' });
      expect(gateway.mocks.entra.requests()).toEqual([]);
      expect(JSON.stringify(answer)).not.toContain(administrator.dynamicsToken);
    });

    it('without the rights is told what it lacks', async () => {
      const { tenantId, servicePrincipalId: oid } = READY_MADE;
      const exp = Math.floor(Date.now() / 1000) + 600;
      const graphToken = await gateway.mocks.entra.signToken({
        ...{ aud: 'https://graph.microsoft.com', tid: tenantId, oid, appid: clientId, roles: [], exp },
        iss: `https://sts.windows.net/${tenantId}/`,
      });
      const answer = await send(REGISTER, { name: 'x', administrator: { graphToken } });
      expect(fault(answer)).toMatchObject({ code: 'FORBIDDEN', upstream: { code: 'Authorization_RequestDenied' } });
      expect(answer.errors[0]?.message).toContain('Application.ReadWrite.All');
      expect(JSON.stringify(answer)).not.toContain(graphToken);
    });
  });

  describe('uploadCertificate', () => {
    const otherCertificate = async (): Promise<string> => {
      const made = await gateway.ask('mutation { generateCertificate(input: { days: 30 }) { certificate } }');
      return made.generateCertificate.certificate;
    };

    it('adds the certificate beside those that are there', async () => {
      const certificate = await otherCertificate();
      const before = keyIds();
      const uploaded = await ask(UPLOAD, { clientId, certificate });
      expect(uploaded).toMatchObject({
        outcome: 'CREATED',
        customKeyIdentifier: new X509Certificate(certificate).fingerprint.replaceAll(':', ''),
      });
      expect(keyIds()).toEqual([...before, uploaded.keyId]);
      expect(await ask(UPLOAD, { clientId, certificate })).toEqual({ ...uploaded, outcome: 'UNCHANGED', changes: [] });
    });

    it('finds one that was uploaded by hand, and changes nothing', async () => {
      const [keyId] = keyIds();
      expect(await ask(UPLOAD, { clientId, certificate: PEM })).toMatchObject({ outcome: 'UNCHANGED', keyId });
    });

    it.each([
      ['a private key', readFixture('private-key.pem'), 'private key'],
      ['no PEM', 'hello', 'BEGIN CERTIFICATE'],
    ])('refuses %s', async (_what, certificate, words) => {
      const answer = await send(UPLOAD, { clientId, certificate });
      expect(fault(answer)).toMatchObject({ code: 'BAD_USER_INPUT', field: 'input.certificate' });
      expect(answer.errors[0]?.message).toContain(words);
      expect(JSON.stringify(answer)).not.toContain('MII');
    });

    it('tells of an application that is not there', async () => {
      const unknown = '99999999-9999-9999-9999-999999999999';
      expect(fault(await send(UPLOAD, { clientId: unknown, certificate: PEM }))).toMatchObject({
        code: 'NOT_FOUND',
        field: 'input.clientId',
      });
    });

    function keyIds(): readonly unknown[] {
      const [application] = applications().filter(({ properties }) => properties.appId === clientId);
      const credentials = application?.properties.keyCredentials as readonly { keyId: string }[]; // what Graph keeps there
      return credentials.map(({ keyId }) => keyId);
    }
  });

  describe('grantPermissions', () => {
    it('consents once, and declares the permission beside others', async () => {
      const { clientId: made } = await ask(REGISTER, { name: 'granted' });
      const first = await ask(GRANT, { clientId: made });
      expect(first).toMatchObject({ outcome: 'CREATED', scopes: ['user_impersonation'] });
      expect(first.changes).toHaveLength(3);
      expect(await ask(GRANT, { clientId: made })).toEqual({ ...first, outcome: 'UNCHANGED', changes: [] });
    });

    it('widens a consent that is there, and takes nothing from it', async () => {
      const { clientId: made, servicePrincipalId } = await ask(REGISTER, { name: 'wider' });
      const { directory } = gateway.mocks.entra;
      const dynamics = directory.objects.find('servicePrincipal', 'appId', MICROSOFT.dynamics, READY_MADE.tenantId);
      if (!dynamics) throw new Error('Expected the tenant to have Dynamics.');
      const scopes = dynamics.properties.oauth2PermissionScopes as readonly { value: string }[]; // what Graph keeps there
      const other = scopes.map((scope) => ({ ...scope, id: dynamics.id, value: 'other' }));
      directory.objects.change(dynamics, { oauth2PermissionScopes: [...scopes, ...other] });
      directory.putGrant(READY_MADE.tenantId, servicePrincipalId, dynamics.id, 'other');
      expect(await ask(GRANT, { clientId: made })).toMatchObject({
        outcome: 'UPDATED',
        scopes: ['other', 'user_impersonation'],
      });
    });
  });

  describe('createApplicationUser', () => {
    const server = () => gateway.mocks.dynamics.url;

    it('makes the user of the application with its role, once', async () => {
      const { clientId: made } = await ask(REGISTER, { name: 'user of dynamics' });
      const first = await ask(APPLICATION_USER, { clientId: made, server: server() });
      expect(first).toMatchObject({ outcome: 'CREATED', securityRoles: ['System Administrator'] });
      const again = await ask(APPLICATION_USER, { clientId: made, server: server() });
      expect(again).toMatchObject({ outcome: 'UNCHANGED', changes: [], systemUserId: first.systemUserId });
    });

    it('makes no user where the role is not there', async () => {
      const { clientId: made } = await ask(REGISTER, { name: 'no role' });
      gateway.mocks.clearRequests();
      const answer = await send(APPLICATION_USER, { clientId: made, server: server(), securityRoles: ["King's role"] });
      expect(fault(answer)).toMatchObject({ code: 'NOT_FOUND', field: 'input.securityRoles.0' });
      expect(writesTo('dynamics')).toEqual([]);
    });

    it('takes the user that another made in the meantime, as a duplicate key tells', async () => {
      const { clientId: made } = await ask(REGISTER, { name: 'twice' });
      const both = await Promise.all([1, 2].map(() => ask(APPLICATION_USER, { clientId: made, server: server() })));
      expect(both[0]?.systemUserId).toBe(both[1]?.systemUserId);
    });

    it('sends no token to a host that is not allowed', async () => {
      const answer = await send(APPLICATION_USER, { clientId, server: 'https://crm.evil.example' });
      expect(fault(answer)).toMatchObject({ code: 'BAD_USER_INPUT', field: 'input.server' });
      expect(answer.errors[0]?.message).toContain('DYNAMICS_HOSTS');
    });
  });

  describe('createNonInteractiveUser', () => {
    let made = 0;
    // Each test has a user of its own: one that was made a moment ago is waited for, as if only a replica did not show it.
    const userName = () => `integration${made}@contoso.example`;
    beforeEach(() => {
      made += 1;
    });

    const input = (change: Data = {}) => ({
      userPrincipalName: userName(),
      usageLocation: 'FR',
      server: gateway.mocks.dynamics.url,
      ...change,
    });

    it('licenses the user, makes it non-interactive, and shows the password it made once', async () => {
      const first = await ask(USER, input());
      expect(first).toMatchObject({ outcome: 'CREATED', status: 'READY', license: 'DYN365_ENTERPRISE_SALES' });
      expect(first.password).toHaveLength(32);
      const again = await ask(USER, input());
      expect(again).toMatchObject({ outcome: 'UNCHANGED', changes: [], status: 'READY', password: null });
      const [row] = gateway.mocks.dynamics
        .rows('systemuser')
        .filter((user) => user.systemuserid === first.systemUserId);
      expect(row).toMatchObject({ accessmode: 4, isdisabled: false });
    });

    it('takes the licence away where that is asked, and does not give it back', async () => {
      expect(await ask(USER, input({ removeLicense: true }))).toMatchObject({ status: 'READY', license: null });
      expect(await ask(USER, input({ removeLicense: true }))).toMatchObject({ outcome: 'UNCHANGED', changes: [] });
    });

    it('tells with dryRun what it would do as far as that is known', async () => {
      gateway.mocks.clearRequests();
      const planned = await ask(USER, input({ dryRun: true }));
      expect(planned).toMatchObject({ outcome: 'CREATED', status: 'PENDING', objectId: null, password: null });
      expect(planned.changes).toEqual([
        `Create the user ${userName()}.`,
        'Assign a licence of DYN365_ENTERPRISE_SALES.',
      ]);
      expect([...writesTo('entra'), ...writesTo('dynamics')]).toEqual([]);
    });

    it.each([
      [{ userPrincipalName: 'nobody' }, 'BAD_USER_INPUT', 'input.userPrincipalName'],
      [{ usageLocation: 'France' }, 'BAD_USER_INPUT', 'input.usageLocation'],
      [{ usageLocation: null }, 'BAD_USER_INPUT', 'input.usageLocation'],
      [{ license: 'DYN365_ENTERPRISE_PLAN1' }, 'CONFLICT', 'input.license'],
      [{ license: 'OTHER' }, 'NOT_FOUND', 'input.license'],
    ])('with %j is %s and makes no user', async (change, code, field) => {
      expect(fault(await send(USER, input(change)))).toMatchObject({ code, field });
      const { objects } = gateway.mocks.entra.directory;
      expect(objects.find('user', 'userPrincipalName', userName())).toBeUndefined();
    });
  });
});
