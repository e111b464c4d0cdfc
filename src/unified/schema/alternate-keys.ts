import type { GraphQLFieldConfigArgumentMap } from 'graphql';
import { type Column, findColumn, type Table } from '../../model/table.js';
import { columnOperators, describeColumn, isSupported } from './columns.js';
import type { KeyArguments } from './field-source.js';
import { nameScope } from './names.js';
import type { SupportTypes } from './support-types.js';

/** The alternate keys of a table as arguments of the field for one record, beside `id`. */
export interface AlternateKeys {
  readonly args: GraphQLFieldConfigArgumentMap;
  readonly keys: readonly KeyArguments[];
}

/**
 * Only active keys whose columns can all be read and compared; null where a table has none. `taken` are the names of the other arguments.
 */
export function buildAlternateKeys(
  support: SupportTypes,
  table: Table,
  taken: readonly string[] = ['id'],
): AlternateKeys | null {
  const keys = usableKeys(table);
  if (keys.length === 0) return null;
  const columns = [...new Set(keys.flat())];
  const names = nameScope(
    columns.map(({ name }) => name),
    taken,
  );
  const argumentOf = (column: Column) => names.get(column.name) ?? column.name;
  return {
    args: Object.fromEntries(columns.map((column) => [argumentOf(column), keyArgument(support, table, column)])),
    keys: keys.map((key) =>
      key.map((column) => {
        const { value } = columnOperators(support, table, column);
        return { argument: argumentOf(column), path: column.name, value };
      }),
    ),
  };
}

/** The columns of each alternate key that can find a record. */
export function usableKeys(table: Table): readonly (readonly Column[])[] {
  const active = table.keys.filter((key) => key.active && key.columns.length > 0);
  return active.flatMap((key) => {
    const columns = key.columns.flatMap((name) => findColumn(table, name) ?? []);
    const isWhole = columns.length === key.columns.length;
    return isWhole && columns.every((column) => isSupported(column) && column.type !== 'choices') ? [columns] : [];
  });
}

function keyArgument(support: SupportTypes, table: Table, column: Column): GraphQLFieldConfigArgumentMap[string] {
  const { eq } = columnOperators(support, table, column).type.getFields();
  if (!eq) throw new Error(`The filter of ${column.name} has no operator "eq".`);
  return { type: eq.type, description: `Part of an alternate key, in place of id: ${describeColumn(column)}` };
}
