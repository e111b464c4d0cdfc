import { describe, expect, it } from 'vitest';
import {
  campaignTypeName,
  createNames,
  dynamicsTypeName,
  legalName,
  nameScope,
  schemaRootNames,
  tableRootNames,
  unifiedTypeName,
} from '../../../src/unified/schema/names.js';

describe('generated names', () => {
  it.each([
    ['account', 'DynamicsAccount'],
    ['msdyncrm_segment', 'DynamicsMsdyncrmSegment'],
    ['new_2ndaddress', 'DynamicsNew2ndaddress'],
  ])('call the records of table %s %s', (table, expected) => {
    expect(dynamicsTypeName(table)).toBe(expected);
  });

  it.each([
    ['nms:recipient', 'CampaignNmsRecipient'],
    ['cus:crmAccount', 'CampaignCusCrmAccount'],
    ['cus:crm-account', 'CampaignCusCrmAccount'],
  ])('call the records of schema %s %s', (schema, expected) => {
    expect(campaignTypeName(schema)).toBe(expected);
  });

  it('call a unified record after its table', () => {
    expect(unifiedTypeName('contact')).toBe('Contact');
    expect(unifiedTypeName('2nd')).toBe('_2nd');
  });

  it.each([
    ['contact', 'contacts', 'contact', 'contacts'],
    ['opportunity', 'opportunities', 'opportunity', 'opportunities'],
    ['new_news', 'new_news', 'new_newsById', 'new_news'],
  ])('give table %s with set %s the fields %s and %s', (logicalName, setName, one, many) => {
    expect(tableRootNames(logicalName, setName)).toEqual({ one, many });
  });

  it.each([
    ['nms:recipient', 'nmsRecipient', 'nmsRecipients'],
    ['nms:delivery', 'nmsDelivery', 'nmsDeliveries'],
    ['nms:address', 'nmsAddress', 'nmsAddresses'],
    ['cus:crmAccount', 'cusCrmAccount', 'cusCrmAccounts'],
  ])('give schema %s the fields %s and %s', (schema, one, many) => {
    expect(schemaRootNames(schema)).toEqual({ one, many });
  });

  it.each([
    ['folder-id', 'folder_id'],
    ['2nd', '_2nd'],
    ['__type', '_type'],
    ['été', '_t_'],
  ])('make %s legal as %s', (name, expected) => {
    expect(legalName(name)).toBe(expected);
  });

  it('leave a legal original its name and number its rivals, whatever their order', () => {
    const expected = new Map([
      ['folder_id', 'folder_id'],
      ['folder-id', 'folder_id_2'],
      ['folder.id', 'folder_id_3'],
    ]);
    expect(nameScope(['folder.id', 'folder-id', 'folder_id'])).toEqual(expected);
    expect(nameScope(['folder_id', 'folder.id', 'folder-id'])).toEqual(expected);
  });

  it('keep clear of names that are taken', () => {
    expect(nameScope(['not', 'name'], ['and', 'or', 'not']).get('not')).toBe('not_2');
  });

  it('claim a name together with the names derived from it', () => {
    const names = createNames(['ContactFilter']);
    expect(names.claim('Contact', ['', 'Filter'])).toBe('Contact_2');
    expect(names.claim('Contact_2Filter')).toBe('Contact_2Filter_2');
  });
});
