import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mergeTables, readTablesFile } from '../../../mocks/dynamics/table-definitions.js';

const BUILT_IN = 'mocks/dynamics/fixtures/tables.json';
const CUSTOM = 'test/mocks/dynamics/fixtures/custom-tables.json';

describe('the built-in tables', () => {
  const { tables, manyToMany = [] } = readTablesFile(BUILT_IN);
  const names = new Set(tables.map((table) => table.logicalName));

  it('have each name, entity set and type code once', () => {
    expect(names.size).toBe(tables.length);
    expect(new Set(tables.map((table) => table.setName)).size).toBe(tables.length);
    expect(new Set(tables.map((table) => table.objectTypeCode)).size).toBe(tables.length);
  });

  it('hold the columns that identify and name their rows', () => {
    const lacking = tables.filter(({ columns, primaryId, primaryName }) => {
      const has = new Set(columns.map((column) => column.name));
      return !has.has(primaryId) || (primaryName !== null && !has.has(primaryName));
    });
    expect(lacking.map((table) => table.logicalName)).toEqual([]);
  });

  it('point at tables that are there', () => {
    const targets = tables.flatMap((table) =>
      table.columns.flatMap((column) => (column.targets ?? []).map((target) => target.table)),
    );
    const ends = manyToMany.flatMap((it) => [it.entity1, it.entity2, it.intersect]);
    expect([...targets, ...ends].filter((name) => !names.has(name))).toEqual([]);
  });

  it('belong each status to a state', () => {
    const account = tables.find((table) => table.logicalName === 'account');
    const statuses = account?.columns.find((column) => column.name === 'statuscode')?.options;
    expect(statuses?.map(({ value, state }) => [value, state])).toEqual([
      [1, 0],
      [2, 1],
    ]);
  });
});

describe('a file of tables', () => {
  it('adds tables, and columns to tables that are there', () => {
    const added = {
      tables: [{ ...tableNamed('account'), columns: [{ name: 'cr1_rating', type: 'Integer' as const }] }],
    };
    const merged = mergeTables(mergeTables(readTablesFile(BUILT_IN), readTablesFile(CUSTOM)), added);
    const columns = merged.tables
      .find((table) => table.logicalName === 'account')
      ?.columns.map((column) => column.name);
    expect(columns).toEqual(expect.arrayContaining(['name', 'cr1_rating']));
    expect(merged.tables.some((table) => table.logicalName === 'cr1_project')).toBe(true);
  });

  it('that is missing or of another form is named', async () => {
    expect(() => readTablesFile('nowhere.json')).toThrow('nowhere.json');
    const folder = await mkdtemp(join(tmpdir(), 'tables-'));
    const path = join(folder, 'odd.json');
    await writeFile(path, '{"tables":[{"name":"x"}]}');
    expect(() => readTablesFile(path)).toThrow(`Expected ${path} to hold {"tables": [...]}`);
    await rm(folder, { recursive: true });
  });
});

function tableNamed(name: string) {
  const table = readTablesFile(BUILT_IN).tables.find((it) => it.logicalName === name);
  if (table === undefined) throw new Error(`Expected a table named ${name}.`);
  return table;
}
