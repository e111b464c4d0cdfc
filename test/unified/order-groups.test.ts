import { describe, expect, it } from 'vitest';
import type { Group, MeasureValue } from '../../src/model/aggregate.js';
import type { RecordData } from '../../src/model/record.js';
import { orderGroups } from '../../src/unified/order-groups.js';

const MEASURES = [
  { function: 'sum', path: 'versions' },
  { function: 'max', path: 'location/seen' },
] as const;

function group(key: RecordData, count = 1, values: readonly MeasureValue[] = [null, null]): Group {
  return { key, count, values };
}

/** The keys of groups in an order: `['count DESC', 'key/city']`. */
function ordered(groups: readonly Group[], groupBy: readonly string[], ...orderBy: readonly string[]) {
  const orders = orderBy.map((text) => {
    const [path = '', direction] = text.split(' ');
    return { path, descending: direction === 'DESC' };
  });
  return orderGroups(groups, { groupBy, measures: MEASURES }, orders).map(({ key }) => key);
}

describe('groups in order', () => {
  it('come by their keys where no order is asked for, those without a value first', () => {
    const keys = [{ city: 'lyon' }, { city: 'Bern' }, { city: null }, { city: 'Aarau' }];
    expect(
      ordered(
        keys.map((key) => group(key)),
        ['city'],
      ),
    ).toEqual([keys[2], keys[3], keys[1], keys[0]]);
  });

  it.each<[string, readonly RecordData[]]>([
    ['choices by their number', [{ k: { value: 2, label: 'A' } }, { k: { value: 10, label: 'B' } }]],
    [
      'lookups by the name they show, or their id',
      [
        { k: { table: 'account', id: '2', name: 'adatum' } },
        { k: { table: 'account', id: 'b', name: null } },
        { k: { table: 'account', id: '1', name: 'Contoso' } },
      ],
    ],
    [
      'enumerations of Campaign by their label',
      [{ k: { name: 'f', value: '2', label: 'Female' } }, { k: { name: 'm', value: '1', label: 'Male' } }],
    ],
    ['false before true', [{ k: false }, { k: true }]],
    ['numbers as numbers', [{ k: -1 }, { k: 9 }, { k: 10 }]],
  ])('come with %s', (_, keys) => {
    const shuffled = [...keys].reverse().map((key) => group(key));
    expect(ordered(shuffled, ['k'])).toEqual(keys);
    expect(ordered(shuffled, ['k'], 'key/k DESC')).toEqual([...keys].reverse());
  });

  it('come by their count, and by their keys where that is the same', () => {
    const groups = [group({ k: 'c' }, 1), group({ k: 'b' }, 5), group({ k: 'a' }, 1)];
    expect(ordered(groups, ['k'], 'count DESC').map(({ k }) => k)).toEqual(['b', 'a', 'c']);
  });

  it('come by sums of more digits than a number holds, and by moments', () => {
    const groups = [
      group({ k: 'a' }, 1, ['9007199254740993', '2024-05-01T00:00:00.000Z']),
      group({ k: 'b' }, 1, ['9007199254740992', null]),
      group({ k: 'c' }, 1, ['-5', '2023-12-31T00:00:00.000Z']),
    ];
    expect(ordered(groups, ['k'], 'sum/versions').map(({ k }) => k)).toEqual(['c', 'b', 'a']);
    expect(ordered(groups, ['k'], 'max/location/seen DESC').map(({ k }) => k)).toEqual(['a', 'c', 'b']);
  });

  it('come by the first item of several that tells them apart, elements by their path', () => {
    const groups = [
      group({ location: { city: 'b' }, k: 1 }, 2),
      group({ location: { city: 'a' }, k: 2 }, 2),
      group({ location: { city: 'a' }, k: 1 }, 2),
    ];
    const order = ['count', 'key/location/city DESC', 'key/k DESC'];
    expect(ordered(groups, ['location/city', 'k'], ...order).map(({ k, location }) => [location, k])).toEqual([
      [{ city: 'b' }, 1],
      [{ city: 'a' }, 2],
      [{ city: 'a' }, 1],
    ]);
  });
});
