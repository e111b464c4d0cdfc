import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Data, startGateway, type TestGateway } from '../support/gateway.js';

/** A contact of each gender, and the state. Dynamics tells these in US English and in French. */
const GENDERS =
  '{ unified { contacts(first: 200) { nodes { gendercode { value label } dynamics { statecode { label } } } } } }';

describe('labels', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway({ contacts: 60 });
    for (const file of ['01-create-external-account', '04-map-tables']) await gateway.example(`${file}.graphql`);
  });
  afterAll(() => gateway?.close());
  beforeEach(() => gateway.mocks.clearRequests());

  async function ask(query: string, language?: string): Promise<{ data: Data; errors?: readonly Data[] }> {
    const response = await fetch(`${gateway.app.gateway.url}/graphql`, {
      method: 'POST',
      // What a client of Node sends by itself is "*".
      headers: { 'content-type': 'application/json', 'accept-language': language ?? '*' },
      body: JSON.stringify({ query }),
    });
    return (await response.json()) as { data: Data }; // what a GraphQL server answers
  }

  async function labelsOf(language?: string): Promise<readonly string[]> {
    const { data } = await ask(GENDERS, language);
    const labels = data.unified.contacts.nodes.flatMap(({ gendercode, dynamics }: Data) => [
      gendercode?.label,
      dynamics.statecode.label,
    ]);
    return [...new Set<string>(labels.filter(Boolean))].sort();
  }

  it.each([
    ['fr', ['Actif', 'Féminin', 'Masculin']],
    ['fr-CH, de;q=0.9', ['Actif', 'Féminin', 'Masculin']],
    ['de, fr;q=0.5, en;q=0.9', ['Active', 'Female', 'Male']],
    ['en-GB, fr', ['Active', 'Female', 'Male']],
    ['sv', ['Active', 'Female', 'Male']],
    ['*', ['Active', 'Female', 'Male']],
  ])('are, where the client reads %s, %j', async (language, labels) => {
    expect(await labelsOf(language)).toEqual(expect.arrayContaining(labels));
    expect(await labelsOf(language)).not.toContain(labels[0] === 'Actif' ? 'Active' : 'Actif');
  });

  it('cost no request more in another language', async () => {
    await ask('{ dynamics { contacts(first: 5) { nodes { gendercode { label } } } } }', 'fr');
    expect(gateway.mocks.requests()).toHaveLength(1);
  });

  it('are compared in the language in which they are shown', async () => {
    const query = (label: string) =>
      `{ dynamics { contacts(filter: { gendercode: { label: { eq: "${label}" } } }) { nodes { gendercode { label } } } } }`;
    const { data } = await ask(query('féminin'), 'fr');
    expect(data.dynamics.contacts.nodes.length).toBeGreaterThan(5);
    expect(data.dynamics.contacts.nodes.every(({ gendercode }: Data) => gendercode.label === 'Féminin')).toBe(true);
    const refused = await ask(query('Female'), 'fr');
    expect(refused.errors).toMatchObject([
      { extensions: { code: 'BAD_USER_INPUT' }, message: expect.stringContaining('"Féminin"') },
    ]);
    expect((await ask(query('Female'))).errors).toBeUndefined();
  });

  it('of groups are in that language too', async () => {
    const query =
      '{ dynamics { contactsAggregate { groupBy(columns: [gendercode]) { key { gendercode { value label } } } } } }';
    const french = (await ask(query, 'fr-FR')).data.dynamics.contactsAggregate.groupBy;
    expect(french).toContainEqual({ key: { gendercode: { value: 2, label: 'Féminin' } } });
    const english = (await ask(query)).data.dynamics.contactsAggregate.groupBy;
    expect(english).toContainEqual({ key: { gendercode: { value: 2, label: 'Female' } } });
  });

  it('of a record that was written are in that language too', async () => {
    const { data } = await ask('{ dynamics { contacts(first: 1) { nodes { contactid } } } }');
    const [{ contactid }] = data.dynamics.contacts.nodes;
    const update = `mutation { updateDynamicsContact(id: "${contactid}", input: { gendercode: 2 }) { gendercode { label } } }`;
    expect((await ask(update, 'fr')).data.updateDynamicsContact).toEqual({ gendercode: { label: 'Féminin' } });
  });

  it('are kept through a restart', async () => {
    await gateway.restart();
    expect(await labelsOf('fr')).toContain('Féminin');
  });
});
