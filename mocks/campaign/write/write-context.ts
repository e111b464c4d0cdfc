import { accessDenied, missingXtkschema, noDataSource, unknownSchema } from '../errors.js';
import { type Compiled, compileExpression } from '../expression/compile.js';
import { type CompiledSchema, type ElementNode, type ValueNode, valuesBelow } from '../schema-model.js';
import type { SessionView } from '../session-view.js';
import type { Store } from '../store.js';
import { formatMoment } from '../values.js';

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
  if (!hasRows(schema)) throw noDataSource(schema.id);
  return schema;
}

function hasRows(schema: CompiledSchema): schema is TableSchema {
  return schema.root !== null && schema.table !== null;
}

const MOMENTS = new WeakMap<WriteContext, string>();

/** When a write takes place: one moment for all that it changes, as in a database. */
export function momentOf(context: WriteContext): string {
  let moment = MOMENTS.get(context);
  if (moment === undefined) {
    moment = formatMoment(context.view.now());
    MOMENTS.set(context, moment);
  }
  return moment;
}

const FORMULAS = new WeakMap<WriteContext, Map<string, Compiled>>();

/** A default's expression, compiled once for each write. */
export function compileDefault(source: string, schema: TableSchema, context: WriteContext): Compiled {
  let formulas = FORMULAS.get(context);
  if (!formulas) {
    formulas = new Map();
    FORMULAS.set(context, formulas);
  }
  const key = `${schema.id} ${source}`;
  const compiled = formulas.get(key) ?? compileExpression(source, schema, context.view);
  formulas.set(key, compiled);
  return compiled;
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
