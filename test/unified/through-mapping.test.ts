import { describe, expect, it } from 'vitest';
import type { AttributeType } from '../../src/model/campaign-schema.js';
import type { Filter, Scalar } from '../../src/model/query.js';
import type { ColumnType } from '../../src/model/table.js';
import { filterThroughMapping, orderThroughMapping } from '../../src/unified/through-mapping.js';
import { attribute, column, element, mapping, schema, table } from './catalogs.js';

/** A thing whose column `value` is mapped to an attribute of a type. */
function target(type: AttributeType = 'string', columnType: ColumnType = 'string') {
  const parts = {
    table: table('thing', [column('value', columnType)]),
    schema: schema('cus:thing', [attribute('crmId')], { elements: [element('inner', [attribute('value', type)])] }),
    mapping: mapping('thing', 'cus:thing', { value: 'inner/@value' }),
  };
  const compared = { mapping: parts.mapping, dynamics: { fields: [] }, campaign: { fields: [] } };
  return { system: 'unified' as const, typeName: 'Thing', ...parts, compared, related: () => undefined };
}

describe('a filter on mapped columns', () => {
  it('is carried over to their paths, through and, or, not', () => {
    const filter = filterThroughMapping(target(), {
      kind: 'or',
      filters: [
        { kind: 'not', filter: { kind: 'text', path: 'value', operator: 'contains', value: 'x' } },
        { kind: 'null', path: 'thingid', isNull: true },
      ],
    });
    expect(filter).toEqual({
      kind: 'or',
      filters: [
        { kind: 'not', filter: { kind: 'text', path: 'inner/value', operator: 'contains', value: 'x' } },
        { kind: 'null', path: 'crmId', isNull: true },
      ],
    });
  });

  it.each<[AttributeType, Scalar, Scalar]>([
    ['string', 3, '3'],
    ['byte', '3', 3],
    ['boolean', 1, true],
    ['date', '2024-01-31T10:00:00.000Z', '2024-01-31'],
    ['datetime', '2024-01-31', '2024-01-31T00:00:00.000Z'],
    ['int64', 12, '12'],
  ])('gives an attribute of type %s for %j the value %j', (type, given, expected) => {
    expect(filterThroughMapping(target(type), { kind: 'in', path: 'value', values: [given] })).toEqual({
      kind: 'in',
      path: 'inner/value',
      values: [expected],
    });
  });

  it('finds one of several choices in the text that they are kept as', () => {
    const among = (value: string) => ({
      kind: 'or',
      filters: [
        { kind: 'compare', path: 'inner/value', operator: 'eq', value },
        { kind: 'text', path: 'inner/value', operator: 'startsWith', value: `${value},` },
        { kind: 'text', path: 'inner/value', operator: 'contains', value: `,${value},` },
        { kind: 'text', path: 'inner/value', operator: 'endsWith', value: `,${value}` },
      ],
    });
    const carried = (filter: Filter) => filterThroughMapping(target('string', 'choices'), filter);
    expect(carried({ kind: 'compare', path: 'value', operator: 'eq', value: 1 })).toEqual(among('1'));
    expect(carried({ kind: 'in', path: 'value', values: [3] })).toEqual(among('3'));
    expect(carried({ kind: 'compare', path: 'value', operator: 'ne', value: 1 })).toEqual({
      kind: 'not',
      filter: among('1'),
    });
    expect(() => carried({ kind: 'compare', path: 'value', operator: 'gt', value: 1 })).toThrow(
      'Expected eq, ne or in for column "value", which holds several choices, but got gt.',
    );
  });

  it('refuses a column that is not mapped', () => {
    expect(() => filterThroughMapping(target(), { kind: 'null', path: 'other', isNull: true })).toThrow(
      'knows only mapped columns, and "other" of thing is not mapped to cus:thing',
    );
  });
});

describe('an order by mapped columns', () => {
  it('is carried over to their paths', () => {
    const orderBy = orderThroughMapping(target(), [{ path: 'value', descending: true }]);
    expect(orderBy).toEqual([{ path: 'inner/value', descending: true }]);
  });
});
