import type { CampaignConnector } from '../../connectors/campaign/campaign-connector.js';
import { type Connections, unknownAccount } from '../../connectors/connections.js';
import type { DynamicsConnector } from '../../connectors/dynamics/dynamics-connector.js';
import type { MappingPlan } from '../../mapping/mapping-plan.js';
import { type MappingInput, neededForMapping, planMapping, type TableSelection } from '../../mapping/plan-mapping.js';
import { neededForUnmapping, planUnmapping } from '../../mapping/plan-unmapping.js';
import { type Obstacle, planRepair } from '../../mapping/repair.js';
import { documentName } from '../../mapping/target.js';
import { goneOptions, type UsedValues } from '../../mapping/target-document.js';
import { type SourceStep, takesAway, withheldTables } from '../../mapping/withhold.js';
import type { CallOptions } from '../../model/call.js';
import { type CampaignSchema, findAttribute } from '../../model/campaign-schema.js';
import { RemoteError, RequestError } from '../../model/errors.js';
import type { TableMapping } from '../../model/mapping.js';
import type { Table } from '../../model/table.js';
import type { Storage } from '../../storage/storage.js';
import { findUsedValues } from '../enumerations/used-values.js';
import { createMutex } from '../mutex.js';
import { describeGraph } from './describe-graph.js';
import type { MapTablesInput, TableSelectionInput, UnmapTablesInput } from './map-tables.inputs.js';
import type { MapTablesPayload, SchemaChangeType } from './map-tables.types.js';
import { readSourceSchemas, SchemaOperation, type SourceSchemas } from './schema-operation.js';

/** Namespace of the schemas and extensions that Isthmus makes; Campaign's own default for customers. */
const NAMESPACE = 'cus';

export interface MappingsServiceOptions {
  readonly storage: Storage;
  readonly connections: Connections;
  /** Called when the mappings have changed, or a change was put back, before the mutation answers. */
  readonly onMappingsChanged: () => Promise<void>;
  /**
   * Called when the journal tells what a change takes away from Campaign, before it does. Resolves when nobody asks for that any more.
   */
  readonly onTakingAway: () => Promise<void>;
}

interface Remotes {
  readonly dynamics: DynamicsConnector;
  readonly campaign: CampaignConnector;
}

interface ChangeInput {
  readonly account: string;
  readonly dryRun?: boolean | null;
  /** Keep the descriptions of today even where nothing else changes. */
  readonly refresh?: boolean;
  /** Tables that need not be read again. */
  readonly described?: readonly Table[];
}

/** What a plan starts from. */
interface Held {
  readonly remotes: Remotes;
  readonly operation: SchemaOperation;
  readonly parts: Omit<MappingInput, 'selections'>;
}

export interface RepairInput {
  readonly account: string;
  /** Logical names of mapped tables. */
  readonly tables: readonly string[];
  readonly dryRun: boolean;
}

export interface RepairedMappings {
  readonly changes: readonly SchemaChangeType[];
  readonly obstacles: readonly Obstacle[];
}

interface Planned {
  readonly plan: MappingPlan;
  /** Descriptions of the tables that are mapped afterwards. */
  readonly tables: readonly Table[];
  readonly sourceSchemas: SourceSchemas;
}

/** Ties Dynamics tables to Campaign schemas: plans what must change, writes it to Campaign, and keeps the mappings. */
export class MappingsService {
  /** Two changes at once would each plan against a state that the other is changing. */
  private readonly exclusively = createMutex();

  constructor(private readonly options: MappingsServiceOptions) {}

  map(input: MapTablesInput, call: CallOptions): Promise<MapTablesPayload> {
    return this.alone(input, () => this.mapNow(input, call));
  }

  unmap(input: UnmapTablesInput, call: CallOptions): Promise<MapTablesPayload> {
    return this.alone(input, () => this.unmapNow(input, call));
  }

  /** Maps tables once more as they are mapped, as far as both systems still allow, and keeps the descriptions of today. */
  repair(input: RepairInput, call: CallOptions): Promise<RepairedMappings> {
    return this.alone(input, () => this.repairNow(input, call));
  }

  /**
   * Brings what was made for the account's mappings up to date with Dynamics: new options, changed labels and lengths. `described` are
   * the mapped tables where they have just been read.
   */
  refresh(account: string, described: readonly Table[], call: CallOptions): Promise<MapTablesPayload> {
    return this.alone({}, () => this.plan(account, [], { account, described }, call));
  }

  /** Waits for a change of the account's mappings that is under way, and puts back one that was cut off. */
  settle(account: string, call: CallOptions): Promise<void> {
    return this.alone({}, async () => {
      const campaign = await this.options.connections.campaign();
      await this.putBack(new SchemaOperation(this.options.storage, campaign, account), call);
    });
  }

  /** A dry run writes nothing, and so waits for no other process. */
  private alone<Result>(
    { dryRun }: { readonly dryRun?: boolean | null },
    work: () => Promise<Result>,
  ): Promise<Result> {
    return this.exclusively(() => (dryRun ? work() : this.options.storage.journal.exclusively(work)));
  }

  /** Plans first, from what both systems hold now; everything that can be wrong with the input is found before anything is written. */
  private async mapNow(input: MapTablesInput, call: CallOptions): Promise<MapTablesPayload> {
    if (input.tables.length === 0) {
      throw new RequestError('BAD_USER_INPUT', 'Expected at least one table to map.', { field: 'input.tables' });
    }
    return this.plan(input.account, input.tables.map(toSelection), input, call);
  }

  private async plan(
    account: string,
    selections: readonly TableSelection[],
    input: ChangeInput,
    call: CallOptions,
  ): Promise<MapTablesPayload> {
    const held = await this.read(account, selections, input, call);
    const plan = underInput(() => planMapping({ ...held.parts, selections }));
    return this.applyMapping(input, held, plan, call);
  }

  private async repairNow(input: RepairInput, call: CallOptions): Promise<RepairedMappings> {
    const held = await this.read(input.account, [], input, call);
    const { parts } = held;
    const drifted = parts.existing.filter((mapping) => input.tables.includes(mapping.table));
    const { selections, obstacles } = planRepair(drifted, parts.tables, (tried) => {
      planMapping({ ...parts, selections: tried });
    });
    const plan = planMapping({ ...parts, selections });
    const { changes } = await this.applyMapping({ ...input, refresh: true }, held, plan, call);
    return { changes, obstacles };
  }

  /** What a plan needs to know of both systems, once an operation that was cut off has been put back. */
  private async read(
    account: string,
    selections: readonly TableSelection[],
    { dryRun, described = [] }: Pick<ChangeInput, 'dryRun' | 'described'>,
    call: CallOptions,
  ): Promise<Held> {
    const existing = await this.mappingsOf(account);
    const remotes = await this.remotes(account);
    const operation = new SchemaOperation(this.options.storage, remotes.campaign, account);
    if (!dryRun) await this.putBack(operation, call);
    const needed = neededForMapping({ account, selections, existing, namespace: NAMESPACE });
    const isDescribed = needed.tables.every((name) => described.some(({ logicalName }) => logicalName === name));
    const [tables, compiled, sources] = await Promise.all([
      isDescribed ? described : remotes.dynamics.introspect(needed.tables, call),
      remotes.campaign.introspect(needed.schemas, call),
      readSourceSchemas(remotes.campaign, needed.sourceSchemas, call),
    ]);
    const { sourceSchemas, gone } = await operation.asPutBack(sources);
    const schemas = compiled.filter((schema) => !gone.includes(schema.name));
    const used = await usedOptions(remotes.campaign, { existing, tables, schemas, sourceSchemas }, call);
    return {
      remotes,
      operation,
      parts: { account, tables, existing, schemas, sourceSchemas, namespace: NAMESPACE, used },
    };
  }

  private applyMapping(
    input: ChangeInput,
    { remotes, operation, parts }: Held,
    plan: MappingPlan,
    call: CallOptions,
  ): Promise<MapTablesPayload> {
    const isMapped = (table: Table) => plan.mappings.some((mapping) => mapping.table === table.logicalName);
    const tables = parts.tables.filter(isMapped);
    return this.apply(input, { remotes, operation }, { plan, tables, sourceSchemas: parts.sourceSchemas }, call);
  }

  private async unmapNow(input: UnmapTablesInput, call: CallOptions): Promise<MapTablesPayload> {
    const { account, tables } = input;
    const existing = await this.mappingsOf(account);
    await this.assertNoWorkflows(input);
    const remotes = await this.remotes(account);
    const operation = new SchemaOperation(this.options.storage, remotes.campaign, account);
    if (!input.dryRun) await this.putBack(operation, call);
    const unmapping = { account, tables, existing, namespace: NAMESPACE };
    const held = await readSourceSchemas(remotes.campaign, neededForUnmapping(unmapping), call);
    const { sourceSchemas } = await operation.asPutBack(held);
    const plan = underInput(() => planUnmapping({ ...unmapping, sourceSchemas }));
    const staying = plan.mappings.map((mapping) => mapping.table);
    const described = await remotes.dynamics.introspect(staying, call);
    return this.apply(input, { remotes, operation }, { plan, tables: described, sourceSchemas }, call);
  }

  /** Writes Campaign, checks that it took the change, keeps the result. Where a step fails, Campaign is put back as it was. */
  private async apply(
    input: ChangeInput,
    { remotes, operation }: { readonly remotes: Remotes; readonly operation: SchemaOperation },
    { plan, tables, sourceSchemas }: Planned,
    call: CallOptions,
  ): Promise<MapTablesPayload> {
    const { changes, mappings, skipped } = plan;
    const payload = { dryRun: input.dryRun ?? false, changes, mappings, skipped };
    if (input.dryRun || (changes.length === 0 && !input.refresh)) return payload;
    try {
      let withheld: readonly string[] = [];
      const onBegun = async (steps: readonly SourceStep[]) => {
        if (!takesAway(steps)) return;
        withheld = withheldTables(await this.options.storage.mappings.list(), steps);
        await this.options.onTakingAway();
      };
      await operation.carryOut(plan.writes, sourceSchemas, { call, onBegun });
      const graph = await describeGraph(remotes, mappings, tables, call);
      assertWritten(mappings, graph.schemas);
      const restart = [...remadeTables(plan), ...withheld];
      await this.options.storage.mappings.replace(input.account, { mappings, ...graph, restart });
    } catch (error) {
      // The failure that came first is the one to tell. What cannot be put back now is at the next call, by the journal.
      await this.putBack(operation, {}).catch(() => undefined);
      throw error;
    }
    await this.options.onMappingsChanged();
    return payload;
  }

  /** Puts back what was cut off or has failed; the mappings that are kept can be served whole again then. */
  private async putBack(operation: SchemaOperation, call: CallOptions): Promise<void> {
    if (await operation.putBack(call)) await this.options.onMappingsChanged();
  }

  /** The account's mappings. Throws NOT_FOUND for an unknown account, CONFLICT while another one carries mappings. */
  private async mappingsOf(account: string): Promise<readonly TableMapping[]> {
    const { storage } = this.options;
    if ((await storage.accounts.find(account)) === null) throw unknownAccount(account, 'input.account');
    const mappings = await storage.mappings.list();
    const other = mappings.find((mapping) => mapping.account !== account);
    if (other === undefined) return mappings;
    throw new RequestError(
      'CONFLICT',
      `External account "${other.account}" carries table mappings, and one account at a time may. Unmap its tables first with unmapTables.`,
      { field: 'input.account' },
    );
  }

  private async assertNoWorkflows(input: UnmapTablesInput): Promise<void> {
    const workflows = await this.options.storage.workflows.list();
    const using = workflows.find(
      (workflow) => workflow.account === input.account && input.tables.includes(workflow.table),
    );
    if (using === undefined) return;
    throw new RequestError(
      'CONFLICT',
      `Workflow "${using.name}" synchronizes table "${using.table}". Delete it first with deleteWorkflow.`,
      { field: 'input.tables' },
    );
  }

  private async remotes(account: string): Promise<Remotes> {
    const [dynamics, campaign] = await Promise.all([
      this.options.connections.dynamics(account),
      this.options.connections.campaign(),
    ]);
    return { dynamics, campaign };
  }
}

/** Values that Dynamics has as options no more, but that records hold: the enumerations made for them must go on listing them. */
async function usedOptions(
  campaign: CampaignConnector,
  held: Pick<MappingInput, 'existing' | 'tables' | 'schemas' | 'sourceSchemas'>,
  call: CallOptions,
): Promise<UsedValues> {
  const used = new Map<string, ReadonlySet<string>>();
  for (const mapping of held.existing) {
    const table = held.tables.find((one) => one.logicalName === mapping.table);
    const schema = held.schemas.find((one) => one.name === mapping.schema);
    const document = held.sourceSchemas.get(documentName(mapping.schema, NAMESPACE));
    if (!table || !schema || !document) continue;
    for (const { enumeration, path, values } of goneOptions(document, table, mapping)) {
      used.set(enumeration, await findUsedValues(campaign, [{ schema, path, several: false }], values, call));
    }
  }
  return used;
}

/** Tables whose target had to be made, for the first time or because Campaign has lost it with its records. */
function remadeTables({ mappings, documents }: MappingPlan): readonly string[] {
  const made = new Set(documents.filter((document) => document.isNew).map((document) => document.name));
  return mappings
    .filter((mapping) => made.has(documentName(mapping.schema, NAMESPACE)))
    .map((mapping) => mapping.table);
}

/** Planning names places as `tables.0.columns.2`; a client finds them under the argument `input`. */
function underInput<Result>(plan: () => Result): Result {
  try {
    return plan();
  } catch (error) {
    if (!(error instanceof RequestError) || error.field === null) throw error;
    throw new RequestError(error.code, error.message, { field: `input.${error.field}`, cause: error });
  }
}

function toSelection(input: TableSelectionInput): TableSelection {
  return {
    table: input.table,
    ...(input.columns && { columns: input.columns }),
    ...(input.target && {
      target: {
        schema: input.target.schema,
        ...(input.target.key && { key: input.target.key }),
        ...(input.target.fields && {
          fields: input.target.fields.map((field) => ({
            column: field.column,
            path: field.path,
            conversion: field.conversion ?? 'DEFAULT',
            direction: field.direction ?? 'BOTH',
          })),
        }),
      },
    }),
  };
}

/** Campaign may accept a source schema and yet not build what it describes; better to know before the mapping is kept. */
function assertWritten(mappings: readonly TableMapping[], schemas: readonly CampaignSchema[]): void {
  for (const mapping of mappings) {
    const schema = schemas.find((candidate) => candidate.name === mapping.schema);
    if (schema === undefined) throw notBuilt(`schema "${mapping.schema}"`);
    const missing = [mapping.key, ...mapping.fields.map((field) => field.path)].find(
      (path) => !findAttribute(schema, path),
    );
    if (missing !== undefined) throw notBuilt(`attribute "${missing}" of schema "${mapping.schema}"`);
  }
}

function notBuilt(what: string): RemoteError {
  const message = `Expected Campaign to have built ${what}, but it is not there after logging on again. Look at the audit log in Campaign.`;
  return new RemoteError('UPSTREAM_REJECTED', message, {
    upstream: { system: 'campaign', status: null, code: null, message, requestId: null },
  });
}
