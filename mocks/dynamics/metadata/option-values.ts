import type { MockResponse } from '../../control.js';
import { answerJson, answerNothing, contextUrl, type RequestContext } from '../context.js';
import { CODES, DynamicsError, queryError } from '../errors.js';
import type { ColumnDefinition, OptionDefinition } from '../table-definitions.js';
import { optionsOf, type Table } from '../tables.js';
import type { JsonBody } from '../writes/payload.js';
import { nextOption, readLabel } from './read-definitions.js';
import { touchColumn, touchOptionSet, withTable } from './write-metadata.js';

/** The options that an action is about: those of a column, or of a global option set. */
interface OptionList {
  readonly options: readonly OptionDefinition[];
  replace(context: RequestContext, options: readonly OptionDefinition[]): void;
}

/** https://learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/insertoptionvalue */
export function insertOptionValue(context: RequestContext, body: JsonBody): MockResponse {
  const list = optionList(context, body);
  const value = typeof body.Value === 'number' ? body.Value : nextOption(list.options);
  assertFree(list, value);
  const color = typeof body.Color === 'string' ? { color: body.Color } : {};
  list.replace(context, [...list.options, { value, label: '', ...readLabel(body.Label), ...color }]);
  return answerNewOption(context, 'InsertOptionValueResponse', value);
}

/** https://learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/insertstatusvalue */
export function insertStatusValue(context: RequestContext, body: JsonBody): MockResponse {
  const list = optionList(context, { AttributeLogicalName: 'statuscode', ...body });
  const value = typeof body.Value === 'number' ? body.Value : nextOption(list.options);
  assertFree(list, value);
  const state = typeof body.StateCode === 'number' ? body.StateCode : 0;
  list.replace(context, [...list.options, { value, label: '', ...readLabel(body.Label), state }]);
  return answerNewOption(context, 'InsertStatusValueResponse', value);
}

/** Labels in languages that the body does not have stay where `MergeLabels` is true. */
export function updateOptionValue(context: RequestContext, body: JsonBody): MockResponse {
  const list = optionList(context, body);
  const value = requireValue(list, body);
  const { label, labels } = readLabel(body.Label);
  list.replace(
    context,
    list.options.map((option) => {
      if (option.value !== value) return option;
      const kept = body.MergeLabels === true ? option.labels : {};
      return { ...option, label: label ?? option.label, labels: { ...kept, ...labels } };
    }),
  );
  return answerNothing();
}

export function deleteOptionValue(context: RequestContext, body: JsonBody): MockResponse {
  const list = optionList(context, body);
  const value = requireValue(list, body);
  list.replace(
    context,
    list.options.filter((option) => option.value !== value),
  );
  return answerNothing();
}

function answerNewOption(context: RequestContext, type: string, value: number): MockResponse {
  return answerJson(context, {
    '@odata.context': contextUrl(context, `Microsoft.Dynamics.CRM.${type}`),
    NewOptionValue: value,
  });
}

function assertFree({ options }: OptionList, value: number): void {
  if (!options.some((option) => option.value === value)) return;
  throw new DynamicsError(400, CODES.invalidArgument, `The value '${value}' is used by another option already.`);
}

function requireValue({ options }: OptionList, { Value: value }: JsonBody): number {
  if (typeof value === 'number' && options.some((option) => option.value === value)) return value;
  throw new DynamicsError(400, CODES.invalidArgument, `There is no option with the value '${String(value)}'.`);
}

function optionList(context: RequestContext, body: JsonBody): OptionList {
  if (typeof body.OptionSetName === 'string') return globalList(context, body.OptionSetName);
  const table = context.tables.find(String(body.EntityLogicalName));
  const column = table?.columns.get(String(body.AttributeLogicalName));
  if (table === undefined || column === undefined)
    throw queryError(
      'Expected EntityLogicalName and AttributeLogicalName to name a column, or OptionSetName an option set.',
    );
  if (column.optionSet !== undefined) return globalList(context, column.optionSet);
  return columnList(context, table, column);
}

function globalList({ tables }: RequestContext, name: string): OptionList {
  const set = tables.globalOptionSets.get(name);
  if (set === undefined)
    throw new DynamicsError(404, CODES.notFound, `Could not find an optionset with the key '${name}'.`);
  return {
    options: set.options,

    replace: (context, options) =>
      context.tables.redefine(
        (file) => ({
          ...file,
          globalOptionSets: (file.globalOptionSets ?? []).map((it) => (it.name === name ? { ...it, options } : it)),
        }),
        [touchOptionSet(name)],
      ),
  };
}

const CHOICES: ReadonlySet<string> = new Set(['Picklist', 'MultiSelectPicklist', 'Status', 'State', 'Boolean']);

function columnList({ tables }: RequestContext, table: Table, column: ColumnDefinition): OptionList {
  if (!CHOICES.has(column.type))
    throw queryError(`The attribute '${column.name}' of the entity '${table.name}' has no options.`);
  const touched = touchColumn(table.name, column.name);
  const replaced = (it: ColumnDefinition, options: readonly OptionDefinition[]) =>
    it.name === column.name ? { ...it, options } : it;
  return {
    options: optionsOf(tables, column),

    replace: (context, options) =>
      context.tables.redefine(
        (file) =>
          withTable(file, table.name, (it) => ({ ...it, columns: it.columns.map((old) => replaced(old, options)) })),
        [touched],
      ),
  };
}
