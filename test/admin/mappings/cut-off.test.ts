import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MapTablesInput } from '../../../src/admin/mappings/map-tables.inputs.js';
import { ACCOUNT, openSetUp, type SetUp } from '../set-up.js';

const BOTH: MapTablesInput = {
  account: ACCOUNT,
  tables: [
    { table: 'account', columns: ['name', 'industrycode', 'primarycontactid'] },
    { table: 'contact', columns: ['lastname', 'parentcustomerid'], target: { schema: 'nms:recipient' } },
  ],
};
const LEAD: MapTablesInput = { account: ACCOUNT, tables: [{ table: 'lead', columns: ['subject', 'companyname'] }] };
const SCHEMAS = ['cus:crmAccount', 'cus:recipient', 'cus:crmLead', `mscrm:mscrmSchema${ACCOUNT}`];
const MOST_WRITES = 30;

describe('a mapping that is cut off after any of its writes', { timeout: 180_000 }, () => {
  let setUp: SetUp;
  beforeAll(async () => {
    setUp = await openSetUp();
  });
  afterAll(() => setUp.close());

  it('is finished by the same call', async () => {
    const empty = await content();
    await setUp.mappings.map(BOTH, {});
    const whole = await content();
    await unmapAll();
    expect(await content()).toEqual(empty);
    const cuts = await cutEverywhere(BOTH, async () => {
      await setUp.mappings.map(BOTH, {});
      expect(await content()).toEqual(whole);
      expect((await setUp.mappings.map(BOTH, {})).changes).toEqual([]);
      await unmapAll();
    });
    expect(cuts).toBeGreaterThanOrEqual(8);
  });

  it('leaves nothing behind when another call comes', async () => {
    await setUp.mappings.map(LEAD, {});
    const leadAlone = await content();
    await unmapAll();
    await cutEverywhere(BOTH, async () => {
      await setUp.mappings.map(LEAD, {});
      expect(await content()).toEqual(leadAlone);
      await unmapAll();
    });
  });

  it('is told by a dry run as if it had been put back', async () => {
    const { changes } = await setUp.mappings.map({ ...LEAD, dryRun: true }, {});
    const cut = await setUp.cutOffAfter(3);
    await expect(cut.mappings.map(BOTH, {})).rejects.toThrow();
    await cut.close();
    const halfway = await content();
    expect((await setUp.mappings.map({ ...LEAD, dryRun: true }, {})).changes).toEqual(changes);
    expect(await content()).toEqual(halfway);
    expect((await setUp.mappings.map(LEAD, {})).changes).toEqual(changes);
    await unmapAll();
  });

  it('is as it was, and can be done again, when it was an unmapping', async () => {
    const empty = await content();
    for (let writes = 0; ; writes++) {
      await setUp.mappings.map(BOTH, {});
      const cut = await setUp.cutOffAfter(writes);
      const ended = await ends(cut.mappings.unmap({ account: ACCOUNT, tables: ['account', 'contact'] }, {}));
      await cut.close();
      if (ended) break;
      expect(writes).toBeLessThan(MOST_WRITES);
      await unmapAll();
      expect(await content()).toEqual(empty);
    }
  });

  /** Cuts the mapping off after its first write, its second, … until it comes to its end; the number of cuts. */
  async function cutEverywhere(input: MapTablesInput, afterwards: () => Promise<void>): Promise<number> {
    for (let writes = 0; writes < MOST_WRITES; writes++) {
      const cut = await setUp.cutOffAfter(writes);
      const ended = await ends(cut.mappings.map(input, {}));
      await cut.close();
      if (ended) {
        await unmapAll();
        return writes;
      }
      await afterwards();
    }
    throw new Error(`Expected the mapping to end within ${MOST_WRITES} writes.`);
  }

  async function unmapAll(): Promise<void> {
    const tables = (await setUp.storage.mappings.list()).map((mapping) => mapping.table);
    await setUp.mappings.unmap({ account: ACCOUNT, tables }, {});
  }

  /** What Campaign holds and builds of these schemas, and what we keep. */
  async function content() {
    await setUp.campaign.reconnect();
    const sources = await Promise.all(SCHEMAS.map((name) => setUp.campaign.readSourceSchema(name)));
    const compiled = await setUp.campaign.introspect(['nms:recipient', ...SCHEMAS]);
    return {
      sources: sources.map((source) => source?.children ?? null),
      compiled: compiled.map(({ md5: _, ...schema }) => schema),
      mappings: await setUp.storage.mappings.list(),
    };
  }
});

async function ends(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}
