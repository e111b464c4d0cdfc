import { describe, expect, it } from 'vitest';
import { enumerationName, nearestName, parseAttributePath, parseSchemaName } from '../../src/mapping/names.js';

describe('names', () => {
  it('of enumerations are those that the connector of Campaign gives', () => {
    expect(enumerationName('account', 'industrycode')).toBe('Account_industrycode');
  });

  it('of schemas have a namespace', () => {
    expect(parseSchemaName('cus:crmAccount')).toEqual({ namespace: 'cus', local: 'crmAccount' });
    for (const wrong of ['crmAccount', 'CUS:account', 'cus:1st', 'cus:a-b', 'cus:', 'a:b:c']) {
      expect(parseSchemaName(wrong)).toBeNull();
    }
  });

  it('of attributes are paths with or without @', () => {
    expect(parseAttributePath('location/@city')).toEqual({ elements: ['location'], name: 'city' });
    expect(parseAttributePath('@folder-id')).toEqual({ elements: [], name: 'folder-id' });
    for (const wrong of ['', '@', '/@a', '@a/@b', '@a b', '@a"', '[a]', '../@a'])
      expect(parseAttributePath(wrong)).toBeNull();
  });

  it('that are nearly right are recognized', () => {
    const known = ['firstname', 'lastname', 'emailaddress1'];
    expect(nearestName('fristname', known)).toBe('firstname');
    expect(nearestName('EmailAddress', known)).toBe('emailaddress1');
    expect(nearestName('revenue', known)).toBeNull();
  });
});
