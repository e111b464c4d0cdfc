import { readFileSync } from 'node:fs';
import type { LoadOrder, LoadResult } from './load.js';

/** One that answers, and how it is asked. */
export interface Contestant<Name extends string = string> {
  readonly name: Name;
  readonly port: number;
  /** Whole HTTP requests; each connection sends one of them again and again. */
  readonly requests: readonly string[];
  /** Of its process. */
  readonly pid: number;
}

/** What came of all rounds. */
export interface Measured<Name extends string = string> {
  readonly name: Name;
  /** The median of the rounds. */
  readonly perSecond: number;
  /** Milliseconds of one answer, as its caller sees it: the median of the rounds' medians. */
  readonly milliseconds: number;
  /** Milliseconds of processor time for one answer, over all rounds; NaN where the system does not tell. */
  readonly cpu: number;
  /** The same of the process that makes the load. */
  readonly loadCpu: number;
  /** Throughput in each round. */
  readonly rounds: readonly number[];
}

export interface MeasureOptions {
  readonly connections: number;
  readonly rounds: number;
  readonly roundMs: number;
  readonly load: (order: LoadOrder) => Promise<LoadResult>;
  /** Stops before the next turn. */
  readonly signal: AbortSignal;
}

/** Of a round, what each contestant takes to warm up before the first. */
const WARM_UP = 0.5;

/** The time that a measurement takes, in milliseconds. */
export function durationOf(
  contestants: number,
  { rounds, roundMs }: Pick<MeasureOptions, 'rounds' | 'roundMs'>,
): number {
  return contestants * (rounds + WARM_UP) * roundMs;
}

/**
 * Measures all in turn, round by round, so that what else the machine does falls on all alike. Each round begins with another one.
 * Rejects where the signal aborts, or an answer is not what it was.
 */
export async function measure<Name extends string>(
  contestants: readonly Contestant<Name>[],
  options: MeasureOptions,
): Promise<readonly Measured<Name>[]> {
  const { connections, rounds, roundMs, load, signal } = options;
  const turns = new Map<Name, Turn[]>(contestants.map(({ name }) => [name, []]));
  const play = async ({ port, requests, pid }: Contestant, milliseconds: number): Promise<Turn> => {
    signal.throwIfAborted();
    const before = cpuOf(pid);
    const result = await load({ port, requests, connections, milliseconds });
    return { ...result, serverCpuMs: cpuOf(pid) - before };
  };
  for (const contestant of contestants) await play(contestant, roundMs * WARM_UP);
  for (let round = 0; round < rounds; round++)
    for (const contestant of rotate(contestants, round))
      turns.get(contestant.name)?.push(await play(contestant, roundMs));
  return contestants.map(({ name }) => summarize(name, turns.get(name) ?? []));
}

interface Turn extends LoadResult {
  readonly serverCpuMs: number;
}

function rotate<Item>(items: readonly Item[], by: number): readonly Item[] {
  const at = by % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
}

/** Processor time comes in steps of ten milliseconds, so that it is told over all turns and not for each. */
function summarize<Name extends string>(name: Name, turns: readonly Turn[]): Measured<Name> {
  const rounds = turns.map(({ answers, milliseconds }) => (answers * 1000) / milliseconds);
  const answers = sum(turns.map((turn) => turn.answers));
  return {
    name,
    perSecond: median(rounds),
    milliseconds: median(turns.map(({ medianMs }) => medianMs)),
    cpu: sum(turns.map(({ serverCpuMs }) => serverCpuMs)) / answers,
    loadCpu: sum(turns.map(({ cpuMs }) => cpuMs)) / answers,
    rounds,
  };
}

/** The median over the rounds of what one answers for each answer of the other in the same round. */
export function ratioOf(one: Measured, other: Measured): number {
  return median(one.rounds.map((perSecond, round) => perSecond / (other.rounds[round] ?? Number.NaN)));
}

/** Processor time of a process so far, in milliseconds; NaN where the system does not tell. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
export function cpuOf(pid: number): number {
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

/** Resident size of a process in MiB, now and at its peak; NaN where the system does not tell. */
export function residentSize(pid: number): { readonly now: number; readonly peak: number } {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const mebibytes = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
    return { now: mebibytes('VmRSS'), peak: mebibytes('VmHWM') };
  } catch {
    return { now: Number.NaN, peak: Number.NaN };
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
