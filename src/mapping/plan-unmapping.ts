import { RequestError } from '../model/errors.js';
import type { TableMapping } from '../model/mapping.js';
import type { XmlElement } from '../model/xml.js';
import { removeTable } from './account-document.js';
import { withoutLinksTo } from './links.js';
import { finishPlan, type MappingPlan } from './mapping-plan.js';
import { accountSchemaName } from './names.js';
import { DEFAULT_NAMESPACE } from './selection.js';
import { documentName } from './target.js';
import { releaseTarget } from './target-document.js';

export interface UnmappingInput {
  /** Name of the external account. */
  readonly account: string;
  /** Logical names of the tables to unmap. */
  readonly tables: readonly string[];
  /** Every mapping of this account. */
  readonly existing: readonly TableMapping[];
  /** The source schemas that exist, of those that `neededForUnmapping` names. */
  readonly sourceSchemas: ReadonlyMap<string, XmlElement>;
  /** Customer namespace that schemas are made in; `cus` where none is given. */
  readonly namespace?: string;
}

/**
 * Plans what must change in Campaign for tables to be mapped no more: what was made for them goes, and nothing else. A schema made for a
 * table goes as a whole unless somebody added to it. Rejects with NOT_FOUND, naming the input, a table that is not mapped.
 */
export function planUnmapping(input: UnmappingInput): MappingPlan {
  const gone = input.tables.map((table, index) => findMapping(input, table, `tables.${index}`));
  const staying = input.existing.filter((mapping) => !gone.includes(mapping));
  const documents = new Map(input.sourceSchemas);
  for (const mapping of gone) {
    const target = documentName(mapping.schema, input.namespace ?? DEFAULT_NAMESPACE);
    update(documents, target, (document) => releaseTarget(document, mapping, staying));
    update(documents, accountSchemaName(input.account), (document) => removeTable(document, mapping.table));
  }
  for (const mapping of staying) {
    const isGone = (schema: string, key: string) => !staying.some((one) => one.schema === schema && one.key === key);
    const target = documentName(mapping.schema, input.namespace ?? DEFAULT_NAMESPACE);
    update(documents, target, (document) => withoutLinksTo(document, isGone));
  }
  return finishPlan({ mappings: staying, before: input.existing, documents, sourceSchemas: input.sourceSchemas });
}

/** The names of the source schemas that `planUnmapping` must be told of. */
export function neededForUnmapping(
  input: Pick<UnmappingInput, 'account' | 'existing' | 'namespace'>,
): readonly string[] {
  const namespace = input.namespace ?? DEFAULT_NAMESPACE;
  const documents = input.existing.map((mapping) => documentName(mapping.schema, namespace));
  return [...new Set([accountSchemaName(input.account), ...documents])];
}

function findMapping(input: UnmappingInput, table: string, field: string): TableMapping {
  const mapping = input.existing.find((one) => one.table === table);
  if (mapping) return mapping;
  throw new RequestError('NOT_FOUND', `Table "${table}" is not mapped for account "${input.account}".`, { field });
}

function update(
  documents: Map<string, XmlElement>,
  name: string,
  change: (document: XmlElement) => XmlElement | null,
): void {
  const document = documents.get(name);
  if (!document) return;
  const next = change(document);
  if (next) documents.set(name, next);
  else documents.delete(name);
}
