import { expect, it } from 'vitest';
import { aimOfMock, aimsOfCell } from '../../bench/aims.js';
import type { Entrant } from '../../bench/matrix.js';
import type { Measured } from '../../bench/measure.js';

/** Contestants by their throughput; each takes its share of 32 ms. */
function measured(rates: Partial<Record<Entrant, number>>) {
  return (name: Entrant): Measured<Entrant> | undefined => {
    const perSecond = rates[name];
    if (perSecond === undefined) return undefined;
    return { name, perSecond, milliseconds: 32_000 / perSecond, cpu: 1, loadCpu: 0, rounds: [perSecond] };
  };
}

it('without delay the gateway is held against Apollo and Mesh', () => {
  const of = measured({ apollo: 100, gateway: 240, 'gateway, Dynamics half': 700, 'mesh, Dynamics half': 100 });
  expect(aimsOfCell({ delay: 0, connections: 32 }, of)).toEqual([
    { what: 'gateway / apollo', result: '2.40', aim: { text: '≥ 2.50', met: false } },
    { what: 'gateway / mesh, Dynamics half', result: '7.00', aim: { text: '≥ 6.00', met: true } },
  ]);
});

it.each([
  [16, 0.92, '≥ 0.90', true],
  [32, 0.92, '≥ 0.95', false],
])('at 30 ms on %i connections the gateway is held against the floor', (connections, rate, text, met) => {
  const of = measured({ floor: 1, gateway: rate });
  const aims = aimsOfCell({ delay: 30, connections }, of);
  expect(aims).toEqual([{ what: 'gateway / floor', result: '0.92', aim: { text, met } }]);
});

it('on one connection the gateway may answer two milliseconds after the floor', () => {
  const of = measured({ floor: 8_000, gateway: 4_000 });
  const [aim] = aimsOfCell({ delay: 100, connections: 1 }, of);
  expect(aim).toMatchObject({ result: '4.0 ms', aim: { text: '≤ 2 ms', met: false } });
});

it('there is no aim for whom nothing was measured', () => {
  expect(aimsOfCell({ delay: 0, connections: 32 }, measured({ gateway: 240 }))).toEqual([]);
});

it.each([
  ['campaign mock: write 5000 new recipients', '165 ms (median of 7, best 141)', { text: '≤ 80 ms', met: false }],
  ['dynamics mock: page of 5,000 rows of 20 columns', '48 ms to the last byte', { text: '≤ 50 ms', met: true }],
  ['dynamics mock: page of 5,000 rows of 20 columns', 'not measured', { text: '≤ 50 ms', met: false }],
  ['dynamics mock: idle', '110 MiB', undefined],
])('a row of the mocks is held against its aim: %s, %s', (what, result, aim) => {
  expect(aimOfMock(what, result)).toEqual(aim);
});
