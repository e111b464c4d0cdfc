import { badExpression } from '../errors.js';
import { compileExpression } from '../expression/compile.js';
import type { Operand } from '../expression/operand.js';
import type { XmlElement } from '../xml.js';
import { clause, nodesOf } from './clauses.js';
import type { QueryContext } from './context.js';
import { groupsOf } from './groups.js';
import { matchingRows, sourceSchema } from './rows.js';

/** The values of a subQuery's one selected expression, a value for each row, or for each group where it groups. */
export function subQueryValues(subQuery: XmlElement, context: QueryContext): readonly Operand[] {
  const { view, parameters } = context;
  const schema = sourceSchema(subQuery.attributes.schema ?? '', view);
  const [node, another] = nodesOf(subQuery, 'select');
  if (!node?.attributes.expr || another) throw badExpression('', 'A subQuery selects one expression.');
  const expression = compileExpression(node.attributes.expr, schema, view, parameters);
  const rows = matchingRows(clause(subQuery, 'where'), schema, context);
  const scopes = groupsOf(subQuery, schema, { keys: [], grouped: expression.aggregate }, rows, context);
  return scopes.map((scope) => expression.evaluate(scope));
}
