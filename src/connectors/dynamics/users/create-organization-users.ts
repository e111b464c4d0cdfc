import { setTimeout as sleep } from 'node:timers/promises';
import type { CallOptions } from '../../../model/call.js';
import { RemoteError } from '../../../model/errors.js';
import type { WriteWatch } from '../../write-watch.js';
import type { TokenSource } from '../auth.js';
import { type ClientRequest, createClient, type DynamicsClient, type JsonObject, parseObject } from '../client.js';
import type { OrganizationUser, OrganizationUsers, SecurityRole } from '../dynamics-set-up.js';
import { pausesOf, type RecentlyMade } from '../graph/recently-made.js';

export interface OrganizationUsersOptions {
  /** `https://contoso.crm.dynamics.com` */
  readonly server: string;
  /** Access token of an administrator of the organization. */
  readonly token: string;
  /** What the set-up has just made in Entra ID, which Dynamics may not see yet. */
  readonly recent: RecentlyMade;
  readonly timeoutMs?: number;
  /** Hears of what is written. */
  readonly writes?: WriteWatch | undefined;
}

/** Opens the users of an organization for one administrator; `close` it when the call has ended. */
export function createOrganizationUsers(options: OrganizationUsersOptions): OrganizationUsers {
  const { server, token, recent, timeoutMs, writes } = options;
  const tokens = oneToken(token);
  const client = createClient({ server, tokens, writes, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
  return new WebApiUsers(client, server, recent);
}

/** An administrator's token is all there is: one that is refused cannot be renewed here. */
function oneToken(token: string): TokenSource {
  return {
    async token(_options, refused) {
      if (refused === undefined) return token;
      const message = 'Dynamics refused the token of the administrator.';
      throw new RemoteError(
        'UPSTREAM_UNAUTHENTICATED',
        `${message} Sign the administrator in again, for the address of the organization.`,
        { upstream: { system: 'dynamics', status: 401, code: null, message, requestId: null } },
      );
    },
    close: async () => undefined,
  };
}

const USER_COLUMNS = '$select=systemuserid,domainname,isdisabled,accessmode,_businessunitid_value';
const ROLE_COLUMNS = '$select=roleid,name';
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** https://learn.microsoft.com/power-platform/admin/manage-application-users */
const NON_INTERACTIVE = 4;

class WebApiUsers implements OrganizationUsers {
  constructor(
    private readonly client: DynamicsClient,
    private readonly server: string,
    private readonly recent: RecentlyMade,
  ) {}

  async readRootBusinessUnit(options?: CallOptions): Promise<string> {
    const resource = 'businessunits?$select=businessunitid&$filter=_parentbusinessunitid_value%20eq%20null';
    const [unit] = await this.list(resource, 'tell its root business unit', options);
    if (unit !== undefined) return textOf(unit.businessunitid);
    const message = 'The organization tells of no root business unit.';
    throw new RemoteError(
      'UPSTREAM_REJECTED',
      `${message} Give the administrator the role System Administrator, which may read business units.`,
      { upstream: { system: 'dynamics', status: 200, code: null, message, requestId: null } },
    );
  }

  async findRole(businessUnitId: string, nameOrId: string, options?: CallOptions): Promise<SecurityRole | null> {
    const wanted = GUID.test(nameOrId)
      ? `(roleid eq ${nameOrId} or _roletemplateid_value eq ${nameOrId})`
      : `name eq '${nameOrId.replaceAll("'", "''")}'`;
    // Every business unit has its own copy of each role, and takes no other.
    const filter = encodeURIComponent(`${wanted} and _businessunitid_value eq ${businessUnitId}`);
    const [role] = await this.list(`roles?${ROLE_COLUMNS}&$filter=${filter}`, 'look the security role up', options);
    return role ? decodeRole(role) : null;
  }

  findApplicationUser(clientId: string, options?: CallOptions): Promise<OrganizationUser | null> {
    return this.findUser(`applicationid eq ${clientId}`, options);
  }

  findPerson(objectId: string, options?: CallOptions): Promise<OrganizationUser | null> {
    return this.findUser(`azureactivedirectoryobjectid eq ${objectId}`, options);
  }

  async createApplicationUser(
    clientId: string,
    businessUnitId: string,
    options?: CallOptions,
  ): Promise<OrganizationUser> {
    // Without `domainname`: Dynamics makes one of the application's name, and one that a person has already is refused.
    const body = {
      applicationid: clientId,
      'businessunitid@odata.bind': `/businessunits(${businessUnitId})`,
      accessmode: NON_INTERACTIVE,
      isdisabled: false,
    };
    try {
      return await this.postUser(body, this.recent.has(clientId), options);
    } catch (error) {
      // The application has a user already: one that an earlier attempt made, or somebody else in the meantime.
      if (!(error instanceof RemoteError) || error.code !== 'CONFLICT') throw error;
      const found = await this.findApplicationUser(clientId, options);
      if (found) return found;
      throw nameClash(error);
    }
  }

  /** An application that Entra has just made may be unknown to Dynamics for a while. */
  private async postUser(body: JsonObject, isRecent: boolean, options?: CallOptions): Promise<OrganizationUser> {
    const asked = 'create the application user';
    const headers = { Prefer: 'return=representation' };
    const request: ClientRequest = { method: 'POST', resource: `systemusers?${USER_COLUMNS}`, headers, body, asked };
    for (const pause of isRecent ? pausesOf(this.recent.patience) : []) {
      try {
        return decodeUser(parseObject((await this.send(request, options)).text, asked));
      } catch (error) {
        const mayPass = error instanceof RemoteError && ['UPSTREAM_REJECTED', 'NOT_FOUND'].includes(error.code);
        if (!mayPass) throw error;
        await sleep(pause, undefined, options?.signal ? { signal: options.signal } : {});
      }
    }
    return decodeUser(parseObject((await this.send(request, options)).text, asked));
  }

  async updateUser(
    id: string,
    change: { readonly enabled?: true; readonly accessMode?: number },
    options?: CallOptions,
  ): Promise<void> {
    const { enabled, accessMode } = change;
    const body = { ...(enabled && { isdisabled: false }), ...(accessMode !== undefined && { accessmode: accessMode }) };
    // Updates what is there and makes nothing new.
    const headers = { 'If-Match': '*' };
    const resource = `systemusers(${id})`;
    await this.send({ method: 'PATCH', resource, headers, body, asked: 'update the user' }, options);
  }

  async readRoles(userId: string, options?: CallOptions): Promise<readonly SecurityRole[]> {
    const resource = `systemusers(${userId})/systemuserroles_association?${ROLE_COLUMNS}`;
    return (await this.list(resource, "tell the user's security roles", options)).map(decodeRole);
  }

  async addRole(userId: string, roleId: string, options?: CallOptions): Promise<void> {
    const body = { '@odata.id': `${this.server}/api/data/v9.2/roles(${roleId})` };
    const resource = `systemusers(${userId})/systemuserroles_association/$ref`;
    await this.send({ method: 'POST', resource, body, asked: 'give the user the security role' }, options).catch(
      (error: unknown) => {
        // The user has it already.
        if (!(error instanceof RemoteError) || error.code !== 'CONFLICT') throw error;
      },
    );
  }

  close(): Promise<void> {
    return this.client.close();
  }

  private async findUser(filter: string, options?: CallOptions): Promise<OrganizationUser | null> {
    const resource = `systemusers?${USER_COLUMNS}&$filter=${encodeURIComponent(filter)}`;
    const [user] = await this.list(resource, 'look the user up', options);
    return user ? decodeUser(user) : null;
  }

  private async list(resource: string, asked: string, options?: CallOptions): Promise<readonly JsonObject[]> {
    const { text } = await this.send({ method: 'GET', resource, asked }, options);
    const { value } = parseObject(text, asked);
    const rows: readonly unknown[] = Array.isArray(value) ? value : [];
    return rows.flatMap((row) => (typeof row === 'object' && row !== null ? [{ ...row }] : []));
  }

  private send(request: ClientRequest, options?: CallOptions) {
    return this.client.send(request, options).catch((error: unknown) => {
      throw error instanceof RemoteError ? forAdministrator(error) : error;
    });
  }
}

/** What the codes mean that elsewhere concern the external account's user. */
const REMEDIES: Readonly<Record<string, string>> = {
  '0x80072560':
    'The administrator is no user of the organization: sign in as one of its System Administrators, or create an application user for ADMIN_CLIENT_ID.',
  '0x80040225': 'The administrator is disabled in the organization.',
  '0x80042f09': 'Give the administrator the security role System Administrator.',
  '0x80040220': 'Give the administrator the security role System Administrator.',
  '0x80048306': 'Give the administrator the security role System Administrator.',
};

function forAdministrator(error: RemoteError): RemoteError {
  const { upstream } = error;
  const remedy = REMEDIES[upstream.code ?? ''];
  if (remedy === undefined) return error;
  const message = `Expected Dynamics to obey the administrator, but it answered ${upstream.status} (${upstream.code}): ${upstream.message} ${remedy}`;
  return new RemoteError(error.code, message, { upstream, cause: error });
}

function nameClash(error: RemoteError): RemoteError {
  const message = `${error.message} Another user has the user name that Dynamics would give this one: rename the application, or that user.`;
  return new RemoteError('CONFLICT', message, { upstream: error.upstream, cause: error });
}

function decodeUser(row: JsonObject): OrganizationUser {
  return {
    id: textOf(row.systemuserid),
    userName: textOf(row.domainname) || null,
    enabled: row.isdisabled !== true,
    accessMode: typeof row.accessmode === 'number' ? row.accessmode : 0,
    businessUnitId: textOf(row._businessunitid_value) || null,
  };
}

function decodeRole({ roleid, name }: JsonObject): SecurityRole {
  return { id: textOf(roleid), name: textOf(name) };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
