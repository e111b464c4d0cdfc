import type { Row, Store } from '../store.js';
import type { Tables } from '../tables.js';

/** The language of an organization whose installation nobody changed: US English. */
export const BASE_LANGUAGE = 1033;

/** Languages that the organization has, beside its base language. */
const OTHER_LANGUAGES: ReadonlySet<number> = new Set([1036]);

interface Caller {
  readonly store: Store;
  readonly tables: Tables;
  /** The `systemuser` row of the caller. */
  readonly user: Row;
}

/** A request asks for its language once per label. */
const KNOWN = new WeakMap<Caller, number>();

/**
 * The language, as an LCID, that the caller chose in their personal options (`usersettings.uilanguageid`); the base language where they
 * chose none, or one that the organization does not have.
 * https://learn.microsoft.com/power-apps/developer/data-platform/org-service/entities-language
 */
export function languageOf(caller: Caller): number {
  const known = KNOWN.get(caller);
  if (known !== undefined) return known;
  const language = settingOf(caller, 'uilanguageid');
  const chosen = OTHER_LANGUAGES.has(language) ? language : BASE_LANGUAGE;
  KNOWN.set(caller, chosen);
  return chosen;
}

function settingOf({ store, tables, user }: Caller, name: string): number {
  if (tables.find('usersettings') === undefined) return 0;
  return Number(store.table('usersettings').get(String(user.systemuserid))?.[name] ?? 0);
}
