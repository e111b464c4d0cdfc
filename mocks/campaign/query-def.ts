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
import { formatXml, isTrue, type XmlElement, xml } from './xml.js';

/** How many rows a query gives at most, and where a page begins. */
export interface QueryLimits {
  /** Rows where the query names no `lineCount`. */
  readonly rowCap: number;
  /** Has a page begin one row early, as some builds do. */
  readonly startLineOffByOne: boolean;
}

/**
 * Runs a `queryDef` and gives its result document.
 * https://experienceleague.adobe.com/docs/campaign-classic/using/configuring-campaign-classic/api/data-oriented-apis.html
 */
export function executeQuery(queryDef: XmlElement, view: SessionView, limits: QueryLimits): XmlElement {
  const schema = sourceSchema(queryDef.attributes.schema ?? '', view);
  const context = queryContext(queryDef, view);
  const operation = queryDef.attributes.operation || 'select';
  if (operation === 'count') return xml(schema.name, { count: String(countRows(queryDef, schema, context)) });
  const select = compileSelect(selectNodes(queryDef, schema), schema, context);
  if (operation === 'select') {
    const { start, end } = pageBounds(queryDef, limitsOf(schema, view, limits));
    return xml(`${schema.name}-collection`, {}, results(queryDef, select, schema, context, end).slice(start));
  }
  if (operation !== 'get' && operation !== 'getIfExists') {
    throw new MethodError([`XTK-170006 Unknown operation '${operation}' in the query.`]);
  }
  const [first] = results(queryDef, select, schema, context, 1);
  if (first) return first;
  if (operation === 'getIfExists') return xml(schema.name);
  throw new MethodError([`XSV-350000 The query on schema '${schema.label} (${schema.id})' found no document.`]);
}

/** The rows that a `where` finds, in the order in which they came to be; without one all rows. */
export function matchingRows(where: XmlElement | undefined, schema: CompiledSchema, view: SessionView): readonly Row[] {
  return rowsMatching(where, schema, queryContext(where ?? xml('where'), view));
}

/** The first results of a query, at most `end` of them. */
function results(
  queryDef: XmlElement,
  select: Selection,
  schema: CompiledSchema,
  context: QueryContext,
  end: number,
): readonly XmlElement[] {
  if (!isTrue(queryDef.attributes.distinct)) {
    return firstScopes(queryDef, select, schema, context, end).map((scope) => select.emit(scope));
  }
  const all = firstScopes(queryDef, select, schema, context, Number.POSITIVE_INFINITY);
  return distinct(all.map((scope) => select.emit(scope))).slice(0, end);
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
  return distinct(filterRows(filter, schema, context.view).map((row) => select.emit({ row }))).length;
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
): { start: number; end: number } {
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

function distinct(elements: readonly XmlElement[]): readonly XmlElement[] {
  return [...new Map(elements.map((element) => [formatXml(element), element])).values()];
}
