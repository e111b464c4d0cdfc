import { describe, expect, it } from 'vitest';
import { compileQuery, pageTarget } from '../../../src/connectors/dynamics/compile.js';
import type { Along, AlongList, AlongLookup, RecordQuery } from '../../../src/model/query.js';
import type { Table } from '../../../src/model/table.js';
import { aTable } from '../../support/builders.js';
import { ACCOUNT, CONTACT } from './tables.js';

const PARENT = aTable('account', ACCOUNT.columns, {
  relationships: [
    ...['members', 'owners'].map((navigation) => ({
      ...{ kind: 'one-to-many' as const, name: navigation, navigation, table: 'contact', column: 'masterid' },
    })),
    ...['lists', 'leads'].map((navigation) => ({
      ...{ kind: 'many-to-many' as const, name: navigation, navigation, table: 'contact', intersectTable: 'between' },
    })),
  ],
});

function list(navigation: string, facts: Partial<AlongList> = {}): AlongList {
  return { navigation, from: CONTACT, path: 'masterid', select: { fields: ['fullname'] }, first: 5, ...facts };
}

function lookup(navigation: string, lookups: readonly AlongLookup[] = []): AlongLookup {
  return { navigation, from: CONTACT, select: { fields: ['fullname'] }, lookups };
}

function expandOf(along: Partial<Along>, query: Partial<RecordQuery<Table>> = {}): string | null {
  const whole = { lookups: [], lists: [], ...along };
  const compiled = compileQuery({ from: PARENT, select: { fields: ['name'] }, first: 10, along: whole, ...query });
  return new URL(`http://host/${pageTarget(compiled, null)}`).searchParams.get('$expand');
}

const ITEM = '($select=contactid,fullname;$orderby=contactid asc;$top=6)';
const ONE = '($select=contactid,fullname)';

describe('What a request brings along', () => {
  it('is one record more than a page of each list, in its order and by its filter', () => {
    const filter = { kind: 'text', path: 'fullname', operator: 'startsWith', value: "O'N;)" } as const;
    const orderBy = [{ path: 'modifiedon', descending: true }];
    expect(expandOf({ lists: [list('members', { filter, orderBy })] })).toBe(
      "members($select=contactid,fullname;$filter=startswith(fullname,'O''N;)');$orderby=modifiedon desc,contactid asc;$top=6)",
    );
  });

  it('compares each value of an in by itself, as no query function is documented there', () => {
    const filter = { kind: 'in', path: 'gendercode', values: [1, 2] } as const;
    expect(expandOf({ lists: [list('members', { filter })] })).toContain(
      '$filter=(gendercode eq 1 or gendercode eq 2)',
    );
  });

  it('is records by lookups, over as many levels as are asked for', () => {
    const lookups = [lookup('primarycontactid', [lookup('masterid', [lookup('masterid')])]), lookup('other')];
    expect(expandOf({ lookups })).toBe(
      `primarycontactid($select=contactid,fullname;$expand=masterid($select=contactid,fullname;$expand=masterid${ONE})),other${ONE}`,
    );
  });

  it('goes over one level of lookups beside a list, as $top stands in no query that expands twice', () => {
    const lookups = [lookup('primarycontactid', [lookup('masterid')])];
    expect(expandOf({ lookups, lists: [list('members')] })).toBe(`members${ITEM},primarycontactid${ONE}`);
  });

  it('is either relationships of many to many or all others, whichever saves more requests', () => {
    const lists = [list('lists'), list('leads'), list('members')];
    expect(expandOf({ lists })).toBe(`lists${ITEM},leads${ITEM}`);
    expect(expandOf({ lists, lookups: [lookup('primarycontactid')] })).toBe(`members${ITEM},primarycontactid${ONE}`);
  });

  it('is a list once, however often it is asked for', () => {
    expect(expandOf({ lists: [list('members'), list('members', { first: 9 })] })).toBe(`members${ITEM}`);
  });

  it('is no more than fifteen expansions, lists before lookups', () => {
    const lookups = Array.from({ length: 20 }, (_, index) => lookup(`lookup${index}`));
    const items = expandOf({ lookups, lists: [list('members'), list('owners')] })?.split('),') ?? [];
    expect(items).toHaveLength(15);
    expect(items.slice(0, 2).join()).toContain('members');
  });

  it.each<[string, Partial<AlongList>]>([
    ['as long as Dynamics gives at most', { first: 5_000 }],
    ['filtered by a period', { filter: { kind: 'period', path: 'modifiedon', period: 'today', value: null } }],
    ['filtered across a lookup', { filter: { kind: 'null', path: 'masterid/fullname', isNull: true } }],
    ['filtered by several choices', { filter: { kind: 'compare', path: 'topics', operator: 'eq', value: 1 } }],
    ['asked for wrongly', { filter: { kind: 'compare', path: 'birthdate', operator: 'eq', value: 'today' } }],
  ])('is no list %s', (_, facts) => {
    expect(expandOf({ lists: [list('members', facts), list('owners')] })).toBe(`owners${ITEM}`);
  });

  it('is not so many rows that the answer grows out of bounds', () => {
    const lists = [list('members', { first: 1_000 }), list('owners')];
    expect(expandOf({ lists }, { first: 50 })).toContain('members');
    expect(expandOf({ lists }, { first: 200 })).toBe(`owners${ITEM}`);
  });

  it('is nothing where the URL would grow too long', () => {
    const value = 'x'.repeat(20_000);
    const filter = { kind: 'text', path: 'fullname', operator: 'contains', value } as const;
    expect(expandOf({ lists: [list('members', { filter })], lookups: [lookup('primarycontactid')] })).toBeNull();
  });
});
