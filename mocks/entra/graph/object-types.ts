import { randomUUID } from 'node:crypto';
import type { Tenant } from '../directory.js';
import type { Json, JsonObject, NewObject, ObjectKind } from '../directory-objects.js';

/** What a property takes. `complex` has the properties of its `initial` value; `list` holds objects, `texts` strings. */
export type PropertyKind = 'text' | 'guid' | 'time' | 'flag' | 'number' | 'texts' | 'list' | 'complex' | 'any';

export interface Property {
  readonly kind: PropertyKind;
  /** What an object has that was made without it. */
  readonly initial: Json;
  readonly readOnly?: true;
  /** Compulsory where an object is made. */
  readonly required?: true;
  /** Told only where `$select` names it. */
  readonly onlySelected?: true;
  /** Never told. */
  readonly writeOnly?: true;
  readonly values?: readonly string[];
}

/** One type of Microsoft Graph; a property that is not listed does not exist. */
export interface ObjectType {
  readonly kind: ObjectKind;
  /** `application` as in `microsoft.graph.application`. */
  readonly name: string;
  /** `applications`, as in the context of answers. */
  readonly set: string;
  readonly properties: Readonly<Record<string, Property>>;
  /** `eq` and `and` alone, as for grants. */
  readonly onlyEquality?: true;
}

function text(rest: Partial<Property> = {}): Property {
  return { kind: 'text', initial: null, ...rest };
}

function list(rest: Partial<Property> = {}): Property {
  return { kind: 'list', initial: [], ...rest };
}

function texts(rest: Partial<Property> = {}): Property {
  return { kind: 'texts', initial: [], ...rest };
}

function complex(initial: Json): Property {
  return { kind: 'complex', initial };
}

const READ_ONLY = { readOnly: true } as const;
const REQUIRED = { required: true } as const;
const ID: Property = { kind: 'guid', initial: null, readOnly: true };
const TIME: Property = { kind: 'time', initial: null, readOnly: true };
const ANY: Property = { kind: 'any', initial: null };

const INFO = {
  logoUrl: null,
  marketingUrl: null,
  privacyStatementUrl: null,
  supportUrl: null,
  termsOfServiceUrl: null,
};

const SIGN_IN_AUDIENCES = [
  'AzureADMyOrg',
  'AzureADMultipleOrgs',
  'AzureADandPersonalMicrosoftAccount',
  'PersonalMicrosoftAccount',
];

/** https://learn.microsoft.com/graph/api/resources/application */
export const APPLICATION: ObjectType = {
  kind: 'application',
  name: 'application',
  set: 'applications',
  properties: {
    id: ID,
    deletedDateTime: TIME,
    appId: ID,
    applicationTemplateId: text(READ_ONLY),
    disabledByMicrosoftStatus: text(READ_ONLY),
    createdDateTime: TIME,
    displayName: text(REQUIRED),
    description: text(),
    groupMembershipClaims: text(),
    identifierUris: texts(),
    isDeviceOnlyAuthSupported: { kind: 'flag', initial: null },
    isFallbackPublicClient: { kind: 'flag', initial: null },
    notes: text(),
    publisherDomain: text(READ_ONLY),
    serviceManagementReference: text(),
    signInAudience: text({ initial: 'AzureADandPersonalMicrosoftAccount', values: SIGN_IN_AUDIENCES }),
    tags: texts(),
    tokenEncryptionKeyId: { kind: 'guid', initial: null },
    uniqueName: text(READ_ONLY),
    samlMetadataUrl: text(),
    defaultRedirectUri: text(),
    certification: { ...ANY, readOnly: true },
    optionalClaims: ANY,
    addIns: list(),
    api: complex({
      acceptMappedClaims: null,
      knownClientApplications: [],
      requestedAccessTokenVersion: null,
      oauth2PermissionScopes: [],
      preAuthorizedApplications: [],
    }),
    appRoles: list(),
    info: complex(INFO),
    keyCredentials: list(),
    parentalControlSettings: complex({ countriesBlockedForMinors: [], legalAgeGroupRule: 'Allow' }),
    passwordCredentials: list(),
    publicClient: complex({ redirectUris: [] }),
    requiredResourceAccess: list(),
    verifiedPublisher: complex({ displayName: null, verifiedPublisherId: null, addedDateTime: null }),
    web: complex({
      homePageUrl: null,
      logoutUrl: null,
      redirectUris: [],
      implicitGrantSettings: { enableAccessTokenIssuance: false, enableIdTokenIssuance: false },
      redirectUriSettings: [],
    }),
    spa: complex({ redirectUris: [] }),
  },
};

/** https://learn.microsoft.com/graph/api/resources/serviceprincipal */
export const SERVICE_PRINCIPAL: ObjectType = {
  kind: 'servicePrincipal',
  name: 'servicePrincipal',
  set: 'servicePrincipals',
  properties: {
    id: ID,
    deletedDateTime: TIME,
    accountEnabled: { kind: 'flag', initial: true },
    alternativeNames: texts(),
    appDisplayName: text(READ_ONLY),
    appDescription: text(READ_ONLY),
    appId: { kind: 'guid', initial: null, required: true },
    applicationTemplateId: text(READ_ONLY),
    appOwnerOrganizationId: { ...ID },
    appRoleAssignmentRequired: { kind: 'flag', initial: false },
    createdDateTime: TIME,
    description: text(),
    disabledByMicrosoftStatus: text(READ_ONLY),
    displayName: text(),
    homepage: text(),
    loginUrl: text(),
    logoutUrl: text(),
    notes: text(),
    notificationEmailAddresses: texts(),
    preferredSingleSignOnMode: text(),
    preferredTokenSigningKeyThumbprint: text(),
    replyUrls: texts(),
    servicePrincipalNames: texts(),
    servicePrincipalType: text({ initial: 'Application' }),
    signInAudience: text(READ_ONLY),
    tags: texts(),
    tokenEncryptionKeyId: { kind: 'guid', initial: null },
    samlSingleSignOnSettings: ANY,
    addIns: list(),
    appRoles: list(),
    info: complex(INFO),
    keyCredentials: list(),
    oauth2PermissionScopes: list(),
    passwordCredentials: list(),
    resourceSpecificApplicationPermissions: list(READ_ONLY),
    verifiedPublisher: complex({ displayName: null, verifiedPublisherId: null, addedDateTime: null }),
  },
};

const HIDDEN = { onlySelected: true } as const;

/** https://learn.microsoft.com/graph/api/resources/user */
export const USER: ObjectType = {
  kind: 'user',
  name: 'user',
  set: 'users',
  properties: {
    businessPhones: texts(),
    displayName: text(REQUIRED),
    givenName: text(),
    jobTitle: text(),
    mail: text(),
    mobilePhone: text(),
    officeLocation: text(),
    preferredLanguage: text(),
    surname: text(),
    userPrincipalName: text(REQUIRED),
    id: ID,
    accountEnabled: { kind: 'flag', initial: null, ...REQUIRED, ...HIDDEN },
    mailNickname: text({ ...REQUIRED, ...HIDDEN }),
    passwordProfile: { kind: 'any', initial: null, required: true, writeOnly: true },
    passwordPolicies: text(HIDDEN),
    usageLocation: text(HIDDEN),
    userType: text({ initial: 'Member', ...HIDDEN }),
    country: text(HIDDEN),
    city: text(HIDDEN),
    companyName: text(HIDDEN),
    department: text(HIDDEN),
    employeeId: text(HIDDEN),
    postalCode: text(HIDDEN),
    state: text(HIDDEN),
    streetAddress: text(HIDDEN),
    otherMails: texts(HIDDEN),
    proxyAddresses: texts({ ...READ_ONLY, ...HIDDEN }),
    createdDateTime: { ...TIME, ...HIDDEN },
    deletedDateTime: { ...TIME, ...HIDDEN },
    assignedLicenses: list({ ...READ_ONLY, ...HIDDEN }),
    licenseAssignmentStates: list({ ...READ_ONLY, ...HIDDEN }),
    assignedPlans: list({ ...READ_ONLY, ...HIDDEN }),
    onPremisesSyncEnabled: { kind: 'flag', initial: null, ...READ_ONLY, ...HIDDEN },
  },
};

/** https://learn.microsoft.com/graph/api/resources/oauth2permissiongrant */
export const GRANT: ObjectType = {
  kind: 'oauth2PermissionGrant',
  name: 'oAuth2PermissionGrant',
  set: 'oauth2PermissionGrants',
  onlyEquality: true,
  properties: {
    clientId: { kind: 'guid', initial: null, required: true },
    consentType: text({ ...REQUIRED, values: ['AllPrincipals', 'Principal'] }),
    id: text(READ_ONLY),
    principalId: { kind: 'guid', initial: null },
    resourceId: { kind: 'guid', initial: null, required: true },
    scope: text({ initial: '' }),
  },
};

/** https://learn.microsoft.com/graph/api/resources/approleassignment */
export const APP_ROLE_ASSIGNMENT: ObjectType = {
  kind: 'appRoleAssignment',
  name: 'appRoleAssignment',
  set: 'appRoleAssignments',
  onlyEquality: true,
  properties: {
    id: text(READ_ONLY),
    deletedDateTime: TIME,
    appRoleId: { kind: 'guid', initial: null, required: true },
    createdDateTime: TIME,
    principalDisplayName: text(READ_ONLY),
    principalId: { kind: 'guid', initial: null, required: true },
    principalType: text(READ_ONLY),
    resourceDisplayName: text(READ_ONLY),
    resourceId: { kind: 'guid', initial: null, required: true },
  },
};

/** https://learn.microsoft.com/graph/api/resources/unifiedroleassignment */
export const ROLE_ASSIGNMENT: ObjectType = {
  kind: 'roleAssignment',
  name: 'unifiedRoleAssignment',
  set: 'roleManagement/directory/roleAssignments',
  onlyEquality: true,
  properties: {
    id: text(READ_ONLY),
    principalId: { kind: 'guid', initial: null, required: true },
    directoryScopeId: text({ initial: '/' }),
    roleDefinitionId: { kind: 'guid', initial: null, required: true },
  },
};

/** Fills in what an object has beside what it was given; complex values are filled in property by property. */
export function withInitialValues({ properties }: ObjectType, given: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [name, filledValue(property, given[name])]),
  );
}

/** A complex value with the properties that it was not given. */
export function filledValue({ kind, initial }: Property, value: Json | undefined): Json {
  const isCollection = ['complex', 'list', 'texts'].includes(kind);
  if (value === undefined || (value === null && isCollection)) return initial;
  if (kind !== 'complex') return value;
  return { ...Object(initial), ...Object(value) };
}

/** An application with defaults; `appId` is a new one where none is given. */
export function fillApplication({ id: tenantId, domain }: Tenant, given: JsonObject): NewObject {
  const generated = { appId: randomUUID(), publisherDomain: domain };
  return { tenantId, properties: withInitialValues(APPLICATION, { ...generated, ...given }) };
}

/** A service principal with defaults, for an application that the tenant owns unless `given` says otherwise. */
export function fillServicePrincipal({ id: tenantId }: Tenant, given: JsonObject): NewObject {
  const appId = given.appId ?? null;
  const generated = {
    appDisplayName: given.displayName ?? null,
    appOwnerOrganizationId: tenantId,
    servicePrincipalNames: [appId],
    signInAudience: 'AzureADMyOrg',
  };
  return { tenantId, properties: withInitialValues(SERVICE_PRINCIPAL, { ...generated, ...given }) };
}

/** A user with defaults. */
export function fillUser({ id: tenantId }: Tenant, given: JsonObject): NewObject {
  const mailNickname = String(given.userPrincipalName ?? '').split('@')[0] ?? '';
  return { tenantId, properties: withInitialValues(USER, { mailNickname, ...given }) };
}
