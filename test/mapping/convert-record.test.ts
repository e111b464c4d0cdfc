import { describe, expect, it } from 'vitest';
import { differences } from '../../src/mapping/compare.js';
import { recordToCampaign } from '../../src/mapping/convert-record.js';
import { aColumn, aField, aLookup, aMapping, anAttribute, anElement, aSchema, aTable } from '../support/builders.js';

const tie = {
  mapping: aMapping('contact', 'nms:recipient', [
    aField('firstname', '@firstName'),
    aField('city', 'location/@city', { direction: 'TO_CAMPAIGN' }),
    aField('jobtitle', '@jobTitle', { direction: 'TO_DYNAMICS' }),
  ]),
  table: aTable('contact', [aColumn('firstname'), aColumn('city'), aColumn('jobtitle')]),
  schema: aSchema('nms:recipient', [anAttribute('firstName', 'string', { length: 5 }), anAttribute('crmId')], {
    elements: [anElement('location', [anAttribute('city')])],
  }),
};

describe('a Dynamics record as Campaign is to hold it', () => {
  it('has the id at the key and only the fields that go to Campaign, by path', () => {
    const record = { contactid: '0A4B', firstname: 'Zoë', city: 'Łódź', jobtitle: 'Buyer' };
    expect(recordToCampaign(tie, record)).toEqual({ crmId: '0a4b', firstName: 'Zoë', 'location/city': 'Łódź' });
  });

  it('names the column whose value does not fit', () => {
    expect(() => recordToCampaign(tie, { contactid: '1', firstname: 'Konstantin' })).toThrow(
      'Column "firstname": Campaign\'s attribute "firstName" takes at most 5 characters, got 10',
    );
  });

  it('tells that a mapped attribute is gone', () => {
    const schema = aSchema('nms:recipient', [anAttribute('crmId')]);
    expect(() => recordToCampaign({ ...tie, schema }, { contactid: '1', firstname: 'Zoë' })).toThrow(
      'The attribute "@firstName" of schema "nms:recipient" is mapped but no longer there. Map table "contact" anew.',
    );
  });
});

describe('a lookup to several tables', () => {
  const customer = aLookup('parentcustomerid', ['account', 'contact'], { type: 'customer' });
  const mapped = {
    mapping: aMapping('contact', 'cus:crmContact', [
      aField('parentcustomerid', '@parentcustomerid', { direction: 'TO_CAMPAIGN' }),
      aField('parentcustomerid', '@parentcustomerid_type', { direction: 'TO_CAMPAIGN' }),
    ]),
    table: aTable('contact', [customer]),
    schema: aSchema('cus:crmContact', [
      anAttribute('crmId'),
      anAttribute('parentcustomerid'),
      anAttribute('parentcustomerid_type'),
    ]),
  };
  const record = { contactid: 'c1', parentcustomerid: { table: 'account', id: 'A1', name: 'Fabrikam' } };

  it('is kept as the id and the table it leads to', () => {
    expect(recordToCampaign(mapped, record)).toEqual({
      crmId: 'c1',
      parentcustomerid: 'A1',
      parentcustomerid_type: 'account',
    });
    const nowhere = { contactid: 'c1', parentcustomerid: null };
    expect(recordToCampaign(mapped, nowhere)).toMatchObject({ parentcustomerid: null, parentcustomerid_type: null });
  });

  it('differs where Campaign keeps another table', () => {
    const { mapping, table, schema } = mapped;
    const held = { parentcustomerid: 'a1', parentcustomerid_type: 'contact' };
    expect(differences(mapping, table, schema, record, held)).toEqual([
      { column: 'parentcustomerid', path: '@parentcustomerid_type', dynamics: 'account', campaign: 'contact' },
    ]);
  });
});
