import { describe, expect, it } from 'vitest';
import { planEnumeration } from '../../src/mapping/enumerations.js';
import { anOptionSet } from '../support/builders.js';

const industries = anOptionSet({ 1: 'Accounting', 2: 'Agriculture' });

describe('an itemized list filled from the options of a choice', () => {
  it('is made where there is none', () => {
    const plan = planEnumeration(industries, null, 'ADD', 'Account_industrycode');
    expect(plan.list).toEqual({
      name: 'Account_industrycode',
      label: 'Account_industrycode',
      values: [
        { name: '1', label: 'Accounting' },
        { name: '2', label: 'Agriculture' },
      ],
    });
    expect(plan).toMatchObject({ added: plan.list.values, updated: [], removed: [], unchanged: 0, remove: [] });
  });

  const held = {
    name: 'neoIndustry',
    label: 'Industry',
    values: [
      { name: 'other', label: 'Other' },
      { name: '1', label: 'Bookkeeping' },
    ],
  };

  it('keeps values of its own, in their place, when adding', () => {
    const plan = planEnumeration(industries, held, 'ADD', 'neoIndustry');
    expect(plan.list.values.map((value) => value.label)).toEqual(['Other', 'Accounting', 'Agriculture']);
    expect(plan.added).toEqual([{ name: '2', label: 'Agriculture' }]);
    expect(plan.updated).toEqual([{ name: '1', label: 'Accounting' }]);
    expect(plan).toMatchObject({ removed: [], unchanged: 1, remove: [] });
  });

  it('loses values of its own when replaced', () => {
    const plan = planEnumeration(industries, held, 'REPLACE', 'neoIndustry');
    expect(plan.list.values.map((value) => value.label)).toEqual(['Accounting', 'Agriculture']);
    expect(plan.removed).toEqual([{ name: 'other', label: 'Other' }]);
    expect(plan).toMatchObject({ unchanged: 0, remove: ['other'] });
  });

  it('is left as it is by a repeat', () => {
    const first = planEnumeration(industries, held, 'ADD', 'neoIndustry');
    const again = planEnumeration(industries, first.list, 'ADD', 'neoIndustry');
    expect(again).toMatchObject({ list: first.list, added: [], updated: [], removed: [], unchanged: 3 });
  });
});
