import type { ColumnDefinition, GlobalOptionSetDefinition, Labels, OptionDefinition } from '../table-definitions.js';
import { defaultStatus, optionsOf, type Table, type Tables } from '../tables.js';
import { INTRODUCED_VERSION, type JsonObject, label, managed, metadataId, NO_LABEL } from './common.js';

/** The option set of a column; null for a column that has none. https://learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/optionsetmetadata */
export function columnOptionSet(tables: Tables, table: Table, column: ColumnDefinition): JsonObject | null {
  const options = optionsOf(tables, column);
  const global = column.optionSet === undefined ? undefined : tables.globalOptionSets.get(column.optionSet);
  if (global !== undefined) return globalOptionSet(global);
  const name = `${table.name}_${column.name}`;
  switch (column.type) {
    case 'Picklist':
    case 'MultiSelectPicklist':
      return optionSet(
        { name, label: column.label, labels: column.labels, type: 'Picklist', isGlobal: false },
        { Options: options.map((it) => option(it, name)) },
      );
    case 'State':
      return optionSet(
        { name, label: column.label, labels: column.labels, type: 'State', isGlobal: false },
        { Options: options.map((it) => stateOption(table, it, name)) },
      );
    case 'Status':
      return optionSet(
        { name, label: column.label, labels: column.labels, type: 'Status', isGlobal: false },
        { Options: options.map((it) => statusOption(it, name)) },
      );
    case 'Boolean':
      return optionSet(
        { name, label: column.label, labels: column.labels, type: 'Boolean', isGlobal: false },
        booleanOptions(options, name),
      );
    default:
      return null;
  }
}

export function globalOptionSet(definition: GlobalOptionSetDefinition): JsonObject {
  const { name } = definition;
  return optionSet(
    {
      name,
      label: definition.label,
      labels: definition.labels,
      type: 'Picklist',
      isGlobal: true,
      isCustom: definition.isCustom,
    },
    { Options: definition.options.map((it) => option(it, name)) },
  );
}

interface OptionSetHead {
  readonly name: string;
  readonly label: string | undefined;
  readonly labels: Labels | undefined;
  readonly isCustom?: boolean | undefined;
  readonly type: 'Picklist' | 'State' | 'Status' | 'Boolean';
  readonly isGlobal: boolean;
}

function optionSet(head: OptionSetHead, options: JsonObject): JsonObject {
  return {
    Name: head.name,
    OptionSetType: head.type,
    IsGlobal: head.isGlobal,
    IsCustomOptionSet: head.isCustom ?? false,
    IsManaged: head.isCustom !== true,
    ExternalTypeName: null,
    ParentOptionSetName: null,
    IntroducedVersion: INTRODUCED_VERSION,
    MetadataId: metadataId('optionset', head.name),
    HasChanged: null,
    DisplayName: label(head.label, `optionset:${head.name}`, head.labels),
    Description: NO_LABEL,
    IsCustomizable: managed(true, 'iscustomizable'),
    ...options,
  };
}

function option({ value, label: text, labels, color, description }: OptionDefinition, set: string): JsonObject {
  return {
    Value: value,
    Color: color ?? null,
    IsManaged: true,
    ExternalValue: '',
    ParentValues: [],
    MetadataId: null,
    HasChanged: null,
    Label: label(text, `option:${set}:${value}`, labels),
    Description: label(description, `option:${set}:${value}:description`),
  };
}

function stateOption(table: Table, definition: OptionDefinition, set: string): JsonObject {
  return {
    '@odata.type': '#Microsoft.Dynamics.CRM.StateOptionMetadata',
    ...option(definition, set),
    DefaultStatus: defaultStatus(table, definition.value) ?? null,
    InvariantName: definition.label.replaceAll(' ', ''),
  };
}

function statusOption(definition: OptionDefinition, set: string): JsonObject {
  return {
    '@odata.type': '#Microsoft.Dynamics.CRM.StatusOptionMetadata',
    ...option(definition, set),
    State: definition.state ?? 0,
    TransitionData: null,
  };
}

function booleanOptions(options: readonly OptionDefinition[], set: string): JsonObject {
  const find = (value: number) =>
    options.find((it) => it.value === value) ?? { value, label: value === 1 ? 'Yes' : 'No' };
  return { TrueOption: option(find(1), set), FalseOption: option(find(0), set) };
}
