import { defaultListName, isListName } from '../../mapping/names.js';
import { unknownColumn } from '../../mapping/unknown-column.js';
import { RequestError } from '../../model/errors.js';
import type { EnumerationMapping, TableMapping } from '../../model/mapping.js';
import { type Column, findColumn, type OptionSet, type Table } from '../../model/table.js';
import type { EnumerationSelectionInput, SkippedEnumerationType } from './enumerations.types.js';

/** A choice column with the itemized list it goes to. */
export interface SelectedEnumeration extends Omit<EnumerationMapping, 'account'> {
  readonly optionSet: OptionSet;
  /** True where the column holds several choices at once. */
  readonly several: boolean;
}

export interface EnumerationChoice {
  readonly selected: readonly SelectedEnumeration[];
  readonly skipped: readonly SkippedEnumerationType[];
}

export interface EnumerationSources {
  readonly tables: readonly Table[];
  readonly mappings: readonly TableMapping[];
  /** Lists chosen in an earlier synchronization; they stay chosen until another is named. */
  readonly known: readonly EnumerationMapping[];
}

/** The columns that were named. Throws where one is not there, or has no options to copy. */
export function selectNamed(
  inputs: readonly EnumerationSelectionInput[],
  sources: EnumerationSources,
): EnumerationChoice {
  const selected = inputs.map((input, index) => selectOne(input, `input.enumerations.${index}`, sources));
  assertOneEach(selected, sources);
  return { selected, skipped: [] };
}

/** Every mapped choice, state and status column; those that hold several choices at once are skipped unless they were named before. */
export function selectAll(sources: EnumerationSources): EnumerationChoice {
  const selected: SelectedEnumeration[] = [];
  const skipped: SkippedEnumerationType[] = [];
  for (const { table: tableName, column } of mappedChoices(sources)) {
    const isKnown = sources.known.some((one) => one.table === tableName && one.column === column.name);
    const one = selection(tableName, column, column.optionSet, sources.known, {});
    const reason = one.several && !isKnown ? SEVERAL_CHOICES : rivalReason(one, selected, sources);
    if (reason === null) selected.push(one);
    else skipped.push({ table: tableName, column: column.name, reason });
  }
  return { selected, skipped };
}

const SEVERAL_CHOICES =
  'The column holds several choices at once, of which a record keeps the numbers only. Name the column to have its options in a list.';

interface ChoiceColumn extends Column {
  readonly optionSet: OptionSet;
}

function mappedChoices({ mappings, tables }: EnumerationSources): readonly { table: string; column: ChoiceColumn }[] {
  return mappings.flatMap((mapping) => {
    const table = tables.find((candidate) => candidate.logicalName === mapping.table);
    const names = new Set(mapping.fields.map((field) => field.column));
    const columns = table?.columns.filter((column) => names.has(column.name)) ?? [];
    return columns.filter(isChoice).map((column) => ({ table: mapping.table, column }));
  });
}

function isChoice(column: Column): column is ChoiceColumn {
  return column.optionSet !== null && column.type !== 'boolean';
}

function selectOne(input: EnumerationSelectionInput, field: string, sources: EnumerationSources): SelectedEnumeration {
  const table = sources.tables.find((candidate) => candidate.logicalName === input.table);
  const isMapped = sources.mappings.some((mapping) => mapping.table === input.table);
  if (!table || !isMapped) {
    throw new RequestError('NOT_FOUND', `Table "${input.table}" is not mapped. Map it first with mapTables.`, {
      field: `${field}.table`,
    });
  }
  const column = findColumn(table, input.column);
  if (!column) throw unknownColumn(table, input.column, `${field}.column`);
  if (!isChoice(column)) {
    throw new RequestError(
      'UNSUPPORTED',
      `Column "${input.column}" of table "${input.table}" is of type ${column.type} and has no options. Name a choice, state or status column.`,
      { field: `${field}.column` },
    );
  }
  assertListName(input.list, `${field}.list`);
  return selection(input.table, column, column.optionSet, sources.known, input);
}

function selection(
  table: string,
  column: Column,
  optionSet: OptionSet,
  known: readonly EnumerationMapping[],
  input: Partial<EnumerationSelectionInput>,
): SelectedEnumeration {
  const before = known.find((mapping) => mapping.table === table && mapping.column === column.name);
  return {
    table,
    column: column.name,
    optionSet,
    several: column.type === 'choices',
    list: input.list ?? before?.list ?? defaultListName(table, column.name, optionSet),
    mode: input.mode ?? before?.mode ?? 'ADD',
  };
}

function assertListName(list: string | null | undefined, field: string): void {
  if (list == null || isListName(list)) return;
  throw new RequestError(
    'BAD_USER_INPUT',
    `Expected the name of an itemized list (a letter, then letters, digits or _, at most 64), but got "${list}".`,
    { field },
  );
}

function assertOneEach(selected: readonly SelectedEnumeration[], sources: EnumerationSources): void {
  for (const [index, one] of selected.entries()) {
    const field = `input.enumerations.${index}`;
    const earlier = selected.slice(0, index);
    if (earlier.some((other) => other.table === one.table && other.column === one.column)) {
      throw new RequestError('BAD_USER_INPUT', `Column "${one.column}" of table "${one.table}" is named twice.`, {
        field,
      });
    }
    const reason = rivalReason(one, earlier, sources);
    if (reason !== null) throw new RequestError('BAD_USER_INPUT', reason, { field: `${field}.list` });
  }
}

/** A list takes the options of one set; those of two would each undo what the other wrote. */
function rivalReason(
  one: SelectedEnumeration,
  earlier: readonly SelectedEnumeration[],
  { known, tables }: EnumerationSources,
): string | null {
  const isSelf = (other: { table: string; column: string }) =>
    [one, ...earlier].some((it) => it.table === other.table && it.column === other.column);
  const tied = known.flatMap(({ table, column, list }) => {
    const described = tables.find((candidate) => candidate.logicalName === table);
    const optionSet = described && findColumn(described, column)?.optionSet;
    return optionSet && !isSelf({ table, column }) ? [{ table, column, list, optionSet }] : [];
  });
  const rival = [...earlier, ...tied].find((other) => other.list === one.list && !sameSet(one, other));
  if (!rival) return null;
  return `List "${one.list}" cannot take the options of both "${rival.table}.${rival.column}" and "${one.table}.${one.column}". Name a list for each.`;
}

function sameSet(one: { optionSet: OptionSet }, other: { optionSet: OptionSet }): boolean {
  return one.optionSet.name === other.optionSet.name;
}
