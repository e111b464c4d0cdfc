import type { DynamicsSetUp, OrganizationUser, OrganizationUsers } from '../../connectors/dynamics/dynamics-set-up.js';
import type { CallOptions } from '../../model/call.js';
import { addRoles, findRoles } from './security-roles.js';
import type { CreateApplicationUserInput } from './set-up.inputs.js';
import type { ApplicationUserType } from './set-up.types.js';
import { Steps } from './steps.js';
import { assertClientId, assertRoles, signInOf } from './validate-set-up.js';

/** Makes the user that an application is in an organization. */
export class ApplicationUsersService {
  constructor(private readonly setUp: DynamicsSetUp) {}

  /** Finds the application's user or makes it, enables it, and gives it the security roles that it lacks. */
  async create(input: CreateApplicationUserInput, call: CallOptions): Promise<ApplicationUserType> {
    const clientId = assertClientId(input.clientId);
    const server = this.setUp.assertServer(input.server, 'input.server');
    const wanted = assertRoles(input.securityRoles);
    const users = await this.setUp.openUsers(server, signInOf(input), call);
    try {
      const existing = await users.findApplicationUser(clientId, call);
      const businessUnitId = existing?.businessUnitId ?? (await users.readRootBusinessUnit(call));
      // Before anything is made: a role that is not there must not leave a user without any.
      const roles = await findRoles(users, businessUnitId, wanted, call);
      const steps = new Steps(input.dryRun);
      if (existing) await enable(users, existing, steps, call);
      const user =
        existing ??
        (await steps.take(`Create the user of application ${clientId}.`, () =>
          users.createApplicationUser(clientId, businessUnitId, call),
        ));
      if (user) await addRoles(users, user.id, roles, steps, call);
      else for (const { name } of roles) steps.changes.push(`Give the user the security role "${name}".`);
      return {
        outcome: steps.outcome(existing !== null),
        changes: steps.changes,
        clientId,
        systemUserId: user?.id ?? null,
        userName: user?.userName ?? null,
        businessUnitId,
        securityRoles: roles.map(({ name }) => name),
      };
    } finally {
      await users.close();
    }
  }
}

/** Enables a user that was disabled; a disabled one takes no roles either. */
export async function enable(
  users: OrganizationUsers,
  user: OrganizationUser,
  steps: Steps,
  call: CallOptions,
): Promise<void> {
  if (user.enabled) return;
  await steps.take('Enable the user in Dynamics again.', () => users.updateUser(user.id, { enabled: true }, call));
}
