import { describe, expect, it } from 'vitest';
import { Engine } from '../../../../mocks/campaign/engine.js';
import { SoapFault } from '../../../../mocks/campaign/errors.js';
import { compileExpression } from '../../../../mocks/campaign/expression/compile.js';
import { ValueError } from '../../../../mocks/campaign/values.js';
import { createClock } from '../../../../mocks/control.js';
import { covers } from '../../compatibility.js';

const clock = createClock();
clock.set(new Date('2026-03-01T12:00:00.000Z'));
const view = new Engine(clock).currentView();
const recipient = view.lookup('nms:recipient');
if (!recipient) throw new Error('Expected nms:recipient among the stock schemas.');

const parameters = (name: string) => ({ city: 'Paris', size: '7' })[name];
const compile = (expression: string) => compileExpression(expression, recipient, view, parameters);

describe('an XTK expression', () => {
  it.each([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * -3', -9],
    ['1 / 0', null],
    ["'a' + 1 || 'b'", 'a1b'],
    ["'it\\'s'", "it's"],
    ['1 < 2 AND NOT 2 < 1', 1],
    ['null = 1 OR 1 = 1', 1],
    ['null = 1 AND 1 = 1', null],
    ["Substring('abcdef', 2, 3) + Right('xyz', 1)", 'bcdz'],
    ["Smart('jean-luc o\\'neil')", "Jean-Luc O'Neil"],
    ["Coalesce('', 'b')", 'b'],
    ['AddDays(#2026-02-28#, 1)', '2026-03-01 00:00:00.000Z'],
    ['#2026-03-01# + 90', '2026-03-01 00:01:30.000Z'],
    ['DaysDiff(#2026-03-01#, #2026-02-01#)', 28],
    ['YearsOld(#2000-03-02#)', 25],
    ["GetEmailDomain('a@b.example')", 'b.example'],
    ["DefaultFolder('nmsFolder')", 1181],
    ["ToDate('2026-01-31T23:30:00-02:00')", '2026-02-01'],
    ['AddMonths(#2026-01-31#, 1)', '2026-02-28 00:00:00.000Z'],
    ['SubYears(#2024-02-29#, 1)', '2023-02-28 00:00:00.000Z'],
    ['MonthsDiff(#2026-03-30#, #2026-01-31#)', 1],
    ['TruncWeek(#2026-03-01 10:00:00#)', '2026-02-23 00:00:00.000Z'],
    ['TruncQuarter(#2026-05-20#)', '2026-04-01 00:00:00.000Z'],
    ['DaysAgo(1) < GetDate() AND MonthsAgo(1) < DaysAgo(27)', 1],
    ['YearAndMonth(#2026-03-01#) + DayOfYear(#2026-02-01#)', 202_635],
    ["LPad('7', 3, '0') + Replace('a-b-c', '-', '.')", '007a.b.c'],
    ["Decode(2, 1, 'one', 2, 'two', 'many')", 'two'],
    ["Decode(3, 1, 'one', 2, 'two', 'many')", 'many'],
    ["IfEquals('a', 'a', 'same', 'other')", 'same'],
    ['Mod(7, 4) + Sign(-5) + Trunc(2.79, 1)', 4.7],
    ['IsBitSet(SetBit(0, 3), 3)', 1],
    ["Md5Digest('abc')", '900150983cd24fb0d6963f7d28e17f72'],
    ["JuxtWords('', 'b') + GetLine('x\\ny', 1)", 'bxny'],
    ["HasNamedRight('admin') = true AND HasPackage('nms:core')", 1],
    ['[currentOperator/@name]', 'admin'],
    ["$(city) = 'Paris' AND $long(size) + 1 = 8", 1],
    ["'Meier' LIKE 'Me_er' AND 'Meier' LIKE 'M%e%r' AND 'Meier' LIKE '%'", 1],
    ["'Meier' LIKE 'meier' OR 'Meier' LIKE 'Mei' OR 'Meier' LIKE '%Mei' OR 'Meier' LIKE 'M_ier_'", 0],
    ["'aba' LIKE 'ab%ba' OR 'aba' LIKE 'ab%b_'", 0],
    ["'a%b' LIKE 'a\\\\%b' AND NOT 'axb' LIKE 'a\\\\%b' AND 'a.b' LIKE '%.%'", 1],
    ["'x\u{1f600}y' LIKE 'x_y' AND 'x\u{1f600}y' LIKE '%_\u{1f600}_%'", 1],
    ["'aXbYc' LIKE 'a_b%' AND 'aXbYc' LIKE '%b_c' AND 'aab' LIKE '%_b' AND '' LIKE '%'", 1],
  ])('%s is %j', (expression, expected) => {
    covers('campaign', '4.5 Queries', 'functions of text, numbers, dates and choice');
    expect(compile(expression).evaluate({ row: null })).toBe(expected);
  });

  it.each([
    ["@email = 'a'", { path: 'email', values: ['a'] }],
    ["'a' = @email", { path: 'email', values: ['a'] }],
    ["@id IN (1, '2')", { path: 'id', values: [1, 2] }],
    ['@id IN (-1, 2)', { path: 'id', values: [-1, 2] }],
    ['@id = -1', { path: 'id', values: [-1] }],
    ["[location/@city] = 'Paris' AND @gender > 0", { path: 'location/city', values: ['Paris'] }],
    ["@email = 'a' OR @email IN ('b', 'c')", { path: 'email', values: ['a', 'b', 'c'] }],
    ["@email = 'a' OR @lastName = 'b'", undefined],
    ["@email <> 'a'", undefined],
    ["@email NOT IN ('a')", undefined],
    ["NOT @email = 'a'", undefined],
    ["[folder/@name] = ''", undefined],
    ["@gender = 1 AND @email IN ('a', 'b')", { path: 'gender', values: [1] }],
    ["[folder/@name] = 'a' AND @email IN ('a', 'b')", { path: 'email', values: ['a', 'b'] }],
    ["@domain = 'a'", undefined],
  ])('%s names the rows to look at by index', (expression, candidates) => {
    expect(compile(expression).candidates).toEqual(candidates);
  });

  it.each([
    ['@id > 5', { low: { value: 5, inclusive: false } }],
    [
      "@email >= 'a' AND @email < 'b'",
      { low: { value: 'a', inclusive: true }, high: { value: 'b', inclusive: false } },
    ],
    ["'a' > @email AND 'c' >= @email", { high: { value: 'a', inclusive: false } }],
    ['@lastModified > #2026-01-01#', { low: { value: '2026-01-01 00:00:00.000Z', inclusive: false } }],
  ])('%s names the range to look at by index', (expression, range) => {
    expect(compile(expression).range).toEqual({ column: expect.anything(), ...range });
  });

  it('reaches rows at the end of links by their keys', () => {
    const { path, values, end } = compile("[folder/parent/@name] = 'a'").candidates ?? {};
    expect([path, values, end?.links.map((link) => link.name)]).toEqual(['name', ['a'], ['folder', 'parent']]);
  });

  it('of whatever text is a value or a fault, never a failure of the server', () => {
    const parts = [
      '@email',
      '@birthDate',
      '[folder/@id]',
      'data',
      "'x'",
      '7',
      '#2026-01-01#',
      '(',
      ')',
      ',',
      ' and ',
      ' = ',
      '+',
    ].concat([
      '-',
      ' like ',
      ' in ',
      ' not ',
      ' is null',
      'Left',
      'AddDays',
      'Round',
      'Iif',
      '#',
      '[',
      "'",
      '@',
      '9e99',
      'null',
    ]);
    const row = [...view.tableOf(recipient).rows()][0] ?? null;
    for (let seed = 1; seed < 5_000; seed += 1) {
      const text = Array.from(
        { length: 1 + (seed % 7) },
        (_, at) => parts[(seed * (at * at + 31)) % parts.length],
      ).join('');
      try {
        compile(text).evaluate({ row });
      } catch (error) {
        if (!(error instanceof SoapFault || error instanceof ValueError))
          throw new Error(`Failed for ${text}`, { cause: error });
      }
    }
  });
});
