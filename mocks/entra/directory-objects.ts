import { randomUUID } from 'node:crypto';

/** What JSON can tell. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [name: string]: Json };

/** What the directory holds, by the names that Microsoft Graph gives the types. */
export type ObjectKind =
  | 'application'
  | 'servicePrincipal'
  | 'user'
  | 'oauth2PermissionGrant'
  | 'appRoleAssignment'
  | 'roleAssignment';

/** One object of a tenant. It is never changed but replaced. */
export interface DirectoryObject {
  readonly kind: ObjectKind;
  readonly id: string;
  readonly tenantId: string;
  readonly createdAt: Date;
  readonly deletedAt?: Date;
  /** As Microsoft Graph names them; credentials with the key and the secret that Graph does not show. */
  readonly properties: JsonObject;
  /** What Graph has no name for. */
  readonly hidden: HiddenProperties;
}

export interface HiddenProperties {
  readonly password?: string;
  /** Set by tests: `locked` and the like. */
  readonly signInState?: string;
  /** A public client of another tenant, of which this one holds the service principal only. */
  readonly isPublicClient?: boolean;
  /** Object ids. */
  readonly owners?: readonly string[];
}

export interface NewObject {
  readonly tenantId: string;
  /** Default: a new one. */
  readonly id?: string;
  readonly properties: JsonObject;
  readonly hidden?: HiddenProperties;
}

/** All objects of a directory. */
export interface ObjectsState {
  readonly live: readonly DirectoryObject[];
  readonly deleted: readonly DirectoryObject[];
}

const DELETED_KEPT_MS = 30 * 24 * 3600 * 1000;
const SOFT_DELETED: ReadonlySet<ObjectKind> = new Set(['application', 'servicePrincipal', 'user']);

/**
 * The objects of all tenants by kind and id. Ids compare without regard to case. Deleted applications, service principals and users are
 * kept for 30 days: https://learn.microsoft.com/graph/api/resources/directory
 */
export class DirectoryObjects {
  private readonly live = new Map<string, DirectoryObject>();
  private readonly deleted = new Map<string, DirectoryObject>();

  constructor(readonly now: () => Date) {}

  clear(): void {
    this.live.clear();
    this.deleted.clear();
  }

  /** What is there and what was deleted, for a file. */
  state(): ObjectsState {
    return { live: [...this.live.values()], deleted: [...this.deleted.values()] };
  }

  /** Puts the objects of a state in place of all that is there; times may be text, as JSON has them. */
  load({ live, deleted }: ObjectsState): void {
    this.clear();
    for (const object of live) this.live.set(keyOf(object.kind, object.id), withDates(object));
    for (const object of deleted) this.deleted.set(object.id.toLowerCase(), withDates(object));
  }

  add(kind: ObjectKind, { tenantId, id = randomUUID(), properties, hidden = {} }: NewObject): DirectoryObject {
    const object = { kind, id, tenantId, createdAt: this.now(), properties, hidden };
    this.live.set(keyOf(kind, id), object);
    return object;
  }

  get(kind: ObjectKind, id: string): DirectoryObject | undefined {
    return this.live.get(keyOf(kind, id));
  }

  /** In the order they were added. */
  all(kind: ObjectKind, tenantId: string): DirectoryObject[] {
    return [...this.live.values()].filter((object) => object.kind === kind && object.tenantId === tenantId);
  }

  /** Finds the first object with this value, compared without regard to case. */
  find(kind: ObjectKind, property: string, value: string, tenantId?: string): DirectoryObject | undefined {
    const wanted = value.toLowerCase();
    for (const object of this.live.values()) {
      if (object.kind !== kind || (tenantId !== undefined && object.tenantId !== tenantId)) continue;
      if (textOf(object, property).toLowerCase() === wanted) return object;
    }
    return undefined;
  }

  /** Overwrites the properties that are given. */
  change(object: DirectoryObject, properties: JsonObject, hidden: HiddenProperties = {}): DirectoryObject {
    const changed = {
      ...object,
      properties: { ...object.properties, ...properties },
      hidden: { ...object.hidden, ...hidden },
    };
    this.live.set(keyOf(object.kind, object.id), changed);
    return changed;
  }

  /** Deletes an object, and with it whatever names it. */
  delete(object: DirectoryObject): void {
    if (!this.live.delete(keyOf(object.kind, object.id))) return;
    if (SOFT_DELETED.has(object.kind)) this.deleted.set(object.id.toLowerCase(), { ...object, deletedAt: this.now() });
    for (const other of [...this.live.values()]) if (dependsOn(other, object)) this.delete(other);
  }

  /** What was deleted within the last 30 days. */
  allDeleted(kind: ObjectKind, tenantId: string): DirectoryObject[] {
    return [...this.deleted.values()].filter(
      (object) => object.kind === kind && object.tenantId === tenantId && this.isKept(object),
    );
  }

  getDeleted(id: string): DirectoryObject | undefined {
    const object = this.deleted.get(id.toLowerCase());
    return object && this.isKept(object) ? object : undefined;
  }

  /** Brings a deleted object back, an application with its service principal. */
  restore(object: DirectoryObject): void {
    const { deletedAt: _deletedAt, ...restored } = object;
    this.deleted.delete(object.id.toLowerCase());
    this.live.set(keyOf(object.kind, object.id), restored);
    for (const other of [...this.deleted.values()]) if (dependsOn(other, object)) this.restore(other);
  }

  /** Deletes for good. */
  purge(object: DirectoryObject): void {
    this.deleted.delete(object.id.toLowerCase());
  }

  private isKept({ deletedAt }: DirectoryObject): boolean {
    return deletedAt !== undefined && this.now().getTime() - deletedAt.getTime() < DELETED_KEPT_MS;
  }
}

/** A text property; empty where it is null or absent. */
export function textOf({ properties }: Pick<DirectoryObject, 'properties'>, name: string): string {
  const value = properties[name];
  return typeof value === 'string' ? value : '';
}

/** A property that holds a list of objects, such as credentials. */
export function listOf({ properties }: Pick<DirectoryObject, 'properties'>, name: string): readonly JsonObject[] {
  const value = properties[name];
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

/** Tells a JSON object from other JSON. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function withDates({ createdAt, deletedAt, ...rest }: DirectoryObject): DirectoryObject {
  const deleted = deletedAt === undefined ? {} : { deletedAt: new Date(deletedAt) };
  return { ...rest, createdAt: new Date(createdAt), ...deleted };
}

function keyOf(kind: ObjectKind, id: string): string {
  return `${kind} ${id.toLowerCase()}`;
}

/** A service principal goes with its application; grants and assignments go with either of their ends. */
function dependsOn(other: DirectoryObject, object: DirectoryObject): boolean {
  if (other.tenantId !== object.tenantId) return false;
  if (other.kind === 'servicePrincipal')
    return object.kind === 'application' && textOf(other, 'appId') === textOf(object, 'appId');
  return ['clientId', 'principalId', 'resourceId'].some((end) => textOf(other, end) === object.id);
}
