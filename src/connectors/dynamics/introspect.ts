import type { CallOptions } from '../../model/call.js';
import type {
  AlternateKey,
  Column,
  ColumnType,
  LookupTarget,
  Option,
  OptionSet,
  Relationship,
  Table,
  TableSummary,
} from '../../model/table.js';
import type { DynamicsClient, JsonObject } from './client.js';
import { decodeRows, isObject } from './decode.js';
import { isRemoteNotFound } from './errors.js';

const SUMMARY_PROPERTIES =
  'LogicalName,EntitySetName,DisplayName,DisplayCollectionName,ChangeTrackingEnabled,IsCustomEntity';
const TABLE_PROPERTIES = `${SUMMARY_PROPERTIES},PrimaryIdAttribute,PrimaryNameAttribute,IsIntersect`;
const COLUMN_PROPERTIES =
  'LogicalName,AttributeTypeName,AttributeOf,DisplayName,Description,RequiredLevel,IsValidForCreate,IsValidForRead,IsValidForUpdate,IsValidODataAttribute';
const ONE_TO_MANY_PROPERTIES =
  'SchemaName,ReferencedEntity,ReferencedEntityNavigationPropertyName,ReferencingEntity,ReferencingAttribute,ReferencingEntityNavigationPropertyName';
const MANY_TO_MANY_PROPERTIES =
  'SchemaName,IntersectEntityName,Entity1LogicalName,Entity1NavigationPropertyName,Entity2LogicalName,Entity2NavigationPropertyName';
const TABLE_EXPANSIONS = [
  `Attributes($select=${COLUMN_PROPERTIES})`,
  'Keys($select=LogicalName,KeyAttributes,EntityKeyIndexStatus)',
  `OneToManyRelationships($select=${ONE_TO_MANY_PROPERTIES})`,
  `ManyToOneRelationships($select=${ONE_TO_MANY_PROPERTIES})`,
  `ManyToManyRelationships($select=${MANY_TO_MANY_PROPERTIES})`,
].join(',');

const OPTION_SETS =
  '$select=LogicalName&$expand=OptionSet($select=Name,IsGlobal,Options),GlobalOptionSet($select=Name,IsGlobal,Options)';
const NUMBER_RANGE = '$select=LogicalName,MinValue,MaxValue,Precision';
const LOOKUP_TARGETS = '$select=LogicalName,Targets';

/**
 * Types of columns by `AttributeTypeName`: `AttributeType` is "Virtual" for several choices, images and files alike.
 * https://learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/attributemetadata
 */
const TYPES: Readonly<Record<string, ColumnType>> = {
  StringType: 'string',
  MemoType: 'memo',
  IntegerType: 'integer',
  BigIntType: 'bigint',
  DecimalType: 'decimal',
  DoubleType: 'double',
  MoneyType: 'money',
  BooleanType: 'boolean',
  DateTimeType: 'datetime',
  PicklistType: 'choice',
  MultiSelectPicklistType: 'choices',
  StateType: 'state',
  StatusType: 'status',
  LookupType: 'lookup',
  CustomerType: 'customer',
  OwnerType: 'owner',
  PartyListType: 'partylist',
  UniqueidentifierType: 'uniqueid',
  EntityNameType: 'entityname',
  ImageType: 'image',
  FileType: 'file',
  ManagedPropertyType: 'managedproperty',
};

/** The types with properties of their own, which only a request for that type shows: type name → cast and what to ask of it. */
const DETAILS: Readonly<Record<string, { readonly cast: string; readonly options: string }>> = {
  StringType: { cast: 'String', options: '$select=LogicalName,MaxLength,FormatName' },
  MemoType: { cast: 'Memo', options: '$select=LogicalName,MaxLength,Format' },
  IntegerType: { cast: 'Integer', options: '$select=LogicalName,MinValue,MaxValue,Format' },
  DecimalType: { cast: 'Decimal', options: NUMBER_RANGE },
  DoubleType: { cast: 'Double', options: NUMBER_RANGE },
  MoneyType: { cast: 'Money', options: NUMBER_RANGE },
  DateTimeType: { cast: 'DateTime', options: '$select=LogicalName,Format,DateTimeBehavior' },
  PicklistType: { cast: 'Picklist', options: OPTION_SETS },
  MultiSelectPicklistType: { cast: 'MultiSelectPicklist', options: OPTION_SETS },
  StateType: { cast: 'State', options: OPTION_SETS },
  StatusType: { cast: 'Status', options: OPTION_SETS },
  LookupType: { cast: 'Lookup', options: LOOKUP_TARGETS },
  CustomerType: { cast: 'Lookup', options: LOOKUP_TARGETS },
  OwnerType: { cast: 'Lookup', options: LOOKUP_TARGETS },
  PartyListType: { cast: 'Lookup', options: LOOKUP_TARGETS },
};

/** Columns of these types are described but have no property in a row. */
const UNREADABLE = new Set<ColumnType>(['virtual', 'partylist', 'managedproperty']);

/** Reads the list of tables, by logical name. */
export async function readSummaries(client: DynamicsClient, options?: CallOptions): Promise<readonly TableSummary[]> {
  const answer = await client.get(`EntityDefinitions?$select=${SUMMARY_PROPERTIES}`, 'list its tables', options);
  const summaries = decodeRows(answer).filter(hasEntitySet).map(decodeSummary);
  return summaries.sort((a, b) => (a.logicalName < b.logicalName ? -1 : 1));
}

/**
 * Reads the description of one table: first its definition, then in parallel the details of the types that occur in it, for one request
 * can ask for the details of one type only. Null where there is no such table.
 */
export async function readTable(
  client: DynamicsClient,
  logicalName: string,
  options?: CallOptions,
): Promise<Table | null> {
  const definition = await readDefinition(client, logicalName, options);
  if (!definition || !hasEntitySet(definition)) return null;
  const attributes = objects(definition.Attributes).filter(isColumn);
  const details = await readDetails(client, logicalName, attributes, options);
  return decodeTable(definition, attributes, details);
}

/** Reads the name of the entity set that holds a table's records. Rejects an unknown table with `NOT_FOUND`. */
export async function readSetName(client: DynamicsClient, logicalName: string, options?: CallOptions): Promise<string> {
  const resource = `${addressOf(logicalName)}?$select=LogicalName,EntitySetName`;
  return text((await client.get(resource, `name the entity set of table ${logicalName}`, options)).EntitySetName);
}

async function readDefinition(
  client: DynamicsClient,
  logicalName: string,
  options?: CallOptions,
): Promise<JsonObject | null> {
  const resource = `${addressOf(logicalName)}?$select=${TABLE_PROPERTIES}&$expand=${TABLE_EXPANSIONS}`;
  try {
    return await client.get(resource, `describe table ${logicalName}`, options);
  } catch (error) {
    if (isRemoteNotFound(error)) return null;
    throw error;
  }
}

function addressOf(logicalName: string): string {
  return `EntityDefinitions(LogicalName='${encodeURIComponent(logicalName.replaceAll("'", "''"))}')`;
}

type Details = ReadonlyMap<string, JsonObject>;

async function readDetails(
  client: DynamicsClient,
  logicalName: string,
  attributes: readonly JsonObject[],
  options?: CallOptions,
): Promise<Details> {
  const casts = new Map(
    attributes.flatMap((attribute) => DETAILS[typeNameOf(attribute)] ?? []).map(({ cast, options }) => [cast, options]),
  );
  const answers = await Promise.all(
    [...casts].map(([cast, query]) =>
      client.get(
        `${addressOf(logicalName)}/Attributes/Microsoft.Dynamics.CRM.${cast}AttributeMetadata?${query}`,
        `describe the ${cast} columns of table ${logicalName}`,
        options,
      ),
    ),
  );
  return new Map(answers.flatMap(decodeRows).map((attribute) => [text(attribute.LogicalName), attribute]));
}

/** Helper columns, such as the name of a lookup, belong to another column; others have no property in OData. */
function isColumn(attribute: JsonObject): boolean {
  return !attribute.AttributeOf && attribute.IsValidODataAttribute !== false;
}

/** Without an entity set a table has no address for its records. */
function hasEntitySet(definition: JsonObject): boolean {
  return typeof definition.EntitySetName === 'string' && definition.EntitySetName !== '';
}

function decodeSummary(definition: JsonObject): TableSummary {
  const logicalName = text(definition.LogicalName);
  return {
    logicalName,
    setName: text(definition.EntitySetName),
    label: labelOf(definition.DisplayName) ?? logicalName,
    pluralLabel: labelOf(definition.DisplayCollectionName) ?? labelOf(definition.DisplayName) ?? logicalName,
    changeTracking: definition.ChangeTrackingEnabled === true,
    isCustom: definition.IsCustomEntity === true,
  };
}

function decodeTable(definition: JsonObject, attributes: readonly JsonObject[], details: Details): Table {
  const summary = decodeSummary(definition);
  const manyToOne = objects(definition.ManyToOneRelationships);
  const columns = attributes.map((attribute) =>
    decodeColumn(attribute, details.get(text(attribute.LogicalName)) ?? {}, manyToOne),
  );
  return {
    ...summary,
    primaryId: text(definition.PrimaryIdAttribute),
    primaryName: textOrNull(definition.PrimaryNameAttribute),
    isIntersect: definition.IsIntersect === true,
    columns: columns.sort((a, b) => (a.name < b.name ? -1 : 1)),
    keys: objects(definition.Keys).map(decodeKey),
    relationships: decodeRelationships(definition, summary.logicalName),
  };
}

function decodeColumn(attribute: JsonObject, detail: JsonObject, manyToOne: readonly JsonObject[]): Column {
  const name = text(attribute.LogicalName);
  const type = columnType(attribute, detail);
  const readable = attribute.IsValidForRead !== false && !UNREADABLE.has(type);
  return {
    name,
    label: labelOf(attribute.DisplayName) ?? name,
    description: labelOf(attribute.Description),
    type,
    required: requiredLevel(attribute.RequiredLevel),
    readable,
    creatable: attribute.IsValidForCreate === true,
    updatable: attribute.IsValidForUpdate === true,
    maxLength: number(detail.MaxLength),
    min: number(detail.MinValue),
    max: number(detail.MaxValue),
    precision: number(detail.Precision),
    format: formatOf(detail),
    optionSet: decodeOptionSet(detail),
    targets: decodeTargets(name, type, detail, manyToOne),
  };
}

/** A date column only where its behaviour is DateOnly; with any other, even one shown as a date holds a moment. */
function columnType(attribute: JsonObject, detail: JsonObject): ColumnType {
  const type = TYPES[typeNameOf(attribute)] ?? 'virtual';
  return type === 'datetime' && settingOf(detail.DateTimeBehavior) === 'DateOnly' ? 'date' : type;
}

function typeNameOf(attribute: JsonObject): string {
  return text(settingOf(attribute.AttributeTypeName));
}

const REQUIRED_LEVELS: Readonly<Record<string, Column['required']>> = {
  SystemRequired: 'system',
  ApplicationRequired: 'application',
  Recommended: 'recommended',
};

function requiredLevel(level: unknown): Column['required'] {
  return REQUIRED_LEVELS[text(settingOf(level))] ?? 'none';
}

function formatOf(detail: JsonObject): string | null {
  const format = textOrNull(settingOf(detail.FormatName)) ?? textOrNull(detail.Format);
  return format === null || format === 'None' ? null : format.toLowerCase();
}

function decodeOptionSet(detail: JsonObject): OptionSet | null {
  const set = isObject(detail.OptionSet) ? detail.OptionSet : detail.GlobalOptionSet;
  if (!isObject(set)) return null;
  return { name: text(set.Name), isGlobal: set.IsGlobal === true, options: objects(set.Options).map(decodeOption) };
}

function decodeOption(option: JsonObject): Option {
  const value = number(option.Value) ?? 0;
  return { value, label: labelOf(option.Label) ?? String(value), state: number(option.State) };
}

/** A lookup to several tables has a navigation property for each; that of an owner leads to users and teams alike. */
function decodeTargets(
  name: string,
  type: ColumnType,
  detail: JsonObject,
  manyToOne: readonly JsonObject[],
): readonly LookupTarget[] {
  const targets = Array.isArray(detail.Targets) ? detail.Targets.map(text) : [];
  return targets.map((table) => {
    const relationship = manyToOne.find(
      (candidate) => candidate.ReferencingAttribute === name && candidate.ReferencedEntity === table,
    );
    const navigation = textOrNull(relationship?.ReferencingEntityNavigationPropertyName);
    return { table, navigation: type === 'owner' ? name : navigation };
  });
}

function decodeKey(key: JsonObject): AlternateKey {
  const columns = Array.isArray(key.KeyAttributes) ? key.KeyAttributes.map(text) : [];
  return { name: text(key.LogicalName), columns, active: key.EntityKeyIndexStatus === 'Active' };
}

function decodeRelationships(definition: JsonObject, table: string): readonly Relationship[] {
  const found = [
    ...objects(definition.OneToManyRelationships).map(decodeOneToMany),
    ...objects(definition.ManyToManyRelationships).flatMap((relationship) => decodeManyToMany(relationship, table)),
  ];
  const byNavigation = new Map(found.filter(({ navigation }) => navigation !== '').map((one) => [one.navigation, one]));
  return [...byNavigation.values()].sort((a, b) => (a.navigation < b.navigation ? -1 : 1));
}

function decodeOneToMany(relationship: JsonObject): Relationship {
  return {
    kind: 'one-to-many',
    name: text(relationship.SchemaName),
    navigation: text(relationship.ReferencedEntityNavigationPropertyName),
    table: text(relationship.ReferencingEntity),
    column: text(relationship.ReferencingAttribute),
  };
}

/** This table may stand on either side, or on both. */
function decodeManyToMany(relationship: JsonObject, table: string): readonly Relationship[] {
  const base = {
    kind: 'many-to-many',
    name: text(relationship.SchemaName),
    intersectTable: text(relationship.IntersectEntityName),
  } as const;
  const [first, second] = [text(relationship.Entity1LogicalName), text(relationship.Entity2LogicalName)];
  return [
    ...(first === table
      ? [{ ...base, navigation: text(relationship.Entity1NavigationPropertyName), table: second }]
      : []),
    ...(second === table
      ? [{ ...base, navigation: text(relationship.Entity2NavigationPropertyName), table: first }]
      : []),
  ];
}

/** A label in the user's language; null where there is none, which is common. */
function labelOf(label: unknown): string | null {
  if (!isObject(label) || !isObject(label.UserLocalizedLabel)) return null;
  return textOrNull(label.UserLocalizedLabel.Label);
}

/** Many settings are objects with a `Value` beside what may be changed about them. */
function settingOf(property: unknown): unknown {
  return isObject(property) ? property.Value : property;
}

function objects(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function number(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
