import { expect, it } from 'vitest';
import { groupRows } from '../../../../mocks/dynamics/query/aggregate.js';
import { covers } from '../../compatibility.js';

function* numbers(count: number): Generator<number> {
  for (let at = 0; at < count; at += 1) yield at;
}

const counting = { keys: [], aggregations: [{ method: 'count' as const, valueOf: () => undefined }] };

it('50,000 rows are aggregated, one more is refused', () => {
  covers('dynamics', '3 Queries', '$apply: errors and limits');
  expect(groupRows(numbers(50_000), counting)).toEqual([{ keys: [], values: [50_000] }]);
  expect(() => groupRows(numbers(50_001), counting)).toThrowError(
    expect.objectContaining({ code: '0x8004e023', status: 400 }),
  );
});

it('texts that differ in case alone are one group, and so are rows without a value', () => {
  const keys = [(row: { readonly city?: string }) => row.city];
  const groups = groupRows([{ city: 'Bonn' }, {}, { city: 'BONN' }, {}], { keys, aggregations: counting.aggregations });
  expect(groups).toEqual([
    { keys: ['Bonn'], values: [2] },
    { keys: [undefined], values: [2] },
  ]);
});
