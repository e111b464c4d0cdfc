import { isDeepStrictEqual } from 'node:util';
import type { CampaignConnector, CampaignExternalAccount } from '../../connectors/campaign/campaign-connector.js';
import { type Connections, unknownAccount } from '../../connectors/connections.js';
import type { AccountCredentials, CheckStep, ConnectionTest, ExternalAccount } from '../../model/account.js';
import type { CallOptions } from '../../model/call.js';
import { RequestError } from '../../model/errors.js';
import type { Storage } from '../../storage/storage.js';
import { Outcome } from '../outcome.js';
import type { ExternalAccountInput, ExternalAccountPatch } from './external-account.inputs.js';
import { type ValidAccount, validateAccount } from './validate-account.js';

export interface SavedAccount {
  readonly account: ExternalAccount;
  readonly outcome: Outcome;
}

/** Makes, changes, tests and removes external accounts, here and in Campaign. */
export class AccountsService {
  constructor(
    private readonly storage: Storage,
    private readonly connections: Connections,
  ) {}

  /** Saves a new account. The same input again changes nothing; another one under the same name is a CONFLICT. */
  async create(input: ExternalAccountInput, call: CallOptions): Promise<SavedAccount> {
    const wanted = validateAccount(input);
    const existing = await this.read(wanted.name);
    if (existing && !isDeepStrictEqual(existing, wanted)) {
      throw new RequestError(
        'CONFLICT',
        `There is an external account "${wanted.name}" with other settings. Change it with updateExternalAccount, or choose another name.`,
        { field: 'input.name' },
      );
    }
    return this.save(wanted, existing, call);
  }

  /** Changes what the patch names. A new oauthType needs its credentials in the same patch. */
  async update(name: string, patch: ExternalAccountPatch, call: CallOptions): Promise<SavedAccount> {
    const existing = await this.read(name);
    if (existing === null) throw unknownAccount(name, 'name');
    return this.save(validateAccount(patched(existing, patch)), existing, call);
  }

  /** Tests Dynamics, then Campaign, and keeps the result. */
  async test(name: string, call: CallOptions): Promise<ConnectionTest> {
    const dynamics = await this.connections.dynamics(name);
    const steps: CheckStep[] = [...(await dynamics.check(call))];
    if (steps.every((step) => step.ok)) {
      const campaign = await this.connections.campaign();
      steps.push(...(await campaign.check(call)));
    }
    const test = { ok: steps.every((step) => step.ok), steps };
    await this.storage.accounts.saveTest(name, test);
    return test;
  }

  /** Removes the account here and in Campaign; CONFLICT while it carries mappings or workflows. */
  async delete(name: string, call: CallOptions): Promise<boolean> {
    if ((await this.storage.accounts.find(name)) === null) return false;
    const mappings = (await this.storage.mappings.list()).filter((mapping) => mapping.account === name);
    const workflows = (await this.storage.workflows.list()).filter((workflow) => workflow.account === name);
    if (workflows.length > 0) throw inUse(name, `workflow "${workflows[0]?.name}"`, 'deleteWorkflow');
    if (mappings.length > 0) throw inUse(name, `the mapping of table "${mappings[0]?.table}"`, 'unmapTables');
    const campaign = await this.connections.campaign();
    await campaign.deleteExternalAccount(name, call);
    await this.connections.forget(name);
    return this.storage.accounts.delete(name);
  }

  private async read(name: string): Promise<ValidAccount | null> {
    const [account, connection] = await Promise.all([
      this.storage.accounts.find(name),
      this.storage.accounts.connection(name),
    ]);
    return account && connection ? { ...connection, label: account.label } : null;
  }

  /** Campaign is written first: where it refuses, nothing is kept here either; where keeping fails, Campaign is put back. */
  private async save(wanted: ValidAccount, existing: ValidAccount | null, call: CallOptions): Promise<SavedAccount> {
    const campaign = await this.connections.campaign();
    const before = await campaign.readExternalAccount(wanted.name, call);
    const inCampaign = campaignAccount(wanted);
    const isWritten = isDeepStrictEqual(before, inCampaign);
    if (!isWritten) await campaign.writeExternalAccount(inCampaign, call);
    const isSame = isDeepStrictEqual(existing, wanted);
    const account = isSame
      ? await this.storage.accounts.find(wanted.name)
      : await this.keep(wanted, () => restore(campaign, wanted.name, before));
    if (account === null) throw unknownAccount(wanted.name);
    if (existing === null) return { account, outcome: Outcome.CREATED };
    return { account, outcome: isSame && isWritten ? Outcome.UNCHANGED : Outcome.UPDATED };
  }

  private async keep(wanted: ValidAccount, undo: () => Promise<void>): Promise<ExternalAccount> {
    const { credentials, ...settings } = wanted;
    try {
      const account = await this.storage.accounts.save(settings, credentials);
      await this.connections.forget(wanted.name);
      return account;
    } catch (error) {
      await undo();
      throw error;
    }
  }
}

async function restore(
  campaign: CampaignConnector,
  name: string,
  before: CampaignExternalAccount | null,
): Promise<void> {
  await (before === null ? campaign.deleteExternalAccount(name) : campaign.writeExternalAccount(before));
}

function campaignAccount(account: ValidAccount): CampaignExternalAccount {
  const { name, label, server, clientId, tenantId } = account;
  return { name, label, server, clientId, tenant: tenantId, active: true };
}

/** The whole input that results from a patch: credentials that the patch leaves out stay. */
function patched(existing: ValidAccount, patch: ExternalAccountPatch): ExternalAccountInput {
  const oauthType = patch.oauthType ?? existing.credentials.oauthType;
  const names = ['certificate', 'passwordCredentials', 'clientSecret'] as const;
  const gives = names.some((name) => patch[name] != null);
  const credentials = gives
    ? {
        certificate: patch.certificate,
        passwordCredentials: patch.passwordCredentials,
        clientSecret: patch.clientSecret,
      }
    : credentialsInput(existing.credentials);
  return {
    name: existing.name,
    label: patch.label ?? existing.label,
    server: patch.server ?? existing.server,
    tenantId: patch.tenantId ?? existing.tenantId,
    clientId: patch.clientId ?? existing.clientId,
    oauthType: oauthType as ExternalAccountInput['oauthType'], // the enum's values are the names of the model's union
    ...(oauthType === existing.credentials.oauthType || gives ? credentials : {}),
  };
}

function credentialsInput(
  credentials: AccountCredentials,
): Pick<ExternalAccountInput, 'certificate' | 'passwordCredentials' | 'clientSecret'> {
  switch (credentials.oauthType) {
    case 'CERTIFICATE':
      return { certificate: credentials };
    case 'PASSWORD_CREDENTIALS':
      return { passwordCredentials: credentials };
    case 'CLIENT_SECRET':
      return { clientSecret: credentials.clientSecret };
  }
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
