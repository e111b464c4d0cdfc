import type { XmlElement } from './xml.js';

const PREFIXES: Readonly<Record<string, string>> = {
  string: 's',
  uuid: 's',
  boolean: 'i',
  byte: 'i',
  short: 'i',
  long: 'i',
  int64: 'i',
  float: 'd',
  double: 'd',
  money: 'd',
  percent: 'd',
  timespan: 'ts',
  date: 'ts',
  datetime: 'ts',
  time: 'ts',
  memo: 'm',
  CDATA: 'm',
  html: 'm',
  blob: 'm',
};

/**
 * The table of a schema: namespace and name, each with a capital, as in `CusRecipient`.
 * https://experienceleague.adobe.com/docs/campaign-classic/using/configuring-campaign-classic/schema-reference/database-mapping.html
 */
export function tableName(schema: XmlElement): string {
  return capital(schema.attributes.namespace ?? '') + capital(schema.attributes.name ?? '');
}

/** The column of an attribute or memo element: `sEmail`, `iFolderId`; the primary key is named after its entity, `iRecipientId`. */
export function columnName(node: XmlElement, entity: string): string {
  const name = node.attributes.name ?? '';
  const words = name === 'id' ? [entity, 'id'] : name.split('-');
  return (PREFIXES[node.attributes.type ?? 'string'] ?? 's') + words.map(capital).join('');
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
