/** A permission of Microsoft Graph: the id of its scope, which users delegate, and of its role, which applications have themselves. */
export interface Permission {
  readonly scopeId?: string;
  readonly roleId?: string;
}

/** Those that the mock asks for. https://learn.microsoft.com/graph/permissions-reference */
export const PERMISSIONS: Readonly<Record<string, Permission>> = {
  'AppRoleAssignment.ReadWrite.All': {
    scopeId: '84bccea3-f856-4a8a-967b-dbe0a3d53a64',
    roleId: '06b708a9-e830-4db3-a914-8e69da51d44f',
  },
  'Application.Read.All': {
    scopeId: 'c79f8feb-a9db-4090-85f9-90d820caa0eb',
    roleId: '9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30',
  },
  'Application.ReadWrite.All': {
    scopeId: 'bdfbf15f-ee85-4955-8675-146e8e5296b5',
    roleId: '1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9',
  },
  'Application.ReadWrite.OwnedBy': {
    roleId: '18a4783c-866b-4cc7-a460-3d5e5662c884',
  },
  'DelegatedPermissionGrant.ReadWrite.All': {
    scopeId: '41ce6ca6-6826-4807-84f1-1c82854f7ee5',
    roleId: '8e8e4742-1d95-4f68-9d56-6ee75648c72a',
  },
  'Directory.Read.All': {
    scopeId: '06da0dbc-49e2-44d2-8312-53f166ab848a',
    roleId: '7ab1d382-f21e-4acd-a863-ba3e13f7da61',
  },
  'Domain.Read.All': {
    scopeId: '2f9ee017-59c1-4f1d-9472-bd5529a7b311',
    roleId: 'dbb9058a-0e50-45d7-ae91-66909b5d4664',
  },
  'LicenseAssignment.ReadWrite.All': {
    scopeId: 'f55016cc-149c-447e-8f21-7cf3ec1d6350',
    roleId: '5facf0c1-8979-4e95-abcf-ff3d079771c0',
  },
  'Organization.Read.All': {
    scopeId: '4908d5b9-3fb2-4b1e-9336-1888b7937185',
    roleId: '498476ce-e0fe-48b0-b801-37ba7e2685c6',
  },
  'RoleManagement.ReadWrite.Directory': {
    scopeId: 'd01b97e9-cbc0-49fe-810a-750afd5527a3',
    roleId: '9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8',
  },
  'User.Read': { scopeId: 'e1fe6dd8-ba31-4d61-89e7-88639da4683d' },
  'User.Read.All': {
    scopeId: 'a154be20-db9c-4678-8ab7-66f6cc099a59',
    roleId: 'df021288-bdef-4463-88db-98f22de89214',
  },
  'User.ReadWrite.All': {
    scopeId: '204e0828-b5ca-4ad8-b9f3-f32a958e7cc4',
    roleId: '741f803b-c850-494e-b5df-cde7c675a1ca',
  },
};

/** The scopes that users can delegate, as a grant writes them. */
export const ALL_SCOPES = Object.keys(PERMISSIONS)
  .filter((name) => PERMISSIONS[name]?.scopeId !== undefined)
  .join(' ');

/** Directory roles by the ids of their templates. https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference */
export const DIRECTORY_ROLES = {
  globalAdministrator: '62e90394-69f5-4237-9190-012177145e10',
  applicationAdministrator: '9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3',
  cloudApplicationAdministrator: '158c047a-c907-4556-b7ef-446551a6b5f7',
  applicationDeveloper: 'cf1c38e5-3621-4004-a7cb-879624dced7c',
  privilegedRoleAdministrator: 'e8611ab8-c189-46e8-94e1-60213ab1f814',
  userAdministrator: 'fe930be7-5e62-47db-91af-98c3a49a38b1',
  licenseAdministrator: '4d6ac14f-3453-41d0-bef9-a3e0c569773a',
  dynamics365Administrator: '44367163-eba1-44c3-98af-f5787879f96a',
} as const;

export const DIRECTORY_ROLE_NAMES: Readonly<Record<keyof typeof DIRECTORY_ROLES, string>> = {
  globalAdministrator: 'Global Administrator',
  applicationAdministrator: 'Application Administrator',
  cloudApplicationAdministrator: 'Cloud Application Administrator',
  applicationDeveloper: 'Application Developer',
  privilegedRoleAdministrator: 'Privileged Role Administrator',
  userAdministrator: 'User Administrator',
  licenseAdministrator: 'License Administrator',
  dynamics365Administrator: 'Dynamics 365 Administrator',
};

/**
 * What a call needs: one of these permissions, as a scope of a user's token or a role of an application's; a user also one of the
 * directory roles, unless there are none to name.
 */
export interface Access {
  readonly permissions: readonly string[];
  readonly directoryRoles?: readonly (keyof typeof DIRECTORY_ROLES)[];
  /** Owners of the application may as well, users without a role and applications with `Application.ReadWrite.OwnedBy`. */
  readonly owners?: true;
}

const APPLICATION_ADMINISTRATORS = [
  'globalAdministrator',
  'applicationAdministrator',
  'cloudApplicationAdministrator',
] as const;

export const READ_APPLICATIONS: Access = {
  permissions: [
    'Application.Read.All',
    'Application.ReadWrite.All',
    'Application.ReadWrite.OwnedBy',
    'Directory.Read.All',
  ],
};

/** Users may register applications of their own, as tenants allow by default. */
export const CREATE_APPLICATIONS: Access = {
  permissions: ['Application.ReadWrite.All', 'Application.ReadWrite.OwnedBy'],
};

export const WRITE_APPLICATIONS: Access = {
  permissions: ['Application.ReadWrite.All'],
  directoryRoles: APPLICATION_ADMINISTRATORS,
  owners: true,
};

export const CREATE_SERVICE_PRINCIPALS: Access = {
  permissions: ['Application.ReadWrite.All', 'Application.ReadWrite.OwnedBy'],
  directoryRoles: APPLICATION_ADMINISTRATORS,
  owners: true,
};

export const READ_GRANTS: Access = {
  permissions: ['DelegatedPermissionGrant.ReadWrite.All', 'Directory.Read.All'],
};

export const WRITE_GRANTS: Access = {
  permissions: ['DelegatedPermissionGrant.ReadWrite.All'],
  directoryRoles: [...APPLICATION_ADMINISTRATORS, 'privilegedRoleAdministrator'],
};

export const WRITE_APP_ROLES: Access = {
  permissions: ['AppRoleAssignment.ReadWrite.All'],
  directoryRoles: [...APPLICATION_ADMINISTRATORS, 'privilegedRoleAdministrator'],
};

export const READ_ME: Access = {
  permissions: ['User.Read', 'User.Read.All', 'User.ReadWrite.All', 'Directory.Read.All'],
};

export const READ_USERS: Access = { permissions: ['User.Read.All', 'User.ReadWrite.All', 'Directory.Read.All'] };

export const WRITE_USERS: Access = {
  permissions: ['User.ReadWrite.All'],
  directoryRoles: ['globalAdministrator', 'userAdministrator'],
};

export const READ_LICENSES: Access = {
  permissions: ['Organization.Read.All', 'Directory.Read.All', 'LicenseAssignment.ReadWrite.All'],
};

export const ASSIGN_LICENSES: Access = {
  permissions: ['LicenseAssignment.ReadWrite.All', 'User.ReadWrite.All'],
  directoryRoles: ['globalAdministrator', 'userAdministrator', 'licenseAdministrator'],
};

export const READ_ORGANIZATION: Access = {
  permissions: ['Organization.Read.All', 'Directory.Read.All', 'User.Read'],
};

export const READ_DOMAINS: Access = { permissions: ['Domain.Read.All', 'Directory.Read.All'] };

export const READ_ROLES: Access = { permissions: ['RoleManagement.ReadWrite.Directory', 'Directory.Read.All'] };

export const WRITE_ROLES: Access = {
  permissions: ['RoleManagement.ReadWrite.Directory'],
  directoryRoles: ['globalAdministrator', 'privilegedRoleAdministrator'],
};
