import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCampaignMock } from '../../../mocks/campaign/server.js';
import { logOn, openMock } from './soap-client.js';

describe('the state of the Campaign mock', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'campaign-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is the same at every start', async () => {
    await using first = await openMock();
    await using second = await openMock();
    expect(first.rows('nms:recipient')).toEqual(second.rows('nms:recipient'));
    expect(first.rows('nms:recipient')).toHaveLength(36);
  });

  it('outlives the mock in a state file: rows, options, ids and schemas', async () => {
    const stateFile = join(folder, 'campaign.json');
    const first = await createCampaignMock({ stateFile });
    const session = await logOn(first);
    await session.write(`<srcSchema xtkschema="xtk:srcSchema" namespace="cus" name="shop"><element name="shop" autopk="true">
      <attribute name="code"/></element></srcSchema>`);
    await session.call('xtk:builder#BuildSchemaFromId', '<id>cus:shop</id>');
    await (await logOn(first)).write('<shop xtkschema="cus:shop" code="A1"/>');
    await first.close();

    const second = await createCampaignMock({ stateFile });
    await (await logOn(second)).write('<shop xtkschema="cus:shop" code="A2"/>');
    const [a1, a2] = second.rows('cus:shop');
    expect([a1?.code, a2?.code, Number(a2?.id) - Number(a1?.id)]).toEqual(['A1', 'A2', 1]);
    await second.close();
    expect(await readdir(folder)).toEqual(['campaign.json']);
  });

  it('is not started from a file that holds something else', async () => {
    const stateFile = join(folder, 'campaign.json');
    await writeFile(stateFile, '{"hello":');
    await expect(createCampaignMock({ stateFile })).rejects.toThrow(`Expected "${stateFile}" to hold the state`);
  });

  it('returns to the stock rows and schemas at a reset', async () => {
    await using mock = await openMock();
    await (await logOn(mock)).write('<r xtkschema="nms:recipient" email="a@r.example"/>');
    await mock.reset();
    expect(mock.rows('nms:recipient')).toHaveLength(36);
  });
});
