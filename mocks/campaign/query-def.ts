import { MethodError } from './errors.js';
import type { Scope } from './expression/compile.js';
import { clause, nodesOf } from './query/clauses.js';
import { type QueryContext, queryContext } from './query/context.js';
import { groupsOf, isGrouped } from './query/groups.js';
import { compileOrders, orderedRows, sortScopes } from './query/orders.js';
import { filterRows, rowFilter, matchingRows as rowsMatching, sourceSchema } from './query/rows.js';
import type { CompiledSchema } from './schema-model.js';
import { compileSelect, type Selection } from './select.js';
import type { SessionView } from './session-view.js';
import type { Row } from './store.js';
import { TextPieces } from './text-pieces.js';
import { isTrue, type XmlElement, xml } from './xml.js';

/** How many rows a query gives at most, and where a page begins. */
export interface QueryLimits {
  /** Rows where the query names no `lineCount`. */
  readonly rowCap: number;
  /** Has a page begin one row early, as some builds do. */
  readonly startLineOffByOne: boolean;
}

/**
 * Runs a `queryDef` and gives the text of its result document, written from the rows piece by piece.
 * https://experienceleague.adobe.com/docs/campaign-classic/using/configuring-campaign-classic/api/data-oriented-apis.html
 */
export function executeQuery(queryDef: XmlElement, view: SessionView, limits: QueryLimits): TextPieces {
  const schema = sourceSchema(queryDef.attributes.schema ?? '', view);
  const context = queryContext(queryDef, view);
  const operation = queryDef.attributes.operation || 'select';
  const out = new TextPieces();
  if (operation === 'count') return out.add(`<${schema.name} count="${countRows(queryDef, schema, context)}"/>`);
  const select = compileSelect(selectNodes(queryDef, schema), schema, context);
  if (operation === 'select') {
    const bounds = pageBounds(queryDef, limitsOf(schema, view, limits));
    return writeCollection(schema.name, results(queryDef, select, schema, context, bounds), out);
  }
  if (operation !== 'get' && operation !== 'getIfExists') {
    throw new MethodError([`XTK-170006 Unknown operation '${operation}' in the query.`]);
  }
  for (const first of results(queryDef, select, schema, context, { start: 0, end: 1 })) return out.add(first);
  if (operation === 'getIfExists') return out.add(`<${schema.name}/>`);
  throw new MethodError([`XSV-350000 The query on schema '${schema.label} (${schema.id})' found no document.`]);
}

function writeCollection(name: string, results: Iterable<string>, out: TextPieces): TextPieces {
  let isEmpty = true;
  for (const result of results) {
    if (isEmpty) out.add(`<${name}-collection>`);
    out.add(result);
    isEmpty = false;
  }
  return out.add(isEmpty ? `<${name}-collection/>` : `</${name}-collection>`);
}

/** The rows that a `where` finds, in the order in which they came to be; without one all rows. */
export function matchingRows(where: XmlElement | undefined, schema: CompiledSchema, view: SessionView): readonly Row[] {
  return rowsMatching(where, schema, queryContext(where ?? xml('where'), view));
}

/** A page of the results of a query: from `start`, up to but without `end`. */
interface PageBounds {
  readonly start: number;
  readonly end: number;
}

/** The results of a page, each as text. */
function* results(
  queryDef: XmlElement,
  select: Selection,
  schema: CompiledSchema,
  context: QueryContext,
  { start, end }: PageBounds,
): Iterable<string> {
  if (isTrue(queryDef.attributes.distinct)) {
    yield* distinct(queryDef, select, schema, context).slice(start, end);
    return;
  }
  const scopes = firstScopes(queryDef, select, schema, context, end);
  for (let index = start; index < scopes.length; index += 1) {
    const scope = scopes[index];
    if (scope) yield select.format(scope);
  }
}

function distinct(
  queryDef: XmlElement,
  select: Selection,
  schema: CompiledSchema,
  context: QueryContext,
): readonly string[] {
  const all = firstScopes(queryDef, select, schema, context, Number.POSITIVE_INFINITY);
  return [...new Set(all.map((scope) => select.format(scope)))];
}

function firstScopes(
  queryDef: XmlElement,
  select: Selection,
  schema: CompiledSchema,
  context: QueryContext,
  end: number,
): readonly Scope[] {
  const filter = rowFilter(clause(queryDef, 'where'), schema, context);
  const orders = compileOrders(nodesOf(queryDef, 'orderBy'), schema, context);
  if (!isGrouped(queryDef, select)) {
    return orderedRows(filter, orders, schema, context.view, end).map((row) => ({ row }));
  }
  const rows = filterRows(filter, schema, context.view);
  return sortScopes(groupsOf(queryDef, schema, select, rows, context), orders).slice(0, end);
}

function countRows(queryDef: XmlElement, schema: CompiledSchema, context: QueryContext): number {
  const filter = rowFilter(clause(queryDef, 'where'), schema, context);
  if (!isTrue(queryDef.attributes.distinct)) {
    return filter ? filterRows(filter, schema, context.view).length : context.view.tableOf(schema).size;
  }
  const select = compileSelect(selectNodes(queryDef, schema), schema, context);
  return new Set(filterRows(filter, schema, context.view).map((row) => select.format({ row }))).size;
}

const SCHEMA_LISTS: ReadonlySet<string> = new Set(['xtk:schema', 'xtk:srcSchema']);

/** The option `XtkQuery_Schema_LineCount` caps queries for schemas. */
function limitsOf(schema: CompiledSchema, view: SessionView, limits: QueryLimits): QueryLimits & { cap?: number } {
  const options = SCHEMA_LISTS.has(schema.id) ? view.lookup('xtk:option') : undefined;
  const [option] = options ? view.tableOf(options).find(['name'], ['XtkQuery_Schema_LineCount']) : [];
  const cap = Number(option?.values.longValue || option?.values.stringValue || 0);
  return cap > 0 ? { ...limits, cap } : limits;
}

function selectNodes(queryDef: XmlElement, schema: CompiledSchema): readonly XmlElement[] {
  if (isTrue(queryDef.attributes.fullLoad)) return allNodes(schema);
  const nodes = nodesOf(queryDef, 'select');
  if (nodes.length > 0) return nodes;
  const key = schema.keys.find((candidate) => candidate.internal) ?? schema.keys[0];
  return (key?.fields ?? []).map((field) => xml('node', { expr: pathExpression(field) }));
}

/** A `node` for every attribute and memo of a schema, not through links: what `SelectAll` adds. */
export function allNodes(schema: CompiledSchema): readonly XmlElement[] {
  if (!schema.root) return [];
  const paths: string[] = [];
  collectPaths(schema.root, '', paths);
  return paths.map((expr) => xml('node', { expr }));
}

function collectPaths(element: NonNullable<CompiledSchema['root']>, prefix: string, into: string[]): void {
  for (const name of element.attributes.keys())
    into.push(prefix === '' && !name.includes('-') ? `@${name}` : `[${prefix}@${name}]`);
  for (const [name, child] of element.children) {
    if (child.kind === 'value') into.push(`[${prefix}${name}]`);
    if (child.kind === 'element') collectPaths(child, `${prefix}${name}/`, into);
  }
}

function pathExpression(path: string): string {
  const at = path.lastIndexOf('/') + 1;
  return `[${path.slice(0, at)}@${path.slice(at)}]`;
}

function pageBounds(
  { attributes }: XmlElement,
  { rowCap, startLineOffByOne, cap = Number.POSITIVE_INFINITY }: QueryLimits & { cap?: number },
): PageBounds {
  const startLine = lineNumber(attributes.startLine, 'startLine');
  const start = startLineOffByOne ? Math.max(0, startLine - 1) : startLine;
  return { start, end: start + Math.min(lineNumber(attributes.lineCount, 'lineCount') || rowCap, cap) };
}

function lineNumber(text: string | undefined, name: string): number {
  if (text === undefined || text === '') return 0;
  if (!/^\d+$/.test(text))
    throw new MethodError([`XTK-170006 The attribute '${name}' of the query is '${text}', not a number.`]);
  return Number(text);
}
