import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type {
  EnumerationSelectionInput,
  SynchronizeEnumerationsPayload,
} from '../../../src/admin/enumerations/enumerations.types.js';
import { EnumerationMode } from '../../../src/admin/enumerations/enumerations.types.js';
import type { Column, OptionSet, Table } from '../../../src/model/table.js';
import { aColumn, anOptionSet } from '../../support/builders.js';
import { ACCOUNT, openSetUp, type SetUp } from '../set-up.js';

const BUDGETS: OptionSet = { ...anOptionSet({ 0: 'None', 1: 'Small' }, 'budgets'), isGlobal: true };
const INTERESTS = anOptionSet({ 1: 'Art', 2: 'Sport', 12: 'Travel' }, 'account_interests');
const TIERS = anOptionSet({ 1: 'Gold', 2: 'Silver', 3: 'Bronze' }, 'account_tier');
const COLUMNS: readonly Column[] = [
  aColumn('budget', 'choice', { optionSet: BUDGETS }),
  aColumn('plannedbudget', 'choice', { optionSet: BUDGETS }),
  aColumn('interests', 'choices', { optionSet: INTERESTS }),
  aColumn('tier', 'choice', { label: 'Tier', optionSet: TIERS }),
];
const REPLACE = EnumerationMode.REPLACE;

describe('synchronized enumerations', { timeout: 180_000 }, () => {
  let setUp: SetUp;
  beforeAll(async () => {
    setUp = await openSetUp();
  });
  afterAll(() => setUp.close());
  beforeEach(async () => {
    describeTier(TIERS);
    const columns = ['name', 'budget', 'plannedbudget', 'interests', 'tier'];
    await setUp.mappings.map({ account: ACCOUNT, tables: [{ table: 'account', columns }] }, {});
  });

  it('give a global option set one list, however many columns use it', async () => {
    const { enumerations } = await synchronize();
    const budgets = enumerations.filter((one) => one.list === 'budgets');
    expect(budgets.map((one) => one.columns.map((column) => column.column))).toEqual([['budget', 'plannedbudget']]);
    expect(await valuesOf('budgets')).toEqual(['0 None', '1 Small']);
  });

  it('pass several choices over when swept up, take them when named, and from then on', async () => {
    const swept = await synchronize();
    expect(swept.skipped.map((one) => one.column)).toEqual(['interests']);
    const named = await synchronize([{ table: 'account', column: 'interests' }]);
    expect(named.enumerations[0]?.list).toBe('Account_interests');
    expect(await valuesOf('Account_interests')).toEqual(['1 Art', '2 Sport', '12 Travel']);
    expect((await synchronize()).skipped).toEqual([]);
  });

  it('keep what records hold when a list is replaced, and the labels that records show', async () => {
    await synchronize([{ table: 'account', column: 'tier', list: 'tiers' }]);
    await importAccount({ crmId: 'a1', tier: '2' });
    describeTier(anOptionSet({ 1: 'Gold' }, TIERS.name));
    const { enumerations } = await synchronize([{ table: 'account', column: 'tier', list: 'tiers', mode: REPLACE }]);
    expect(enumerations[0]).toMatchObject({
      removed: [{ name: '3', label: 'Bronze' }],
      kept: [{ name: '2', label: 'Silver' }],
    });
    expect(await valuesOf('tiers')).toEqual(['1 Gold', '2 Silver']);
    const [schema] = await setUp.campaign.introspect(['cus:crmAccount']);
    const shown = schema?.enumerations.find((one) => one.name === 'Account_tier')?.values.map((one) => one.label);
    expect(shown).toEqual(['Gold', 'Silver']);
  });

  it('keep one of several choices that a record holds, and not one that only looks like it', async () => {
    await synchronize([{ table: 'account', column: 'interests' }]);
    await importAccount({ crmId: 'a2', interests: '2,12' });
    describeColumn('interests', anOptionSet({ 2: 'Sport' }, INTERESTS.name));
    const { enumerations } = await synchronize([{ table: 'account', column: 'interests', mode: REPLACE }]);
    expect(enumerations[0]?.removed).toEqual([{ name: '1', label: 'Art' }]);
    expect(enumerations[0]?.kept).toEqual([{ name: '12', label: 'Travel' }]);
  });

  it('tell a dry run what they then do, conflicts and all', async () => {
    await synchronize([{ table: 'account', column: 'tier', list: 'ranks' }]);
    describeTier(anOptionSet({ 1: 'Silver', 2: 'Gold', 4: 'Iron' }, TIERS.name));
    const told = await synchronize([{ table: 'account', column: 'tier' }], true);
    const done = await synchronize([{ table: 'account', column: 'tier' }]);
    expect(done).toEqual({ ...told, dryRun: false });
    expect(done.enumerations[0]?.conflicts.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'REUSED 1',
      'REUSED 2',
    ]);
    expect((await synchronize([{ table: 'account', column: 'tier' }])).enumerations[0]).toMatchObject({
      added: [],
      updated: [],
      removed: [],
      conflicts: [],
    });
  });

  it('show both sides value by value', async () => {
    await synchronize([{ table: 'account', column: 'tier', list: 'levels' }]);
    describeTier(anOptionSet({ 1: 'Gold', 2: 'Platinum', 3: 'Bronze' }, TIERS.name));
    const states = await setUp.enumerations.compare({});
    expect(states.find((one) => one.mapping.column === 'tier')?.values).toContainEqual({
      name: '2',
      dynamics: 'Platinum',
      campaign: 'Silver',
      base: 'Silver',
      state: 'RENAMED_IN_DYNAMICS',
    });
  });

  it('refuse one list for two option sets, also where the other was tied to it before', async () => {
    await synchronize([{ table: 'account', column: 'budget' }]);
    await expect(synchronize([{ table: 'account', column: 'tier', list: 'budgets' }])).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      field: 'input.enumerations.0.list',
    });
  });

  it('end as they would have, wherever they were cut off', async () => {
    const named = [
      { table: 'account', column: 'tier', list: 'cutTiers', mode: REPLACE },
      { table: 'account', column: 'budget', list: 'cutBudgets' },
    ];
    let writes = 0;
    for (let ended = false; !ended; writes++) {
      const labels = { 1: `Gold ${writes}`, [10 + writes]: 'New' };
      describeTier(anOptionSet(labels, TIERS.name));
      const cut = await setUp.cutOffAfter(writes);
      ended = await cut.enumerations.synchronize({ account: ACCOUNT, enumerations: named }, {}).then(
        () => true,
        () => false,
      );
      await cut.close();
      await synchronize(named);
      expect(await valuesOf('cutTiers')).toEqual([`1 Gold ${writes}`, `${10 + writes} New`]);
      expect(await valuesOf('cutBudgets')).toEqual(['0 None', '1 Small']);
      const again = await synchronize(named);
      expect(again.enumerations.map((one) => [one.added, one.updated, one.removed])).toEqual([
        [[], [], []],
        [[], [], []],
      ]);
      const [kept] = (await setUp.storage.enumerations.list()).filter((one) => one.list === 'cutTiers');
      expect(kept?.base).toEqual([
        { name: '1', label: `Gold ${writes}` },
        { name: String(10 + writes), label: 'New' },
      ]);
      expect(writes).toBeLessThan(20);
    }
    expect(writes).toBeGreaterThan(4);
  });

  it('are brought up to date where a mapping without their column was cut off', async () => {
    const named = [{ table: 'account', column: 'tier', list: 'tornTiers', mode: REPLACE }];
    let writes = 1;
    for (; writes < 20; writes++) {
      describeTier(TIERS);
      await synchronize(named);
      expect(await valuesOf('tornTiers')).toContain('3 Bronze');
      const cut = await setUp.cutOffAfter(writes);
      const mapping = cut.mappings.map({ account: ACCOUNT, tables: [{ table: 'account', columns: ['name'] }] }, {});
      const isCut = await mapping.then(
        () => false,
        () => true,
      );
      await cut.close();
      if (!isCut) break;
      await setUp.campaign.reconnect();
      describeTier(anOptionSet({ 1: 'Gold' }, TIERS.name));
      await synchronize(named);
      expect(await valuesOf('tornTiers')).not.toContain('3 Bronze');
    }
    expect(writes).toBeGreaterThan(2);
  });

  function synchronize(
    enumerations?: EnumerationSelectionInput[],
    dryRun = false,
  ): Promise<SynchronizeEnumerationsPayload> {
    return setUp.enumerations.synchronize({ account: ACCOUNT, dryRun, ...(enumerations && { enumerations }) }, {});
  }

  async function valuesOf(list: string): Promise<readonly string[]> {
    const [found] = await setUp.campaign.readItemizedLists([list]);
    return found?.values.map(({ name, label }) => `${name} ${label}`) ?? [];
  }

  async function importAccount(record: Readonly<Record<string, string>>): Promise<void> {
    const [schema] = await setUp.campaign.introspect(['cus:crmAccount']);
    if (!schema) throw new Error('Expected the schema of accounts.');
    const outcomes = await setUp.campaign.write({ to: schema, operation: 'upsert', key: 'crmId', records: [record] });
    expect(outcomes).toMatchObject([{ ok: true }]);
  }

  function describeTier(optionSet: OptionSet): void {
    describeColumn('tier', optionSet);
  }

  function describeColumn(name: string, optionSet: OptionSet): void {
    const columns = COLUMNS.map((column) => (column.name === name ? { ...column, optionSet } : column));
    setUp.redefine((table: Table) =>
      table.logicalName === 'account' ? { ...table, columns: [...table.columns, ...columns] } : table,
    );
  }
});
