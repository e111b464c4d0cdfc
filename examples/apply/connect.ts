import type { Connection } from './connection-file.js';
import type { Gateway } from './gateway.js';

/** What one part of the file asks for, and what came of it. */
export interface Step {
  readonly title: string;
  /** A line for each change; none where everything is as the file says. */
  readonly changes: readonly string[];
  /** What else a person should know. */
  readonly notes: readonly string[];
}

/** How to go about it. */
export interface ConnectOptions {
  /** Tell the difference, and change nothing. */
  readonly dryRun: boolean;
  /** Also unmap tables and delete workflows that the file does not name. */
  readonly prune: boolean;
  /** Called as each part begins, with its path in the file. */
  readonly onPart: (path: readonly PropertyKey[]) => void;
}

/** Makes a gateway what the file says, part by part, by the mutations that a person would send. */
export async function* connect(gateway: Gateway, file: Connection, options: ConnectOptions): AsyncGenerator<Step> {
  options.onPart(['account']);
  const account = await connectAccount(gateway, file.account, options);
  yield account.step;
  const held = account.exists ? await readHeld(gateway, file.account.name) : NOTHING;
  if (options.prune) yield* pruneWorkflows(gateway, file, held, options);
  if (file.tables) yield* mapTables(gateway, file, held, { ...options, exists: account.exists });
  if (file.enumerations) yield* synchronize(gateway, file, held, options);
  if (file.workflows) yield* connectWorkflows(gateway, file, held, options);
}

interface Held {
  readonly tables: readonly string[];
  readonly workflows: readonly HeldWorkflow[];
}

interface HeldWorkflow {
  readonly name: string;
  readonly account: string;
  readonly operation: string;
  readonly table: string;
  readonly orderBy: readonly string[];
  readonly automaticIndex: boolean;
  readonly schedule: string | null;
  readonly batchSize: number;
}

const NOTHING: Held = { tables: [], workflows: [] };

async function readHeld(gateway: Gateway, account: string): Promise<Held> {
  const data = await gateway.send<{
    tableMappings: { account: string; table: string }[];
    workflows: HeldWorkflow[];
  }>(
    '{ tableMappings { account table } workflows { name account operation table orderBy automaticIndex schedule batchSize } }',
  );
  const tables = data.tableMappings.filter((mapping) => mapping.account === account).map((mapping) => mapping.table);
  return { tables, workflows: data.workflows.filter((workflow) => workflow.account === account) };
}

type Account = Connection['account'];

async function connectAccount(
  gateway: Gateway,
  account: Account,
  { dryRun }: ConnectOptions,
): Promise<{ readonly step: Step; readonly exists: boolean }> {
  const { name, ...settings } = account;
  const title = `External account ${name}`;
  const { externalAccount: held } = await gateway.send<{ externalAccount: Record<string, unknown> | null }>(
    'query ($name: String!) { externalAccount(name: $name) { label server tenantId clientId oauthType } }',
    { name },
  );
  if (dryRun) {
    const changes = held ? settingsThatDiffer(settings, held) : [`+ ${account.server}, ${account.oauthType}`];
    const notes = held ? ['Credentials cannot be read back: they are sent when this is applied.'] : [];
    return { step: { title, changes, notes }, exists: held !== null };
  }
  const saved = held ? await updateAccount(gateway, name, settings) : await createAccount(gateway, account);
  const sign = saved === 'CREATED' ? '+' : '~';
  return {
    step: { title, changes: saved === 'UNCHANGED' ? [] : [`${sign} ${account.server}`], notes: [] },
    exists: true,
  };
}

function settingsThatDiffer(settings: Omit<Account, 'name'>, held: Record<string, unknown>): readonly string[] {
  const { label, tenantId, clientId, oauthType } = settings;
  const wanted = { label, server: settings.server.replace(/\/+$/, ''), tenantId, clientId, oauthType };
  return Object.entries(wanted).flatMap(([field, value]) => {
    return value === undefined || value === held[field] ? [] : [`~ ${field}: ${String(held[field])} → ${value}`];
  });
}

async function createAccount(gateway: Gateway, input: Account): Promise<string> {
  const query = 'mutation ($input: ExternalAccountInput!) { createExternalAccount(input: $input) { outcome } }';
  return (await gateway.send<{ createExternalAccount: { outcome: string } }>(query, { input })).createExternalAccount
    .outcome;
}

async function updateAccount(gateway: Gateway, name: string, input: Omit<Account, 'name'>): Promise<string> {
  const query =
    'mutation ($name: String!, $input: ExternalAccountPatch!) { updateExternalAccount(name: $name, input: $input) { outcome } }';
  const data = await gateway.send<{ updateExternalAccount: { outcome: string } }>(query, { name, input });
  return data.updateExternalAccount.outcome;
}

interface Change {
  readonly kind: string;
  readonly subject: string;
  readonly detail: string;
}

async function* mapTables(
  gateway: Gateway,
  file: Connection,
  held: Held,
  { dryRun, prune, exists, onPart }: ConnectOptions & { readonly exists: boolean },
): AsyncGenerator<Step> {
  onPart(['tables']);
  const tables = file.tables ?? [];
  const account = file.account.name;
  const title = 'Table mappings';
  if (!exists) {
    const notes = ['What is made for them in Campaign is told once the account is there.'];
    yield { title, changes: tables.map(({ table }) => `+ ${table}`), notes };
    return;
  }
  const surplus = held.tables.filter((table) => !tables.some((one) => one.table === table));
  const unmapped = prune && surplus.length > 0 ? await unmap(gateway, account, surplus, dryRun) : [];
  const { mapTables: mapped } = await gateway.send<{
    mapTables: { changes: Change[]; skipped: { table: string; column: string; reason: string }[] };
  }>(
    'mutation ($input: MapTablesInput!) { mapTables(input: $input) { changes { kind subject detail } skipped { table column reason } } }',
    { input: { account, tables, dryRun } },
  );
  const left = prune ? [] : surplus.map((table) => `Table ${table} is mapped but not named here; --prune unmaps it.`);
  const skipped = mapped.skipped.map(({ table, column, reason }) => `${table}.${column} is not mapped. ${reason}`);
  yield { title, changes: [...unmapped, ...mapped.changes].map(describeChange), notes: [...left, ...skipped] };
}

async function unmap(
  gateway: Gateway,
  account: string,
  tables: readonly string[],
  dryRun: boolean,
): Promise<readonly Change[]> {
  const query =
    'mutation ($input: UnmapTablesInput!) { unmapTables(input: $input) { changes { kind subject detail } } }';
  const data = await gateway.send<{ unmapTables: { changes: Change[] } }>(query, {
    input: { account, tables, dryRun },
  });
  return data.unmapTables.changes;
}

function describeChange({ kind, subject, detail }: Change): string {
  const sign = kind.startsWith('REMOVE') ? '-' : kind.startsWith('CHANGE') ? '~' : '+';
  return `${sign} ${subject}: ${detail}`;
}

interface Sync {
  readonly list: string;
  readonly added: readonly Value[];
  readonly updated: readonly Value[];
  readonly removed: readonly Value[];
  readonly kept: readonly Value[];
  readonly conflicts: readonly { readonly kind: string; readonly name: string }[];
}

interface Value {
  readonly name: string;
  readonly label: string;
}

async function* synchronize(
  gateway: Gateway,
  file: Connection,
  held: Held,
  { dryRun, onPart }: ConnectOptions,
): AsyncGenerator<Step> {
  onPart(['enumerations']);
  const title = 'Enumerations';
  const wanted = file.enumerations === 'all' ? null : (file.enumerations ?? []);
  const tables = wanted?.map((one) => one.table) ?? file.tables?.map((one) => one.table) ?? held.tables;
  if (dryRun && (held.tables.length === 0 || tables.some((table) => !held.tables.includes(table)))) {
    const named = wanted?.map(({ table, column }) => `+ ${table}.${column}`) ?? ['+ every mapped choice column'];
    yield { title, changes: named, notes: ['Their values are told once the tables are mapped.'] };
    return;
  }
  const data = await gateway.send<{
    synchronizeEnumerations: { enumerations: Sync[]; skipped: { table: string; column: string; reason: string }[] };
  }>(
    `mutation ($input: SynchronizeEnumerationsInput!) { synchronizeEnumerations(input: $input) {
      enumerations { list added { name label } updated { name label } removed { name label } kept { name label } conflicts { kind name } }
      skipped { table column reason } } }`,
    { input: { account: file.account.name, enumerations: wanted, dryRun } },
  );
  const { enumerations, skipped } = data.synchronizeEnumerations;
  const notes = [
    ...enumerations.flatMap((one) => one.kept.map((value) => `${one.list}: ${value.name} "${value.label}" stays.`)),
    ...enumerations.flatMap((one) =>
      one.conflicts.map(({ kind, name }) => `${one.list}: ${name} is in conflict (${kind}).`),
    ),
    ...skipped.map(({ table, column, reason }) => `${table}.${column} is skipped. ${reason}`),
  ];
  yield { title, changes: enumerations.flatMap(describeSync), notes };
}

function describeSync({ list, added, updated, removed }: Sync): readonly string[] {
  const lines = (sign: string, values: readonly Value[]) =>
    values.map(({ name, label }) => `${sign} ${list}: ${name} "${label}"`);
  return [...lines('+', added), ...lines('~', updated), ...lines('-', removed)];
}

type WorkflowWanted = NonNullable<Connection['workflows']>[number];

async function* connectWorkflows(
  gateway: Gateway,
  file: Connection,
  held: Held,
  { dryRun, onPart }: ConnectOptions,
): AsyncGenerator<Step> {
  for (const [index, wanted] of (file.workflows ?? []).entries()) {
    onPart(['workflows', index]);
    const before = held.workflows.find((workflow) => workflow.name === wanted.name);
    const title = `Workflow ${wanted.name}`;
    if (dryRun) {
      const changes = before ? workflowDifference(wanted, before) : [`+ ${wanted.operation} ${wanted.table}`];
      const notes = before && wanted.filter ? ['The filter is compared when this is applied.'] : [];
      yield { title, changes, notes };
    } else {
      const outcome = await saveWorkflow(gateway, file.account.name, wanted, before);
      const sign = outcome === 'CREATED' ? '+' : '~';
      yield {
        title,
        changes: outcome === 'UNCHANGED' ? [] : [`${sign} ${wanted.operation} ${wanted.table}`],
        notes: [],
      };
    }
  }
}

function workflowDifference(wanted: WorkflowWanted, before: HeldWorkflow): readonly string[] {
  const { operation, table, automaticIndex = true, schedule = null, orderBy = [], batchSize } = wanted;
  const pairs: Record<string, readonly [unknown, unknown]> = {
    operation: [before.operation, operation],
    table: [before.table, table],
    automaticIndex: [before.automaticIndex, automaticIndex],
    schedule: [before.schedule, schedule],
    orderBy: [before.orderBy.join(', ').toLowerCase(), orderBy.join(', ').toLowerCase()],
    batchSize: [before.batchSize, batchSize ?? before.batchSize],
  };
  return Object.entries(pairs).flatMap(([field, [old, now]]) =>
    old === now ? [] : [`~ ${field}: ${String(old)} → ${String(now)}`],
  );
}

/** The operation and the table of a workflow cannot be changed: such a one is made anew. */
async function saveWorkflow(
  gateway: Gateway,
  account: string,
  wanted: WorkflowWanted,
  before: HeldWorkflow | undefined,
): Promise<string> {
  const { name, operation, table, ...settings } = wanted;
  if (before && before.operation === operation && before.table === table) {
    const { filter = null, orderBy = [], automaticIndex = true, schedule = null, batchSize } = settings;
    const query =
      'mutation ($name: String!, $input: WorkflowPatch!) { updateWorkflow(name: $name, input: $input) { outcome } }';
    const input = { filter, orderBy, automaticIndex, schedule, ...(batchSize !== undefined && { batchSize }) };
    return (await gateway.send<{ updateWorkflow: { outcome: string } }>(query, { name, input })).updateWorkflow.outcome;
  }
  if (before) await deleteWorkflow(gateway, name);
  const query = 'mutation ($input: WorkflowInput!) { createWorkflow(input: $input) { outcome } }';
  const data = await gateway.send<{ createWorkflow: { outcome: string } }>(query, { input: { ...wanted, account } });
  return before ? 'UPDATED' : data.createWorkflow.outcome;
}

async function* pruneWorkflows(
  gateway: Gateway,
  file: Connection,
  held: Held,
  { dryRun }: ConnectOptions,
): AsyncGenerator<Step> {
  if (!file.workflows) return;
  const surplus = held.workflows.filter(({ name }) => !file.workflows?.some((one) => one.name === name));
  for (const { name } of surplus) if (!dryRun) await deleteWorkflow(gateway, name);
  if (surplus.length > 0)
    yield { title: 'Workflows not named', changes: surplus.map(({ name }) => `- ${name}`), notes: [] };
}

async function deleteWorkflow(gateway: Gateway, name: string): Promise<void> {
  await gateway.send('mutation ($name: String!) { deleteWorkflow(name: $name) }', { name });
}
