import { enumerationName, nearestName } from '../../mapping/names.js';
import { RequestError } from '../../model/errors.js';
import type { EnumerationMapping, TableMapping } from '../../model/mapping.js';
import { type Column, findColumn, type OptionSet, type Table } from '../../model/table.js';
import type { EnumerationSelectionInput, SkippedEnumerationType } from './enumerations.types.js';

/** A choice column with the itemized list it goes to. */
export interface SelectedEnumeration extends Omit<EnumerationMapping, 'account'> {
  readonly optionSet: OptionSet;
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
  assertOneEach(selected);
  return { selected, skipped: [] };
}

/** Every mapped choice, state and status column; those that hold several choices at once are skipped. */
export function selectAll(sources: EnumerationSources): EnumerationChoice {
  const selected: SelectedEnumeration[] = [];
  const skipped: SkippedEnumerationType[] = [];
  for (const mapping of sources.mappings) {
    const table = sources.tables.find((candidate) => candidate.logicalName === mapping.table);
    for (const { column: name } of mapping.fields) {
      const column = table && findColumn(table, name);
      if (!column?.optionSet || column.type === 'boolean') continue;
      if (column.type === 'choices') skipped.push({ table: mapping.table, column: name, reason: SEVERAL_CHOICES });
      else selected.push(selection(mapping.table, column, column.optionSet, sources.known, {}));
    }
  }
  return { selected, skipped };
}

const SEVERAL_CHOICES = 'The column holds several choices at once, which an itemized list cannot tell.';

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
  if (column.type === 'choices') {
    throw new RequestError('UNSUPPORTED', `Column "${input.column}" cannot be synchronized. ${SEVERAL_CHOICES}`, {
      field: `${field}.column`,
    });
  }
  if (!column.optionSet || column.type === 'boolean') {
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
    list: input.list ?? before?.list ?? enumerationName(table, column.name),
    mode: input.mode ?? before?.mode ?? 'ADD',
  };
}

/** https://experienceleague.adobe.com/docs/campaign-classic/using/getting-started/administration-basics/managing-enumerations.html */
const LIST_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

function assertListName(list: string | null | undefined, field: string): void {
  if (list == null || LIST_NAME.test(list)) return;
  throw new RequestError(
    'BAD_USER_INPUT',
    `Expected the name of an itemized list (a letter, then letters, digits or _, at most 64), but got "${list}".`,
    { field },
  );
}

function assertOneEach(selected: readonly SelectedEnumeration[]): void {
  for (const [index, one] of selected.entries()) {
    const field = `input.enumerations.${index}`;
    const earlier = selected.slice(0, index);
    if (earlier.some((other) => other.table === one.table && other.column === one.column)) {
      throw new RequestError('BAD_USER_INPUT', `Column "${one.column}" of table "${one.table}" is named twice.`, {
        field,
      });
    }
    const rival = earlier.find((other) => other.list === one.list && other.optionSet.name !== one.optionSet.name);
    if (rival) {
      throw new RequestError(
        'BAD_USER_INPUT',
        `List "${one.list}" cannot take the options of both "${rival.column}" and "${one.column}". Name a list for each.`,
        { field: `${field}.list` },
      );
    }
  }
}

function unknownColumn(table: Table, name: string, field: string): RequestError {
  const near = nearestName(
    name,
    table.columns.map((column) => column.name),
  );
  const hint = near === null ? 'dynamicsTable lists its columns.' : `Did you mean "${near}"?`;
  return new RequestError('NOT_FOUND', `Table "${table.logicalName}" has no column "${name}". ${hint}`, { field });
}
