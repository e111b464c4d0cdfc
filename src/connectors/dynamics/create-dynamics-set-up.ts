import type { AccountConnection } from '../../model/account.js';
import type { CallOptions } from '../../model/call.js';
import { RequestError } from '../../model/errors.js';
import type { WriteWatch } from '../write-watch.js';
import { type ExpectedToken, inspectToken } from './administrator-token.js';
import { assertAllowedServer } from './allowed-hosts.js';
import { createTokenSource } from './auth.js';
import type { AdministratorSignIn, DynamicsSetUp, MicrosoftGraph, OrganizationUsers } from './dynamics-set-up.js';
import { createMicrosoftGraph } from './graph/create-microsoft-graph.js';
import { type Patience, RecentlyMade } from './graph/recently-made.js';
import { createOrganizationUsers } from './users/create-organization-users.js';

export interface DynamicsSetUpOptions {
  /** `https://graph.microsoft.com` */
  readonly graphUrl: string;
  /** `https://login.microsoftonline.com` */
  readonly authority: string;
  /** Hosts that a Dynamics organization may have, as in `*.dynamics.com`. */
  readonly dynamicsHosts: readonly string[];
  /** Signs in where a call brings no token; null where settings name none. */
  readonly administrator: ConfiguredAdministrator | null;
  readonly timeoutMs?: number;
  readonly patience?: Patience;
  /** Hears of what is written to organizations. */
  readonly writes?: WriteWatch | undefined;
}

/** An application with the rights of an administrator. */
export interface ConfiguredAdministrator {
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** https://learn.microsoft.com/troubleshoot/entra/entra-id/governance/verify-first-party-apps-sign-in */
const GRAPH_CLIENT_ID = '00000003-0000-0000-c000-000000000000';
const DYNAMICS_CLIENT_ID = '00000007-0000-0000-c000-000000000000';

/** Makes the way to Microsoft Graph and to an organization for mutations of the set-up. No sign-in is kept from one call to the next. */
export function createDynamicsSetUp(options: DynamicsSetUpOptions): DynamicsSetUp {
  const { graphUrl, dynamicsHosts, timeoutMs, writes } = options;
  const recent = new RecentlyMade(options.patience);
  const timeout = timeoutMs === undefined ? {} : { timeoutMs };
  return {
    assertServer: (server, field) => assertAllowedServer(server, dynamicsHosts, field),

    async openGraph({ graphToken }, callOptions): Promise<MicrosoftGraph> {
      const origin = new URL(graphUrl).origin;
      const expected = graphTokenExpected(origin);
      const token = graphToken?.trim() || (await signInAs(options, origin, expected, callOptions));
      const { tenantId } = inspectToken(token, expected);
      return createMicrosoftGraph({ graphUrl, token, tenantId, recent, ...timeout });
    },

    async openUsers(server, signIn: AdministratorSignIn, callOptions): Promise<OrganizationUsers> {
      const expected = dynamicsTokenExpected(server);
      const token = signIn.dynamicsToken?.trim() || (await signInAs(options, server, expected, callOptions));
      inspectToken(token, expected);
      return createOrganizationUsers({ server, token, recent, writes, ...timeout });
    },
  };
}

function graphTokenExpected(origin: string): ExpectedToken {
  return {
    field: 'input.administrator.graphToken',
    service: 'Microsoft Graph',
    audiences: ['https://graph.microsoft.com', GRAPH_CLIENT_ID, origin],
    remedy: `Get one with: az account get-access-token --resource ${origin}`,
  };
}

function dynamicsTokenExpected(server: string): ExpectedToken {
  return {
    field: 'input.administrator.dynamicsToken',
    service: server,
    audiences: [server, DYNAMICS_CLIENT_ID],
    remedy: `Get one with: az account get-access-token --resource ${server}`,
  };
}

/** A token of the administrator that settings configure, for a resource by its address. */
async function signInAs(
  { administrator, authority, timeoutMs }: DynamicsSetUpOptions,
  resource: string,
  { field, service, remedy }: ExpectedToken,
  callOptions?: CallOptions,
): Promise<string> {
  if (administrator === null) {
    const message = `Expected the sign-in of an administrator for ${service}. ${remedy} and give it as ${field}, or set ADMIN_TENANT_ID, ADMIN_CLIENT_ID and ADMIN_CLIENT_SECRET.`;
    throw new RequestError('BAD_USER_INPUT', message, { field });
  }
  const { tenantId, clientId, clientSecret } = administrator;
  const credentials = { oauthType: 'CLIENT_SECRET', clientSecret } as const;
  const account: AccountConnection = { name: 'administrator', server: resource, tenantId, clientId, credentials };
  const tokens = createTokenSource({
    account,
    authority,
    purpose: 'the administrator of the settings ADMIN_TENANT_ID and ADMIN_CLIENT_ID',
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
  return tokens.token(callOptions).finally(() => tokens.close());
}
