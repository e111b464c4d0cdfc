import type { Entrant } from './matrix.js';
import { type Measured, ratioOf } from './measure.js';

/** What a figure should be, and whether it is. */
export interface Aim {
  readonly text: string;
  readonly met: boolean;
}

interface AimRow {
  readonly what: string;
  readonly result: string;
  readonly aim: Aim;
}

const AIMS = {
  /** Of the throughput of hand-written Apollo without delay. */
  apollo: 2.5,
  /** Of the throughput of Mesh, which answers the Dynamics half alone, without delay. */
  mesh: 6,
  /** Of the floor's throughput where the mocks take 30 ms, by connections. */
  floor: new Map([
    [16, 0.9],
    [32, 0.95],
  ]),
  /** Milliseconds over the floor's median on one connection. */
  overFloor: 2,
} as const;

/** What is aimed at in a cell of the matrix, and what came out. Nothing where the ones it takes are not measured. */
export function aimsOfCell(
  { delay, connections }: { readonly delay: number; readonly connections: number },
  of: (name: Entrant) => Measured<Entrant> | undefined,
): readonly AimRow[] {
  const rows: AimRow[] = [];
  const [floor, apollo, gateway] = [of('floor'), of('apollo'), of('gateway')];
  const [half, mesh] = [of('gateway, Dynamics half'), of('mesh, Dynamics half')];
  const atLeast = (what: string, ratio: number, least: number) =>
    rows.push({ what, result: ratio.toFixed(2), aim: { text: `≥ ${least.toFixed(2)}`, met: ratio >= least } });
  if (delay === 0 && connections > 1 && gateway && apollo)
    atLeast('gateway / apollo', ratioOf(gateway, apollo), AIMS.apollo);
  if (delay === 0 && connections > 1 && half && mesh)
    atLeast('gateway / mesh, Dynamics half', ratioOf(half, mesh), AIMS.mesh);
  const ofFloor = delay === 30 ? AIMS.floor.get(connections) : undefined;
  if (ofFloor !== undefined && gateway && floor) atLeast('gateway / floor', ratioOf(gateway, floor), ofFloor);
  if (connections === 1 && gateway && floor) {
    const over = gateway.milliseconds - floor.milliseconds;
    const aim = { text: `≤ ${AIMS.overFloor} ms`, met: over <= AIMS.overFloor };
    rows.push({ what: 'gateway over floor at the median', result: `${over.toFixed(1)} ms`, aim });
  }
  return rows;
}

/** The most milliseconds that rows of the mocks' own suites may tell, by how the row begins. */
const MOCK_AIMS: readonly (readonly [what: RegExp, most: number])[] = [
  [/^campaign mock: write 5000 /, 80],
  [/^dynamics mock: page of 5,000 rows of 20 columns$/, 50],
];

/** What is aimed at in a row of the mocks' suites, whose result begins with milliseconds; undefined where nothing is. */
export function aimOfMock(what: string, result: string): Aim | undefined {
  const most = MOCK_AIMS.find(([pattern]) => pattern.test(what))?.[1];
  if (most === undefined) return undefined;
  const milliseconds = Number(/^([\d.]+) ms/.exec(result)?.[1]);
  return { text: `≤ ${most} ms`, met: milliseconds <= most };
}
