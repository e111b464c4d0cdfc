import { describe, expect, it } from 'vitest';
import { compileFilter, whereElement } from '../../../src/connectors/campaign/compile-filter.js';
import { writeXml } from '../../../src/connectors/campaign/xml-text.js';
import type { Filter, Scalar } from '../../../src/model/query.js';
import { childElements, type XmlElement } from '../../../src/model/xml.js';
import { pathOf } from './recipient.js';

/** A condition as one line: `@a = 1 AND (@b = 2 OR @c = 3)`. */
function line(filter: Filter): string {
  const condition = compileFilter(filter, pathOf);
  const where = whereElement(condition);
  return where ? joined(where) : `always ${condition.kind === 'constant' && condition.value}`;
}

function joined(parent: XmlElement): string {
  const conditions = childElements(parent, 'condition');
  const parts = conditions.map(({ attributes, children }, index) => {
    const text = attributes.expr ?? `(${joined({ name: '', attributes: {}, children })})`;
    return index === conditions.length - 1 ? text : `${text} ${attributes.boolOperator} `;
  });
  return parts.join('');
}

function compare(path: string, operator: 'eq' | 'ne' | 'gt' | 'gte' | 'lt' | 'lte', value: Scalar): Filter {
  return { kind: 'compare', path, operator, value };
}

function text(operator: 'contains' | 'startsWith' | 'endsWith', value: string): Filter {
  return { kind: 'text', path: 'lastName', operator, value };
}

describe('filters in XTK expressions', () => {
  it.each([
    ['lastName', 'Doe', "@lastName = 'Doe'"],
    ['location/city', 'Paris', "[location/@city] = 'Paris'"],
    ['folder/label', 'Clients', "[folder/@label] = 'Clients'"],
    ['folder-id', 12, '[@folder-id] = 12'],
    ['notes', 'x', "notes = 'x'"],
    ['wishes', -3, '@wishes = -3'],
    ['score', 1.5e-7, '@score = 0.00000015'],
    ['externalNo', '9007199254740993', '@externalNo = 9007199254740993'],
    ['blackList', true, '@blackList = 1'],
    ['gender', 'female', '@gender = 2'],
    ['gender', 1, '@gender = 1'],
    ['birthDate', '1990-02-28', '@birthDate = #1990-02-28#'],
    ['lastModified', '2026-01-30T23:00:00+01:00', '@lastModified = #2026-01-30 22:00:00.000Z#'],
  ] as const)('compares %s with %s as its type asks', (path, value, expected) => {
    expect(line(compare(path, 'eq', value))).toBe(expected);
  });

  it('nests and, or and not as conditions', () => {
    const either: Filter = { kind: 'or', filters: [compare('wishes', 'gt', 1), compare('wishes', 'lt', -1)] };
    const filter: Filter = { kind: 'and', filters: [compare('lastName', 'eq', 'Doe'), either] };
    expect(
      writeXml(whereElement(compileFilter(filter, pathOf)) ?? { name: 'none', attributes: {}, children: [] }),
    ).toBe(
      '<where><condition boolOperator="AND" expr="@lastName = \'Doe\'"/><condition boolOperator="AND">' +
        '<condition boolOperator="OR" expr="@wishes &gt; 1"/><condition boolOperator="OR" expr="@wishes &lt; -1"/>' +
        '</condition></where>',
    );
  });

  it('carries a negation down, so that records without a value are on one side only', () => {
    const filter: Filter = { kind: 'and', filters: [compare('wishes', 'gt', 1), text('contains', 'x')] };
    expect(line({ kind: 'not', filter })).toBe(
      "(@wishes <= 1 OR @wishes IS NULL) OR (@lastName NOT LIKE '%x%' OR @lastName IS NULL)",
    );
    expect(line({ kind: 'not', filter: { kind: 'not', filter: compare('wishes', 'gt', 1) } })).toBe('@wishes > 1');
  });

  it('lets ne and not in match records without a value', () => {
    expect(line(compare('lastName', 'ne', 'Doe'))).toBe("@lastName <> 'Doe' OR @lastName IS NULL");
    const within: Filter = { kind: 'in', path: 'gender', values: [1, 'female'] };
    expect(line(within)).toBe('@gender IN (1, 2)');
    expect(line({ kind: 'not', filter: within })).toBe('@gender NOT IN (1, 2) OR @gender IS NULL');
  });

  it('asks for no value as Campaign stores it', () => {
    const isNull = (path: string): Filter => ({ kind: 'null', path, isNull: true });
    expect(line(isNull('lastName'))).toBe("@lastName IS NULL OR @lastName = ''");
    expect(line(isNull('wishes'))).toBe('@wishes IS NULL OR @wishes = 0');
    expect(line(isNull('birthDate'))).toBe('@birthDate IS NULL');
    expect(line({ kind: 'null', path: 'lastName', isNull: false })).toBe("@lastName IS NOT NULL AND @lastName <> ''");
  });

  it('takes the empty text for no value, which is smaller than nothing', () => {
    expect(line(compare('lastName', 'eq', ''))).toBe("@lastName IS NULL OR @lastName = ''");
    expect(line(compare('lastName', 'lt', 'D'))).toBe("@lastName < 'D' AND @lastName <> ''");
    expect(line({ kind: 'in', path: 'lastName', values: ['', 'Doe'] })).toBe(
      "@lastName IN ('Doe') OR (@lastName IS NULL OR @lastName = '')",
    );
  });

  it('takes the wildcards of a searched text for themselves', () => {
    expect(line(text('contains', '50%_\\'))).toBe(String.raw`@lastName LIKE '%50\\%\\_\\\\%'`);
    expect(line(text('startsWith', "O'N"))).toBe(String.raw`@lastName LIKE 'O\'N%'`);
    expect(line(text('endsWith', 'son'))).toBe("@lastName LIKE '%son'");
  });

  it('knows beforehand what no list and no condition mean', () => {
    const none: Filter = { kind: 'in', path: 'wishes', values: [] };
    expect(line(none)).toBe('always false');
    expect(line({ kind: 'not', filter: none })).toBe('always true');
    expect(line({ kind: 'or', filters: [none, compare('wishes', 'eq', 1)] })).toBe('@wishes = 1');
    expect(line({ kind: 'and', filters: [] })).toBe('always true');
  });

  it.each([
    [compare('wishes', 'eq', 'many'), '"wishes" is compared with "many", but takes a whole number'],
    [compare('score', 'eq', Number.NaN), 'takes a number'],
    [compare('gender', 'eq', 'robot'), 'takes one of unknown, male, female'],
    [compare('birthDate', 'eq', '2026-02-31'), 'takes a date'],
    [compare('lastModified', 'gt', "#' or 1 = 1"), 'takes a moment'],
    [compare('blackList', 'gt', true), 'compare it with eq or ne'],
    [{ kind: 'text', path: 'wishes', operator: 'contains', value: '1' } as const, 'is no text'],
    [compare('lastName', 'eq', 'a\u0000b'), 'a text without control characters'],
    [compare('shoeSize', 'eq', 42), 'nms:recipient has no "shoeSize"'],
    [compare('location/street', 'eq', 'x'), '"location" of nms:recipient has no "street"'],
    [compare('folder', 'eq', 1), 'holds no value of its own'],
    [compare('broadLog/id', 'eq', 1), 'leads to many records of nms:broadLogRcp'],
  ])('refuses %j', (filter, message) => {
    expect(() => line(filter)).toThrow(
      expect.objectContaining({ code: 'BAD_USER_INPUT', message: expect.stringContaining(message) }),
    );
  });
});
