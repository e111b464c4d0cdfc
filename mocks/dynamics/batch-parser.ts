import { queryError } from './errors.js';

/** An operation that stands alone, or a change set. */
export interface BatchItem {
  readonly isChangeSet: boolean;
  readonly operations: readonly BatchOperation[];
}

export interface BatchOperation {
  /** Null where the part has none; required in a change set. */
  readonly contentId: string | null;
  readonly method: string;
  readonly target: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/**
 * Parses the body of a `$batch`. Boundaries may be quoted, an empty line may stand before the first, lines may end in LF alone.
 *
 * @throws DynamicsError 400 telling what is missing.
 */
export function parseBatch(contentType: string, body: Buffer): BatchItem[] {
  return splitParts(contentType, body.toString('utf8')).map((part) => {
    const { headers, rest } = readHeaders(part);
    const type = headers['content-type'] ?? '';
    if (!type.toLowerCase().startsWith('multipart/mixed'))
      return { isChangeSet: false, operations: [readOperation(headers, rest)] };
    const operations = splitParts(type, rest).map((inner) => {
      const read = readHeaders(inner);
      if (/^multipart/i.test(read.headers['content-type'] ?? ''))
        throw queryError('A change set cannot hold another one.');
      return readOperation(read.headers, read.rest);
    });
    return { isChangeSet: true, operations };
  });
}

function splitParts(contentType: string, text: string): string[] {
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1]?.trim();
  if (boundary === undefined) throw queryError('The Content-Type of a batch must be multipart/mixed with a boundary.');
  const pieces = splitAtBoundary(`\n${text}`, `\n--${boundary}`);
  const end = pieces.findIndex((piece) => piece.startsWith('--'));
  if (end < 0) throw queryError(`The batch does not end with the boundary '--${boundary}--'.`);
  // The line break before a boundary belongs to the boundary.
  return pieces.slice(0, end).map((piece) => piece.replace(/^[^\n]*\n/, '').replace(/\r$/, ''));
}

/** What follows each boundary. A longer boundary of a change set may begin with that of its batch, so a boundary must end its line. */
function splitAtBoundary(text: string, boundary: string): string[] {
  const pieces: string[] = [];
  let start = -1;
  for (let at = text.indexOf(boundary); at >= 0; at = text.indexOf(boundary, at + boundary.length)) {
    const after = at + boundary.length;
    if (!endsLine(text, text.startsWith('--', after) ? after + 2 : after)) continue;
    if (start >= 0) pieces.push(text.slice(start, at));
    start = after;
  }
  return start < 0 ? pieces : [...pieces, text.slice(start)];
}

const BLANKS = /[ \t\r]*/y;

function endsLine(text: string, position: number): boolean {
  BLANKS.lastIndex = position;
  const end = position + (BLANKS.exec(text)?.[0].length ?? 0);
  return end >= text.length || text[end] === '\n';
}

function readHeaders(text: string): { readonly headers: Record<string, string>; readonly rest: string } {
  const headers: Record<string, string> = {};
  let position = 0;
  while (position < text.length) {
    const end = text.indexOf('\n', position);
    const line = (end < 0 ? text.slice(position) : text.slice(position, end)).trim();
    position = end < 0 ? text.length : end + 1;
    if (line === '') break;
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { headers, rest: text.slice(position) };
}

function readOperation(part: Readonly<Record<string, string>>, text: string): BatchOperation {
  const trimmed = text.replace(/^[\r\n]+/, '');
  const end = trimmed.indexOf('\n');
  const line = (end < 0 ? trimmed : trimmed.slice(0, end)).trim();
  const { method, target } = readRequestLine(line);
  if (method === '' || target === '')
    throw queryError(`Expected a request line in a part of the batch, found '${line.slice(0, 80)}'.`);
  const { headers, rest } = readHeaders(end < 0 ? '' : trimmed.slice(end + 1));
  return { contentId: part['content-id'] ?? null, method, target, headers, body: Buffer.from(rest.trim(), 'utf8') };
}

/** Both are empty where the line is no request line. The address may hold blanks, and the version may be left out. */
function readRequestLine(line: string): { readonly method: string; readonly target: string } {
  const method = /^[A-Z]+(?=\s)/.exec(line)?.[0] ?? '';
  const version = /\sHTTP\/\d\.\d$/.exec(line.slice(-' HTTP/1.1'.length))?.[0] ?? '';
  return { method, target: line.slice(method.length, line.length - version.length).trim() };
}
