import { queryError } from '../errors.js';
import type { Ordering, SortedRow, SortKey } from './order.js';

/** Where a page begins: after the row `after`, as page `number` of a pass. */
export interface PageStart {
  readonly number: number;
  readonly after: SortedRow;
}

/** The last and the first row of a page that was given out. */
export interface PageEnds {
  readonly number: number;
  readonly first: SortedRow;
  readonly last: SortedRow;
}

/**
 * The value of `$skiptoken` for the page after another, percent-encoded: a cookie in XML that names the last row by the columns of the
 * order and its id, encoded twice, in a second one. https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query/page-results
 */
export function encodeSkipToken(ends: PageEnds, context: CookieContext): string {
  const outer = encodeCookie(ends, context);
  return outer.replaceAll('<', '%3C').replaceAll('>', '%3E').replaceAll(' ', '%20').replaceAll('"', '%22');
}

/** What tells the cookies of one query from those of another: the key and the order of its rows. */
export interface CookieContext {
  readonly primaryId: string;
  readonly orderings: readonly Pick<Ordering, 'name'>[];
}

/** The cookie for the page after another, as an annotation of a FetchXML query tells it. */
export function encodeCookie(ends: PageEnds, context: CookieContext): string {
  const columns = context.orderings.map((ordering, at) =>
    cookieColumn(ordering.name, ends.last.keys[at] ?? null, ends.first.keys[at] ?? null),
  );
  const key = `<${context.primaryId} last="${braced(ends.last.id)}" first="${braced(ends.first.id)}" />`;
  const inner = lowerHex(encodeURIComponent(`<cookie page="${ends.number}">${columns.join('')}${key}</cookie>`));
  return `<cookie pagenumber="${ends.number + 1}" pagingcookie="${lowerHex(encodeURIComponent(inner))}" istracking="False" />`;
}

/**
 * Reads a `$skiptoken`, percent-decoded once.
 *
 * @throws DynamicsError 400 where it is not one of this service for the same order.
 */
export function decodeSkipToken(token: string, context: CookieContext): PageStart {
  const number = Number(/pagenumber="(\d+)"/.exec(token)?.[1]);
  if (!Number.isInteger(number)) throw malformed();
  return { number, after: decodeCookie(decodeFully(/pagingcookie="([^"]*)"/.exec(token)?.[1] ?? ''), context) };
}

/**
 * Reads the inner cookie, `<cookie page="1"><contactid last="{…}" first="{…}" /></cookie>`: the last row of the page before.
 *
 * @throws DynamicsError 400 where it is not one of this service for the same order.
 */
export function decodeCookie(inner: string, context: CookieContext): SortedRow {
  const id = new RegExp(`<${context.primaryId} last="\\{([0-9A-Fa-f-]{36})\\}"`).exec(inner)?.[1];
  if (id === undefined) throw malformed();
  const keys = context.orderings.map((ordering) => readColumn(inner, ordering.name));
  return { id: id.toLowerCase(), keys };
}

function malformed() {
  return queryError('Malformed XML in the Paging Cookie');
}

function cookieColumn(name: string, last: SortKey, first: SortKey): string {
  return `<${name} ${cookieValue('last', last)} ${cookieValue('first', first)} />`;
}

function cookieValue(which: string, key: SortKey): string {
  return key === null ? `${which}null="1"` : `${which}="${typeof key === 'number' ? key : `~${escapeXml(key)}`}"`;
}

function readColumn(cookie: string, name: string): SortKey {
  const element = new RegExp(`<${name} ([^>]*)/>`).exec(cookie)?.[1];
  if (element === undefined) throw malformed();
  if (element.startsWith('lastnull="1"')) return null;
  const value = /^last="([^"]*)"/.exec(element)?.[1];
  if (value === undefined) throw malformed();
  // A tilde tells text from numbers: text may look like a number.
  return value.startsWith('~') ? unescapeXml(value.slice(1)) : Number(value);
}

function braced(id: string): string {
  return `{${id.toUpperCase()}}`;
}

/** The service writes escapes with lower-case digits. */
function lowerHex(encoded: string): string {
  return encoded.replace(/%[0-9A-F]{2}/g, (digits) => digits.toLowerCase());
}

function decodeFully(text: string): string {
  try {
    let decoded = text;
    for (let times = 0; times < 3 && decoded.startsWith('%'); times += 1) decoded = decodeURIComponent(decoded);
    return decoded;
  } catch {
    throw malformed();
  }
}

function escapeXml(text: string): string {
  // Half a surrogate pair cannot be percent-encoded.
  return text
    .toWellFormed()
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

function unescapeXml(text: string): string {
  return text.replaceAll('&quot;', '"').replaceAll('&gt;', '>').replaceAll('&lt;', '<').replaceAll('&amp;', '&');
}
