import { describe, expect, it } from 'vitest';
import 'reflect-metadata';
import { CertificatesService } from '../../../src/admin/setup/certificates.service.js';
import { DirectoryUsersService } from '../../../src/admin/setup/directory-users.service.js';
import { generateCertificate } from '../../../src/admin/setup/generate-certificate.js';
import type {
  DirectoryUser,
  DynamicsSetUp,
  KeyCredential,
  MicrosoftGraph,
  OrganizationUser,
  OrganizationUsers,
} from '../../../src/connectors/dynamics/dynamics-set-up.js';
import { RemoteError } from '../../../src/model/errors.js';

const ROLE = { id: 'role', name: 'System Administrator' };
const SALES = { id: 'sku', name: 'DYN365_ENTERPRISE_SALES', isEnabled: true, isForUsers: true, freeLicenses: 3 };

function setUpOf(graph: Partial<MicrosoftGraph>, users: Partial<OrganizationUsers> = {}): DynamicsSetUp {
  const close = async () => undefined;
  return {
    assertServer: (server) => server,
    openGraph: async () => ({ close, ...graph }) as MicrosoftGraph, // only what the tests call
    openUsers: async () => ({ close, ...users }) as OrganizationUsers, // the same
  };
}

describe('createNonInteractiveUser', () => {
  /** A tenant with one user, of whom Dynamics hears when `arrive` is called. */
  function openTenant() {
    const done: string[] = [];
    let refusal: RemoteError | null = null;
    let person: OrganizationUser | null = null;
    let user: DirectoryUser | null = null;
    const graph: Partial<MicrosoftGraph> = {
      findUser: async () => user,
      listSubscriptions: async () => [SALES],
      createUser: async ({ userPrincipalName }) => {
        user = { objectId: 'oid', userPrincipalName, enabled: true, usageLocation: 'FR', licenses: [] };
        return user;
      },
      changeLicenses: async (_id, { add, remove }) => {
        if (refusal) throw refusal;
        if (user) user = { ...user, licenses: [...user.licenses, ...add].filter((id) => !remove.includes(id)) };
        done.push(`licences +${add} -${remove}`);
      },
    };
    const users: Partial<OrganizationUsers> = {
      findPerson: async () => person,
      readRootBusinessUnit: async () => 'root',
      findRole: async () => ROLE,
      readRoles: async () => [],
      addRole: async (_id, role) => void done.push(`role ${role}`),
      updateUser: async (_id, change) => {
        if (person && change.accessMode !== undefined) person = { ...person, accessMode: change.accessMode };
        done.push(`user ${JSON.stringify(change)}`);
      },
    };
    const arrive = () => {
      person = { id: 'sid', userName: 'x', enabled: true, accessMode: 0, businessUnitId: 'root' };
    };
    const refuseLicenses = () => {
      const upstream = { system: 'entra', status: 403, code: null, message: 'No.', requestId: null } as const;
      refusal = new RemoteError('FORBIDDEN', 'No licence.', { upstream });
    };
    const service = new DirectoryUsersService(setUpOf(graph, users), { everyMs: 1, totalMs: 5 });
    return { service, done, arrive, refuseLicenses };
  }

  const INPUT = {
    ...{ userPrincipalName: 'crm@contoso.example', displayName: 'CRM', usageLocation: 'FR', server: 'https://x' },
    ...{ removeLicense: true, securityRoles: ['System Administrator'], dryRun: false },
  };

  it('is PENDING while Dynamics does not know the user, and converges on the next call', async () => {
    const { service, done, arrive } = openTenant();
    const first = await service.create(INPUT, {});
    expect(first).toMatchObject({ outcome: 'CREATED', status: 'PENDING', systemUserId: null, license: SALES.name });
    expect(done).toEqual(['licences +sku -']);
    arrive();
    const second = await service.create(INPUT, {});
    expect(second).toMatchObject({ outcome: 'UPDATED', status: 'READY', systemUserId: 'sid', license: null });
    expect(done.slice(1)).toEqual(['user {"accessMode":4}', 'role role', 'licences + -sku']);
  });

  it('tells that the password is lost where it fails after the user was made', async () => {
    const { service, refuseLicenses } = openTenant();
    refuseLicenses();
    await expect(service.create(INPUT, {})).rejects.toMatchObject({
      code: 'FORBIDDEN',
      message: expect.stringMatching(/^No licence\. The user crm@contoso\.example was made .* reset it/),
    });
    await expect(service.create(INPUT, {})).rejects.toMatchObject({ code: 'FORBIDDEN', message: 'No licence.' });
    await expect(openFailing().create({ ...INPUT, password: 'of one’s own' }, {})).rejects.toMatchObject({
      message: 'No licence.',
    });
  });

  it('makes one user for two calls at once', async () => {
    const { service } = openTenant();
    const both = await Promise.all([service.create(INPUT, {}), service.create(INPUT, {})]);
    expect(both.map(({ outcome, password }) => [outcome, password?.length ?? null])).toEqual([
      ['CREATED', 32],
      ['UNCHANGED', null],
    ]);
  });

  function openFailing(): DirectoryUsersService {
    const { service, refuseLicenses } = openTenant();
    refuseLicenses();
    return service;
  }
});

describe('uploadCertificate', () => {
  it('drops expired certificates, for one of which Graph would refuse all', async () => {
    const { certificate } = await generateCertificate({ subject: 'new', days: 10 });
    const held = (keyId: string, expiresOn: string): KeyCredential => ({
      ...{ keyId, customKeyIdentifier: 'some name', key: null, displayName: keyId, startsOn: '2020-01-01T00:00:00Z' },
      ...{ type: 'AsymmetricX509Cert', usage: 'Verify', expiresOn },
    });
    let kept: readonly KeyCredential[] = [held('valid', '2999-01-01T00:00:00Z'), held('old', '2021-01-01T00:00:00Z')];
    const service = new CertificatesService(
      setUpOf({
        findApplication: async () => ({ objectId: 'oid', clientId: 'x' }) as never, // nothing else is asked of it
        readCertificates: async () => kept,
        replaceCertificates: async (_id, credentials) => {
          kept = credentials;
          return kept;
        },
      }),
    );
    const clientId = '22222222-2222-2222-2222-222222222222';
    const { changes } = await service.upload({ clientId, certificate, dryRun: false }, {});
    expect(kept.map(({ displayName }) => displayName)).toEqual(['valid', 'CN=new']);
    expect(changes).toEqual(['Upload the certificate "CN=new".', 'Drop the expired certificate "old".']);
  });

  it('keeps the certificates of two calls at once', async () => {
    const certificates = await Promise.all(
      ['one', 'other'].map((subject) => generateCertificate({ subject, days: 9 })),
    );
    let kept: readonly KeyCredential[] = [];
    const service = new CertificatesService(
      setUpOf({
        findApplication: async () => ({ objectId: 'oid', clientId: 'x' }) as never, // nothing else is asked of it
        readCertificates: async () => kept,
        replaceCertificates: async (_id, credentials) => {
          kept = credentials;
          return kept;
        },
      }),
    );
    const clientId = '22222222-2222-2222-2222-222222222222';
    const upload = (certificate: string) => service.upload({ clientId, certificate, dryRun: false }, {});
    await Promise.all(certificates.map(({ certificate }) => upload(certificate)));
    expect(kept.map(({ displayName }) => displayName)).toEqual(['CN=one', 'CN=other']);
  });
});
