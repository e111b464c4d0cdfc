import type { Filter } from '../../model/query.js';
import type { Table } from '../../model/table.js';
import { badInput } from './literal.js';

/** Where a navigation property in a filter leads. */
export interface FilterTarget {
  readonly navigation: string;
  /** Logical name of the table it leads to. */
  readonly table: string;
  /** True where it leads to several records. */
  readonly isMany: boolean;
}

/** `parentcustomerid_account/name` taken apart. Rejects with `BAD_USER_INPUT` a path over more than one relationship. */
export function pathSteps(path: string): { readonly navigation: string | null; readonly name: string } {
  const [first = '', second, ...rest] = path.split('/');
  if (rest.length > 0)
    throw badInput(`Expected a filter across one relationship at most, but "${path}" crosses ${rest.length + 1}.`);
  return second === undefined ? { navigation: null, name: first } : { navigation: first, name: second };
}

/** The table that a navigation property leads to, be it to one record or to several. */
export function filterTarget(table: Table, navigation: string): FilterTarget {
  const related = table.relationships.find((relationship) => relationship.navigation === navigation);
  if (related) return { navigation, table: related.table, isMany: true };
  return { navigation, table: navigationTarget(table, navigation), isMany: false };
}

/** The table that a single-valued navigation property leads to. */
export function navigationTarget(table: Table, navigation: string): string {
  const targets = table.columns
    .flatMap((column) => column.targets)
    .filter((target) => target.navigation === navigation);
  const [target] = targets;
  if (!target)
    throw badInput(
      `Expected a lookup of table ${table.logicalName}, but it has no navigation property "${navigation}" to one record.`,
    );
  // `ownerid` leads to the abstract type `principal`, which has no columns of its own.
  if (targets.length > 1)
    throw badInput(
      `Expected a lookup to one table, but "${navigation}" may lead to several. Select the column itself instead.`,
    );
  return target.table;
}

/** The tables whose description a filter needs besides that of the table asked. */
export function filteredTables(table: Table, filter: Filter): readonly string[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.flatMap((inner) => filteredTables(table, inner));
    case 'not':
      return filteredTables(table, filter.filter);
    default: {
      const { navigation } = pathSteps(filter.path);
      return navigation === null ? [] : [filterTarget(table, navigation).table];
    }
  }
}
