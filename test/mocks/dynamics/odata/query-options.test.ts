import { describe, expect, it } from 'vitest';
import {
  parseExpand,
  parseOrderBy,
  parseQueryOptions,
  parseSelect,
  parseTop,
} from '../../../../mocks/dynamics/odata/query-options.js';

describe('parseQueryOptions', () => {
  it('decodes names and values once, with + as a space, and keeps aliases', () => {
    const options = parseQueryOptions('%24filter=name%20eq+%27A%26B%3D1%27&$top=1&@p1=%2B%252B&flag&');
    expect([...options]).toEqual([
      ['$filter', "name eq 'A&B=1'"],
      ['$top', '1'],
      ['@p1', '+%2B'],
      ['flag', ''],
    ]);
  });

  it('refuses an option given twice and a broken encoding', () => {
    expect(() => parseQueryOptions('$top=1&%24top=2')).toThrow("Query option '$top' was specified more than once");
    expect(() => parseQueryOptions('a=1&b=%zz')).toThrow('The query is not well percent-encoded at position 6.');
  });
});

describe('parseSelect', () => {
  it('gives the names', () => {
    expect(parseSelect('name, _ownerid_value')).toEqual(['name', '_ownerid_value']);
    expect(parseSelect('')).toEqual([]);
    expect(parseSelect('*')).toEqual(['*']);
  });

  it.each(['name,,city', 'na me', "name eq 'x'", 'name,'])('refuses %s', (text) => {
    expect(() => parseSelect(text)).toThrow(expect.objectContaining({ name: 'ODataSyntaxError' }));
  });
});

describe('parseOrderBy', () => {
  it('gives paths and directions, aliases in their places', () => {
    const aliases = new Map([['@p1', 'revenue']]);
    expect(parseOrderBy('@p1 desc,name asc, primarycontactid/fullname', { aliases })).toEqual([
      { path: ['revenue'], descending: true },
      { path: ['name'], descending: false },
      { path: ['primarycontactid', 'fullname'], descending: false },
    ]);
  });

  it.each(['name down', 'name asc desc', 'name DESC', 'length(name)', '@p1', 'a//b'])('refuses %s', (text) => {
    expect(() => parseOrderBy(text)).toThrow('is not a property with asc or desc');
  });
});

describe('parseTop', () => {
  it('takes whole numbers', () => {
    expect(parseTop('5000')).toBe(5000);
    for (const text of ['-1', '1.5', 'ten', ''])
      expect(() => parseTop(text)).toThrow(`Invalid value '${text}' for $top`);
  });
});

describe('parseExpand', () => {
  it('parses nested options, whatever stands in their strings', () => {
    const text =
      "tasks($select=subject;$filter=contains(subject,');,(') and a eq 1;$orderby=a desc;$top=5),primarycontactid($expand=createdby($select=fullname)),ownerid/$ref";
    const [tasks, contact, owner, ...rest] = parseExpand(text);
    expect(tasks).toMatchObject({ property: 'tasks', ref: false, select: ['subject'], top: 5 });
    expect(tasks?.filter).toMatchObject({ kind: 'and', nodes: [{ pattern: ');,(' }, { operator: 'eq' }] });
    expect(tasks?.orderBy).toEqual([{ path: ['a'], descending: true }]);
    expect(contact?.expand).toEqual([{ property: 'createdby', ref: false, select: ['fullname'] }]);
    expect([owner, rest]).toEqual([{ property: 'ownerid', ref: true }, []]);
  });

  it.each([
    ['tasks($skip=1)', "The query option '$skip' is not supported inside $expand."],
    ['tasks($count=true)', "The query option '$count' is not supported inside $expand."],
    ['tasks($select=a', 'A closing parenthesis is missing'],
    ['tasks)', "An unmatched ')' stands at position 5"],
    ['tasks($select=a;$select=b)', "'$select=b' is not valid"],
    ['tasks/name', "Term 'tasks/name' is not valid in a $expand expression"],
    [Array.from({ length: 16 }, (_, index) => `n${index}`).join(','), 'A query may hold at most 15 $expand options.'],
    [`${'n($expand='.repeat(20)}n${')'.repeat(20)}`, 'A query may hold at most 15 $expand options.'],
  ])('refuses %s', (text, message) => {
    expect(() => parseExpand(text)).toThrow(message);
  });
});
