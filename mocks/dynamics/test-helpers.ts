import type { MockClock } from '../control.js';
import type { RequestContext } from './context.js';
import { parsePreferences } from './prefer.js';
import { APPLICATION_USER_ID } from './seed/organization.js';
import type { Cell, Row, RowChanges, Store } from './store.js';
import type { Tables } from './tables.js';
import { changeRow, deleteRow, insertRow } from './writes/write-rows.js';

/** What a test may do with the rows of the mock without a request. Lookups are `{ table, id }`, empty columns are absent. */
export interface TestHelpers {
  /** Copies of all rows of a table, by rising id. */
  rows(logicalName: string): readonly Row[];
  row(logicalName: string, id: string): Row | undefined;
  /** Creates a row as the application user, with all that the service fills in, and gives it back. */
  insert(logicalName: string, cells: Readonly<Record<string, Cell>>): Row;
  /** Changes a row; null empties a column. */
  update(logicalName: string, id: string, changes: RowChanges): Row;
  /** Deletes a row with what hangs on it. */
  remove(logicalName: string, id: string): void;
}

export function createTestHelpers({
  store,
  tables,
  clock,
}: {
  store: Store;
  tables: Tables;
  clock: MockClock;
}): TestHelpers {
  const context = (): RequestContext => ({
    store,
    tables,
    user: store.table('systemuser').get(APPLICATION_USER_ID) ?? { systemuserid: APPLICATION_USER_ID },
    prefer: parsePreferences({}),
    base: '/',
    now: () => clock.now(),
  });
  const require = (logicalName: string, id: string): Row => {
    const row = store.table(logicalName).get(id);
    if (row === undefined) throw new Error(`Expected the mock to hold ${logicalName} ${id}.`);
    return row;
  };
  return {
    rows: (logicalName) =>
      store
        .table(logicalName)
        .sortedIds()
        .map((id) => ({ ...require(logicalName, id) })),
    row: (logicalName, id) => store.table(logicalName).get(id),
    insert: (logicalName, cells) => insertRow(context(), tables.get(logicalName), cells),
    update: (logicalName, id, changes) =>
      changeRow(context(), tables.get(logicalName), require(logicalName, id), changes),
    remove: (logicalName, id) => deleteRow(context(), tables.get(logicalName), id),
  };
}
