import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Table } from '../../../src/model/table.js';
import { aWorkflow } from '../../sync/fakes.js';
import { ACCOUNT, openSetUp, type SetUp } from '../set-up.js';

const INDEX = 'where it ended';

describe('a workflow whose table is mapped once more', { timeout: 120_000 }, () => {
  let setUp: SetUp;
  beforeAll(async () => {
    setUp = await openSetUp();
  });
  afterAll(() => setUp.close());
  beforeEach(async () => {
    setUp.redefine((table) => table);
    await map();
    await setUp.storage.workflows.save(aWorkflow({ account: ACCOUNT, table: 'lead', index: INDEX }));
  });

  it('goes on from where it ended where nothing was taken away', async () => {
    setUp.redefine(withTelephone({ label: 'Number', maxLength: 120 }));
    expect((await map()).map(({ kind }) => kind)).toContain('CHANGE_ATTRIBUTE');
    expect(await index()).toBe(INDEX);
  });

  it('reads every record anew where an attribute was made of another type', async () => {
    setUp.redefine(withTelephone({ type: 'integer', maxLength: null }));
    const before = await setUp.storage.mappings.find('lead');
    expect((await map()).map(({ kind }) => kind)).toContain('CHANGE_ATTRIBUTE');
    expect(await setUp.storage.mappings.find('lead')).toEqual(before);
    expect(await index()).toBeNull();
  });

  async function map() {
    const tables = [{ table: 'lead', columns: ['subject', 'telephone1'] }];
    return (await setUp.mappings.map({ account: ACCOUNT, tables }, {})).changes;
  }

  async function index(): Promise<string | null | undefined> {
    return (await setUp.storage.workflows.find('contacts'))?.index;
  }
});

function withTelephone(facts: Partial<Table['columns'][number]>) {
  return (table: Table): Table => ({
    ...table,
    columns: table.columns.map((column) => (column.name === 'telephone1' ? { ...column, ...facts } : column)),
  });
}
