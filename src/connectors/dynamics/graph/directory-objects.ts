import type { JsonObject } from '../client.js';
import type {
  ApplicationContent,
  DirectoryUser,
  GraphApplication,
  KeyCredential,
  PermissionGrant,
  RequiredAccess,
  ServicePrincipal,
  Subscription,
} from '../dynamics-set-up.js';
import { objectsOf } from './graph-client.js';

// The objects of Microsoft Graph, from and to JSON: https://learn.microsoft.com/graph/api/resources/application

export function decodeApplication(object: JsonObject): GraphApplication {
  const web: JsonObject = Object(object.web);
  return {
    objectId: textOf(object.id),
    clientId: textOf(object.appId),
    name: textOf(object.displayName),
    homePageUrl: textOrNull(web.homePageUrl),
    redirectUris: textsOf(web.redirectUris),
    allowsPublicClients: object.isFallbackPublicClient === true,
    requiredAccess: objectsOf(object.requiredResourceAccess).map(decodeRequiredAccess),
  };
}

function decodeRequiredAccess({ resourceAppId, resourceAccess }: JsonObject): RequiredAccess {
  const permissions = objectsOf(resourceAccess).map(({ id, type }) => ({ id: textOf(id), type: textOf(type) }));
  return { resourceClientId: textOf(resourceAppId), permissions };
}

/** Only what is given, since a PATCH leaves the rest as it is; `web` goes as a whole. */
export function encodeApplication(content: Partial<ApplicationContent>): JsonObject {
  const { name, homePageUrl, redirectUris, allowsPublicClients, requiredAccess } = content;
  const web = { ...(homePageUrl !== undefined && { homePageUrl }), ...(redirectUris && { redirectUris }) };
  return {
    ...(name !== undefined && { displayName: name }),
    ...(Object.keys(web).length > 0 && { web }),
    ...(allowsPublicClients !== undefined && { isFallbackPublicClient: allowsPublicClients }),
    ...(requiredAccess && {
      requiredResourceAccess: requiredAccess.map(({ resourceClientId, permissions }) => ({
        resourceAppId: resourceClientId,
        resourceAccess: permissions,
      })),
    }),
  };
}

export function decodeKeyCredential(object: JsonObject): KeyCredential {
  return {
    keyId: textOf(object.keyId),
    customKeyIdentifier: textOrNull(object.customKeyIdentifier),
    key: textOrNull(object.key),
    displayName: textOrNull(object.displayName),
    type: textOf(object.type),
    usage: textOf(object.usage),
    startsOn: textOf(object.startDateTime),
    expiresOn: textOf(object.endDateTime),
  };
}

/** A credential that is there already is sent as it was read: any difference is refused. */
export function encodeKeyCredential(credential: KeyCredential): JsonObject {
  const { keyId, customKeyIdentifier, key, displayName, type, usage, startsOn, expiresOn } = credential;
  return {
    ...{ keyId, key, displayName, type, usage, startDateTime: startsOn, endDateTime: expiresOn },
    ...(customKeyIdentifier !== null && { customKeyIdentifier }),
  };
}

export function decodeServicePrincipal(object: JsonObject): ServicePrincipal {
  const scopes = objectsOf(object.oauth2PermissionScopes);
  return {
    objectId: textOf(object.id),
    clientId: textOf(object.appId),
    enabled: object.accountEnabled !== false,
    scopes: scopes.map(({ id, value }) => ({ id: textOf(id), value: textOf(value) })),
  };
}

/** The scopes of a grant are one text, at times with doubled blanks. */
export function decodeGrant({ id, scope }: JsonObject): PermissionGrant {
  return { id: textOf(id), scopes: textOf(scope).split(/\s+/).filter(Boolean) };
}

export function decodeUser(object: JsonObject): DirectoryUser {
  return {
    objectId: textOf(object.id),
    userPrincipalName: textOf(object.userPrincipalName),
    enabled: object.accountEnabled !== false,
    usageLocation: textOrNull(object.usageLocation),
    licenses: objectsOf(object.assignedLicenses).map(({ skuId }) => textOf(skuId)),
  };
}

export function decodeSubscription(object: JsonObject): Subscription {
  const prepaid: JsonObject = Object(object.prepaidUnits);
  return {
    id: textOf(object.skuId),
    name: textOf(object.skuPartNumber),
    isEnabled: object.capabilityStatus === 'Enabled',
    isForUsers: object.appliesTo === 'User',
    freeLicenses: numberOf(prepaid.enabled) - numberOf(object.consumedUnits),
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function textsOf(value: unknown): readonly string[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  return items.filter((item) => typeof item === 'string');
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
