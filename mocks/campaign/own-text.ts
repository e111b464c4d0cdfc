/** V8 copies text shorter than this when it is cut from a longer one; the rest would keep the whole of that alive. */
export const COPIED_LENGTH = 13;
const MAX_SCRATCH = 65_536;

/** The same text in memory of its own, for what is kept longer than the message that it was cut from. */
export function ownText(text: string): string {
  if (text.length < COPIED_LENGTH) return text;
  if (text.length > MAX_SCRATCH) return Buffer.from(text).toString();
  return scratch.toString('utf8', 0, scratch.write(text, 'utf8'));
}

const scratch = Buffer.allocUnsafe(MAX_SCRATCH * 3);
