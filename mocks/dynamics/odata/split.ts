import { ODataSyntaxError } from './errors.js';
import { MAX_EXPRESSION_LENGTH } from './lexer.js';

/**
 * Splits at a separator that stands in no quotes, parentheses or brackets; parts are trimmed and told with their position.
 * An empty text has no parts. Throws `ODataSyntaxError` at an empty part and at parentheses that do not match.
 */
export function splitAtTopLevel(
  text: string,
  separator: string,
): { readonly text: string; readonly position: number }[] {
  if (text.length > MAX_EXPRESSION_LENGTH) {
    throw new ODataSyntaxError(
      `The expression is longer than ${MAX_EXPRESSION_LENGTH} characters.`,
      MAX_EXPRESSION_LENGTH,
    );
  }
  if (text.trim() === '') return [];
  const cuts = [-1, ...separatorsOf(text, separator), text.length];
  return cuts.slice(1).map((end, index) => {
    const start = (cuts[index] ?? -1) + 1;
    const part = text.slice(start, end).trim();
    if (part === '') throw new ODataSyntaxError(`An empty entry stands at position ${start} in '${text}'.`, start);
    return { text: part, position: start };
  });
}

function separatorsOf(text: string, separator: string): number[] {
  const found: number[] = [];
  let depth = 0;
  let quote = '';
  for (let position = 0; position < text.length; position += 1) {
    const character = text.charAt(position);
    if (quote !== '') quote = character === quote ? '' : quote;
    else if (character === "'" || character === '"') quote = character;
    else if (character === '(' || character === '[') depth += 1;
    else if (character === ')' || character === ']') depth -= 1;
    else if (character === separator && depth === 0) found.push(position);
    if (depth < 0)
      throw new ODataSyntaxError(`An unmatched '${character}' stands at position ${position} in '${text}'.`, position);
  }
  if (quote !== '') throw new ODataSyntaxError(`There is an unterminated string literal in '${text}'.`, text.length);
  if (depth > 0) throw new ODataSyntaxError(`A closing parenthesis is missing in '${text}'.`, text.length);
  return found;
}
