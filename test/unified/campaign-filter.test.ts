import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CRM_CATALOG } from './catalogs.js';
import { ask, fakeRemotes, guid } from './fake-remotes.js';
import { type MappedMocks, startMappedMocks } from './mapped-mocks.js';

const contact = (number: number, firstname: string) => ({ contactid: guid(number), firstname });
const recipient = (number: number, crmId: number, email: string) => ({ id: number, crmId: guid(crmId), email });

describe('a unified list with filters on both systems', () => {
  const rows = {
    contact: [contact(1, 'Ek'), contact(2, 'Ek'), contact(3, 'Bo'), contact(4, 'Ek')],
    'nms:recipient': [recipient(11, 1, 'a'), recipient(12, 2, 'b'), recipient(13, 3, 'a'), recipient(15, 5, 'a')],
  };
  const list = (args: string) => `{ unified { contacts(${args}) { nodes { id } totalCount { value exact } } } }`;

  it('holds what passes both, Campaign asked first and Dynamics for the ids', async () => {
    const remotes = fakeRemotes(rows);
    const query = list('filter: { firstname: { eq: "Ek" } }, campaignFilter: { email: { eq: "a" } }');
    const { data } = await ask(CRM_CATALOG, remotes, query);
    expect(data.unified.contacts).toEqual({ nodes: [{ id: guid(1) }], totalCount: { value: 1, exact: true } });
    expect(remotes.requests).toEqual(['campaign nms:recipient', 'dynamics contact']);
  });

  it('shows the Campaign side at no further request', async () => {
    const remotes = fakeRemotes(rows);
    const query =
      '{ unified { contacts(campaignFilter: { email: { eq: "a" } }) { nodes { id campaign { email } } } } }';
    const { data } = await ask(CRM_CATALOG, remotes, query);
    expect(data.unified.contacts.nodes).toEqual([
      { id: guid(1), campaign: { email: 'a' } },
      { id: guid(3), campaign: { email: 'a' } },
    ]);
    expect(remotes.requests).toHaveLength(2);
  });

  it('asks nothing of Dynamics where no Campaign record matches', async () => {
    const remotes = fakeRemotes(rows);
    const { data } = await ask(CRM_CATALOG, remotes, list('campaignFilter: { email: { eq: "z" } }'));
    expect(data.unified.contacts).toEqual({ nodes: [], totalCount: { value: 0, exact: true } });
    expect(remotes.requests).toEqual(['campaign nms:recipient']);
  });

  it('is one request to Campaign where the list follows it', async () => {
    const remotes = fakeRemotes(rows);
    const args = 'from: CAMPAIGN, filter: { emailaddress1: { eq: "a" } }, campaignFilter: { id: { in: ["11", "12"] } }';
    const { data } = await ask(CRM_CATALOG, remotes, list(args));
    expect(data.unified.contacts.nodes).toEqual([{ id: guid(1) }]);
    expect(remotes.requests).toEqual(['campaign nms:recipient']);
  });

  it('is refused, not cut off, where more Campaign records match than Dynamics can be asked for', async () => {
    const many = Array.from({ length: 301 }, (_, index) => recipient(index + 1, index + 1, 'a'));
    const remotes = fakeRemotes({ ...rows, 'nms:recipient': many });
    const { data, errors } = await ask(CRM_CATALOG, remotes, list('campaignFilter: { email: { eq: "a" } }'));
    expect(data.unified.contacts).toBeNull();
    expect(errors[0]?.originalError).toMatchObject({ code: 'UNSUPPORTED', field: 'campaignFilter' });
    expect(errors[0]?.message).toContain('from: CAMPAIGN');
  });

  it.each(['{}', 'null'])('reads %s as no filter', async (campaignFilter) => {
    const remotes = fakeRemotes(rows);
    await ask(CRM_CATALOG, remotes, list(`campaignFilter: ${campaignFilter}`));
    expect(remotes.requests).toEqual(['dynamics contact']);
  });
});

describe('filters on both systems, asked of the mocks', () => {
  let graph: MappedMocks;

  beforeAll(async () => {
    graph = await startMappedMocks();
  });

  afterAll(() => graph.close());

  it('answer pages in the order of Dynamics, two requests each', async () => {
    const page = (after: string) => `{ unified { contacts(
      first: 2, after: ${after}, orderBy: [{ lastname: DESC }]
      filter: { firstname: { isNull: false } }, campaignFilter: { lastName: { startsWith: "M" } }
    ) { nodes { lastname campaign { lastName } } pageInfo { endCursor hasNextPage } totalCount { value } } } }`;
    const first = (await graph.ask(page('null'))).unified.contacts;
    expect(graph.asked()).toHaveLength(2);
    const second = (await graph.ask(page(JSON.stringify(first.pageInfo.endCursor)))).unified.contacts;
    const names = [...first.nodes, ...second.nodes].map((node) => node.lastname);
    expect(names.length).toBeGreaterThan(2);
    expect(names.every((name) => name.startsWith('M'))).toBe(true);
    expect(names).toEqual([...names].sort().reverse());
    expect(first.totalCount.value).toBeGreaterThanOrEqual(names.length);
  });

  it('fit the URL that Dynamics takes with as many ids as are allowed', async () => {
    const { unified } = await graph.ask(
      '{ unified { contacts(first: 100, campaignFilter: { id: { isNull: false } }) { nodes { id } } } }',
    );
    expect(unified.contacts.nodes).toHaveLength(100);
    // A third of the most ids, and far less than a third of the 32,768 characters.
    const [request] = graph.mocks.dynamics.requests();
    expect(request?.path.length).toBeLessThan(8_000);
  });
});
