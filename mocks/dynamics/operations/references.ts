import type { RequestContext } from '../context.js';
import { queryError, rowNotFound } from '../errors.js';
import { isGuid, normalizeGuid } from '../resource-path.js';
import type { Reference, Row } from '../store.js';
import { isObject, readReference } from '../writes/payload.js';

const TYPE_NAMESPACE = /^#?Microsoft\.Dynamics\.CRM\./;

/**
 * A row in the body of an action: its type and its id, or its URL as `@odata.id`. Whether it exists is not asked.
 *
 * @throws DynamicsError 400 naming the parameter that holds no row.
 */
export function referenceIn(context: RequestContext, value: unknown, name: string): Reference {
  if (isObject(value) && typeof value['@odata.id'] === 'string') return readReference(context, value['@odata.id']);
  const type = isObject(value) ? value['@odata.type'] : undefined;
  const table = typeof type === 'string' ? context.tables.find(type.replace(TYPE_NAMESPACE, '')) : undefined;
  const id = table === undefined || !isObject(value) ? undefined : value[table.definition.primaryId];
  if (table === undefined || typeof id !== 'string' || !isGuid(id)) {
    throw queryError(`Expected ${name} to hold a row with "@odata.type" and its id.`);
  }
  return { table: table.name, id: normalizeGuid(id) };
}

/** The same where the parameter may be left out or null. */
export function optionalReference(context: RequestContext, value: unknown, name: string): Reference | null {
  return value === undefined || value === null ? null : referenceIn(context, value, name);
}

/** @throws DynamicsError 404 where the row does not exist. */
export function requireReferenced(context: RequestContext, { table, id }: Reference): Row {
  const row = context.store.row({ table, id });
  if (row === undefined) throw rowNotFound(table, id);
  return row;
}
