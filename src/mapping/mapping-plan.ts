import type { TableMapping } from '../model/mapping.js';
import type { XmlElement } from '../model/xml.js';
import type { SkippedColumn } from './choose-columns.js';
import { orderWrites, type SchemaWrite } from './order-writes.js';
import { describeChanges, type SchemaChange } from './schema-changes.js';

/** What to write to Campaign, and the mappings to keep once it is written. */
export interface MappingPlan {
  /** Every mapping of the account from now on. */
  readonly mappings: readonly TableMapping[];
  readonly documents: readonly PlannedDocument[];
  /** The steps that write the documents which change, in their order. */
  readonly writes: readonly SchemaWrite[];
  /** Empty where nothing is to be done. */
  readonly changes: readonly SchemaChange[];
  /** Columns of the tables selected as a whole that cannot be mapped. */
  readonly skipped: readonly SkippedColumn[];
}

/** A source schema as it is to be; a null `document` is one to delete. Only those with `changed` need be written. */
export interface PlannedDocument {
  readonly name: string;
  readonly document: XmlElement | null;
  readonly isNew: boolean;
  readonly changed: boolean;
}

/** Compares what was planned with what there is. `documents` are all source schemas as they are to be, `sourceSchemas` as they are. */
export function finishPlan(parts: {
  readonly mappings: readonly TableMapping[];
  readonly before: readonly TableMapping[];
  readonly documents: ReadonlyMap<string, XmlElement>;
  readonly sourceSchemas: ReadonlyMap<string, XmlElement>;
  readonly skipped?: readonly SkippedColumn[];
}): MappingPlan {
  const names = new Set([...parts.documents.keys(), ...parts.sourceSchemas.keys()]);
  const changes: SchemaChange[] = [];
  const documents = [...names].map((name): PlannedDocument => {
    const held = parts.sourceSchemas.get(name) ?? null;
    const document = parts.documents.get(name) ?? null;
    const differences = describeChanges(name, held, document);
    changes.push(...differences);
    return { name, document, isNew: held === null, changed: differences.length > 0 };
  });
  changes.push(...mappingChanges(parts.before, parts.mappings));
  const changed = new Map(documents.filter((one) => one.changed).map((one) => [one.name, one.document]));
  const writes = orderWrites(changed, parts.sourceSchemas);
  return { mappings: parts.mappings, documents, writes, changes, skipped: parts.skipped ?? [] };
}

function mappingChanges(before: readonly TableMapping[], after: readonly TableMapping[]): SchemaChange[] {
  const kept = new Set(after.map((mapping) => mapping.table));
  const changes = after.flatMap((mapping): SchemaChange[] => {
    const held = before.find((one) => one.table === mapping.table);
    if (held && sameMapping(held, mapping)) return [];
    return [{ kind: held ? 'CHANGE_MAPPING' : 'ADD_MAPPING', subject: mapping.table, detail: describe(mapping) }];
  });
  const gone = before.filter((mapping) => !kept.has(mapping.table));
  return [
    ...changes,
    ...gone.map((one): SchemaChange => ({ kind: 'REMOVE_MAPPING', subject: one.table, detail: describe(one) })),
  ];
}

/** `contact → nms:recipient by @crmId, 34 columns` */
function describe({ table, schema, key, fields }: TableMapping): string {
  return `${table} → ${schema} by ${key}, ${fields.length} column${fields.length === 1 ? '' : 's'}`;
}

function sameMapping(one: TableMapping, other: TableMapping): boolean {
  if (one.account !== other.account || one.schema !== other.schema || one.key !== other.key) return false;
  const text = (mapping: TableMapping) =>
    mapping.fields.map((field) => `${field.column} ${field.path} ${field.conversion} ${field.direction}`).join('\n');
  return text(one) === text(other);
}
