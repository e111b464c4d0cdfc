import { createHash, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import {
  type DirectoryObject,
  DirectoryObjects,
  type JsonObject,
  listOf,
  type ObjectsState,
  textOf,
} from './directory-objects.js';
import { grantId } from './graph/grant-id.js';
import { keyCredentialOf } from './graph/key-credentials.js';
import { fillApplication, fillServicePrincipal, fillUser } from './graph/object-types.js';

/** A secret of an application; without `expiresAt` it does not expire. */
export interface ClientSecret {
  readonly value: string;
  readonly expiresAt?: Date;
}

/** An application and its service principal in the tenant, as the token endpoint sees them. */
export interface Application {
  readonly tenantId: string;
  readonly clientId: string;
  readonly displayName: string;
  /** Object id of the service principal: `oid` of app-only tokens. Null where it has none yet. */
  readonly servicePrincipalId: string | null;
  readonly secrets: readonly ClientSecret[];
  /** In PEM, as uploaded. */
  readonly certificates: readonly string[];
  /** "Allow public client flows": signs users in without a credential of its own. */
  readonly isFallbackPublicClient: boolean;
  /** False where an administrator disabled the service principal. */
  readonly enabled: boolean;
  /** Whether users' access to Dynamics was consented to. */
  readonly consented: boolean;
}

export type UserState =
  | 'active'
  | 'locked'
  | 'disabled'
  | 'password change required'
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
  readonly expiresAt: Date;
}

/** All that a directory holds, for a file. */
export interface DirectoryState extends ObjectsState {
  readonly version: 1;
  readonly tenants: readonly Tenant[];
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
  /** A Global Administrator, who may do everything in Microsoft Graph. */
  administratorName: 'admin@contoso.example',
  administratorPassword: 'mock-admin-password',
  administratorId: '55555555-5555-5555-5555-555555555555',
  /** An application with every permission of Microsoft Graph, for itself and on behalf of users; it allows public client flows. */
  administrationClientId: '66666666-6666-6666-6666-666666666666',
  administrationClientSecret: 'mock-admin-secret',
  administrationServicePrincipalId: '77777777-7777-7777-7777-777777777777',
} as const;

/** The applications that Microsoft itself has in every tenant. */
export const MICROSOFT = {
  dynamics: '00000007-0000-0000-c000-000000000000',
  graph: '00000003-0000-0000-c000-000000000000',
  graphCommandLine: '14d82eec-204b-4c2f-b7e8-296a70dab67e',
  azureCli: '04b07795-8ddb-461a-bbee-02f9e1bf7b46',
} as const;

/** The scope that delegated access to Dynamics needs consent to. */
export const DYNAMICS_SCOPE = 'user_impersonation';

/**
 * The tenants of the mock and the objects in them: what Microsoft Graph shows and changes is what the token endpoint goes by. Ids and
 * names compare without regard to case, as in Entra.
 */
export class Directory {
  readonly objects: DirectoryObjects;
  private readonly tenants: Tenant[] = [];

  constructor(now: () => Date = () => new Date()) {
    this.objects = new DirectoryObjects(now);
  }

  /** Forgets everything, also what was ready-made. */
  clear(): void {
    this.tenants.length = 0;
    this.objects.clear();
  }

  state(): DirectoryState {
    return { version: 1, tenants: [...this.tenants], ...this.objects.state() };
  }

  /** Puts a state in place of all that is there. */
  load(state: DirectoryState): void {
    this.clear();
    this.tenants.push(...state.tenants);
    this.objects.load(state);
  }

  /** Finds a tenant by id or domain. */
  tenant(idOrDomain: string): Tenant | undefined {
    const wanted = idOrDomain.toLowerCase();
    return this.tenants.find(({ id, domain }) => id === wanted || domain === wanted);
  }

  addTenant(tenant: Tenant): void {
    this.tenants.push({ ...tenant, id: tenant.id.toLowerCase(), domain: tenant.domain.toLowerCase() });
  }

  application(tenant: Tenant, clientId: string): Application | undefined {
    const registration = this.objects.find('application', 'appId', clientId, tenant.id);
    const principal = this.objects.find('servicePrincipal', 'appId', clientId, tenant.id);
    const object = registration ?? principal;
    if (object === undefined) return undefined;
    const isPublic = registration?.properties.isFallbackPublicClient ?? principal?.hidden.isPublicClient;
    return {
      tenantId: tenant.id,
      clientId: textOf(object, 'appId'),
      displayName: textOf(object, 'displayName'),
      servicePrincipalId: principal?.id ?? null,
      secrets: listOf(object, 'passwordCredentials').map(secretOf),
      certificates: listOf(object, 'keyCredentials').map((credential) => certificateOf(credential).toString()),
      isFallbackPublicClient: isPublic === true,
      enabled: principal?.properties.accountEnabled !== false,
      consented: principal !== undefined && this.grants(principal.id, MICROSOFT.dynamics).length > 0,
    };
  }

  user(userPrincipalName: string): User | undefined {
    const object = this.objects.find('user', 'userPrincipalName', userPrincipalName);
    if (object === undefined) return undefined;
    return {
      tenantId: object.tenantId,
      objectId: object.id,
      userPrincipalName: textOf(object, 'userPrincipalName'),
      displayName: textOf(object, 'displayName'),
      password: object.hidden.password ?? '',
      state: stateOf(object),
    };
  }

  /** Adds an application or replaces the one of the same client id; throws where a certificate is not PEM. */
  putApplication(application: Application): void {
    const { tenantId, clientId, displayName, isFallbackPublicClient, servicePrincipalId } = application;
    const credentials: JsonObject = {
      displayName,
      isFallbackPublicClient,
      passwordCredentials: application.secrets.map(passwordCredential),
      keyCredentials: application.certificates.map((pem) => keyCredentialOf(new X509Certificate(pem))),
    };
    const registration = this.objects.find('application', 'appId', clientId, tenantId);
    if (registration) this.objects.change(registration, credentials);
    else
      this.objects.add(
        'application',
        fillApplication(this.requiredTenant(tenantId), { appId: clientId, ...credentials }),
      );
    if (servicePrincipalId !== null) this.putServicePrincipal(application, servicePrincipalId);
  }

  /** Adds a user or replaces the one of the same name. */
  putUser({ tenantId, objectId, userPrincipalName, displayName, password, state }: User): void {
    const properties = { userPrincipalName, displayName, accountEnabled: state !== 'disabled' };
    const hidden = { password, signInState: state };
    const user = this.objects.find('user', 'userPrincipalName', userPrincipalName);
    if (user) this.objects.change(user, properties, hidden);
    else this.objects.add('user', { ...fillUser(this.requiredTenant(tenantId), properties), id: objectId, hidden });
  }

  certificatesOf({ tenantId, clientId }: Application): readonly RegisteredCertificate[] {
    const registration = this.objects.find('application', 'appId', clientId, tenantId);
    return registration ? listOf(registration, 'keyCredentials').map(registeredCertificate) : [];
  }

  /** The scopes of a resource that a client was granted for everybody, and for this user. */
  grantedScopes(clientPrincipalId: string, resourceAppId: string, userId: string): readonly string[] {
    const scopes = this.grants(clientPrincipalId, resourceAppId)
      .filter(({ properties }) => properties.consentType === 'AllPrincipals' || properties.principalId === userId)
      .flatMap((grant) => textOf(grant, 'scope').split(/\s+/));
    return [...new Set(scopes.filter((scope) => scope !== ''))];
  }

  /** The values of the application roles of a resource that a client was assigned. */
  assignedRoles(clientPrincipalId: string, resourceAppId: string, tenantId: string): readonly string[] {
    const resource = this.objects.find('servicePrincipal', 'appId', resourceAppId, tenantId);
    if (resource === undefined) return [];
    const assigned = this.objects
      .all('appRoleAssignment', tenantId)
      .filter(({ properties }) => properties.principalId === clientPrincipalId && properties.resourceId === resource.id)
      .map((assignment) => textOf(assignment, 'appRoleId'));
    return listOf(resource, 'appRoles')
      .filter(({ id }) => assigned.includes(String(id)))
      .map(({ value }) => String(value));
  }

  /** The templates of the directory roles that a user or service principal holds: `wids` of tokens. */
  directoryRoles(principalId: string, tenantId: string): readonly string[] {
    return this.objects
      .all('roleAssignment', tenantId)
      .filter(({ properties }) => properties.principalId === principalId)
      .map((assignment) => textOf(assignment, 'roleDefinitionId'));
  }

  private grants(clientPrincipalId: string, resourceAppId: string): readonly DirectoryObject[] {
    const tenantId = this.objects.get('servicePrincipal', clientPrincipalId)?.tenantId ?? '';
    const resource = this.objects.find('servicePrincipal', 'appId', resourceAppId, tenantId);
    return this.objects
      .all('oauth2PermissionGrant', tenantId)
      .filter(({ properties }) => properties.clientId === clientPrincipalId && properties.resourceId === resource?.id);
  }

  private putServicePrincipal({ tenantId, clientId, displayName, enabled, consented }: Application, id: string): void {
    const properties = { displayName, accountEnabled: enabled };
    const principal = this.objects.find('servicePrincipal', 'appId', clientId, tenantId);
    if (principal) this.objects.change(principal, properties);
    else {
      const filled = fillServicePrincipal(this.requiredTenant(tenantId), { appId: clientId, ...properties });
      this.objects.add('servicePrincipal', { ...filled, id });
    }
    const dynamics = this.objects.find('servicePrincipal', 'appId', MICROSOFT.dynamics, tenantId);
    for (const grant of this.grants(principal?.id ?? id, MICROSOFT.dynamics)) this.objects.delete(grant);
    if (consented && dynamics) this.putGrant(tenantId, principal?.id ?? id, dynamics.id, DYNAMICS_SCOPE);
  }

  /** Grants a client scopes of a resource on behalf of everybody. */
  putGrant(tenantId: string, clientId: string, resourceId: string, scope: string): void {
    const properties = { clientId, consentType: 'AllPrincipals', principalId: null, resourceId, scope };
    this.objects.add('oauth2PermissionGrant', { tenantId, id: grantId(clientId, resourceId), properties });
  }

  private requiredTenant(id: string): Tenant {
    const tenant = this.tenant(id);
    if (tenant === undefined) throw new Error(`Expected tenant ${id} to exist; call addTenant() first.`);
    return tenant;
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

/** Graph gives every secret an end; this one stands for never. */
const NEVER = '2299-12-31T00:00:00Z';

function passwordCredential({ value, expiresAt }: ClientSecret, index: number): JsonObject {
  return {
    customKeyIdentifier: null,
    displayName: null,
    endDateTime: expiresAt?.toISOString() ?? NEVER,
    hint: value.slice(0, 3),
    keyId: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    secretText: value,
    startDateTime: '2024-01-01T00:00:00Z',
  };
}

function secretOf({ secretText, endDateTime }: JsonObject): ClientSecret {
  return { value: String(secretText), expiresAt: new Date(String(endDateTime)) };
}

function certificateOf({ key }: JsonObject): X509Certificate {
  return new X509Certificate(Buffer.from(String(key), 'base64'));
}

function registeredCertificate(credential: JsonObject): RegisteredCertificate {
  const certificate = certificateOf(credential);
  const digest = (algorithm: string) => createHash(algorithm).update(certificate.raw).digest();
  const expiresAt = new Date(String(credential.endDateTime));
  return { certificate, sha1: digest('sha1'), sha256: digest('sha256'), expiresAt };
}

function stateOf({ properties, hidden }: DirectoryObject): UserState {
  if (properties.accountEnabled === false) return 'disabled';
  // Only putUser() writes it, from a UserState.
  const state = hidden.signInState as UserState | undefined;
  return state === undefined || state === 'disabled' ? 'active' : state;
}
