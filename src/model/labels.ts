import type { OptionSet } from './table.js';

/** The languages that a reader wants, as language tags (`fr-CH`, `en`), the most wanted first. */
export type Languages = readonly string[];

/**
 * The labels of an option set by value, in the one of its languages that the reader wants most; what is not translated keeps its label. Null where
 * `Option.label` is in that language, or where there is none that the reader wants. The same arguments give the same map, at no cost.
 */
export function labelsIn(optionSet: OptionSet, languages: Languages): ReadonlyMap<number, string> | null {
  const known = KNOWN.get(optionSet) ?? new WeakMap<Languages, ReadonlyMap<number, string> | null>();
  KNOWN.set(optionSet, known);
  const labels = known.get(languages);
  if (labels !== undefined) return labels;
  const made = translate(optionSet, languages);
  known.set(languages, made);
  return made;
}

const KNOWN = new WeakMap<OptionSet, WeakMap<Languages, ReadonlyMap<number, string> | null>>();

function translate(optionSet: OptionSet, languages: Languages): ReadonlyMap<number, string> | null {
  const { options, language, translations = {} } = optionSet;
  const chosen = chooseLanguage([...(language ? [language] : []), ...Object.keys(translations)], languages);
  const labels = chosen === null || chosen === language ? undefined : translations[chosen];
  return labels ? new Map(options.map(({ value, label }, index) => [value, labels[index] ?? label])) : null;
}

/**
 * The available language that is wanted most; null where none is. Any region will do where the wanted one is not there, `fr-FR` for `fr-CH`, but
 * not another script: Traditional Chinese is no Simplified.
 */
export function chooseLanguage(available: readonly string[], wanted: Languages): string | null {
  const known = available.map((tag) => ({ tag, ...partsOf(tag) }));
  for (const tag of wanted) {
    const { language, script, region } = partsOf(tag);
    const fitting = known.filter((one) => one.language === language && one.script === script);
    const best = fitting.find((one) => one.region === region) ?? fitting[0];
    if (best) return best.tag;
  }
  return null;
}

/** With the script and region that are likely where a tag tells none: `zh-TW` is written in Traditional Chinese, `en` is that of the US. */
function partsOf(tag: string): Pick<Intl.Locale, 'language' | 'script' | 'region'> {
  const { language, script, region } = new Intl.Locale(tag).maximize();
  return { language, script, region };
}
