import type { CampaignConnector } from '../../connectors/campaign/campaign-connector.js';
import { type Connections, unknownAccount } from '../../connectors/connections.js';
import {
  type ComparedValue,
  compareValues,
  type EnumerationPlan,
  type EnumerationSides,
  goneValues,
  nextBase,
  planEnumeration,
} from '../../mapping/enumerations.js';
import type { CallOptions } from '../../model/call.js';
import type { ItemizedList } from '../../model/campaign-schema.js';
import type { Catalog } from '../../model/catalog.js';
import { RequestError } from '../../model/errors.js';
import type { EnumerationMapping } from '../../model/mapping.js';
import type { Table } from '../../model/table.js';
import type { KeptEnumeration, Storage } from '../../storage/storage.js';
import type { MappingsService } from '../mappings/mappings.service.js';
import { createMutex } from '../mutex.js';
import type {
  EnumerationSyncType,
  SynchronizeEnumerationsInput,
  SynchronizeEnumerationsPayload,
} from './enumerations.types.js';
import { type EnumerationChoice, type SelectedEnumeration, selectAll, selectNamed } from './select-enumerations.js';
import { findUsedValues } from './used-values.js';
import { placesOf } from './value-places.js';

export interface EnumerationsServiceOptions {
  readonly storage: Storage;
  readonly connections: Connections;
  readonly mappings: MappingsService;
}

/** A list with the columns whose options it takes: several where they share a global option set. */
interface ListGroup extends Pick<SelectedEnumeration, 'list' | 'mode' | 'optionSet'> {
  readonly first: SelectedEnumeration;
  readonly members: readonly SelectedEnumeration[];
}

interface PlannedList extends ListGroup {
  readonly sides: EnumerationSides;
  readonly plan: EnumerationPlan;
  readonly changed: boolean;
}

/** A kept enumeration with both its sides as they are now. */
export interface EnumerationState {
  readonly mapping: KeptEnumeration;
  readonly values: readonly ComparedValue[];
}

/** Copies the options of Dynamics choices into Campaign: into itemized lists, and into the enumerations of the schemas made for the tables. */
export class EnumerationsService {
  private readonly exclusively = createMutex();

  constructor(private readonly options: EnumerationsServiceOptions) {}

  synchronize(input: SynchronizeEnumerationsInput, call: CallOptions): Promise<SynchronizeEnumerationsPayload> {
    return this.exclusively(() => this.synchronizeNow(input, call));
  }

  /** Every kept enumeration value by value, read anew from both systems. */
  async compare(call: CallOptions): Promise<readonly EnumerationState[]> {
    const { storage, connections } = this.options;
    const known = await storage.enumerations.list();
    const [first] = known;
    if (!first) return [];
    const [dynamics, campaign] = await Promise.all([connections.dynamics(first.account), connections.campaign()]);
    const [tables, lists] = await Promise.all([
      dynamics.introspect([...new Set(known.map((one) => one.table))], call),
      campaign.readItemizedLists([...new Set(known.map((one) => one.list))], call),
    ]);
    return known.map((mapping) => {
      const table = tables.find((candidate) => candidate.logicalName === mapping.table);
      const column = table?.columns.find((candidate) => candidate.name === mapping.column);
      const optionSet = column?.optionSet ?? { name: mapping.list, isGlobal: false, options: [] };
      const current = lists.find((list) => list.name === mapping.list) ?? null;
      return { mapping, values: compareValues({ optionSet, current, base: mapping.base }) };
    });
  }

  private async synchronizeNow(
    input: SynchronizeEnumerationsInput,
    call: CallOptions,
  ): Promise<SynchronizeEnumerationsPayload> {
    const { selected, skipped, tables } = await this.select(input, call);
    const campaign = await this.options.connections.campaign();
    // Records are asked for what they hold by the mappings that are kept, which Campaign may lack until then.
    if (!input.dryRun) await this.options.mappings.settle(input.account, call);
    const planned = await this.plan(campaign, groupByList(selected), call);
    if (!input.dryRun) {
      await this.apply(input.account, campaign, planned, call);
      await this.options.mappings.refresh(input.account, tables, call);
    }
    return { dryRun: input.dryRun ?? false, enumerations: planned.map(toSyncType), skipped };
  }

  private async select(
    input: SynchronizeEnumerationsInput,
    call: CallOptions,
  ): Promise<EnumerationChoice & { readonly tables: readonly Table[] }> {
    const { storage, connections } = this.options;
    if ((await storage.accounts.find(input.account)) === null) throw unknownAccount(input.account, 'input.account');
    const mappings = (await storage.mappings.list()).filter((mapping) => mapping.account === input.account);
    if (mappings.length === 0) {
      throw new RequestError(
        'CONFLICT',
        `External account "${input.account}" has no mapped tables. Map some first with mapTables.`,
        {
          field: 'input.account',
        },
      );
    }
    const dynamics = await connections.dynamics(input.account);
    const tables = await dynamics.introspect(
      mappings.map((mapping) => mapping.table),
      call,
    );
    const sources = { tables, mappings, known: await storage.enumerations.list() };
    const choice = input.enumerations ? selectNamed(input.enumerations, sources) : selectAll(sources);
    return { ...choice, tables };
  }

  private async plan(
    campaign: CampaignConnector,
    groups: readonly ListGroup[],
    call: CallOptions,
  ): Promise<readonly PlannedList[]> {
    const { storage } = this.options;
    const names = groups.map((group) => group.list);
    const lists = names.length === 0 ? [] : await campaign.readItemizedLists(names, call);
    const known = await storage.enumerations.list();
    const catalog = await storage.mappings.catalog();
    const planned: PlannedList[] = [];
    for (const group of groups) {
      const current = lists.find((list) => list.name === group.list) ?? null;
      const used = await usedValues({ campaign, catalog, call }, group, current);
      const { optionSet, mode, list: name } = group;
      const sides: EnumerationSides = { optionSet, current, base: baseOf(group, known), mode, name, used };
      const plan = planEnumeration(sides);
      const changed = current === null || plan.added.length + plan.updated.length + plan.removed.length > 0;
      planned.push({ ...group, sides, plan, changed });
    }
    return planned;
  }

  /** List by list, each in one write and then kept as synchronized, so that a repeat goes on where a failure ended. */
  private async apply(
    account: string,
    campaign: CampaignConnector,
    planned: readonly PlannedList[],
    call: CallOptions,
  ): Promise<void> {
    const synchronizedAt = new Date().toISOString();
    for (const { plan, sides, changed, members, list, mode } of planned) {
      if (changed) await campaign.writeItemizedList(plan.list, plan.remove, call);
      const base = nextBase(sides, plan);
      await this.options.storage.enumerations.save(
        members.map(({ table, column }) => ({ account, table, column, list, mode, base, synchronizedAt })),
      );
    }
  }
}

function groupByList(selected: readonly SelectedEnumeration[]): readonly ListGroup[] {
  const groups = Map.groupBy(selected, (selection) => selection.list);
  return [...groups.values()].flatMap((members) => {
    const [first] = members;
    if (!first) return [];
    // A list that one column adds to must not lose what another would replace.
    const mode: EnumerationMapping['mode'] = members.every((one) => one.mode === 'REPLACE') ? 'REPLACE' : 'ADD';
    return [{ list: first.list, mode, optionSet: first.optionSet, first, members }];
  });
}

/** What was last synchronized with this list, for any of its columns. */
function baseOf({ list, members }: ListGroup, known: readonly KeptEnumeration[]): EnumerationSides['base'] {
  const kept = known.filter((one) => one.list === list && one.base !== null);
  const own = kept.find((one) => members.some((member) => member.table === one.table && member.column === one.column));
  return (own ?? kept[0])?.base ?? null;
}

/** Only what would be removed is looked for. */
async function usedValues(
  context: { readonly campaign: CampaignConnector; readonly catalog: Catalog; readonly call: CallOptions },
  { list, mode, members, optionSet }: ListGroup,
  current: ItemizedList | null,
): Promise<ReadonlySet<string>> {
  const gone = mode === 'REPLACE' ? goneValues(optionSet, current) : [];
  if (gone.length === 0) return new Set();
  return findUsedValues(context.campaign, placesOf(context.catalog, list, members), gone, context.call);
}

function toSyncType({ first, members, list, plan }: PlannedList): EnumerationSyncType {
  const { added, updated, removed, kept, conflicts, unchanged } = plan;
  const columns = members.map(({ table, column }) => ({ table, column }));
  return {
    table: first.table,
    column: first.column,
    list,
    columns,
    added,
    updated,
    removed,
    kept,
    conflicts,
    unchanged,
  };
}
