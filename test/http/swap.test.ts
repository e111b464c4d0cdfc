import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway.js';
import { KEPT, mapAccounts, mapContacts, post, SHAPES, STEPS, WHIMSICAL } from '../support/mapping-changes.js';

const QUERIES = 1_000;
const CHANGES = 20;

describe('a change of mappings', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway({ contacts: 20 });
    await gateway.example('01-create-external-account.graphql');
    await gateway.ask(mapAccounts());
    await gateway.ask(mapContacts(KEPT));
  });
  afterAll(() => gateway?.close());

  it('fails none of 1,000 queries in flight across 20 of them', async () => {
    // Each write of a schema takes its time, and so does Campaign to tell what it has built.
    for (const path of ['xtk:persist#Write', 'xtk:builder']) {
      gateway.mocks.campaign.addFault({ match: { path }, times: 1_000, delayMs: 40 });
    }
    let asked = 0;
    let changed = 0;
    const wrong = new Map<string, unknown>();
    const seen = new Set<string>();

    async function lane(): Promise<void> {
      while (asked < QUERIES || changed < CHANGES) {
        const [name, shape] = SHAPES[asked++ % SHAPES.length] ?? ['', WHIMSICAL];
        const answer = await post(gateway.app.gateway.url, shape.query);
        const outcome = shape.judge(answer);
        seen.add(`${name}: ${outcome ?? 'wrong'}`);
        if (outcome === null) wrong.set(name, answer.body);
      }
    }

    async function change(): Promise<void> {
      for (; changed < CHANGES; changed++) {
        const mark = asked;
        await gateway.ask(STEPS[changed % STEPS.length] ?? '');
        while (asked < mark + QUERIES / CHANGES) await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }

    await Promise.all([change(), ...Array.from({ length: 16 }, lane)]);
    expect([...wrong]).toEqual([]);
    expect([asked >= QUERIES, changed]).toEqual([true, CHANGES]);
    const whole = SHAPES.map(([name]) => `${name}: answered`);
    const refused = ['the column that comes and goes', 'its attribute in Campaign', 'leads'];
    expect([...seen].sort()).toEqual([...whole, ...refused.map((name) => `${name}: not there`)].sort());
  }, 180_000);
});
