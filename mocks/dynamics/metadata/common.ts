import { createHash } from 'node:crypto';
import type { Labels } from '../table-definitions.js';

export type JsonObject = Record<string, unknown>;

/** An id that a thing of this kind and name always has. */
export function metadataId(kind: string, name: string): string {
  const hex = createHash('sha1').update(`${kind}:${name}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export const NO_LABEL: JsonObject = { LocalizedLabels: [], UserLocalizedLabel: null };

const BASE_LANGUAGE = 1033;

/**
 * A text in the languages there are. `key` makes the ids of the labels. `UserLocalizedLabel` is that of the base language; `localized`
 * makes it another user's.
 */
export function label(text: string | undefined, key: string, others: Labels = {}): JsonObject {
  // An object would put its numbers in order: the base language comes first.
  const base = text === undefined || text === '' ? [] : [[String(BASE_LANGUAGE), text] as const];
  const labels = [...base, ...Object.entries(others)].map(([language, value]) => ({
    Label: value,
    LanguageCode: Number(language),
    IsManaged: true,
    MetadataId: metadataId('label', `${key}:${language}`),
    HasChanged: null,
  }));
  if (labels.length === 0) return NO_LABEL;
  return {
    LocalizedLabels: labels,
    UserLocalizedLabel: labels.find((it) => it.LanguageCode === BASE_LANGUAGE) ?? null,
  };
}

/** A copy of a description whose labels show the language of another user; the same one where that is the base language. */
export function localized(json: JsonObject, language: number): JsonObject {
  return language === BASE_LANGUAGE ? json : (localizedValue(json, language) as JsonObject);
}

function localizedValue(value: unknown, language: number): unknown {
  if (Array.isArray(value)) return value.map((item) => localizedValue(item, language));
  if (typeof value !== 'object' || value === null) return value;
  if (!('LocalizedLabels' in value) || !Array.isArray(value.LocalizedLabels)) {
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, localizedValue(part, language)]));
  }
  const own = value.LocalizedLabels.find((it) => it.LanguageCode === language);
  return own === undefined ? value : { ...value, UserLocalizedLabel: own };
}

/** A property that an administrator may be barred from changing. */
export function managed(value: unknown, name: string, canBeChanged = true): JsonObject {
  return { Value: value, CanBeChanged: canBeChanged, ManagedPropertyLogicalName: name };
}

/** `primarycontactid` -> `PrimaryContactId` is known for a few words only; elsewhere the first letter alone is a capital. */
export function schemaName(logicalName: string): string {
  if (logicalName.includes('_') && !/^address\d_/.test(logicalName)) return logicalName;
  return logicalName.charAt(0).toUpperCase() + logicalName.slice(1);
}

export const CREATED_ON = '1900-01-01T00:00:00Z';
export const INTRODUCED_VERSION = '5.0.0.0';
