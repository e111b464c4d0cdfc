import { describe, expect, it } from 'vitest';
import { MAX_CAMPAIGN_KEYS, MAX_DYNAMICS_IDS } from '../../src/unified/loaders.js';
import { SCHEMAS, TABLES } from './catalogs.js';
import { fakeRemotes, guid } from './fake-remotes.js';

const CONTACTS = [
  { contactid: guid(1), firstname: 'Ana', lastname: 'Silva' },
  { contactid: guid(2), firstname: 'Bo', lastname: 'Ek' },
];

describe('a loader', () => {
  it('gathers the ids and the selections of one tick into one request', async () => {
    const remotes = fakeRemotes({ contact: CONTACTS });
    const loader = remotes.context().loaders.table(TABLES.contact);
    const [first, second] = await Promise.all([
      loader.load(guid(1), { fields: ['firstname'] }),
      loader.load(guid(2), { fields: ['lastname'] }),
    ]);
    expect([first?.firstname, second?.lastname]).toEqual(['Ana', 'Ek']);
    expect(remotes.asked).toMatchObject([
      {
        select: { fields: ['contactid', 'firstname', 'lastname'] },
        filter: { kind: 'in', path: 'contactid', values: [guid(1), guid(2)] },
      },
    ]);
  });

  it('answers null for a record that is not there', async () => {
    const loader = fakeRemotes({}).context().loaders.table(TABLES.contact);
    expect(await loader.load(guid(9), { fields: ['firstname'] })).toBeNull();
  });

  it('does not read fields again that it has read', async () => {
    const remotes = fakeRemotes({ contact: CONTACTS });
    const loader = remotes.context().loaders.table(TABLES.contact);
    await loader.load(guid(1), { fields: ['firstname'] });
    await loader.load(guid(1).toUpperCase(), { fields: ['firstname'] });
    const record = await loader.load(guid(1), { fields: ['firstname', 'lastname'] });
    expect(record).toEqual({ contactid: guid(1), firstname: 'Ana', lastname: 'Silva' });
    expect(remotes.asked.map(({ select }) => select.fields)).toEqual([['contactid', 'firstname'], ['lastname']]);
  });

  it('reads again what it has read once all is forgotten', async () => {
    const remotes = fakeRemotes({ contact: CONTACTS });
    const { loaders } = remotes.context();
    const select = { fields: ['firstname'] };
    await loaders.table(TABLES.contact).load(guid(1), select);
    loaders.clear();
    await loaders.table(TABLES.contact).load(guid(1), select);
    expect(remotes.requests).toEqual(['dynamics contact', 'dynamics contact']);
  });

  it('does not ask again for what another request under way will bring', async () => {
    const remotes = fakeRemotes({ contact: CONTACTS });
    const loader = remotes.context().loaders.table(TABLES.contact);
    const release = remotes.hold();
    const first = loader.load(guid(1), { fields: ['firstname'] });
    await new Promise(setImmediate);
    const second = loader.load(guid(1), { fields: ['firstname'] });
    release();
    expect(await first).toEqual(await second);
    expect(remotes.requests).toEqual(['dynamics contact']);
  });

  it('remembers the records of a page', async () => {
    const remotes = fakeRemotes({ contact: CONTACTS });
    const loader = remotes.context().loaders.table(TABLES.contact);
    await loader.page({ select: { fields: ['firstname'] }, first: 10 });
    expect(await loader.load(guid(2), { fields: ['firstname'] })).toMatchObject({ firstname: 'Bo' });
    expect(remotes.requests).toEqual(['dynamics contact']);
  });

  it.each([
    ['Dynamics', MAX_DYNAMICS_IDS, 100],
    ['Campaign', MAX_CAMPAIGN_KEYS, 500],
  ])('names no more ids in one %s request than it may', async (system, limit, expected) => {
    const remotes = fakeRemotes({});
    const { loaders } = remotes.context();
    const loader = system === 'Dynamics' ? loaders.table(TABLES.contact) : loaders.mapped(SCHEMAS.recipient, '@crmId');
    const ids = Array.from({ length: limit + 1 }, (_, index) => guid(index));
    await Promise.all(ids.map((id) => loader.load(id, { fields: [] })));
    const counts = remotes.asked.map(({ filter }) => (filter?.kind === 'in' ? filter.values.length : 0));
    expect(counts).toEqual([expected, 1]);
  });

  it('finds Campaign records by the Dynamics id they hold, however it is written', async () => {
    const id = 'ABCDEF00-0000-0000-0000-000000000001';
    const remotes = fakeRemotes({ 'nms:recipient': [{ id: 7, crmId: id.toLowerCase(), email: 'a@b.example' }] });
    const loader = remotes.context().loaders.mapped(SCHEMAS.recipient, '@crmId');
    expect(await loader.load(id, { fields: ['email'] })).toMatchObject({ email: 'a@b.example' });
  });

  it('finds Campaign records by a key that is a number', async () => {
    const remotes = fakeRemotes({ 'nms:recipient': [{ id: 7, email: 'a@b.example' }] });
    const loader = remotes.context().loaders.schema(SCHEMAS.recipient);
    expect(await loader.load('7', { fields: ['email'] })).toEqual({ id: 7, email: 'a@b.example' });
  });

  it('fails the loads of a failed request, and repeats it for none of them', async () => {
    const remotes = fakeRemotes({ contact: CONTACTS });
    remotes.fail('dynamics', new Error('down'));
    const loader = remotes.context().loaders.table(TABLES.contact);
    await expect(loader.load(guid(1), { fields: ['firstname'] })).rejects.toThrow('down');
    await expect(loader.load(guid(1), { fields: ['firstname'] })).rejects.toThrow('down');
    expect(remotes.requests).toHaveLength(1);
  });

  it('passes on what ends a call and who hears of it', async () => {
    const remotes = fakeRemotes({ contact: CONTACTS });
    const call = { signal: new AbortController().signal, onCall: () => undefined };
    await remotes.context(call).loaders.table(TABLES.contact).load(guid(1), { fields: [] });
    expect(remotes.asked[0]?.call).toEqual(call);
  });

  it('forgets with the request it was made for', async () => {
    const remotes = fakeRemotes({ contact: CONTACTS });
    await remotes
      .context()
      .loaders.table(TABLES.contact)
      .load(guid(1), { fields: ['firstname'] });
    await remotes
      .context()
      .loaders.table(TABLES.contact)
      .load(guid(1), { fields: ['firstname'] });
    expect(remotes.requests).toHaveLength(2);
  });
});
