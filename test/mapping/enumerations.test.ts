import { describe, expect, it } from 'vitest';
import { compareValues, type EnumerationSides, nextBase, planEnumeration } from '../../src/mapping/enumerations.js';
import { defaultListName } from '../../src/mapping/names.js';
import { anOptionSet } from '../support/builders.js';

const industries = anOptionSet({ 1: 'Accounting', 2: 'Agriculture' });

describe('an itemized list filled from the options of a choice', () => {
  it('is made where there is none', () => {
    const plan = planEnumeration(sides({ current: null, name: 'Account_industrycode' }));
    expect(plan.list).toEqual({
      name: 'Account_industrycode',
      label: 'Account_industrycode',
      values: [value(1, 'Accounting'), value(2, 'Agriculture')],
    });
    expect(plan).toMatchObject({ added: plan.list.values, updated: [], removed: [], unchanged: 0, remove: [] });
  });

  const held = aList(value('other', 'Other'), value(1, 'Bookkeeping'));

  it('keeps values of its own, in their place, when adding', () => {
    const plan = planEnumeration(sides({ current: held }));
    expect(labels(plan.list)).toEqual(['Other', 'Accounting', 'Agriculture']);
    expect(plan.added).toEqual([value(2, 'Agriculture')]);
    expect(plan.updated).toEqual([value(1, 'Accounting')]);
    expect(plan).toMatchObject({ removed: [], unchanged: 1, remove: [], kept: [], conflicts: [] });
  });

  it('loses values of its own when replaced', () => {
    const plan = planEnumeration(sides({ current: held, mode: 'REPLACE' }));
    expect(labels(plan.list)).toEqual(['Accounting', 'Agriculture']);
    expect(plan.removed).toEqual([value('other', 'Other')]);
    expect(plan).toMatchObject({ unchanged: 0, remove: ['other'] });
  });

  it('keeps a value that records hold, when replaced', () => {
    const plan = planEnumeration(sides({ current: held, mode: 'REPLACE', used: new Set(['other']) }));
    expect(labels(plan.list)).toEqual(['Accounting', 'Agriculture', 'Other']);
    expect(plan).toMatchObject({ kept: [value('other', 'Other')], removed: [], remove: [] });
  });

  it('is left as it is by a repeat', () => {
    const first = planEnumeration(sides({ current: held }));
    const again = planEnumeration(sides({ current: first.list }));
    expect(again).toMatchObject({ list: first.list, added: [], updated: [], removed: [], unchanged: 3 });
  });

  it('takes an option that is described twice once', () => {
    const [option] = industries.options;
    const optionSet = { ...industries, options: [...industries.options, ...(option ? [option] : [])] };
    expect(planEnumeration(sides({ optionSet, current: null })).list.values).toHaveLength(2);
  });
});

describe('a list that was synchronized before', () => {
  const base = [value(1, 'Accounting'), value(2, 'Agriculture')];
  const current = aList(...base);

  it('takes over a new label of Dynamics without a conflict', () => {
    const optionSet = anOptionSet({ 1: 'Accounting and Audit', 2: 'Agriculture' });
    const plan = planEnumeration(sides({ optionSet, current, base }));
    expect(plan).toMatchObject({ updated: [value(1, 'Accounting and Audit')], conflicts: [], added: [] });
  });

  it.each([
    ['ADD', 'Farming', 0],
    ['REPLACE', 'Agriculture', 1],
  ] as const)('by %s shows "%s" where Campaign alone changed the label', (mode, label, updates) => {
    const relabelled = aList(value(1, 'Accounting'), value(2, 'Farming'));
    const plan = planEnumeration(sides({ current: relabelled, base, mode }));
    expect(plan.list.values[1]?.label).toBe(label);
    expect(plan.updated).toHaveLength(updates);
    expect(plan.conflicts).toEqual([]);
  });

  it('tells a label that both sides changed, and takes that of Dynamics', () => {
    const optionSet = anOptionSet({ 1: 'Audit', 2: 'Agriculture' });
    const plan = planEnumeration(
      sides({ optionSet, current: aList(value(1, 'Books'), value(2, 'Agriculture')), base }),
    );
    expect(plan.updated).toEqual([value(1, 'Audit')]);
    expect(plan.conflicts).toEqual([
      { kind: 'BOTH_CHANGED', name: '1', base: 'Accounting', dynamics: 'Audit', campaign: 'Books' },
    ]);
  });

  it('tells numbers that were dealt out anew from renames', () => {
    const optionSet = anOptionSet({ 1: 'Agriculture', 2: 'Accounting', 3: 'Retail' });
    const plan = planEnumeration(sides({ optionSet, current, base }));
    expect(plan.conflicts.map(({ kind, name }) => `${kind} ${name}`)).toEqual(['REUSED 1', 'REUSED 2']);
  });

  it('tells a value that Campaign took out, and adds it again', () => {
    const plan = planEnumeration(sides({ current: aList(value(1, 'Accounting')), base }));
    expect(plan.added).toEqual([value(2, 'Agriculture')]);
    expect(plan.conflicts).toMatchObject([{ kind: 'REMOVED_IN_CAMPAIGN', name: '2', campaign: null }]);
  });

  it('keeps telling of a value that Dynamics removed, and of its number when that comes back for something else', () => {
    const removal = sides({ optionSet: anOptionSet({ 1: 'Accounting' }), current, base });
    const removed = planEnumeration(removal);
    expect(removed.kept).toEqual([value(2, 'Agriculture')]);
    const later = { current: removed.list, base: nextBase(removal, removed) };
    expect(planEnumeration(sides({ ...removal, ...later })).kept).toEqual([value(2, 'Agriculture')]);
    const reused = planEnumeration(sides({ ...later, optionSet: anOptionSet({ 1: 'Accounting', 2: 'Retail' }) }));
    expect(reused.conflicts).toMatchObject([
      { kind: 'REUSED', name: '2', dynamics: 'Retail', campaign: 'Agriculture' },
    ]);
  });

  it('has no conflict where a synchronization was cut off after the list was written', () => {
    const optionSet = anOptionSet({ 1: 'Agriculture', 2: 'Accounting' });
    const written = planEnumeration(sides({ optionSet, current, base })).list;
    const again = planEnumeration(sides({ optionSet, current: written, base }));
    expect(again).toMatchObject({ conflicts: [], updated: [], added: [], removed: [] });
  });
});

describe('the two sides of a list', () => {
  it('are told value by value', () => {
    const compared = compareValues({
      optionSet: anOptionSet({ 1: 'Accounting', 2: 'Crops', 3: 'Retail', 4: 'Art' }),
      current: aList(
        value(1, 'Accounting'),
        value(2, 'Agriculture'),
        value(4, 'Arts'),
        value(5, 'Old'),
        value('x', 'Own'),
      ),
      base: [value(1, 'Accounting'), value(2, 'Agriculture'), value(4, 'Art'), value(5, 'Old')],
    });
    expect(compared.map(({ name, state }) => `${name} ${state}`)).toEqual([
      '1 SAME',
      '2 RENAMED_IN_DYNAMICS',
      '3 NEW_IN_DYNAMICS',
      '4 RENAMED_IN_CAMPAIGN',
      '5 REMOVED_IN_DYNAMICS',
      'x ONLY_IN_CAMPAIGN',
    ]);
    expect(compared[1]).toMatchObject({ dynamics: 'Crops', campaign: 'Agriculture', base: 'Agriculture' });
  });
});

describe('the list of a column that names none', () => {
  it('is its own, or that of its global option set', () => {
    expect(defaultListName('account', 'industrycode', industries)).toBe('Account_industrycode');
    expect(defaultListName('lead', 'need', { ...industries, name: 'need', isGlobal: true })).toBe('need');
  });
});

function sides(parts: Partial<EnumerationSides>): EnumerationSides {
  const usual = {
    optionSet: industries,
    base: null,
    mode: 'ADD',
    name: 'neoIndustry',
    used: new Set<string>(),
  } as const;
  return { current: null, ...usual, ...parts };
}

function value(name: number | string, label: string) {
  return { name: String(name), label };
}

function aList(...values: readonly { readonly name: string; readonly label: string }[]) {
  return { name: 'neoIndustry', label: 'Industry', values };
}

function labels(list: { readonly values: readonly { readonly label: string }[] }): readonly string[] {
  return list.values.map(({ label }) => label);
}
