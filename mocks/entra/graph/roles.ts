import { createHash } from 'node:crypto';
import type { JsonObject } from '../directory-objects.js';
import { readProperties } from './body.js';
import { bodyOf, type GraphAnswer, type GraphCall, requiredObject, visibleObjects } from './call.js';
import { compileGraphFilter } from './filter.js';
import { badRequest, resourceNotFound } from './graph-error.js';
import { ROLE_ASSIGNMENT } from './object-types.js';
import { DIRECTORY_ROLE_NAMES, DIRECTORY_ROLES } from './permissions.js';
import { answerCreated, answerList, answerOne, checkOptions } from './query.js';

const DEFINITIONS = Object.entries(DIRECTORY_ROLES).map(([name, id]) => ({
  id,
  // Both tables have the same names.
  displayName: DIRECTORY_ROLE_NAMES[name as keyof typeof DIRECTORY_ROLES],
  description: null,
  isBuiltIn: true,
  isEnabled: true,
  templateId: id,
  version: '1',
  rolePermissions: [],
}));

/** `GET /roleManagement/directory/roleDefinitions` */
export function listRoleDefinitions(call: GraphCall): GraphAnswer {
  checkOptions(call.query, ['$filter', '$top']);
  const filter = compileGraphFilter(call.query.get('$filter') ?? 'isBuiltIn eq true');
  const value = DEFINITIONS.filter((definition) => filter.matches(definition));
  const context = `${call.root}/$metadata#roleManagement/directory/roleDefinitions`;
  return { status: 200, body: { '@odata.context': context, value } };
}

/** `GET /roleManagement/directory/roleDefinitions/{id}`; the id of a built-in role is that of its template. */
export function getRoleDefinition(call: GraphCall): GraphAnswer {
  const [id = ''] = call.keys;
  const definition = DEFINITIONS.find((candidate) => candidate.id === id.toLowerCase());
  if (definition === undefined) throw resourceNotFound(id);
  const context = `${call.root}/$metadata#roleManagement/directory/roleDefinitions/$entity`;
  return { status: 200, body: { '@odata.context': context, ...definition } };
}

/** `GET /roleManagement/directory/roleAssignments`, of one principal or one role. */
export function listRoleAssignments(call: GraphCall): GraphAnswer {
  const filter = call.query.get('$filter') ?? '';
  if (!/principalId|roleDefinitionId/.test(filter))
    throw badRequest("The filter must name 'principalId' or 'roleDefinitionId'.");
  return answerList(call, ROLE_ASSIGNMENT, visibleObjects(call, 'roleAssignment'));
}

/** `GET /roleManagement/directory/roleAssignments/{id}` */
export function getRoleAssignment(call: GraphCall): GraphAnswer {
  return answerOne(call, ROLE_ASSIGNMENT, requiredObject(call, 'roleAssignment', call.keys[0] ?? ''));
}

/** `POST /roleManagement/directory/roleAssignments`: 201; it counts from the principal's next call. */
export function assignRole(call: GraphCall): GraphAnswer {
  const properties: JsonObject = { directoryScopeId: '/', ...readProperties(bodyOf(call), ROLE_ASSIGNMENT, 'create') };
  const { principalId, roleDefinitionId } = properties;
  if (!DEFINITIONS.some(({ id }) => id === roleDefinitionId)) throw resourceNotFound(String(roleDefinitionId));
  const { objects } = call.directory;
  if (!objects.get('user', String(principalId))) requiredObject(call, 'servicePrincipal', String(principalId));
  const ends = [principalId, roleDefinitionId, properties.directoryScopeId].join();
  const id = `${createHash('sha256').update(ends).digest('base64url')}-1`;
  if (objects.get('roleAssignment', id))
    throw badRequest(
      'A conflicting object with one or more of the specified property values is present in the directory.',
    );
  return answerCreated(
    call,
    ROLE_ASSIGNMENT,
    objects.add('roleAssignment', { tenantId: call.caller.tenant.id, id, properties }),
  );
}

/** `DELETE /roleManagement/directory/roleAssignments/{id}`: 204. */
export function removeRole(call: GraphCall): GraphAnswer {
  call.directory.objects.delete(requiredObject(call, 'roleAssignment', call.keys[0] ?? ''));
  return { status: 204 };
}
