import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { MetadataLook } from '../../src/storage/storage.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { aSchema, aTable, CONTACT_TO_RECIPIENT, CONTOSO } from './fixtures.js';

let opened: TestDatabase;
beforeAll(async () => {
  opened = await openTestDatabase();
});
afterAll(() => opened.close());
beforeEach(async () => {
  const em = opened.database.orm.em.fork();
  await em.execute('truncate external_account, description, observation, metadata_mark cascade');
  await storage().accounts.save(CONTOSO, CONTOSO.credentials);
  await storage().mappings.replace('contoso', CONTENT);
});

const storage = () => opened.database.storage;
const observed = () => storage().metadata.observed();

const CONTENT = {
  mappings: [CONTACT_TO_RECIPIENT],
  tables: [aTable('contact'), aTable('account')],
  schemas: [aSchema('nms:recipient')],
};
const MARK = { account: 'contoso', server: CONTOSO.server, mark: '7!01/31/2026 12:00:00' };

async function save(facts: Partial<MetadataLook>): Promise<boolean> {
  const { revision } = await observed();
  const described = { tables: [], schemas: [] };
  return storage().metadata.save({
    ...{ system: 'dynamics', revision, mark: MARK, startsAnew: false, described, gone: [] },
    ...facts,
  });
}

const namesOf = (tables: readonly { readonly logicalName: string }[]) => tables.map(({ logicalName }) => logicalName);

describe('what was observed', () => {
  it('is what was described when the tables were mapped, before anything else was seen', async () => {
    const { mapped, further, mappings } = await observed();
    const marks = await storage().metadata.marks();
    expect(mapped).toEqual({ tables: [aTable('account'), aTable('contact')], schemas: [aSchema('nms:recipient')] });
    expect([further.tables, mappings, marks]).toEqual([[], [CONTACT_TO_RECIPIENT], { dynamics: null, campaign: null }]);
  });

  it('takes the place of an older description, and leaves that for the drift to compare with', async () => {
    const newer = { ...aTable('contact'), label: 'Person' };
    expect(await save({ described: { tables: [newer], schemas: [] } })).toBe(true);
    expect((await observed()).mapped.tables).toEqual([aTable('account'), newer]);
    expect((await storage().mappings.catalog()).tables).toEqual([aTable('account'), aTable('contact')]);
  });

  it('stands beside the mapped where it is of others, and goes on without what is gone', async () => {
    await save({ described: { tables: [aTable('lead'), aTable('visit')], schemas: [] } });
    await save({ gone: ['visit', 'account'] });
    const { mapped, further } = await observed();
    expect([namesOf(mapped.tables), namesOf(further.tables)]).toEqual([['contact'], ['lead']]);
  });

  it('keeps where the look at each system ended', async () => {
    await save({});
    const inCampaign = { account: null, server: 'https://campaign.example', mark: '9396 2026-01-31' };
    await save({ system: 'campaign', mark: inCampaign });
    expect(await storage().metadata.marks()).toEqual({ dynamics: MARK, campaign: inCampaign });
    await save({ mark: null });
    expect(await storage().metadata.marks()).toEqual({ dynamics: null, campaign: inCampaign });
  });

  it('of another server is forgotten', async () => {
    await save({ described: { tables: [aTable('lead')], schemas: [] } });
    await save({ startsAnew: true, described: { tables: [aTable('visit')], schemas: [] } });
    expect(namesOf((await observed()).further.tables)).toEqual(['visit']);
  });

  it('gives way to the descriptions of a later mapping', async () => {
    await save({ described: { tables: [{ ...aTable('contact'), label: 'Person' }, aTable('lead')], schemas: [] } });
    await save({ gone: ['account'] });
    await storage().mappings.replace('contoso', CONTENT);
    const { mapped, further } = await observed();
    expect(mapped.tables).toEqual([aTable('account'), aTable('contact')]);
    expect(namesOf(further.tables)).toEqual(['lead']);
  });

  it('has another revision, and so have the mappings, for the other processes to see', async () => {
    const before = await observed();
    await save({});
    expect((await observed()).revision).toBe(before.revision);
    await save({ described: { tables: [aTable('lead')], schemas: [] } });
    const after = await observed();
    expect(after.revision).not.toBe(before.revision);
    expect(await storage().mappings.revision()).toBe(after.revision);
  });

  it('is not kept where another process has changed something since', async () => {
    const { revision } = await observed();
    await save({ described: { tables: [aTable('lead')], schemas: [] } });
    expect(await save({ revision, described: { tables: [aTable('visit')], schemas: [] } })).toBe(false);
    expect(namesOf((await observed()).further.tables)).toEqual(['lead']);
  });

  it('is kept where a change of the mappings has begun since, which changes nothing yet', async () => {
    const { revision } = await observed();
    await storage().journal.begin('contoso', [{ subject: 'cus:recipient', before: null, after: null }]);
    expect(await save({ revision, described: { tables: [aTable('lead')], schemas: [] } })).toBe(true);
    await storage().journal.end('contoso');
  });

  it('may be a thousand tables', async () => {
    const tables = Array.from({ length: 1_000 }, (_, at) => aTable(`table${String(at).padStart(4, '0')}`));
    await save({ described: { tables, schemas: [] } });
    expect((await observed()).further.tables).toEqual(tables);
  });
});
