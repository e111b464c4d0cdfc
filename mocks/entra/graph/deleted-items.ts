import type { DirectoryObject, ObjectKind } from '../directory-objects.js';
import { textOf } from '../directory-objects.js';
import { assertAccess } from './access.js';
import type { GraphAnswer, GraphCall } from './call.js';
import { badRequest, GraphError, resourceNotFound } from './graph-error.js';
import { APPLICATION, type ObjectType, SERVICE_PRINCIPAL, USER } from './object-types.js';
import { type Access, READ_APPLICATIONS, READ_USERS, WRITE_APPLICATIONS, WRITE_USERS } from './permissions.js';
import { answerList, answerOne } from './query.js';

interface DeletedKind {
  readonly type: ObjectType;
  readonly read: Access;
  readonly write: Access;
}

const APPLICATIONS = { read: READ_APPLICATIONS, write: WRITE_APPLICATIONS };
const KINDS: Partial<Record<ObjectKind, DeletedKind>> = {
  application: { type: APPLICATION, ...APPLICATIONS },
  servicePrincipal: { type: SERVICE_PRINCIPAL, ...APPLICATIONS },
  user: { type: USER, read: READ_USERS, write: WRITE_USERS },
};

/** `GET /directory/deletedItems/microsoft.graph.{type}`, or one deleted object by its id. */
export function getDeleted(call: GraphCall): GraphAnswer {
  const [key = ''] = call.keys;
  const typeName = /^(?:microsoft\.)?graph\.(\w+)$/i.exec(key)?.[1];
  if (typeName === undefined) {
    const object = deletedObject(call);
    const { type, read } = kindOf(object);
    assertAccess(call, read);
    return answerOne(call, type, object);
  }
  const kind = Object.values(KINDS).find(({ type }) => type.name.toLowerCase() === typeName.toLowerCase());
  if (kind === undefined) throw new GraphError(400, 'BadRequest', `Resource not found for the segment '${key}'.`);
  assertAccess(call, kind.read);
  return answerList(call, kind.type, call.directory.objects.allDeleted(kind.type.kind, call.caller.tenant.id));
}

/** `POST /directory/deletedItems/{id}/restore`: 200 with the object; an application comes back with its service principal. */
export function restoreDeleted(call: GraphCall): GraphAnswer {
  const object = deletedObject(call);
  const { type, write } = kindOf(object);
  assertAccess(call, write, object);
  assertFree(call, object);
  const { objects } = call.directory;
  objects.restore(object);
  return answerOne(call, type, objects.get(object.kind, object.id) ?? object);
}

/** `DELETE /directory/deletedItems/{id}`: 204, for good. */
export function purgeDeleted(call: GraphCall): GraphAnswer {
  const object = deletedObject(call);
  assertAccess(call, kindOf(object).write, object);
  call.directory.objects.purge(object);
  return { status: 204 };
}

function deletedObject({ directory, caller, keys: [id = ''] }: GraphCall): DirectoryObject {
  const object = directory.objects.getDeleted(id);
  if (object?.tenantId === caller.tenant.id) return object;
  throw resourceNotFound(id);
}

function kindOf({ kind }: DirectoryObject): DeletedKind {
  const found = KINDS[kind];
  if (found === undefined) throw new Error(`Expected no deleted object of kind ${kind} to be kept.`);
  return found;
}

/** What was unique may have been taken meanwhile. */
function assertFree({ directory, caller }: GraphCall, object: DirectoryObject): void {
  const property = object.kind === 'user' ? 'userPrincipalName' : 'appId';
  if (!directory.objects.find(object.kind, property, textOf(object, property), caller.tenant.id)) return;
  const message = `Another object with the same value for property ${property} already exists.`;
  throw badRequest(message, [{ code: 'ObjectConflict', message, target: property }]);
}
