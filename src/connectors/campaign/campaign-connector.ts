import type { CallOptions } from '../../model/call.js';
import type { CampaignSchema, CampaignSchemaSummary, ItemizedList } from '../../model/campaign-schema.js';
import type { XmlElement } from '../../model/xml.js';
import type { Connector } from '../connector.js';

/** What Isthmus asks of a Campaign instance: the port, and the writes that the set-up needs. */
export interface CampaignConnector extends Connector<CampaignSchema, CampaignSchemaSummary> {
  /** The source schema (`xtk:srcSchema`) of this name as it was authored, or null where there is none. */
  readSourceSchema(name: string, options?: CallOptions): Promise<XmlElement | null>;
  /** Writes a source schema and builds the compiled one from it. Sessions see it only after `reconnect`. */
  writeSourceSchema(document: XmlElement, options?: CallOptions): Promise<void>;
  /** Removes a source schema and what was built from it; nothing where there is none. */
  deleteSourceSchema(name: string, options?: CallOptions): Promise<void>;
  /** Logs on anew, so that changed schemas are seen. Calls under way finish on the old session. */
  reconnect(options?: CallOptions): Promise<void>;
  /** The itemized lists of these names with their values; names that do not exist are left out. */
  readItemizedLists(names: readonly string[], options?: CallOptions): Promise<readonly ItemizedList[]>;
  /** Every itemized list, by name. */
  itemizedLists(options?: CallOptions): Promise<readonly ItemizedList[]>;
  /** Makes the list where it is missing, writes its values in their order, and removes the values named in `remove`. */
  writeItemizedList(list: ItemizedList, remove: readonly string[], options?: CallOptions): Promise<void>;
  /** The name of the instance as the server's test page tells it; null where it does not. Needs no session. */
  instanceName(options?: CallOptions): Promise<string | null>;
  /** The `nms:extAccount` of this name, whatever its type, or null. */
  readExternalAccount(name: string, options?: CallOptions): Promise<CampaignExternalAccount | null>;
  writeExternalAccount(account: Omit<CampaignExternalAccount, 'isDynamics'>, options?: CallOptions): Promise<void>;
  deleteExternalAccount(name: string, options?: CallOptions): Promise<void>;
}

/** The `nms:extAccount` row of an external account, without its credentials, which stay with Isthmus. */
export interface CampaignExternalAccount {
  readonly name: string;
  readonly label: string;
  readonly server: string;
  readonly clientId: string;
  readonly tenant: string;
  readonly active: boolean;
  /** False for an account of another kind, as of a mail server, which is not ours to change. */
  readonly isDynamics: boolean;
}
