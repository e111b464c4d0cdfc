import { accessDenied, missingXtkschema, noDataSource, unknownSchema } from '../errors.js';
import { type CompiledSchema, type ElementNode, type ValueNode, valuesBelow } from '../schema-model.js';
import type { SessionView } from '../session-view.js';
import type { Store } from '../store.js';

/** What writes work on. */
export interface WriteContext {
  readonly view: SessionView;
  readonly store: Store;
  /** Whether attributes and elements that the schema does not know are left out instead of refused. */
  readonly ignoreUnknown: boolean;
}

/** A schema that has rows. */
export type TableSchema = CompiledSchema & { readonly root: ElementNode };

/** Schemas are not rows: what is compiled cannot be written at all. */
const SCHEMAS_APART =
  'Source schemas are written in a document or collection of their own; compiled schemas are built from them.';

/** The schema that a document names by `xtkschema`; `root` is the document's element, for the fault where it names none. */
export function schemaOf(id: string | undefined, root: string, view: SessionView): TableSchema {
  if (!id) throw missingXtkschema(root);
  if (id === 'xtk:schema' || id === 'xtk:srcSchema') throw accessDenied(SCHEMAS_APART);
  const schema = view.lookup(id);
  if (!schema) throw unknownSchema(id);
  return withRoot(schema);
}

function withRoot(schema: CompiledSchema): TableSchema {
  if (!schema.root || schema.table === null) throw noDataSource(schema.id);
  return { ...schema, root: schema.root };
}

const BY_PATH = new WeakMap<ElementNode, ReadonlyMap<string, ValueNode>>();

/** The attribute or memo at a path without `@`, not through links. */
export function valueAt(schema: TableSchema, path: string): ValueNode | undefined {
  let byPath = BY_PATH.get(schema.root);
  if (!byPath) {
    byPath = new Map(valuesBelow(schema.root).map((node) => [node.path, node]));
    BY_PATH.set(schema.root, byPath);
  }
  return byPath.get(path);
}
