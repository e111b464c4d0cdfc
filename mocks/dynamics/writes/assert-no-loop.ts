import type { RequestContext } from '../context.js';
import { CODES, DynamicsError } from '../errors.js';
import { type Cell, isReference, type RowChanges } from '../store.js';
import type { Table } from '../tables.js';

/** What is to become of a row that is there. */
interface Change {
  readonly table: Table;
  readonly id: string;
  readonly changes: RowChanges;
}

/**
 * Checks that no row comes to stand above itself in a hierarchy of its table.
 * https://learn.microsoft.com/power-apps/developer/data-platform/visualize-hierarchical-data
 *
 * @throws DynamicsError 400 naming the table.
 */
export function assertNoLoop(context: RequestContext, { table, id, changes }: Change): void {
  for (const relationship of context.tables.relationships) {
    if (!relationship.isHierarchical || relationship.referencingEntity !== table.name) continue;
    const parent = changes[relationship.referencingAttribute];
    if (
      !isReference(parent) ||
      !standsAbove(context, { table, id, column: relationship.referencingAttribute }, parent.id)
    )
      continue;
    const { pluralLabel, label } = table.definition;
    throw new DynamicsError(
      400,
      CODES.loop,
      `Creating this parental association would create a loop in ${pluralLabel ?? label} hierarchy.`,
    );
  }
}

interface Hierarchy {
  readonly table: Table;
  readonly id: string;
  readonly column: string;
}

/** Whether a row stands at or above another one. Loops that tests made by other means end where they began. */
function standsAbove({ store }: RequestContext, { table, id, column }: Hierarchy, below: string): boolean {
  const rows = store.table(table.name);
  const passed = new Set<string>();
  let at: string | undefined = below;
  while (at !== undefined && !passed.has(at)) {
    if (at === id) return true;
    passed.add(at);
    const above: Cell | undefined = rows.get(at)?.[column];
    at = isReference(above) ? above.id : undefined;
  }
  return false;
}
