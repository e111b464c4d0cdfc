import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { xml } from '../../src/model/xml.js';
import { openTestDatabase } from '../support/database.js';
import { CONTACT_TO_RECIPIENT, CONTOSO, IMPORT_CONTACTS } from './fixtures.js';

let opened: Awaited<ReturnType<typeof openTestDatabase>>;
beforeAll(async () => {
  opened = await openTestDatabase();
});
afterAll(() => opened.close());
const storage = () => opened.database.storage;

const LEAD = { subject: 'cus:crmLead', before: null, after: xml('srcSchema', { name: 'crmLead', label: '3 < 4' }) };
const RECIPIENT = { subject: 'cus:recipient', before: xml('srcSchema', { name: 'recipient' }), after: null };

describe('the journal of an account', () => {
  beforeEach(async () => {
    await storage().accounts.save(CONTOSO, CONTOSO.credentials);
    await storage().journal.end('contoso');
  });

  it('holds no operation at first', async () => {
    expect(await storage().journal.open('contoso')).toEqual([]);
  });

  it('tells of each step what it changes and how far it came', async () => {
    await storage().journal.begin('contoso', [LEAD, RECIPIENT]);
    await storage().journal.mark('contoso', 0, 'BEGUN');
    expect(await storage().journal.open('contoso')).toEqual([
      { ...LEAD, state: 'BEGUN' },
      { ...RECIPIENT, state: 'PLANNED' },
    ]);
  });

  it('takes a second operation only when the first has ended', async () => {
    await storage().journal.begin('contoso', [LEAD]);
    await expect(storage().journal.begin('contoso', [RECIPIENT])).rejects.toMatchObject({ code: 'CONFLICT' });
    await storage().journal.end('contoso');
    await storage().journal.begin('contoso', [RECIPIENT]);
    expect(await storage().journal.open('contoso')).toHaveLength(1);
  });

  it('is told with the catalog, and by its revision, while an operation is open', async () => {
    const { mappings, metadata, journal } = storage();
    const before = await mappings.revision();
    await journal.begin('contoso', [LEAD]);
    const begun = await mappings.revision();
    expect(begun.startsWith(`${before}/`)).toBe(true);
    await journal.mark('contoso', 0, 'BEGUN');
    expect(await mappings.revision()).toBe(begun);
    const underWay = [{ ...LEAD, state: 'BEGUN' }];
    expect(await mappings.catalog()).toMatchObject({ underWay });
    expect(await metadata.observed()).toMatchObject({ underWay, revision: begun });
    await journal.end('contoso');
    expect(await mappings.revision()).toBe(before);
  });

  it('has workflows of the tables that were put back read every record anew', async () => {
    const index = 'where it ended';
    for (const table of ['contact', 'account'])
      await storage().workflows.save({ ...IMPORT_CONTACTS, name: table, table, index });
    await storage().journal.begin('contoso', [LEAD]);
    await storage().journal.end('contoso', ['contact']);
    const workflows = await storage().workflows.list();
    expect(workflows.map((workflow) => [workflow.name, workflow.index])).toEqual([
      ['account', index],
      ['contact', null],
    ]);
  });

  it('ends its operation with the mappings that come of it', async () => {
    await storage().journal.begin('contoso', [LEAD]);
    await storage().mappings.replace('contoso', { mappings: [CONTACT_TO_RECIPIENT], tables: [], schemas: [] });
    expect(await storage().journal.open('contoso')).toEqual([]);
    await storage().mappings.replace('contoso', { mappings: [], tables: [], schemas: [] });
  });
});

describe('work that writes a journal', () => {
  it.runIf(process.env.TEST_DATABASE_URL)('is done by one process at a time on a PostgreSQL', async () => {
    const told: string[] = [];
    const work = (name: string) =>
      storage().journal.exclusively(async () => {
        told.push(`${name} begins`);
        await storage().ping();
        told.push(`${name} ends`);
      });
    await Promise.all(['one', 'other'].map(work));
    expect(told.map((text) => text.split(' ')[1])).toEqual(['begins', 'ends', 'begins', 'ends']);
  });

  it('gives what came of it, and is over also when it failed', async () => {
    const failing = async () => {
      throw new Error('refused');
    };
    await expect(storage().journal.exclusively(failing)).rejects.toThrow('refused');
    expect(await storage().journal.exclusively(async () => 'done')).toBe('done');
  });
});
