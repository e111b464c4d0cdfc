import type { CallOptions } from '../../model/call.js';
import { type XmlElement, xml } from '../../model/xml.js';
import type { CampaignExternalAccount } from './campaign-connector.js';
import type { SoapCaller } from './client.js';
import { persist } from './persist.js';
import { fetchRows, oneOf, queryDocument } from './query-rows.js';

/**
 * The number that `nms:extAccount/@type` has for Microsoft Dynamics CRM. Adobe does not document it, so this one is inferred:
 * it is learned from the account of the product itself where that is there, and only written for accounts that are made anew.
 */
const DYNAMICS_ACCOUNT_TYPE = 12;

/** Bounce mail, routing, external database, Hadoop: what Adobe documents of other kinds. */
const OTHER_TYPES = new Set([0, 3, 7, 17]);

/** The account of the product itself for Dynamics, from which the number of its kind is learned where it is there. */
const STOCK_ACCOUNT = 'dynamicsCRM';

/** The `nms:extAccount` of this name, or null. */
export async function readExternalAccount(
  client: SoapCaller,
  name: string,
  options?: CallOptions,
): Promise<CampaignExternalAccount | null> {
  return (await readWithType(client, name, options)).account;
}

/** Reads the account, and the number that accounts for Dynamics have in this instance. */
async function readWithType(
  client: SoapCaller,
  name: string,
  options?: CallOptions,
): Promise<{ readonly account: CampaignExternalAccount | null; readonly type: number }> {
  const rows = await fetchRows(client, accountQuery([name, STOCK_ACCOUNT]), options);
  const named = (wanted: string) => rows.find((row) => row.attributes.name === wanted);
  const stock = Number(named(STOCK_ACCOUNT)?.attributes.type ?? DYNAMICS_ACCOUNT_TYPE);
  const type = OTHER_TYPES.has(stock) ? DYNAMICS_ACCOUNT_TYPE : stock;
  const row = named(name);
  return { account: row ? describeAccount(row, type) : null, type };
}

const PATHS = ['@id', '@name', '@label', '@server', '@clientId', '@tenant', '@active', '@type'];

function accountQuery(names: readonly string[]): XmlElement {
  const where = [oneOf('@name', [...new Set(names)])];
  return queryDocument({ schema: 'nms:extAccount', select: PATHS, lineCount: 2, where, orderBy: ['@id'] });
}

function describeAccount({ attributes }: XmlElement, dynamicsType: number): CampaignExternalAccount {
  const { name = '', label, server = '', clientId = '', tenant = '', active, type } = attributes;
  const isActive = active === '1' || active === 'true';
  const isDynamics = Number(type) === dynamicsType;
  return { name, label: label || name, server, clientId, tenant, active: isActive, isDynamics };
}

/** Makes or updates the row. It holds no credentials, and those that somebody else put into it stay. */
export async function writeExternalAccount(
  client: SoapCaller,
  account: Omit<CampaignExternalAccount, 'isDynamics'>,
  options?: CallOptions,
): Promise<void> {
  const { account: existing, type } = await readWithType(client, account.name, options);
  const { name, label, server, clientId, tenant, active } = account;
  const row = xml(
    'extAccount',
    {
      ...{ xtkschema: 'nms:extAccount', _operation: 'insertOrUpdate', _key: '@name' },
      ...{ name, label, server, clientId, tenant, active: active ? 1 : 0, type: existing ? undefined : type },
    },
    [xml('params', {}, [xml('mscrm', WEB_API)])],
  );
  await persist(client, 'Write', row, options);
}

/** The Web API is the one way to Dynamics that Campaign still has. The inner quotes belong to the value. */
const WEB_API = { crmApiVersion: "'auto'", crmDeploymentType: 'webapi' };

/** Deletes the row; nothing where there is none. */
export async function deleteExternalAccount(client: SoapCaller, name: string, options?: CallOptions): Promise<void> {
  if ((await readExternalAccount(client, name, options)) === null) return;
  const deletion = xml('extAccount', { _operation: 'delete', _key: '@name', name });
  await persist(
    client,
    'WriteCollection',
    xml('extAccount-collection', { xtkschema: 'nms:extAccount' }, [deletion]),
    options,
  );
}
