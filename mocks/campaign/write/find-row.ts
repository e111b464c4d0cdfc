import { notSaved, unknownNode } from '../errors.js';
import { ownText } from '../own-text.js';
import { displayName, type ElementNode, type LinkNode, linksBelow } from '../schema-model.js';
import type { Row } from '../store.js';
import type { Value } from '../values.js';
import type { Draft } from './draft.js';
import { type TableSchema, valueAt, type WriteContext } from './write-context.js';

/** The row a document is about: by `_key`, else by its id, else by the first key of which it has every part. */
export function findRow(schema: TableSchema, draft: Draft, context: WriteContext): Row | undefined {
  const fields = keyFields(schema, draft);
  if (!fields) return undefined;
  const values = fields.map((field) => draft.values[field]);
  const found = context.view.tableOf(schema).findSame(fields, values);
  if (found.length > 1) {
    const message = `The key '${fields.join(', ')}' is ambiguous: ${found.length} documents match.`;
    throw notSaved(`XTK-170024 ${message}`, displayName(schema));
  }
  return found[0];
}

function keyFields(schema: TableSchema, draft: Draft): readonly string[] | undefined {
  if (draft.key !== '') {
    const fields = namedKey(draft.key, schema).flatMap((part) => fieldsOf(part, schema, draft));
    assertKeyGiven(fields, schema, draft);
    return fields;
  }
  if (schema.autopk && draft.values.id !== undefined && draft.values.id !== 0) return ['id'];
  const eligible = schema.keys.find(
    (key) => !(key.internal && schema.autopk) && isEligible(key.fields, key.allowEmptyPart, draft),
  );
  return eligible?.fields;
}

/** A named key must have a value for each part: without one it would find any row that has none either. */
function assertKeyGiven(fields: readonly string[], schema: TableSchema, draft: Draft): void {
  const missing = fields.find((field) => isMissing(draft.values[field]));
  if (missing === undefined) return;
  const message = `The key '${fields.join(', ')}' has no value for '${missing}' in the document.`;
  throw notSaved(`XTK-170024 ${message}`, displayName(schema));
}

function isMissing(value: Value | undefined): boolean {
  return value === undefined || value === '' || value === null;
}

/** A key that may be empty in part needs one value that is not; 0 is as good as none. */
function isEligible(fields: readonly string[], allowEmptyPart: boolean, draft: Draft): boolean {
  if (!allowEmptyPart) return !fields.some((field) => isMissing(draft.values[field]));
  return fields.some((field) => !isMissing(draft.values[field]) && draft.values[field] !== 0);
}

/** A part of a `_key`: an attribute of the schema itself, or the foreign keys of a link that the document reconciles. */
type KeyPart = { readonly kind: 'field'; readonly path: string } | { readonly kind: 'link'; readonly link: LinkNode };

const NAMED_KEYS = new WeakMap<ElementNode, Map<string, readonly KeyPart[]>>();
const MAX_NAMED_KEYS = 100;

/** `@email, [folder/@name]`, read once for all the documents that name it. */
function namedKey(text: string, schema: TableSchema): readonly KeyPart[] {
  let known = NAMED_KEYS.get(schema.root);
  if (!known) {
    known = new Map();
    NAMED_KEYS.set(schema.root, known);
  }
  let parts = known.get(text);
  if (!parts) {
    parts = ownText(text)
      .split(',')
      .map((xpath) => keyPart(xpath.trim(), schema));
    if (known.size < MAX_NAMED_KEYS) known.set(ownText(text), parts);
  }
  return parts;
}

function keyPart(xpath: string, schema: TableSchema): KeyPart {
  const path = xpath.replace(/^\[(.*)\]$/, '$1').replace(/^\//, '');
  const neutral = path.replaceAll('@', '');
  const value = valueAt(schema, neutral);
  if (value && value.expr === null) return { kind: 'field', path: neutral };
  const link = linksBelow(schema.root).find(
    (candidate) => neutral === candidate.path || neutral.startsWith(`${candidate.path}/`),
  );
  if (link && !link.unbound) return { kind: 'link', link };
  return unknownKey(path, schema);
}

function fieldsOf(part: KeyPart, schema: TableSchema, draft: Draft): readonly string[] {
  if (part.kind === 'field') return [part.path];
  if (!draft.links.some((given) => given.link.path === part.link.path)) {
    const message = `The key names the link '${part.link.path}', which the document does not hold.`;
    throw notSaved(`XTK-170024 ${message}`, displayName(schema));
  }
  return part.link.joins.map((join) => join.source);
}

function unknownKey(path: string, schema: TableSchema): never {
  const name = path.slice(path.lastIndexOf('/') + 1).replace('@', '');
  const cause = unknownNode(path.includes('@') ? 'Attribute' : 'Element', name, schema);
  throw notSaved(`XTK-170036 ${cause}`, displayName(schema));
}
