import { CODES, DynamicsError, queryError } from '../errors.js';
import type {
  ColumnDefinition,
  ColumnType,
  Labels,
  OptionDefinition,
  OwnershipType,
  TableDefinition,
} from '../table-definitions.js';
import type { Tables } from '../tables.js';
import { isObject, type JsonBody } from '../writes/payload.js';
import { metadataId } from './common.js';

const BASE_LANGUAGE = '1033';
/** What the publisher of this organization puts before the numbers of its options. */
const FIRST_OPTION = 727_000_000;

/** A label of a body: `label` in US English, `labels` in other languages. Empty where the body has none. */
export function readLabel(value: unknown): { readonly label?: string; readonly labels?: Labels } {
  if (!isObject(value) || !Array.isArray(value.LocalizedLabels)) return {};
  const texts = new Map<string, string>();
  for (const item of value.LocalizedLabels)
    if (isObject(item) && typeof item.Label === 'string') texts.set(String(item.LanguageCode), item.Label);
  const label = texts.get(BASE_LANGUAGE) ?? [...texts.values()][0];
  texts.delete(BASE_LANGUAGE);
  return {
    ...(label === undefined ? {} : { label }),
    ...(texts.size === 0 ? {} : { labels: Object.fromEntries(texts) }),
  };
}

/**
 * A label that takes the place of one that is there; where labels are merged, texts in languages that the body lacks stay.
 * https://learn.microsoft.com/power-apps/developer/data-platform/webapi/create-update-column-definitions-using-web-api#update-a-column
 */
export function replaceLabel(
  value: unknown,
  { kept }: { readonly kept: Labels | undefined },
): { readonly label?: string; readonly labels?: Labels } {
  const { label, labels } = readLabel(value);
  return label === undefined ? {} : { label, labels: { ...kept, ...labels } };
}

/** The `SchemaName` or another name of a body. @throws DynamicsError 400 where it is none. */
export function requireName(body: JsonBody, property: string): string {
  const name = body[property];
  if (typeof name === 'string' && /^[A-Za-z][A-Za-z0-9_]{0,99}$/.test(name)) return name;
  throw new DynamicsError(
    400,
    CODES.invalidArgument,
    `Expected ${property} to be a name of letters, digits and underscores that begins with a letter.`,
  );
}

const TYPES: Readonly<Record<string, ColumnType>> = {
  String: 'String',
  Memo: 'Memo',
  Integer: 'Integer',
  BigInt: 'BigInt',
  Decimal: 'Decimal',
  Double: 'Double',
  Money: 'Money',
  Boolean: 'Boolean',
  DateTime: 'DateTime',
  Picklist: 'Picklist',
  MultiSelectPicklist: 'MultiSelectPicklist',
  Image: 'Image',
  File: 'File',
};

/**
 * The columns that an `AttributeMetadata` body asks for: the one it describes and, for money, its amount in the base currency.
 * https://learn.microsoft.com/power-apps/developer/data-platform/webapi/create-update-column-definitions-using-web-api
 *
 * @throws DynamicsError 400 naming what is wrong with it.
 */
export function readColumns(tables: Tables, body: JsonBody): ColumnDefinition[] {
  const column = readColumn(tables, body);
  if (column.type !== 'Money') return [column];
  const base: ColumnDefinition = {
    ...column,
    name: `${column.name}_base`,
    schemaName: `${column.schemaName ?? column.name}_Base`,
    label: `${column.label ?? column.name} (Base)`,
    readOnly: true,
  };
  return [column, base];
}

function readColumn(tables: Tables, body: JsonBody): ColumnDefinition {
  const schemaName = requireName(body, 'SchemaName');
  const description = readLabel(body.Description).label;
  return {
    name: schemaName.toLowerCase(),
    schemaName,
    type: readType(body),
    isCustom: true,
    ...readLabel(body.DisplayName),
    ...(description === undefined ? {} : { description }),
    ...readChanges(body),
    ...readOptions(tables, body),
  };
}

function readType(body: JsonBody): ColumnType {
  const name = String(body['@odata.type']).replace(/^#?Microsoft\.Dynamics\.CRM\./, '');
  const type = TYPES[name.replace(/AttributeMetadata$/, '')];
  if (type === undefined || !name.endsWith('AttributeMetadata'))
    throw queryError(
      `Expected "@odata.type" to be the type of a column, as "Microsoft.Dynamics.CRM.StringAttributeMetadata", not '${name}'. A lookup is made by its relationship.`,
    );
  const behavior = isObject(body.DateTimeBehavior) ? body.DateTimeBehavior.Value : undefined;
  return type === 'DateTime' && behavior === 'DateOnly' ? 'DateOnly' : type;
}

const FORMATS: Readonly<Record<string, string>> = {
  Email: 'email',
  Url: 'url',
  Phone: 'phone',
  TickerSymbol: 'tickerSymbol',
  DateOnly: 'dateOnly',
};

/** What may be changed of a column that is there, beside its labels. */
export function readChanges(body: JsonBody): Partial<ColumnDefinition> {
  const required = isObject(body.RequiredLevel) ? body.RequiredLevel.Value : undefined;
  const formatName = isObject(body.FormatName) ? body.FormatName.Value : body.Format;
  const format = FORMATS[String(formatName)];
  const numbers = [
    ['maxLength', body.MaxLength],
    ['min', body.MinValue],
    ['max', body.MaxValue],
    ['precision', body.Precision],
  ].filter(([, value]) => typeof value === 'number');
  return {
    ...Object.fromEntries(numbers),
    ...(format === undefined ? {} : { format }),
    ...(required === 'ApplicationRequired' || required === 'Recommended' || required === 'SystemRequired'
      ? { required }
      : {}),
  };
}

function readOptions(tables: Tables, body: JsonBody): Partial<ColumnDefinition> {
  const bound = body['GlobalOptionSet@odata.bind'];
  const standard =
    typeof body.DefaultFormValue === 'number' && body.DefaultFormValue >= 0 ? body.DefaultFormValue : null;
  const initial = typeof body.DefaultValue === 'boolean' ? body.DefaultValue : standard;
  const first = initial === null ? {} : { default: initial };
  if (typeof bound === 'string') return { ...first, optionSet: boundOptionSet(tables, bound) };
  const set = body.OptionSet;
  if (!isObject(set)) return first;
  const given = Array.isArray(set.Options) ? set.Options : [set.TrueOption, set.FalseOption];
  const options = readOptionList(given.filter((option) => option !== undefined));
  return options.length === 0 ? first : { ...first, options };
}

/** The options of a body; those without a value are numbered. */
export function readOptionList(given: readonly unknown[]): OptionDefinition[] {
  const options: OptionDefinition[] = [];
  for (const item of given) {
    if (!isObject(item)) throw queryError('Expected every option to be an object with Value and Label.');
    const value = typeof item.Value === 'number' ? item.Value : nextOption(options);
    const color = typeof item.Color === 'string' ? { color: item.Color } : {};
    options.push({ value, label: '', ...readLabel(item.Label), ...color });
  }
  return options;
}

/** The value of an option that a client gives none for. */
export function nextOption(options: readonly OptionDefinition[]): number {
  return Math.max(FIRST_OPTION - 1, ...options.map(({ value }) => value)) + 1;
}

/** `/GlobalOptionSetDefinitions(<id>)` or `(Name='new_topics')`. */
function boundOptionSet(tables: Tables, url: string): string {
  const key = /\((?:Name=)?'?([^')]+)'?\)$/.exec(url)?.[1] ?? '';
  const found = [...tables.globalOptionSets.keys()].find(
    (name) => name === key || metadataId('optionset', name) === key.toLowerCase(),
  );
  if (found !== undefined) return found;
  throw new DynamicsError(404, CODES.notFound, `Could not find an optionset with the key '${key}'.`);
}

const OWNERSHIPS: ReadonlySet<unknown> = new Set(['UserOwned', 'OrganizationOwned']);

/**
 * The table that an `EntityMetadata` body asks for, with the columns that every table has.
 * https://learn.microsoft.com/power-apps/developer/data-platform/webapi/create-update-entity-definitions-using-web-api
 */
export function readTable(tables: Tables, body: JsonBody): TableDefinition {
  const schemaName = requireName(body, 'SchemaName');
  const name = schemaName.toLowerCase();
  // Only these two can be asked for, which the set makes sure of.
  const ownership = (OWNERSHIPS.has(body.OwnershipType) ? body.OwnershipType : 'UserOwned') as OwnershipType;
  const attributes = (Array.isArray(body.Attributes) ? body.Attributes : []).filter(isObject);
  const primary = attributes.find((it) => it.IsPrimaryName === true);
  if (primary === undefined)
    throw new DynamicsError(
      400,
      CODES.invalidArgument,
      'The definition of a table must have a primary name column: IsPrimaryName.',
    );
  const { label = schemaName, labels } = readLabel(body.DisplayName);
  const plural = readLabel(body.DisplayCollectionName);
  return {
    logicalName: name,
    schemaName,
    setName: pluralOf(name),
    label,
    ...(labels === undefined ? {} : { labels }),
    pluralLabel: plural.label ?? label,
    ...(plural.labels === undefined ? {} : { pluralLabels: plural.labels }),
    primaryId: `${name}id`,
    primaryName: requireName(primary, 'SchemaName').toLowerCase(),
    objectTypeCode: Math.max(9_999, ...tables.all.map((it) => it.definition.objectTypeCode)) + 1,
    ownership,
    isCustom: true,
    changeTracking: body.ChangeTrackingEnabled === true,
    columns: [
      { name: `${name}id`, type: 'Uniqueidentifier', label, required: 'SystemRequired' },
      ...attributes.flatMap((it) => readColumns(tables, it)),
      ...standardColumns(name, ownership),
    ],
  };
}

function pluralOf(name: string): string {
  if (name.endsWith('y')) return `${name.slice(0, -1)}ies`;
  return /(s|x|ch|sh)$/.test(name) ? `${name}es` : `${name}s`;
}

function standardColumns(table: string, ownership: OwnershipType): ColumnDefinition[] {
  const user = (name: string, label: string): ColumnDefinition => ({
    name,
    type: 'Lookup',
    label,
    readOnly: true,
    targets: [{ table: 'systemuser', navigation: name, collection: `lk_${table}_${name}`, onDelete: 'NoCascade' }],
  });
  const owner = (target: string) =>
    ({ table: target, navigation: 'ownerid', collection: `owner_${table}`, onDelete: 'NoCascade' }) as const;
  const owned: ColumnDefinition[] =
    ownership === 'UserOwned'
      ? [{ name: 'ownerid', type: 'Owner', label: 'Owner', targets: [owner('systemuser'), owner('team')] }]
      : [];
  return [
    { name: 'createdon', type: 'DateTime', label: 'Created On', readOnly: true },
    user('createdby', 'Created By'),
    { name: 'modifiedon', type: 'DateTime', label: 'Modified On', readOnly: true },
    user('modifiedby', 'Modified By'),
    ...owned,
    { name: 'statecode', type: 'State', label: 'Status', options: STATES },
    { name: 'statuscode', type: 'Status', label: 'Status Reason', options: STATUSES },
    { name: 'versionnumber', type: 'BigInt', label: 'Version Number', readOnly: true },
  ];
}

const STATES: readonly OptionDefinition[] = [
  { value: 0, label: 'Active', defaultStatus: 1 },
  { value: 1, label: 'Inactive', defaultStatus: 2 },
];
const STATUSES: readonly OptionDefinition[] = [
  { value: 1, label: 'Active', state: 0 },
  { value: 2, label: 'Inactive', state: 1 },
];
