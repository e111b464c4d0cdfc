import type { DirectoryObject, JsonObject } from '../directory-objects.js';
import { assertAccess } from './access.js';
import { bodyOf, type GraphAnswer, type GraphCall, requiredObject } from './call.js';
import { badRequest, resourceNotFound, unsupportedQuery } from './graph-error.js';
import { SERVICE_PRINCIPAL, USER } from './object-types.js';
import { WRITE_APPLICATIONS } from './permissions.js';
import { type Expand, shownProperties } from './query.js';

/** Reads `$expand=owners`; anything else that is to be expanded is refused. */
export function expandOwners(call: GraphCall): Expand | undefined {
  const expand = call.query.get('$expand');
  if (expand === null) return undefined;
  if (expand !== 'owners') throw unsupportedQuery(`Expanding '${expand}' is not supported; owners is.`);
  return (object) => ({ owners: ownersOf(call, object) });
}

/** `GET /applications/{key}/owners`, and the same of service principals. */
export function listOwners(call: GraphCall): GraphAnswer {
  const context = `${call.root}/$metadata#directoryObjects`;
  return { status: 200, body: { '@odata.context': context, value: ownersOf(call, owned(call)) } };
}

/** `POST /applications/{key}/owners/$ref`: 204, and 400 for who is an owner already. */
export function addOwner(call: GraphCall): GraphAnswer {
  const object = owned(call);
  assertAccess(call, WRITE_APPLICATIONS, object);
  const id = /([^/(']+)'?\)?$/.exec(String(bodyOf(call)['@odata.id'] ?? ''))?.[1] ?? '';
  if (findPrincipal(call, id) === undefined) throw resourceNotFound(id);
  const owners = object.hidden.owners ?? [];
  if (owners.includes(id))
    throw badRequest(
      "One or more added object references already exist for the following modified properties: 'owners'.",
    );
  call.directory.objects.change(object, {}, { owners: [...owners, id] });
  return { status: 204 };
}

/** `DELETE /applications/{key}/owners/{id}/$ref`: 204. */
export function removeOwner(call: GraphCall): GraphAnswer {
  const object = owned(call);
  assertAccess(call, WRITE_APPLICATIONS, object);
  const [, id = ''] = call.keys;
  const owners = object.hidden.owners ?? [];
  if (!owners.includes(id)) throw resourceNotFound(id);
  call.directory.objects.change(object, {}, { owners: owners.filter((owner) => owner !== id) });
  return { status: 204 };
}

function owned(call: GraphCall): DirectoryObject {
  const kind = /^\/applications/i.test(call.path) ? 'application' : 'servicePrincipal';
  return requiredObject(call, kind, call.keys[0] ?? '');
}

function ownersOf(call: GraphCall, object: DirectoryObject): readonly JsonObject[] {
  return (object.hidden.owners ?? []).flatMap((id) => {
    const owner = findPrincipal(call, id);
    if (owner === undefined) return [];
    const type = owner.kind === 'user' ? USER : SERVICE_PRINCIPAL;
    const shown = shownProperties(type, owner, { selected: undefined, withKeys: false });
    return [{ '@odata.type': `#microsoft.graph.${type.name}`, ...shown }];
  });
}

function findPrincipal({ directory }: GraphCall, id: string): DirectoryObject | undefined {
  return directory.objects.get('user', id) ?? directory.objects.get('servicePrincipal', id);
}
