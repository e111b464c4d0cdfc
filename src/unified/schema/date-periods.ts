import { GraphQLBoolean, type GraphQLInputFieldConfigMap, GraphQLInt } from 'graphql';
import type { DatePeriod } from '../../model/query.js';
import { GraphQLDate } from './scalars.js';

const DAYS = ['on', 'onOrBefore', 'onOrAfter'] as const;

const SPANS = [
  ...(['today', 'yesterday', 'tomorrow', 'lastWeek', 'thisWeek', 'nextWeek'] as const),
  ...(['lastMonth', 'thisMonth', 'nextMonth', 'lastYear', 'thisYear', 'nextYear'] as const),
];

const COUNTED = [
  ...(['lastDays', 'lastWeeks', 'lastMonths', 'lastYears'] as const),
  ...(['nextDays', 'nextWeeks', 'nextMonths', 'nextYears'] as const),
  ...(['olderThanDays', 'olderThanWeeks', 'olderThanMonths', 'olderThanYears'] as const),
];

const HOURS = ['lastHours', 'nextHours', 'olderThanHours'] as const;

/** The operators that compare a day with a period around the present, by the calendar of the user that Isthmus signs in as. */
export const DAY_FIELDS: GraphQLInputFieldConfigMap = {
  ...fields(DAYS, (name) => ({ type: GraphQLDate, description: `${sentence(name)} this day.` })),
  ...fields(SPANS, (name) => ({
    type: GraphQLBoolean,
    description: `${sentence(name)} (\`true\`) or not (\`false\`).`,
  })),
  ...fields(COUNTED, (name) => ({ type: GraphQLInt, description: countedSentence(name) })),
};

/** Those that compare a moment. */
export const PERIOD_FIELDS: GraphQLInputFieldConfigMap = {
  ...DAY_FIELDS,
  ...fields(HOURS, (name) => ({ type: GraphQLInt, description: countedSentence(name) })),
};

/** How the operand of a period is given: a day, whether at all, or a number of units. */
export type PeriodKind = 'day' | 'flag' | 'count';

/** The period of an operator; undefined where the operator is none. */
export function periodOf(operator: string): { readonly period: DatePeriod; readonly kind: PeriodKind } | undefined {
  return PERIODS.get(operator);
}

const PERIODS = new Map<string, { readonly period: DatePeriod; readonly kind: PeriodKind }>([
  ...DAYS.map((period) => [period, { period, kind: 'day' }] as const),
  ...SPANS.map((period) => [period, { period, kind: 'flag' }] as const),
  ...[...COUNTED, ...HOURS].map((period) => [period, { period, kind: 'count' }] as const),
]);

function fields(
  names: readonly DatePeriod[],
  field: (name: DatePeriod) => GraphQLInputFieldConfigMap[string],
): GraphQLInputFieldConfigMap {
  return Object.fromEntries(names.map((name) => [name, field(name)]));
}

/** `onOrBefore` → `On or before` */
function sentence(name: DatePeriod): string {
  const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

function countedSentence(name: DatePeriod): string {
  const unit = /[A-Z][a-z]+$/.exec(name)?.[0].toLowerCase() ?? 'units';
  if (name.startsWith('olderThan')) return `Longer ago than this many ${unit}.`;
  return name.startsWith('last') ? `Within this many ${unit} past.` : `Within this many ${unit} to come.`;
}
