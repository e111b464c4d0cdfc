import { readFileSync } from 'node:fs';

/** One that answers, and how. */
export interface Contestant {
  readonly name: string;
  readonly call: () => Promise<unknown>;
  /** Of its process. */
  readonly pid: number;
}

/** Medians over the rounds. */
export interface Measured {
  readonly name: string;
  readonly perSecond: number;
  /** Milliseconds of one call, as its caller sees it: the median of the rounds' medians. */
  readonly milliseconds: number;
  /** Milliseconds of processor time for one call; NaN where the system does not tell. */
  readonly cpu: number;
  /** Throughput over that of the first contestant in the same round. */
  readonly ratio: number;
}

export interface MeasureOptions {
  readonly connections: number;
  readonly rounds: number;
  readonly roundMs: number;
}

/** Measures all in turn, round by round, so that what else the machine does falls on all alike. */
export async function measure(
  contestants: readonly Contestant[],
  options: MeasureOptions,
): Promise<readonly Measured[]> {
  for (const { call } of contestants) await load(call, options.connections, options.roundMs / 2);
  const rounds: (readonly Round[])[] = [];
  for (let round = 0; round < options.rounds; round++) {
    const results: Round[] = [];
    for (const contestant of contestants) results.push(await playRound(contestant, options));
    rounds.push(results);
  }
  return contestants.map(({ name }, index) => {
    const own = rounds.map((results) => results[index]).filter((result) => result !== undefined);
    return {
      name,
      perSecond: median(own.map(({ perSecond }) => perSecond)),
      milliseconds: median(own.map(({ milliseconds }) => milliseconds)),
      cpu: median(own.map(({ cpu }) => cpu)),
      ratio: median(rounds.map((results) => (results[index]?.perSecond ?? 0) / (results[0]?.perSecond ?? 1))),
    };
  });
}

interface Round {
  readonly perSecond: number;
  readonly milliseconds: number;
  readonly cpu: number;
}

async function playRound({ call, pid }: Contestant, { connections, roundMs }: MeasureOptions): Promise<Round> {
  const before = cpuOf(pid);
  const { perSecond, times } = await load(call, connections, roundMs);
  return { perSecond, milliseconds: median(times), cpu: (cpuOf(pid) - before) / times.length };
}

/** Calls as fast as answers come, so many at a time. */
async function load(call: () => Promise<unknown>, connections: number, forMs: number) {
  const start = performance.now();
  const times: number[] = [];
  const lanes = Array.from({ length: connections }, async () => {
    while (performance.now() - start < forMs) {
      const sent = performance.now();
      await call();
      times.push(performance.now() - sent);
    }
  });
  await Promise.all(lanes);
  return { perSecond: (times.length * 1000) / (performance.now() - start), times };
}

/** Processor time of a process so far, in milliseconds; NaN where the system does not tell. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function cpuOf(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    const ticks = Number(fields[11]) + Number(fields[12]);
    return ticks * 10;
  } catch {
    return Number.NaN;
  }
}

/** Resident size of a process in MiB; NaN where the system does not tell. */
export function residentSize(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
  } catch {
    return Number.NaN;
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
