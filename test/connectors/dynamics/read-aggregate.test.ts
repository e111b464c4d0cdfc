import { describe, expect, it } from 'vitest';
import { compileAggregate } from '../../../src/connectors/dynamics/compile-aggregate.js';
import { readGroups } from '../../../src/connectors/dynamics/read-aggregate.js';
import type { AggregateQuery } from '../../../src/model/aggregate.js';
import type { Table } from '../../../src/model/table.js';
import { createFakeClient, type FakeAnswer } from './fake-client.js';
import { CONTACT, ID } from './tables.js';

function read(parts: Partial<AggregateQuery<Table>>, ...answers: readonly FakeAnswer[]) {
  let index = 0;
  const client = createFakeClient(() => answers[index++] ?? {});
  const query = compileAggregate({ from: CONTACT, groupBy: [], count: false, measures: [], ...parts });
  return { client, groups: readGroups(client, query) };
}

const FORMATTED = '@OData.Community.Display.V1.FormattedValue';

describe('groups in the answer of Dynamics', () => {
  it('are decoded by the types of their columns, sums of whole numbers as text', async () => {
    const measures = [
      { function: 'sum', path: 'numberofchildren' },
      { function: 'avg', path: 'numberofchildren' },
      { function: 'max', path: 'versionnumber' },
      { function: 'min', path: 'modifiedon' },
      { function: 'sum', path: 'annualincome' },
      { function: 'countDistinct', path: 'fullname' },
    ] as const;
    const row = {
      sum_numberofchildren: 4_000_000_000,
      avg_numberofchildren: 1.5,
      max_versionnumber: '9007199254740993',
      min_modifiedon: '2024-05-01T02:00:00+02:00',
      sum_annualincome: 10.5,
      countDistinct_fullname: 3,
    };
    const { groups } = read({ measures, count: true }, { body: { value: [{ count: 7, ...row }] } });
    expect(await groups).toEqual([
      {
        key: {},
        count: 7,
        values: ['4000000000', 1.5, '9007199254740993', '2024-05-01T00:00:00.000Z', 10.5, 3],
      },
    ]);
  });

  it('have choices with their labels and lookups with their table as keys, null where no value is told', async () => {
    const rows = [
      {
        gendercode: 2,
        [`gendercode${FORMATTED}`]: 'Weiblich',
        _parentcustomerid_value: ID,
        [`_parentcustomerid_value${FORMATTED}`]: 'Litware',
        '_parentcustomerid_value@Microsoft.Dynamics.CRM.lookuplogicalname': 'account',
        donotemail: true,
      },
      {},
    ];
    const groupBy = ['gendercode', 'parentcustomerid', 'donotemail'];
    const { groups } = read({ groupBy }, { body: { value: rows } });
    expect(await groups).toEqual([
      {
        key: {
          gendercode: { value: 2, label: 'Weiblich' },
          parentcustomerid: { table: 'account', id: ID, name: 'Litware' },
          donotemail: true,
        },
        count: null,
        values: [],
      },
      { key: { gendercode: null, parentcustomerid: null, donotemail: null }, count: null, values: [] },
    ]);
  });

  it('have null where no record has a value', async () => {
    const { groups } = read({ measures: [{ function: 'avg', path: 'annualincome' }] }, { body: { value: [{}] } });
    expect(await groups).toEqual([{ key: {}, count: null, values: [null] }]);
  });

  it('are read to their end where they come in several answers', async () => {
    const next = { '@odata.nextLink': 'https://host/api/data/v9.2/contacts?$apply=x&$skiptoken=%3Ctwo' };
    const { client, groups } = read(
      { groupBy: ['fullname'], count: true },
      { body: { value: [{ fullname: 'A', count: 1 }], ...next } },
      { body: { value: [{ fullname: 'B', count: 2 }] } },
    );
    expect((await groups).map(({ key, count }) => [key.fullname, count])).toEqual([
      ['A', 1],
      ['B', 2],
    ]);
    expect(client.asked.map(({ resource }) => resource)).toEqual([
      'contacts?$apply=groupby((fullname),aggregate($count as count))',
      'contacts?$apply=groupby((fullname),aggregate($count as count))&$skiptoken=<two',
    ]);
  });

  it('of more records than Dynamics sums up are an error that tells what to do', async () => {
    const error = {
      code: '0x8004E023',
      message: 'The maximum record limit is exceeded. Reduce the number of records.',
    };
    const { groups } = read({ count: true }, { status: 400, body: { error } });
    await expect(groups).rejects.toMatchObject({
      code: 'UPSTREAM_REJECTED',
      message: expect.stringContaining('at most 50,000 records at once. Narrow the filter'),
      upstream: { code: '0x8004e023' },
    });
  });
});
