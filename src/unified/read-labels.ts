import { type Languages, labelsIn } from '../model/labels.js';
import type { Filter, Scalar } from '../model/query.js';
import type { OptionSet } from '../model/table.js';
import { entriesOf, quoted, unfit } from './input-values.js';
import type { ReadFilter } from './read-filter.js';

/** Labels that a message names. */
const MAX_NAMED = 20;

/** An option of a choice, or a value of an enumeration, as the client reads it. */
export interface LabelledOption {
  readonly value: Scalar;
  readonly label: string;
}

/** The options of a set with their labels in the language that the client reads them in. */
export function labelledOptions(optionSet: OptionSet, languages: Languages | undefined): readonly LabelledOption[] {
  const labels = languages && labelsIn(optionSet, languages);
  return labels ? [...labels].map(([value, label]) => ({ value, label })) : optionSet.options;
}

/**
 * Reads `label: { eq: "Active" }` into filters, all of which must hold, on the values of the options that have such labels, in whatever case. Rejects with
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
    const values = operator === 'in' ? listed(options, operand, at) : matching(options, operator, String(operand), at);
    return operator === 'ne' ? { kind: 'not', filter: isOneOf(path, values) } : among(path, values);
  });
}

function readNull(path: string, operator: string, place: string): Filter {
  if (operator === 'eq' || operator === 'ne') return { kind: 'null', path, isNull: operator === 'eq' };
  throw unfit(place, 'a label', 'null');
}

function listed(options: readonly LabelledOption[], operand: unknown, place: string): readonly Scalar[] {
  const labels: readonly unknown[] = Array.isArray(operand) ? operand : [operand];
  return labels.flatMap((label, index) => matching(options, 'eq', String(label), `${place}.${index}`));
}

function matching(
  options: readonly LabelledOption[],
  operator: string,
  text: string,
  place: string,
): readonly Scalar[] {
  const wanted = text.toLowerCase();
  const values = options.filter(({ label }) => fits(label.toLowerCase(), operator, wanted)).map(({ value }) => value);
  if (values.length === 0 && (operator === 'eq' || operator === 'ne')) throw unknownLabel(options, text, place);
  return values;
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
  return unfit(place, `one of ${names.join(', ')}${labels.length > MAX_NAMED ? ' …' : ''}`, quoted(text));
}

function among(path: string, values: readonly Scalar[]): ReadFilter {
  return values.length === 0 ? false : isOneOf(path, values);
}

function isOneOf(path: string, values: readonly Scalar[]): Filter {
  const different = [...new Set(values)];
  const [only] = different;
  return different.length === 1 && only !== undefined
    ? { kind: 'compare', path, operator: 'eq', value: only }
    : { kind: 'in', path, values: different };
}
