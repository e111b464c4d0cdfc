import { createHash, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';

/** A secret of an application; without `expiresAt` it does not expire. */
export interface ClientSecret {
  readonly value: string;
  readonly expiresAt?: Date;
}

/** An application and its service principal in the tenant. */
export interface Application {
  readonly tenantId: string;
  readonly clientId: string;
  readonly displayName: string;
  /** Object id of the service principal: `oid` of app-only tokens. */
  readonly servicePrincipalId: string;
  readonly secrets: readonly ClientSecret[];
  /** In PEM, as uploaded. */
  readonly certificates: readonly string[];
  /** "Allow public client flows": signs users in without a credential of its own. */
  readonly isFallbackPublicClient: boolean;
  /** False where an administrator disabled the service principal. */
  readonly enabled: boolean;
  /** Whether users' access was consented to. */
  readonly consented: boolean;
}

export type UserState =
  | 'active'
  | 'locked'
  | 'disabled'
  | 'multi-factor required'
  | 'multi-factor registration required';

/** A member of the tenant who signs in by password. */
export interface User {
  readonly tenantId: string;
  readonly objectId: string;
  readonly userPrincipalName: string;
  readonly displayName: string;
  readonly password: string;
  readonly state: UserState;
}

export interface Tenant {
  readonly id: string;
  readonly domain: string;
  readonly displayName: string;
}

/** A certificate found by its thumbprint, ready to check a signature. */
export interface RegisteredCertificate {
  readonly certificate: X509Certificate;
  readonly sha1: Buffer;
  readonly sha256: Buffer;
}

/** What the mock has ready when it starts. None of it is secret. */
export const READY_MADE = {
  tenantId: '11111111-1111-1111-1111-111111111111',
  domain: 'contoso.example',
  clientId: '22222222-2222-2222-2222-222222222222',
  clientSecret: 'mock-secret',
  servicePrincipalId: '33333333-3333-3333-3333-333333333333',
  userName: 'crm.user@contoso.example',
  password: 'mock-password',
  userId: '44444444-4444-4444-4444-444444444444',
} as const;

/** The tenants, applications and users of the mock. Ids and names compare without regard to case, as in Entra. */
export class Directory {
  private readonly tenants: Tenant[] = [];
  private readonly applications = new Map<string, Application>();
  private readonly users = new Map<string, User>();
  private readonly certificates = new WeakMap<Application, readonly RegisteredCertificate[]>();

  constructor() {
    this.reset();
  }

  /** Returns to the ready-made tenant with its application and user. */
  reset(): void {
    const { tenantId, domain } = READY_MADE;
    this.tenants.length = 0;
    this.applications.clear();
    this.users.clear();
    this.tenants.push({ id: tenantId, domain, displayName: 'Contoso' });
    this.putApplication(readyMadeApplication());
    this.putUser(readyMadeUser());
  }

  /** Finds a tenant by id or domain. */
  tenant(idOrDomain: string): Tenant | undefined {
    const wanted = idOrDomain.toLowerCase();
    return this.tenants.find(({ id, domain }) => id === wanted || domain === wanted);
  }

  application(tenant: Tenant, clientId: string): Application | undefined {
    const application = this.applications.get(clientId.toLowerCase());
    return application?.tenantId === tenant.id ? application : undefined;
  }

  user(userPrincipalName: string): User | undefined {
    return this.users.get(userPrincipalName.toLowerCase());
  }

  addTenant(tenant: Tenant): void {
    this.tenants.push({ ...tenant, id: tenant.id.toLowerCase(), domain: tenant.domain.toLowerCase() });
  }

  /** Adds an application or replaces the one of the same client id; throws where a certificate is not PEM. */
  putApplication(application: Application): void {
    this.certificates.set(application, application.certificates.map(registerCertificate));
    this.applications.set(application.clientId.toLowerCase(), application);
  }

  /** Adds a user or replaces the one of the same name. */
  putUser(user: User): void {
    this.users.set(user.userPrincipalName.toLowerCase(), user);
  }

  certificatesOf(application: Application): readonly RegisteredCertificate[] {
    return this.certificates.get(application) ?? [];
  }
}

/** The ready-made certificate or its private key, in PEM. */
export function readFixture(name: 'certificate.pem' | 'private-key.pem'): string {
  const beside = new URL(`./fixtures/${name}`, import.meta.url);
  // Compiled, this file lies in dist/mocks/entra, and fixtures that are no code stay where they were.
  return readFileSync(
    existsSync(beside) ? beside : new URL(`../../../mocks/entra/fixtures/${name}`, import.meta.url),
    'utf8',
  );
}

function readyMadeApplication(): Application {
  return {
    tenantId: READY_MADE.tenantId,
    clientId: READY_MADE.clientId,
    displayName: 'Isthmus',
    servicePrincipalId: READY_MADE.servicePrincipalId,
    secrets: [{ value: READY_MADE.clientSecret }],
    certificates: [readFixture('certificate.pem')],
    isFallbackPublicClient: true,
    enabled: true,
    consented: true,
  };
}

function readyMadeUser(): User {
  return {
    tenantId: READY_MADE.tenantId,
    objectId: READY_MADE.userId,
    userPrincipalName: READY_MADE.userName,
    displayName: 'CRM User',
    password: READY_MADE.password,
    state: 'active',
  };
}

function registerCertificate(pem: string): RegisteredCertificate {
  const certificate = new X509Certificate(pem);
  const digest = (algorithm: string) => createHash(algorithm).update(certificate.raw).digest();
  return { certificate, sha1: digest('sha1'), sha256: digest('sha256') };
}
