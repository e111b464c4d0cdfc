import { transcode } from 'node:buffer';

/** A text of so many characters at most is encoded by way of memory that is there already; a longer one takes its own. */
const MOST_AT_HAND = 65_536;

/** Of what is one character in JavaScript UTF-8 makes three bytes at most. */
const atHand = Buffer.allocUnsafeSlow(3 * MOST_AT_HAND);

/** Where it can find nothing, as V8 keeps the text in a byte for each character, this takes no time. */
const BEYOND_LATIN_1 = /[\u0100-\uffff]/;

/**
 * A text and the end of its line in UTF-8. The text must be well formed, as `JSON.stringify` makes it. Node's own `Buffer.from` looks
 * through a text once for its length, and one with characters beyond Latin-1 character by character, which takes longer than to write the
 * JSON of a list in the first place.
 */
export function encodeLine(text: string): Buffer {
  const line = `${text}\n`;
  if (line.length > MOST_AT_HAND) return Buffer.from(line);
  if (BEYOND_LATIN_1.test(text)) return transcode(atHand.subarray(0, atHand.write(line, 'utf16le')), 'utf16le', 'utf8');
  return Buffer.from(atHand.subarray(0, atHand.write(line)));
}
