import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MappedMocks, startMappedMocks } from './mapped-mocks.js';

describe('a relationship to many', () => {
  let graph: MappedMocks;

  beforeAll(async () => {
    graph = await startMappedMocks();
  });

  afterAll(() => graph.close());

  it('leads over a many-to-many relationship with the request of its record', async () => {
    const list = someListWithContacts();
    const { dynamics } = await graph.ask(`{ dynamics { list(id: "${list.id}") {
      listname listcontact_association(orderBy: [{ lastname: ASC }]) { nodes { contactid lastname } totalCount { value } }
    } } }`);
    const { nodes, totalCount } = dynamics.list.listcontact_association;
    expect(nodes.map((node: { contactid: string }) => node.contactid).sort()).toEqual([...list.members].sort());
    expect(totalCount.value).toBe(list.members.length);
    expect(graph.asked()[0]).toContain(
      '$expand=listcontact_association($select=contactid,lastname;$orderby=lastname asc',
    );
    expect(graph.asked()).toHaveLength(1);
  });

  it('pages and filters over a many-to-many relationship, also from a unified record', async () => {
    const { members, id } = someListWithContacts();
    const { unified } =
      await graph.ask(`{ unified { contact(id: "${members[0]}") { id } } dynamics { list(id: "${id}") {
      listcontact_association(first: 1, filter: { contactid: { eq: "${members[0]}" } }) {
        nodes { contactid } pageInfo { hasNextPage }
      }
    } } }`);
    expect(unified.contact.id).toBe(members[0]);
    const { dynamics } = await graph.ask(
      `{ dynamics { contact(id: "${members[0]}") { listcontact_association { nodes { listid } } } } }`,
    );
    expect(dynamics.contact.listcontact_association.nodes).toContainEqual({ listid: id });
  });

  it('leads over a collection of Campaign by one request for each record', async () => {
    const { id } = await someFolder();
    const { campaign } = await graph.ask(`{ campaign { xtkFolder(id: "${id}") {
      recipient(first: 2, orderBy: [{ email: ASC }]) { nodes { email folder { id } } totalCount { value } }
      folder { nodes { label } }
    } } }`);
    const { nodes, totalCount } = campaign.xtkFolder.recipient;
    expect(nodes.map((node: { folder: { id: string } }) => node.folder.id)).toEqual([id, id]);
    expect(totalCount.value).toBeGreaterThan(2);
    // The folder, the recipients and their count, the folders below.
    expect(graph.asked()).toHaveLength(4);
  });

  it('is empty, and asks nothing, where a Campaign record has no key to be tied by', async () => {
    const { campaign } = await graph.ask(
      '{ campaign { xtkFolder(id: "0") { label recipient { nodes { id } totalCount { value exact } } } } }',
    );
    if (campaign.xtkFolder)
      expect(campaign.xtkFolder.recipient).toEqual({ nodes: [], totalCount: { value: 0, exact: true } });
    expect(graph.asked()).toHaveLength(1);
  });

  /** A folder that holds recipients. */
  async function someFolder(): Promise<{ id: string }> {
    const { campaign } = await graph.ask(
      '{ campaign { nmsRecipients(first: 1, filter: { folder_id: { gt: 0 } }) { nodes { folder { id } } } } }',
    );
    return campaign.nmsRecipients.nodes[0].folder;
  }

  /** A marketing list with the ids of the contacts on it. */
  function someListWithContacts() {
    const ids = graph.mocks.dynamics.rows('contact').map((row) => String(row.contactid));
    const tied = graph.mocks.dynamics
      .rows('listmember')
      .map(({ listid, entityid }) => ({ list: idOf(listid), member: idOf(entityid) }))
      .filter(({ member }) => ids.includes(member));
    const id = tied[0]?.list ?? '';
    return { id, members: tied.filter(({ list }) => list === id).map(({ member }) => member) };
  }
});

describe('a filter over both remotes', () => {
  let graph: MappedMocks;

  beforeAll(async () => {
    graph = await startMappedMocks();
  });

  afterAll(() => graph.close());

  it('reaches the record that a lookup leads to, in one request', async () => {
    const { dynamics } = await graph.ask(`{ dynamics {
      contacts(first: 200, filter: { parentcustomerid_account: { name: { startsWith: "A" } } }) {
        nodes { parentcustomerid { ... on DynamicsAccount { name } } }
      }
    } }`);
    const names = dynamics.contacts.nodes.map(
      (node: { parentcustomerid: { name: string } }) => node.parentcustomerid.name,
    );
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name: string) => !name.startsWith('A'))).toEqual([]);
    expect(graph.asked()[0]).toContain("$filter=startswith(parentcustomerid_account/name,'A')");
    expect(graph.asked()).toHaveLength(1);
  });

  it('finds records by a period around the present', async () => {
    const [old, recent] = graph.mocks.dynamics.rows('contact').map((row) => String(row.contactid));
    graph.mocks.dynamics.update('contact', old ?? '', { birthdate: daysAgo(40) });
    graph.mocks.dynamics.update('contact', recent ?? '', { birthdate: daysAgo(3) });
    const { unified } = await graph.ask(
      '{ unified { contacts(filter: { birthdate: { lastDays: 7 } }) { nodes { id } } } }',
    );
    expect(unified.contacts.nodes).toEqual([{ id: recent }]);
    expect(graph.asked()).toHaveLength(1);
  });

  it('finds choices by their labels', async () => {
    const { dynamics } = await graph.ask(
      '{ dynamics { contacts(first: 5, filter: { gendercode: { label: { eq: "female" } } }) { nodes { gendercode { label } } } } }',
    );
    expect(dynamics.contacts.nodes).toHaveLength(5);
    for (const { gendercode } of dynamics.contacts.nodes) expect(gendercode.label).toBe('Female');
  });

  it('refuses by name a period asked of a list that follows Campaign', async () => {
    const { errors } = await graph.run(
      '{ unified { contacts(from: CAMPAIGN, filter: { birthdate: { thisMonth: true } }) { nodes { id } } } }',
    );
    expect(errors[0]).toMatchObject({ code: 'UNSUPPORTED', message: expect.stringContaining('thisMonth') });
  });

  function daysAgo(days: number): string {
    return new Date(graph.mocks.clock.now().getTime() - days * 86_400_000).toISOString().slice(0, 10);
  }
});

function idOf(reference: unknown): string {
  return (reference as { readonly id: string }).id; // as the mock keeps lookups
}
