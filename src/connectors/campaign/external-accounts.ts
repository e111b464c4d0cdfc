import type { CallOptions } from '../../model/call.js';
import { type XmlElement, xml } from '../../model/xml.js';
import type { CampaignExternalAccount } from './campaign-connector.js';
import type { SoapCaller } from './client.js';
import { quote } from './literals.js';
import { persist } from './persist.js';
import { fetchRows, queryDocument } from './query-rows.js';

/**
 * The number that `nms:extAccount/@type` has for Microsoft Dynamics CRM. Adobe does not document it, so this one is inferred:
 * set it to what the console shows where it differs. It is only written for accounts that are made anew.
 */
export const DYNAMICS_ACCOUNT_TYPE = 12;

/** The `nms:extAccount` of this name, or null. */
export async function readExternalAccount(
  client: SoapCaller,
  name: string,
  options?: CallOptions,
): Promise<CampaignExternalAccount | null> {
  const [row] = await fetchRows(client, accountQuery(name), options);
  return row ? describeAccount(row) : null;
}

const PATHS = ['@id', '@name', '@label', '@server', '@clientId', '@tenant', '@active'];

function accountQuery(name: string): XmlElement {
  const where = [xml('condition', { expr: `@name = ${quote(name)}` })];
  return queryDocument({ schema: 'nms:extAccount', select: PATHS, lineCount: 1, where, orderBy: ['@id'] });
}

function describeAccount({ attributes }: XmlElement): CampaignExternalAccount {
  const { name = '', label, server = '', clientId = '', tenant = '', active } = attributes;
  return { name, label: label || name, server, clientId, tenant, active: active === '1' || active === 'true' };
}

/** Makes or updates the row. It holds no credentials, and those that somebody else put into it stay. */
export async function writeExternalAccount(
  client: SoapCaller,
  account: CampaignExternalAccount,
  options: { readonly type: number } & CallOptions,
): Promise<void> {
  const isNew = (await readExternalAccount(client, account.name, options)) === null;
  const { name, label, server, clientId, tenant, active } = account;
  const row = xml(
    'extAccount',
    {
      ...{ xtkschema: 'nms:extAccount', _operation: 'insertOrUpdate', _key: '@name' },
      ...{ name, label, server, clientId, tenant, active: active ? 1 : 0, type: isNew ? options.type : undefined },
    },
    [xml('params', {}, [xml('mscrm', WEB_API)])],
  );
  await persist(client, 'Write', row, options);
}

/** The Web API is the one way to Dynamics that Campaign still has. The inner quotes belong to the value. */
const WEB_API = { crmApiVersion: "'auto'", crmDeploymentType: 'webapi' };

/** Deletes the row; nothing where there is none. */
export async function deleteExternalAccount(client: SoapCaller, name: string, options?: CallOptions): Promise<void> {
  const [row] = await fetchRows(client, accountQuery(name), options);
  if (!row) return;
  const deletion = xml('extAccount', { _operation: 'delete', _key: '@name', name });
  await persist(
    client,
    'WriteCollection',
    xml('extAccount-collection', { xtkschema: 'nms:extAccount' }, [deletion]),
    options,
  );
}
