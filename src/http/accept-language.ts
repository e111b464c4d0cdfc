import type { Languages } from '../model/labels.js';

/** Longer headers are not read: browsers send less than a hundred characters. */
const MAX_LENGTH = 500;

/** Headers remembered: people of one organization send few. */
const MAX_KNOWN = 200;

/** Reads `Accept-Language`; undefined where it is missing or names no language. */
export type ReadLanguages = (header: string | undefined) => Languages | undefined;

/** Makes a reader that gives the same list for the same header, so that what is worked out for a list can be kept with it. */
export function createLanguageReader(): ReadLanguages {
  const known = new Map<string, Languages | undefined>();
  return (header) => {
    if (header === undefined || header.length > MAX_LENGTH) return undefined;
    if (known.has(header)) return known.get(header);
    const languages = parseAcceptLanguage(header);
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(header, languages);
    return languages;
  };
}

/**
 * The languages of a header, the most wanted first: https://www.rfc-editor.org/rfc/rfc9110#section-12.5.4. What follows `*` is wanted less than
 * any language at all, so that it adds nothing. What is no language tag is left out, as is what is wanted by no means (`q=0`).
 */
function parseAcceptLanguage(header: string): Languages | undefined {
  const ranges = header.split(',').flatMap(parseRange);
  const sorted = ranges.sort((left, right) => right.weight - left.weight).map(({ tag }) => tag);
  const any = sorted.indexOf('*');
  const wanted = any === -1 ? sorted : sorted.slice(0, any);
  return wanted.length === 0 ? undefined : wanted;
}

interface Range {
  readonly tag: string;
  readonly weight: number;
}

function parseRange(text: string): readonly Range[] {
  const [tag = '', parameter, ...others] = text.split(';').map((part) => part.trim());
  const weight = parameter === undefined ? 1 : weightOf(parameter);
  const isRange = others.length === 0 && weight > 0 && (tag === '*' || isLanguageTag(tag));
  return isRange ? [{ tag, weight }] : [];
}

/** 0 for what is no weight. */
function weightOf(parameter: string): number {
  const digits = /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/i.exec(parameter)?.[1];
  return digits === undefined ? 0 : Number(digits);
}

function isLanguageTag(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}
