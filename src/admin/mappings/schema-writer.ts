import type { CampaignConnector } from '../../connectors/campaign/campaign-connector.js';
import type { CallOptions } from '../../model/call.js';
import type { XmlElement } from '../../model/xml.js';

/** A source schema as it is to be: written where there is a document, removed where it is null. */
export interface SchemaWrite {
  readonly name: string;
  readonly document: XmlElement | null;
}

/**
 * Writes source schemas one after the other and logs on anew so that they are seen. Where one fails, those written before are put back
 * as they were, and the failure is thrown.
 */
export async function writeSchemas(
  campaign: CampaignConnector,
  writes: readonly SchemaWrite[],
  before: ReadonlyMap<string, XmlElement>,
  call: CallOptions,
): Promise<() => Promise<void>> {
  const begun: SchemaWrite[] = [];
  const undo = async () => {
    for (const { name } of begun.toReversed()) await write(campaign, { name, document: before.get(name) ?? null }, {});
    if (begun.length > 0) await campaign.reconnect();
  };
  try {
    for (const change of writes) {
      begun.push(change);
      await write(campaign, change, call);
    }
    if (writes.length > 0) await campaign.reconnect(call);
  } catch (error) {
    // The failure that came first is the one to tell; a second one while putting back would hide it.
    await undo().catch(() => undefined);
    throw error;
  }
  return undo;
}

async function write(campaign: CampaignConnector, { name, document }: SchemaWrite, call: CallOptions): Promise<void> {
  if (document === null) await campaign.deleteSourceSchema(name, call);
  else await campaign.writeSourceSchema(document, call);
}
