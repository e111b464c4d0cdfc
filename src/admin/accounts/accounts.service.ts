import { isDeepStrictEqual } from 'node:util';
import type { CampaignConnector, CampaignExternalAccount } from '../../connectors/campaign/campaign-connector.js';
import { type Connections, unknownAccount } from '../../connectors/connections.js';
import type { AccountCredentials, CheckStep, ConnectionTest, ExternalAccount } from '../../model/account.js';
import type { CallOptions } from '../../model/call.js';
import { RequestError } from '../../model/errors.js';
import type { Storage } from '../../storage/storage.js';
import { createMutex } from '../mutex.js';
import { Outcome } from '../outcome.js';
import type { ExternalAccountInput, ExternalAccountPatch } from './external-account.inputs.js';
import { bringsCredentials, patchAccount } from './patch-account.js';
import { type AssertServer, type ValidAccount, validateAccount } from './validate-account.js';

export interface SavedAccount {
  readonly account: ExternalAccount;
  readonly outcome: Outcome;
}

export interface AccountsServiceOptions {
  readonly storage: Storage;
  readonly connections: Connections;
  readonly assertServer: AssertServer;
  /** Called when an account was added, changed, tested or removed. */
  readonly onChanged: () => void;
}

/** An account as it is kept; its credentials are null where they cannot be read, or need not be. */
interface KeptAccount {
  readonly account: ExternalAccount;
  readonly credentials: AccountCredentials | null;
}

/** Makes, changes, tests and removes external accounts, here and in Campaign. */
export class AccountsService {
  private readonly storage: Storage;
  private readonly connections: Connections;
  /** Two changes at once would each compare with a state that the other is changing. */
  private readonly exclusively = createMutex();

  constructor(private readonly options: AccountsServiceOptions) {
    this.storage = options.storage;
    this.connections = options.connections;
  }

  /** Saves a new account. The same input again changes nothing; another one under the same name is a CONFLICT. */
  create(input: ExternalAccountInput, call: CallOptions): Promise<SavedAccount> {
    return this.exclusively(async () => {
      const wanted = validateAccount(input, this.options.assertServer);
      const existing = await this.read(wanted.name);
      if (existing && !isSame(existing, wanted)) {
        throw new RequestError(
          'CONFLICT',
          `There is an external account "${wanted.name}" with other settings. Change it with updateExternalAccount, or choose another name.`,
          { field: 'input.name' },
        );
      }
      return this.save(wanted, existing, call);
    });
  }

  /** Changes what the patch names. A new oauthType needs its credentials in the same patch. */
  update(name: string, patch: ExternalAccountPatch, call: CallOptions): Promise<SavedAccount> {
    return this.exclusively(async () => {
      const account = await this.storage.accounts.find(name);
      if (account === null) throw unknownAccount(name, 'name');
      // Old credentials that cannot be read any more must not keep new ones out.
      const existing = bringsCredentials(patch)
        ? ((await this.read(name)) ?? { account, credentials: null })
        : { account, credentials: (await this.storage.accounts.connection(name))?.credentials ?? null };
      const wanted = validateAccount(patchAccount(account, existing.credentials, patch), this.options.assertServer);
      if (patch.test) await this.assertWorks(wanted, call);
      if (wanted.server !== account.server) await this.leaveOrganization(name);
      return this.save(wanted, existing, call);
    });
  }

  /** Tests Dynamics, then Campaign, and keeps the result. */
  async test(name: string, call: CallOptions): Promise<ConnectionTest> {
    const dynamics = await this.connections.dynamics(name);
    const mappings = (await this.storage.mappings.list()).filter(({ account }) => account === name);
    const tables = mappings.map(({ table }) => table);
    const steps: CheckStep[] = [...(await dynamics.check({ ...call, tables }))];
    if (steps.every((step) => step.ok)) {
      const campaign = await this.connections.campaign();
      steps.push(...(await campaign.check(call)));
    }
    const test = { ok: steps.every((step) => step.ok), steps };
    await this.storage.accounts.saveTest(name, test);
    this.options.onChanged();
    return test;
  }

  /** Removes the account here and in Campaign; CONFLICT while it carries mappings or workflows. */
  delete(name: string, call: CallOptions): Promise<boolean> {
    return this.exclusively(async () => {
      if ((await this.storage.accounts.find(name)) === null) return false;
      const mappings = (await this.storage.mappings.list()).filter((mapping) => mapping.account === name);
      const workflows = await this.workflowsOf(name);
      if (workflows.length > 0) throw inUse(name, `workflow "${workflows[0]?.name}"`, 'deleteWorkflow');
      if (mappings.length > 0) throw inUse(name, `the mapping of table "${mappings[0]?.table}"`, 'unmapTables');
      const campaign = await this.connections.campaign();
      const inCampaign = await campaign.readExternalAccount(name, call);
      if (inCampaign?.isDynamics) await campaign.deleteExternalAccount(name, call);
      await this.connections.forget(name);
      const isDeleted = await this.storage.accounts.delete(name);
      this.options.onChanged();
      return isDeleted;
    });
  }

  /** Null where there is no such account. */
  private async read(name: string): Promise<KeptAccount | null> {
    const account = await this.storage.accounts.find(name);
    if (account === null) return null;
    const connection = await this.storage.accounts.connection(name).catch((error: unknown) => {
      // They were sealed with another SECRET_KEY; giving them anew mends that.
      if (error instanceof RequestError && error.code === 'CONFLICT') return null;
      throw error;
    });
    return { account, credentials: connection?.credentials ?? null };
  }

  /** Where the runs of the account's workflows stopped means nothing in another organization. */
  private async leaveOrganization(name: string): Promise<void> {
    const workflows = await this.workflowsOf(name);
    const unfinished = await this.storage.runs.unfinished();
    const active = unfinished.find((run) => workflows.some((workflow) => workflow.name === run.workflow));
    if (active) {
      throw new RequestError(
        'CONFLICT',
        `Workflow "${active.workflow}" is running in the organization that the account has now. Stop run "${active.id}" first with stopRun.`,
        { field: 'input.server' },
      );
    }
    for (const workflow of workflows) {
      if (workflow.index !== null) await this.storage.workflows.save({ ...workflow, index: null });
    }
  }

  private async workflowsOf(name: string) {
    return (await this.storage.workflows.list()).filter((workflow) => workflow.account === name);
  }

  private async assertWorks({ label: _, ...connection }: ValidAccount, call: CallOptions): Promise<void> {
    const steps = await this.connections.test(connection, call);
    const failed = steps.find((step) => !step.ok);
    if (!failed) return;
    const message = `Nothing was changed, because the connection fails at "${failed.name}" with it. ${failed.detail} ${failed.remedy ?? ''}`;
    throw new RequestError('CONFLICT', message.trim(), { field: 'input' });
  }

  /** Campaign is written first: where it refuses, nothing is kept here either; where keeping fails, Campaign is put back. */
  private async save(wanted: ValidAccount, existing: KeptAccount | null, call: CallOptions): Promise<SavedAccount> {
    const campaign = await this.connections.campaign();
    const before = await campaign.readExternalAccount(wanted.name, call);
    assertOurs(before, wanted.name);
    const inCampaign = campaignAccount(wanted);
    const isWritten = isDeepStrictEqual(before, { ...inCampaign, isDynamics: true });
    if (!isWritten) await campaign.writeExternalAccount(inCampaign, call);
    if (existing && isSame(existing, wanted))
      return { account: existing.account, outcome: isWritten ? Outcome.UNCHANGED : Outcome.UPDATED };
    const account = await this.keep(wanted, existing, () => restore(campaign, wanted.name, before));
    this.options.onChanged();
    return { account, outcome: existing === null ? Outcome.CREATED : Outcome.UPDATED };
  }

  private async keep(
    wanted: ValidAccount,
    existing: KeptAccount | null,
    undo: () => Promise<void>,
  ): Promise<ExternalAccount> {
    const { credentials, ...settings } = wanted;
    const { accounts } = this.storage;
    try {
      // Another process may have added it since: the database decides.
      const account = await (existing ? accounts.save(settings, credentials) : accounts.add(settings, credentials));
      if (!existing || !isSame(existing, { ...wanted, label: existing.account.label }))
        await this.connections.forget(wanted.name);
      return account;
    } catch (error) {
      await undo();
      throw error;
    }
  }
}

/** Campaign keeps accounts of every kind under one name each: those of mail servers must neither be taken over nor removed. */
function assertOurs(before: CampaignExternalAccount | null, name: string): void {
  if (before === null || before.isDynamics) return;
  throw new RequestError(
    'CONFLICT',
    `Campaign has an external account "${name}" of another kind ("${before.label}"). Choose another name.`,
    { field: 'input.name' },
  );
}

/** Credentials that cannot be read are taken for others. */
function isSame({ account, credentials }: KeptAccount, wanted: ValidAccount): boolean {
  const { name, label, server, tenantId, clientId } = account;
  return isDeepStrictEqual({ name, label, server, tenantId, clientId, credentials }, wanted);
}

async function restore(
  campaign: CampaignConnector,
  name: string,
  before: CampaignExternalAccount | null,
): Promise<void> {
  await (before === null ? campaign.deleteExternalAccount(name) : campaign.writeExternalAccount(before));
}

function campaignAccount(account: ValidAccount): Omit<CampaignExternalAccount, 'isDynamics'> {
  const { name, label, server, clientId, tenantId } = account;
  return { name, label, server, clientId, tenant: tenantId, active: true };
}

function inUse(name: string, what: string, remedy: string): RequestError {
  return new RequestError(
    'CONFLICT',
    `External account "${name}" is in use by ${what}. Remove that first with ${remedy}.`,
    {
      field: 'name',
    },
  );
}
