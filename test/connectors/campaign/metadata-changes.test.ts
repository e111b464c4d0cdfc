import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CampaignMock, createCampaignMock } from '../../../mocks/campaign/server.js';
import type { CampaignConnector } from '../../../src/connectors/campaign/campaign-connector.js';
import { createCampaignConnector } from '../../../src/connectors/campaign/create-campaign-connector.js';
import { parseXml } from '../../../src/connectors/campaign/xml-text.js';
import type { CampaignSchema } from '../../../src/model/campaign-schema.js';

let mock: CampaignMock;
let connector: CampaignConnector;

beforeEach(async () => {
  mock = await createCampaignMock();
  connector = createCampaignConnector({ url: mock.url, user: 'admin', password: 'admin' });
});
afterEach(async () => {
  await connector.close();
  await mock.close();
});

function writeShop(attributes: string): Promise<void> {
  mock.clock.advance(1);
  return connector.writeSourceSchema(
    parseXml(`<srcSchema namespace="cus" name="shop"><enumeration name="size"><value name="small" value="1"/></enumeration>
      <element name="shop" autopk="true">${attributes}</element></srcSchema>`),
  );
}

describe('a look at the schemas of Campaign', () => {
  it('finds nothing where nothing changed, in one request', async () => {
    const first = await connector.metadataChanges([], null);
    expect(first.changed).toBeNull();
    mock.clock.advance(1);
    mock.clearRequests();
    expect((await connector.metadataChanges([], first.mark)).changed).toEqual([]);
    expect(mock.requests()).toHaveLength(1);
  });

  it('names schemas that are new or have changed, from mark to mark', async () => {
    const { mark } = await connector.metadataChanges([], null);
    await writeShop('<attribute name="title"/>');
    const second = await connector.metadataChanges([], mark);
    expect(second.changed).toEqual(['cus:shop']);
    mock.clock.advance(1);
    expect((await connector.metadataChanges([], second.mark)).changed).toEqual([]);
  });

  it('names a schema that has an enumeration of the one that changed', async () => {
    await writeShop('<attribute name="title"/>');
    await connector.writeSourceSchema(
      parseXml(`<srcSchema namespace="cus" name="stall"><element name="stall" autopk="true">
        <attribute name="size" type="byte" enum="cus:shop:size"/></element></srcSchema>`),
    );
    await connector.reconnect();
    const known = await connector.introspect(['cus:stall', 'nms:recipient']);
    mock.clock.advance(1);
    const { mark } = await connector.metadataChanges(known, null);
    await writeShop('<attribute name="place"/>');
    expect((await connector.metadataChanges(known, mark)).changed).toEqual(['cus:shop', 'cus:stall']);
  });
});

describe('a look at a build that cannot tell what has changed', () => {
  /** The next request is answered as by a build that lacks the method asked for. */
  function lookWithoutMethod(known: readonly CampaignSchema[], mark: string | null) {
    const message = "The method 'GetModifiedEntities' is not defined in SOAP service 'xtk:session'.";
    mock.addFault({ match: { path: 'GetModifiedEntities' }, code: 'SOP-330006', message });
    return connector.metadataChanges(known, mark);
  }

  async function knownShop() {
    await writeShop('<attribute name="title"/>');
    await connector.reconnect();
    const known = await connector.introspect(['cus:shop', 'nms:recipient']);
    expect(known).toHaveLength(2);
    const { mark, changed } = await lookWithoutMethod(known, null);
    expect(changed).toBeNull();
    return { known, mark };
  }

  it('finds nothing where nothing changed', async () => {
    const { known, mark } = await knownShop();
    mock.clock.advance(1);
    expect(await lookWithoutMethod(known, mark)).toEqual({ mark, changed: [] });
  });

  it('names schemas that are new or have changed, by the times of their last changes', async () => {
    const { known, mark } = await knownShop();
    await writeShop('<attribute name="place"/>');
    expect((await lookWithoutMethod(known, mark)).changed).toEqual(['cus:shop']);
  });

  it('names a schema that changed in the moment of the last look, and not again when it is known', async () => {
    const { known, mark } = await knownShop();
    await writeShop('<attribute name="place"/>');
    const next = await lookWithoutMethod(known, mark);
    expect((await lookWithoutMethod(known, next.mark)).changed).toEqual(['cus:shop']);
    await connector.reconnect();
    expect((await lookWithoutMethod(await connector.introspect(['cus:shop']), next.mark)).changed).toEqual([]);
  });

  it('names a schema that is gone', async () => {
    const { known, mark } = await knownShop();
    await connector.deleteSourceSchema('cus:shop');
    expect((await lookWithoutMethod(known, mark)).changed).toEqual(['cus:shop']);
  });

  it('knows everything anew from a build that can tell again', async () => {
    const { known, mark } = await knownShop();
    const { mark: next, changed } = await connector.metadataChanges(known, mark);
    expect(changed).toBeNull();
    expect((await connector.metadataChanges(known, next)).changed).toEqual([]);
  });
});
