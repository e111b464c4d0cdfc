import type { CallOptions } from '../../../model/call.js';
import { RemoteError } from '../../../model/errors.js';
import type { JsonObject } from '../client.js';
import type {
  ApplicationContent,
  DirectoryUser,
  GrantParties,
  GraphApplication,
  KeyCredential,
  MicrosoftGraph,
  NewDirectoryUser,
  PermissionGrant,
  ServicePrincipal,
  Subscription,
} from '../dynamics-set-up.js';
import {
  decodeApplication,
  decodeGrant,
  decodeKeyCredential,
  decodeServicePrincipal,
  decodeSubscription,
  decodeUser,
  encodeApplication,
  encodeKeyCredential,
} from './directory-objects.js';
import {
  createGraphClient,
  type GraphClient,
  type GraphClientOptions,
  type GraphRequest,
  objectsOf,
} from './graph-client.js';
import type { RecentlyMade } from './recently-made.js';

export interface MicrosoftGraphOptions extends GraphClientOptions {
  readonly tenantId: string | null;
}

/** Opens Microsoft Graph for one administrator; `close` it when the call has ended. */
export function createMicrosoftGraph(options: MicrosoftGraphOptions): MicrosoftGraph {
  return new HttpMicrosoftGraph(createGraphClient(options), options.recent, options.tenantId);
}

// Permissions by https://learn.microsoft.com/graph/permissions-reference
const APPLICATIONS =
  'the permission Application.ReadWrite.All, and a user also the role Application Administrator or Cloud Application Administrator';
const GRANTS =
  'the permissions DelegatedPermissionGrant.ReadWrite.All and Application.Read.All, and a user also the role Cloud Application Administrator or Privileged Role Administrator';
const USERS = 'the permission User.ReadWrite.All, and a user also the role User Administrator';
const LICENSES =
  'the permissions LicenseAssignment.ReadWrite.All and Organization.Read.All, and a user also the role License Administrator or User Administrator';

const APPLICATION_PROPERTIES = '$select=id,appId,displayName,isFallbackPublicClient,web,requiredResourceAccess';
const USER_PROPERTIES = '$select=id,userPrincipalName,accountEnabled,usageLocation,assignedLicenses';

class HttpMicrosoftGraph implements MicrosoftGraph {
  constructor(
    private readonly client: GraphClient,
    private readonly recent: RecentlyMade,
    readonly tenantId: string | null,
  ) {}

  async findApplication(clientId: string, options?: CallOptions): Promise<GraphApplication | null> {
    const resource = `${applicationAt(clientId)}?${APPLICATION_PROPERTIES}`;
    const found = await this.find({ resource, asked: 'read the application', needs: APPLICATIONS }, options);
    return found && decodeApplication(found);
  }

  async findApplicationsNamed(name: string, options?: CallOptions): Promise<readonly GraphApplication[]> {
    const resource = `applications?$filter=${filter('displayName', name)}&${APPLICATION_PROPERTIES}`;
    const found = await this.client.list({ resource, asked: 'look the application up', needs: APPLICATIONS }, options);
    return found.map(decodeApplication);
  }

  async createApplication(content: ApplicationContent, options?: CallOptions): Promise<GraphApplication> {
    // Without it, Graph makes an application that accounts of other tenants and of persons may use.
    const body = { ...encodeApplication(content), signInAudience: 'AzureADMyOrg' };
    const made = decodeApplication(
      await this.post('applications', body, { asked: 'create the application', needs: APPLICATIONS }, options),
    );
    this.recent.add(made.objectId, made.clientId, applicationAt(made.clientId));
    return made;
  }

  async updateApplication(objectId: string, change: Partial<ApplicationContent>, options?: CallOptions): Promise<void> {
    const purpose = { asked: 'update the application', needs: APPLICATIONS };
    await this.patch(`applications/${objectId}`, encodeApplication(change), purpose, options);
  }

  async readCertificates(objectId: string, options?: CallOptions): Promise<readonly KeyCredential[]> {
    // Graph tells the keys only of a single object, and only where they are asked for by name.
    const resource = `applications/${objectId}?$select=id,keyCredentials`;
    const purpose = { asked: 'read the certificates of the application', needs: APPLICATIONS };
    const application = await this.client.send({ method: 'GET', resource, ...purpose }, options);
    return objectsOf(application.keyCredentials).map(decodeKeyCredential);
  }

  async replaceCertificates(
    objectId: string,
    credentials: readonly KeyCredential[],
    options?: CallOptions,
  ): Promise<readonly KeyCredential[]> {
    const keyCredentials = credentials.map(encodeKeyCredential);
    const purpose = { asked: 'upload the certificate', needs: APPLICATIONS };
    await this.patch(`applications/${objectId}`, { keyCredentials }, purpose, options);
    const wanted = credentials.map(({ keyId }) => keyId.toLowerCase());
    // The answer is empty, and another replica may still show the old list.
    return this.client.readUntil(
      () => this.readCertificates(objectId, options),
      (held) => wanted.every((keyId) => held.some((credential) => credential.keyId.toLowerCase() === keyId)),
    );
  }

  async findServicePrincipal(clientId: string, options?: CallOptions): Promise<ServicePrincipal | null> {
    const resource = `${principalAt(clientId)}?$select=id,appId,accountEnabled,oauth2PermissionScopes`;
    const purpose = { asked: 'read the service principal', needs: APPLICATIONS };
    const found = await this.find({ resource, ...purpose }, options);
    return found && decodeServicePrincipal(found);
  }

  async createServicePrincipal(clientId: string, options?: CallOptions): Promise<ServicePrincipal> {
    const purpose = { asked: 'create the service principal', needs: APPLICATIONS };
    try {
      const made = await this.post('servicePrincipals', { appId: clientId }, purpose, options);
      const principal = decodeServicePrincipal(made);
      this.recent.add(principal.objectId, principalAt(clientId));
      return principal;
    } catch (error) {
      // An earlier attempt was carried out and its answer lost, or somebody else was quicker.
      if (!isConflict(error)) throw error;
      const found = await this.findServicePrincipal(clientId, options);
      if (found) return found;
      throw error;
    }
  }

  async findGrant(
    clientObjectId: string,
    resourceObjectId: string,
    options?: CallOptions,
  ): Promise<PermissionGrant | null> {
    const parties = `${filter('clientId', clientObjectId)} and ${filter('resourceId', resourceObjectId)}`;
    const resource = `oauth2PermissionGrants?$filter=${parties} and ${filter('consentType', 'AllPrincipals')}`;
    const purpose = { asked: 'read the consent', needs: GRANTS };
    const [grant] = await this.client.list({ resource: resource.replaceAll(' ', '%20'), ...purpose }, options);
    return grant ? decodeGrant(grant) : null;
  }

  async createGrant(
    grant: Omit<PermissionGrant, 'id'> & GrantParties,
    options?: CallOptions,
  ): Promise<PermissionGrant> {
    const { clientObjectId, resourceObjectId, scopes } = grant;
    const body = {
      clientId: clientObjectId,
      consentType: 'AllPrincipals',
      resourceId: resourceObjectId,
      scope: scopes.join(' '),
    };
    return decodeGrant(
      await this.post('oauth2PermissionGrants', body, { asked: 'grant admin consent', needs: GRANTS }, options),
    );
  }

  async updateGrant(id: string, scopes: readonly string[], options?: CallOptions): Promise<void> {
    const purpose = { asked: 'widen the consent', needs: GRANTS };
    await this.patch(`oauth2PermissionGrants/${encodeURIComponent(id)}`, { scope: scopes.join(' ') }, purpose, options);
  }

  async findUser(userPrincipalName: string, options?: CallOptions): Promise<DirectoryUser | null> {
    const resource = `${userAt(userPrincipalName)}?${USER_PROPERTIES}`;
    const found = await this.find({ resource, asked: 'read the user', needs: USERS }, options);
    return found && decodeUser(found);
  }

  async createUser(user: NewDirectoryUser, options?: CallOptions): Promise<DirectoryUser> {
    const { userPrincipalName, displayName, password, usageLocation } = user;
    const body = {
      accountEnabled: true,
      displayName,
      mailNickname: userPrincipalName.slice(0, userPrincipalName.indexOf('@')),
      userPrincipalName,
      usageLocation,
      passwordPolicies: 'DisablePasswordExpiration',
      // A password that must be changed at the first sign-in is refused by the password grant.
      passwordProfile: { password, forceChangePasswordNextSignIn: false },
    };
    const made = decodeUser(
      await this.post(`users?${USER_PROPERTIES}`, body, { asked: 'create the user', needs: USERS }, options),
    );
    this.recent.add(made.objectId, userAt(userPrincipalName));
    return { ...made, usageLocation };
  }

  async updateUser(
    objectId: string,
    change: { readonly enabled?: true; readonly usageLocation?: string },
    options?: CallOptions,
  ): Promise<void> {
    const { enabled, usageLocation } = change;
    const body = { ...(enabled && { accountEnabled: true }), ...(usageLocation && { usageLocation }) };
    await this.patch(`users/${objectId}`, body, { asked: 'update the user', needs: USERS }, options);
  }

  async listSubscriptions(options?: CallOptions): Promise<readonly Subscription[]> {
    const purpose = { asked: 'list the subscriptions of the tenant', needs: LICENSES };
    return (await this.client.list({ resource: 'subscribedSkus', ...purpose }, options)).map(decodeSubscription);
  }

  async changeLicenses(
    objectId: string,
    change: { readonly add: readonly string[]; readonly remove: readonly string[] },
    options?: CallOptions,
  ): Promise<void> {
    const addLicenses = change.add.map((skuId) => ({ skuId, disabledPlans: [] }));
    const body = { addLicenses, removeLicenses: change.remove };
    const purpose = { asked: "change the user's licences", needs: LICENSES };
    await this.post(`users/${objectId}/assignLicense`, body, purpose, options);
  }

  close(): Promise<void> {
    return this.client.close();
  }

  /** Null where there is no such object. */
  private find(request: Omit<GraphRequest, 'method'>, options?: CallOptions): Promise<JsonObject | null> {
    return this.client.send({ ...request, method: 'GET', mayBeMissing: true }, options).catch((error: unknown) => {
      if (error instanceof RemoteError && error.code === 'NOT_FOUND') return null;
      throw error;
    });
  }

  private post(resource: string, body: unknown, purpose: Purpose, options?: CallOptions): Promise<JsonObject> {
    return this.client.send({ method: 'POST', resource, body, ...purpose }, options);
  }

  private async patch(resource: string, body: unknown, purpose: Purpose, options?: CallOptions): Promise<void> {
    await this.client.send({ method: 'PATCH', resource, body, ...purpose }, options);
  }
}

const applicationAt = (clientId: string) => `applications(appId=${key(clientId)})`;
const principalAt = (clientId: string) => `servicePrincipals(appId=${key(clientId)})`;
const userAt = (name: string) => `users(${key(name)})`;

type Purpose = Pick<GraphRequest, 'asked' | 'needs'>;

function isConflict(error: unknown): boolean {
  return error instanceof RemoteError && error.code === 'CONFLICT';
}

/** A text in a key or a filter: quotes are doubled, then the whole is percent-encoded. */
function key(text: string): string {
  return `'${encodeURIComponent(text.replaceAll("'", "''"))}'`;
}

function filter(property: string, value: string): string {
  return `${property}%20eq%20${key(value)}`;
}
