import { SchemaError } from './compile-schema.js';
import { SoapFault } from './errors.js';
import { compileExpression } from './expression/compile.js';
import { type CompiledSchema, enumerationOf, linksBelow, type SchemaLookup, valuesBelow } from './schema-model.js';
import type { SessionView } from './session-view.js';
import { Table } from './store.js';
import { isKnownType } from './values.js';

/** What a compiled schema is checked against. */
export interface SchemaSurroundings {
  readonly lookup: SchemaLookup;
  /** Whether some schema declares an interface such as `xtk:persist`. */
  hasInterface(id: string): boolean;
}

/**
 * Checks what only the whole can tell: that keys, links, enumerations, interfaces and expressions of a compiled schema lead somewhere.
 * Throws `SchemaError`.
 */
export function assertConsistent(schema: CompiledSchema | undefined, around: SchemaSurroundings): void {
  if (!schema) return;
  const adopted = schema.document.attributes.implements;
  if (adopted !== undefined && adopted !== '' && !around.hasInterface(adopted)) {
    fail(schema.id, `it implements '${adopted}', which does not exist`);
  }
  if (!schema.root) return;
  assertNodes(schema, around.lookup);
  assertExpressions(schema, around.lookup);
}

function assertNodes(schema: CompiledSchema, lookup: SchemaLookup): void {
  if (!schema.root) return;
  const { id } = schema;
  const values = new Map(valuesBelow(schema.root).map((value) => [value.path, value]));
  for (const key of schema.keys) {
    const unknown = key.fields.find((field) => !values.has(field));
    if (unknown !== undefined) fail(id, `key '${key.name}' names '@${unknown}', which does not exist`);
  }
  for (const link of linksBelow(schema.root)) {
    const unknown = link.joins.find((join) => !values.has(join.source));
    if (unknown) fail(id, `the join of link '${link.name}' names '@${unknown.source}', which does not exist`);
  }
  for (const value of values.values()) {
    if (!isKnownType(value.type)) fail(id, `attribute '${value.path}' has the unknown type '${value.type}'`);
    if (value.enumeration && !enumerationOf(value, schema, lookup)) {
      fail(id, `attribute '${value.path}' names the enumeration '${value.enumeration}', which does not exist`);
    }
  }
}

/** The expressions that make values, names and filters must know what they name. A default may be more than an expression. */
function assertExpressions(schema: CompiledSchema, lookup: SchemaLookup): void {
  const computed = (schema.root ? valuesBelow(schema.root) : []).flatMap(({ expr, path }) =>
    expr === null ? [] : [{ expr, subject: `the expression of attribute '${path}'` }],
  );
  const name = schema.computeString === null ? [] : [{ expr: schema.computeString, subject: 'the compute-string' }];
  const filters = schema.sysFilters.map((expr) => ({ expr, subject: 'the sysFilter' }));
  const own = [...computed, ...name, ...filters].map((it) => ({ ...it, over: schema }));
  for (const { expr, subject, over } of [...own, ...linkFilters(schema, lookup)]) {
    try {
      compileExpression(expr, over, withoutRows(lookup));
    } catch (error) {
      if (error instanceof SoapFault) fail(schema.id, `${subject} is wrong: ${error.message} ${error.detail}`.trim());
      throw error;
    }
  }
}

/** What restricts a link is in terms of its target. */
function linkFilters(schema: CompiledSchema, lookup: SchemaLookup) {
  return (schema.root ? linksBelow(schema.root) : []).flatMap(({ name, filter, target }) => {
    const over = lookup(target);
    return filter === null || !over ? [] : [{ expr: filter, subject: `the dstFilterExpr of link '${name}'`, over }];
  });
}

/** A view of no rows: also what is about whoever asks can be compiled. */
function withoutRows(lookup: SchemaLookup): SessionView {
  return { lookup, tableOf: () => new Table(), now: () => new Date(), operatorId: 0 };
}

function fail(id: string, problem: string): never {
  throw new SchemaError(`Schema '${id}' is not valid: ${problem.replace(/\.$/, '')}.`);
}
