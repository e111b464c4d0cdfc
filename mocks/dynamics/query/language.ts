import type { Row, Store } from '../store.js';
import type { Tables } from '../tables.js';

/** The language of an organization whose installation nobody changed: US English. */
export const BASE_LANGUAGE = 1033;

/** Languages that the organization has, beside its base language. */
export const OTHER_LANGUAGES: ReadonlySet<number> = new Set([1036]);

interface Caller {
  readonly store: Store;
  readonly tables: Tables;
  /** The `systemuser` row of the caller; without one the base language is meant. */
  readonly user?: Row;
}

/** A request asks for its language once per label. */
const KNOWN = new WeakMap<Caller, { readonly language: number; readonly locale: string }>();

/**
 * The language, as an LCID, that the caller chose in their personal options (`usersettings.uilanguageid`); the base language where they
 * chose none, or one that the organization does not have.
 * https://learn.microsoft.com/power-apps/developer/data-platform/org-service/entities-language
 */
export function languageOf(caller: Caller): number {
  return optionsOf(caller).language;
}

/** The locale of the caller's formats for numbers and dates (`usersettings.localeid`), as `en-US`. */
export function localeOf(caller: Caller): string {
  return optionsOf(caller).locale;
}

const LOCALES: Readonly<Record<number, string>> = { 1031: 'de-DE', 1033: 'en-US', 1036: 'fr-FR', 2057: 'en-GB' };

function optionsOf(caller: Caller) {
  const known = KNOWN.get(caller);
  if (known !== undefined) return known;
  const settings = settingsOf(caller);
  const language = Number(settings?.uilanguageid ?? BASE_LANGUAGE);
  const options = {
    language: OTHER_LANGUAGES.has(language) ? language : BASE_LANGUAGE,
    locale: LOCALES[Number(settings?.localeid ?? BASE_LANGUAGE)] ?? 'en-US',
  };
  KNOWN.set(caller, options);
  return options;
}

function settingsOf({ store, tables, user }: Caller): Row | undefined {
  if (user === undefined || tables.find('usersettings') === undefined) return undefined;
  return store.table('usersettings').get(String(user.systemuserid));
}
