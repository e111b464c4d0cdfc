import type { IncomingHttpHeaders } from 'node:http';
import type { JWTPayload } from 'jose';
import type { Directory, Tenant } from '../directory.js';
import type { DirectoryObject, JsonObject, ObjectKind } from '../directory-objects.js';
import { isJsonObject } from '../directory-objects.js';
import { badRequest, GraphError, resourceNotFound } from './graph-error.js';
import type { ThumbprintForm } from './key-credentials.js';

/** How the mock Graph differs from its defaults. */
export interface GraphOptions {
  /** Milliseconds for which a new object is not found by others, as on a replica that lags; default 0. */
  readonly replicationMs?: number;
  /** How `customKeyIdentifier` is told that nobody sent; default `hex`. */
  readonly thumbprintForm?: ThumbprintForm;
}

/** Who calls: an application for itself, or on behalf of a user. */
export interface Caller {
  readonly tenant: Tenant;
  readonly clientId: string;
  /** Object id of the user or of the service principal. */
  readonly objectId: string;
  readonly isUser: boolean;
  /** Scopes of a user's token, roles of an application's. */
  readonly permissions: readonly string[];
  readonly claims: JWTPayload;
}

/** One request to Microsoft Graph, whole or as part of a batch. */
export interface GraphRequest {
  readonly method: string;
  /** What stands behind the version: `/applications/…`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** `http://host:port/v1.0`, as the client addressed the mock. */
  readonly root: string;
}

/** What a Graph operation acts upon. */
export interface GraphCall extends GraphRequest {
  readonly directory: Directory;
  readonly options: GraphOptions;
  readonly caller: Caller;
  readonly now: Date;
  /** What stood in place of the `{…}` of the route's path. */
  readonly keys: readonly string[];
}

/** What an operation answers; without a body nothing follows the headers. */
export interface GraphAnswer {
  readonly status: number;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The JSON object that a request brings; an empty body counts as an empty object. */
export function bodyOf({ body }: Pick<GraphRequest, 'body'>): JsonObject {
  if (body.length === 0) return {};
  const value = parseJson(body.toString('utf8'));
  if (isJsonObject(value)) return value;
  throw new GraphError(
    400,
    'BadRequest',
    'Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.',
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Finds an object by its id or by an alternate key, as in `appId='…'`; throws 404 where it is not, or not yet, to be seen. */
export function requiredObject(call: GraphCall, kind: ObjectKind, key: string): DirectoryObject {
  const object = findObject(call, kind, key);
  if (object) return object;
  throw resourceNotFound(shownKey(key));
}

/** Does the same without throwing. */
export function findObject(call: GraphCall, kind: ObjectKind, key: string): DirectoryObject | undefined {
  const object = findEvenIfHidden(call, kind, key);
  return object && isVisible(call, object) ? object : undefined;
}

function findEvenIfHidden(
  { directory, caller }: GraphCall,
  kind: ObjectKind,
  key: string,
): DirectoryObject | undefined {
  const { objects } = directory;
  const [, property, value] = /^(\w+)='(.*)'$/.exec(key) ?? [];
  if (property !== undefined && value !== undefined) {
    if (!ALTERNATE_KEYS[kind]?.includes(property)) throw badRequest(`Invalid key property '${property}'.`);
    return objects.find(kind, property, value.replaceAll("''", "'"), caller.tenant.id);
  }
  const id = shownKey(key);
  const byId = objects.get(kind, id);
  if (byId?.tenantId === caller.tenant.id) return byId;
  return kind === 'user' ? objects.find(kind, 'userPrincipalName', id, caller.tenant.id) : undefined;
}

const ALTERNATE_KEYS: Partial<Record<ObjectKind, readonly string[]>> = {
  application: ['appId', 'uniqueName'],
  servicePrincipal: ['appId'],
  user: ['userPrincipalName'],
};

/** A key without the quotes of `('…')`. */
export function shownKey(key: string): string {
  return /^'(.*)'$/.exec(key)?.[1]?.replaceAll("''", "'") ?? key;
}

/** All objects of a kind that can be seen. */
export function visibleObjects(call: GraphCall, kind: ObjectKind): DirectoryObject[] {
  return call.directory.objects.all(kind, call.caller.tenant.id).filter((object) => isVisible(call, object));
}

function isVisible({ now, options }: GraphCall, { createdAt }: DirectoryObject): boolean {
  return now.getTime() - createdAt.getTime() >= (options.replicationMs ?? 0);
}
