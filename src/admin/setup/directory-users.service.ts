import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  DirectoryUser,
  DynamicsSetUp,
  MicrosoftGraph,
  OrganizationUser,
  OrganizationUsers,
  SecurityRole,
  Subscription,
} from '../../connectors/dynamics/dynamics-set-up.js';
import type { CallOptions } from '../../model/call.js';
import { RemoteError, RequestError } from '../../model/errors.js';
import { createMutex } from '../mutex.js';
import { enable } from './application-users.service.js';
import { admitsToDynamics, chooseSubscription } from './choose-subscription.js';
import { addRoles, findRoles } from './security-roles.js';
import type { CreateNonInteractiveUserInput } from './set-up.inputs.js';
import { DirectoryUserStatus, type DirectoryUserType } from './set-up.types.js';
import { Steps } from './steps.js';
import { assertCountry, assertName, assertRoles, assertUserName, signInOf } from './validate-set-up.js';

/** https://learn.microsoft.com/power-platform/admin/create-users#create-a-non-interactive-user-account */
const NON_INTERACTIVE = 4;

/** How long a call waits for Dynamics to take up a licensed user; after that the user is PENDING until the next call. */
export interface WaitForUser {
  readonly everyMs: number;
  readonly totalMs: number;
}

const DEFAULT_WAIT: WaitForUser = { everyMs: 5_000, totalMs: 45_000 };

/** Makes the non-interactive user that signs in by password. */
export class DirectoryUsersService {
  /** Two calls at once would both find no user, and one of them fail at making it. */
  private readonly exclusively = createMutex();

  constructor(
    private readonly setUp: DynamicsSetUp,
    private readonly wait: WaitForUser = DEFAULT_WAIT,
  ) {}

  /**
   * The documented sequence, each step only where it is still to do: user, licence, wait for Dynamics, non-interactive access mode, security
   * roles, licence away.
   */
  create(input: CreateNonInteractiveUserInput, call: CallOptions): Promise<DirectoryUserType> {
    return this.exclusively(() => this.createNow(input, call));
  }

  private async createNow(input: CreateNonInteractiveUserInput, call: CallOptions): Promise<DirectoryUserType> {
    const wanted = validate(input);
    const server = this.setUp.assertServer(input.server, 'input.server');
    const graph = await this.setUp.openGraph(signInOf(input), call);
    try {
      const users = await this.setUp.openUsers(server, signInOf(input), call);
      const steps = new Steps(input.dryRun);
      const creation = new Creation({ graph, users, wanted, steps, call, wait: this.wait });
      return await creation.run().finally(() => users.close());
    } finally {
      await graph.close();
    }
  }
}

type WantedUser = ReturnType<typeof validate>;

function validate(input: CreateNonInteractiveUserInput) {
  return {
    userPrincipalName: assertUserName(input.userPrincipalName),
    displayName: assertName(input.displayName, 'input.displayName'),
    password: input.password ?? null,
    usageLocation: input.usageLocation == null ? null : assertCountry(input.usageLocation),
    license: input.license ?? null,
    removeLicense: input.removeLicense,
    securityRoles: assertRoles(input.securityRoles),
  };
}

interface CreationParts {
  readonly graph: MicrosoftGraph;
  readonly users: OrganizationUsers;
  readonly wanted: WantedUser;
  readonly steps: Steps;
  readonly call: CallOptions;
  readonly wait: WaitForUser;
}

/** One call of the mutation. */
class Creation {
  /** Shown once in the answer, and nowhere else. */
  private madePassword: string | null = null;

  constructor(private readonly parts: CreationParts) {}

  /** A password that was made is shown in the answer alone: a failure after that has to tell that it is lost. */
  async run(): Promise<DirectoryUserType> {
    try {
      return await this.proceed();
    } catch (error) {
      throw this.madePassword === null ? error : withLostPassword(error, this.parts.wanted.userPrincipalName);
    }
  }

  private async proceed(): Promise<DirectoryUserType> {
    const { graph, users, wanted, call } = this.parts;
    const existing = await graph.findUser(wanted.userPrincipalName, call);
    const known = existing && (await users.findPerson(existing.objectId, call));
    const businessUnitId = known?.businessUnitId ?? (await users.readRootBusinessUnit(call));
    // Before anything is made: a role that is not there must not leave a user without any.
    const roles = await findRoles(users, businessUnitId, wanted.securityRoles, call);
    const subscriptions = await graph.listSubscriptions(call);
    const isLicensed = existing !== null && holdsLicense(existing, subscriptions);
    const needsLicense = known?.accessMode !== NON_INTERACTIVE && !isLicensed;
    const chosen = needsLicense ? chooseSubscription(subscriptions, wanted.license) : null;
    const user = existing ? await this.revive(existing) : await this.createUser();
    if (chosen) await this.license(user, chosen);
    const person = known ?? (user && (await this.awaitPerson(user)));
    if (person) await this.admit(person, roles);
    if (person && user && wanted.removeLicense) await this.withdraw(user, person, subscriptions, chosen);
    return this.describe({ existing, user, person, roles, subscriptions, chosen });
  }

  private async createUser(): Promise<DirectoryUser | null> {
    const { graph, wanted, steps, call } = this.parts;
    const { userPrincipalName, displayName } = wanted;
    const usageLocation = requiredCountry(wanted);
    return steps.take(`Create the user ${userPrincipalName}.`, async () => {
      const password = wanted.password ?? randomPassword();
      const user = await graph.createUser({ userPrincipalName, displayName, password, usageLocation }, call);
      if (wanted.password === null) this.madePassword = password;
      return user;
    });
  }

  private async revive(user: DirectoryUser): Promise<DirectoryUser> {
    const { graph, steps, call } = this.parts;
    if (!user.enabled)
      await steps.take('Enable the user in Entra ID again.', () =>
        graph.updateUser(user.objectId, { enabled: true }, call),
      );
    return user;
  }

  private async license(user: DirectoryUser | null, { id, name }: Subscription): Promise<void> {
    const { graph, wanted, steps, call } = this.parts;
    if (user && user.usageLocation === null) {
      const usageLocation = requiredCountry(wanted);
      await steps.take(`Set the usage location to ${usageLocation}.`, () =>
        graph.updateUser(user.objectId, { usageLocation }, call),
      );
    }
    await steps.take(`Assign a licence of ${name}.`, async () => {
      if (user) await graph.changeLicenses(user.objectId, { add: [id], remove: [] }, call);
    });
  }

  /** Dynamics takes up users of the directory in the background: https://learn.microsoft.com/power-platform/admin/create-users */
  private async awaitPerson(user: DirectoryUser): Promise<OrganizationUser | null> {
    const { users, steps, call, wait } = this.parts;
    const until = performance.now() + (steps.dryRun ? 0 : wait.totalMs);
    for (;;) {
      const person = await users.findPerson(user.objectId, call);
      if (person || performance.now() + wait.everyMs > until) return person;
      await sleep(wait.everyMs, undefined, call.signal ? { signal: call.signal } : {});
    }
  }

  private async admit(person: OrganizationUser, roles: readonly SecurityRole[]): Promise<void> {
    const { users, steps, call } = this.parts;
    await enable(users, person, steps, call);
    if (person.accessMode !== NON_INTERACTIVE) {
      await steps.take('Make the user non-interactive.', () =>
        users.updateUser(person.id, { accessMode: NON_INTERACTIVE }, call),
      );
    }
    await addRoles(users, person.id, roles, steps, call);
  }

  /** The guide asks to confirm afterwards that the access mode has stayed. */
  private async withdraw(
    user: DirectoryUser,
    person: OrganizationUser,
    subscriptions: readonly Subscription[],
    chosen: Subscription | null,
  ): Promise<void> {
    const { graph, users, steps, call } = this.parts;
    const held = subscriptions.filter(({ id }) => user.licenses.includes(id)).filter(admitsToDynamics);
    const remove = chosen ? [chosen, ...held] : held;
    if (remove.length === 0) return;
    const names = remove.map(({ name }) => name).join(', ');
    await steps.take(`Take the licence of ${names} away.`, () =>
      graph.changeLicenses(user.objectId, { add: [], remove: remove.map(({ id }) => id) }, call),
    );
    const after = steps.dryRun ? null : await users.findPerson(user.objectId, call);
    if (after && after.accessMode !== NON_INTERACTIVE)
      await users.updateUser(person.id, { accessMode: NON_INTERACTIVE }, call);
  }

  private describe(found: {
    readonly existing: DirectoryUser | null;
    readonly user: DirectoryUser | null;
    readonly person: OrganizationUser | null;
    readonly roles: readonly SecurityRole[];
    readonly subscriptions: readonly Subscription[];
    readonly chosen: Subscription | null;
  }): DirectoryUserType {
    const { wanted, steps } = this.parts;
    const { existing, user, person, roles, subscriptions, chosen } = found;
    const held = subscriptions.find(
      (subscription) => user?.licenses.includes(subscription.id) && admitsToDynamics(subscription),
    );
    const isWithdrawn = wanted.removeLicense && person !== null;
    return {
      outcome: steps.outcome(existing !== null),
      changes: steps.changes,
      status: person ? DirectoryUserStatus.READY : DirectoryUserStatus.PENDING,
      userPrincipalName: wanted.userPrincipalName,
      objectId: user?.objectId ?? null,
      systemUserId: person?.id ?? null,
      license: isWithdrawn ? null : (chosen?.name ?? held?.name ?? null),
      securityRoles: person ? roles.map(({ name }) => name) : [],
      password: this.madePassword,
    };
  }
}

function holdsLicense(user: DirectoryUser, subscriptions: readonly Subscription[]): boolean {
  return subscriptions.some(
    (subscription) => user.licenses.includes(subscription.id) && admitsToDynamics(subscription),
  );
}

function withLostPassword(error: unknown, userPrincipalName: string): unknown {
  if (!(error instanceof RemoteError)) return error;
  const { code, message, upstream, retryAfter } = error;
  const hint = `The user ${userPrincipalName} was made before that, with a password that nobody was shown: reset it in the Entra admin center, then send the same again.`;
  const again = retryAfter === null ? {} : { retryAfter };
  return new RemoteError(code, `${message} ${hint}`, { upstream, ...again, cause: error });
}

function requiredCountry({ usageLocation }: WantedUser): string {
  if (usageLocation !== null) return usageLocation;
  throw new RequestError(
    'BAD_USER_INPUT',
    'Expected "usageLocation", the country of the user in two letters: without it Entra ID assigns no licence.',
    { field: 'input.usageLocation' },
  );
}

const LETTERS = ['abcdefghijkmnopqrstuvwxyz', 'ABCDEFGHJKLMNPQRSTUVWXYZ', '23456789', '!#%*+-=?_'] as const;

/** 32 characters of four kinds, which any policy of a tenant takes. */
function randomPassword(): string {
  return Array.from({ length: 32 }, (_, at) => {
    const letters = LETTERS[at % LETTERS.length] ?? LETTERS[0];
    return letters.charAt(randomInt(letters.length));
  }).join('');
}
