import type { CallOptions } from '../../model/call.js';
import type { ItemizedList } from '../../model/campaign-schema.js';
import { type XmlElement, xml } from '../../model/xml.js';
import type { SoapCaller } from './client.js';
import { unexpectedAnswer } from './errors.js';
import { quote } from './literals.js';
import { persist } from './persist.js';
import { fetchAllRows, fetchRows, oneOf, queryDocument } from './query-rows.js';

/** The itemized lists of these names, or all of them where `names` is null, by name and each with its values in their order. */
export async function fetchItemizedLists(
  client: SoapCaller,
  names: readonly string[] | null,
  options?: CallOptions,
): Promise<readonly ItemizedList[]> {
  if (names?.length === 0) return [];
  const [lists, values] = await Promise.all([
    fetchAllRows(client, { schema: 'xtk:enum', select: ['@name', '@label'], where: named('@name', names) }, options),
    fetchAllRows(
      client,
      { schema: 'xtk:enumValue', select: VALUE_PATHS, where: named('[enum/@name]', names) },
      options,
    ),
  ]);
  const ordered = [...values].sort(byOrder);
  return lists.map((list) => describeList(list, ordered)).sort((one, other) => (one.name < other.name ? -1 : 1));
}

const VALUE_PATHS = ['@name', '@label', '@order', '[@enum-id]'];

function named(expression: string, names: readonly string[] | null): readonly XmlElement[] {
  return names === null ? [] : [oneOf(expression, names)];
}

function byOrder(one: XmlElement, other: XmlElement): number {
  return Number(one.attributes.order ?? 0) - Number(other.attributes.order ?? 0);
}

function describeList({ attributes }: XmlElement, values: readonly XmlElement[]): ItemizedList {
  const own = values.filter((value) => value.attributes['enum-id'] === attributes.id);
  return {
    name: attributes.name ?? '',
    label: attributes.label || (attributes.name ?? ''),
    values: own.map(describeValue),
  };
}

function describeValue({ attributes }: XmlElement): { name: string; label: string } {
  return { name: attributes.name ?? '', label: attributes.label || (attributes.name ?? '') };
}

/**
 * Makes the list where it is missing, writes its values in their order and removes those named in `remove`.
 * The label of a list that exists stays as it is: it belongs to those who made it.
 */
export async function writeItemizedList(
  client: SoapCaller,
  list: ItemizedList,
  remove: readonly string[],
  options?: CallOptions,
): Promise<void> {
  const id = (await fetchListId(client, list.name, options)) ?? (await createList(client, list, options));
  const kept = new Set(list.values.map((value) => value.name));
  const rows = [
    ...list.values.map(({ name, label }, order) => valueRow('insertOrUpdate', { 'enum-id': id, name, label, order })),
    ...remove.filter((name) => !kept.has(name)).map((name) => valueRow('delete', { 'enum-id': id, name })),
  ];
  if (rows.length === 0) return;
  await persist(client, 'WriteCollection', xml('enumValue-collection', { xtkschema: 'xtk:enumValue' }, rows), options);
}

function valueRow(operation: 'insertOrUpdate' | 'delete', attributes: Record<string, string | number>): XmlElement {
  return xml('enumValue', { _operation: operation, _key: '[@enum-id], @name', ...attributes });
}

async function createList(client: SoapCaller, { name, label }: ItemizedList, options?: CallOptions): Promise<string> {
  // Not "insert": two who make the same list at once then end with one.
  const list = xml('enum', { xtkschema: 'xtk:enum', _operation: 'insertOrUpdate', _key: '@name', name, label });
  await persist(client, 'Write', list, options);
  const id = await fetchListId(client, name, options);
  if (id === null)
    throw unexpectedAnswer('xtk:queryDef#ExecuteQuery', `the itemized list "${name}" that was just written`);
  return id;
}

async function fetchListId(client: SoapCaller, name: string, options?: CallOptions): Promise<string | null> {
  const where = [xml('condition', { expr: `@name = ${quote(name)}` })];
  const query = queryDocument({ schema: 'xtk:enum', select: ['@id'], lineCount: 1, where, orderBy: ['@id'] });
  const [row] = await fetchRows(client, query, options);
  return row?.attributes.id ?? null;
}
