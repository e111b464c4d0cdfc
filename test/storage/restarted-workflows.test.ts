import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TableMapping } from '../../src/model/mapping.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { CONTACT_TO_RECIPIENT, IMPORT_CONTACTS, saveWorkflow, startRun } from './fixtures.js';

let opened: TestDatabase;
beforeAll(async () => {
  opened = await openTestDatabase();
});
afterAll(() => opened.close());
beforeEach(async () => {
  await opened.database.orm.em.fork().execute('truncate external_account, description cascade');
  await saveWorkflow(storage());
  await map(CONTACT_TO_RECIPIENT);
});

const storage = () => opened.database.storage;

const WIDER: TableMapping = {
  ...CONTACT_TO_RECIPIENT,
  fields: [
    ...CONTACT_TO_RECIPIENT.fields,
    { column: 'salutation', path: '@salutation', conversion: 'DEFAULT', direction: 'BOTH' },
  ],
};

function map(mapping: TableMapping, restart: readonly string[] = []): Promise<void> {
  return storage().mappings.replace('contoso', { mappings: [mapping], tables: [], schemas: [], restart });
}

async function index(): Promise<string | null | undefined> {
  return (await storage().workflows.find(IMPORT_CONTACTS.name))?.index;
}

async function finishRun(id: string): Promise<void> {
  await storage().runs.finish(id, 'SUCCEEDED', { index: 'where it ended' });
}

describe('the index of a workflow', () => {
  it('stays when the same mapping is kept again', async () => {
    await finishRun(await startRun(storage()));
    await map(CONTACT_TO_RECIPIENT);
    expect(await index()).toBe('where it ended');
  });

  it('goes when its table is mapped otherwise', async () => {
    await finishRun(await startRun(storage()));
    await map(WIDER);
    expect(await index()).toBeNull();
  });

  it('goes when the schema of its table had to be made anew', async () => {
    await finishRun(await startRun(storage()));
    await map(CONTACT_TO_RECIPIENT, ['contact']);
    expect(await index()).toBeNull();
  });

  it('is not set by a run that began before its table was mapped otherwise', async () => {
    const id = await startRun(storage());
    await map(WIDER);
    await finishRun(id);
    expect(await index()).toBeNull();
  });

  it('is set again by the run after that', async () => {
    await finishRun(await startRun(storage()));
    await map(WIDER);
    await finishRun(await startRun(storage()));
    expect(await index()).toBe('where it ended');
  });
});
