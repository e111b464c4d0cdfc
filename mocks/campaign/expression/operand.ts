import { castMoment, type Kind, type Value, ValueError } from '../values.js';

/** A value while an expression is evaluated. Truth is 1, 0 or, where SQL would not know, null. */
export type Operand = string | number | bigint | null;

/** Turns a stored value into an operand: int64 text becomes a bigint. */
export function toOperand(value: Value, kind: Kind): Operand {
  return kind === 'int64' && typeof value === 'string' ? BigInt(value) : value;
}

const NUMERIC: ReadonlySet<Kind> = new Set<Kind>(['number', 'int64', 'boolean']);

/** The kind in which two operands are compared: numbers as numbers, anything with a moment as moments. */
export function commonKind(left: Kind, right: Kind): Kind {
  if (left === right) return left;
  if (isMoment(left) || isMoment(right)) return 'datetime';
  if (NUMERIC.has(left) && NUMERIC.has(right)) return 'number';
  return NUMERIC.has(left) ? left : right;
}

function isMoment(kind: Kind): boolean {
  return kind === 'date' || kind === 'datetime';
}

/** Converts an operand from one kind to another. Throws `ValueError` where it cannot be. */
export function convert(operand: Operand, from: Kind, to: Kind): Operand {
  if (operand === null || from === to) return operand;
  if (to === 'datetime') return castMoment(String(operand));
  if (to === 'text') return String(operand);
  if (to === 'date') return castMoment(String(operand)).slice(0, 10);
  return typeof operand === 'string' ? parseNumber(operand, to) : operand;
}

function parseNumber(text: string, kind: Kind): Operand {
  const trimmed = text.trim();
  if (trimmed === '') return 0;
  if (kind === 'boolean' && /^(true|false)$/.test(trimmed)) return trimmed === 'true' ? 1 : 0;
  if (kind === 'int64' && /^[+-]?\d{16,}$/.test(trimmed)) return BigInt(trimmed);
  const number = Number(trimmed);
  if (Number.isNaN(number)) throw new ValueError(`invalid input syntax for type ${kind}: "${text}"`);
  return number;
}

/** Negative, zero or positive as text, number and moment order go; both operands are of one kind. */
export function compareOperands(left: Operand, right: Operand): number {
  if (left === right) return 0;
  if (left === null) return -1;
  if (right === null) return 1;
  // Numbers and bigints compare with each other by value; text and moments are strings on both sides.
  return left < right ? -1 : left > right ? 1 : 0;
}

export function isTruthy(operand: Operand): boolean {
  return operand !== null && operand !== 0 && operand !== '' && operand !== 0n;
}

export function toNumber(operand: Operand): number {
  return operand === null || operand === '' ? 0 : Number(operand);
}

export function toText(operand: Operand): string {
  return operand === null ? '' : String(operand);
}
