import { RequestError } from '../model/errors.js';
import type { Table } from '../model/table.js';
import { nearestName } from './names.js';

/** NOT_FOUND for a column that a table does not have, with the nearest name where one comes near. `field` is the place in the input. */
export function unknownColumn(table: Table, name: string, field: string): RequestError {
  const near = nearestName(
    name,
    table.columns.map((column) => column.name),
  );
  const hint = near === null ? 'dynamicsTable lists its columns.' : `Did you mean "${near}"?`;
  return new RequestError('NOT_FOUND', `Table "${table.logicalName}" has no column "${name}". ${hint}`, { field });
}
