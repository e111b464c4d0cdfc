import type { Fault, MockRequest } from '../control.js';
import { EXPECTED_DELAY, isDelay } from './delay.js';
import { ControlError, isNumber, isRecord, isString, isWhole, names } from './input.js';

const MAX_FAULTS = 1_000;

/** What of a request, or of a part of a batch, faults are matched with. */
export type Matched = Pick<MockRequest, 'method' | 'target'>;

/** The faults that wait for a request, in the order they were added. */
export interface Faults {
  add(fault: Fault): void;
  /** Finds the first fault that matches and uses one of its times up. Faults of parts of a batch are left alone. */
  take(request: Matched): Fault | undefined;
  /** Does the same for a part of a batch, with the faults that have a `match.part`. */
  takeForPart(part: Matched, batch: Matched): Fault | undefined;
  list(): readonly Fault[];
  clear(): void;
}

/** Makes an empty list of faults. */
export function createFaults(): Faults {
  let faults: (Fault & { times: number })[] = [];
  const takeFirst = (matches: (fault: Fault) => boolean): Fault | undefined => {
    const fault = faults.find(matches);
    if (fault) fault.times -= 1;
    if (fault?.times === 0) faults = faults.filter((other) => other !== fault);
    return fault;
  };
  return {
    add: (fault) => {
      if (faults.length >= MAX_FAULTS)
        throw new ControlError(`Expected at most ${MAX_FAULTS} faults at a time; remove some.`);
      faults.push({ ...fault, times: fault.times ?? 1 });
    },
    take: (request) => takeFirst(({ match }) => match?.part === undefined && matches(match, request)),
    takeForPart: (part, batch) =>
      takeFirst(({ match }) => match?.part !== undefined && matches(match, batch) && matches(match.part, part)),
    list: () => faults.map((fault) => ({ ...fault })),
    clear: () => {
      faults = [];
    },
  };
}

function matches(
  { method, path }: { readonly method?: string; readonly path?: string } = {},
  request: Matched,
): boolean {
  if (method !== undefined && method.toUpperCase() !== request.method.toUpperCase()) return false;
  return path === undefined || request.target.includes(path) || percentDecoded(request.target).includes(path);
}

function percentDecoded(target: string): string {
  try {
    return decodeURIComponent(target);
  } catch {
    return target;
  }
}

const FAULT_FIELDS: Readonly<Record<keyof Fault, { readonly expected: string; accepts(value: unknown): boolean }>> = {
  match: { expected: 'an object with "method", "path" and "part"', accepts: isRecord },
  times: { expected: 'a whole number from 1', accepts: (value) => isWhole(value, 1, Number.MAX_SAFE_INTEGER) },
  status: { expected: 'an HTTP status from 200 to 599', accepts: (value) => isWhole(value, 200, 599) },
  code: { expected: 'a string', accepts: isString },
  message: { expected: 'a string', accepts: isString },
  retryAfter: { expected: 'a number of seconds, 0 or more', accepts: (value) => isNumber(value) && value >= 0 },
  delayMs: { expected: EXPECTED_DELAY, accepts: isDelay },
  close: { expected: 'true or false', accepts: (value) => typeof value === 'boolean' },
  after: { expected: 'true or false', accepts: (value) => typeof value === 'boolean' },
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
  if (isRecord(input.match)) {
    const { part, ...match } = input.match;
    checkMatch(match, 'match', 'method, path, part');
    if (part !== undefined && !isRecord(part))
      throw new ControlError('Expected "match.part" to be an object with "method" and "path".');
    checkMatch(part ?? {}, 'match.part', 'method, path');
  }
  // Every field was checked against the table above.
  return input as Fault;
}

function checkMatch(match: Readonly<Record<string, unknown>>, where: string, fields: string): void {
  for (const [name, value] of Object.entries(match)) {
    if (name !== 'method' && name !== 'path')
      throw new ControlError(`"${where}" has no field "${name}"; its fields are ${fields}.`);
    if (value !== undefined && !isString(value)) throw new ControlError(`Expected "${where}.${name}" to be a string.`);
  }
}

function isFaultField(name: string): name is keyof Fault {
  return Object.hasOwn(FAULT_FIELDS, name);
}
