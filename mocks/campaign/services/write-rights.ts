import { assertRight, hasRight, type Operator } from '../operators.js';
import type { Draft } from '../write/draft.js';
import { findRow } from '../write/find-row.js';
import type { WriteContext } from '../write/write-context.js';
import { leadsNowhere } from '../write/writes.js';

/** Schemas of the administration: who writes to them needs the right named beside them. */
const NEEDED: Readonly<Record<string, string>> = {
  'xtk:srcSchema': 'admin',
  'xtk:option': 'admin',
  'xtk:operator': 'admin',
  'xtk:group': 'admin',
  'xtk:operatorGroup': 'admin',
  'xtk:rights': 'admin',
  'nms:extAccount': 'admin',
  'xtk:workflow': 'workflow',
};

const FOLDER_RIGHTS: Readonly<Record<string, string>> = {
  insert: 'folderInsert',
  delete: 'folderDelete',
};

/**
 * Refuses a document that its operator has no right to write, whether it stands by itself or at the end of a link. What comes before it
 * in a collection must have been written, as links may name that.
 */
export function assertMayWrite(draft: Draft, operator: Operator, context: WriteContext): void {
  assertMayChange(draft.schemaId, draft.operation, operator);
  assertMayWriteLinked(draft, operator, context);
}

/** Refuses a document of the schemas, whatever it says. */
export function assertMayWriteSources(operator: Operator): void {
  assertMayChange('xtk:srcSchema', '', operator);
}

/** Refuses the deletion of many documents at once. */
export function assertMayDelete(schemaId: string, operator: Operator): void {
  assertMayChange(schemaId, 'delete', operator);
}

function assertMayWriteLinked(owner: Draft, operator: Operator, context: WriteContext): void {
  for (const { draft } of [...owner.links, ...owner.collections]) {
    const right = neededRight(draft.schemaId, draft.operation);
    const isAllowed = right === undefined || hasRight(operator, right) || changesNothing(draft, context);
    if (!isAllowed) assertMayChange(draft.schemaId, draft.operation, operator);
    assertMayWriteLinked(draft, operator, context);
  }
}

function assertMayChange(schemaId: string, operation: string, operator: Operator): void {
  const right = neededRight(schemaId, operation);
  const deed = schemaId === 'xtk:folder' ? 'write folders' : `write documents of type '${schemaId}'`;
  if (right !== undefined) assertRight(operator, right, deed);
}

function neededRight(schemaId: string, operation: string): string | undefined {
  return schemaId === 'xtk:folder' ? (FOLDER_RIGHTS[operation] ?? 'folderEdit') : NEEDED[schemaId];
}

/** A link that is only reconciled, or that names one key of what there is and nothing else, changes nothing at its other end. */
function changesNothing(draft: Draft, context: WriteContext): boolean {
  const { operation, named, hasElements } = draft;
  if (operation === 'none') return true;
  if (hasElements || named > 1 || operation === 'insert' || operation === 'delete') return false;
  return leadsNowhere(draft) || isFound(draft, context);
}

function isFound(draft: Draft, context: WriteContext): boolean {
  const { schema, problem } = draft;
  return schema !== undefined && problem === undefined && findRow(schema, draft, context) !== undefined;
}
