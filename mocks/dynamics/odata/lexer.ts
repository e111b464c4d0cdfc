import type { LiteralNode, LiteralType, Value } from './ast.js';
import { ODataSyntaxError } from './errors.js';

/** A word of an OData expression. `text` is as written; `position` counts characters from 0. */
export type Token = { readonly text: string; readonly position: number } & (
  | { readonly kind: 'name' | 'alias' | 'symbol' | 'end' }
  | { readonly kind: 'literal'; readonly literal: LiteralNode }
);

/** Longer expressions are refused; Dataverse itself takes URLs of 32,768 characters, in a batch of 65,536. */
export const MAX_EXPRESSION_LENGTH = 65_536;

/** Splits an expression into tokens, the last one of kind `end`. Throws `ODataSyntaxError` at what is no token. */
export function tokenize(text: string): readonly Token[] {
  if (text.length > MAX_EXPRESSION_LENGTH) {
    throw new ODataSyntaxError(
      `The expression is longer than ${MAX_EXPRESSION_LENGTH} characters.`,
      MAX_EXPRESSION_LENGTH,
    );
  }
  const tokens: Token[] = [];
  let position = skipSpace(text, 0);
  while (position < text.length) {
    const token = readToken(text, position);
    tokens.push(token);
    position = skipSpace(text, position + token.text.length);
  }
  tokens.push({ kind: 'end', text: '', position });
  return tokens;
}

const SPACE = /\s*/y;
const GUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![\w-])/iy;
const DATE = /\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?)?(?![\w:.])/y;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/y;
const STRING = /'[^']*(?:''[^']*)*'/y;
const JSON_STRING = /"[^"\\]*(?:\\.[^"\\]*)*"/y;
const ENUM = /[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*)+'[^']*'/uy;
const NAME = /[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*)*/uy;
const ALIAS = /@[\p{L}_][\p{L}\p{N}_]*/uy;
const SYMBOL = /[()[\],/:=]/y;

/** The order matters: a GUID may begin like a number or a name, a date like a number, an enumeration value like a name. */
const READERS: readonly { readonly pattern: RegExp; read(text: string, position: number): Token }[] = [
  { pattern: GUID, read: (text, position) => literal('guid', text.toLowerCase(), text, position) },
  { pattern: DATE, read: (text, position) => literal('date', moment(text, position), text, position) },
  { pattern: NUMBER, read: (text, position) => literal('number', Number(text), text, position) },
  {
    pattern: STRING,
    read: (text, position) => literal('string', text.slice(1, -1).replaceAll("''", "'"), text, position),
  },
  { pattern: JSON_STRING, read: (text, position) => literal('string', jsonString(text, position), text, position) },
  {
    pattern: ENUM,
    read: (text, position) => literal('enum', text.slice(text.indexOf("'") + 1, -1), text, position),
  },
  { pattern: NAME, read: readName },
  { pattern: ALIAS, read: (text, position) => ({ kind: 'alias', text, position }) },
  { pattern: SYMBOL, read: (text, position) => ({ kind: 'symbol', text, position }) },
];

function skipSpace(text: string, position: number): number {
  SPACE.lastIndex = position;
  SPACE.test(text);
  return SPACE.lastIndex;
}

function readToken(text: string, position: number): Token {
  for (const { pattern, read } of READERS) {
    pattern.lastIndex = position;
    const match = pattern.exec(text);
    if (match) return read(match[0], position);
  }
  const quote = text.charAt(position);
  if (quote === "'" || quote === '"') {
    throw new ODataSyntaxError(
      `There is an unterminated string literal at position ${position} in '${text}'.`,
      position,
    );
  }
  throw new ODataSyntaxError(
    `Syntax error: character '${quote}' is not valid at position ${position} in '${text}'.`,
    position,
  );
}

function readName(text: string, position: number): Token {
  if (text === 'true' || text === 'false') return literal('boolean', text === 'true', text, position);
  if (text === 'null') return literal('null', null, text, position);
  return { kind: 'name', text, position };
}

function literal(type: LiteralType, value: Value, text: string, position: number): Token {
  return { kind: 'literal', literal: { kind: 'literal', type, value }, text, position };
}

/** A moment without a time zone is UTC, not the time zone of the machine. */
function moment(text: string, position: number): string {
  const zoned = text.includes('T') && !/(?:Z|[+-]\d{2}:\d{2})$/.test(text) ? `${text}Z` : text;
  const time = Date.parse(zoned);
  // Date.parse takes 2024-02-30 for the first of March.
  const isDay = new Date(`${text.slice(0, 10)}T00:00:00Z`).toJSON()?.startsWith(text.slice(0, 10)) ?? false;
  if (Number.isNaN(time) || !isDay)
    throw new ODataSyntaxError(
      `Unrecognized 'Edm.DateTimeOffset' literal '${text}' at position ${position}.`,
      position,
    );
  return zoned;
}

function jsonString(text: string, position: number): string {
  try {
    return String(JSON.parse(text));
  } catch {
    throw new ODataSyntaxError(`The string ${text} at position ${position} is not valid JSON.`, position);
  }
}
