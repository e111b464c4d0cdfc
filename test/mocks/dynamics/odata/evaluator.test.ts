import { describe, expect, it } from 'vitest';
import type { Value } from '../../../../mocks/dynamics/odata/ast.js';
import { checkFilter, type PropertyType } from '../../../../mocks/dynamics/odata/check-filter.js';
import { evaluateFilter, type Resolver } from '../../../../mocks/dynamics/odata/evaluator.js';
import { parseFilter } from '../../../../mocks/dynamics/odata/parser.js';
import { compareForOrder } from '../../../../mocks/dynamics/odata/values.js';

interface Row {
  readonly [column: string]: Value | Row | readonly Row[];
}

const ME = 'AAAAAAAA-0000-4000-8000-000000000001';

/** Rows that hold the rows they lead to, so that a test shows its data whole. */
const resolver: Resolver<Row> = {
  value: (row, path) => {
    let value: Row[string] | undefined = row;
    for (const name of path) value = value === null ? null : (value as Row | undefined)?.[name];
    return value as Value | undefined;
  },
  related: (row, [name = '']) => row[name] as readonly Row[] | undefined,
  now: () => new Date('2024-05-15T10:30:00Z'),
  userId: ME,
};

function matches(filter: string, row: Row): boolean {
  return evaluateFilter(parseFilter(filter), row, resolver);
}

describe('evaluateFilter', () => {
  const anna: Row = {
    name: 'Änna Müller_50%',
    nothing: null,
    age: 42,
    big: 9_000_000_000,
    active: true,
    id: 'd5026a4d-0000-4000-8000-00000000000a',
    born: '1982-03-01',
    createdon: '2024-05-10T08:00:00Z',
    city: 'Paris',
    town: 'PARIS',
    company: { name: 'Fabrikam', owner: { name: 'Jo' } },
    tasks: [
      { subject: 'Call', done: true },
      { subject: 'Write', done: false },
    ],
    none: [],
  };

  it.each([
    ["city eq 'pARIS'", 'text without regard to case'],
    ["city ge 'paris' and city le 'PARIS' and city lt 'parit'", 'the order of text'],
    ['age eq 42 and age ne 41 and age gt 41 and age ge 42 and age lt 43 and age le 42', 'the order of numbers'],
    ['big gt 2147483648', 'numbers beyond 32 bits'],
    ['active eq true and active ne false and active', 'booleans'],
    ['id eq D5026A4D-0000-4000-8000-00000000000A', 'bare ids'],
    ["id eq 'D5026A4D-0000-4000-8000-00000000000A'", 'quoted ids'],
    ['born lt 1982-03-02 and born ge 1982-03-01', 'days'],
    ['createdon eq 2024-05-10T10:00:00+02:00', 'moments in another time zone'],
    ['createdon gt 2024-05-10', 'a moment with a day'],
    ['city eq town', 'two columns'],
    ["company/owner/name eq 'jo'", 'a path over lookups'],
    ["contains(name,'müller') and startswith(name,'ä') and endswith(name,'50%')", 'parts of a text'],
    ["contains(name,'M_ller') and contains(name,'[k-n]üll') and contains(name,'[^a]nna')", 'wildcards'],
    ["startswith(name,'%müll') and endswith(name,'[_]50[%]')", 'escaped wildcards'],
    ["not contains(name,'x') and not (age gt 50)", 'negation'],
    ["tasks/any(t:t/subject eq 'call' and t/done eq true)", 'any of a collection'],
    ['not tasks/all(t:t/done eq true) and none/all(t:t/done eq true)', 'all of a collection'],
    ['tasks/any() and not none/any()', 'whether a collection has rows'],
    ["tasks/any(t:t/subject eq 'Call' and city eq 'Paris')", 'the outer row inside a lambda'],
    ['nothing eq null and city ne null', 'null'],
  ])('matches %s: %s', (filter) => {
    expect(matches(filter, anna)).toBe(true);
  });

  it.each([
    "city eq 'Pari'",
    "name eq 'Anna Müller_50%'",
    "contains(name,'a%z')",
    "startswith(name,'nna')",
    "contains(name,'[abc')",
    'tasks/all(t:t/done eq true)',
    "none/any(t:t/subject eq 'x')",
    'nothing ne null',
  ])('does not match %s', (filter) => {
    expect(matches(filter, anna)).toBe(false);
  });

  it('finds rows without a value by negations only', () => {
    const found = [
      "nothing eq 'x'",
      "nothing ne 'x'",
      'nothing gt 1',
      'nothing lt 1',
      "contains(nothing,'x')",
      "not contains(nothing,'x')",
    ];
    expect(found.filter((filter) => matches(filter, anna))).toEqual(["nothing ne 'x'", "not contains(nothing,'x')"]);
    expect(matches('nothing eq city or nothing ne city or nothing eq nothing', anna)).toBe(false);
  });

  it('takes time in proportion to a hostile pattern', () => {
    const text = 'a'.repeat(20_000);
    expect(matches(`contains(name,'${'%a'.repeat(100)}%b')`, { name: text })).toBe(false);
  });

  it.each([
    ["unknown eq 'x'", "Could not find a property named 'unknown'."],
    ["company/unknown eq 'x'", "Could not find a property named 'company/unknown'."],
    ['unknown/any()', "Could not find a property named 'unknown'."],
    ['city eq 5', `'city' cannot be compared with the number 5.`],
    ["age eq '42'", `'age' cannot be compared with the string "42".`],
    ["contains(age,'4')", "'age' is not text."],
    ['city', "Expected a condition, but 'city' is a value."],
  ])('fails %s by name', (filter, message) => {
    expect(() => matches(filter, anna)).toThrow(message);
  });
});

describe('query functions', () => {
  function call(name: string, values = ''): string {
    return `Microsoft.Dynamics.CRM.${name}(PropertyName='v'${values && `,${values}`})`;
  }

  it.each([
    ['In', `PropertyValues=["5","7"]`, [5, 7], [6, null]],
    ['In', `PropertyValues=["b","C"]`, ['B', 'c'], ['a', null]],
    ['In', `PropertyValues=["true"]`, [true], [false, null]],
    [
      'In',
      `PropertyValues=["2024-01-01T00:00:00Z"]`,
      ['2024-01-01T00:00:00Z', '2024-01-01T00:00:00.000Z'],
      ['2024-01-01T00:00:01Z'],
    ],
    ['NotIn', `PropertyValues=["5","7"]`, [6, null], [5, 7]],
    ['Between', `PropertyValues=["5","2000"]`, [5, 6, 2000], [4, 2001, null]],
    ['Between', `PropertyValues=["2024-01-01","2024-01-31"]`, ['2024-01-01', '2024-01-30T23:00:00Z'], ['2024-02-01']],
    ['NotBetween', `PropertyValues=["5","6"]`, [4, 7], [5, 6, null]],
    ['ContainValues', `PropertyValues=['2','9']`, ['1,2', '2'], ['1', '12,22', null]],
    ['DoesNotContainValues', `PropertyValues=['2']`, ['1', '12', null], ['1,2']],
    ['EqualUserId', '', [ME.toLowerCase()], ['x', null]],
    ['NotEqualUserId', '', ['x', null], [ME]],
  ])('%s(%s) compares a value of any type', (name, values, yes, no) => {
    const filter = call(name, values);
    expect(yes.filter((v) => !matches(filter, { v }))).toEqual([]);
    expect(no.filter((v) => matches(filter, { v }))).toEqual([]);
  });

  // It is Wednesday, 15 May 2024, 10:30 UTC. Each row: the first and the last second that match, and the seconds around them that do not.
  it.each([
    ['Today', '', '2024-05-15T00:00:00Z', '2024-05-15T23:59:59Z'],
    ['Yesterday', '', '2024-05-14T00:00:00Z', '2024-05-14T23:59:59Z'],
    ['Tomorrow', '', '2024-05-16T00:00:00Z', '2024-05-16T23:59:59Z'],
    ['Last7Days', '', '2024-05-08T00:00:00Z', '2024-05-15T10:30:00Z'],
    ['Next7Days', '', '2024-05-15T10:30:00Z', '2024-05-22T23:59:59Z'],
    ['LastWeek', '', '2024-05-05T00:00:00Z', '2024-05-11T23:59:59Z'],
    ['ThisWeek', '', '2024-05-12T00:00:00Z', '2024-05-18T23:59:59Z'],
    ['NextWeek', '', '2024-05-19T00:00:00Z', '2024-05-25T23:59:59Z'],
    ['LastMonth', '', '2024-04-01T00:00:00Z', '2024-04-30T23:59:59Z'],
    ['ThisMonth', '', '2024-05-01T00:00:00Z', '2024-05-31T23:59:59Z'],
    ['NextMonth', '', '2024-06-01T00:00:00Z', '2024-06-30T23:59:59Z'],
    ['LastYear', '', '2023-01-01T00:00:00Z', '2023-12-31T23:59:59Z'],
    ['ThisYear', '', '2024-01-01T00:00:00Z', '2024-12-31T23:59:59Z'],
    ['NextYear', '', '2025-01-01T00:00:00Z', '2025-12-31T23:59:59Z'],
    ['LastFiscalPeriod', '', '2024-01-01T00:00:00Z', '2024-03-31T23:59:59Z'],
    ['ThisFiscalPeriod', '', '2024-04-01T00:00:00Z', '2024-06-30T23:59:59Z'],
    ['NextFiscalYear', '', '2025-01-01T00:00:00Z', '2025-12-31T23:59:59Z'],
    ['LastXHours', 'PropertyValue=2', '2024-05-15T08:30:00Z', '2024-05-15T10:30:00Z'],
    ['LastXDays', 'PropertyValue=7', '2024-05-08T00:00:00Z', '2024-05-15T10:30:00Z'],
    ['LastXWeeks', "PropertyValue='2'", '2024-05-01T00:00:00Z', '2024-05-15T10:30:00Z'],
    ['LastXMonths', 'PropertyValue=3', '2024-02-15T00:00:00Z', '2024-05-15T10:30:00Z'],
    ['LastXYears', 'PropertyValue=1', '2023-05-15T00:00:00Z', '2024-05-15T10:30:00Z'],
    ['NextXHours', 'PropertyValue=2', '2024-05-15T10:30:00Z', '2024-05-15T12:30:00Z'],
    ['NextXDays', 'PropertyValue=1', '2024-05-15T10:30:00Z', '2024-05-16T23:59:59Z'],
    ['NextXMonths', 'PropertyValue=9', '2024-05-15T10:30:00Z', '2025-02-15T23:59:59Z'],
    ['LastXFiscalPeriods', 'PropertyValue=2', '2023-10-01T00:00:00Z', '2024-03-31T23:59:59Z'],
    ['NextXFiscalYears', 'PropertyValue=2', '2025-01-01T00:00:00Z', '2026-12-31T23:59:59Z'],
    ['On', 'PropertyValue=2024-02-29', '2024-02-29T00:00:00Z', '2024-02-29T23:59:59Z'],
    ['InFiscalYear', 'PropertyValue=2023', '2023-01-01T00:00:00Z', '2023-12-31T23:59:59Z'],
    ['InFiscalPeriodAndYear', 'PropertyValue1=2,PropertyValue2=2023', '2023-04-01T00:00:00Z', '2023-06-30T23:59:59Z'],
    ['OlderThanXMinutes', 'PropertyValue=30', null, '2024-05-15T09:59:59Z'],
    ['OlderThanXDays', 'PropertyValue=7', null, '2024-05-07T23:59:59Z'],
    ['OlderThanXMonths', 'PropertyValue=3', null, '2024-02-14T23:59:59Z'],
    ['OnOrBefore', "PropertyValue='2024-02-29'", null, '2024-02-29T23:59:59Z'],
    ['OnOrAfter', 'PropertyValue=2024-02-29', '2024-02-29T00:00:00Z', null],
    ['InOrBeforeFiscalPeriodAndYear', 'PropertyValue1=1,PropertyValue2=2023', null, '2023-03-31T23:59:59Z'],
    ['InOrAfterFiscalPeriodAndYear', 'PropertyValue1=1,PropertyValue2=2023', '2023-01-01T00:00:00Z', null],
  ])('%s(%s) holds from %s to %s', (name, values, first, last) => {
    const holdsAt = (moment: string | null, seconds: number) =>
      moment !== null &&
      matches(call(name, values), { v: new Date(Date.parse(moment) + seconds * 1000).toISOString() });
    expect([first, last].filter((moment) => moment !== null && !holdsAt(moment, 0))).toEqual([]);
    expect([holdsAt(first, -1), holdsAt(last, 1), matches(call(name, values), { v: null })]).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('counts a month back from the 31st to the last day of a shorter month', () => {
    const march: Resolver<Row> = { ...resolver, now: () => new Date('2024-03-31T12:00:00Z') };
    const filter = parseFilter(call('LastXMonths', 'PropertyValue=1'));
    const found = ['2024-02-28', '2024-02-29', '2024-03-31'].filter((v) => evaluateFilter(filter, { v }, march));
    expect(found).toEqual(['2024-02-29', '2024-03-31']);
  });

  it('knows teams, business unit and language where the asker has them', () => {
    const asker: Resolver<Row> = { ...resolver, teamIds: ['t1'], businessUnitId: 'b1', languageCode: 1033 };
    const ask = (name: string, v: Value) => evaluateFilter(parseFilter(call(name)), { v }, asker);
    expect([ask('EqualUserTeams', 'T1'), ask('EqualUserOrUserTeams', ME), ask('EqualBusinessId', 'b1')]).toEqual([
      true,
      true,
      true,
    ]);
    expect([ask('NotEqualBusinessId', 'b1'), ask('EqualUserLanguage', 1036)]).toEqual([false, false]);
    expect(() => matches(call('EqualUserTeams'), { v: 'x' })).toThrow(
      "CRM.EqualUserTeams' is not supported by this server.",
    );
  });

  it.each([
    ['Under', 'top', ['middle', 'leaf']],
    ['UnderOrEqual', 'middle', ['middle', 'leaf']],
    ['NotUnder', 'middle', ['top', 'middle', 'other']],
    ['Above', 'leaf', ['top', 'middle']],
    ['AboveOrEqual', 'leaf', ['top', 'middle', 'leaf']],
  ])('%s of %s walks the hierarchy', (name, value, expected) => {
    const above: Record<string, readonly string[]> = { leaf: ['middle', 'top'], middle: ['top'] };
    const asker: Resolver<Row> = { ...resolver, ancestorsOf: (id) => above[id] ?? [] };
    const filter = parseFilter(call(name, `PropertyValue='${value}'`));
    const found = ['top', 'middle', 'leaf', 'other'].filter((v) => evaluateFilter(filter, { v }, asker));
    expect(found).toEqual(expected);
  });

  it('counts those who report to the user, and their teams', () => {
    const asker: Resolver<Row> = { ...resolver, teamIds: ['t1'], ancestorsOf: (id) => (id === 'report' ? [ME] : []) };
    const ask = (name: string) =>
      [ME, 'report', 't1', 'other'].filter((v) => evaluateFilter(parseFilter(call(name)), { v }, asker));
    expect(ask('EqualUserOrUserHierarchy')).toEqual([ME, 'report']);
    expect(ask('EqualUserOrUserHierarchyAndTeams')).toEqual([ME, 'report', 't1']);
  });

  it('Contains finds texts that hold every word', () => {
    const ask = (v: string) => matches(call('Contains', "PropertyValue='printer fire'"), { v });
    expect([ask('A fire in the Printer room'), ask('The printer is fine')]).toEqual([true, false]);
  });

  it.each([
    ['LastXDays', "PropertyValue='many'", "The function 'LastXDays' takes a whole number from 0 to 99999, not 'many'."],
    ['On', "PropertyValue='soon'", "The function 'On' takes a date, not 'soon'."],
  ])('refuses %s(%s) before it sees a row', (name, values, message) => {
    expect(() => checkFilter(parseFilter(call(name, values)), () => 'any')).toThrow(message);
  });
});

describe('checkFilter', () => {
  const types: Readonly<Record<string, PropertyType>> = {
    name: 'string',
    age: 'number',
    id: 'guid',
    tasks: 'collection',
    'tasks/subject': 'string',
    'company/name': 'string',
  };
  const check = (filter: string) => checkFilter(parseFilter(filter), (path) => types[path.join('/')]);

  it('passes what fits the table', () => {
    check("name eq 'x' and age gt 1 and id eq '1' and company/name ne null and tasks/any(t:t/subject eq name)");
  });

  it.each([
    ["name eq 'x' or nmae eq 'y'", "Could not find a property named 'nmae'."],
    ["tasks/any(t:t/title eq 'x')", "Could not find a property named 'tasks/title'."],
    ['age eq 5 and name eq 5', "Found operand types 'Edm.String' and 'Edm.Decimal' for operator kind 'Equal'."],
    ["contains(age,'x')", "Expected 'age' to be Edm.String, but it is Edm.Decimal."],
    ['name/any()', "Expected 'name' to be Collection, but it is Edm.String."],
    ['not name', "Expected 'name' to be Edm.Boolean, but it is Edm.String."],
  ])('refuses %s whatever the rows are', (filter, message) => {
    expect(() => check(filter)).toThrow(message);
  });
});

describe('compareForOrder', () => {
  it('puts rows without a value first, then text without regard to case, moments by time', () => {
    expect(['b', null, 'C', 'a'].sort(compareForOrder)).toEqual([null, 'a', 'b', 'C']);
    expect([10, 9, null].sort(compareForOrder)).toEqual([null, 9, 10]);
    expect(['2024-01-01T00:00:00.5Z', '2024-01-01T00:00:00Z'].sort(compareForOrder)[0]).toBe('2024-01-01T00:00:00Z');
  });
});
