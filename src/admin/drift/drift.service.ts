import { type Connections, unknownAccount } from '../../connectors/connections.js';
import { type Drift, findDrift } from '../../mapping/drift.js';
import type { Obstacle } from '../../mapping/repair.js';
import type { CallOptions } from '../../model/call.js';
import { RequestError } from '../../model/errors.js';
import type { GraphChange } from '../../model/graph-change.js';
import type { EnumerationMapping, TableMapping } from '../../model/mapping.js';
import type { System } from '../../model/system.js';
import type { Storage } from '../../storage/storage.js';
import type { EnumerationsService } from '../enumerations/enumerations.service.js';
import { EnumerationMode, type EnumerationSyncType } from '../enumerations/enumerations.types.js';
import type { SchemaChangeType } from '../mappings/map-tables.types.js';
import type { MappingsService } from '../mappings/mappings.service.js';
import { type DriftFindingType, DriftKindEnum, type RepairDriftInput, type RepairDriftPayload } from './drift.types.js';

export interface DriftServiceOptions {
  readonly storage: Storage;
  readonly connections: Connections;
  readonly mappings: MappingsService;
  readonly enumerations: EnumerationsService;
  /** How the graph of the mapped tables differs from that of the time they were mapped. */
  readonly graphChanges: () => Promise<readonly GraphChange[]>;
  /** Names in the settings that the remote has nothing for. */
  readonly unknownNames: (system: System) => readonly string[];
}

/** What has drifted, and what a repair of it does. */
interface Diagnosis {
  readonly drift: readonly Drift[];
  readonly changes: readonly SchemaChangeType[];
  readonly enumerations: readonly EnumerationSyncType[];
  readonly obstacles: readonly Obstacle[];
}

/** Finds what changed in either system since tables were mapped, and mends it. */
export class DriftService {
  constructor(private readonly options: DriftServiceOptions) {}

  /** `tables` are logical names; null for every mapped table. */
  async find(tables: readonly string[] | null, call: CallOptions): Promise<readonly DriftFindingType[]> {
    const [mapping] = await this.options.storage.mappings.list();
    const unknown = this.unknown(tables);
    if (!mapping) return unknown;
    return [...toFindings(await this.diagnose(mapping.account, tables, { dryRun: true }, call)), ...unknown];
  }

  async repair(input: RepairDriftInput, call: CallOptions): Promise<RepairDriftPayload> {
    const { storage } = this.options;
    if ((await storage.accounts.find(input.account)) === null) throw unknownAccount(input.account, 'input.account');
    await this.assertMapped(input);
    const dryRun = input.dryRun ?? false;
    const diagnosis = await this.diagnose(input.account, input.tables ?? null, { dryRun }, call);
    const { changes, enumerations } = diagnosis;
    return { dryRun, findings: toFindings(diagnosis), changes, enumerations };
  }

  private async diagnose(
    account: string,
    only: readonly string[] | null,
    { dryRun }: { readonly dryRun: boolean },
    call: CallOptions,
  ): Promise<Diagnosis> {
    const found = [...(await this.readDrift(account, call)), ...(await this.graphDrift())];
    const drift = found.filter(({ table }) => only === null || only.includes(table));
    const lists = await this.driftedLists(only, call);
    const gone = namesOf(drift.filter((one) => one.kind === 'TABLE_GONE'));
    const changed = namesOf(drift).filter((table) => !gone.includes(table));
    const unmapped = await this.unmap(account, gone, dryRun, call);
    const remapped = await this.remap(account, changed, dryRun, call);
    const named = lists
      .filter(({ mapping }) => !gone.includes(mapping.table))
      .map(({ mapping }) => toSelection(mapping));
    const input = { account, enumerations: named, dryRun };
    const synchronized = named.length === 0 ? null : await this.options.enumerations.synchronize(input, call);
    return {
      drift: [...drift, ...lists.map((list) => list.drift)],
      changes: [...unmapped.changes, ...remapped.changes],
      enumerations: synchronized?.enumerations ?? [],
      obstacles: [...unmapped.obstacles, ...remapped.obstacles],
    };
  }

  /** Campaign shows changed schemas to new sessions only. */
  private async readDrift(account: string, call: CallOptions): Promise<readonly Drift[]> {
    const { storage, connections } = this.options;
    const kept = await storage.mappings.catalog();
    const [dynamics, campaign] = await Promise.all([connections.dynamics(account), connections.campaign()]);
    await campaign.reconnect(call);
    const [tables, schemas] = await Promise.all([
      dynamics.introspect(namesOf(kept.mappings), call),
      campaign.introspect([...new Set(kept.mappings.map((mapping) => mapping.schema))], call),
    ]);
    return findDrift({ kept, tables, schemas });
  }

  /** What the graph shows otherwise by now, as it follows both systems. */
  private async graphDrift(): Promise<readonly Drift[]> {
    const mappings = await this.options.storage.mappings.list();
    const changes = await this.options.graphChanges();
    return changes.map(({ kind, system, name, subject, detail }) => {
      const tied = system === 'campaign' ? mappings.find(({ schema }) => schema === name) : undefined;
      return { kind: GRAPH_KINDS[kind], system, table: tied?.table ?? name, subject, detail, repairs: [] };
    });
  }

  private unknown(only: readonly string[] | null): readonly DriftFindingType[] {
    const of = (system: System) =>
      this.options
        .unknownNames(system)
        .filter((name) => only === null || only.includes(name))
        .map((name) => unknownFinding(system, name));
    return [...of('dynamics'), ...of('campaign')];
  }

  private async driftedLists(only: readonly string[] | null, call: CallOptions) {
    const states = await this.options.enumerations.compare(call);
    return states.flatMap(({ mapping, values }) => {
      const differing = values.filter(({ state }) => isDrifted(state, mapping.mode));
      if (differing.length === 0 || (only !== null && !only.includes(mapping.table))) return [];
      const told = differing.map(({ name, dynamics, campaign, state }) => {
        return `${name} ${state.toLowerCase().replaceAll('_', ' ')}: "${dynamics ?? ''}" in Dynamics, "${campaign ?? ''}" in Campaign`;
      });
      return [{ mapping, drift: listDrift(mapping, told.join('; ')) }];
    });
  }

  private async unmap(account: string, tables: readonly string[], dryRun: boolean, call: CallOptions) {
    if (tables.length === 0) return { changes: [], obstacles: [] };
    try {
      const { changes } = await this.options.mappings.unmap({ account, tables: [...tables], dryRun }, call);
      return { changes, obstacles: [] };
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      return { changes: [], obstacles: tables.map((table) => ({ table, reason: error.message })) };
    }
  }

  private async remap(account: string, tables: readonly string[], dryRun: boolean, call: CallOptions) {
    if (tables.length === 0) return { changes: [], obstacles: [] };
    return this.options.mappings.repair({ account, tables, dryRun }, call);
  }

  private async assertMapped({ account, tables }: RepairDriftInput): Promise<void> {
    const mapped = namesOf(await this.options.storage.mappings.list());
    const index = (tables ?? []).findIndex((table) => !mapped.includes(table));
    if (index < 0) return;
    throw new RequestError('NOT_FOUND', `Table "${tables?.[index]}" is not mapped for account "${account}".`, {
      field: `input.tables.${index}`,
    });
  }
}

const GRAPH_KINDS = { BREAKING: 'GRAPH_BROKEN', DANGEROUS: 'GRAPH_CHANGED', ADDITION: 'GRAPH_GREW' } as const;

function unknownFinding(system: System, name: string): DriftFindingType {
  const [kind, setting, what] =
    system === 'dynamics'
      ? ([DriftKindEnum.TABLE_UNKNOWN, 'DYNAMICS_TABLES', 'table'] as const)
      : ([DriftKindEnum.SCHEMA_UNKNOWN, 'CAMPAIGN_SCHEMAS', 'schema'] as const);
  return {
    ...{ kind, system, table: name, subject: name, repair: [] },
    detail: `${setting} names the ${what} "${name}", which is not there, or hidden from the user that Isthmus signs in as.`,
    obstacle: `Correct ${setting} and start again, or make the ${what}.`,
  };
}

/** What a synchronization in this mode leaves as it is has not drifted. */
function isDrifted(state: string, mode: EnumerationMapping['mode']): boolean {
  if (state === 'SAME' || state === 'KEPT') return false;
  const isCampaignsOwn = state === 'ONLY_IN_CAMPAIGN' || state === 'RENAMED_IN_CAMPAIGN';
  return mode === 'REPLACE' || !isCampaignsOwn;
}

function listDrift({ table, list }: EnumerationMapping, detail: string): Drift {
  return { kind: 'LIST_CHANGED', system: 'campaign', table, subject: list, detail, repairs: [list] };
}

function toSelection({ table, column, list, mode }: EnumerationMapping) {
  return { table, column, list, mode: EnumerationMode[mode] };
}

function namesOf(items: readonly Pick<TableMapping, 'table'>[]): readonly string[] {
  return [...new Set(items.map((item) => item.table))];
}

function toFindings(diagnosis: Diagnosis): readonly DriftFindingType[] {
  return diagnosis.drift.map((drift) => {
    const { kind, system, table, subject, detail } = drift;
    const obstacle = diagnosis.obstacles.find((one) => one.table === table)?.reason ?? null;
    const repair = obstacle === null || kind === 'LIST_CHANGED' ? repairOf(drift, diagnosis) : [];
    return { kind, system, table, subject, detail, repair, obstacle: repair.length > 0 ? null : obstacle };
  });
}

function repairOf(drift: Drift, { changes, enumerations }: Diagnosis): readonly SchemaChangeType[] {
  if (drift.kind === 'LIST_CHANGED') {
    const sync = enumerations.find((one) => one.list === drift.subject);
    const counts = sync && `${sync.added.length} added, ${sync.updated.length} updated, ${sync.removed.length} removed`;
    return [{ kind: 'SYNCHRONIZE_ENUMERATION', subject: drift.subject, detail: counts ?? 'Written anew.' }];
  }
  const direct = changes.filter(({ subject }) => isWithin(drift, subject));
  const remapping = changes.filter(({ kind, subject }) => kind.endsWith('_MAPPING') && subject === drift.table);
  const own = direct.length === 0 || REMAPPING.has(drift.kind) ? [...direct, ...remapping] : direct;
  if (own.length > 0) return own;
  const detail = 'The description that is kept of it is brought up to date; nothing else needs to change.';
  return [{ kind: 'KEEP_DESCRIPTION', subject: drift.subject, detail }];
}

/** What is mended by mapping the table otherwise, or not at all. */
const REMAPPING: ReadonlySet<string> = new Set(['TABLE_GONE', 'COLUMN_GONE']);

function isWithin({ kind, repairs, table }: Drift, subject: string): boolean {
  if (subject === table) return false;
  if (repairs.includes(subject)) return true;
  return (
    kind === 'SCHEMA_GONE' && repairs.some((one) => subject.startsWith(one) && /^[/:#]/.test(subject.slice(one.length)))
  );
}
