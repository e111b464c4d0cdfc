import type {
  AttributeType,
  CampaignSchema,
  SchemaAttribute,
  SchemaElement,
  SchemaEnumeration,
} from '../../src/model/campaign-schema.js';
import type { FieldMapping, TableMapping } from '../../src/model/mapping.js';
import type { Column, ColumnType, LookupTarget, OptionSet, Table } from '../../src/model/table.js';

/** A column with the facts that most columns share: `aColumn('firstname', 'string', { maxLength: 50 })`. */
export function aColumn(name: string, type: ColumnType = 'string', facts: Partial<Column> = {}): Column {
  return {
    name,
    label: name,
    description: null,
    type,
    required: 'none',
    readable: true,
    creatable: true,
    updatable: true,
    maxLength: type === 'string' ? 100 : null,
    min: null,
    max: null,
    precision: null,
    format: null,
    optionSet: null,
    targets: [],
    ...facts,
  };
}

/** A choice column: `aChoice('gendercode', { 1: 'Male', 2: 'Female' })`. */
export function aChoice(name: string, labels: Readonly<Record<number, string>>, facts: Partial<Column> = {}): Column {
  return aColumn(name, 'choice', { optionSet: anOptionSet(labels, name), ...facts });
}

/** A lookup column with its target tables; the navigation property is the column's name where there is one target. */
export function aLookup(name: string, tables: readonly string[], facts: Partial<Column> = {}): Column {
  const targets: LookupTarget[] = tables.map((table) => ({
    table,
    navigation: tables.length === 1 ? name : `${name}_${table}`,
  }));
  return aColumn(name, 'lookup', { targets, ...facts });
}

export function anOptionSet(labels: Readonly<Record<number, string>>, name = 'options'): OptionSet {
  const options = Object.entries(labels).map(([value, label]) => ({ value: Number(value), label, state: null }));
  return { name, isGlobal: false, options };
}

/** A table whose id column comes first: `aTable('contact', [aColumn('firstname')])`. */
export function aTable(logicalName: string, columns: readonly Column[] = [], facts: Partial<Table> = {}): Table {
  const primaryId = `${logicalName}id`;
  const label = logicalName.charAt(0).toUpperCase() + logicalName.slice(1);
  return {
    logicalName,
    setName: `${logicalName}s`,
    label,
    pluralLabel: `${label}s`,
    changeTracking: true,
    isCustom: false,
    primaryId,
    primaryName: null,
    isIntersect: false,
    columns: [aColumn(primaryId, 'uniqueid', { label, updatable: false, required: 'system' }), ...columns],
    keys: [],
    relationships: [],
    ...facts,
  };
}

/** An attribute; strings take 100 characters where nothing else is said. */
export function anAttribute(
  name: string,
  type: AttributeType = 'string',
  facts: Partial<SchemaAttribute> = {},
): SchemaAttribute {
  return {
    name,
    label: name,
    type,
    length: type === 'string' ? 100 : null,
    enumeration: null,
    itemizedList: null,
    computed: false,
    isElement: false,
    ...facts,
  };
}

export function anElement(name: string, attributes: readonly SchemaAttribute[]): SchemaElement {
  return { name, label: name, attributes, elements: [], links: [] };
}

/** A compiled schema whose key is `@id`: `aSchema('nms:recipient', [anAttribute('email')])`. */
export function aSchema(
  name: string,
  attributes: readonly SchemaAttribute[] = [],
  parts: { readonly elements?: readonly SchemaElement[]; readonly enumerations?: readonly SchemaEnumeration[] } = {},
): CampaignSchema {
  const local = name.slice(name.indexOf(':') + 1);
  const label = local.charAt(0).toUpperCase() + local.slice(1);
  return {
    name,
    label: `${label}s`,
    labelSingular: label,
    md5: null,
    root: {
      name: local,
      label,
      attributes: [anAttribute('id', 'long'), ...attributes],
      elements: parts.elements ?? [],
      links: [],
    },
    enumerations: parts.enumerations ?? [],
    keys: [{ name: 'id', fields: ['id'], internal: true }],
  };
}

/** An enumeration: `anEnumeration('gender', { 0: 'None specified', 1: 'Male' })`. */
export function anEnumeration(name: string, labels: Readonly<Record<string, string>>): SchemaEnumeration {
  const values = Object.entries(labels).map(([value, label]) => ({ name: value, value, label }));
  return { name, label: name, values };
}

/** A field that goes both ways without conversion: `aField('emailaddress1', '@email')`. */
export function aField(column: string, path: string, facts: Partial<FieldMapping> = {}): FieldMapping {
  return { column, path, conversion: 'DEFAULT', direction: 'BOTH', ...facts };
}

/** A mapping of the account `dynamicsCRM` with the key `@crmId`. */
export function aMapping(
  table: string,
  schema: string,
  fields: readonly FieldMapping[],
  facts: Partial<TableMapping> = {},
): TableMapping {
  return { account: 'dynamicsCRM', table, schema, key: '@crmId', fields, ...facts };
}
