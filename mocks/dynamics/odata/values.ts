import type { Value } from './ast.js';

/**
 * Whether a row without a value matches `ne 'x'`, `NotIn` and the other negations. SQL itself would say no; Dataverse adds
 * `or … is null` to these conditions, so that "not Paris" also finds those without a city.
 */
export const NULL_MATCHES_NEGATION = true;

/** Numbers within words compare digit by digit, and accents count, as in Dataverse's default collation without its case. */
const COLLATOR = new Intl.Collator('en', { sensitivity: 'accent' });

/** The form in which two texts are equal when Dataverse takes them for equal: it disregards case. */
export function foldCase(text: string): string {
  return text.toLowerCase();
}

/** Orders two values for `$orderby`: those without a value first, text without regard to case, moments by time. */
export function compareForOrder(left: Value, right: Value): number {
  if (left === null || right === null) return Number(left !== null) - Number(right !== null);
  return compareValues(left, right);
}

/** Orders two values that are there; NaN where their types cannot be compared. */
export function compareValues(left: Exclude<Value, null>, right: Exclude<Value, null>): number {
  if (typeof left === 'string' && typeof right === 'string') return compareText(left, right);
  if (typeof left === typeof right) return Number(left) - Number(right);
  return Number.NaN;
}

function compareText(left: string, right: string): number {
  if (isMoment(left) && isMoment(right)) return Date.parse(left) - Date.parse(right);
  return COLLATOR.compare(left, right);
}

/** Tells a day or a moment in ISO 8601 from other text: `2024-01-31`, `2024-01-31T08:00:00Z`. */
export function isMoment(text: string): boolean {
  return text.length >= 10 && /^\d{4}-\d{2}-\d{2}(?:$|T\d{2}:)/.test(text);
}

/**
 * Compares a value with the text that query functions take for every type: `"5"` for 5, `"true"` for true. NaN where they cannot be
 * compared.
 */
export function compareWithText(value: Exclude<Value, null>, text: string): number {
  if (typeof value === 'number') return text.trim() === '' ? Number.NaN : value - Number(text);
  if (typeof value === 'boolean') return Number(value) - booleanOf(text);
  if (foldCase(value) === foldCase(text)) return 0;
  return compareText(value, text);
}

function booleanOf(text: string): number {
  const folded = foldCase(text.trim());
  if (folded === 'true' || folded === '1') return 1;
  return folded === 'false' || folded === '0' ? 0 : Number.NaN;
}
