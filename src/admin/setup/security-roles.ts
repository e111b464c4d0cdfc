import type { OrganizationUsers, SecurityRole } from '../../connectors/dynamics/dynamics-set-up.js';
import type { CallOptions } from '../../model/call.js';
import { RequestError } from '../../model/errors.js';
import type { Steps } from './steps.js';

/** Names of roles are translated with the organization; the id of the template is the same everywhere. */
const TEMPLATES: Readonly<Record<string, string>> = {
  'system administrator': '627090ff-40a3-4053-8790-584edc5be201',
};

/** The roles of a business unit by the names or ids that were given. Throws NOT_FOUND that names the field. */
export async function findRoles(
  users: OrganizationUsers,
  businessUnitId: string,
  wanted: readonly string[],
  call: CallOptions,
): Promise<readonly SecurityRole[]> {
  const found: SecurityRole[] = [];
  for (const [index, nameOrId] of wanted.entries()) {
    const role = await findRole(users, businessUnitId, nameOrId, call);
    if (role === null) throw unknownRole(nameOrId, index);
    if (!found.some(({ id }) => id === role.id)) found.push(role);
  }
  return found;
}

async function findRole(
  users: OrganizationUsers,
  businessUnitId: string,
  nameOrId: string,
  call: CallOptions,
): Promise<SecurityRole | null> {
  const template = TEMPLATES[nameOrId.toLowerCase()];
  const byTemplate = template ? await users.findRole(businessUnitId, template, call) : null;
  return byTemplate ?? users.findRole(businessUnitId, nameOrId, call);
}

/** Gives a user those of the roles that are missing. */
export async function addRoles(
  users: OrganizationUsers,
  userId: string,
  roles: readonly SecurityRole[],
  steps: Steps,
  call: CallOptions,
): Promise<void> {
  const held = await users.readRoles(userId, call);
  for (const role of roles) {
    if (held.some(({ id }) => id === role.id)) continue;
    await steps.take(`Give the user the security role "${role.name}".`, () => users.addRole(userId, role.id, call));
  }
}

function unknownRole(nameOrId: string, index: number): RequestError {
  return new RequestError(
    'NOT_FOUND',
    `The business unit of the user has no security role "${nameOrId}". Give its name as the organization writes it, its id, or the id of its template.`,
    { field: `input.securityRoles.${index}` },
  );
}
