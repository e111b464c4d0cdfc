import { castMoment, formatMoment } from '../values.js';
import type { XtkFunction } from './functions.js';
import { type Operand, toNumber } from './operand.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The moment of an operand. Throws `ValueError` where it is none. */
export function toDate(moment: Operand): Date {
  return new Date(castMoment(String(moment)).replace(' ', 'T'));
}

/** Whole years from one day to another, as ages are counted. */
export function yearsBetween(start: Date, end: Date): number {
  return Math.trunc(monthsBetween(start, end) / 12);
}

function monthsBetween(start: Date, end: Date): number {
  const months = (end.getUTCFullYear() - start.getUTCFullYear()) * 12 + end.getUTCMonth() - start.getUTCMonth();
  if (months > 0 && end.getUTCDate() < start.getUTCDate()) return months - 1;
  return months < 0 && end.getUTCDate() > start.getUTCDate() ? months + 1 : months;
}

const isNothing = (operand: Operand | undefined): operand is null | undefined | '' =>
  operand === null || operand === undefined || operand === '';

/** A moment made of a moment. */
const moved = (move: (date: Date) => Date): XtkFunction => ({
  kind: 'datetime',
  arity: [1, 1],
  evaluate: ([moment]) => (isNothing(moment) ? null : formatMoment(move(toDate(moment)))),
});

/** A moment moved by a count of units. */
const added = (add: (date: Date, count: number) => Date): XtkFunction => ({
  kind: 'datetime',
  arity: [2, 2],
  evaluate: ([moment, count = null]) => (isNothing(moment) ? null : formatMoment(add(toDate(moment), toNumber(count)))),
});

/** Units from the second moment to the first. */
const between = (measure: (start: Date, end: Date) => number): XtkFunction => ({
  kind: 'number',
  arity: [2, 2],
  evaluate: ([end, start]) => (isNothing(end) || isNothing(start) ? null : measure(toDate(start), toDate(end))),
});

/** Units from a moment until now. */
const old = (measure: (start: Date, end: Date) => number): XtkFunction => ({
  kind: 'number',
  arity: [1, 1],
  evaluate: ([moment], view) => (isNothing(moment) ? 0 : measure(toDate(moment), view.now())),
});

/** A moment so many units before now. */
const ago = (add: (date: Date, count: number) => Date): XtkFunction => ({
  kind: 'datetime',
  arity: [1, 1],
  evaluate: ([count = null], view) => formatMoment(add(view.now(), -toNumber(count))),
});

const part = (read: (date: Date) => number): XtkFunction => ({
  kind: 'number',
  arity: [1, 1],
  evaluate: ([moment]) => (isNothing(moment) ? 0 : read(toDate(moment))),
});

const addTime = (unit: number) => (date: Date, count: number) => new Date(date.getTime() + count * unit);
const subtract = (add: (date: Date, count: number) => Date) => (date: Date, count: number) => add(date, -count);
const elapsed = (unit: number) => (start: Date, end: Date) => Math.trunc((end.getTime() - start.getTime()) / unit);

/** The last day of the month takes the place of one that the month does not have. */
const addMonths = (date: Date, count: number) => {
  const result = new Date(date);
  result.setUTCDate(1);
  result.setUTCMonth(result.getUTCMonth() + Math.trunc(count));
  const last = new Date(Date.UTC(result.getUTCFullYear(), result.getUTCMonth() + 1, 0)).getUTCDate();
  result.setUTCDate(Math.min(date.getUTCDate(), last));
  return result;
};
const addYears = (date: Date, count: number) => addMonths(date, Math.trunc(count) * 12);

const startOfDay = (date: Date) => new Date(Math.floor(date.getTime() / DAY) * DAY);
const weekday = (date: Date) => (date.getUTCDay() + 6) % 7;
const dayOfYear = (date: Date) => elapsed(DAY)(new Date(Date.UTC(date.getUTCFullYear(), 0, 1)), date) + 1;

const dateOnly: XtkFunction = {
  kind: 'date',
  arity: [1, 1],
  evaluate: ([moment]) => (isNothing(moment) ? null : castMoment(String(moment)).slice(0, 10)),
};

const dateTime: XtkFunction = {
  kind: 'datetime',
  arity: [1, 2],
  evaluate: ([moment]) => (isNothing(moment) ? null : castMoment(String(moment))),
};

/** Functions of moments, by lower-case name. */
export const DATE_FUNCTIONS: Readonly<Record<string, XtkFunction>> = {
  getdate: { kind: 'datetime', arity: [0, 0], evaluate: (_, view) => formatMoment(view.now()) },
  todatetime: dateTime,
  totimestamp: dateTime,
  todate: dateOnly,
  dateonly: dateOnly,
  truncdate: { ...moved(startOfDay), arity: [1, 2] },
  truncweek: moved((date) => addTime(-DAY)(startOfDay(date), weekday(date))),
  truncmonth: moved((date) => new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1))),
  truncquarter: moved(
    (date) => new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - (date.getUTCMonth() % 3), 1)),
  ),
  truncyear: moved((date) => new Date(Date.UTC(date.getUTCFullYear(), 0, 1))),
  year: part((date) => date.getUTCFullYear()),
  yearandmonth: part((date) => date.getUTCFullYear() * 100 + date.getUTCMonth() + 1),
  month: part((date) => date.getUTCMonth() + 1),
  day: part((date) => date.getUTCDate()),
  dayofyear: part(dayOfYear),
  weekday: part(weekday),
  hour: part((date) => date.getUTCHours()),
  minute: part((date) => date.getUTCMinutes()),
  second: part((date) => date.getUTCSeconds()),
  addyears: added(addYears),
  addmonths: added(addMonths),
  adddays: added(addTime(DAY)),
  addhours: added(addTime(HOUR)),
  addminutes: added(addTime(MINUTE)),
  addseconds: added(addTime(1_000)),
  subyears: added(subtract(addYears)),
  submonths: added(subtract(addMonths)),
  subdays: added(subtract(addTime(DAY))),
  subhours: added(subtract(addTime(HOUR))),
  subminutes: added(subtract(addTime(MINUTE))),
  subseconds: added(subtract(addTime(1_000))),
  yearsdiff: between(yearsBetween),
  monthsdiff: between(monthsBetween),
  daysdiff: between(elapsed(DAY)),
  hoursdiff: between(elapsed(HOUR)),
  minutesdiff: between(elapsed(MINUTE)),
  secondsdiff: between(elapsed(1_000)),
  yearsold: old(yearsBetween),
  monthsold: old(monthsBetween),
  daysold: old(elapsed(DAY)),
  yearsago: ago(addYears),
  monthsago: ago(addMonths),
  daysago: ago(addTime(DAY)),
  daysagoint: {
    kind: 'number',
    arity: [1, 1],
    evaluate: ([count = null], view) =>
      Number(
        formatMoment(addTime(-DAY)(view.now(), toNumber(count)))
          .slice(0, 10)
          .replaceAll('-', ''),
      ),
  },
  datecmp: between((start, end) => Math.sign(end.getTime() - start.getTime())),
  oldest: {
    kind: 'datetime',
    arity: [2, 2],
    evaluate: (moments) =>
      moments
        .filter((it) => !isNothing(it))
        .map((it) => castMoment(String(it)))
        .sort()[0] ?? null,
  },
};
