import { RequestError } from '../model/errors.js';
import type { FieldMapping, TableMapping } from '../model/mapping.js';
import { findColumn, type Table } from '../model/table.js';
import { unmappableReason } from './attribute-types.js';
import { isCompanion } from './companions.js';
import type { FieldSelection, TableSelection } from './selection.js';

/** Tables to be mapped once more as they are, with what is in the way of it. */
export interface Repair {
  readonly selections: readonly TableSelection[];
  readonly obstacles: readonly Obstacle[];
}

/** Why a table cannot be repaired. */
export interface Obstacle {
  readonly table: string;
  readonly reason: string;
}

/**
 * Selects tables as they are mapped, without the columns that are gone. A column whose attribute cannot hold it any more gets another one.
 * `plan` tries a selection; what it refuses with a `RequestError` is changed by the field that the error names, or left out with the reason.
 */
export function planRepair(
  mappings: readonly TableMapping[],
  tables: readonly Table[],
  plan: (selections: readonly TableSelection[]) => void,
): Repair {
  const selections: TableSelection[] = [];
  const obstacles: Obstacle[] = [];
  for (const mapping of mappings) {
    const table = tables.find((one) => one.logicalName === mapping.table);
    const repaired = table && selectAnew(mapping, table, (selection) => plan([...selections, selection]));
    if (!repaired) continue;
    if (typeof repaired === 'string') obstacles.push({ table: mapping.table, reason: repaired });
    else selections.push(repaired);
  }
  return { selections, obstacles };
}

/** A selection that can be planned, or why there is none. */
function selectAnew(
  mapping: TableMapping,
  table: Table,
  plan: (selection: TableSelection) => void,
): TableSelection | string {
  let fields: readonly FieldSelection[] = ownFields(mapping, table);
  const moved: string[] = [];
  for (;;) {
    const selection = {
      table: mapping.table,
      columns: moved,
      target: { schema: mapping.schema, key: mapping.key, fields },
    };
    try {
      plan(selection);
      return selection;
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      const refused = fields[fieldIndex(error)];
      if (!refused) return error.message;
      fields = fields.filter((field) => field !== refused);
      moved.push(refused.column);
    }
  }
}

function ownFields(mapping: TableMapping, table: Table): FieldSelection[] {
  const isThere = ({ column }: FieldMapping) => {
    const found = findColumn(table, column);
    return found !== undefined && unmappableReason(found) === null;
  };
  return mapping.fields.filter((field) => isThere(field) && !isCompanion(field, mapping.fields));
}

/** The index of the field that an error is about, as in `tables.0.target.fields.3.path`; -1 where it is about something else. */
function fieldIndex({ field }: RequestError): number {
  const match = /^tables\.\d+\.target\.fields\.(\d+)(?:\.|$)/.exec(field ?? '');
  return match?.[1] === undefined ? -1 : Number(match[1]);
}
