import { assertRight, type Operator } from '../operators.js';
import type { ElementNode } from '../schema-model.js';
import type { XmlElement } from '../xml.js';
import type { MethodCall } from './method.js';

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
export function assertMayWrite(document: XmlElement, schemaId: string | undefined, call: MethodCall): void {
  const id = document.attributes.xtkschema ?? schemaId ?? '';
  assertMayChange(id, document.attributes._operation, call.session.operator);
  const root = call.view.lookup(id)?.root;
  if (root) assertLinks(document, root, call);
}

/** Refuses the deletion of many documents at once. */
export function assertMayDelete(schemaId: string, operator: Operator): void {
  assertMayChange(schemaId, 'delete', operator);
}

function assertMayChange(schemaId: string, operation: string | undefined, operator: Operator): void {
  if (schemaId === 'xtk:folder') {
    assertRight(operator, FOLDER_RIGHTS[operation ?? ''] ?? 'folderEdit', 'write folders');
    return;
  }
  const right = NEEDED[schemaId];
  if (right !== undefined) assertRight(operator, right, `write documents of type '${schemaId}'`);
}

/** Links that are only reconciled change nothing at their other end. */
function assertLinks(element: XmlElement, node: ElementNode, call: MethodCall): void {
  for (const child of element.children) {
    const childNode = node.children.get(child.name);
    if (childNode?.kind === 'element') assertLinks(child, childNode, call);
    if (childNode?.kind !== 'link' || child.attributes._operation === 'none' || isReference(child)) continue;
    assertMayWrite(child, childNode.target, call);
  }
}

/** A link that names one key and nothing else finds a document, and has nothing to write into it. */
function isReference({ attributes, children }: XmlElement): boolean {
  return children.length === 0 && Object.keys(attributes).filter((name) => !name.startsWith('_')).length <= 1;
}
