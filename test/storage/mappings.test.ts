import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { KeptEnumeration } from '../../src/storage/storage.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { aSchema, aTable, CONTACT_TO_RECIPIENT, CONTOSO, IMPORT_CONTACTS } from './fixtures.js';

let opened: TestDatabase;
beforeAll(async () => {
  opened = await openTestDatabase();
});
afterAll(() => opened.close());
beforeEach(async () => {
  await opened.database.orm.em.fork().execute('truncate external_account, description cascade');
  await storage().accounts.save(CONTOSO, CONTOSO.credentials);
});

const storage = () => opened.database.storage;

const ACCOUNT_MAPPING = { ...CONTACT_TO_RECIPIENT, table: 'account', schema: 'cus:crmAccount' };

describe('table mappings', () => {
  it('are the catalog, together with the descriptions of the served graph', async () => {
    const content = {
      mappings: [CONTACT_TO_RECIPIENT, ACCOUNT_MAPPING],
      tables: [aTable('contact'), aTable('account')],
      schemas: [aSchema('nms:recipient'), aSchema('cus:crmAccount')],
    };
    await storage().mappings.replace('contoso', content);
    expect(await storage().mappings.catalog()).toEqual({
      mappings: [ACCOUNT_MAPPING, CONTACT_TO_RECIPIENT],
      tables: [aTable('account'), aTable('contact')],
      schemas: [aSchema('cus:crmAccount'), aSchema('nms:recipient')],
      underWay: [],
    });
    expect(await storage().mappings.find('contact')).toEqual(CONTACT_TO_RECIPIENT);
    expect(await storage().mappings.find('lead')).toBeNull();
    expect(await storage().accounts.find('contoso')).toMatchObject({ status: 'CONFIGURED' });
  });

  it('that are not among the new ones go, and their descriptions with them', async () => {
    const tables = [aTable('account'), aTable('contact')];
    await storage().mappings.replace('contoso', {
      mappings: [ACCOUNT_MAPPING, CONTACT_TO_RECIPIENT],
      tables,
      schemas: [],
    });
    await storage().mappings.replace('contoso', {
      mappings: [ACCOUNT_MAPPING],
      tables: [aTable('account')],
      schemas: [],
    });
    expect(await storage().mappings.list()).toEqual([ACCOUNT_MAPPING]);
    expect(await storage().mappings.catalog()).toMatchObject({ tables: [{ logicalName: 'account' }] });
  });

  it('leave their account CONNECTED when the last one goes', async () => {
    await storage().mappings.replace('contoso', { mappings: [CONTACT_TO_RECIPIENT], tables: [], schemas: [] });
    await storage().mappings.replace('contoso', { mappings: [], tables: [], schemas: [] });
    expect(await storage().mappings.catalog()).toEqual({ mappings: [], tables: [], schemas: [], underWay: [] });
    expect(await storage().accounts.find('contoso')).toMatchObject({ status: 'CONNECTED' });
  });

  it('stay as they were when a new one cannot be kept', async () => {
    await storage().mappings.replace('contoso', {
      mappings: [ACCOUNT_MAPPING],
      tables: [aTable('account')],
      schemas: [],
    });
    const twice = { mappings: [CONTACT_TO_RECIPIENT, CONTACT_TO_RECIPIENT], tables: [], schemas: [] };
    await expect(storage().mappings.replace('contoso', twice)).rejects.toThrow();
    expect(await storage().mappings.catalog()).toMatchObject({ mappings: [ACCOUNT_MAPPING], tables: [{}] });
  });

  it('are carried by one account at a time, also when two ask at once', async () => {
    await storage().accounts.save({ ...CONTOSO, name: 'fabrikam' }, CONTOSO.credentials);
    const content = { mappings: [CONTACT_TO_RECIPIENT], tables: [], schemas: [] };
    const asked = await Promise.allSettled([
      storage().mappings.replace('contoso', content),
      storage().mappings.replace('fabrikam', content),
    ]);
    expect(asked.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(asked.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'CONFLICT' } });
    expect(await storage().mappings.list()).toHaveLength(1);
  });

  it('of an unknown account are NOT_FOUND', async () => {
    const nothing = { mappings: [], tables: [], schemas: [] };
    await expect(storage().mappings.replace('fabrikam', nothing)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('enumeration mappings', () => {
  const industry: KeptEnumeration = {
    base: [{ name: '1', label: 'Accounting' }],
    synchronizedAt: '2026-01-31T12:00:00.123Z',
    account: 'contoso',
    table: 'account',
    column: 'industrycode',
    list: 'a',
    mode: 'ADD',
  };
  const gender: KeptEnumeration = {
    base: null,
    synchronizedAt: null,
    account: 'contoso',
    table: 'contact',
    column: 'gendercode',
    list: 'b',
    mode: 'ADD',
  };

  it('are listed by table and column, all or those of a table', async () => {
    await storage().enumerations.save([gender, industry]);
    expect(await storage().enumerations.list()).toEqual([industry, gender]);
    expect(await storage().enumerations.list('contact')).toEqual([gender]);
  });

  it('replace one of the same column', async () => {
    await storage().enumerations.save([industry]);
    await storage().enumerations.save([{ ...industry, list: 'c', mode: 'REPLACE' }]);
    expect(await storage().enumerations.list()).toEqual([{ ...industry, list: 'c', mode: 'REPLACE' }]);
  });

  it('go with the mapping of their table', async () => {
    await storage().enumerations.save([gender, industry]);
    const mappings = [CONTACT_TO_RECIPIENT];
    await storage().mappings.replace('contoso', { mappings, tables: [], schemas: [] });
    expect(await storage().enumerations.list()).toEqual([gender]);
  });

  it('may be none', async () => {
    await storage().enumerations.save([]);
    expect(await storage().enumerations.list()).toEqual([]);
  });
});

describe('workflows', () => {
  it('come back as they were saved, by name', async () => {
    const bare = { ...IMPORT_CONTACTS, name: 'a', filter: null, orderBy: [], schedule: '0 3 * * *', index: 'token' };
    expect(await storage().workflows.save(IMPORT_CONTACTS)).toEqual(IMPORT_CONTACTS);
    await storage().workflows.save(bare);
    expect(await storage().workflows.list()).toEqual([bare, IMPORT_CONTACTS]);
    expect(await storage().workflows.find('a')).toEqual(bare);
    expect(await storage().workflows.find('b')).toBeNull();
  });

  it('are replaced whole, filter and all', async () => {
    await storage().workflows.save(IMPORT_CONTACTS);
    await storage().workflows.save({ ...IMPORT_CONTACTS, filter: null, batchSize: 1, index: 'token' });
    expect(await storage().workflows.list()).toEqual([
      { ...IMPORT_CONTACTS, filter: null, batchSize: 1, index: 'token' },
    ]);
  });

  it('that do not exist cannot be deleted', async () => {
    expect(await storage().workflows.delete('nothing')).toBe(false);
  });
});
