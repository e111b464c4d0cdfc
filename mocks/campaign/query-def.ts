import { badExpression, MethodError, noDataSource, unknownSchema } from './errors.js';
import { type Candidates, type Compiled, compileExpression, logic, type Scope } from './expression/compile.js';
import { compareOperands, isTruthy, type Operand } from './expression/operand.js';
import { type CompiledSchema, resolvePath, UnknownStep } from './schema-model.js';
import { compileSelect, type Selection } from './select.js';
import { followLinks, type SessionView } from './session-view.js';
import type { Row } from './store.js';
import { childNamed, childrenNamed, formatXml, isTrue, type XmlElement, xml } from './xml.js';

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
  const operation = queryDef.attributes.operation || 'select';
  const rows = matchingRows(childNamed(queryDef, 'where'), schema, view);
  if (operation === 'count') return xml(schema.name, { count: String(countRows(queryDef, schema, rows, view)) });
  const select = compileSelect(selectNodes(queryDef, schema), schema, view);
  const scopes = sorted(queryDef, schema, view, scopesOf(queryDef, schema, select, rows, view));
  if (operation === 'select') return xml(`${schema.name}-collection`, {}, resultPage(queryDef, select, scopes, limits));
  if (operation !== 'get' && operation !== 'getIfExists') {
    throw new MethodError([`XTK-170006 Unknown operation '${operation}' in the query.`]);
  }
  const [first] = scopes;
  if (first) return select.emit(first);
  if (operation === 'getIfExists') return xml(schema.name);
  throw new MethodError([`XSV-350000 The query on schema '${schema.label} (${schema.id})' found no document.`]);
}

/** Rows of a nested query, as their values of its first selected expression. */
function subQueryValues(subQuery: XmlElement, view: SessionView): readonly Operand[] {
  const schema = sourceSchema(subQuery.attributes.schema ?? '', view);
  const node = childrenNamed(childNamed(subQuery, 'select') ?? xml('select'), 'node')[0];
  if (!node?.attributes.expr) throw badExpression('', 'A subQuery selects one expression.');
  const expression = compileExpression(node.attributes.expr, schema, view);
  return matchingRows(childNamed(subQuery, 'where'), schema, view).map((row) => expression.evaluate({ row }));
}

function sourceSchema(id: string, view: SessionView): CompiledSchema {
  const schema = view.lookup(id);
  if (!schema) throw unknownSchema(id);
  if (!schema.root || schema.table === null) throw noDataSource(id);
  return schema;
}

/** The rows that a `where` finds, in the order in which they came to be; without one all rows. */
export function matchingRows(where: XmlElement | undefined, schema: CompiledSchema, view: SessionView): readonly Row[] {
  const filters = schema.sysFilters.map((filter) => compileExpression(filter, schema, view));
  const condition = where ? compileConditions(where, schema, view) : undefined;
  const all = condition ? [...filters, condition] : filters;
  const rows = candidateRows(schema, view, condition?.candidates);
  return rows.filter((row) => all.every((filter) => isTruthy(filter.evaluate({ row }))));
}

/** All rows, or those that a hash index names, each once and in the order they came to be. */
function candidateRows(schema: CompiledSchema, view: SessionView, candidates: Candidates | undefined): readonly Row[] {
  const table = view.tableOf(schema);
  if (!candidates) return [...table.rows()];
  const found = new Map<number, Row>();
  for (const value of candidates.values) {
    for (const row of table.find([candidates.path], [value])) found.set(row.serial, row);
  }
  return [...found.values()].sort((left, right) => left.serial - right.serial);
}

/**
 * Joins the conditions below an element. The operator of a condition joins it to the next one; AND binds before OR. The last one's is
 * not used. A condition without an expression is a parenthesis.
 */
function compileConditions(parent: XmlElement, schema: CompiledSchema, view: SessionView): Compiled | undefined {
  const alternatives: Compiled[][] = [[]];
  for (const child of childrenNamed(parent, 'condition')) {
    const compiled = isApplied(child) ? compileCondition(child, schema, view) : undefined;
    if (compiled) alternatives.at(-1)?.push(compiled);
    const operator = child.attributes.boolOperator ?? child.attributes['bool-operator'] ?? 'AND';
    if (operator.toUpperCase() === 'OR' && compiled) alternatives.push([]);
  }
  const joined = alternatives.filter((all) => all.length > 0).map((all) => joinAll('and', all));
  return joined.length === 0 ? undefined : joinAll('or', joined);
}

function joinAll(operator: 'and' | 'or', operands: readonly Compiled[]): Compiled {
  const [only] = operands;
  return only && operands.length === 1 ? only : logic(operator, operands);
}

function isApplied(condition: XmlElement): boolean {
  return !isTrue(condition.attributes.ignore) && condition.attributes.enabledIf !== 'false';
}

function compileCondition(condition: XmlElement, schema: CompiledSchema, view: SessionView): Compiled | undefined {
  const { expr, setOperator, sql } = condition.attributes;
  if (sql !== undefined) throw new MethodError(['XTK-170024 Conditions in SQL are not allowed to this operator.']);
  if (setOperator !== undefined) return compileSetCondition(condition, setOperator.toUpperCase(), schema, view);
  const own = expr === undefined || expr.trim() === '' ? undefined : compileExpression(expr, schema, view);
  const nested = compileConditions(condition, schema, view);
  return own && nested ? logic('and', [own, nested]) : (own ?? nested);
}

function compileSetCondition(
  condition: XmlElement,
  setOperator: string,
  schema: CompiledSchema,
  view: SessionView,
): Compiled {
  const expr = condition.attributes.expr ?? '';
  const negated = setOperator.startsWith('NOT ');
  const subQuery = childNamed(condition, 'subQuery');
  if (setOperator.endsWith('IN') && subQuery) {
    const members = new Set(subQueryValues(subQuery, view).map(String));
    const operand = compileExpression(expr, schema, view);
    return test((scope) => members.has(String(operand.evaluate(scope))) !== negated);
  }
  if (!setOperator.endsWith('EXISTS')) {
    throw new MethodError([`XTK-170006 The set operator '${setOperator}' is not supported here.`]);
  }
  const { links, target } = collectionAt(expr, schema, view);
  const nested = compileConditions(condition, target, view);
  const matches = (row: Row) => !nested || isTruthy(nested.evaluate({ row }));
  return test(({ row }) => followLinks(view, row, links).some(matches) !== negated);
}

function test(holds: (scope: Scope) => boolean): Compiled {
  return { kind: 'boolean', aggregate: false, evaluate: (scope) => (holds(scope) ? 1 : 0) };
}

function collectionAt(path: string, schema: CompiledSchema, view: SessionView) {
  try {
    const { links, node } = resolvePath(schema, path.replace(/^\[(.*)\]$/, '$1'), view.lookup);
    const target = node.kind === 'link' ? view.lookup(node.target) : undefined;
    if (node.kind === 'link' && target) return { links: [...links, node], target };
  } catch (error) {
    if (!(error instanceof UnknownStep)) throw error;
  }
  throw badExpression(path, `'${path}' is not a link of schema '${schema.label} (${schema.id})'.`);
}

function selectNodes(queryDef: XmlElement, schema: CompiledSchema): readonly XmlElement[] {
  if (isTrue(queryDef.attributes.fullLoad)) return allNodes(schema);
  const nodes = childrenNamed(childNamed(queryDef, 'select') ?? xml('select'), 'node');
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

/** One scope a row, or, where an aggregate or `groupBy` asks for it, one a group. */
function scopesOf(
  queryDef: XmlElement,
  schema: CompiledSchema,
  select: Selection,
  rows: readonly Row[],
  view: SessionView,
): readonly Scope[] {
  const groupNodes = childrenNamed(childNamed(queryDef, 'groupBy') ?? xml('groupBy'), 'node');
  if (!select.grouped && groupNodes.length === 0) return rows.map((row) => ({ row }));
  const named = groupNodes.map((node) => compileExpression(node.attributes.expr ?? '', schema, view));
  const keys = [...select.groupKeys, ...named];
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = JSON.stringify(keys.map((expression) => String(expression.evaluate({ row }))));
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  // An aggregate over no rows at all is still one result, as in SQL without GROUP BY.
  if (groups.size === 0 && keys.length === 0) groups.set('', []);
  const scopes = [...groups.values()].map((group) => ({ row: group[0] ?? null, group }));
  const having = childNamed(queryDef, 'having');
  const condition = having && compileConditions(having, schema, view);
  return condition ? scopes.filter((scope) => isTruthy(condition.evaluate(scope))) : scopes;
}

function countRows(queryDef: XmlElement, schema: CompiledSchema, rows: readonly Row[], view: SessionView): number {
  if (!isTrue(queryDef.attributes.distinct)) return rows.length;
  const select = compileSelect(selectNodes(queryDef, schema), schema, view);
  return distinct(rows.map((row) => select.emit({ row }))).length;
}

/** Orders as asked. Rows that compare equal keep the order in which they came to be. */
function sorted(
  queryDef: XmlElement,
  schema: CompiledSchema,
  view: SessionView,
  scopes: readonly Scope[],
): readonly Scope[] {
  const nodes = childrenNamed(childNamed(queryDef, 'orderBy') ?? xml('orderBy'), 'node');
  if (nodes.length === 0) return scopes;
  const orders = nodes.map(({ attributes }) => ({
    expression: compileExpression(attributes.expr ?? '', schema, view),
    direction: isTrue(attributes.sortDesc) ? -1 : 1,
  }));
  const keyed = scopes.map((scope) => ({ scope, keys: orders.map((order) => order.expression.evaluate(scope)) }));
  keyed.sort((left, right) => {
    for (const [index, { direction }] of orders.entries()) {
      const order = compareOperands(left.keys[index] ?? null, right.keys[index] ?? null);
      if (order !== 0) return order * direction;
    }
    return 0;
  });
  return keyed.map(({ scope }) => scope);
}

function resultPage(
  queryDef: XmlElement,
  select: Selection,
  scopes: readonly Scope[],
  limits: QueryLimits,
): readonly XmlElement[] {
  const { start, end } = pageBounds(queryDef, limits);
  if (!isTrue(queryDef.attributes.distinct)) return scopes.slice(start, end).map((scope) => select.emit(scope));
  return distinct(scopes.map((scope) => select.emit(scope))).slice(start, end);
}

function pageBounds({ attributes }: XmlElement, limits: QueryLimits): { start: number; end: number } {
  const startLine = lineNumber(attributes.startLine, 'startLine');
  const start = limits.startLineOffByOne ? Math.max(0, startLine - 1) : startLine;
  return { start, end: start + (lineNumber(attributes.lineCount, 'lineCount') || limits.rowCap) };
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
