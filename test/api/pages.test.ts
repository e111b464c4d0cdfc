import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { setUp, startGateway, type TestGateway } from '../support/gateway.js';

const PAGE = `query ($after: String) { unified { contacts(first: 1000, after: $after) {
  nodes { id dynamics { fullname } } pageInfo { endCursor hasNextPage } } } }`;

describe('10,000 contacts in pages of 1,000', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway({ contacts: 10_000 });
    await setUp(gateway);
  });
  afterAll(() => gateway.close());
  beforeEach(() => gateway.mocks.clearRequests());

  async function page(after: string | null): Promise<{ ids: readonly string[]; next: string | null }> {
    const { nodes, pageInfo } = (await gateway.ask(PAGE, { after })).unified.contacts;
    const ids = nodes.map(({ id }: { readonly id: string }) => id);
    return { ids, next: pageInfo.hasNextPage ? pageInfo.endCursor : null };
  }

  /** The pages that Dynamics was asked for. */
  function pagesOfDynamics(): readonly { readonly size: string | undefined; readonly skipToken: string | null }[] {
    const requests = gateway.mocks.requests().filter(({ path }) => path.startsWith('/api/data/v9.2/contacts?'));
    return requests.map(({ path, headers }) => ({
      size: /odata\.maxpagesize=(\d+)/.exec(String(headers.prefer))?.[1],
      skipToken: new URL(path, 'http://mock').searchParams.get('$skiptoken'),
    }));
  }

  it('come once each, and each page is one request that goes on where the one before it ended', async () => {
    const seen = new Set<string>();
    let after: string | null = null;
    do {
      const { ids, next } = await page(after);
      expect(ids).toHaveLength(1_000);
      for (const id of ids) seen.add(id);
      after = next;
    } while (after !== null);
    expect(seen.size).toBe(10_000);
    const pages = pagesOfDynamics();
    expect(pages.map(({ size }) => size)).toEqual(Array(10).fill('1000'));
    // The first page has none; of the others no two are the same.
    expect(new Set(pages.map(({ skipToken }) => skipToken)).size).toBe(10);
    expect(gateway.mocks.requests()).toHaveLength(10);
  });

  it('are not held between pages: a gateway that has just been started goes on from the cursor of another', async () => {
    const first = await page(null);
    const second = await page(first.next);
    await gateway.restart();
    gateway.mocks.clearRequests();
    expect(await page(first.next)).toEqual(second);
    expect(pagesOfDynamics()).toHaveLength(1);
  });
});
