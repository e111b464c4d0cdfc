import { badExpression, unknownNode } from '../errors.js';
import { parseExpression } from '../expression/parse.js';
import { type Expression, SyntaxFault } from '../expression/syntax.js';
import { type CompiledSchema, type LinkNode, resolvePath, UnknownStep } from '../schema-model.js';
import type { SessionView } from '../session-view.js';
import { childrenNamed, isTrue, type XmlElement } from '../xml.js';
import { clause, nodesOf } from './clauses.js';
import { type QueryContext, queryContext } from './context.js';
import { sourceSchema } from './rows.js';

/**
 * The SQL of a query, as `BuildQuery` answers it: tables and columns by their SQL names, a left join for each link that a path goes
 * through. It is only shown: rows are read without it. Faults with XTK-170036 where an expression cannot be read.
 */
export function buildQuery(queryDef: XmlElement, view: SessionView): string {
  const schema = sourceSchema(queryDef.attributes.schema ?? '', view);
  const builder = new SqlBuilder(schema, queryContext(queryDef, view));
  const columns = nodesOf(queryDef, 'select').map((node) => builder.expression(node.attributes.expr ?? ''));
  const groups = [
    ...nodesOf(queryDef, 'select').filter((node) => isTrue(node.attributes.groupBy)),
    ...nodesOf(queryDef, 'groupBy'),
  ].map((node) => builder.expression(node.attributes.expr ?? ''));
  const orders = nodesOf(queryDef, 'orderBy').map(
    ({ attributes }) => builder.expression(attributes.expr ?? '') + (isTrue(attributes.sortDesc) ? ' DESC' : ''),
  );
  const where = builder.conditions(clause(queryDef, 'where'));
  const having = builder.conditions(clause(queryDef, 'having'));
  return [
    `SELECT ${isTrue(queryDef.attributes.distinct) ? 'DISTINCT ' : ''}${columns.join(', ') || '*'}`,
    `FROM ${builder.tables()}`,
    where && `WHERE ${where}`,
    groups.length > 0 && `GROUP BY ${groups.join(', ')}`,
    having && `HAVING ${having}`,
    orders.length > 0 && `ORDER BY ${orders.join(', ')}`,
  ]
    .filter(Boolean)
    .join(' ');
}

class SqlBuilder {
  private readonly joins = new Map<string, string>();

  constructor(
    private readonly schema: CompiledSchema,
    private readonly context: QueryContext,
    private readonly prefix = 'T',
  ) {}

  tables(): string {
    return [`${this.schema.table} ${this.prefix}0`, ...this.joins.values()].join(' ');
  }

  /** The conditions below an element in brackets, joined by their operators; empty where there are none. */
  conditions(parent: XmlElement | undefined): string {
    const applied = parent ? childrenNamed(parent, 'condition').filter((it) => !isTrue(it.attributes.ignore)) : [];
    const parts = applied.map((condition) => this.condition(condition));
    return parts
      .map((part, index) => {
        const { boolOperator, 'bool-operator': other } = applied[index]?.attributes ?? {};
        const operator = (boolOperator ?? other ?? 'AND').toUpperCase();
        return index < parts.length - 1 ? `${part} ${operator} ` : part;
      })
      .join('');
  }

  expression(source: string): string {
    return guarded(source, () => this.sql(parseExpression(source)));
  }

  private condition(condition: XmlElement): string {
    const { expr = '', setOperator } = condition.attributes;
    const subQuery = clause(condition, 'subQuery');
    if (setOperator && subQuery) {
      const inner = buildQuery(subQuery, this.context.view);
      return `(${[setOperator.endsWith('EXISTS') ? '' : this.expression(expr), setOperator, `(${inner})`].join(' ').trim()})`;
    }
    if (setOperator) return `(${setOperator} (${guarded(expr, () => this.collection(expr, condition))}))`;
    const nested = this.conditions(condition);
    return [expr.trim() && `(${this.expression(expr)})`, nested && `(${nested})`].filter(Boolean).join(' AND ');
  }

  /** The rows of a collection that belong to the row and satisfy the conditions. */
  private collection(path: string, condition: XmlElement): string {
    const { links, node } = resolvePath(this.schema, path.trim().replace(/^\[(.*)\]$/, '$1'), this.context.view.lookup);
    const target = node.kind === 'link' ? this.context.view.lookup(node.target) : undefined;
    if (node.kind !== 'link' || !target) throw badExpression(path, `'${path}' is not a link.`);
    const inner = new SqlBuilder(target, this.context, `${this.prefix}S`);
    const alias = this.join(links);
    const on = node.joins.map(
      ({ source, destination }) =>
        `${inner.prefix}0.${columnIn(target, destination)} = ${alias}.${columnIn(this.schema, source)}`,
    );
    const nested = inner.conditions(condition);
    return `SELECT 1 FROM ${inner.tables()} WHERE ${[...on, nested && `(${nested})`].filter(Boolean).join(' AND ')}`;
  }

  private sql(expression: Expression): string {
    switch (expression.kind) {
      case 'literal':
        return literal(expression.type, expression.text);
      case 'path':
        return this.path(expression.text);
      case 'parameter':
        return literal('text', this.context.parameters(expression.name) ?? '');
      case 'call':
        return `${expression.name}(${this.list(expression.args)})`;
      case 'not':
        return `NOT (${this.sql(expression.operand)})`;
      case 'negate':
        return `-${this.sql(expression.operand)}`;
      case 'logic':
        return expression.operands.map((it) => `(${this.sql(it)})`).join(` ${expression.operator.toUpperCase()} `);
      case 'compare':
      case 'arithmetic':
        return `${this.sql(expression.left)} ${expression.operator} ${this.sql(expression.right)}`;
      case 'like':
        return `${this.sql(expression.left)}${expression.negated ? ' NOT' : ''} LIKE ${this.sql(expression.right)}`;
      case 'in':
        return `${this.sql(expression.left)}${expression.negated ? ' NOT' : ''} IN (${this.list(expression.items)})`;
      case 'isNull':
        return `${this.sql(expression.operand)} IS${expression.negated ? ' NOT' : ''} NULL`;
    }
  }

  private list(items: readonly Expression[]): string {
    return items.map((item) => this.sql(item)).join(', ');
  }

  private path(text: string): string {
    const { links, node } = resolvePath(this.schema, text, this.context.view.lookup);
    const table = this.join(links);
    if (node.kind === 'link') return `${this.join([...links, node])}.${columnOf(node.joins[0]?.destination ?? 'id')}`;
    if (node.kind === 'element') throw new SyntaxFault(`Element '${text}' has no value of its own.`);
    if (node.expr !== null && links.length === 0) return this.expression(node.expr);
    return `${table}.${node.column ?? columnOf(node.path)}`;
  }

  private alias(index: number): string {
    return `${this.prefix}${index + 1}`;
  }

  /** The alias of the table at the end of links, joined once for all paths that go through them. */
  private join(links: readonly LinkNode[]): string {
    let alias = `${this.prefix}0`;
    let schema: CompiledSchema | undefined = this.schema;
    for (const [index, link] of links.entries()) {
      const key = links
        .slice(0, index + 1)
        .map(({ path }) => path)
        .join('/');
      const target: CompiledSchema | undefined = this.context.view.lookup(link.target);
      const joined = this.joins.has(key)
        ? this.alias([...this.joins.keys()].indexOf(key))
        : this.alias(this.joins.size);
      const on = link.joins.map(
        ({ source, destination }) =>
          `${alias}.${columnIn(schema, source)} = ${joined}.${columnIn(target, destination)}`,
      );
      this.joins.set(key, `LEFT JOIN ${target?.table ?? link.target} ${joined} ON ${on.join(' AND ')}`);
      alias = joined;
      schema = target;
    }
    return alias;
  }
}

function guarded<T>(source: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof UnknownStep) throw badExpression(source, unknownNode(error.kind, error.step, error.schema));
    if (error instanceof SyntaxFault) throw badExpression(source, error.message);
    throw error;
  }
}

function literal(type: Extract<Expression, { kind: 'literal' }>['type'], text: string): string {
  if (type === 'null') return 'NULL';
  if (type === 'number') return text;
  if (type === 'boolean') return text === 'true' ? '1' : '0';
  return type === 'datetime' ? `TIMESTAMP '${text}'` : `'${text.replaceAll("'", "''")}'`;
}

function columnIn(schema: CompiledSchema | undefined, path: string): string {
  const attributes = schema?.root?.attributes.get(path);
  return attributes?.column ?? columnOf(path);
}

/** What has no column of its own lies in the memo of its row. */
function columnOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
