/**
 * Text as PostgreSQL can hold it: neither a NUL nor half of a surrogate pair, each of which becomes U+FFFD.
 * https://www.postgresql.org/docs/current/datatype-json.html
 */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}

/** JSON text whose strings PostgreSQL can hold. */
export function storableJson(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) => (typeof part === 'string' ? storableText(part) : part));
}
