import { isNumber, isRecord, isWhole } from './input.js';

/**
 * How late an answer is, in milliseconds: always the same, anything between two limits, or log-normal about a median, as the answers of
 * real services are: with `sigma` 0.5 two thirds of them lie within 0.6 and 1.6 times the median, and few are very late.
 */
export type Delay =
  | number
  | { readonly uniform: readonly [number, number] }
  | { readonly logNormal: { readonly median: number; readonly sigma: number } };

/** An hour; longer delays are cut to it. */
export const MAX_DELAY_MS = 3_600_000;

/** What a delay may be, for a message. */
export const EXPECTED_DELAY = `milliseconds from 0 to ${MAX_DELAY_MS}, {"uniform": [from, to]} or {"logNormal": {"median", "sigma"}}`;

/** Tells whether a value is a delay. */
export function isDelay(value: unknown): value is Delay {
  if (!isRecord(value)) return isMilliseconds(value);
  const [name, ...others] = Object.keys(value);
  if (others.length > 0) return false;
  if (name === 'uniform') return isRange(value.uniform);
  return name === 'logNormal' && isLogNormal(value.logNormal);
}

/** Draws whole milliseconds from a delay; `random` gives numbers from 0 up to 1. */
export function drawDelay(delay: Delay, random: () => number = Math.random): number {
  return Math.min(MAX_DELAY_MS, Math.round(draw(delay, random)));
}

function draw(delay: Delay, random: () => number): number {
  if (typeof delay === 'number') return delay;
  if ('uniform' in delay) {
    const [from, to] = delay.uniform;
    return from + random() * (to - from);
  }
  const { median, sigma } = delay.logNormal;
  return median * Math.exp(sigma * standardNormal(random));
}

/** Box and Muller's transform; 1 - random() is never 0, whose logarithm is not finite. */
function standardNormal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function isMilliseconds(value: unknown): value is number {
  return isWhole(value, 0, MAX_DELAY_MS);
}

function isRange(value: unknown): boolean {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [from, to] = value;
  return isMilliseconds(from) && isMilliseconds(to) && from <= to;
}

function isLogNormal(value: unknown): boolean {
  if (!isRecord(value) || Object.keys(value).sort().join() !== 'median,sigma') return false;
  return isMilliseconds(value.median) && isNumber(value.sigma) && value.sigma >= 0 && value.sigma <= 10;
}
