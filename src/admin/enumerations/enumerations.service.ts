import type { CampaignConnector } from '../../connectors/campaign/campaign-connector.js';
import { type Connections, unknownAccount } from '../../connectors/connections.js';
import { type EnumerationPlan, planEnumeration } from '../../mapping/enumerations.js';
import type { CallOptions } from '../../model/call.js';
import { RequestError } from '../../model/errors.js';
import type { Storage } from '../../storage/storage.js';
import type { MappingsService } from '../mappings/mappings.service.js';
import { createMutex } from '../mutex.js';
import type {
  EnumerationSyncType,
  SynchronizeEnumerationsInput,
  SynchronizeEnumerationsPayload,
} from './enumerations.types.js';
import { type EnumerationChoice, type SelectedEnumeration, selectAll, selectNamed } from './select-enumerations.js';

export interface EnumerationsServiceOptions {
  readonly storage: Storage;
  readonly connections: Connections;
  readonly mappings: MappingsService;
}

interface PlannedEnumeration extends SelectedEnumeration {
  readonly plan: EnumerationPlan;
  readonly changed: boolean;
}

/** Copies the options of Dynamics choices into Campaign: into itemized lists, and into the enumerations of the schemas made for the tables. */
export class EnumerationsService {
  private readonly exclusively = createMutex();

  constructor(private readonly options: EnumerationsServiceOptions) {}

  synchronize(input: SynchronizeEnumerationsInput, call: CallOptions): Promise<SynchronizeEnumerationsPayload> {
    return this.exclusively(() => this.synchronizeNow(input, call));
  }

  private async synchronizeNow(
    input: SynchronizeEnumerationsInput,
    call: CallOptions,
  ): Promise<SynchronizeEnumerationsPayload> {
    const { selected, skipped } = await this.select(input, call);
    const campaign = await this.options.connections.campaign();
    const planned = await plan(campaign, selected, call);
    if (!input.dryRun) await this.apply(input.account, campaign, planned, call);
    return { dryRun: input.dryRun ?? false, enumerations: planned.map(toSyncType), skipped };
  }

  private async select(input: SynchronizeEnumerationsInput, call: CallOptions): Promise<EnumerationChoice> {
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
    return input.enumerations ? selectNamed(input.enumerations, sources) : selectAll(sources);
  }

  /** List by list, each in one write, so that a repeat goes on where a failure ended. */
  private async apply(
    account: string,
    campaign: CampaignConnector,
    planned: readonly PlannedEnumeration[],
    call: CallOptions,
  ): Promise<void> {
    for (const { plan, changed } of planned) {
      if (changed) await campaign.writeItemizedList(plan.list, plan.remove, call);
    }
    await this.options.mappings.refresh(account, call);
    await this.options.storage.enumerations.save(
      planned.map(({ table, column, list, mode }) => ({
        account,
        table,
        column,
        list,
        mode,
        base: null,
        synchronizedAt: null,
      })),
    );
  }
}

async function plan(
  campaign: CampaignConnector,
  selected: readonly SelectedEnumeration[],
  call: CallOptions,
): Promise<readonly PlannedEnumeration[]> {
  const names = [...new Set(selected.map((selection) => selection.list))];
  const lists = names.length === 0 ? [] : await campaign.readItemizedLists(names, call);
  return selected.map((selection) => {
    const current = lists.find((list) => list.name === selection.list) ?? null;
    const plan = planEnumeration(selection.optionSet, current, selection.mode, selection.list);
    const changed = current === null || plan.added.length + plan.updated.length + plan.removed.length > 0;
    return { ...selection, plan, changed };
  });
}

function toSyncType({ table, column, list, plan }: PlannedEnumeration): EnumerationSyncType {
  const { added, updated, removed, unchanged } = plan;
  return { table, column, list, added, updated, removed, unchanged };
}
