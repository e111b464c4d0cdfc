import * as applications from './applications.js';
import type { GraphAnswer, GraphCall } from './call.js';
import * as credentials from './credentials.js';
import * as deleted from './deleted-items.js';
import * as grants from './grants.js';
import { GraphError } from './graph-error.js';
import * as owners from './owners.js';
import * as permissions from './permissions.js';
import * as roles from './roles.js';
import * as principals from './service-principals.js';
import * as tenant from './tenant.js';
import * as users from './users.js';

/** What one method of one path does; a number is the answer of `/$count`. */
export interface Route {
  /** What every caller needs; operations that owners may do as well check the rest themselves. */
  readonly access?: permissions.Access;
  readonly operation: (call: GraphCall) => GraphAnswer | number | Promise<GraphAnswer>;
}

type Methods = Readonly<Record<string, Route>>;

function route(access: permissions.Access | undefined, operation: Route['operation']): Route {
  return { ...(access ? { access } : {}), operation };
}

const {
  READ_APPLICATIONS,
  CREATE_APPLICATIONS,
  READ_GRANTS,
  WRITE_GRANTS,
  WRITE_APP_ROLES,
  READ_USERS,
  WRITE_USERS,
  READ_LICENSES,
  READ_ORGANIZATION,
  READ_DOMAINS,
  READ_ROLES,
  WRITE_ROLES,
} = permissions;

/** `{…}` stands for a key, in whatever form it is written. Names compare without regard to case. */
const ROUTES: Readonly<Record<string, Methods>> = {
  'applications/$count': { GET: route(READ_APPLICATIONS, applications.countApplications) },
  applications: {
    GET: route(READ_APPLICATIONS, applications.listApplications),
    POST: route(CREATE_APPLICATIONS, applications.createApplication),
  },
  'applications/{key}': {
    GET: route(READ_APPLICATIONS, applications.getApplication),
    PATCH: route(CREATE_APPLICATIONS, applications.updateApplication),
    DELETE: route(CREATE_APPLICATIONS, applications.deleteApplication),
  },
  'applications/{key}/addPassword': { POST: route(CREATE_APPLICATIONS, credentials.addPassword) },
  'applications/{key}/removePassword': { POST: route(CREATE_APPLICATIONS, credentials.removePassword) },
  'applications/{key}/addKey': { POST: route(undefined, credentials.addKey) },
  'applications/{key}/removeKey': { POST: route(undefined, credentials.removeKey) },
  'applications/{key}/owners': { GET: route(READ_APPLICATIONS, owners.listOwners) },
  'applications/{key}/owners/$ref': { POST: route(CREATE_APPLICATIONS, owners.addOwner) },
  'applications/{key}/owners/{id}/$ref': { DELETE: route(CREATE_APPLICATIONS, owners.removeOwner) },
  'servicePrincipals/$count': { GET: route(READ_APPLICATIONS, principals.countServicePrincipals) },
  servicePrincipals: {
    GET: route(READ_APPLICATIONS, principals.listServicePrincipals),
    POST: route(CREATE_APPLICATIONS, principals.createServicePrincipal),
  },
  'servicePrincipals/{key}': {
    GET: route(READ_APPLICATIONS, principals.getServicePrincipal),
    PATCH: route(CREATE_APPLICATIONS, principals.updateServicePrincipal),
    DELETE: route(CREATE_APPLICATIONS, principals.deleteServicePrincipal),
  },
  'servicePrincipals/{key}/owners': { GET: route(READ_APPLICATIONS, owners.listOwners) },
  'servicePrincipals/{key}/oauth2PermissionGrants': { GET: route(READ_GRANTS, principals.listGrantsOf) },
  'servicePrincipals/{key}/appRoleAssignments': {
    GET: route(READ_APPLICATIONS, grants.listAppRoles),
    POST: route(WRITE_APP_ROLES, grants.assignAppRole),
  },
  'servicePrincipals/{key}/appRoleAssignedTo': {
    GET: route(READ_APPLICATIONS, grants.listAppRolesAssignedTo),
    POST: route(WRITE_APP_ROLES, grants.assignAppRole),
  },
  'servicePrincipals/{key}/appRoleAssignments/{id}': { DELETE: route(WRITE_APP_ROLES, grants.removeAppRole) },
  'servicePrincipals/{key}/appRoleAssignedTo/{id}': { DELETE: route(WRITE_APP_ROLES, grants.removeAppRole) },
  oauth2PermissionGrants: {
    GET: route(READ_GRANTS, grants.listGrants),
    POST: route(WRITE_GRANTS, grants.createGrant),
  },
  'oauth2PermissionGrants/{id}': {
    GET: route(READ_GRANTS, grants.getGrant),
    PATCH: route(WRITE_GRANTS, grants.updateGrant),
    DELETE: route(WRITE_GRANTS, grants.deleteGrant),
  },
  me: { GET: route(permissions.READ_ME, users.getMe) },
  'users/$count': { GET: route(READ_USERS, users.countUsers) },
  users: { GET: route(READ_USERS, users.listUsers), POST: route(WRITE_USERS, users.createUser) },
  'users/{key}': {
    GET: route(READ_USERS, users.getUser),
    PATCH: route(WRITE_USERS, users.updateUser),
    DELETE: route(WRITE_USERS, users.deleteUser),
  },
  'users/{key}/assignLicense': { POST: route(permissions.ASSIGN_LICENSES, users.assignLicense) },
  subscribedSkus: { GET: route(READ_LICENSES, tenant.listSubscribedSkus) },
  'subscribedSkus/{id}': { GET: route(READ_LICENSES, tenant.getSubscribedSku) },
  organization: { GET: route(READ_ORGANIZATION, tenant.listOrganization) },
  'organization/{id}': { GET: route(READ_ORGANIZATION, tenant.getOrganization) },
  domains: { GET: route(READ_DOMAINS, tenant.listDomains) },
  'domains/{id}': { GET: route(READ_DOMAINS, tenant.getDomain) },
  'roleManagement/directory/roleDefinitions': { GET: route(READ_ROLES, roles.listRoleDefinitions) },
  'roleManagement/directory/roleDefinitions/{id}': { GET: route(READ_ROLES, roles.getRoleDefinition) },
  'roleManagement/directory/roleAssignments': {
    GET: route(READ_ROLES, roles.listRoleAssignments),
    POST: route(WRITE_ROLES, roles.assignRole),
  },
  'roleManagement/directory/roleAssignments/{id}': {
    GET: route(READ_ROLES, roles.getRoleAssignment),
    DELETE: route(WRITE_ROLES, roles.removeRole),
  },
  'directory/deletedItems/{key}': {
    GET: route(undefined, deleted.getDeleted),
    DELETE: route(undefined, deleted.purgeDeleted),
  },
  'directory/deletedItems/{id}/restore': { POST: route(undefined, deleted.restoreDeleted) },
};

const TEMPLATES = Object.entries(ROUTES).map(([template, methods]) => ({ segments: template.split('/'), methods }));

/** Finds what a path and a method do; throws Graph's error for a segment or a method that it does not know. */
export function findRoute(method: string, path: string): { readonly route: Route; readonly keys: readonly string[] } {
  const segments = splitPath(path);
  for (const { segments: template, methods } of TEMPLATES) {
    const keys = matchTemplate(template, segments);
    if (keys === null) continue;
    const found = methods[method];
    if (found) return { route: found, keys };
    throw new GraphError(405, 'Request_BadRequest', 'Specified HTTP method is not allowed for the request target.');
  }
  const known = TEMPLATES.some(({ segments: [first] }) => first?.toLowerCase() === segments[0]?.toLowerCase());
  const unknown = (known ? segments.at(-1) : segments[0]) ?? '';
  throw new GraphError(400, 'BadRequest', `Resource not found for the segment '${unknown}'.`);
}

/** `/x('id')/y` and `/x/id/y` give the same segments; a key in parentheses keeps its quotes and its name. */
function splitPath(path: string): string[] {
  return splitAtSlashes(path)
    .filter((segment) => segment !== '')
    .map(decoded)
    .flatMap((segment) => {
      const [, name, key] = /^([\w.]+)\((.*)\)$/.exec(segment) ?? [];
      return name !== undefined && key !== undefined ? [name, key] : [segment];
    });
}

/** A slash in parentheses belongs to a key. */
function splitAtSlashes(path: string): string[] {
  const segments = [''];
  let depth = 0;
  for (const character of path) {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (character === '/' && depth === 0) segments.push('');
    else segments.push((segments.pop() ?? '') + character);
  }
  return segments;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new GraphError(400, 'BadRequest', 'The request URI is not valid.');
  }
}

function matchTemplate(template: readonly string[], segments: readonly string[]): string[] | null {
  if (template.length !== segments.length) return null;
  const keys: string[] = [];
  for (const [index, expected] of template.entries()) {
    const segment = segments[index] ?? '';
    if (expected.startsWith('{')) keys.push(segment);
    else if (expected.toLowerCase() !== segment.toLowerCase()) return null;
  }
  return keys;
}
