import type { SessionView } from '../session-view.js';
import type { Kind } from '../values.js';
import { DATE_FUNCTIONS } from './date-functions.js';
import { compareOperands, isTruthy, type Operand, toNumber, toText } from './operand.js';
import { TEXT_FUNCTIONS } from './text-functions.js';

export { smartCase } from './text-functions.js';

/** A function of single values. `kind` is that of its result; `'first'`, `'second'` and `'third'` take that of an argument. */
export interface XtkFunction {
  readonly kind: Kind | 'first' | 'second' | 'third';
  readonly arity: readonly [least: number, most: number];
  evaluate(args: readonly Operand[], view: SessionView): Operand;
}

const number = (evaluate: (value: number) => number): XtkFunction => ({
  kind: 'number',
  arity: [1, 1],
  evaluate: ([value = null]) => (value === null ? null : evaluate(toNumber(value))),
});

const numbers = (evaluate: (left: number, right: number) => number | null): XtkFunction => ({
  kind: 'number',
  arity: [2, 2],
  evaluate: ([left = null, right = null]) =>
    left === null || right === null ? null : evaluate(toNumber(left), toNumber(right)),
});

const NUMBER_FUNCTIONS: Readonly<Record<string, XtkFunction>> = {
  tointeger: number(Math.trunc),
  toint64: number(Math.trunc),
  todouble: number((value) => value),
  abs: number(Math.abs),
  ceil: number(Math.ceil),
  floor: number(Math.floor),
  sign: number(Math.sign),
  mod: numbers((left, right) => (right === 0 ? null : left % right)),
  percent: numbers((part, whole) => (whole === 0 ? null : (part / whole) * 100)),
  random: { kind: 'number', arity: [0, 0], evaluate: () => Math.random() },
  round: {
    kind: 'number',
    arity: [1, 2],
    evaluate: ([value = null, digits = 0]) => roundTo(toNumber(value), toNumber(digits)),
  },
  trunc: {
    kind: 'number',
    arity: [1, 2],
    evaluate: ([value = null, digits = 0]) => truncateTo(toNumber(value), toNumber(digits)),
  },
  setbit: numbers((value, bit) => value | (1 << bit)),
  clearbit: numbers((value, bit) => value & ~(1 << bit)),
  isbitset: numbers((value, bit) => (value >> bit) & 1),
};

const CHOICE_FUNCTIONS: Readonly<Record<string, XtkFunction>> = {
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
  decode: { kind: 'third', arity: [3, 50], evaluate: decode },
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
};

/** What is true of whoever asks, of the instance, or of its folders. */
const CONTEXT_FUNCTIONS: Readonly<Record<string, XtkFunction>> = {
  hasnamedright: {
    kind: 'boolean',
    arity: [1, 1],
    evaluate: ([right = null], view) => (hasRight(toText(right), view) ? 1 : 0),
  },
  haspackage: { kind: 'boolean', arity: [1, 1], evaluate: ([name = null]) => (PACKAGES.has(toText(name)) ? 1 : 0) },
  defaultfolder: {
    kind: 'number',
    arity: [1, 1],
    evaluate: ([model = null], view) => defaultFolder(toText(model), view),
  },
};

const PACKAGES: ReadonlySet<string> = new Set(['nms:core', 'nms:campaign']);

/**
 * The functions of single values, by lower-case name.
 * https://experienceleague.adobe.com/docs/campaign-classic/using/automating-with-workflows/introduction/filter-conditions/list-of-functions.html
 */
export const FUNCTIONS: Readonly<Record<string, XtkFunction>> = {
  ...DATE_FUNCTIONS,
  ...TEXT_FUNCTIONS,
  ...NUMBER_FUNCTIONS,
  ...CHOICE_FUNCTIONS,
  ...CONTEXT_FUNCTIONS,
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
  stddev: { kind: 'number', fold: deviation },
  min: { kind: 'first', fold: (values) => pick(values, -1) },
  max: { kind: 'first', fold: (values) => pick(values, 1) },
};

/** Of a sample, as the databases below Campaign have it: null for fewer than two values. */
function deviation(values: readonly Operand[]): Operand {
  if (values.length < 2) return null;
  const numbers = values.map(toNumber);
  const mean = numbers.reduce((sum, it) => sum + it, 0) / numbers.length;
  return Math.sqrt(numbers.reduce((sum, it) => sum + (it - mean) ** 2, 0) / (numbers.length - 1));
}

function pick(values: readonly Operand[], direction: 1 | -1): Operand {
  let best: Operand = null;
  for (const value of values) if (best === null || compareOperands(value, best) * direction > 0) best = value;
  return best;
}

function roundTo(value: number, digits: number): number {
  const places = Math.min(20, Math.max(0, Math.trunc(digits) || 0));
  return Number(value.toFixed(places));
}

function truncateTo(value: number, digits: number): number {
  const factor = 10 ** Math.min(15, Math.max(0, Math.trunc(digits) || 0));
  return Math.trunc(value * factor) / factor;
}

/** `Decode(value, 1, 'one', 2, 'two', 'other')` */
function decode([value = null, ...pairs]: readonly Operand[]): Operand {
  for (let at = 0; at + 1 < pairs.length; at += 2) {
    if (toText(pairs[at] ?? null) === toText(value)) return pairs[at + 1] ?? null;
  }
  return pairs.length % 2 === 1 ? (pairs.at(-1) ?? null) : null;
}

/** A session whose rights are not known has them all; `admin` stands for every one. */
function hasRight(right: string, { rights }: SessionView & { readonly rights?: ReadonlySet<string> }): boolean {
  return rights === undefined || rights.has('admin') || rights.has(right);
}

/** Id of the first folder of a model; 0 where there is none. */
function defaultFolder(model: string, view: SessionView): number {
  const schema = view.lookup('xtk:folder');
  const [folder] = schema ? view.tableOf(schema).find(['model'], [model]) : [];
  return Number(folder?.values.id ?? 0);
}
