import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway.js';

const QUERIES = 1_000;
const CHANGES = 20;
const MAP =
  'mutation { mapTables(input: { account: "dynamicsCRM", tables: [{ table: "lead", columns: ["subject"] }] }) { changes { kind } } }';
const UNMAP = 'mutation { unmapTables(input: { account: "dynamicsCRM", tables: ["lead"] }) { changes { kind } } }';

describe('a change of mappings', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway({ contacts: 20 });
    for (const file of ['01-create-external-account', '04-map-tables']) await gateway.example(`${file}.graphql`);
  });
  afterAll(() => gateway?.close());

  it('fails none of 1,000 queries in flight across 20 of them', async () => {
    const url = `${gateway.app.gateway.url}/graphql`;
    let asked = 0;
    let changed = 0;
    const wrong: unknown[] = [];
    const spellings = new Set<number>();

    async function lane(): Promise<void> {
      while (asked < QUERIES || changed < CHANGES) {
        asked += 1;
        // A few texts that come again, so that both compiled and interpreted queries meet the swaps.
        const first = 2 + (asked % 7);
        const response = await fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/graphql' },
          body: `{ unified { contacts(first: ${first}) { nodes { lastname campaign { email } } } } }`,
        });
        const answer = (await response.json()) as { data?: { unified?: { contacts?: { nodes: unknown[] } } } };
        const count = answer.data?.unified?.contacts?.nodes.length;
        if (response.status !== 200 || count !== first) wrong.push(answer);
        spellings.add(first);
      }
    }

    async function change(): Promise<void> {
      for (; changed < CHANGES; changed++) {
        const mark = asked;
        await gateway.ask(changed % 2 === 0 ? MAP : UNMAP);
        while (asked < mark + QUERIES / CHANGES) await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }

    await Promise.all([change(), ...Array.from({ length: 16 }, lane)]);
    expect(wrong).toEqual([]);
    expect([asked >= QUERIES, changed, spellings.size]).toEqual([true, CHANGES, 7]);
  }, 120_000);
});
