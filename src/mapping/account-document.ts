import type { TableMapping } from '../model/mapping.js';
import type { Column, Table } from '../model/table.js';
import { childElements, type XmlElement, xml } from '../model/xml.js';
import { sourceShape } from './attribute-types.js';
import { attributeElement, enumerationElement, keyElement } from './made-elements.js';
import { accountSchemaName, enumerationName } from './names.js';
import { findNamed, putAttribute, putEnumeration, putNamed, withoutChildren } from './schema-document.js';

/**
 * The account's own source schema (`mscrm:mscrmSchema<account>`), which lists the mapped tables as Campaign's connector wizard does:
 * the enumerations first, then an element for each table with an attribute for each column. It is a view and has no database table.
 */
export function newAccountDocument(account: string): XmlElement {
  const [namespace, name] = accountSchemaName(account).split(':');
  return xml('srcSchema', {
    xtkschema: 'xtk:srcSchema',
    entitySchema: 'xtk:srcSchema',
    namespace,
    name,
    label: `List of tables of connector 'Microsoft CRM' linked to external account '${account}'.`,
    mappingType: 'sql',
    view: true,
  });
}

/** The document with a table as a mapping has it. `before` is the table's mapping until now: its columns go where they are mapped no more. */
export function putTable(
  document: XmlElement,
  table: Table,
  mapping: TableMapping,
  before: TableMapping | undefined,
): XmlElement {
  const columns = listedColumns(table, mapping);
  let next = document;
  for (const column of columns) {
    const enumeration = sourceShape(column).enumerated ? enumerationElement(table, column) : null;
    if (enumeration) next = putEnumeration(next, enumeration);
  }
  const held = findNamed(next, 'element', table.logicalName) ?? newElement(table);
  const kept = withoutColumns(held, columns, before);
  const element = columns.reduce((parent, column) => putAttribute(parent, attributeOf(table, column)), kept);
  return withoutUnusedEnumerations(putNamed(next, element), table.logicalName);
}

/** The document without a table; null where it was the last one. */
export function removeTable(document: XmlElement, table: string): XmlElement | null {
  const kept = withoutChildren(document, (child) => child.name === 'element' && child.attributes.name === table);
  if (childElements(kept, 'element').length === 0) return null;
  return withoutUnusedEnumerations(kept, table);
}

function listedColumns(table: Table, mapping: TableMapping): readonly Column[] {
  const names = new Set([table.primaryId, ...mapping.fields.map((field) => field.column)]);
  return table.columns.filter((column) => names.has(column.name));
}

function newElement(table: Table): XmlElement {
  const key = keyElement(table.primaryId, `@${table.primaryId}`, { internal: true });
  return xml('element', { name: table.logicalName, label: table.label }, [key]);
}

function attributeOf(table: Table, column: Column): XmlElement {
  const enumeration = enumerationName(table.logicalName, column.name);
  return attributeElement(column.name, { label: column.label, shape: sourceShape(column), enumeration });
}

function withoutColumns(element: XmlElement, columns: readonly Column[], before: TableMapping | undefined): XmlElement {
  const dropped = new Set(before?.fields.map((field) => field.column));
  for (const column of columns) dropped.delete(column.name);
  return withoutChildren(element, (child) => child.name === 'attribute' && dropped.has(child.attributes.name ?? ''));
}

/** Enumerations are named after their table, so that only those of this one are looked at. */
function withoutUnusedEnumerations(document: XmlElement, table: string): XmlElement {
  const element = findNamed(document, 'element', table);
  const used = new Set(
    element ? childElements(element, 'attribute').map((attribute) => attribute.attributes.enum) : [],
  );
  const prefix = enumerationName(table, '');
  // `Account_` also begins the names made for a table `account_history`: keep what any other table refers to.
  const others = childElements(document, 'element').filter((one) => one !== element);
  for (const other of others) for (const attribute of childElements(other)) used.add(attribute.attributes.enum);
  return withoutChildren(
    document,
    ({ name, attributes }) =>
      name === 'enumeration' && (attributes.name ?? '').startsWith(prefix) && !used.has(attributes.name),
  );
}
