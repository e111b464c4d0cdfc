import { describe, expect, it } from 'vitest';
import { planEnumeration, refreshEnumerations } from '../../src/mapping/enumerations.js';
import { xml } from '../../src/model/xml.js';
import { aChoice, anOptionSet, aTable } from '../support/builders.js';
import { xmlText } from './xml-text.js';

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

describe('the enumerations of a source schema', () => {
  const document = xml('srcSchema', { name: 'crmAccount' }, [
    xml('enumeration', { basetype: 'string', name: 'Account_rating', label: "List of 'rating' from 'Account'" }, [
      xml('value', { name: '1', label: 'Cold', value: '1', img: 'cold.png' }),
      xml('value', { name: '9', label: 'Old', value: '9' }),
    ]),
    xml('enumeration', { name: 'tier' }),
  ]);

  it('follow the options of today, and others are left alone', () => {
    const tables = [aTable('account', [aChoice('rating', { 1: 'Icy', 2: 'Hot' })])];
    expect(xmlText(refreshEnumerations(document, tables))).toBe(
      `
<srcSchema name="crmAccount">
  <enumeration basetype="string" name="Account_rating" label="List of 'rating' from 'Account'">
    <value name="1" label="Icy" value="1" img="cold.png"/>
    <value name="2" label="Hot" value="2"/>
  </enumeration>
  <enumeration name="tier"/>
</srcSchema>`.trim(),
    );
  });

  it('are the same document where nothing changed', () => {
    const tables = [aTable('account', [aChoice('rating', { 1: 'Cold', 9: 'Old' })])];
    expect(refreshEnumerations(document, tables)).toBe(document);
  });
});
