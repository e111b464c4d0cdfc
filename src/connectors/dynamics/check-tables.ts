import type { CallOptions } from '../../model/call.js';
import { RemoteError } from '../../model/errors.js';
import type { DynamicsClient, JsonObject } from './client.js';
import { isRemoteNotFound } from './errors.js';
import { type Finding, fails, passes, warns } from './finding.js';

/** What the connection test must know of a mapped table. */
export interface TableFacts {
  readonly name: string;
  readonly readPrivilege: string;
  readonly tracksChanges: boolean;
}

const PROPERTIES = 'LogicalName,SchemaName,ChangeTrackingEnabled,IsActivity,Privileges';

/** Reads the definitions of the mapped tables, or of one that every organization has. A table that is gone fails. */
export async function checkMetadata(
  client: DynamicsClient,
  tables: readonly string[],
  found: TableFacts[],
  options: CallOptions,
): Promise<Finding> {
  for (const name of tables.length === 0 ? ['contact'] : tables) {
    const facts = await readFacts(client, name, options);
    if (facts === null) {
      return fails(
        `Table ${name} is mapped, but the organization has none of this name any more, or hides it from the user.`,
        'Let the user read its definition, or cut it off with unmapTables.',
      );
    }
    if (tables.length > 0) found.push(facts);
  }
  return passes(
    tables.length === 0
      ? 'The definition of table contact can be read.'
      : `The definitions of all ${tables.length} mapped tables can be read.`,
  );
}

async function readFacts(client: DynamicsClient, name: string, options: CallOptions): Promise<TableFacts | null> {
  const resource = `EntityDefinitions(LogicalName='${encodeURIComponent(name)}')?$select=${PROPERTIES}`;
  try {
    return decodeFacts(name, await client.get(resource, `describe table ${name}`, options));
  } catch (error) {
    if (isRemoteNotFound(error)) return null;
    throw error;
  }
}

function decodeFacts(name: string, definition: JsonObject): TableFacts {
  const { SchemaName, ChangeTrackingEnabled, IsActivity, Privileges } = definition;
  const privileges: readonly { readonly Name?: unknown; readonly PrivilegeType?: unknown }[] = Array.isArray(Privileges)
    ? Privileges
    : [];
  const told = privileges.find(({ PrivilegeType }) => PrivilegeType === 'Read')?.Name;
  // All kinds of activities share one privilege.
  const byRule = `prvRead${IsActivity === true ? 'Activity' : SchemaName}`;
  return {
    name,
    readPrivilege: typeof told === 'string' ? told : byRule,
    tracksChanges: ChangeTrackingEnabled === true,
  };
}

/**
 * Compares the user's privileges with what the mapped tables need; null where the server tells no privileges.
 * https://learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/retrieveuserprivileges
 */
export async function checkPrivileges(
  client: DynamicsClient,
  userId: string,
  tables: readonly TableFacts[],
  options: CallOptions,
): Promise<Finding | null> {
  const depths = await readDepths(client, userId, options);
  if (depths === null) return null;
  if (depths.size === 0)
    return fails('The user has no privileges at all.', 'Give the user a security role in the organization.');
  const missing = tables.filter(({ readPrivilege }) => !depths.has(readPrivilege.toLowerCase()));
  if (missing.length > 0) {
    return fails(
      `The user may not read ${missing.map(({ name }) => name).join(', ')}.`,
      `Give the user a security role with ${privilegesOf(missing)} at organization level.`,
    );
  }
  const narrow = tables.filter(({ readPrivilege }) => depths.get(readPrivilege.toLowerCase()) !== 'Global');
  if (narrow.length > 0) {
    return warns(
      `The user may read only a part of the records of ${narrow.map(({ name }) => name).join(', ')}.`,
      `Raise ${privilegesOf(narrow)} to organization level, unless this is wanted.`,
    );
  }
  const what = tables.length === 0 ? `has ${depths.size} privileges` : `may read all ${tables.length} mapped tables`;
  return passes(`The user ${what}.`);
}

function privilegesOf(tables: readonly TableFacts[]): string {
  return [...new Set(tables.map(({ readPrivilege }) => readPrivilege))].join(', ');
}

/** How far each privilege of the user reaches (`Basic`, `Local`, `Deep`, `Global`), by its name in small letters. */
async function readDepths(
  client: DynamicsClient,
  userId: string,
  options: CallOptions,
): Promise<ReadonlyMap<string, string> | null> {
  const resource = `systemusers(${userId})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()`;
  try {
    const { RolePrivileges } = await client.get(resource, "tell the user's privileges", options);
    const privileges: readonly { readonly PrivilegeName?: unknown; readonly Depth?: unknown }[] = Array.isArray(
      RolePrivileges,
    )
      ? RolePrivileges
      : [];
    return new Map(
      privileges.map(({ PrivilegeName, Depth }) => [String(PrivilegeName).toLowerCase(), String(Depth)] as const),
    );
  } catch (error) {
    const isUnknown = error instanceof RemoteError && (error.code === 'NOT_FOUND' || error.upstream.status === 501);
    if (isUnknown) return null;
    throw error;
  }
}

/** Without change tracking every run reads every record, and deletions are not seen. */
export function checkChangeTracking(tables: readonly TableFacts[]): Finding | null {
  if (tables.length === 0) return null;
  const without = tables.filter(({ tracksChanges }) => !tracksChanges).map(({ name }) => name);
  if (without.length === 0) return passes(`Dynamics tracks the changes of all ${tables.length} mapped tables.`);
  return warns(
    `Dynamics does not track the changes of ${without.join(', ')}: every run reads every record, and deletions are not seen.`,
    'Switch on "Track changes" among the advanced options of the table in Power Apps.',
  );
}
