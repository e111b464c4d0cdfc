import { ODataTypeError } from './errors.js';

/** Milliseconds since the epoch: `from` is included, `to` is not; an undefined end is open. */
export interface DateRange {
  readonly from?: number;
  readonly to?: number;
}

type Unit = 'Minute' | 'Hour' | 'Day' | 'Week' | 'Month' | 'FiscalPeriod' | 'Year' | 'FiscalYear';

/**
 * The moments that a date function means at the time `now`, or null where the name is no such function.
 * `values` are the function's values in order, as text. Days, weeks (from Sunday), months and years are those of UTC; a fiscal year is a
 * calendar year and a fiscal period a quarter of it, as in an organization whose settings nobody changed.
 * https://learn.microsoft.com/power-apps/developer/data-platform/fetchxml/reference/operators
 */
export function dateRange(name: string, values: readonly string[], now: Date): DateRange | null {
  const fixed = FIXED[name];
  if (fixed) return shifted(fixed[0], fixed[1], now);
  if (name === 'Last7Days') return lastUnits('Day', 7, now);
  if (name === 'Next7Days') return nextUnits('Day', 7, now);
  const counted = /^(LastX|NextX|OlderThanX)(\w+)s$/.exec(name);
  if (counted) return countedRange(counted[1] ?? '', counted[2] as Unit, count(name, values[0]), now);
  return givenRange(name, values);
}

const FIXED: Readonly<Record<string, readonly [Unit, number]>> = {
  Today: ['Day', 0],
  Yesterday: ['Day', -1],
  Tomorrow: ['Day', 1],
  ...Object.fromEntries(
    (['Week', 'Month', 'Year', 'FiscalPeriod', 'FiscalYear'] as const).flatMap((unit) => [
      [`Last${unit}`, [unit, -1] as const],
      [`This${unit}`, [unit, 0] as const],
      [`Next${unit}`, [unit, 1] as const],
    ]),
  ),
};

/** The whole unit that lies `by` units from the one of `now`. */
function shifted(unit: Unit, by: number, now: Date): DateRange {
  const start = startOf(unit, now);
  return { from: add(unit, by, start).getTime(), to: add(unit, by + 1, start).getTime() };
}

function countedRange(direction: string, unit: Unit, units: number, now: Date): DateRange {
  if (direction === 'OlderThanX') return { to: since(unit, units, now) };
  return direction === 'LastX' ? lastUnits(unit, units, now) : nextUnits(unit, units, now);
}

/** Fiscal units are whole ones before the current one; the others reach from the beginning of a day up to now. */
function lastUnits(unit: Unit, units: number, now: Date): DateRange {
  if (!isFiscal(unit)) return { from: since(unit, units, now), to: now.getTime() + 1 };
  const start = startOf(unit, now);
  return { from: add(unit, -units, start).getTime(), to: start.getTime() };
}

function nextUnits(unit: Unit, units: number, now: Date): DateRange {
  if (isFiscal(unit)) {
    const next = add(unit, 1, startOf(unit, now));
    return { from: next.getTime(), to: add(unit, units, next).getTime() };
  }
  const end = add(unit, units, now);
  return { from: now.getTime(), to: isShort(unit) ? end.getTime() + 1 : add('Day', 1, startOf('Day', end)).getTime() };
}

function since(unit: Unit, units: number, now: Date): number {
  const start = add(unit, -units, now);
  return (isShort(unit) ? start : startOf('Day', start)).getTime();
}

function givenRange(name: string, values: readonly string[]): DateRange | null {
  const [first = '', second = ''] = values;
  switch (name) {
    case 'On':
      return shifted('Day', 0, day(name, first));
    case 'OnOrBefore':
      return { to: shifted('Day', 1, day(name, first)).from };
    case 'OnOrAfter':
      return { from: shifted('Day', 0, day(name, first)).from };
    case 'InFiscalYear':
      return shifted('FiscalYear', 0, quarter(1, count(name, first)));
    case 'InFiscalPeriodAndYear':
      return shifted('FiscalPeriod', 0, quarter(count(name, first), count(name, second)));
    case 'InOrBeforeFiscalPeriodAndYear':
      return { to: shifted('FiscalPeriod', 1, quarter(count(name, first), count(name, second))).from };
    case 'InOrAfterFiscalPeriodAndYear':
      return { from: quarter(count(name, first), count(name, second)).getTime() };
    default:
      return null;
  }
}

function startOf(unit: Unit, date: Date): Date {
  const [year, month, dayOfMonth] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  switch (unit) {
    case 'Week':
      return new Date(Date.UTC(year, month, dayOfMonth - date.getUTCDay()));
    case 'Month':
      return new Date(Date.UTC(year, month));
    case 'FiscalPeriod':
      return quarter(Math.floor(month / 3) + 1, year);
    case 'Year':
    case 'FiscalYear':
      return new Date(Date.UTC(year, 0));
    default:
      return new Date(Date.UTC(year, month, dayOfMonth));
  }
}

const MILLISECONDS = { Minute: 60_000, Hour: 3_600_000, Day: 86_400_000, Week: 604_800_000 } as const;
const MONTHS = { Month: 1, FiscalPeriod: 3, Year: 12, FiscalYear: 12 } as const;

/** A month after the 31st of January is the last day of February. */
function add(unit: Unit, units: number, date: Date): Date {
  if (unit in MILLISECONDS) return new Date(date.getTime() + units * MILLISECONDS[unit as keyof typeof MILLISECONDS]);
  const months = date.getUTCMonth() + units * MONTHS[unit as keyof typeof MONTHS];
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), months + 1, 0)).getUTCDate();
  const moved = new Date(date);
  moved.setUTCMonth(months, Math.min(date.getUTCDate(), lastDay));
  return moved;
}

function quarter(number: number, year: number): Date {
  return new Date(Date.UTC(year, (number - 1) * 3));
}

function isShort(unit: Unit): boolean {
  return unit === 'Minute' || unit === 'Hour';
}

function isFiscal(unit: Unit): boolean {
  return unit === 'FiscalPeriod' || unit === 'FiscalYear';
}

/** Bounded, so that no date leaves the range that can be told. */
function count(name: string, value = ''): number {
  if (/^\d{1,5}$/.test(value)) return Number(value);
  throw new ODataTypeError(`The function '${name}' takes a whole number from 0 to 99999, not '${value}'.`);
}

function day(name: string, value: string): Date {
  const time = Date.parse(value);
  if (Number.isNaN(time)) throw new ODataTypeError(`The function '${name}' takes a date, not '${value}'.`);
  return new Date(time);
}
