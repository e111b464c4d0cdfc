import type { AccountConnection, ConnectionTest } from '../../src/model/account.js';
import type { CampaignSchema } from '../../src/model/campaign-schema.js';
import type { TableMapping } from '../../src/model/mapping.js';
import type { Table } from '../../src/model/table.js';
import { NO_COUNTS, type Workflow } from '../../src/model/workflow.js';
import type { RunPage, Storage } from '../../src/storage/storage.js';

export const CONTOSO: AccountConnection & { readonly label: string } = {
  name: 'contoso',
  label: 'Contoso',
  server: 'https://contoso.crm.dynamics.com',
  tenantId: '11111111-1111-1111-1111-111111111111',
  clientId: '22222222-2222-2222-2222-222222222222',
  credentials: { oauthType: 'CLIENT_SECRET', clientSecret: 'a secret of Contoso' },
};

export const PASSED: ConnectionTest = {
  ok: true,
  steps: [{ name: 'token', ok: true, detail: 'A token was given.', remedy: null, milliseconds: 12 }],
};

export const FAILED: ConnectionTest = {
  ok: false,
  steps: [{ name: 'token', ok: false, detail: 'AADSTS7000215', remedy: 'Give a valid secret.', milliseconds: 12 }],
};

export const IMPORT_CONTACTS: Workflow = {
  name: 'import contacts',
  account: 'contoso',
  operation: 'IMPORT',
  table: 'contact',
  filter: { kind: 'compare', path: 'statecode', operator: 'eq', value: 0 },
  orderBy: [{ path: 'modifiedon', descending: true }],
  automaticIndex: true,
  schedule: null,
  batchSize: 500,
  index: null,
};

export const CONTACT_TO_RECIPIENT: TableMapping = {
  account: 'contoso',
  table: 'contact',
  schema: 'nms:recipient',
  key: '@crmId',
  fields: [{ column: 'emailaddress1', path: '@email', conversion: 'DEFAULT', direction: 'BOTH' }],
};

/** A page that read ten records and wrote them all, but for the rejected ones. */
export function aPage(cursor: string, ...rejected: readonly string[]): RunPage {
  const counts = { ...NO_COUNTS, read: 10, created: 10 - rejected.length, rejected: rejected.length };
  const rejects = rejected.map((key) => ({
    key,
    code: 'XTK-170036',
    message: `No ${key}`,
    record: { '@crmId': key, '@age': 7 },
  }));
  return { counts, cursor, rejects };
}

/** Saves the account and the workflow that runs need. */
export async function saveWorkflow(storage: Storage, name = IMPORT_CONTACTS.name): Promise<void> {
  if ((await storage.accounts.find('contoso')) === null) await storage.accounts.save(CONTOSO, CONTOSO.credentials);
  await storage.workflows.save({ ...IMPORT_CONTACTS, name });
}

/** Queues a run of the workflow and starts it; its id. */
export async function startRun(storage: Storage, workflow = IMPORT_CONTACTS.name): Promise<string> {
  const { run } = await storage.runs.queue(workflow);
  await storage.runs.start(run.id);
  return run.id;
}

/** What a description needs to be told from another; the rest is not looked at by storage. */
export function aTable(logicalName: string): Table {
  return {
    ...{ logicalName, setName: `${logicalName}s`, label: logicalName, pluralLabel: `${logicalName}s` },
    ...{
      changeTracking: true,
      isCustom: false,
      primaryId: `${logicalName}id`,
      primaryName: 'name',
      isIntersect: false,
    },
    ...{ columns: [], keys: [], relationships: [] },
  };
}

export function aSchema(name: string): CampaignSchema {
  const root = { name: 'root', label: name, attributes: [], elements: [], links: [] };
  return { name, label: name, labelSingular: name, md5: null, root, enumerations: [], keys: [] };
}
