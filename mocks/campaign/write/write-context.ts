import { accessDenied, missingXtkschema, noDataSource, unknownSchema } from '../errors.js';
import { compileExpression } from '../expression/compile.js';
import {
  type CompiledSchema,
  type ElementNode,
  type LinkNode,
  type SchemaNode,
  type ValueNode,
  valuesBelow,
} from '../schema-model.js';
import type { SessionView } from '../session-view.js';
import type { Store } from '../store.js';
import { castText, formatMoment, type Value } from '../values.js';

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
export const SCHEMAS_APART =
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

const DEFAULTS = new WeakMap<WriteContext, Map<SchemaNode, Value>>();
const DIFFERENT_EACH_TIME = /random|newuuid/i;

/** The value of a default, worked out once for each write unless it is to differ from row to row. */
export function defaultValue(node: ValueNode | LinkNode, schema: TableSchema, context: WriteContext): Value {
  let values = DEFAULTS.get(context);
  if (!values) {
    values = new Map();
    DEFAULTS.set(context, values);
  }
  const known = values.get(node);
  if (known !== undefined) return known;
  const source = node.default ?? '';
  const computed = compileExpression(source, schema, context.view).evaluate({ row: null });
  const value = castText(computed === null ? '' : String(computed), node.kind === 'value' ? node.type : 'long');
  // The default folder may come with the same write.
  if (value !== 0 && !DIFFERENT_EACH_TIME.test(source)) values.set(node, value);
  return value;
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
