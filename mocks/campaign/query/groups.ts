import { type Compiled, compileExpression, type Scope } from '../expression/compile.js';
import { isTruthy } from '../expression/operand.js';
import type { CompiledSchema } from '../schema-model.js';
import type { Row } from '../store.js';
import type { XmlElement } from '../xml.js';
import { clause, nodesOf } from './clauses.js';
import { compileConditions } from './conditions.js';
import type { QueryContext } from './context.js';

/** What the select of a query asks of grouping. */
export interface Grouping {
  readonly keys: readonly Compiled[];
  /** Whether an aggregate or a node with `groupBy` is selected. */
  readonly grouped: boolean;
}

/** Whether a query gives one result a group instead of one a row. */
export function isGrouped(query: XmlElement, { grouped }: Grouping): boolean {
  return grouped || nodesOf(query, 'groupBy').length > 0;
}

/** One scope a row, or, where an aggregate or `groupBy` asks for it, one a group that `having` lets through. */
export function groupsOf(
  query: XmlElement,
  schema: CompiledSchema,
  grouping: Grouping,
  rows: readonly Row[],
  context: QueryContext,
): readonly Scope[] {
  if (!isGrouped(query, grouping)) return rows.map((row) => ({ row }));
  const { view, parameters } = context;
  const named = nodesOf(query, 'groupBy').map(({ attributes }) =>
    compileExpression(attributes.expr ?? '', schema, view, parameters),
  );
  const scopes = grouped([...grouping.keys, ...named], rows);
  const having = clause(query, 'having');
  const condition = having && compileConditions(having, schema, context);
  return condition ? scopes.filter((scope) => isTruthy(condition.evaluate(scope))) : scopes;
}

function grouped(keys: readonly Compiled[], rows: readonly Row[]): readonly Scope[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = JSON.stringify(keys.map((expression) => String(expression.evaluate({ row }))));
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  // An aggregate over no rows at all is still one result, as in SQL without GROUP BY.
  if (groups.size === 0 && keys.length === 0) groups.set('', []);
  return [...groups.values()].map((group) => ({ row: group[0] ?? null, group }));
}
