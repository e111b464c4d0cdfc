import { describe, expect, it } from 'vitest';
import { createLanguageReader } from '../../src/http/accept-language.js';

describe('Accept-Language', () => {
  const read = createLanguageReader();

  it.each<[string, readonly string[] | undefined]>([
    ['fr', ['fr']],
    ['fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5', ['fr-CH', 'fr', 'en', 'de']],
    ['en;q=0.3,de;q=0.7 , fr ; q=0.7', ['de', 'fr', 'en']],
    ['de;q=0, fr;q=0.001', ['fr']],
    ['en;q=0.1, *;q=0.2', undefined],
    ['*', undefined],
    ['', undefined],
    ['fr;q=2, de;q=x, it;q=0.5;x=1, 12, en_US, <script>', undefined],
    [`${'fr,'.repeat(200)}fr`, undefined],
  ])('%j names the languages %j', (header, languages) => {
    expect(read(header)).toEqual(languages);
  });

  it('names none where it is not sent', () => {
    expect(read(undefined)).toBeUndefined();
  });

  it('gives one list for one header, however many others come', () => {
    const first = read('fr-BE');
    expect(read('fr-BE')).toBe(first);
    for (let number = 0; number < 1_000; number += 1) read(`fr;q=0.${number % 1000}, x-${number}`);
    expect(read('fr-BE')).toEqual(first);
  });
});
