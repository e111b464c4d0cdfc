/*
 * Byte text: a string of which each character is a byte of the UTF-8 of some text. Text in which a single character is wide takes two
 * bytes for all of them, and is joined and encoded several times slower; byte text is not, and ASCII is the same in both.
 */

const WIDE = /[\u0080-\uffff]/;

/** Turns text into byte text. */
export function toBytes(text: string): string {
  return WIDE.test(text) ? Buffer.from(text).toString('latin1') : text;
}

/** The bytes that byte text stands for. */
export function bytesOf(byteText: string): Buffer {
  return Buffer.from(byteText, 'latin1');
}
