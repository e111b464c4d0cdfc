import { RequestError } from '../model/errors.js';

interface CronField {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** Names that stand for values, the first for `from`. */
  readonly names: readonly string[];
}

const FIELDS: readonly CronField[] = [
  { name: 'minute', from: 0, to: 59, names: [] },
  { name: 'hour', from: 0, to: 23, names: [] },
  { name: 'day of month', from: 1, to: 31, names: [] },
  { name: 'month', from: 1, to: 12, names: 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ') },
  { name: 'day of week', from: 0, to: 7, names: 'sun mon tue wed thu fri sat'.split(' ') },
];

/** Throws BAD_USER_INPUT where a text is not a cron expression of five fields; the message names the field that is wrong and an example. */
export function assertCron(cron: string): void {
  const parts = cron.trim().split(/\s+/);
  if (parts.length !== FIELDS.length) throw wrongCron(cron, `it has ${cron.trim() ? parts.length : 0} fields`);
  for (const [index, field] of FIELDS.entries()) {
    const part = parts[index] ?? '';
    if (!part.split(',').every((item) => isItem(item, field))) {
      throw wrongCron(cron, `"${part}" is no ${field.name} (${field.from} to ${field.to})`);
    }
  }
}

/** The error for a cron expression, `why` telling what is wrong with it. */
export function wrongCron(cron: string, why: string, cause?: unknown): RequestError {
  return new RequestError(
    'BAD_USER_INPUT',
    `Expected "schedule" to be a cron expression of five fields (minute, hour, day of month, month, day of week; UTC), as "30 2 * * 1-5" for ` +
      `half past two on weekdays, but in "${cron}" ${why}.`,
    { field: 'input.schedule', cause },
  );
}

/** One of the items of a list: `*`, a value or a range, each with a step or without. */
function isItem(item: string, field: CronField): boolean {
  const match = /^(?:\*|(\w+)(?:-(\w+))?)(?:\/(\d{1,2}))?$/.exec(item);
  if (!match) return false;
  const [, first, last, step] = match;
  if (step !== undefined && (Number(step) < 1 || Number(step) > field.to)) return false;
  if (first === undefined) return true;
  const from = numberOf(first, field);
  const to = last === undefined ? from : numberOf(last, field);
  return from !== null && to !== null && from <= to;
}

function numberOf(text: string, field: CronField): number | null {
  const named = field.names.indexOf(text.toLowerCase());
  const value = named >= 0 ? named + field.from : /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  return value >= field.from && value <= field.to ? value : null;
}
