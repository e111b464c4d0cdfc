import type { MockClock, MockRequest, MockResponse, MockSettings } from '../control.js';
import { decodeFault, type Faults } from './faults.js';
import { ControlError, isNumber, isRecord, isString, names } from './input.js';
import type { Journal } from './journal.js';

/** What the control API acts upon. */
export interface Controlled {
  readonly name: string;
  readonly clock: MockClock;
  readonly journal: Journal;
  readonly faults: Faults;
  reset(): Promise<void>;
  health(): Record<string, unknown>;
  readonly settings: MockSettings | undefined;
  readonly recorded: (() => unknown) | undefined;
}

/** Answers a request to a path below `/_mock/`. */
export async function answerControl(mock: Controlled, request: MockRequest): Promise<MockResponse> {
  const methods = CONTROLS[request.path];
  if (request.path === '/_mock/settings' && !mock.settings)
    return controlError(404, `The ${mock.name} mock has no settings.`);
  if (request.path === '/_mock/recorded' && !mock.recorded)
    return controlError(404, `The ${mock.name} mock records nothing.`);
  if (!methods) return controlError(404, `There is no ${request.path}; there are ${names(CONTROLS)}.`);
  const run = methods[request.method];
  if (!run) return controlError(405, `${request.path} takes ${names(methods)}.`, { allow: names(methods) });
  try {
    const result = await run(mock, () => decodeJson(request.body));
    return json(200, result ?? { ok: true });
  } catch (error) {
    if (error instanceof ControlError) return controlError(400, error.message);
    process.stderr.write(
      `${mock.name} mock: ${request.method} ${request.path} failed: ${error instanceof Error ? error.stack : error}\n`,
    );
    return controlError(500, 'The mock server failed; its standard error tells why.');
  }
}

type Control = (mock: Controlled, body: () => unknown) => unknown;

const CONTROLS: Readonly<Record<string, Readonly<Record<string, Control>>>> = {
  '/_mock/reset': { POST: ({ reset }) => reset() },
  '/_mock/settings': {
    GET: ({ settings }) => settings?.get(),
    POST: ({ settings }, body) => {
      settings?.change(body());
      return settings?.get();
    },
  },
  '/_mock/recorded': { GET: ({ recorded }) => ({ recorded: recorded?.() }) },
  '/_mock/requests': {
    GET: ({ journal }) => ({ requests: journal.entries() }),
    DELETE: ({ journal }) => journal.clear(),
  },
  '/_mock/faults': {
    GET: ({ faults }) => ({ faults: faults.list() }),
    POST: ({ faults }, body) => {
      faults.add(decodeFault(body()));
      return { faults: faults.list() };
    },
    DELETE: ({ faults }) => faults.clear(),
  },
  '/_mock/clock': {
    GET: ({ clock }) => ({ now: clock.now().toISOString() }),
    POST: ({ clock }, body) => setClock(clock, body()),
    DELETE: ({ clock }) => clock.reset(),
  },
  '/_mock/health': {
    GET: ({ name, clock, health }) => ({
      name,
      status: 'ok',
      now: clock.now().toISOString(),
      ...health(),
    }),
  },
};

/** Vendors write years in four digits; the clock runs on from here, and tests reckon with dates around it. */
const FIRST_MOMENT = Date.UTC(1970, 0);
const LAST_MOMENT = Date.UTC(9900, 0);

function setClock(clock: MockClock, input: unknown): { readonly now: string } {
  if (!isRecord(input)) throw new ControlError('Expected a JSON object with "now" or "advanceSeconds".');
  const unknown = Object.keys(input).find((name) => name !== 'now' && name !== 'advanceSeconds');
  if (unknown !== undefined)
    throw new ControlError(`The clock has no field "${unknown}"; give "now" or "advanceSeconds".`);
  const { now, advanceSeconds } = input;
  if ((now === undefined) === (advanceSeconds === undefined))
    throw new ControlError('Give either "now" or "advanceSeconds".');
  const time = now === undefined ? clock.now().getTime() + seconds(advanceSeconds) * 1000 : moment(now);
  if (time < FIRST_MOMENT || time > LAST_MOMENT)
    throw new ControlError('Expected "now" or "advanceSeconds" to lead to a year from 1970 to 9900.');
  clock.set(new Date(time));
  return { now: clock.now().toISOString() };
}

function seconds(value: unknown): number {
  if (!isNumber(value)) throw new ControlError('Expected "advanceSeconds" to be a number.');
  return value;
}

function moment(value: unknown): number {
  const time = isString(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(time))
    throw new ControlError('Expected "now" to be a date and time in ISO 8601, as in 2030-01-31T12:00:00Z.');
  return time;
}

function decodeJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new ControlError('Expected the body to be JSON.', { cause });
  }
}

function json(status: number, value: unknown, headers: Record<string, string> = {}): MockResponse {
  return {
    status,
    headers: { ...headers, 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(value),
  };
}

function controlError(status: number, message: string, headers?: Record<string, string>): MockResponse {
  return json(status, { error: message }, headers);
}
