import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { currentReadme, mergeRows, readCovers, readRows } from '../../scripts/write-compatibility.js';

describe('the compatibility tables', () => {
  it('in mocks/README.md are what the tests and the JSON files tell now; "npm run compatibility" writes them', () => {
    expect(readFileSync('mocks/README.md', 'utf8')).toBe(currentReadme());
  });

  it('are read from the text of the tests', () => {
    const text = `it('x', () => {\n  covers('dynamics', '3 Queries', "name eq 'x' | \\"y\\"");\n`;
    expect(readCovers(text, 'a.test.ts')).toEqual([
      {
        mock: 'dynamics',
        section: '3 Queries',
        operation: `name eq 'x' | "y"`,
        status: 'imitated',
        notes: ['a.test.ts'],
      },
    ]);
  });

  it.each([`(name, 'a', 'b')`, `('dynamics', 'a')`, `('sap', 'a', 'b')`, `('entra', 'a', \`b\`)`])(
    'refuse a call that cannot be read: %s',
    (call) => {
      expect(() => readCovers(`\ncovers${call};`, 'a.test.ts')).toThrow('a.test.ts:2: Expected covers(');
    },
  );

  it('refuse an operation with two statuses', () => {
    const covered = readCovers(`covers('entra', '8', 'x')`, 'a.test.ts');
    const row = { section: '8', operation: 'x', status: 'missing', note: 'Not made.' };
    const written = readRows(JSON.stringify([row]), 'entra', 'c.json');
    expect(() => mergeRows([...covered, ...written])).toThrow('is imitated by a.test.ts and missing by Not made.');
  });

  it('refuse a JSON row that claims to be imitated without a test', () => {
    const row = { section: '8', operation: 'x', status: 'imitated', note: 'Really.' };
    expect(() => readRows(JSON.stringify([row]), 'entra', 'c.json')).toThrow('c.json: Expected row 0 to have section');
  });

  it('list an operation once, however many tests show it', () => {
    const rows = ['b.test.ts', 'a.test.ts'].flatMap((file) => readCovers(`covers('entra', '8', 'x')`, file));
    expect(mergeRows(rows).map(({ notes }) => notes)).toEqual([['a.test.ts', 'b.test.ts']]);
  });
});
