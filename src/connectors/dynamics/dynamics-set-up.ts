import type { CallOptions } from '../../model/call.js';

/** What the set-up asks of Microsoft Graph and of a Dynamics organization, as an administrator who signed in for one call. */
export interface DynamicsSetUp {
  /** Where settings allow a Dynamics organization to be: the origin of the address. Throws BAD_USER_INPUT that names `field`. */
  assertServer(server: string, field: string): string;
  /** Throws BAD_USER_INPUT for a sign-in that is missing, expired or for another service; nothing is sent to Graph before. */
  openGraph(signIn: AdministratorSignIn, options?: CallOptions): Promise<MicrosoftGraph>;
  /** The same for the organization at an address that `assertServer` gave. */
  openUsers(server: string, signIn: AdministratorSignIn, options?: CallOptions): Promise<OrganizationUsers>;
}

/** Access tokens of an administrator; null where the one that settings configure signs in. They are never kept. */
export interface AdministratorSignIn {
  readonly graphToken: string | null;
  readonly dynamicsToken: string | null;
}

/**
 * Microsoft Graph as one administrator sees it. Methods reject with a `RemoteError` of system `entra`. What was made through the same object
 * and has not yet reached every replica of the directory is waited for, within bounds.
 */
export interface MicrosoftGraph {
  /** Id of the tenant that the administrator signed in to; null where the token does not tell. */
  readonly tenantId: string | null;
  findApplication(clientId: string, options?: CallOptions): Promise<GraphApplication | null>;
  /** Names are not unique in a tenant. */
  findApplicationsNamed(name: string, options?: CallOptions): Promise<readonly GraphApplication[]>;
  createApplication(content: ApplicationContent, options?: CallOptions): Promise<GraphApplication>;
  updateApplication(objectId: string, change: Partial<ApplicationContent>, options?: CallOptions): Promise<void>;
  /** The certificates of an application, with their keys. */
  readCertificates(objectId: string, options?: CallOptions): Promise<readonly KeyCredential[]>;
  /** Makes these the certificates of the application and gives what Graph then tells of them. */
  replaceCertificates(
    objectId: string,
    credentials: readonly KeyCredential[],
    options?: CallOptions,
  ): Promise<readonly KeyCredential[]>;
  findServicePrincipal(clientId: string, options?: CallOptions): Promise<ServicePrincipal | null>;
  createServicePrincipal(clientId: string, options?: CallOptions): Promise<ServicePrincipal>;
  /** What a client was granted for everybody in the tenant, by the object ids of both service principals. */
  findGrant(clientObjectId: string, resourceObjectId: string, options?: CallOptions): Promise<PermissionGrant | null>;
  createGrant(grant: Omit<PermissionGrant, 'id'> & GrantParties, options?: CallOptions): Promise<PermissionGrant>;
  updateGrant(id: string, scopes: readonly string[], options?: CallOptions): Promise<void>;
  findUser(userPrincipalName: string, options?: CallOptions): Promise<DirectoryUser | null>;
  createUser(user: NewDirectoryUser, options?: CallOptions): Promise<DirectoryUser>;
  updateUser(
    objectId: string,
    change: { readonly enabled?: true; readonly usageLocation?: string },
    options?: CallOptions,
  ): Promise<void>;
  listSubscriptions(options?: CallOptions): Promise<readonly Subscription[]>;
  changeLicenses(
    objectId: string,
    change: { readonly add: readonly string[]; readonly remove: readonly string[] },
    options?: CallOptions,
  ): Promise<void>;
  close(): Promise<void>;
}

export interface GraphApplication extends ApplicationContent {
  readonly objectId: string;
  readonly clientId: string;
}

export interface ApplicationContent {
  readonly name: string;
  /** The "sign-on URL" of the registration. */
  readonly homePageUrl: string | null;
  readonly redirectUris: readonly string[];
  /** "Allow public client flows", without which Entra refuses the password grant. */
  readonly allowsPublicClients: boolean;
  readonly requiredAccess: readonly RequiredAccess[];
}

/** Permissions of one resource that an application says it needs. */
export interface RequiredAccess {
  readonly resourceClientId: string;
  readonly permissions: readonly { readonly id: string; readonly type: string }[];
}

export interface KeyCredential {
  readonly keyId: string;
  /** As Graph tells it: hexadecimal, base64 or anything that somebody wrote there; null where nobody did. */
  readonly customKeyIdentifier: string | null;
  /** Base64 of the certificate in DER, or of its PEM file; null where Graph does not tell. */
  readonly key: string | null;
  readonly displayName: string | null;
  readonly type: string;
  readonly usage: string;
  /** ISO 8601, UTC. */
  readonly startsOn: string;
  readonly expiresOn: string;
}

export interface ServicePrincipal {
  readonly objectId: string;
  readonly clientId: string;
  readonly enabled: boolean;
  /** Delegated permissions that it offers to others. */
  readonly scopes: readonly { readonly id: string; readonly value: string }[];
}

export interface GrantParties {
  readonly clientObjectId: string;
  readonly resourceObjectId: string;
}

export interface PermissionGrant {
  readonly id: string;
  readonly scopes: readonly string[];
}

export interface DirectoryUser {
  readonly objectId: string;
  readonly userPrincipalName: string;
  readonly enabled: boolean;
  /** Two letters of ISO 3166; a licence needs it. */
  readonly usageLocation: string | null;
  /** Ids of the subscriptions whose licence the user has. */
  readonly licenses: readonly string[];
}

export interface NewDirectoryUser {
  readonly userPrincipalName: string;
  readonly displayName: string;
  readonly password: string;
  readonly usageLocation: string;
}

/** A subscription of the tenant, of which users get licences. */
export interface Subscription {
  readonly id: string;
  /** `DYN365_ENTERPRISE_SALES` */
  readonly name: string;
  readonly isEnabled: boolean;
  readonly isForUsers: boolean;
  readonly freeLicenses: number;
}

/** The users and security roles of one organization. Methods reject with a `RemoteError` of system `dynamics`. */
export interface OrganizationUsers {
  /** Id of the business unit that has no parent. */
  readRootBusinessUnit(options?: CallOptions): Promise<string>;
  /** The role of the business unit by its name, its id or the id of its template; null where there is none. */
  findRole(businessUnitId: string, nameOrId: string, options?: CallOptions): Promise<SecurityRole | null>;
  /** The user of an application, by its client id. */
  findApplicationUser(clientId: string, options?: CallOptions): Promise<OrganizationUser | null>;
  /** The user of a person, by the object id in Entra. */
  findPerson(objectId: string, options?: CallOptions): Promise<OrganizationUser | null>;
  /** Makes the user of an application; where somebody else made it in the meantime, that one is given. */
  createApplicationUser(clientId: string, businessUnitId: string, options?: CallOptions): Promise<OrganizationUser>;
  updateUser(
    id: string,
    change: { readonly enabled?: true; readonly accessMode?: number },
    options?: CallOptions,
  ): Promise<void>;
  readRoles(userId: string, options?: CallOptions): Promise<readonly SecurityRole[]>;
  addRole(userId: string, roleId: string, options?: CallOptions): Promise<void>;
  close(): Promise<void>;
}

export interface OrganizationUser {
  readonly id: string;
  /** `domainname`, the user name. */
  readonly userName: string | null;
  readonly enabled: boolean;
  /** 0 read-write, 1 administrative, 2 read, 4 non-interactive. */
  readonly accessMode: number;
  readonly businessUnitId: string | null;
}

export interface SecurityRole {
  readonly id: string;
  readonly name: string;
}
