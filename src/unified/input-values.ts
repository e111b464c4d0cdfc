import { RequestError } from '../model/errors.js';

/** The fields of an input value that were given. */
export function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

/** A text as messages show it. */
export function quoted(text: string): string {
  return `"${text.length > 60 ? `${text.slice(0, 60)}…` : text}"`;
}

/** BAD_USER_INPUT that tells what a value was expected to be, and where it stands: `filter.or.1.lastname.eq`. */
export function unfit(place: string, expected: string, got: string): RequestError {
  return new RequestError('BAD_USER_INPUT', `Expected "${place}" to be ${expected}, but got ${got}.`, { field: place });
}
