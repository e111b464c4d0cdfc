import type { TextFunction } from './ast.js';
import { foldCase } from './values.js';

type Step =
  | { readonly kind: 'any' }
  | { readonly kind: 'many' }
  | { readonly kind: 'set'; matches(character: string): boolean };

/**
 * Makes the test that a text function applies to a column, without regard to case. The pattern is one of SQL's LIKE: `%` stands for any
 * text, `_` for one character, `[a-f]` and `[^a-f]` for one of a set.
 * https://learn.microsoft.com/power-apps/developer/data-platform/wildcard-characters
 */
export function compileText(name: TextFunction, pattern: string): (text: string) => boolean {
  const folded = foldCase(pattern);
  if (!/[%_[]/.test(folded)) return plainTest(name, folded);
  const steps = parseLike(folded);
  if (steps === null) return () => false;
  const many: Step = { kind: 'many' };
  if (name !== 'startswith') steps.unshift(many);
  if (name !== 'endswith') steps.push(many);
  return (text) => matchesLike(steps, foldCase(text));
}

function plainTest(name: TextFunction, folded: string): (text: string) => boolean {
  if (name === 'contains') return (text) => foldCase(text).includes(folded);
  if (name === 'startswith') return (text) => foldCase(text).startsWith(folded);
  return (text) => foldCase(text).endsWith(folded);
}

/** Null for a pattern with a `[` that is never closed, which SQL Server lets match nothing. */
function parseLike(pattern: string): Step[] | null {
  const steps: Step[] = [];
  for (let index = 0; index < pattern.length; index += 1) {
    const character = pattern.charAt(index);
    if (character === '%') steps.push({ kind: 'many' });
    else if (character === '_') steps.push({ kind: 'any' });
    else if (character !== '[') steps.push({ kind: 'set', matches: (other) => other === character });
    else {
      // A bracket that follows the opening one, or its `^`, is an empty set.
      const end = pattern.indexOf(']', index + 1);
      if (end < 0) return null;
      steps.push(parseSet(pattern.slice(index + 1, end)));
      index = end;
    }
  }
  return steps;
}

function parseSet(text: string): Step {
  const isNegated = text.startsWith('^');
  const body = isNegated ? text.slice(1) : text;
  const ranges: [string, string][] = [];
  for (let index = 0; index < body.length; index += 1) {
    const isRange = body.charAt(index + 1) === '-' && index + 2 < body.length;
    ranges.push([body.charAt(index), body.charAt(isRange ? index + 2 : index)]);
    if (isRange) index += 2;
  }
  return {
    kind: 'set',
    matches: (character) => ranges.some(([from, to]) => from <= character && character <= to) !== isNegated,
  };
}

/** Takes time in proportion to pattern times text at the worst: after a mismatch only the last `%` can take one character more. */
function matchesLike(steps: readonly Step[], text: string): boolean {
  let step = 0;
  let position = 0;
  let lastMany = -1;
  let manyEnd = 0;
  while (position < text.length) {
    const current = steps[step];
    if (current?.kind === 'many') {
      lastMany = step;
      manyEnd = position;
      step += 1;
    } else if (current && (current.kind === 'any' || current.matches(text.charAt(position)))) {
      step += 1;
      position += 1;
    } else if (lastMany >= 0) {
      step = lastMany + 1;
      manyEnd += 1;
      position = manyEnd;
    } else return false;
  }
  return steps.slice(step).every(({ kind }) => kind === 'many');
}
