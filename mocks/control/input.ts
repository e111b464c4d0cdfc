/** What a tester asked of a mock's control API makes no sense; the message names the field and what it takes. */
export class ControlError extends TypeError {
  override readonly name = 'ControlError';
}

/** Tells a JSON object from other JSON. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Tells a string. */
export function isString(value: unknown): value is string {
  return typeof value === 'string';
}

/** Tells a finite number. */
export function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** Tells a whole number within limits, both included. */
export function isWhole(value: unknown, least: number, most: number): boolean {
  return isNumber(value) && Number.isInteger(value) && value >= least && value <= most;
}

/** The names of a record's fields, for a message. */
export function names(record: object): string {
  return Object.keys(record).join(', ');
}
