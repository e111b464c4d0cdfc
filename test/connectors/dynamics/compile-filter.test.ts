import { describe, expect, it } from 'vitest';
import { compileFilter } from '../../../src/connectors/dynamics/compile-filter.js';
import { RequestError } from '../../../src/model/errors.js';
import type { Filter, Scalar } from '../../../src/model/query.js';
import { aColumn, aTable } from '../../support/builders.js';
import { ACCOUNT, CONTACT, ID, OTHER_ID } from './tables.js';

const eq = (path: string, value: Scalar): Filter => ({ kind: 'compare', path, operator: 'eq', value });
const not = (filter: Filter): Filter => ({ kind: 'not', filter });
const compile = (filter: Filter) => compileFilter(CONTACT, filter);

describe('compileFilter', () => {
  it.each([
    ['fullname', "O'Neil", "fullname eq 'O''Neil'"],
    ['numberofchildren', 3, 'numberofchildren eq 3'],
    ['versionnumber', '9007199254740993', 'versionnumber eq 9007199254740993'],
    ['annualincome', 1e-7, 'annualincome eq 0.0000001'],
    ['annualincome', '12.50', 'annualincome eq 12.50'],
    ['donotemail', true, 'donotemail eq true'],
    ['modifiedon', '2024-05-01T02:00:00+02:00', 'modifiedon eq 2024-05-01T00:00:00Z'],
    ['modifiedon', '2024-05-01', 'modifiedon eq 2024-05-01T00:00:00Z'],
    ['birthdate', '2000-02-29', 'birthdate eq 2000-02-29'],
    ['gendercode', 2, 'gendercode eq 2'],
    ['parentcustomerid', ID.toUpperCase(), `_parentcustomerid_value eq ${ID}`],
    ['contactid', ID, `contactid eq ${ID}`],
  ] as const)('writes a value of %s in the form of its type', (path, value, expected) => {
    expect(compile(eq(path, value))).toBe(expected);
  });

  it.each<Filter>([
    eq('fullname', 'a\u0000b'),
    { kind: 'in', path: 'fullname', values: ['a', '\u0001'] },
    { kind: 'text', path: 'description', operator: 'contains', value: '\u001f' },
  ])('refuses control characters, which databases take for nothing: %j', (filter) => {
    expect(() => compile(filter)).toThrow(
      /Expected a text without control characters for column "(fullname|description)"/,
    );
  });

  it.each([
    ['fullname', 1],
    ['fullname', 'half a character: \ud83d'],
    ['numberofchildren', 1.5],
    ['numberofchildren', 2 ** 31],
    ['versionnumber', '9223372036854775808'],
    ['annualincome', 'much'],
    ['annualincome', Number.NaN],
    ['annualincome', 1e-25],
    ['annualincome', 1.2345678e-15],
    ['donotemail', 'true'],
    ['modifiedon', 'yesterday'],
    ['birthdate', '2001-02-29'],
    ['gendercode', 'Male'],
    ['parentcustomerid', 'not a guid'],
    ['contactid', `${ID} or 1 eq 1`],
  ] as const)('refuses a value that does not fit %s, by its name', (path, value) => {
    expect(() => compile(eq(path, value))).toThrow(
      expect.objectContaining({ code: 'BAD_USER_INPUT', message: expect.stringContaining(path) }),
    );
  });

  it('refuses a column that does not exist or cannot be read', () => {
    expect(() => compile(eq('nosuch', 1))).toThrow('none called "nosuch"');
    expect(() => compile(eq('hidden', 'x'))).toThrow('"hidden" cannot be read');
  });

  it('lets ne match records without a value', () => {
    const filter: Filter = { kind: 'compare', path: 'fullname', operator: 'ne', value: 'Ann' };
    expect(compile(filter)).toBe("(fullname ne 'Ann' or fullname eq null)");
    expect(compile(not(eq('fullname', 'Ann')))).toBe(compile(filter));
    expect(compile(not(filter))).toBe("fullname eq 'Ann'");
  });

  it('carries not down to the comparisons and admits null there', () => {
    const young: Filter = { kind: 'compare', path: 'numberofchildren', operator: 'lt', value: 2 };
    const filter = not({ kind: 'and', filters: [young, { kind: 'null', path: 'fullname', isNull: true }] });
    expect(compile(filter)).toBe('((numberofchildren ge 2 or numberofchildren eq null) or fullname ne null)');
  });

  it('takes the wildcards of LIKE in a text for themselves', () => {
    const filter: Filter = { kind: 'text', path: 'emailaddress1', operator: 'startsWith', value: '100%_[a]' };
    expect(compile(filter)).toBe("startswith(emailaddress1,'100[%][_][[]a]')");
    expect(compile(not(filter))).toBe("(not startswith(emailaddress1,'100[%][_][[]a]') or emailaddress1 eq null)");
  });

  it('refuses to search for a text in a number', () => {
    expect(() => compile({ kind: 'text', path: 'numberofchildren', operator: 'contains', value: '1' })).toThrow(
      'column "numberofchildren"',
    );
  });

  it('looks for several values by one query function, which names the column itself', () => {
    const filter: Filter = { kind: 'in', path: 'parentcustomerid', values: [ID, OTHER_ID] };
    const list = `(PropertyName='parentcustomerid',PropertyValues=["${ID}","${OTHER_ID}"])`;
    expect(compile(filter)).toBe(`Microsoft.Dynamics.CRM.In${list}`);
    expect(compile(not(filter))).toBe(`(Microsoft.Dynamics.CRM.NotIn${list} or _parentcustomerid_value eq null)`);
  });

  it('looks for one value by a comparison, and for none by a condition that is never true', () => {
    expect(compile({ kind: 'in', path: 'gendercode', values: [2] })).toBe('gendercode eq 2');
    expect(compile({ kind: 'in', path: 'gendercode', values: [] })).toBe('contactid eq null');
    expect(compile(not({ kind: 'in', path: 'gendercode', values: [] }))).toBe('contactid ne null');
  });

  it('asks whether one of several choices is among them', () => {
    expect(compile(eq('topics', 2))).toBe(
      'Microsoft.Dynamics.CRM.ContainValues(PropertyName=\'topics\',PropertyValues=["2"])',
    );
    expect(() => compile({ kind: 'compare', path: 'topics', operator: 'gt', value: 1 })).toThrow('several choices');
  });

  it('takes "and" of nothing for true and "or" of nothing for false', () => {
    expect(compile({ kind: 'and', filters: [] })).toBe('contactid ne null');
    expect(compile({ kind: 'or', filters: [] })).toBe('contactid eq null');
  });

  it('refuses a filter that is too deep instead of running out of stack', () => {
    let filter = eq('fullname', 'Ann');
    for (let depth = 0; depth < 100_000; depth++) filter = not(filter);
    expect(() => compile(filter)).toThrow('levels deep');
  });
});

describe('a filter across a relationship', () => {
  const list = aTable('list', [aColumn('listname')]);
  const member = aTable('contact', [...CONTACT.columns], {
    relationships: [
      { kind: 'many-to-many', name: 'm', navigation: 'lists', table: 'list', intersectTable: 'listmember' },
    ],
  });
  const tables = (name: string) => (name === 'list' ? list : name === 'account' ? ACCOUNT : CONTACT);
  const across = (filter: Filter) => compileFilter(member, filter, tables);
  const inNames: Filter = { kind: 'in', path: 'parentcustomerid_account/name', values: ['A', "O'B"] };

  it.each<[Filter, string]>([
    [eq('parentcustomerid_account/name', "O'B"), "parentcustomerid_account/name eq 'O''B'"],
    [eq('parentcustomerid_account/primarycontactid', ID), `parentcustomerid_account/_primarycontactid_value eq ${ID}`],
    [
      not(eq('parentcustomerid_account/name', 'A')),
      "(parentcustomerid_account/name ne 'A' or parentcustomerid_account/name eq null)",
    ],
    [inNames, "(parentcustomerid_account/name eq 'A' or parentcustomerid_account/name eq 'O''B')"],
    [
      { kind: 'text', path: 'parentcustomerid_account/name', operator: 'startsWith', value: '5%' },
      "startswith(parentcustomerid_account/name,'5[%]')",
    ],
    [eq('lists/listid', ID), `lists/any(o:o/listid eq ${ID})`],
    [not(eq('lists/listid', ID)), `(not lists/any(o:o/listid eq ${ID}))`],
  ])('writes %j as %s', (filter, expected) => {
    expect(across(filter)).toBe(expected);
  });

  it('is refused across two of them, and over a lookup that may lead to several tables', () => {
    expect(() => across(eq('parentcustomerid_account/primarycontactid/fullname', 'A'))).toThrow(
      'one relationship at most',
    );
    expect(() => across(eq('ownerid/fullname', 'A'))).toThrow('may lead to several');
  });

  it('refuses what query functions alone could ask, which know only the table itself', () => {
    const filter: Filter = {
      kind: 'period',
      path: 'parentcustomerid_contact/modifiedon',
      period: 'today',
      value: null,
    };
    expect(() => across(filter)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }));
  });
});

describe('a filter by period', () => {
  it.each<[Omit<Extract<Filter, { kind: 'period' }>, 'kind' | 'path'>, string]>([
    [{ period: 'lastDays', value: 7 }, "LastXDays(PropertyName='modifiedon',PropertyValue=7)"],
    [{ period: 'olderThanMonths', value: 2 }, "OlderThanXMonths(PropertyName='modifiedon',PropertyValue=2)"],
    [{ period: 'thisMonth', value: null }, "ThisMonth(PropertyName='modifiedon')"],
    [{ period: 'on', value: '2024-05-01' }, "On(PropertyName='modifiedon',PropertyValue='2024-05-01')"],
  ])('writes %j as %s', (period, expected) => {
    expect(compile({ kind: 'period', path: 'modifiedon', ...period })).toBe(`Microsoft.Dynamics.CRM.${expected}`);
  });

  it('admits records without a value where it is negated', () => {
    expect(compile(not({ kind: 'period', path: 'birthdate', period: 'today', value: null }))).toBe(
      "(not Microsoft.Dynamics.CRM.Today(PropertyName='birthdate') or birthdate eq null)",
    );
  });

  it.each([0, -1, 1.5, '2024-05-01T00:00:00Z', "1') or (1 eq 1"])('refuses the value %j', (value) => {
    expect(() => compile({ kind: 'period', path: 'modifiedon', period: 'lastDays', value })).toThrow(RequestError);
  });

  it('is refused of a column that holds no date', () => {
    expect(() => compile({ kind: 'period', path: 'fullname', period: 'today', value: null })).toThrow('date column');
  });
});
