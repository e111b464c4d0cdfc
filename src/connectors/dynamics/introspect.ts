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
import { languageTag } from './languages.js';

const SUMMARY_PROPERTIES = [
  ...['LogicalName', 'EntitySetName', 'DisplayName', 'DisplayCollectionName'],
  ...['ChangeTrackingEnabled', 'IsCustomEntity'],
];
const TABLE_PROPERTIES = [...SUMMARY_PROPERTIES, 'PrimaryIdAttribute', 'PrimaryNameAttribute', 'IsIntersect'];
const PARTS = ['Attributes', 'Keys', 'OneToManyRelationships', 'ManyToOneRelationships', 'ManyToManyRelationships'];
const COLUMN_PROPERTIES = [
  ...['LogicalName', 'AttributeTypeName', 'AttributeOf', 'DisplayName', 'Description', 'RequiredLevel'],
  ...['IsValidForCreate', 'IsValidForRead', 'IsValidForUpdate', 'IsValidODataAttribute'],
];
const KEY_PROPERTIES = ['LogicalName', 'KeyAttributes', 'EntityKeyIndexStatus'];
const RELATIONSHIP_PROPERTIES = [
  ...['SchemaName', 'ReferencedEntity', 'ReferencedEntityNavigationPropertyName'],
  ...['ReferencingEntity', 'ReferencingAttribute', 'ReferencingEntityNavigationPropertyName'],
  ...['IntersectEntityName', 'Entity1LogicalName', 'Entity1NavigationPropertyName'],
  ...['Entity2LogicalName', 'Entity2NavigationPropertyName'],
];

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

const NUMBER_RANGE = ['MinValue', 'MaxValue', 'Precision'];
const OPTION_SETS = ['OptionSet', 'GlobalOptionSet'];
const LOOKUP_TARGETS = ['Targets'];

/** What more is asked of a column of a type: type name → properties that mean something in that type. */
const DETAILS: Readonly<Record<string, readonly string[]>> = {
  StringType: ['MaxLength', 'FormatName'],
  MemoType: ['MaxLength', 'Format'],
  IntegerType: ['MinValue', 'MaxValue', 'Format'],
  DecimalType: NUMBER_RANGE,
  DoubleType: NUMBER_RANGE,
  MoneyType: NUMBER_RANGE,
  DateTimeType: ['Format', 'DateTimeBehavior'],
  PicklistType: OPTION_SETS,
  MultiSelectPicklistType: OPTION_SETS,
  StateType: OPTION_SETS,
  StatusType: OPTION_SETS,
  LookupType: LOOKUP_TARGETS,
  CustomerType: LOOKUP_TARGETS,
  OwnerType: LOOKUP_TARGETS,
  PartyListType: LOOKUP_TARGETS,
};

/** What a description needs, of whatever tables. */
const DESCRIPTION = {
  Properties: propertiesNamed([...TABLE_PROPERTIES, ...PARTS]),
  AttributeQuery: {
    Properties: propertiesNamed([...new Set([...COLUMN_PROPERTIES, ...Object.values(DETAILS).flat()])]),
  },
  RelationshipQuery: { Properties: propertiesNamed(RELATIONSHIP_PROPERTIES) },
  KeyQuery: { Properties: propertiesNamed(KEY_PROPERTIES) },
};

/** Tables in one answer: of a hundred columns each, some ten megabytes. */
const TABLES_AT_ONCE = 25;

/** Columns of these types are described but have no property in a row. */
const UNREADABLE = new Set<ColumnType>(['virtual', 'partylist', 'managedproperty']);

/** Reads the list of tables, by logical name. */
export async function readSummaries(client: DynamicsClient, options?: CallOptions): Promise<readonly TableSummary[]> {
  const answer = await client.get(
    `EntityDefinitions?$select=${SUMMARY_PROPERTIES.join(',')}`,
    'list its tables',
    options,
  );
  const summaries = decodeRows(answer).filter(hasEntitySet).map(decodeSummary);
  return summaries.sort((a, b) => (a.logicalName < b.logicalName ? -1 : 1));
}

/**
 * Reads the descriptions of tables, many in one request; names that no table has are left out. No other request tells the details of
 * columns of every type at once, option sets included:
 * https://learn.microsoft.com/power-apps/developer/data-platform/cache-schema-data
 */
export async function readTables(
  client: DynamicsClient,
  logicalNames: readonly string[],
  options?: CallOptions,
): Promise<readonly Table[]> {
  const names = [...new Set(logicalNames)];
  const tables: Table[] = [];
  // One after the other, so that no more than one answer is held at a time.
  for (let at = 0; at < names.length; at += TABLES_AT_ONCE) {
    const some = names.slice(at, at + TABLES_AT_ONCE);
    const answer = await client.get(
      metadataRequest({ ...DESCRIPTION, Criteria: anyOf(some) }),
      `describe ${some.length === 1 ? `table ${some[0]}` : `${some.length} tables`}`,
      options,
    );
    tables.push(...objects(answer.EntityMetadata).filter(hasEntitySet).map(decodeTable));
  }
  return inOrderOf(names, tables);
}

/** What a query of `RetrieveMetadataChanges` asks for. https://learn.microsoft.com/power-apps/developer/data-platform/query-schema-definitions */
type MetadataQuery = Readonly<Record<string, object>>;

function metadataRequest(query: MetadataQuery): string {
  return `RetrieveMetadataChanges(Query=@p1)?@p1=${encodeURIComponent(JSON.stringify(query))}`;
}

function propertiesNamed(names: readonly string[]) {
  return { AllProperties: false, PropertyNames: names };
}

function anyOf(logicalNames: readonly string[]) {
  const Conditions = logicalNames.map((name) => ({
    PropertyName: 'LogicalName',
    ConditionOperator: 'Equals',
    Value: { Type: 'System.String', Value: name },
  }));
  return { FilterOperator: 'Or', Conditions };
}

function inOrderOf(names: readonly string[], tables: readonly Table[]): readonly Table[] {
  const byName = new Map(tables.map((table) => [table.logicalName, table]));
  return names.flatMap((name) => byName.get(name) ?? []);
}

/** Reads the name of the entity set that holds a table's records. Rejects an unknown table with `NOT_FOUND`. */
export async function readSetName(client: DynamicsClient, logicalName: string, options?: CallOptions): Promise<string> {
  const resource = `${addressOf(logicalName)}?$select=LogicalName,EntitySetName`;
  return text((await client.get(resource, `name the entity set of table ${logicalName}`, options)).EntitySetName);
}

function addressOf(logicalName: string): string {
  return `EntityDefinitions(LogicalName='${encodeURIComponent(logicalName.replaceAll("'", "''"))}')`;
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

function decodeTable(definition: JsonObject): Table {
  const summary = decodeSummary(definition);
  const manyToOne = objects(definition.ManyToOneRelationships);
  const columns = objects(definition.Attributes)
    .filter(isColumn)
    .map((attribute) => decodeColumn(attribute, manyToOne));
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

function decodeColumn(attribute: JsonObject, manyToOne: readonly JsonObject[]): Column {
  const name = text(attribute.LogicalName);
  const detail = detailOf(attribute);
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

/** A type may have properties that mean nothing in it, as the range of a column that holds its own version number. */
function detailOf(attribute: JsonObject): JsonObject {
  const names = DETAILS[typeNameOf(attribute)] ?? [];
  return Object.fromEntries(names.map((name) => [name, attribute[name]]));
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
  const options = objects(set.Options);
  const head = { name: text(set.Name), isGlobal: set.IsGlobal === true, options: options.map(decodeOption) };
  return { ...head, ...decodeLanguages(options.map(({ Label: label }) => label)) };
}

/** The language of the labels, and the labels in all others: in most organizations there are none. */
function decodeLanguages(labels: readonly unknown[]): Pick<OptionSet, 'language' | 'translations'> {
  const language = labels.map(userLanguage).find((tag) => tag !== null) ?? null;
  const translations = new Map<string, (string | null)[]>();
  labels.forEach((label, index) => {
    for (const { LanguageCode: code, Label: translated } of localizedLabels(label)) {
      const tag = languageTag(code);
      if (tag === null || tag === language) continue;
      const others = translations.get(tag) ?? labels.map(() => null);
      others[index] = textOrNull(translated);
      translations.set(tag, others);
    }
  });
  return {
    ...(language && { language }),
    ...(translations.size > 0 && { translations: Object.fromEntries(translations) }),
  };
}

function userLanguage(label: unknown): string | null {
  return isObject(label) && isObject(label.UserLocalizedLabel)
    ? languageTag(label.UserLocalizedLabel.LanguageCode)
    : null;
}

function localizedLabels(label: unknown): readonly JsonObject[] {
  return isObject(label) ? objects(label.LocalizedLabels) : [];
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
