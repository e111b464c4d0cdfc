import { type Languages, labelsIn } from '../model/labels.js';
import type { Filter } from '../model/query.js';
import type { Option, OptionSet } from '../model/table.js';
import { entriesOf, quoted, unfit } from './input-values.js';
import type { ReadFilter } from './read-filter.js';

/** Labels that a message names. */
const MAX_NAMED = 20;

/** An option as the client reads it. */
export type LabelledOption = Pick<Option, 'value' | 'label'>;

/** The options of a set with their labels in the language that the client reads them in. */
export function labelledOptions(optionSet: OptionSet, languages: Languages | undefined): readonly LabelledOption[] {
  const labels = languages && labelsIn(optionSet, languages);
  return labels ? [...labels].map(([value, label]) => ({ value, label })) : optionSet.options;
}

/**
 * Reads `label: { eq: "Active" }` into filters, all of which must hold, on the numbers of the options that have such labels, in whatever case. Rejects with
 * BAD_USER_INPUT a label that no option has; a part of a label that occurs in none lets nothing pass.
 */
export function readLabels(
  path: string,
  options: readonly LabelledOption[],
  value: unknown,
  place: string,
): readonly ReadFilter[] {
  return entriesOf(value).map(([operator, operand]) => {
    const at = `${place}.${operator}`;
    if (operand === null) return readNull(path, operator, at);
    const numbers = operator === 'in' ? listed(options, operand, at) : matching(options, operator, String(operand), at);
    return operator === 'ne' ? { kind: 'not', filter: isOneOf(path, numbers) } : among(path, numbers);
  });
}

function readNull(path: string, operator: string, place: string): Filter {
  if (operator === 'eq' || operator === 'ne') return { kind: 'null', path, isNull: operator === 'eq' };
  throw unfit(place, 'a label', 'null');
}

function listed(options: readonly LabelledOption[], operand: unknown, place: string): readonly number[] {
  const labels: readonly unknown[] = Array.isArray(operand) ? operand : [operand];
  return labels.flatMap((label, index) => matching(options, 'eq', String(label), `${place}.${index}`));
}

function matching(
  options: readonly LabelledOption[],
  operator: string,
  text: string,
  place: string,
): readonly number[] {
  const wanted = text.toLowerCase();
  const numbers = options.filter(({ label }) => fits(label.toLowerCase(), operator, wanted)).map(({ value }) => value);
  if (numbers.length === 0 && (operator === 'eq' || operator === 'ne')) throw unknownLabel(options, text, place);
  return numbers;
}

function fits(label: string, operator: string, wanted: string): boolean {
  switch (operator) {
    case 'contains':
      return label.includes(wanted);
    case 'startsWith':
      return label.startsWith(wanted);
    case 'endsWith':
      return label.endsWith(wanted);
    default:
      return label === wanted;
  }
}

function unknownLabel(options: readonly LabelledOption[], text: string, place: string) {
  const labels = [...new Set(options.map(({ label }) => label))];
  const names = labels.slice(0, MAX_NAMED).map(quoted);
  return unfit(place, `one of the labels ${names.join(', ')}${labels.length > MAX_NAMED ? ' …' : ''}`, quoted(text));
}

function among(path: string, numbers: readonly number[]): ReadFilter {
  return numbers.length === 0 ? false : isOneOf(path, numbers);
}

function isOneOf(path: string, numbers: readonly number[]): Filter {
  const [only = 0] = numbers;
  return numbers.length === 1
    ? { kind: 'compare', path, operator: 'eq', value: only }
    : { kind: 'in', path, values: [...new Set(numbers)] };
}
