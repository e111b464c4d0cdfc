import { type Directory, DYNAMICS_SCOPE, MICROSOFT, READY_MADE, readFixture } from './directory.js';
import type { JsonObject } from './directory-objects.js';
import { SALES_SKU_ID } from './graph/licenses.js';
import { fillServicePrincipal } from './graph/object-types.js';
import { ALL_SCOPES, DIRECTORY_ROLES, PERMISSIONS } from './graph/permissions.js';

/** The tenant that owns the applications of Microsoft itself. */
const MICROSOFT_TENANT = 'f8cdef31-a31e-4b4a-93e4-5f571e91255a';
const DYNAMICS_SCOPE_ID = '78ce3f0f-a1ce-49c2-8cde-64b5c0896db4';
const TENANT = { id: READY_MADE.tenantId, domain: READY_MADE.domain, displayName: 'Contoso' };

/** Fills a directory with what is ready-made: the tenant, Microsoft's own applications, one to connect with, one to administer with. */
export function seedDirectory(directory: Directory): void {
  directory.clear();
  directory.addTenant(TENANT);
  const dynamicsId = addMicrosoft(directory, MICROSOFT.dynamics, 'Dataverse', DYNAMICS);
  const graphId = addMicrosoft(directory, MICROSOFT.graph, 'Microsoft Graph', GRAPH);
  addPublicClients(directory, graphId, dynamicsId);
  addConnection(directory);
  addAdministration(directory, graphId);
}

const DYNAMICS: JsonObject = {
  servicePrincipalNames: [MICROSOFT.dynamics, 'https://admin.services.crm.dynamics.com/'],
  oauth2PermissionScopes: [permissionScope(DYNAMICS_SCOPE_ID, DYNAMICS_SCOPE)],
};

const GRAPH: JsonObject = {
  servicePrincipalNames: [MICROSOFT.graph, 'https://graph.microsoft.com'],
  oauth2PermissionScopes: Object.entries(PERMISSIONS).flatMap(([value, { scopeId }]) =>
    scopeId ? [permissionScope(scopeId, value)] : [],
  ),
  appRoles: Object.entries(PERMISSIONS).flatMap(([value, { roleId }]) => (roleId ? [appRole(roleId, value)] : [])),
};

function permissionScope(id: string, value: string): JsonObject {
  return {
    adminConsentDescription: value,
    adminConsentDisplayName: value,
    id,
    isEnabled: true,
    type: value.endsWith('.All') ? 'Admin' : 'User',
    userConsentDescription: null,
    userConsentDisplayName: null,
    value,
  };
}

function appRole(id: string, value: string): JsonObject {
  return {
    allowedMemberTypes: ['Application'],
    description: value,
    displayName: value,
    id,
    isEnabled: true,
    origin: 'Application',
    value,
  };
}

/** Adds a service principal of Microsoft's and gives its object id, the same one every time. */
function addMicrosoft(directory: Directory, appId: string, displayName: string, properties: JsonObject): string {
  const given = { appId, displayName, appOwnerOrganizationId: MICROSOFT_TENANT, ...properties };
  const id = `88888888-0000-4000-8000-${appId.slice(0, 8)}0000`;
  const hidden = { isPublicClient: properties.oauth2PermissionScopes === undefined };
  return directory.objects.add('servicePrincipal', { ...fillServicePrincipal(TENANT, given), id, hidden }).id;
}

/** The clients that administrators sign in with; they have consent to everything here. */
function addPublicClients(directory: Directory, graphId: string, dynamicsId: string): void {
  const clients = [
    [MICROSOFT.graphCommandLine, 'Microsoft Graph Command Line Tools'],
    [MICROSOFT.azureCli, 'Microsoft Azure CLI'],
  ] as const;
  for (const [appId, name] of clients) {
    const replyUrls = ['http://localhost', 'https://login.microsoftonline.com/common/oauth2/nativeclient'];
    const id = addMicrosoft(directory, appId, name, { replyUrls });
    directory.putGrant(TENANT.id, id, graphId, ALL_SCOPES);
    directory.putGrant(TENANT.id, id, dynamicsId, DYNAMICS_SCOPE);
  }
}

/** The application and the user, with a licence, that the gateway connects with; this user may administer nothing. */
function addConnection(directory: Directory): void {
  directory.putApplication({
    tenantId: TENANT.id,
    clientId: READY_MADE.clientId,
    displayName: 'Isthmus',
    servicePrincipalId: READY_MADE.servicePrincipalId,
    secrets: [{ value: READY_MADE.clientSecret }],
    certificates: [readFixture('certificate.pem')],
    isFallbackPublicClient: true,
    enabled: true,
    consented: true,
  });
  directory.putUser({
    tenantId: TENANT.id,
    objectId: READY_MADE.userId,
    userPrincipalName: READY_MADE.userName,
    displayName: 'CRM User',
    password: READY_MADE.password,
    state: 'active',
  });
  const user = directory.objects.get('user', READY_MADE.userId);
  const license = { skuId: SALES_SKU_ID, disabledPlans: [] };
  if (user) directory.objects.change(user, { usageLocation: 'FR', assignedLicenses: [license] });
}

function addAdministration(directory: Directory, graphId: string): void {
  const { administrationClientId, administrationServicePrincipalId: clientId, administratorId } = READY_MADE;
  directory.putApplication({
    tenantId: TENANT.id,
    clientId: administrationClientId,
    displayName: 'Administration',
    servicePrincipalId: clientId,
    secrets: [{ value: READY_MADE.administrationClientSecret }],
    certificates: [],
    isFallbackPublicClient: true,
    enabled: true,
    consented: true,
  });
  directory.putGrant(TENANT.id, clientId, graphId, ALL_SCOPES);
  for (const { roleId } of Object.values(PERMISSIONS)) {
    if (roleId === undefined) continue;
    const properties = { appRoleId: roleId, principalId: clientId, resourceId: graphId };
    directory.objects.add('appRoleAssignment', { tenantId: TENANT.id, properties });
  }
  directory.putUser({
    tenantId: TENANT.id,
    objectId: administratorId,
    userPrincipalName: READY_MADE.administratorName,
    displayName: 'Administrator',
    password: READY_MADE.administratorPassword,
    state: 'active',
  });
  const roleDefinitionId = DIRECTORY_ROLES.globalAdministrator;
  const properties = { principalId: administratorId, roleDefinitionId, directoryScopeId: '/' };
  directory.objects.add('roleAssignment', { tenantId: TENANT.id, id: roleDefinitionId, properties });
}
