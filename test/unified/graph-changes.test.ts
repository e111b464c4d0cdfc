import { describe, expect, it } from 'vitest';
import type { Catalog } from '../../src/model/catalog.js';
import type { Table } from '../../src/model/table.js';
import { findGraphChanges } from '../../src/unified/graph-changes.js';
import { attribute, CRM_CATALOG, column, mapping, schema, table } from './catalogs.js';

const BASE: Catalog = {
  tables: [
    table('contact', [column('jobtitle'), column('age', 'integer'), column('accountid', 'lookup', ['account'])]),
    table('account', [column('name')]),
    table('account_note', [column('text')]),
  ],
  schemas: [schema('cus:crmContact', [attribute('crmId'), attribute('jobtitle')])],
  mappings: [mapping('contact', 'cus:crmContact', { jobtitle: '@jobtitle' })],
};

/** The catalog with one table otherwise; null without it. */
function withTable(name: string, change: (table: Table) => Table | null): Catalog {
  return { ...BASE, tables: BASE.tables.flatMap((one) => (one.logicalName === name ? (change(one) ?? []) : one)) };
}

function told(after: Catalog): readonly string[] {
  return findGraphChanges(BASE, after).map(({ kind, name, detail }) => `${kind} ${name}: ${detail}`);
}

describe('what changed in the graph', () => {
  it('is nothing where the same is described in another order', () => {
    expect(findGraphChanges(CRM_CATALOG, { ...CRM_CATALOG, tables: CRM_CATALOG.tables.toReversed() })).toEqual([]);
  });

  it('is a field once, on each record that shows the column, where a column goes', () => {
    const after = withTable('contact', (one) => ({
      ...one,
      columns: one.columns.filter((it) => it.name !== 'jobtitle'),
    }));
    expect(told(after)).toEqual([
      'BREAKING contact: DynamicsContact.jobtitle was removed.',
      'BREAKING contact: Contact.jobtitle was removed.',
    ]);
  });

  it('is an addition where a column comes', () => {
    const after = withTable('contact', (one) => ({ ...one, columns: [...one.columns, column('new_nickname')] }));
    expect(told(after)).toEqual(['ADDITION contact: DynamicsContact.new_nickname was added.']);
  });

  it('is breaking where a column changes its type', () => {
    const after = withTable('contact', (one) => ({
      ...one,
      columns: one.columns.map((it) => (it.name === 'age' ? column('age') : it)),
    }));
    expect(told(after)).toContain('BREAKING contact: DynamicsContact.age changed type from Int to String.');
  });

  it('names the table that is gone, and the lookups that led to it', () => {
    expect(told(withTable('account', () => null))).toEqual([
      'BREAKING account: DynamicsAccount was removed.',
      'BREAKING contact: DynamicsContact.accountid changed type from DynamicsAccount to DynamicsReference.',
    ]);
  });

  it('is told of the table whose name is the longest that fits', () => {
    const after = withTable('account_note', (one) => ({ ...one, columns: [...one.columns, column('title')] }));
    expect(told(after)).toEqual(['ADDITION account_note: DynamicsAccountNote.title was added.']);
  });

  it('is told of the schema where an attribute of Campaign comes or goes', () => {
    const after = { ...BASE, schemas: [schema('cus:crmContact', [attribute('crmId'), attribute('title')])] };
    expect(told(after)).toEqual([
      'BREAKING cus:crmContact: CampaignCusCrmContact.jobtitle was removed.',
      'ADDITION cus:crmContact: CampaignCusCrmContact.title was added.',
    ]);
  });

  it('is told of a hundred tables at most, those that changed before those that came', () => {
    const many = Array.from({ length: 150 }, (_, at) => table(`new_${at}`, [column('name')]));
    const changed = withTable('contact', (one) => ({ ...one, columns: [...one.columns, column('new_nickname')] }));
    const lines = told({ ...changed, tables: [...many, ...changed.tables] });
    expect(lines).toHaveLength(100);
    expect(lines).toContain('ADDITION contact: DynamicsContact.new_nickname was added.');
  });

  it('is one line for a table that comes', () => {
    expect(told({ ...BASE, tables: [...BASE.tables, table('lead', [column('subject')])] })).toEqual([
      'ADDITION lead: DynamicsLead was added.',
    ]);
  });
});
