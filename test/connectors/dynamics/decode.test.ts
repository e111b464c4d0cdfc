import { describe, expect, it } from 'vitest';
import { parseObject } from '../../../src/connectors/dynamics/client.js';
import { createDecoder, decodeCount } from '../../../src/connectors/dynamics/decode.js';
import type { Selection } from '../../../src/model/query.js';
import { ACCOUNT, CONTACT, ID, OTHER_ID } from './tables.js';

const FORMATTED = '@OData.Community.Display.V1.FormattedValue';

function decode(select: Selection, row: Record<string, unknown>) {
  return createDecoder(CONTACT, select, () => ACCOUNT)({ contactid: ID, '@odata.etag': 'W/"1"', ...row });
}

describe('createDecoder', () => {
  it('gives a property for each selected path, null where there is no value', () => {
    expect(decode({ fields: ['fullname', 'birthdate', 'gendercode'] }, { fullname: 'Ann', birthdate: null })).toEqual({
      contactid: ID,
      fullname: 'Ann',
      birthdate: null,
      gendercode: null,
    });
  });

  it('gives numbers, moments and dates in the forms of records', () => {
    const row = {
      annualincome: 5000.0,
      modifiedon: '2024-05-01T02:00:00+02:00',
      birthdate: '2000-02-29',
      donotemail: true,
    };
    expect(decode({ fields: Object.keys(row) }, row)).toMatchObject({
      annualincome: 5000,
      modifiedon: '2024-05-01T00:00:00.000Z',
      birthdate: '2000-02-29',
      donotemail: true,
    });
  });

  it('gives labels in the language that is wanted, else as Dynamics gave them', () => {
    const translated = (name: string, labels: readonly (string | null)[]) => {
      const column = CONTACT.columns.find((one) => one.name === name);
      if (!column?.optionSet) throw new Error(`Expected ${name} to have options.`);
      const optionSet = { ...column.optionSet, language: 'en-US', translations: { 'fr-FR': labels } };
      return { ...column, optionSet };
    };
    const columns = [translated('gendercode', ['Homme', null]), translated('topics', ['Musique', 'Sport'])];
    const table = { ...CONTACT, columns: [...CONTACT.columns.slice(0, 1), ...columns] };
    const row = { contactid: ID, gendercode: 1, [`gendercode${FORMATTED}`]: 'Man', topics: '1,2' };
    const labels = (languages?: readonly string[], more = {}) => {
      const decoder = createDecoder(table, { fields: ['gendercode', 'topics'] }, () => ACCOUNT, languages);
      return decoder({ ...row, ...more });
    };
    const music = { value: 1, label: 'Musique' };
    expect(labels(['fr'])).toMatchObject({
      gendercode: { value: 1, label: 'Homme' },
      topics: [music, { label: 'Sport' }],
    });
    expect(labels(['en', 'fr'])).toMatchObject({ gendercode: { label: 'Man' }, topics: [{ label: 'Music' }, {}] });
    expect(labels()).toMatchObject({ gendercode: { label: 'Man' } });
    expect(labels(['fr'], { gendercode: 7 })).toMatchObject({ gendercode: { value: 7, label: 'Man' } });
  });

  it('keeps every digit of a 64-bit integer', () => {
    const row = parseObject('{"contactid":"1","versionnumber": 9007199254740993}', 'read');
    expect(decode({ fields: ['versionnumber'] }, row)).toMatchObject({ versionnumber: '9007199254740993' });
    expect(decode({ fields: ['versionnumber'] }, { versionnumber: 42 })).toMatchObject({ versionnumber: '42' });
  });

  it('labels a choice as Dynamics formats it, or by its option set', () => {
    const told = decode({ fields: ['gendercode'] }, { gendercode: 2, [`gendercode${FORMATTED}`]: 'Weiblich' });
    expect(told.gendercode).toEqual({ value: 2, label: 'Weiblich' });
    expect(decode({ fields: ['gendercode'] }, { gendercode: 2 }).gendercode).toEqual({ value: 2, label: 'Female' });
    expect(decode({ fields: ['gendercode'] }, { gendercode: 9 }).gendercode).toEqual({ value: 9, label: null });
  });

  it('takes several choices apart', () => {
    const row = { topics: '1,7', [`topics${FORMATTED}`]: 'Music; Chess' };
    expect(decode({ fields: ['topics'] }, row).topics).toEqual([
      { value: 1, label: 'Music' },
      { value: 7, label: 'Chess' },
    ]);
  });

  it('makes a reference of a lookup, with the table it leads to', () => {
    const row = {
      _parentcustomerid_value: OTHER_ID,
      [`_parentcustomerid_value${FORMATTED}`]: 'Contoso',
      '_parentcustomerid_value@Microsoft.Dynamics.CRM.lookuplogicalname': 'account',
    };
    expect(decode({ fields: ['parentcustomerid'] }, row).parentcustomerid).toEqual({
      table: 'account',
      id: OTHER_ID,
      name: 'Contoso',
    });
  });

  it('puts expanded records under their navigation property', () => {
    const select = { fields: [], nested: { parentcustomerid_account: { fields: ['name'] } } };
    const row = { parentcustomerid_account: { accountid: OTHER_ID, name: 'Contoso' } };
    expect(decode(select, row)).toEqual({
      contactid: ID,
      parentcustomerid_account: { accountid: OTHER_ID, name: 'Contoso' },
    });
    expect(decode(select, { parentcustomerid_account: null }).parentcustomerid_account).toBeNull();
  });
});

describe('decodeCount', () => {
  it('tells a full count from one that stopped at the limit', () => {
    const exceeded = '@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded';
    expect(decodeCount({ '@odata.count': 5_000, [exceeded]: true })).toEqual({ value: 5_000, exact: false });
    expect(decodeCount({ '@odata.count': 5_000, [exceeded]: false })).toEqual({ value: 5_000, exact: true });
    expect(decodeCount({ '@odata.count': 5_000 })).toEqual({ value: 5_000, exact: false });
    expect(decodeCount({ value: [] })).toBeNull();
  });
});
