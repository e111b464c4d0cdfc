import { databaseError, type MethodError, notSaved } from '../errors.js';
import { type CompiledSchema, displayName, type LinkNode, linksBelow, valuesBelow } from '../schema-model.js';
import { followLink, type SessionView } from '../session-view.js';
import type { Row, Store } from '../store.js';
import { emptyValue, kindOf, type Value } from '../values.js';

/**
 * Deletes a row and does to the rows linked to it what the integrity of each link says: `own` and `owncopy` delete them,
 * `normal` clears their foreign keys, `define` forbids the deletion, `neutral` leaves them.
 * https://experienceleague.adobe.com/docs/campaign-classic/using/configuring-campaign-classic/schema-reference/database-links.html
 */
export function deleteRow(row: Row, schema: CompiledSchema, context: DeleteContext): void {
  // A list instead of a recursion: chains of rows that own each other, as folders do, may be of any length.
  const open = [removeRow(row, schema, context)];
  for (let current = open.at(-1); current; current = open.at(-1)) {
    const { value: owned } = current.next();
    if (owned) open.push(removeRow(owned.row, owned.schema, context));
    else open.pop();
  }
}

interface DeleteContext {
  readonly view: SessionView;
  readonly store: Store;
}

/** Removes one row, sees to the rows linked to it, and gives those that it owned. */
function* removeRow(
  row: Row,
  schema: CompiledSchema,
  { view, store }: DeleteContext,
): Generator<{ readonly row: Row; readonly schema: CompiledSchema }, undefined> {
  const table = view.tableOf(schema);
  if (!table.get(row.serial)) return;
  store.remove(table, row);
  for (const link of schema.root ? linksBelow(schema.root) : []) {
    if (link.integrity === 'neutral') continue;
    const target = view.lookup(link.target);
    // A foreign key of the deleted row itself is gone with it: only the other side's needs clearing.
    if (!target?.table || (link.integrity === 'normal' && leadsToKey(link, target))) continue;
    for (const linked of followLink(view, row, link)) {
      if (link.integrity === 'define') throw stillLinked(schema, target);
      if (link.integrity === 'own' || link.integrity === 'owncopy') yield { row: linked, schema: target };
      else store.update(view.tableOf(target), linked, { ...linked.values, ...cleared(target, link.joins) });
    }
  }
}

function stillLinked(schema: CompiledSchema, target: CompiledSchema): MethodError {
  const message = `ERROR: update or delete on table "${schema.table}" violates foreign key constraint of "${target.table}"`;
  return notSaved(databaseError(message), displayName(schema));
}

function leadsToKey(link: LinkNode, target: CompiledSchema): boolean {
  return target.keys.some((key) => link.joins.every((join) => key.fields.includes(join.destination)));
}

function cleared(schema: CompiledSchema, joins: readonly { destination: string }[]): Record<string, Value> {
  const values = schema.root ? valuesBelow(schema.root) : [];
  return Object.fromEntries(
    joins.map(({ destination }) => {
      const node = values.find((value) => value.path === destination);
      return [destination, emptyValue(kindOf(node?.type ?? 'string'))];
    }),
  );
}
