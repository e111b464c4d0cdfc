import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MappedMocks, startMappedMocks } from './mapped-mocks.js';

describe('a write with ifMatch', () => {
  let graph: MappedMocks;
  let id: string;

  beforeAll(async () => {
    graph = await startMappedMocks();
    id = String(graph.mocks.dynamics.rows('contact')[0]?.contactid);
  });

  afterAll(() => graph.close());

  it('changes a record that is still as it was read', async () => {
    const version = await currentVersion();
    const { updateDynamicsContact } = await graph.ask(update(version, 'First'));
    expect(updateDynamicsContact.nickname).toBe('First');
    expect(updateDynamicsContact.versionnumber).not.toBe(version);
    // The change and the reading back.
    expect(graph.asked()).toHaveLength(2);
  });

  it('is refused with CONFLICT, and changes nothing, where another change came first', async () => {
    const version = await currentVersion();
    graph.mocks.dynamics.update('contact', id, { nickname: 'Another' });
    const { errors } = await graph.run(update(version, 'Late'));
    expect(errors[0]).toMatchObject({ code: 'CONFLICT' });
    expect(graph.mocks.dynamics.row('contact', id)).toMatchObject({ nickname: 'Another' });
  });

  it('keeps a record that was changed from being deleted', async () => {
    const version = await currentVersion();
    graph.mocks.dynamics.update('contact', id, { nickname: 'Changed' });
    const remove = (ifMatch: string) => `mutation { deleteDynamicsContact(id: "${id}", ifMatch: "${ifMatch}") }`;
    expect((await graph.run(remove(version))).errors[0]).toMatchObject({ code: 'CONFLICT' });
    expect(await graph.ask(remove(await currentVersion()))).toEqual({ deleteDynamicsContact: true });
  });

  const update = (version: string, nickname: string) =>
    `mutation { updateDynamicsContact(id: "${id}", ifMatch: "${version}", input: { nickname: "${nickname}" }) { nickname versionnumber } }`;

  async function currentVersion(): Promise<string> {
    const { dynamics } = await graph.ask(`{ dynamics { contact(id: "${id}") { versionnumber } } }`);
    return dynamics.contact.versionnumber;
  }
});
