import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ColumnDefinition, TableDefinition } from '../../../mocks/dynamics/table-definitions.js';
import { covers } from '../compatibility.js';
import { type Organization, startOrganization } from './support.js';

/** The size of a large organization: a thousand tables with 27 columns each, every table leading to the one before it. */
const TABLES = 1000;
const COLUMNS = 27;

function column(table: number, at: number): ColumnDefinition {
  const name = `new_column${at}`;
  if (at === 0)
    return {
      name: `new_table${table}id`,
      type: 'Uniqueidentifier',
      label: `Table ${table}`,
      required: 'SystemRequired',
    };
  if (at === 1) return { name: 'new_name', type: 'String', label: 'Name', maxLength: 100 };
  if (at === 2 && table > 0) {
    const collection = `new_table${table - 1}_table${table}`;
    return {
      name,
      type: 'Lookup',
      label: 'Above',
      targets: [{ table: `new_table${table - 1}`, navigation: name, collection }],
    };
  }
  if (at === 3) return { name, type: 'Picklist', label: 'Choice', options: [{ value: 1, label: 'One' }] };
  return { name, type: 'String', label: `Column ${at}`, maxLength: 100 };
}

function table(number: number): TableDefinition {
  return {
    logicalName: `new_table${number}`,
    setName: `new_table${number}s`,
    label: `Table ${number}`,
    primaryId: `new_table${number}id`,
    primaryName: 'new_name',
    objectTypeCode: 20_000 + number,
    ownership: 'OrganizationOwned',
    isCustom: true,
    columns: Array.from({ length: COLUMNS }, (_, at) => column(number, at)),
  };
}

let folder: string;
let organization: Organization;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tables-'));
  const file = join(folder, 'tables.json');
  await writeFile(file, JSON.stringify({ tables: Array.from({ length: TABLES }, (_, at) => table(at)) }));
  organization = await startOrganization({ contacts: 0, tables: file });
});

afterAll(async () => {
  await organization.mock.close();
  await rm(folder, { recursive: true });
});

describe('a thousand tables', () => {
  it('are described with all of their columns, in an answer that is streamed', async () => {
    covers('dynamics', '2 Metadata', '--tables with a thousand tables, EntityDefinitions streamed');
    const { headers, body } = await organization.get(
      'EntityDefinitions?$select=LogicalName&$expand=Attributes($select=LogicalName)',
    );
    expect(headers.get('content-length')).toBeNull();
    const added = body.value.filter((it: { LogicalName: string }) => it.LogicalName.startsWith('new_table'));
    expect(added).toHaveLength(TABLES);
    // Beside the columns, the names that go with a lookup and a choice.
    expect(added.at(-1).Attributes).toHaveLength(COLUMNS + 2);
  });

  it('take rows that lead to each other', async () => {
    const first = await organization.send('POST', 'new_table7s', { new_name: 'seven' });
    const id = /\(([^)]+)\)$/.exec(first.headers.get('odata-entityid') ?? '')?.[1];
    await organization.send('POST', 'new_table8s', {
      new_name: 'eight',
      'new_column2@odata.bind': `new_table7s(${id})`,
    });
    const { body } = await organization.get('new_table8s?$select=new_name&$expand=new_column2($select=new_name)');
    expect(body.value).toMatchObject([{ new_name: 'eight', new_column2: { new_name: 'seven' } }]);
  });
});
