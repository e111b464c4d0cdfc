/** Such numbers are rare, and a text without them is parsed several times faster. */
const MAY_HOLD_LONG_INTEGER = /[:,[]\s*-?\d{16,}\s*[,}\]]/;

/** The strings and numbers of a JSON text: only outside of strings are digits a number. */
const STRINGS_AND_NUMBERS = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * Parses JSON in which 64-bit integers stand as numbers: those that a number of JavaScript cannot hold become strings of their digits.
 * Throws as `JSON.parse` does.
 */
export function parseExactJson(text: string): unknown {
  return JSON.parse(
    MAY_HOLD_LONG_INTEGER.test(text) ? text.replace(STRINGS_AND_NUMBERS, (token) => exactly(token)) : text,
  );
}

function exactly(token: string): string {
  return /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token;
}

/** Writes an object as JSON; a bigint directly in it is written with all its digits, as `JSON.stringify` cannot. */
export function writeExactJson(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${writeMember(member)}`).join(',')}}`;
}

function writeMember(member: unknown): string {
  return typeof member === 'bigint' ? String(member) : JSON.stringify(member);
}
