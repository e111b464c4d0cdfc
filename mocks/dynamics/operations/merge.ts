import type { MockResponse } from '../../control.js';
import { answerNothing, type RequestContext } from '../context.js';
import { CODES, DynamicsError, queryError } from '../errors.js';
import { assertAccess } from '../reach.js';
import { isReference, type Reference } from '../store.js';
import { isObject, type JsonBody } from '../writes/payload.js';
import { changeRow, updateRow } from '../writes/write-rows.js';
import { referenceIn, requireReferenced } from './references.js';

const MERGEABLE = ['account', 'contact', 'lead', 'incident'];

/**
 * Merges one row into another of the same table: the target takes the content of the body and what hung on the subordinate, which is
 * left inactive and points at the target. https://learn.microsoft.com/power-apps/developer/data-platform/merge-records
 */
export function merge(context: RequestContext, body: JsonBody): MockResponse {
  const target = referenceIn(context, body.Target, 'Target');
  const subordinate = referenceIn(context, body.Subordinate, 'Subordinate');
  assertMergeable(context, target, subordinate);
  const table = context.tables.get(target.table);
  moveRelated(context, subordinate, target);
  if (isObject(body.UpdateContent)) {
    const { [table.definition.primaryId]: _, ...content } = body.UpdateContent;
    updateRow(context, table, requireReferenced(context, target), content);
  }
  changeRow(context, table, requireReferenced(context, subordinate), {
    masterid: target,
    merged: true,
    statecode: lastState(context, target),
  });
  return answerNothing();
}

function assertMergeable(context: RequestContext, target: Reference, subordinate: Reference): void {
  if (target.table !== subordinate.table || !MERGEABLE.includes(target.table))
    throw queryError(`Merge expects Target and Subordinate to be two rows of ${MERGEABLE.join(', ')}.`);
  if (target.id === subordinate.id)
    throw new DynamicsError(400, CODES.invalidArgument, 'A record cannot be merged with itself.');
  for (const reference of [target, subordinate]) {
    const { merged } = requireReferenced(context, reference);
    if (merged === true)
      throw new DynamicsError(
        400,
        CODES.invalidArgument,
        `${reference.table} With Id = ${reference.id} is merged already.`,
      );
  }
  const table = context.tables.get(target.table);
  for (const reference of [target, subordinate])
    assertAccess(context, 'Write', { table, row: requireReferenced(context, reference) });
}

/** Deactivated rows are in the last state of their table; those of a lead are disqualified. */
function lastState({ tables }: RequestContext, { table }: Reference): number {
  return tables.get(table).columns.get('statecode')?.options?.at(-1)?.value ?? 1;
}

/** What points at one row points at the other from then on. */
function moveRelated(context: RequestContext, from: Reference, to: Reference): void {
  for (const relationship of context.tables.relationships) {
    if (relationship.referencedEntity !== from.table) continue;
    const table = context.tables.get(relationship.referencingEntity);
    const rows = context.store.table(table.name);
    for (const id of [...rows.idsWith(relationship.referencingAttribute, from.id)]) {
      const row = rows.get(id);
      const cell = row?.[relationship.referencingAttribute];
      const isTarget = table.name === to.table && id === to.id;
      if (row !== undefined && isReference(cell) && cell.table === from.table)
        changeRow(context, table, row, { [relationship.referencingAttribute]: isTarget ? null : to });
    }
  }
}
