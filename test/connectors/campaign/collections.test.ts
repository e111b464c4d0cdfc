import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CampaignMock, createCampaignMock } from '../../../mocks/campaign/server.js';
import type { CampaignConnector } from '../../../src/connectors/campaign/campaign-connector.js';
import { createCampaignConnector } from '../../../src/connectors/campaign/create-campaign-connector.js';
import type { CampaignSchema } from '../../../src/model/campaign-schema.js';
import { type Filter, type Page, type RecordQuery, type Scalar, tiedTo } from '../../../src/model/query.js';

const PATH = 'folder-id';

/** What a page tells, but for the attribute that ties. */
function told(page: Page) {
  const records = page.records.map(({ [PATH]: _, ...record }) => record);
  return { records, hasNextPage: page.hasNextPage, count: page.count };
}

describe('Collections of Campaign', () => {
  let mock: CampaignMock;
  let connector: CampaignConnector;
  let recipient: CampaignSchema;
  let folders: readonly number[];

  beforeAll(async () => {
    mock = await createCampaignMock();
    connector = createCampaignConnector({ url: mock.url, user: 'admin', password: 'admin' });
    const [schema, folder] = await connector.introspect(['nms:recipient', 'xtk:folder']);
    if (!schema || !folder) throw new Error('The mock lacks a schema.');
    recipient = schema;
    const page = await connector.query({ from: folder, select: { fields: ['id'] }, first: 5 });
    folders = page.records.map(({ id }) => Number(id));
    const records = Array.from({ length: 60 }, (_, index) => ({
      email: `r${index}@example.com`,
      lastName: ['Silva', "O'Neil", 'ek', null][index % 4] ?? null,
      [PATH]: folders[index % 4] ?? null,
    }));
    await connector.write({ to: recipient, operation: 'upsert', key: 'email', records });
  });
  afterAll(async () => {
    await connector?.close();
    await mock?.close();
  });
  beforeEach(() => mock.clearRequests());

  const filters: fc.Arbitrary<Filter> = fc.oneof(
    fc.record({
      kind: fc.constant('text' as const),
      path: fc.constant('lastName'),
      operator: fc.constantFrom('contains' as const, 'startsWith' as const),
      value: fc.constantFrom('s', "O'", 'e'),
    }),
    fc.record({ kind: fc.constant('null' as const), path: fc.constant('lastName'), isNull: fc.boolean() }),
    fc.record({
      kind: fc.constant('compare' as const),
      path: fc.constantFrom('folder/label', 'lastName'),
      operator: fc.constantFrom('ne' as const, 'gt' as const),
      value: fc.constantFrom('M', 'Silva'),
    }),
  );
  const lists = fc.record(
    {
      filter: fc.oneof(
        filters,
        fc.array(filters, { minLength: 2, maxLength: 2 }).map((all): Filter => ({ kind: 'or', filters: all })),
      ),
      orderBy: fc.array(
        fc.record({ path: fc.constantFrom('lastName', 'email', 'folder/label'), descending: fc.boolean() }),
        { minLength: 1, maxLength: 2 },
      ),
      first: fc.constantFrom(1, 4, 50),
      count: fc.constant(true),
    },
    { requiredKeys: ['first'] },
  );

  function listOf(facts: Partial<RecordQuery<CampaignSchema>> = {}): RecordQuery<CampaignSchema> {
    return { from: recipient, select: { fields: ['email'] }, first: 4, ...facts };
  }

  it('are gathered as requests of their own would answer and continue them', async () => {
    await fc.assert(
      fc.asyncProperty(lists, async (facts) => {
        const list = listOf(facts);
        const pages = await connector.queryEach(list, { path: PATH, values: folders });
        expect(pages.size).toBe(folders.length);
        for (const [value, page] of pages) await expectAsAlone(page, list, value);
      }),
      { numRuns: 30 },
    );
  });

  async function expectAsAlone(page: Page, list: RecordQuery<CampaignSchema>, value: Scalar): Promise<void> {
    const own = await connector.query(tiedTo(list, PATH, value));
    expect(told(page)).toEqual(told(own));
    for (const [index] of page.records.entries()) expect(page.cursorAt(index)).toBe(own.cursorAt(index));
  }

  it('are gathered by one request, also where they are counted', async () => {
    await connector.queryEach(listOf({ count: true }), { path: PATH, values: folders });
    expect(mock.requests().filter(({ body }) => body.includes('operation="'))).toHaveLength(1);
  });

  it('are not divided by texts that differ in upper and lower case alone', async () => {
    const pages = await connector.queryEach(listOf(), { path: 'lastName', values: ['EK', 'ek'] });
    expect(pages.size).toBe(0);
    expect((await connector.queryEach(listOf(), { path: 'lastName', values: ['EK', 'Silva'] })).size).toBe(2);
  });
});
