import { RequestError } from '../model/errors.js';
import type { Conversion, Direction } from '../model/mapping.js';
import { type Column, findColumn, type Table } from '../model/table.js';
import { unmappableReason } from './attribute-types.js';
import { isTemporal } from './convert.js';
import type { FieldSelection, TableSelection } from './selection.js';
import { unknownColumn } from './unknown-column.js';

/** A column to be mapped. `path` is null where nobody named one, `field` the path of the input that names the column. */
export interface ChosenColumn {
  readonly column: Column;
  readonly path: string | null;
  readonly conversion: Conversion;
  readonly direction: Direction;
  readonly field: string;
}

/**
 * The columns that a selection asks for, those with a path first. `prefix` is the path of the selection in the input, `tables.0`.
 * Rejects an unknown column (NOT_FOUND), one that cannot be mapped (UNSUPPORTED), one that is named twice and a conversion or direction
 * that does not fit it (BAD_USER_INPUT).
 */
export function chooseColumns(table: Table, selection: TableSelection, prefix: string): readonly ChosenColumn[] {
  const fields = selection.target?.fields ?? [];
  const placed = fields.map((field, index) => placeColumn(table, field, `${prefix}.target.fields.${index}`));
  assertOnce(placed);
  const named = (selection.columns ?? []).map((name, index) => nameColumn(table, name, `${prefix}.columns.${index}`));
  assertOnce(named);
  const rest = isWhole(selection) ? everyColumn(table, prefix) : named;
  return [...placed, ...rest.filter((one) => !placed.some((other) => other.column === one.column))];
}

/** A column that is not mapped although its whole table was asked for. */
export interface SkippedColumn {
  readonly table: string;
  readonly column: string;
  /** A sentence that tells why. */
  readonly reason: string;
}

/** The columns that a selection of a whole table leaves out. */
export function skippedColumns(table: Table, selection: TableSelection): readonly SkippedColumn[] {
  if (!isWhole(selection)) return [];
  return table.columns.flatMap((column) => {
    const reason = unmappableReason(column);
    return reason === null ? [] : [{ table: table.logicalName, column: column.name, reason: `The column ${reason}.` }];
  });
}

/** Tells whether a selection is of every column that can be mapped. */
export function isWhole(selection: TableSelection): boolean {
  return selection.columns === undefined && selection.target?.fields === undefined;
}

function placeColumn(table: Table, field: FieldSelection, prefix: string): ChosenColumn {
  const column = mappableColumn(table, field.column, `${prefix}.column`);
  const conversion = field.conversion ?? 'DEFAULT';
  if ((conversion === 'DATE_ONLY' || conversion === 'WITHOUT_TIME_OFFSET') && !isTemporal(column)) {
    throw new RequestError(
      'BAD_USER_INPUT',
      `Conversion ${conversion} is for dates and moments, but column "${column.name}" is of type ${column.type}: use DEFAULT or COPY.`,
      { field: `${prefix}.conversion` },
    );
  }
  const direction = chooseDirection(column, field.direction, `${prefix}.direction`);
  return { column, path: field.path, conversion, direction, field: prefix };
}

function nameColumn(table: Table, name: string, field: string): ChosenColumn {
  return unplaced(mappableColumn(table, name, field), field);
}

function everyColumn(table: Table, prefix: string): readonly ChosenColumn[] {
  const columns = table.columns.filter((column) => unmappableReason(column) === null);
  return columns.map((column) => unplaced(column, `${prefix}.table`));
}

function unplaced(column: Column, field: string): ChosenColumn {
  return { column, path: null, conversion: 'DEFAULT', direction: defaultDirection(column), field };
}

function mappableColumn(table: Table, name: string, field: string): Column {
  const column = findColumn(table, name);
  if (!column) throw unknownColumn(table, name, field);
  const reason = unmappableReason(column);
  if (reason === null) return column;
  throw new RequestError('UNSUPPORTED', `Column "${name}" of table "${table.logicalName}" ${reason}. Leave it out.`, {
    field,
  });
}

/** A lookup to several tables is not one value but two, so that it is read from Dynamics and not written back. */
function defaultDirection(column: Column): Direction {
  return isWritable(column) && column.targets.length <= 1 ? 'BOTH' : 'TO_CAMPAIGN';
}

function isWritable(column: Column): boolean {
  return column.creatable || column.updatable;
}

/** BOTH is narrowed to what can be; only to ask for nothing but what cannot be is an error. */
function chooseDirection(column: Column, wanted: Direction | undefined, field: string): Direction {
  if (wanted === 'TO_DYNAMICS' && defaultDirection(column) === 'TO_CAMPAIGN') {
    throw new RequestError('BAD_USER_INPUT', `Column "${column.name}" cannot be written: use direction TO_CAMPAIGN.`, {
      field,
    });
  }
  return wanted === undefined || wanted === 'BOTH' ? defaultDirection(column) : wanted;
}

function assertOnce(chosen: readonly ChosenColumn[]): void {
  const seen = new Set<Column>();
  for (const { column, field } of chosen) {
    if (seen.has(column)) {
      throw new RequestError('BAD_USER_INPUT', `Column "${column.name}" is named twice. Name it once.`, { field });
    }
    seen.add(column);
  }
}
