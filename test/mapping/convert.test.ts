import { describe, expect, it } from 'vitest';
import { toCampaign, toDynamics } from '../../src/mapping/convert.js';
import type { Conversion } from '../../src/model/mapping.js';
import type { RecordValue } from '../../src/model/record.js';
import type { ColumnType } from '../../src/model/table.js';
import { aColumn } from '../support/builders.js';

const contact = { table: 'contact', id: '0A4B', name: 'Zoë' };
const choice = { value: 2, label: 'Female' };

describe('what a Dynamics value becomes in Campaign', () => {
  it.each<[ColumnType, RecordValue, Conversion, unknown]>([
    ['string', 'Łódź', 'DEFAULT', 'Łódź'],
    ['string', '', 'DEFAULT', null],
    ['string', null, 'COPY', null],
    ['integer', 0, 'DEFAULT', 0],
    ['integer', 12, 'COPY', '12'],
    ['bigint', '9007199254740993', 'DEFAULT', '9007199254740993'],
    ['money', 12.5, 'DEFAULT', 12.5],
    ['boolean', false, 'DEFAULT', false],
    ['choice', choice, 'DEFAULT', '2'],
    ['state', { value: 0, label: 'Active' }, 'DEFAULT', '0'],
    [
      'choices',
      [
        { value: 3, label: 'c' },
        { value: 1, label: 'a' },
      ],
      'DEFAULT',
      '1,3',
    ],
    ['choices', [], 'DEFAULT', null],
    ['lookup', contact, 'DEFAULT', '0A4B'],
    ['customer', contact, 'COPY', '0A4B'],
    ['date', '1980-02-29', 'DEFAULT', '1980-02-29'],
    ['datetime', '2026-01-31T23:30:00Z', 'DEFAULT', '2026-01-31T23:30:00Z'],
    ['datetime', '2026-01-31T23:30:00-02:00', 'DATE_ONLY', '2026-02-01'],
    ['datetime', '2026-01-31T23:30:00Z', 'WITHOUT_TIME_OFFSET', '2026-01-31T23:30:00'],
    ['datetime', '2026-01-31T23:30:00Z', 'COPY', '2026-01-31T23:30:00Z'],
  ])('%s %j by %s is %j', (type, value, conversion, expected) => {
    expect(toCampaign(aColumn('column', type), value, conversion)).toEqual(expected);
  });

  it('takes a value that did not come at all for an absent one', () => {
    expect(toCampaign(aColumn('firstname'), undefined, 'DEFAULT')).toBeNull();
  });
});

describe('what a Campaign value becomes in Dynamics', () => {
  it.each<[ColumnType, RecordValue, Conversion, unknown]>([
    ['string', 'Łódź', 'DEFAULT', 'Łódź'],
    ['string', '', 'DEFAULT', null],
    ['integer', '12', 'DEFAULT', 12],
    ['bigint', '9007199254740993', 'DEFAULT', '9007199254740993'],
    ['boolean', '1', 'DEFAULT', true],
    ['boolean', 0, 'DEFAULT', false],
    ['choice', { name: 'female', value: '2', label: 'Female' }, 'DEFAULT', 2],
    ['choices', '1,3', 'DEFAULT', '1,3'],
    ['lookup', '{0A4B}', 'DEFAULT', '0a4b'],
    ['date', '1980-02-29T00:00:00Z', 'DEFAULT', '1980-02-29'],
    ['datetime', '1980-02-29', 'DEFAULT', '1980-02-29T00:00:00Z'],
    ['datetime', '2026-01-31T23:30:00+02:00', 'WITHOUT_TIME_OFFSET', '2026-01-31T23:30:00Z'],
    ['datetime', '2026-01-31T23:30:00Z', 'DATE_ONLY', '2026-01-31'],
    ['integer', 7, 'COPY', '7'],
  ])('%s %j by %s is %j', (type, value, conversion, expected) => {
    expect(toDynamics(aColumn('column', type), value, conversion)).toEqual(expected);
  });

  it('names the column that cannot hold a value', () => {
    expect(() => toDynamics(aColumn('numberofchildren', 'integer'), 'two', 'DEFAULT')).toThrow(
      'Expected a number for column "numberofchildren", got "two".',
    );
  });
});
