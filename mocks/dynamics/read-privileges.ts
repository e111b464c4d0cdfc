import type { AddressedRow } from './addressed-row.js';
import type { RequestContext } from './context.js';
import type { ExpandItem } from './odata/ast.js';
import { parseExpand, parseQueryOptions } from './odata/query-options.js';
import { assertPrivilege } from './privileges.js';
import { assertAccess } from './reach.js';
import type { Resource } from './resource.js';
import type { Table } from './tables.js';

/**
 * Asserts that the caller may read every table that a request leads through, those of `$expand` included, and the row that it addresses.
 *
 * @throws DynamicsError 403 naming the privilege that is missing, or the row that it does not reach.
 */
export function assertMayRead(context: RequestContext, resource: Resource, search: string): void {
  const tables = new Set(tablesOf(context, resource));
  const [table] = tables;
  const expand = table === undefined ? undefined : parseQueryOptions(search).get('$expand');
  if (table !== undefined && expand !== undefined) addExpanded(context, { table, items: parseExpand(expand) }, tables);
  for (const it of tables) assertPrivilege(context, 'Read', it);
  const address = addressOf(resource);
  if (address?.row !== undefined) assertAccess(context, 'Read', { table: address.table, row: address.row });
}

/** The row that a request reads, or that the rows it reads hang on. */
function addressOf(resource: Resource): AddressedRow | null {
  if (resource.kind === 'collection' || resource.kind === 'count') return resource.parent?.address ?? null;
  return 'address' in resource ? resource.address : null;
}

/** The table of the rows that are read comes first. */
function tablesOf({ tables }: RequestContext, resource: Resource): Table[] {
  switch (resource.kind) {
    case 'collection':
    case 'count':
      return [resource.table, ...(resource.parent === null ? [] : [resource.parent.address.table])];
    case 'row':
    case 'property':
      return [resource.address.table];
    case 'reference':
      return [resource.address.table, ...targetsOf(resource.navigation).map((name) => tables.get(name))];
    default:
      return [];
  }
}

function targetsOf(navigation: { readonly targets?: readonly string[]; readonly table?: string }): readonly string[] {
  return navigation.targets ?? (navigation.table === undefined ? [] : [navigation.table]);
}

interface Expanded {
  readonly table: Table;
  readonly items: readonly ExpandItem[];
}

function addExpanded(context: RequestContext, { table, items }: Expanded, tables: Set<Table>): void {
  for (const item of items) {
    const navigation = table.navigation.get(item.property);
    for (const name of navigation === undefined ? [] : targetsOf(navigation)) {
      const target = context.tables.get(name);
      tables.add(target);
      addExpanded(context, { table: target, items: item.expand ?? [] }, tables);
    }
  }
}
