import { DYNAMICS_SCOPE, MICROSOFT } from './directory.js';
import { EntraError } from './errors.js';
import { PERMISSIONS } from './graph/permissions.js';

/** What a token is asked for: an audience as the client wrote it, and what the client may do there. */
export interface Target {
  /** `aud` of the token: the scope without what follows the resource, so `https://org//.default` keeps one slash at its end. */
  readonly resource: string;
  /** Scopes of the resource that were asked for by name; none where `/.default` asks for what was consented to. */
  readonly scopes: readonly string[];
  /** Scopes of OpenID Connect that were asked for beside it: `openid`, `profile`, `offline_access`. */
  readonly openId: ReadonlySet<string>;
}

const OPEN_ID_SCOPES: ReadonlySet<string> = new Set(['openid', 'profile', 'email', 'offline_access']);
const DEFAULT_SCOPE = '/.default';
const DELEGATED_SCOPE = `/${DYNAMICS_SCOPE}`;
const GRAPH = 'https://graph.microsoft.com';

/** Reads the scope of client credentials: one resource with `/.default`. */
export function applicationTarget(scope: string): Target {
  const scopes = words(scope);
  const [only = ''] = scopes;
  if (scopes.length !== 1 || !only.endsWith(DEFAULT_SCOPE)) {
    throw new EntraError(
      1002012,
      `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).`,
    );
  }
  return { resource: only.slice(0, -DEFAULT_SCOPE.length), scopes: [], openId: new Set() };
}

/**
 * Reads the scope of a user's sign-in: `/.default` or scopes of one resource, and scopes of OpenID Connect. Those of Microsoft Graph may
 * stand without their resource.
 */
export function delegatedTarget(scope: string): Target {
  const openId = new Set<string>();
  const resources = new Set<string>();
  const scopes: string[] = [];
  for (const word of words(scope)) {
    if (OPEN_ID_SCOPES.has(word)) openId.add(word);
    else {
      const [resource, name] = splitScope(word, scope);
      resources.add(resource);
      if (name !== DEFAULT_SCOPE.slice(1)) scopes.push(name);
    }
  }
  const [resource, ...others] = resources;
  if (others.length > 0) {
    throw new EntraError(
      28000,
      `Provided value for the input parameter scope is not valid because it contains more than one resource. Scope ${scope} is not valid.`,
    );
  }
  if (resource === undefined) throw invalidScope(scope);
  return { resource, scopes, openId };
}

function splitScope(word: string, scope: string): readonly [resource: string, name: string] {
  if (Object.hasOwn(PERMISSIONS, word)) return [GRAPH, word];
  const slash = word.lastIndexOf('/');
  const [resource, name] = [word.slice(0, slash), word.slice(slash + 1)];
  const isKnown = [DEFAULT_SCOPE, DELEGATED_SCOPE].includes(`/${name}`) || Object.hasOwn(PERMISSIONS, name);
  if (slash < 0 || !isKnown) throw invalidScope(scope);
  return [resource, name];
}

/** Tells whether a resource is Microsoft Graph: by its address, by its client id, or as the mock itself, which serves it. */
export function isGraph(resource: string, origin: string): boolean {
  const host = (url: string) => url.replace(/^https?:/, '');
  const known = [GRAPH, origin].map(host);
  return withoutSlash(resource) === MICROSOFT.graph || known.includes(host(withoutSlash(resource)));
}

/**
 * Checks that the tenant knows a resource. Without `resources` every http or https origin is known, so that an organization needs no
 * registration.
 */
export function assertResource(
  resource: string,
  { resources, origin, tenantName }: { resources: readonly string[] | undefined; origin: string; tenantName: string },
): void {
  const isKnown = resources
    ? resources.some((known) => withoutSlash(known) === withoutSlash(resource))
    : isOrigin(resource);
  if (isKnown || isGraph(resource, origin)) return;
  throw new EntraError(
    500011,
    `The resource principal named ${resource} was not found in the tenant named ${tenantName}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.`,
  );
}

function isOrigin(resource: string): boolean {
  if (!URL.canParse(resource)) return false;
  const { protocol, origin } = new URL(resource);
  return (protocol === 'http:' || protocol === 'https:') && origin === withoutSlash(resource);
}

function withoutSlash(resource: string): string {
  return resource.toLowerCase().replace(/\/$/, '');
}

function invalidScope(scope: string): EntraError {
  return new EntraError(
    70011,
    `The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope ${scope} is not valid.`,
  );
}

function words(scope: string): readonly string[] {
  return scope.split(' ').filter((word) => word !== '');
}
