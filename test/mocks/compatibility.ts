import { expect } from 'vitest';

/** The mocks that have a compatibility table in `mocks/README.md`. */
export type MockName = 'dynamics' | 'entra' | 'campaign';

/**
 * Says, as the first statement of a test, which operation of a vendor that test shows to be imitated. A test may say it of several.
 *
 * `npm run compatibility` reads these calls from the text of the test files and writes the tables in `mocks/README.md` from them; all
 * three arguments are therefore plain string literals. `section` orders the rows, as in `3 Queries: $filter`; the same section and
 * operation may be covered by several tests. What is simplified or missing stands in `mocks/<mock>/compatibility*.json`.
 *
 * Throws outside of a test, and where a text is empty.
 */
export function covers(mock: MockName, section: string, operation: string): void {
  if (expect.getState().currentTestName === undefined)
    throw new Error(`Expected covers('${mock}', …, '${operation}') to stand inside a test.`);
  if (section.trim() === '' || operation.trim() === '')
    throw new Error('Expected covers() to name a section and an operation.');
}
