import { badExpression, MethodError, notFound } from '../errors.js';
import { accessByMembers } from '../expression/access.js';
import { type Compiled, compileExpression, logic, type Scope } from '../expression/compile.js';
import { AGGREGATES } from '../expression/functions.js';
import { compareOperands, isTruthy, type Operand } from '../expression/operand.js';
import { type CompiledSchema, resolvePath, UnknownStep } from '../schema-model.js';
import { followLinks } from '../session-view.js';
import type { Row } from '../store.js';
import { childrenNamed, isTrue, parseXml, type XmlElement, XmlError } from '../xml.js';
import { clause } from './clauses.js';
import { type QueryContext, queryContext } from './context.js';
import { subQueryTest } from './sub-query-test.js';

/**
 * Joins the conditions below an element. The operator of a condition joins it to the next one; AND binds before OR. The last one's is
 * not used. A condition without an expression is a parenthesis. Undefined where nothing restricts.
 * https://experienceleague.adobe.com/docs/campaign-classic/using/configuring-campaign-classic/api/data-oriented-apis.html
 */
export function compileConditions(
  parent: XmlElement,
  schema: CompiledSchema,
  context: QueryContext,
): Compiled | undefined {
  const alternatives: Compiled[][] = [[]];
  for (const child of childrenNamed(parent, 'condition')) {
    const compiled = isApplied(child, schema, context) ? compileCondition(child, schema, context) : undefined;
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

/** `enabledIf` is about who asks and with what, not about rows. */
function isApplied(condition: XmlElement, schema: CompiledSchema, { view, parameters }: QueryContext): boolean {
  if (isTrue(condition.attributes.ignore)) return false;
  const { enabledIf } = condition.attributes;
  if (enabledIf === undefined || enabledIf.trim() === '') return true;
  return isTruthy(compileExpression(enabledIf, schema, view, parameters).evaluate({ row: null }));
}

function compileCondition(condition: XmlElement, schema: CompiledSchema, context: QueryContext): Compiled | undefined {
  const { expr, setOperator, sql } = condition.attributes;
  if (sql !== undefined) throw new MethodError(['XTK-170024 Conditions in SQL are not allowed to this operator.']);
  if (setOperator) return compileSetCondition(condition, setOperator.trim().toUpperCase(), schema, context);
  const parts = [
    expr === undefined || expr.trim() === ''
      ? undefined
      : compileExpression(expr, schema, context.view, context.parameters),
    compileNamedFilter(condition, schema, context),
    compileConditions(condition, schema, context),
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : joinAll('and', parts);
}

/** A predefined filter, kept in `nms:filter` under its internal name with its `where` as XML. */
function compileNamedFilter(
  condition: XmlElement,
  schema: CompiledSchema,
  context: QueryContext,
): Compiled | undefined {
  const name = condition.attributes['filter-name'] ?? condition.attributes.filterName;
  if (!name) return undefined;
  const { view } = context;
  const filters = view.lookup('nms:filter');
  const rows = filters ? view.tableOf(filters).find(['name'], [name]) : [];
  const row = rows.find(({ values }) => (values.schema || schema.id) === schema.id);
  if (!row) throw notFound(name, 'nms:filter');
  const where = readFilter(String(row.values.data ?? ''), name);
  // Parameters of a filter are read where the filter is used.
  const inner = queryContext(condition, view);
  const parameters = (key: string) => inner.parameters(key) ?? context.parameters(key);
  return compileConditions(where, schema, { view, parameters });
}

function readFilter(text: string, name: string): XmlElement {
  try {
    const document = parseXml(text);
    return clause(document, 'where') ?? document;
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    throw new MethodError([`XTK-170024 The filter '${name}' holds no conditions: ${error.message}`]);
  }
}

/** `EXISTS` looks into a collection or a subQuery, `IN` and the aggregates compare with what a subQuery gives. */
function compileSetCondition(
  condition: XmlElement,
  setOperator: string,
  schema: CompiledSchema,
  context: QueryContext,
): Compiled {
  const subQuery = clause(condition, 'subQuery');
  const negated = setOperator.startsWith('NOT ');
  const operator = setOperator.replace(/^NOT\s+/, '');
  if (operator === 'EXISTS' && subQuery)
    return subQueryTest(subQuery, schema, context, (values) => constantTest(values.length > 0 !== negated));
  if (operator === 'EXISTS') return collectionTest(condition, negated, schema, context);
  if (!subQuery) throw new MethodError([`XTK-170006 The set operator '${setOperator}' needs a subQuery.`]);
  const operand = compileExpression(condition.attributes.expr ?? '', schema, context.view, context.parameters);
  if (operator === 'IN')
    return subQueryTest(subQuery, schema, context, (values) => membershipTest(operand, values, negated));
  const aggregate = AGGREGATE_OPERATORS.has(setOperator) ? AGGREGATES[setOperator.toLowerCase()] : undefined;
  if (!aggregate) throw new MethodError([`XTK-170006 Unknown set operator '${setOperator}' in the query.`]);
  const fold = (values: readonly Operand[]) => aggregate.fold(values.filter((value) => value !== null));
  return subQueryTest(subQuery, schema, context, (values) => equalityTest(operand, fold(values)));
}

const AGGREGATE_OPERATORS: ReadonlySet<string> = new Set(['COUNT', 'SUM', 'AVG', 'MIN', 'MAX']);

function collectionTest(
  condition: XmlElement,
  negated: boolean,
  schema: CompiledSchema,
  context: QueryContext,
): Compiled {
  const { links, target } = collectionAt(condition.attributes.expr ?? '', schema, context);
  const nested = compileConditions(condition, target, context);
  const matches = (row: Row) => !nested || isTruthy(nested.evaluate({ row }));
  return test(({ row }) => followLinks(context.view, row, links).some(matches) !== negated);
}

function membershipTest(operand: Compiled, values: readonly Operand[], negated: boolean): Compiled {
  // Text of a number and of a bigint of the same value are the same, so one set serves all kinds.
  const members = new Set(values.map(String));
  const holds = test((scope) => members.has(String(operand.evaluate(scope))) !== negated);
  return negated || operand.kind === 'text' ? holds : { ...holds, ...accessByMembers(operand, values) };
}

function equalityTest(operand: Compiled, value: Operand): Compiled {
  return test((scope) => {
    const own = operand.evaluate(scope);
    if (own === null || value === null) return false;
    return compareOperands(own, value) === 0 || String(own) === String(value);
  });
}

function constantTest(holds: boolean): Compiled {
  return test(() => holds);
}

function test(holds: (scope: Scope) => boolean): Compiled {
  return { kind: 'boolean', aggregate: false, evaluate: (scope) => (holds(scope) ? 1 : 0) };
}

function collectionAt(path: string, schema: CompiledSchema, { view }: QueryContext) {
  try {
    const { links, node } = resolvePath(schema, path.trim().replace(/^\[(.*)\]$/, '$1'), view.lookup);
    const target = node.kind === 'link' ? view.lookup(node.target) : undefined;
    if (node.kind === 'link' && target) return { links: [...links, node], target };
  } catch (error) {
    if (!(error instanceof UnknownStep)) throw error;
  }
  throw badExpression(path, `'${path}' is not a link of schema '${schema.label} (${schema.id})'.`);
}
