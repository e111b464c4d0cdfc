import { describe, expect, it } from 'vitest';
import { RemoteError } from '../../src/model/errors.js';
import { IdList } from '../../src/unified/id-list.js';
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
    expect(remotes.asked.map(({ select }) => select.fields)).toEqual([
      ['contactid', 'firstname'],
      ['contactid', 'lastname'],
    ]);
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

  it('finds further fields of a Campaign record that it knows by its Dynamics id', async () => {
    const remotes = fakeRemotes({ 'nms:recipient': [{ id: '7', crmId: guid(1), email: 'ana@x.example' }] });
    const loader = remotes.context().loaders.mapped(SCHEMAS.recipient, '@crmId');
    await loader.load(guid(1), { fields: ['email'] });
    expect(await loader.load(guid(1), { fields: ['id'] })).toMatchObject({ id: '7' });
    expect(await loader.load(guid(1), { fields: ['id', 'email'] })).toMatchObject({ id: '7', email: 'ana@x.example' });
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

  it('reads many records by one promise, a fault of one request beside the records of another', async () => {
    const remotes = fakeRemotes({ contact: CONTACTS });
    const loader = remotes.context().loaders.table(TABLES.contact);
    await loader.page({ select: { fields: ['firstname'] }, first: 1 });
    remotes.fail('dynamics', new Error('down'));
    const found = await loader.loadMany(new IdList([guid(1), guid(2), guid(1)]), { fields: ['firstname'] });
    expect(found).toEqual([
      expect.objectContaining({ firstname: 'Ana' }),
      new Error('down'),
      expect.objectContaining({ firstname: 'Ana' }),
    ]);
    expect(remotes.requests).toHaveLength(2);
  });

  it('gives each list of ids its own records, however often they name them, by one request', async () => {
    const remotes = fakeRemotes({ contact: CONTACTS });
    const loader = remotes.context().loaders.table(TABLES.contact);
    const select = { fields: ['firstname'] };
    const namesOf = async (...ids: string[]) =>
      (await loader.loadMany(new IdList(ids), select)).map(
        (found) => found && !(found instanceof Error) && found.firstname,
      );
    const names = await Promise.all([namesOf(guid(2), guid(1), guid(2)), namesOf(guid(9), guid(1))]);
    expect(names).toEqual([
      ['Bo', 'Ana', 'Bo'],
      [null, 'Ana'],
    ]);
    expect(await namesOf(guid(1))).toEqual(['Ana']);
    expect(await loader.loadMany(new IdList([]), select)).toEqual([]);
    expect(remotes.asked).toMatchObject([{ filter: { kind: 'in', values: [guid(2), guid(1), guid(9)] } }]);
  });

  it('tells each of many the fault of their request, and does not repeat it', async () => {
    const remotes = fakeRemotes({ contact: CONTACTS });
    const loader = remotes.context().loaders.table(TABLES.contact);
    remotes.fail('dynamics', new Error('down'));
    const found = await loader.loadMany(new IdList([guid(1), guid(2)]), { fields: ['firstname'] });
    expect(found).toEqual([new Error('down'), new Error('down')]);
    await expect(loader.load(guid(1), { fields: ['firstname'] })).rejects.toThrow('down');
    expect(remotes.requests).toHaveLength(1);
  });

  it('has at hand what it has read, and nothing that is under way or lacks a field', async () => {
    const remotes = fakeRemotes({ contact: CONTACTS });
    const loader = remotes.context().loaders.table(TABLES.contact);
    const under = loader.load(guid(1), { fields: ['firstname'] });
    expect(loader.peek(guid(1), { fields: ['firstname'] })).toBeUndefined();
    await under;
    expect(loader.peek(guid(1).toUpperCase(), { fields: ['firstname'] })).toMatchObject({ firstname: 'Ana' });
    expect(loader.peek(guid(1), { fields: ['lastname'] })).toBeUndefined();
    await loader.load(guid(9), { fields: ['firstname'] });
    expect(loader.peek(guid(9), { fields: ['firstname'] })).toBeNull();
  });

  it('knows the records that came along with others', async () => {
    const remotes = fakeRemotes({});
    const loader = remotes.context().loaders.table(TABLES.contact);
    loader.bring({ fields: ['firstname'] }, CONTACTS);
    expect(await loader.load(guid(2), { fields: ['firstname'] })).toMatchObject({ firstname: 'Bo' });
    expect(remotes.requests).toEqual([]);
  });

  it('asks for related records along where all loads of a tick welcome the same', async () => {
    const along = (signature: string) => ({ lookups: [], lists: [], tied: [], signature });
    const remotes = fakeRemotes({ contact: CONTACTS });
    const { loaders } = remotes.context();
    const loader = loaders.table(TABLES.contact);
    const load = (id: number, signature: string) => loader.load(guid(id), { fields: [] }, along(signature));
    await Promise.all([load(1, 'a'), load(2, 'a')]);
    await Promise.all([load(3, 'a'), load(4, 'b')]);
    expect(remotes.asked.map((query) => query.along !== undefined)).toEqual([true, false]);
  });

  it('asks once more without related records where the remote refuses them, and for no other fault', async () => {
    const upstream = { system: 'dynamics', status: 403, code: null, message: 'No.', requestId: null } as const;
    const along = { lookups: [], lists: [], tied: [], signature: '' };
    const requests = async (code: 'FORBIDDEN' | 'UPSTREAM_UNAVAILABLE') => {
      const remotes = fakeRemotes({ contact: CONTACTS });
      remotes.fail('dynamics', new RemoteError(code, 'No.', { upstream }));
      const loader = remotes.context().loaders.table(TABLES.contact);
      await expect(loader.page({ select: { fields: [] }, first: 1, along })).rejects.toMatchObject({ code });
      return remotes.asked.map((query) => query.along !== undefined);
    };
    expect(await requests('FORBIDDEN')).toEqual([true, false]);
    expect(await requests('UPSTREAM_UNAVAILABLE')).toEqual([true]);
  });
});
