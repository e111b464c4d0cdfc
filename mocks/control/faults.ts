import type { Fault, MockRequest } from '../control.js';
import { ControlError, isNumber, isRecord, isString, isWhole, names } from './input.js';

const MAX_FAULTS = 1_000;
const MAX_DELAY_MS = 3_600_000;

/** The faults that wait for a request, in the order they were added. */
export interface Faults {
  add(fault: Fault): void;
  /** Finds the first fault that matches and uses one of its times up. */
  take(request: MockRequest): Fault | undefined;
  list(): readonly Fault[];
  clear(): void;
}

/** Makes an empty list of faults. */
export function createFaults(): Faults {
  let faults: (Fault & { times: number })[] = [];
  return {
    add: (fault) => {
      if (faults.length >= MAX_FAULTS)
        throw new ControlError(`Expected at most ${MAX_FAULTS} faults at a time; remove some.`);
      faults.push({ ...fault, times: fault.times ?? 1 });
    },
    take: (request) => {
      const fault = faults.find((candidate) => matches(candidate, request));
      if (fault) fault.times -= 1;
      if (fault?.times === 0) faults = faults.filter((other) => other !== fault);
      return fault;
    },
    list: () => faults.map((fault) => ({ ...fault })),
    clear: () => {
      faults = [];
    },
  };
}

function matches({ match = {} }: Fault, { method, target }: MockRequest): boolean {
  if (match.method !== undefined && match.method.toUpperCase() !== method) return false;
  return match.path === undefined || target.includes(match.path) || percentDecoded(target).includes(match.path);
}

function percentDecoded(target: string): string {
  try {
    return decodeURIComponent(target);
  } catch {
    return target;
  }
}

const FAULT_FIELDS: Readonly<Record<keyof Fault, { readonly expected: string; accepts(value: unknown): boolean }>> = {
  match: { expected: 'an object with "method" and "path"', accepts: isRecord },
  times: { expected: 'a whole number from 1', accepts: (value) => isWhole(value, 1, Number.MAX_SAFE_INTEGER) },
  status: { expected: 'an HTTP status from 200 to 599', accepts: (value) => isWhole(value, 200, 599) },
  code: { expected: 'a string', accepts: isString },
  message: { expected: 'a string', accepts: isString },
  retryAfter: { expected: 'a number of seconds, 0 or more', accepts: (value) => isNumber(value) && value >= 0 },
  delayMs: { expected: `milliseconds from 0 to ${MAX_DELAY_MS}`, accepts: (value) => isWhole(value, 0, MAX_DELAY_MS) },
  close: { expected: 'true or false', accepts: (value) => typeof value === 'boolean' },
};

/** Decodes a fault from a test or from JSON; throws a `ControlError` naming the field that is wrong. */
export function decodeFault(input: unknown): Fault {
  if (!isRecord(input)) throw new ControlError('Expected a fault to be a JSON object.');
  for (const [name, value] of Object.entries(input)) {
    if (!isFaultField(name))
      throw new ControlError(`A fault has no field "${name}"; its fields are ${names(FAULT_FIELDS)}.`);
    const { expected, accepts } = FAULT_FIELDS[name];
    if (value !== undefined && !accepts(value)) throw new ControlError(`Expected "${name}" to be ${expected}.`);
  }
  for (const [name, value] of Object.entries(isRecord(input.match) ? input.match : {})) {
    if (name !== 'method' && name !== 'path')
      throw new ControlError(`"match" has no field "${name}"; its fields are method, path.`);
    if (value !== undefined && !isString(value)) throw new ControlError(`Expected "match.${name}" to be a string.`);
  }
  // Every field was checked against the table above.
  return input as Fault;
}

function isFaultField(name: string): name is keyof Fault {
  return Object.hasOwn(FAULT_FIELDS, name);
}
