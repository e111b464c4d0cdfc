import { describe, expect, it } from 'vitest';
import { differences } from '../../src/mapping/compare.js';
import type { AttributeType } from '../../src/model/campaign-schema.js';
import type { RecordValue } from '../../src/model/record.js';
import type { ColumnType } from '../../src/model/table.js';
import { aColumn, aField, aMapping, anAttribute, anElement, aSchema, aTable } from '../support/builders.js';

describe('whether the two sides hold the same', () => {
  it.each<[ColumnType, AttributeType, RecordValue, RecordValue]>([
    ['string', 'string', null, ''],
    ['memo', 'memo', 'one\r\ntwo', 'one\ntwo'],
    ['integer', 'long', null, 0],
    ['integer', 'long', 0, null],
    ['bigint', 'int64', '12', '12'],
    ['decimal', 'float', 0.1, Math.fround(0.1)],
    ['boolean', 'boolean', null, false],
    ['boolean', 'boolean', true, true],
    ['boolean', 'string', true, 'true'],
    ['choice', 'string', { value: 2, label: 'Female' }, { name: '2', value: '2', label: 'Female' }],
    ['choice', 'byte', { value: 2, label: 'Female' }, { name: 'female', value: '2', label: 'Female' }],
    ['choice', 'byte', null, { name: 'unknown', value: '0', label: 'None specified' }],
    [
      'choices',
      'string',
      [
        { value: 3, label: 'c' },
        { value: 1, label: 'a' },
      ],
      '1,3',
    ],
    ['lookup', 'string', { table: 'account', id: '0a4b', name: null }, '{0A4B}'],
    ['datetime', 'datetime', '2026-01-31T23:30:05Z', '2026-01-31T23:30:05.417Z'],
    ['datetime', 'datetime', '2026-01-31T23:30:05+02:00', '2026-01-31T21:30:05Z'],
    ['datetime', 'date', '2026-01-31T23:30:05Z', '2026-01-31'],
    ['date', 'datetime', '2026-01-31', '2026-01-31T00:00:00.000Z'],
  ])('%s in %s: %j is %j', (columnType, attributeType, dynamics, campaign) => {
    expect(compareOne(columnType, attributeType, dynamics, campaign)).toEqual([]);
  });

  it.each<[ColumnType, AttributeType, RecordValue, RecordValue]>([
    ['string', 'string', 'Zoe', 'zoe'],
    ['string', 'string', 'Zoë', null],
    ['integer', 'long', 1, 0],
    ['boolean', 'boolean', true, null],
    ['choice', 'string', { value: 1, label: 'Male' }, '2'],
    ['datetime', 'datetime', '2026-01-31T23:30:05Z', '2026-01-31T23:30:06Z'],
  ])('%s in %s: %j is not %j', (columnType, attributeType, dynamics, campaign) => {
    expect(compareOne(columnType, attributeType, dynamics, campaign)).toHaveLength(1);
  });

  it('tells both values in the form that Campaign holds', () => {
    expect(compareOne('choice', 'string', { value: 1, label: 'Male' }, '2')).toEqual([
      { column: 'value', path: '@value', dynamics: '1', campaign: '2' },
    ]);
  });

  it('finds the value of a nested path', () => {
    const mapping = aMapping('contact', 'nms:recipient', [aField('city', 'location/@city')]);
    const schema = aSchema('nms:recipient', [], { elements: [anElement('location', [anAttribute('city')])] });
    const table = aTable('contact', [aColumn('city')]);
    expect(differences(mapping, table, schema, { city: 'Paris' }, { location: { city: 'Paris' } })).toEqual([]);
    expect(differences(mapping, table, schema, { city: 'Paris' }, { location: null })).toMatchObject([
      { path: 'location/@city', dynamics: 'Paris', campaign: null },
    ]);
  });

  it('compares the clock reading where the offset was dropped on the way', () => {
    const mapping = aMapping('task', 'cus:task', [aField('due', '@due', { conversion: 'WITHOUT_TIME_OFFSET' })]);
    const schema = aSchema('cus:task', [anAttribute('due', 'datetime')]);
    const table = aTable('task', [aColumn('due', 'datetime')]);
    const sides = [{ due: '2026-01-31T23:30:00Z' }, { due: '2026-01-31T23:30:00+01:00' }] as const;
    expect(differences(mapping, table, schema, ...sides)).toEqual([]);
  });
});

function compareOne(
  columnType: ColumnType,
  attributeType: AttributeType,
  dynamics: RecordValue,
  campaign: RecordValue,
) {
  const mapping = aMapping('contact', 'nms:recipient', [aField('value', '@value')]);
  const table = aTable('contact', [aColumn('value', columnType)]);
  const schema = aSchema('nms:recipient', [anAttribute('value', attributeType)]);
  return differences(mapping, table, schema, { value: dynamics }, { value: campaign });
}
