import { describe, expect, it } from 'vitest';
import { createLogger } from '../src/log.js';
import { createServedGraph, type ServedGraph, type ServedGraphOptions } from '../src/served-graph.js';
import type { Observed } from '../src/storage/storage.js';
import { CRM_CATALOG, STATIC_SCHEMA } from './unified/catalogs.js';

describe('The served graph', () => {
  it('tells that another one is served, when it is', async () => {
    const { mappings, tables, schemas } = CRM_CATALOG;
    const mapped = { tables, schemas };
    const observed: Observed = { revision: '1', mappings, mapped, further: { tables: [], schemas: [] }, underWay: [] };
    const storage = {
      mappings: { revision: async () => '1' },
      metadata: { observed: async () => observed, marks: async () => ({ dynamics: null, campaign: null }) },
    } as unknown as ServedGraphOptions['storage']; // all that publishing asks of it
    const served: unknown[] = [];
    const graph: ServedGraph = createServedGraph({
      storage,
      wanted: { tables: [], schemas: [] },
      staticSchema: STATIC_SCHEMA,
      queryTimeoutMs: 1_000,
      log: createLogger('silent'),
      onPublished: () => served.push(graph.published.catalog.mappings.length, graph.published.current),
    });
    expect(served).toEqual([]);
    await graph.publish();
    expect(served).toEqual([mappings.length, graph.published.current]);
  });
});
