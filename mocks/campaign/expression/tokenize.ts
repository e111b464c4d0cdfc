import { SyntaxFault } from './syntax.js';

export type Token =
  | {
      readonly kind: 'text' | 'number' | 'date' | 'path' | 'parameter' | 'word' | 'symbol';
      readonly text: string;
      readonly at: number;
    }
  | { readonly kind: 'end'; readonly text: ''; readonly at: number };

const SPACE = /\s+/y;
const NUMBER = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const ATTRIBUTE = /@[A-Za-z_][\w]*/y;
const WORD = /[A-Za-z_][\w]*/y;
const SYMBOL = /<>|!=|<=|>=|==|\|\||[=<>(),+\-*/%]/y;
const PARAMETER = /\$\w*\([^)]*\)/y;
const BRACKETED = /\[([^\]]*)\]/y;
const DATE = /#([^#]*)#/y;

/**
 * Splits an XTK expression into tokens. A path with `/` or `-` in it needs brackets: `[folder/@label]`, `[@folder-id]`; without
 * them those characters are operators. Throws `SyntaxFault`.
 */
export function tokenize(source: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < source.length) {
    const space = matchAt(SPACE, source, at);
    if (space) {
      at += space[0].length;
      continue;
    }
    const { token, end } = readToken(source, at);
    tokens.push(token);
    at = end;
  }
  return [...tokens, { kind: 'end', text: '', at }];
}

function readToken(source: string, at: number): { token: Token; end: number } {
  const first = source.charAt(at);
  if (first === "'" || first === '"') return readText(source, at, first);
  const patterns = [
    ['date', DATE],
    ['path', BRACKETED],
    ['parameter', PARAMETER],
    ['path', ATTRIBUTE],
    ['number', NUMBER],
    ['word', WORD],
    ['symbol', SYMBOL],
  ] as const;
  for (const [kind, pattern] of patterns) {
    const match = matchAt(pattern, source, at);
    if (match) return { token: { kind, text: match[1] ?? match[0], at }, end: at + match[0].length };
  }
  throw new SyntaxFault(`Unexpected character '${first}' at position ${at}.`);
}

/** Text in quotes; a backslash takes the next character as it is. */
function readText(source: string, start: number, quote: string): { token: Token; end: number } {
  let text = '';
  for (let at = start + 1; at < source.length; at += 1) {
    const character = source.charAt(at);
    if (character === quote) return { token: { kind: 'text', text, at: start }, end: at + 1 };
    if (character === '\\') at += 1;
    text += source.charAt(at);
  }
  throw new SyntaxFault(`The text that begins at position ${start} has no closing quote.`);
}

function matchAt(pattern: RegExp, source: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(source);
}
