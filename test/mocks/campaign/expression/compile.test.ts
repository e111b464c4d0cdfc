import { describe, expect, it } from 'vitest';
import { Engine } from '../../../../mocks/campaign/engine.js';
import { SoapFault } from '../../../../mocks/campaign/errors.js';
import { compileExpression } from '../../../../mocks/campaign/expression/compile.js';
import { ValueError } from '../../../../mocks/campaign/values.js';
import { createClock } from '../../../../mocks/control.js';

const clock = createClock();
clock.set(new Date('2026-03-01T12:00:00.000Z'));
const view = new Engine(clock).currentView();
const recipient = view.lookup('nms:recipient');
if (!recipient) throw new Error('Expected nms:recipient among the stock schemas.');

const compile = (expression: string) => compileExpression(expression, recipient, view);

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
  ])('%s is %j', (expression, expected) => {
    expect(compile(expression).evaluate({ row: null })).toBe(expected);
  });

  it.each([
    ["@email = 'a'", { path: 'email', values: ['a'] }],
    ["'a' = @email", { path: 'email', values: ['a'] }],
    ["@id IN (1, '2')", { path: 'id', values: [1, 2] }],
    ["[location/@city] = 'Paris' AND @gender > 0", { path: 'location/city', values: ['Paris'] }],
    ["@email = 'a' OR @email IN ('b', 'c')", { path: 'email', values: ['a', 'b', 'c'] }],
    ["@email = 'a' OR @lastName = 'b'", undefined],
    ["@email <> 'a'", undefined],
    ["@email NOT IN ('a')", undefined],
    ["NOT @email = 'a'", undefined],
    ["[folder/@name] = 'a'", undefined],
    ["@domain = 'a'", undefined],
  ])('%s names the rows to look at by index', (expression, candidates) => {
    expect(compile(expression).candidates).toEqual(candidates);
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
