import type { Connections } from '../../connectors/connections.js';
import type {
  AdministratorSignIn,
  DynamicsSetUp,
  GraphApplication,
  MicrosoftGraph,
  PermissionGrant,
  RequiredAccess,
  ServicePrincipal,
} from '../../connectors/dynamics/dynamics-set-up.js';
import type { CallOptions } from '../../model/call.js';
import { RemoteError, RequestError } from '../../model/errors.js';
import { createMutex } from '../mutex.js';
import type { GrantPermissionsInput, RegisterApplicationInput } from './set-up.inputs.js';
import type { GrantedPermissions, RegisteredApplication } from './set-up.types.js';
import { Steps } from './steps.js';
import { assertClientId, assertName, assertSignOnUrl, signInOf } from './validate-set-up.js';

/** Client id that Dynamics CRM has in every tenant: https://learn.microsoft.com/power-platform/admin/apps-to-allow */
const DYNAMICS_CRM = '00000007-0000-0000-c000-000000000000';
/** "Access Dynamics 365 as organization users" */
const SCOPE = 'user_impersonation';

/** Registers the application that Campaign and Isthmus connect as, and grants what it needs. */
export class ApplicationsService {
  /** Two calls at once would both find nothing, and each make one: Entra takes any number of applications of one name. */
  private readonly exclusively = createMutex();

  constructor(
    private readonly setUp: DynamicsSetUp,
    private readonly connections: Connections,
  ) {}

  /** Finds the application by client id or name, or makes it, with its service principal. */
  register(input: RegisterApplicationInput, call: CallOptions): Promise<RegisteredApplication> {
    return this.exclusively(() => this.registerNow(input, call));
  }

  private async registerNow(input: RegisterApplicationInput, call: CallOptions): Promise<RegisteredApplication> {
    const clientId = input.clientId == null ? null : assertClientId(input.clientId);
    const signOnUrl = assertSignOnUrl(input.signOnUrl);
    const name = await this.nameOf(input, call);
    return this.withGraph(signInOf(input), call, async (graph) => {
      const existing = clientId ? await findRequired(graph, clientId, call) : await findOnlyNamed(graph, name, call);
      const steps = new Steps(input.dryRun);
      if (existing) await align(graph, existing, { name: clientId ? input.name : name, signOnUrl }, steps, call);
      const application = existing ?? (await create(graph, name, signOnUrl, steps, call));
      const principal = await ensurePrincipal(graph, application, { isNew: existing === null }, steps, call);
      return {
        outcome: steps.outcome(existing !== null),
        changes: steps.changes,
        name: existing && clientId && input.name == null ? existing.name : name,
        clientId: application?.clientId ?? null,
        objectId: application?.objectId ?? null,
        servicePrincipalId: principal?.objectId ?? null,
        tenantId: graph.tenantId,
      };
    });
  }

  /**
   * Declares `user_impersonation` of Dynamics CRM, allows public client flows and gives admin consent for everybody. What the application
   * has beside it stays.
   */
  grant(input: GrantPermissionsInput, call: CallOptions): Promise<GrantedPermissions> {
    return this.exclusively(() => this.grantNow(input, call));
  }

  private async grantNow(input: GrantPermissionsInput, call: CallOptions): Promise<GrantedPermissions> {
    const clientId = assertClientId(input.clientId);
    return this.withGraph(signInOf(input), call, async (graph) => {
      const application = await findRequired(graph, clientId, call);
      const steps = new Steps(input.dryRun);
      const resource = await ensureResource(graph, steps, call);
      if (resource) await declare(graph, application, resource, steps, call);
      const principal = await ensurePrincipal(graph, application, { isNew: false }, steps, call);
      const existing = principal && resource && (await graph.findGrant(principal.objectId, resource.objectId, call));
      const grant = await consent(graph, { existing, principal, resource }, steps, call);
      return {
        outcome: steps.outcome(existing !== null),
        changes: steps.changes,
        servicePrincipalId: principal?.objectId ?? null,
        grantId: grant?.id ?? null,
        scopes: [...new Set([...(grant?.scopes ?? existing?.scopes ?? []), SCOPE])],
      };
    });
  }

  private async nameOf(input: RegisterApplicationInput, call: CallOptions): Promise<string> {
    if (input.name != null) return assertName(input.name, 'input.name');
    if (input.instance != null) return assertName(`adobecampaign${input.instance.trim()}`, 'input.instance');
    if (input.clientId != null) return '';
    const instance = await (await this.connections.campaign()).instanceName(call);
    if (instance) return assertName(`adobecampaign${instance}`, 'input.name');
    throw new RequestError(
      'BAD_USER_INPUT',
      'Expected "name" or "instance", since the Campaign server does not tell the name of its instance.',
      { field: 'input.name' },
    );
  }

  private async withGraph<Result>(
    signIn: AdministratorSignIn,
    call: CallOptions,
    work: (graph: MicrosoftGraph) => Promise<Result>,
  ): Promise<Result> {
    const graph = await this.setUp.openGraph(signIn, call);
    return work(graph).finally(() => graph.close());
  }
}

/** The application of a client id; NOT_FOUND where the tenant has none. */
export async function findRequired(
  graph: MicrosoftGraph,
  clientId: string,
  call: CallOptions,
): Promise<GraphApplication> {
  const application = await graph.findApplication(clientId, call);
  if (application) return application;
  throw new RequestError(
    'NOT_FOUND',
    `The tenant of the administrator has no application with the client id "${clientId}". Register one with registerApplication, or sign in to the tenant that has it.`,
    { field: 'input.clientId' },
  );
}

async function findOnlyNamed(graph: MicrosoftGraph, name: string, call: CallOptions): Promise<GraphApplication | null> {
  const [first = null, ...others] = await graph.findApplicationsNamed(name, call);
  if (others.length === 0) return first;
  const ids = [first, ...others].map((application) => application?.clientId).join(', ');
  throw new RequestError(
    'CONFLICT',
    `Several applications are named "${name}": ${ids}. Give the client id of the right one as "clientId".`,
    { field: 'input.name' },
  );
}

function create(
  graph: MicrosoftGraph,
  name: string,
  signOnUrl: string,
  steps: Steps,
  call: CallOptions,
): Promise<GraphApplication | null> {
  const content = { name, homePageUrl: signOnUrl, redirectUris: [signOnUrl] };
  return steps.take(`Register the application "${name}".`, () =>
    graph.createApplication({ ...content, allowsPublicClients: false, requiredAccess: [] }, call),
  );
}

interface WantedApplication {
  /** Null or left out where the name may stay. */
  readonly name?: string | null | undefined;
  readonly signOnUrl: string;
}

async function align(
  graph: MicrosoftGraph,
  { objectId, name, homePageUrl, redirectUris }: GraphApplication,
  wanted: WantedApplication,
  steps: Steps,
  call: CallOptions,
): Promise<void> {
  const { signOnUrl } = wanted;
  const newName = wanted.name?.trim();
  if (newName && newName !== name) {
    await steps.take(`Rename the application "${name}" to "${newName}".`, () =>
      graph.updateApplication(objectId, { name: newName }, call),
    );
  }
  if (homePageUrl !== null && redirectUris.includes(signOnUrl)) return;
  const web = { homePageUrl: homePageUrl ?? signOnUrl, redirectUris: [...new Set([...redirectUris, signOnUrl])] };
  await steps.take(`Add the sign-on URL ${signOnUrl}.`, () => graph.updateApplication(objectId, web, call));
}

/** Graph makes none with the application, as the portal does; without it Entra issues no token. */
async function ensurePrincipal(
  graph: MicrosoftGraph,
  application: GraphApplication | null,
  { isNew }: { readonly isNew: boolean },
  steps: Steps,
  call: CallOptions,
): Promise<ServicePrincipal | null> {
  const existing = application && !isNew ? await graph.findServicePrincipal(application.clientId, call) : null;
  if (existing) return existing;
  return steps.take('Create its service principal.', () => {
    if (application === null) throw new Error('Expected the application to be made before its service principal.');
    return graph.createServicePrincipal(application.clientId, call);
  });
}

async function ensureResource(
  graph: MicrosoftGraph,
  steps: Steps,
  call: CallOptions,
): Promise<ServicePrincipal | null> {
  const existing = await graph.findServicePrincipal(DYNAMICS_CRM, call);
  if (existing) return existing;
  return steps.take('Create the service principal of Dynamics CRM, which the tenant never had.', () =>
    graph.createServicePrincipal(DYNAMICS_CRM, call),
  );
}

async function declare(
  graph: MicrosoftGraph,
  { objectId, allowsPublicClients, requiredAccess }: GraphApplication,
  resource: ServicePrincipal,
  steps: Steps,
  call: CallOptions,
): Promise<void> {
  const scopeId = scopeIdOf(resource);
  const merged = withPermission(requiredAccess, scopeId);
  if (merged !== requiredAccess) {
    await steps.take(`Declare the permission ${SCOPE} of Dynamics CRM.`, () =>
      graph.updateApplication(objectId, { requiredAccess: merged }, call),
    );
  }
  if (allowsPublicClients) return;
  await steps.take('Allow public client flows, which signing in by password needs.', () =>
    graph.updateApplication(objectId, { allowsPublicClients: true }, call),
  );
}

function scopeIdOf({ scopes }: ServicePrincipal): string {
  const scope = scopes.find(({ value }) => value === SCOPE);
  if (scope) return scope.id;
  const message = `Dynamics CRM offers no permission ${SCOPE} in this tenant.`;
  throw new RemoteError('UPSTREAM_REJECTED', `${message} Check that the tenant has a Dynamics 365 environment.`, {
    upstream: { system: 'entra', status: null, code: null, message, requestId: null },
  });
}

/** The list itself where it holds the permission already. */
function withPermission(required: readonly RequiredAccess[], scopeId: string): readonly RequiredAccess[] {
  const permission = { id: scopeId, type: 'Scope' };
  const dynamics = required.find(({ resourceClientId }) => resourceClientId.toLowerCase() === DYNAMICS_CRM);
  if (!dynamics) return [...required, { resourceClientId: DYNAMICS_CRM, permissions: [permission] }];
  if (dynamics.permissions.some(({ id }) => id === scopeId)) return required;
  const widened = { ...dynamics, permissions: [...dynamics.permissions, permission] };
  return required.map((access) => (access === dynamics ? widened : access));
}

interface Consent {
  readonly existing: PermissionGrant | null;
  readonly principal: ServicePrincipal | null;
  readonly resource: ServicePrincipal | null;
}

async function consent(
  graph: MicrosoftGraph,
  { existing, principal, resource }: Consent,
  steps: Steps,
  call: CallOptions,
): Promise<PermissionGrant | null> {
  if (existing?.scopes.includes(SCOPE)) return existing;
  if (existing) {
    const scopes = [...existing.scopes, SCOPE];
    await steps.take(`Add ${SCOPE} to the admin consent.`, () => graph.updateGrant(existing.id, scopes, call));
    return { ...existing, scopes };
  }
  return steps.take(`Give admin consent to ${SCOPE} of Dynamics CRM.`, () => {
    if (!principal || !resource) throw new Error('Expected both service principals to be made before the consent.');
    const { objectId: clientObjectId } = principal;
    return graph.createGrant({ clientObjectId, resourceObjectId: resource.objectId, scopes: [SCOPE] }, call);
  });
}
