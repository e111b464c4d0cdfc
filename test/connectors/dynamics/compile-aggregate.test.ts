import { describe, expect, it } from 'vitest';
import { aggregateTarget, compileAggregate } from '../../../src/connectors/dynamics/compile-aggregate.js';
import type { AggregateFunction, AggregateQuery } from '../../../src/model/aggregate.js';
import type { Table } from '../../../src/model/table.js';
import { aColumn, aTable } from '../../support/builders.js';
import { ACCOUNT, CONTACT } from './tables.js';

function compile(parts: Partial<AggregateQuery<Table>>) {
  return compileAggregate({ from: CONTACT, groupBy: [], count: false, measures: [], ...parts }, () => ACCOUNT);
}

describe('an aggregate query as $apply', () => {
  it('counts all records', () => {
    expect(compile({ count: true }).apply).toBe('aggregate($count as count)');
  });

  it('asks for the measures alone that are wanted', () => {
    const measures = [
      { function: 'sum', path: 'annualincome' },
      { function: 'avg', path: 'annualincome' },
      { function: 'min', path: 'birthdate' },
      { function: 'max', path: 'modifiedon' },
      { function: 'countDistinct', path: 'parentcustomerid' },
    ] as const;
    expect(compile({ measures }).apply).toBe(
      'aggregate(annualincome with sum as sum_annualincome,annualincome with average as avg_annualincome,' +
        'birthdate with min as min_birthdate,modifiedon with max as max_modifiedon,' +
        '_parentcustomerid_value with countdistinct as countDistinct_parentcustomerid)',
    );
  });

  it('groups, by a lookup under the property that holds its id', () => {
    expect(compile({ groupBy: ['gendercode', 'parentcustomerid', 'gendercode'], count: true }).apply).toBe(
      'groupby((gendercode,_parentcustomerid_value),aggregate($count as count))',
    );
  });

  it('lists what there is where no more than groups is asked for', () => {
    expect(compile({ groupBy: ['gendercode'] }).apply).toBe('groupby((gendercode))');
  });

  it('filters before it groups, across a relationship too', () => {
    const filter = {
      kind: 'compare',
      path: 'parentcustomerid_account/name',
      operator: 'eq',
      value: "O'Neil)/x",
    } as const;
    expect(compile({ filter, count: true }).apply).toBe(
      "filter(parentcustomerid_account/name eq 'O''Neil)/x')/aggregate($count as count)",
    );
  });

  it('is one option of the URL, whatever the filter holds', () => {
    const filter = { kind: 'compare', path: 'fullname', operator: 'eq', value: "&$top=1#'+" } as const;
    const compiled = compile({ filter, groupBy: ['gendercode'] });
    const { searchParams } = new URL(`http://host/${aggregateTarget(compiled, null)}`);
    expect([...searchParams]).toEqual([['$apply', compiled.apply]]);
    expect(aggregateTarget(compiled, '%3Ccookie')).toMatch(/&\$skiptoken=%3Ccookie$/);
  });

  it('gives no alias that is the name of a column', () => {
    const from = aTable('thing', [aColumn('count', 'integer'), aColumn('count_', 'integer')]);
    expect(compile({ from, count: true }).apply).toBe('aggregate($count as count__)');
  });

  it('asks for annotations only where the groups need them', () => {
    expect(compile({ count: true }).annotations).toEqual([]);
    expect(compile({ groupBy: ['gendercode'] }).annotations).toEqual(['OData.Community.Display.V1.FormattedValue']);
    expect(compile({ groupBy: ['masterid'] }).annotations).toContain('Microsoft.Dynamics.CRM.lookuplogicalname');
  });

  it.each(['modifiedon', 'birthdate', 'topics'])('refuses to group by %s, as Dynamics does', (column) => {
    expect(() => compile({ groupBy: [column] })).toThrow(`column "${column}" is of type`);
  });

  it.each<[AggregateFunction, string]>([
    ['sum', 'fullname'],
    ['avg', 'modifiedon'],
    ['min', 'gendercode'],
    ['max', 'donotemail'],
    ['sum', 'masterid'],
  ])('refuses the %s of %s', (name, path) => {
    const measures = [{ function: name, path }];
    expect(() => compile({ measures })).toThrow(`Expected a column for ${name}, but column "${path}"`);
  });

  it('refuses columns that are not there or cannot be read', () => {
    expect(() => compile({ groupBy: ['nosuch'] })).toThrow('"nosuch"');
    expect(() => compile({ measures: [{ function: 'countDistinct', path: 'hidden' }] })).toThrow('"hidden"');
  });
});
