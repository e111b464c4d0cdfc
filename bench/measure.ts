export interface Comparison {
  /** Medians over the rounds, in calls per second. */
  readonly subject: number;
  readonly floor: number;
  /** Median of the rounds' ratios, subject to floor. */
  readonly ratio: number;
}

export interface ComparisonOptions {
  readonly floor: () => Promise<unknown>;
  readonly subject: () => Promise<unknown>;
  readonly connections: number;
}

const ROUNDS = 7;
const ROUND_MS = 1_500;

/** Measures both in turn, round by round, so that what else the machine does falls on both alike. */
export async function compareRates({ floor, subject, connections }: ComparisonOptions): Promise<Comparison> {
  await rate(floor, connections);
  await rate(subject, connections);
  const rounds: { readonly floor: number; readonly subject: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push({ floor: await rate(floor, connections), subject: await rate(subject, connections) });
  }
  return {
    floor: median(rounds.map((round) => round.floor)),
    subject: median(rounds.map((round) => round.subject)),
    ratio: median(rounds.map((round) => round.subject / round.floor)),
  };
}

/** Calls per second with so many at a time. */
async function rate(call: () => Promise<unknown>, connections: number): Promise<number> {
  const start = performance.now();
  let calls = 0;
  const lanes = Array.from({ length: connections }, async () => {
    while (performance.now() - start < ROUND_MS) {
      await call();
      calls += 1;
    }
  });
  await Promise.all(lanes);
  return (calls * 1000) / (performance.now() - start);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
