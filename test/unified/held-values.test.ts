import { describe, expect, it } from 'vitest';
import type { WriteValue } from '../../src/model/query.js';
import type { RecordValue } from '../../src/model/record.js';
import type { ColumnType } from '../../src/model/table.js';
import { asRecord, differingColumns } from '../../src/unified/held-values.js';
import { aColumn, aLookup, aTable } from '../support/builders.js';

const ID = 'AAAAAAAA-0000-0000-0000-000000000001';
const lookup = { table: 'account', id: ID.toLowerCase(), name: 'Ex' };

/** Whether Dynamics holds what was given, as a column of this type. */
function holds(type: ColumnType, given: WriteValue, held: RecordValue): boolean {
  return differingColumns(aTable('thing', [aColumn('it', type)]), { it: given }, { it: held }).length === 0;
}

describe('what Dynamics holds already', () => {
  it.each<[ColumnType, WriteValue, RecordValue]>([
    ['string', 'a', 'a'],
    ['string', null, null],
    ['string', '', null],
    ['memo', 'one\r\ntwo', 'one\ntwo'],
    ['integer', 7, 7],
    ['bigint', '9007199254740993', '9007199254740993'],
    ['money', 1.5, 1.5],
    ['decimal', 2, 2],
    ['boolean', false, false],
    ['choice', 3, { value: 3, label: 'Three' }],
    [
      'choices',
      '3,1',
      [
        { value: 1, label: null },
        { value: 3, label: null },
      ],
    ],
    ['datetime', '2024-01-01T00:00:00.500Z', '2024-01-01T00:00:00Z'],
    ['date', '2024-02-29', '2024-02-29'],
    ['customer', `account:${ID}`, lookup],
    ['lookup', ID, lookup],
  ])('is a %s: %j is %j', (type, given, held) => {
    expect(holds(type, given, held)).toBe(true);
  });

  it.each<[ColumnType, WriteValue, RecordValue]>([
    ['string', 'a', 'A'],
    ['string', 'a', null],
    ['boolean', false, null],
    ['integer', 0, null],
    ['choice', 3, { value: 4, label: 'Four' }],
    [
      'choices',
      '1',
      [
        { value: 1, label: null },
        { value: 3, label: null },
      ],
    ],
    ['datetime', '2024-01-01T00:00:01Z', '2024-01-01T00:00:00Z'],
    ['date', '2024-02-29', '2024-03-01'],
    ['lookup', null, lookup],
  ])('is another %s: %j is not %j', (type, given, held) => {
    expect(holds(type, given, held)).toBe(false);
  });
});

describe('values to write, as a record that was read has them', () => {
  it('tell the table of a lookup, also where it needs not be named', () => {
    const table = aTable('contact', [
      aColumn('lastname'),
      aLookup('one', ['account']),
      aLookup('two', ['account', 'lead']),
    ]);
    expect(asRecord(table, { lastname: 'Doe', one: ID, two: `lead:${ID}` })).toEqual({
      lastname: 'Doe',
      one: { table: 'account', id: ID, name: null },
      two: { table: 'lead', id: ID, name: null },
    });
    expect(asRecord(table, { one: null })).toEqual({ one: null });
  });
});
