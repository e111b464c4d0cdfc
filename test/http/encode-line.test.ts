import { describe, expect, it } from 'vitest';
import { encodeLine } from '../../src/http/encode-line.js';

/** Of all that UTF-8 makes one, two, three and four bytes of. */
const TEXTS = ['', 'a', 'Zoë', 'Ελένη', '日本', '😀', 'aéλ本😀\u0000"\\u2028'];

describe('a line', () => {
  it.each([1, 50, 65_535, 65_536, 70_000])('is the UTF-8 of its text: %i times', (times) => {
    for (const text of TEXTS) {
      const long = text.repeat(Math.ceil(times / Math.max(1, text.length)));
      const line = encodeLine(long);
      expect(line.equals(Buffer.from(`${long}\n`))).toBe(true);
    }
  });

  it('keeps its bytes when others are encoded after it', () => {
    const [narrow, wide] = [encodeLine('one'), encodeLine('ένα')];
    encodeLine('two');
    encodeLine('δύο');
    expect([narrow.toString(), wide.toString()]).toEqual(['one\n', 'ένα\n']);
  });
});
