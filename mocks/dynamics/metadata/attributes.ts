import type { ColumnDefinition, ColumnType } from '../table-definitions.js';
import type { Table, Tables } from '../tables.js';
import { CREATED_ON, INTRODUCED_VERSION, type JsonObject, label, managed, metadataId, schemaName } from './common.js';
import { columnOptionSet } from './option-sets.js';

/** How each type of column is described. https://learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/attributemetadata */
interface AttributeType {
  readonly attributeType: string;
  readonly typeName: string;
  /** Name of the derived type without `AttributeMetadata`; null for the base type. */
  readonly metadataType: string | null;
}

function type(name: string, typeName = `${name}Type`, metadataType: string | null = name): AttributeType {
  return { attributeType: name, typeName, metadataType };
}

const TYPES: Readonly<Record<ColumnType, AttributeType>> = {
  String: type('String'),
  Memo: type('Memo'),
  Integer: type('Integer'),
  BigInt: type('BigInt'),
  Decimal: type('Decimal'),
  Double: type('Double'),
  Money: type('Money'),
  Boolean: type('Boolean'),
  DateTime: type('DateTime'),
  DateOnly: type('DateTime'),
  Picklist: type('Picklist'),
  MultiSelectPicklist: type('Virtual', 'MultiSelectPicklistType', 'MultiSelectPicklist'),
  State: type('State'),
  Status: type('Status'),
  Lookup: type('Lookup'),
  Customer: type('Customer', 'CustomerType', 'Lookup'),
  Owner: type('Owner', 'OwnerType', 'Lookup'),
  PartyList: type('PartyList', 'PartyListType', 'Lookup'),
  Uniqueidentifier: type('Uniqueidentifier', 'UniqueidentifierType', 'UniqueIdentifier'),
  EntityName: type('EntityName'),
  Image: type('Virtual', 'ImageType', 'Image'),
  File: type('Virtual', 'FileType', 'File'),
  Virtual: type('Virtual', 'VirtualType', null),
};

/** An attribute, with `OptionSet` and `GlobalOptionSet` apart: they are navigation properties, shown when expanded. */
export interface Attribute {
  readonly logicalName: string;
  /** As in `PicklistAttributeMetadata`; null for the base type. */
  readonly metadataType: string | null;
  readonly json: JsonObject;
  readonly optionSet: JsonObject | null;
  readonly globalOptionSet: JsonObject | null;
}

/** The attributes of a table: its columns, and the helper columns that show the names of lookups and choices. */
export function buildAttributes(tables: Tables, table: Table): Attribute[] {
  const columns = table.definition.columns;
  const helpers = columns
    .flatMap((column) => helperColumns(column))
    .filter((helper) => !table.columns.has(helper.column.name));
  return [...columns.map((column) => ({ column, of: null })), ...helpers].map(({ column, of }, at) =>
    buildAttribute(tables, { table, column, of, number: at + 1 }),
  );
}

interface DescribedColumn {
  readonly table: Table;
  readonly column: ColumnDefinition;
  /** The column that a helper column belongs to. */
  readonly of: string | null;
  readonly number: number;
}

/** They are described, but are no properties of a row: `statuscodename`, `owneridtype`. */
function helperColumns({
  name,
  type: columnType,
}: ColumnDefinition): { readonly column: ColumnDefinition; readonly of: string }[] {
  const helper = (suffix: string, helperType: ColumnType, more: Partial<ColumnDefinition> = {}) => ({
    column: { name: name + suffix, type: helperType, readOnly: true, ...more },
    of: name,
  });
  switch (columnType) {
    case 'Lookup':
      return [helper('name', 'String', { maxLength: 100 })];
    case 'Customer':
    case 'Owner':
      return [helper('name', 'String', { maxLength: 100 }), helper('type', 'EntityName')];
    case 'Picklist':
    case 'MultiSelectPicklist':
    case 'State':
    case 'Status':
    case 'Boolean':
      return [helper('name', 'Virtual')];
    default:
      return [];
  }
}

function buildAttribute(tables: Tables, described: DescribedColumn): Attribute {
  const { table, column } = described;
  const { metadataType } = TYPES[column.type];
  const optionSet = described.of === null ? columnOptionSet(tables, table, column) : null;
  return {
    logicalName: column.name,
    metadataType,
    json: { ...baseProperties(described), ...derivedProperties(column) },
    optionSet,
    globalOptionSet: optionSet?.IsGlobal === true ? optionSet : null,
  };
}

function baseProperties({ table, column, of, number }: DescribedColumn): JsonObject {
  const { attributeType, typeName } = TYPES[column.type];
  const isPrimaryId = column.name === table.definition.primaryId;
  const isReadable = of === null && column.type !== 'Virtual';
  const canWrite = column.readOnly !== true && of === null;
  const canCreate = canWrite && column.type !== 'State';
  return {
    AttributeOf: of,
    AttributeType: attributeType,
    AttributeTypeName: { Value: typeName },
    ColumnNumber: number,
    Description: label(column.description, `attribute:${table.name}.${column.name}:description`),
    DisplayName: label(column.label, `attribute:${table.name}.${column.name}`, column.labels),
    DeprecatedVersion: null,
    IntroducedVersion: INTRODUCED_VERSION,
    EntityLogicalName: table.name,
    IsAuditEnabled: managed(canWrite, 'canmodifyauditsettings'),
    IsCustomAttribute: column.isCustom ?? false,
    IsPrimaryId: isPrimaryId,
    IsValidODataAttribute: isReadable,
    IsPrimaryName: column.name === table.definition.primaryName,
    IsValidForCreate: canCreate,
    IsValidForRead: true,
    IsValidForUpdate: canWrite && !isPrimaryId && column.createOnly !== true,
    CanBeSecuredForRead: false,
    CanBeSecuredForCreate: false,
    CanBeSecuredForUpdate: false,
    IsSecured: false,
    IsRetrievable: true,
    IsFilterable: isReadable,
    IsSearchable: false,
    IsManaged: column.isCustom !== true,
    IsGlobalFilterEnabled: managed(false, 'canmodifyglobalfiltersettings'),
    IsSortableEnabled: managed(false, 'canmodifyissortablesettings'),
    LinkedAttributeId: null,
    LogicalName: column.name,
    IsCustomizable: managed(true, 'iscustomizable'),
    IsRenameable: managed(true, 'isrenameable'),
    IsValidForAdvancedFind: managed(isReadable, 'canmodifysearchsettings'),
    IsValidForForm: isReadable,
    IsRequiredForForm: false,
    IsValidForGrid: isReadable,
    RequiredLevel: managed(
      column.required ?? 'None',
      'canmodifyrequirementlevelsettings',
      column.required !== 'SystemRequired',
    ),
    CanModifyAdditionalSettings: managed(true, 'canmodifyadditionalsettings'),
    SchemaName: column.schemaName ?? schemaName(column.name),
    ExternalName: null,
    IsLogical: of !== null || /^address\d_/.test(column.name),
    IsDataSourceSecret: false,
    InheritsFrom: null,
    CreatedOn: CREATED_ON,
    ModifiedOn: CREATED_ON,
    SourceType: 0,
    AutoNumberFormat: '',
    MetadataId: metadataId('attribute', `${table.name}.${column.name}`),
    HasChanged: null,
    Settings: [],
  };
}

const INT32 = 2_147_483_647;
const FORMATS: Readonly<Record<string, string>> = {
  email: 'Email',
  url: 'Url',
  phone: 'Phone',
  tickerSymbol: 'TickerSymbol',
};

function derivedProperties(column: ColumnDefinition): JsonObject {
  const range = { MinValue: column.min ?? null, MaxValue: column.max ?? null };
  switch (column.type) {
    case 'String': {
      const format = FORMATS[column.format ?? ''] ?? 'Text';
      // The older property knows no telephone numbers.
      return {
        MaxLength: column.maxLength ?? 100,
        Format: format === 'Phone' ? 'Text' : format,
        FormatName: { Value: format },
        ImeMode: 'Auto',
        YomiOf: null,
        IsLocalizable: false,
        DatabaseLength: (column.maxLength ?? 100) * 2,
        FormulaDefinition: null,
        SourceTypeMask: 0,
      };
    }
    case 'Memo':
      return {
        MaxLength: column.maxLength ?? 2000,
        Format: 'TextArea',
        FormatName: { Value: 'TextArea' },
        ImeMode: 'Auto',
        IsLocalizable: false,
      };
    case 'Integer':
      return {
        MinValue: column.min ?? -INT32 - 1,
        MaxValue: column.max ?? INT32,
        Format: 'None',
        FormulaDefinition: null,
        SourceTypeMask: 0,
      };
    case 'BigInt':
      // 64-bit limits go over what a JSON number can hold exactly, on the real service as well.
      return { MinValue: Number.MIN_SAFE_INTEGER, MaxValue: Number.MAX_SAFE_INTEGER };
    case 'Decimal':
    case 'Double':
      return { ...range, Precision: column.precision ?? 2, ImeMode: 'Disabled' };
    case 'Money':
      return {
        ...range,
        Precision: column.precision ?? 2,
        PrecisionSource: 2,
        ImeMode: 'Disabled',
        IsBaseCurrency: column.name.endsWith('_base'),
        CalculationOf: column.name.endsWith('_base') ? column.name.slice(0, -5) : null,
      };
    case 'Boolean':
      return { DefaultValue: column.default === true, FormulaDefinition: null, SourceTypeMask: 0 };
    case 'DateTime':
    case 'DateOnly':
      return dateProperties(column);
    case 'Picklist':
    case 'MultiSelectPicklist':
      return {
        DefaultFormValue: typeof column.default === 'number' ? column.default : -1,
        FormulaDefinition: null,
        SourceTypeMask: 0,
      };
    case 'State':
      return { DefaultFormValue: 0 };
    case 'Status':
      return { DefaultFormValue: -1 };
    case 'Lookup':
    case 'Customer':
    case 'Owner':
    case 'PartyList':
      return { Targets: (column.targets ?? []).map((target) => target.table), Format: 'None' };
    case 'Image':
      return { IsPrimaryImage: true, MaxHeight: 144, MaxWidth: 144, CanStoreFullImage: false, MaxSizeInKB: 10_240 };
    case 'File':
      return { MaxSizeInKB: 32_768 };
    default:
      return {};
  }
}

function dateProperties(column: ColumnDefinition): JsonObject {
  const isDate = column.type === 'DateOnly' || column.format === 'dateOnly';
  return {
    Format: isDate ? 'DateOnly' : 'DateAndTime',
    DateTimeBehavior: { Value: column.type === 'DateOnly' ? 'DateOnly' : 'UserLocal' },
    CanChangeDateTimeBehavior: managed(false, 'canchangedatetimebehavior'),
    MinSupportedValue: '1753-01-01T00:00:00Z',
    MaxSupportedValue: '9999-12-30T23:59:59Z',
    ImeMode: 'Inactive',
    FormulaDefinition: null,
    SourceTypeMask: 0,
  };
}
