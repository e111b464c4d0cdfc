import type { SessionView } from '../session-view.js';
import { castMoment, formatMoment, type Kind } from '../values.js';
import { compareOperands, isTruthy, type Operand, toNumber, toText } from './operand.js';

/** A function of single values. `kind` is that of its result; `'first'` and `'second'` take that of an argument. */
export interface XtkFunction {
  readonly kind: Kind | 'first' | 'second';
  readonly arity: readonly [least: number, most: number];
  evaluate(args: readonly Operand[], view: SessionView): Operand;
}

const text = (least: number, most: number, evaluate: (args: readonly string[]) => Operand): XtkFunction => ({
  kind: 'text',
  arity: [least, most],
  evaluate: (args) => evaluate(args.map(toText)),
});

const number = (evaluate: (value: number) => number): XtkFunction => ({
  kind: 'number',
  arity: [1, 1],
  evaluate: ([value = null]) => (value === null ? null : evaluate(toNumber(value))),
});

const datePart = (read: (date: Date) => number): XtkFunction => ({
  kind: 'number',
  arity: [1, 1],
  evaluate: ([moment = null]) => (moment === null || moment === '' ? 0 : read(toDate(moment))),
});

const addTime = (milliseconds: number): XtkFunction => ({
  kind: 'datetime',
  arity: [2, 2],
  evaluate: ([moment = null, count = null]) =>
    moment === null ? null : formatMoment(new Date(toDate(moment).getTime() + toNumber(count) * milliseconds)),
});

const timeBetween = (milliseconds: number): XtkFunction => ({
  kind: 'number',
  arity: [2, 2],
  evaluate: ([end = null, start = null]) =>
    end === null || start === null
      ? null
      : Math.trunc((toDate(end).getTime() - toDate(start).getTime()) / milliseconds),
});

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * The functions of single values, by lower-case name.
 * https://experienceleague.adobe.com/docs/campaign-classic/using/automating-with-workflows/introduction/filter-conditions/list-of-functions.html
 */
export const FUNCTIONS: Readonly<Record<string, XtkFunction>> = {
  getdate: { kind: 'datetime', arity: [0, 0], evaluate: (_, view) => formatMoment(view.now()) },
  getemaildomain: text(1, 1, ([email = '']) => (email.includes('@') ? email.slice(email.lastIndexOf('@') + 1) : '')),
  lower: text(1, 1, ([value = '']) => value.toLowerCase()),
  upper: text(1, 1, ([value = '']) => value.toUpperCase()),
  trim: text(1, 1, ([value = '']) => value.trim()),
  ltrim: text(1, 1, ([value = '']) => value.trimStart()),
  rtrim: text(1, 1, ([value = '']) => value.trimEnd()),
  smart: text(1, 1, ([value = '']) => smartCase(value)),
  left: text(2, 2, ([value = '', count = '0']) => value.slice(0, Math.max(0, Number(count)))),
  right: text(2, 2, ([value = '', count = '0']) => (Number(count) > 0 ? value.slice(-Number(count)) : '')),
  substring: text(3, 3, ([value = '', start = '1', count = '0']) => value.substr(Number(start) - 1, Number(count))),
  length: { ...text(1, 1, ([value = '']) => value.length), kind: 'number' },
  charindex: { ...text(2, 2, ([value = '', search = '']) => value.indexOf(search) + 1), kind: 'number' },
  tostring: text(1, 1, ([value = '']) => value),
  tointeger: number(Math.trunc),
  todouble: number((value) => value),
  abs: number(Math.abs),
  ceil: number(Math.ceil),
  floor: number(Math.floor),
  round: {
    kind: 'number',
    arity: [1, 2],
    evaluate: ([value = null, digits = 0]) => roundTo(toNumber(value), toNumber(digits)),
  },
  todatetime: { kind: 'datetime', arity: [1, 1], evaluate: ([value = null]) => toMoment(value) },
  todate: { kind: 'date', arity: [1, 1], evaluate: ([value = null]) => toMoment(value)?.slice(0, 10) ?? null },
  dateonly: { kind: 'date', arity: [1, 1], evaluate: ([value = null]) => toMoment(value)?.slice(0, 10) ?? null },
  year: datePart((date) => date.getUTCFullYear()),
  month: datePart((date) => date.getUTCMonth() + 1),
  day: datePart((date) => date.getUTCDate()),
  weekday: datePart((date) => (date.getUTCDay() + 6) % 7),
  hour: datePart((date) => date.getUTCHours()),
  minute: datePart((date) => date.getUTCMinutes()),
  second: datePart((date) => date.getUTCSeconds()),
  adddays: addTime(DAY),
  addhours: addTime(HOUR),
  addminutes: addTime(MINUTE),
  addseconds: addTime(1_000),
  daysdiff: timeBetween(DAY),
  hoursdiff: timeBetween(HOUR),
  minutesdiff: timeBetween(MINUTE),
  daysold: {
    kind: 'number',
    arity: [1, 1],
    evaluate: ([moment = null], view) =>
      moment === null ? 0 : Math.trunc((view.now().getTime() - toDate(moment).getTime()) / DAY),
  },
  yearsold: { kind: 'number', arity: [1, 1], evaluate: ([moment = null], view) => yearsSince(moment, view.now()) },
  coalesce: {
    kind: 'first',
    arity: [1, 50],
    evaluate: (args) => args.find((value) => value !== null && value !== '') ?? args.at(-1) ?? null,
  },
  nonull: { kind: 'first', arity: [1, 1], evaluate: ([value = null]) => value ?? 0 },
  iif: {
    kind: 'second',
    arity: [3, 3],
    evaluate: ([condition = null, yes = null, no = null]) => (isTruthy(condition) ? yes : no),
  },
  greatest: {
    kind: 'first',
    arity: [2, 50],
    evaluate: (args) => args.reduce((most, value) => (compareOperands(value, most) > 0 ? value : most)),
  },
  least: {
    kind: 'first',
    arity: [2, 50],
    evaluate: (args) => args.reduce((least, value) => (compareOperands(value, least) < 0 ? value : least)),
  },
  defaultfolder: {
    kind: 'number',
    arity: [1, 1],
    evaluate: ([model = null], view) => defaultFolder(toText(model), view),
  },
};

/** The aggregates, by lower-case name. Values that are null are left out, as SQL does. */
export const AGGREGATES: Readonly<
  Record<string, { readonly kind: Kind | 'first'; fold(values: readonly Operand[]): Operand }>
> = {
  count: { kind: 'number', fold: (values) => values.length },
  countdistinct: { kind: 'number', fold: (values) => new Set(values.map(String)).size },
  sum: { kind: 'number', fold: (values) => values.reduce<number>((sum, value) => sum + toNumber(value), 0) },
  avg: {
    kind: 'number',
    fold: (values) =>
      values.length === 0 ? null : values.reduce<number>((sum, it) => sum + toNumber(it), 0) / values.length,
  },
  min: { kind: 'first', fold: (values) => pick(values, -1) },
  max: { kind: 'first', fold: (values) => pick(values, 1) },
};

function pick(values: readonly Operand[], direction: 1 | -1): Operand {
  let best: Operand = null;
  for (const value of values) if (best === null || compareOperands(value, best) * direction > 0) best = value;
  return best;
}

function toMoment(value: Operand): string | null {
  return value === null || value === '' ? null : castMoment(String(value));
}

function toDate(moment: Operand): Date {
  return new Date(castMoment(String(moment)).replace(' ', 'T'));
}

function roundTo(value: number, digits: number): number {
  const places = Math.min(20, Math.max(0, Math.trunc(digits) || 0));
  return Number(value.toFixed(places));
}

function yearsSince(moment: Operand, now: Date): number {
  if (moment === null) return 0;
  const birth = toDate(moment);
  const before =
    now.getUTCMonth() < birth.getUTCMonth() ||
    (now.getUTCMonth() === birth.getUTCMonth() && now.getUTCDate() < birth.getUTCDate());
  return now.getUTCFullYear() - birth.getUTCFullYear() - (before ? 1 : 0);
}

/** A capital for the first letter of each word, the rest in lower case. */
export function smartCase(value: string): string {
  return value
    .toLowerCase()
    .replace(/(^|[\s'-])(\p{L})/gu, (_, before: string, letter: string) => before + letter.toUpperCase());
}

/** Id of the first folder of a model; 0 where there is none. */
function defaultFolder(model: string, view: SessionView): number {
  const schema = view.lookup('xtk:folder');
  const [folder] = schema ? view.tableOf(schema).find(['model'], [model]) : [];
  return Number(folder?.values.id ?? 0);
}
