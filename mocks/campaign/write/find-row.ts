import { notSaved, unknownNode } from '../errors.js';
import { displayName, linksBelow } from '../schema-model.js';
import type { Row } from '../store.js';
import { emptyValue, kindOf, type Value } from '../values.js';
import type { XmlElement } from '../xml.js';
import type { Draft } from './read-draft.js';
import { type TableSchema, valueAt, type WriteContext } from './write-context.js';

/** The row a document is about: by `_key`, else by its id, else by the first key of which it has every part. */
export function findRow(
  document: XmlElement,
  schema: TableSchema,
  draft: Draft,
  context: WriteContext,
): Row | undefined {
  const fields = keyFields(document, schema, draft);
  if (!fields) return undefined;
  const values = fields.map(
    (field) => draft.values[field] ?? emptyValue(kindOf(valueAt(schema, field)?.type ?? 'string')),
  );
  const found = context.view.tableOf(schema).find(fields, values);
  if (found.length > 1) {
    const message = `The key '${fields.join(', ')}' is ambiguous: ${found.length} documents match.`;
    throw notSaved(`XTK-170024 ${message}`, displayName(schema));
  }
  return found[0];
}

function keyFields(document: XmlElement, schema: TableSchema, draft: Draft): readonly string[] | undefined {
  const named = document.attributes._key;
  if (named) {
    const fields = named.split(',').flatMap((xpath) => namedKeyFields(xpath.trim(), schema, draft));
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

function isEligible(fields: readonly string[], allowEmptyPart: boolean, draft: Draft): boolean {
  return fields.every((field) => {
    const value = draft.values[field];
    return value !== undefined && (allowEmptyPart || !isMissing(value));
  });
}

/** `@email`, `location/@city`; `[folder/@name]` is settled by the foreign key that its link was reconciled to. */
function namedKeyFields(xpath: string, schema: TableSchema, draft: Draft): readonly string[] {
  const path = xpath.replace(/^\[(.*)\]$/, '$1').replace(/^\//, '');
  const neutral = path.replaceAll('@', '');
  if (valueAt(schema, neutral)) return [neutral];
  const link = linksBelow(schema.root).find(
    (candidate) => neutral === candidate.path || neutral.startsWith(`${candidate.path}/`),
  );
  if (!link || !draft.links.some((given) => given.link.path === link.path)) {
    const name = neutral.slice(neutral.lastIndexOf('/') + 1);
    throw notSaved(
      `XTK-170036 ${unknownNode(path.includes('@') ? 'Attribute' : 'Element', name, schema)}`,
      displayName(schema),
    );
  }
  return link.joins.map((join) => join.source);
}
