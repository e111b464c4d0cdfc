import { CODES, DynamicsError, queryError } from './errors.js';

/** A segment of a resource path: `contacts(<key>)` is name `contacts` with a key, `$ref` a name alone. */
export interface Segment {
  readonly name: string;
  /** Null where the segment has no parentheses. */
  readonly key: Key | null;
}

/** What stands in parentheses. */
export type Key =
  | { readonly kind: 'id'; readonly id: string }
  /** `accountnumber='A1',name='x'`; text values without their quotes. Also the parameters of a function. */
  | { readonly kind: 'values'; readonly values: ReadonlyMap<string, string> }
  | { readonly kind: 'none' };

/** https://learn.microsoft.com/power-apps/developer/data-platform/webapi/compose-http-requests-handle-errors#maximum-url-length */
const MAX_URL_LENGTH = { request: 32_768, part: 65_536 } as const;

/**
 * Checks that a URL is not longer than the service takes: a part of a batch may be twice as long as a request.
 *
 * @throws DynamicsError 414
 */
export function assertUrlLength(url: string, where: keyof typeof MAX_URL_LENGTH): void {
  const limit = MAX_URL_LENGTH[where];
  if (url.length <= limit) return;
  throw new DynamicsError(414, CODES.query, `The URL is longer than the limit of ${limit} characters; use $batch.`);
}

const GUID = /^\{?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}?$/i;

/**
 * Reads an id that stands in a segment of its own, `contacts/<id>`, as the key of the segment before it.
 *
 * The service wants parentheses. This is for clients that know the other form alone, of OData's URL conventions:
 * https://docs.oasis-open.org/odata/odata/v4.01/odata-v4.01-part2-url-conventions.html#sec_KeyasSegmentConvention
 */
export function takeKeysFromSegments(segments: readonly Segment[]): Segment[] {
  const taken: Segment[] = [];
  for (const segment of segments) {
    const before = taken.at(-1);
    if (before?.key === null && segment.key === null && isGuid(segment.name))
      taken[taken.length - 1] = { name: before.name, key: { kind: 'id', id: normalizeGuid(segment.name) } };
    else taken.push(segment);
  }
  return taken;
}

export function isGuid(text: string): boolean {
  return GUID.test(text);
}

/** A GUID in the form rows hold it. */
export function normalizeGuid(text: string): string {
  return text.replace(/[{}]/g, '').toLowerCase();
}

/**
 * Splits what follows `/api/data/v9.2/` into segments. A slash inside a quoted key value belongs to it.
 *
 * @throws DynamicsError 400 where parentheses or quotes do not close.
 */
export function parseResourcePath(raw: string): Segment[] {
  return splitOutsideQuotes(decodePath(raw), '/')
    .filter((part) => part !== '')
    .map(parseSegment);
}

function decodePath(raw: string): string {
  try {
    return decodeURIComponent(raw);
  } catch {
    throw queryError(`The request URI is not valid: '${raw}' holds a percent sign that begins no character.`);
  }
}

function parseSegment(text: string): Segment {
  const open = text.indexOf('(');
  if (open < 0) return { name: text, key: null };
  if (!text.endsWith(')'))
    throw queryError(`Bad Request - Error in query syntax: '${text}' has no closing parenthesis.`);
  return { name: text.slice(0, open), key: parseKey(text.slice(open + 1, -1)) };
}

function parseKey(text: string): Key {
  if (text.trim() === '') return { kind: 'none' };
  if (isGuid(text)) return { kind: 'id', id: normalizeGuid(text) };
  const values = new Map<string, string>();
  for (const part of splitOutsideQuotes(text, ',')) {
    const equals = part.indexOf('=');
    if (equals < 0)
      throw queryError(`Bad Request - Error in query syntax: '${text}' is neither an id nor a list of name=value.`);
    values.set(part.slice(0, equals).trim(), unquote(part.slice(equals + 1).trim()));
  }
  return { kind: 'values', values };
}

/** Text without its quotes, doubled quotes made single; anything else as it stands. */
export function unquote(text: string): string {
  return text.startsWith("'") && text.endsWith("'") && text.length > 1 ? text.slice(1, -1).replaceAll("''", "'") : text;
}

function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === "'") quoted = !quoted;
    if (character === separator && !quoted) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  if (quoted) throw queryError(`There is an unterminated string literal at position ${text.length} in '${text}'.`);
  return [...parts, text.slice(start)];
}
