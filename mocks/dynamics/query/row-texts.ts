import type { Row } from '../store.js';
import type { Property } from '../tables.js';

/** All texts together hold no more characters than this; the rows that are asked for over and over are few. */
const MAX_CHARACTERS = 4 * 2 ** 20;

/** By the very list of properties, as `selectProperties` gives it again for the same selection. Rows that were replaced are not held. */
let texts = new WeakMap<readonly Property[], WeakMap<Row, string>>();
let characters = 0;

/** The byte text of a row's properties, made by `write` where it is not remembered. Rows are replaced, never changed: no text gets stale. */
export function textOfRow(properties: readonly Property[], row: Row, write: () => string): string {
  const known = texts.get(properties)?.get(row);
  if (known !== undefined) return known;
  const text = write();
  characters += text.length;
  if (characters > MAX_CHARACTERS) forgetAll(text.length);
  const ofShape = texts.get(properties) ?? new WeakMap<Row, string>();
  texts.set(properties, ofShape.set(row, text));
  return text;
}

function forgetAll(begun: number): void {
  texts = new WeakMap();
  characters = begun;
}
