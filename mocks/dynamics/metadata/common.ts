import { createHash } from 'node:crypto';

export type JsonObject = Record<string, unknown>;

/** An id that a thing of this kind and name always has. */
export function metadataId(kind: string, name: string): string {
  const hex = createHash('sha1').update(`${kind}:${name}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export const NO_LABEL: JsonObject = { LocalizedLabels: [], UserLocalizedLabel: null };

const USER_LANGUAGE = 1033;

/** A text in the languages there are; the user's language is US English. `key` makes the ids of the labels. */
export function label(
  text: string | undefined,
  key: string,
  others: Readonly<Record<string, string>> = {},
): JsonObject {
  if (text === undefined || text === '') return NO_LABEL;
  const labels = [[String(USER_LANGUAGE), text] as const, ...Object.entries(others)].map(([language, value]) => ({
    Label: value,
    LanguageCode: Number(language),
    IsManaged: true,
    MetadataId: metadataId('label', `${key}:${language}`),
    HasChanged: null,
  }));
  return { LocalizedLabels: labels, UserLocalizedLabel: labels[0] ?? null };
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
