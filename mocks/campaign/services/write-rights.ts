import { assertRight, type Operator } from '../operators.js';
import type { Draft } from '../write/draft.js';

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

/** Refuses a document that its operator has no right to write, whether it stands by itself or at the end of a link. */
export function assertMayWrite(draft: Draft, operator: Operator): void {
  assertMayChange(draft.schemaId, draft.operation, operator);
  for (const { draft: linked } of [...draft.links, ...draft.collections]) {
    // Links that are only reconciled change nothing at their other end.
    if (linked.operation !== 'none' && !isReference(linked)) assertMayWrite(linked, operator);
  }
}

/** Refuses a document of the schemas, whatever it says. */
export function assertMayWriteSources(operator: Operator): void {
  assertMayChange('xtk:srcSchema', '', operator);
}

/** Refuses the deletion of many documents at once. */
export function assertMayDelete(schemaId: string, operator: Operator): void {
  assertMayChange(schemaId, 'delete', operator);
}

function assertMayChange(schemaId: string, operation: string, operator: Operator): void {
  if (schemaId === 'xtk:folder') {
    assertRight(operator, FOLDER_RIGHTS[operation] ?? 'folderEdit', 'write folders');
    return;
  }
  const right = NEEDED[schemaId];
  if (right !== undefined) assertRight(operator, right, `write documents of type '${schemaId}'`);
}

/** A link that names one key and nothing else finds a document, and has nothing to write into it. */
function isReference({ named, hasElements }: Draft): boolean {
  return !hasElements && named <= 1;
}
