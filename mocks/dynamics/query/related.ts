import { isReference, type Row, type Store } from '../store.js';
import type { ManyToManyNavigation, Navigation, OneToManyNavigation, Table } from '../tables.js';

/** A row with the table it is of. */
export interface TableRow {
  readonly table: Table;
  readonly row: Row;
}

export function idOf({ table, row }: TableRow): string {
  return String(row[table.definition.primaryId]);
}

/** The row that a lookup navigation property leads to: none where the lookup is empty or points at a table of another property. */
export function lookedUp(store: Store, { row }: TableRow, navigation: Navigation): TableRow | undefined {
  if (navigation.kind !== 'lookup') return undefined;
  const cell = row[navigation.column.name];
  if (cell === undefined || !isReference(cell) || !navigation.targets.includes(cell.table)) return undefined;
  const target = store.row(cell);
  return target === undefined ? undefined : { table: store.tables.get(cell.table), row: target };
}

/** Ids of the rows of a collection-valued navigation property. */
export function relatedIds(
  store: Store,
  from: TableRow,
  navigation: OneToManyNavigation | ManyToManyNavigation,
): Iterable<string> {
  const id = idOf(from);
  if (navigation.kind === 'one-to-many') return store.table(navigation.table).idsWith(navigation.column, id);
  const intersect = store.table(navigation.intersect);
  const others = [...intersect.idsWith(navigation.ownAttribute, id)].map(
    (it) => intersect.get(it)?.[navigation.otherAttribute],
  );
  const ids = others.map((cell) => (cell !== undefined && isReference(cell) ? cell.id : String(cell)));
  // A polymorphic intersect, as that of marketing lists, holds ids of several tables.
  const target = store.table(navigation.table);
  return ids.filter((it) => target.get(it) !== undefined);
}

export function relatedRows(
  store: Store,
  from: TableRow,
  navigation: OneToManyNavigation | ManyToManyNavigation,
): TableRow[] {
  const table = store.tables.get(navigation.table);
  const rows = store.table(navigation.table);
  return [...relatedIds(store, from, navigation)].flatMap((id) => {
    const row = rows.get(id);
    return row === undefined ? [] : [{ table, row }];
  });
}
