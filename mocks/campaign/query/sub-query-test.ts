import { MethodError } from '../errors.js';
import { type Compiled, compileExpression, type Scope } from '../expression/compile.js';
import { type Operand, toText } from '../expression/operand.js';
import type { CompiledSchema } from '../schema-model.js';
import type { XmlElement } from '../xml.js';
import type { QueryContext } from './context.js';
import { subQueryValues } from './sub-query.js';

/** How often one subQuery is run at most for the rows around it. */
const MAX_RUNS = 1_000;

/**
 * A test that `make` makes of a subQuery's values. A subQuery that names fields of the row around it (`[../@id]`) is run once for each
 * different set of their values; `schema` is that of the row. Throws a `MethodError` where these are too many.
 */
export function subQueryTest(
  subQuery: XmlElement,
  schema: CompiledSchema,
  context: QueryContext,
  make: (values: readonly Operand[]) => Compiled,
): Compiled {
  const { view, parameters } = context;
  const paths = [...new Set(outerPaths(subQuery))];
  if (paths.length === 0) return make(subQueryValues(subQuery, context));
  const fields = paths.map((path) => compileExpression(path.replace('../', ''), schema, view, parameters));
  const tests = new Map<string, Compiled>();
  const run = (texts: readonly string[]) => {
    if (tests.size >= MAX_RUNS)
      throw new MethodError([`XTK-170006 The subQuery would have to be run more than ${MAX_RUNS} times.`]);
    const outer = new Map(paths.map((path, at) => [path, texts[at]]));
    return make(subQueryValues(subQuery, { view, parameters: (name) => outer.get(name) ?? parameters(name) }));
  };
  const testOf = (scope: Scope) => {
    const texts = fields.map((field) => toText(field.evaluate(scope)));
    const key = JSON.stringify(texts);
    const test = tests.get(key) ?? run(texts);
    tests.set(key, test);
    return test;
  };
  return { kind: 'boolean', aggregate: false, evaluate: (scope) => testOf(scope).evaluate(scope) };
}

/** `[../job/@id]`, wherever the subQuery's expressions name it. */
function outerPaths({ attributes, children }: XmlElement): readonly string[] {
  return [...((attributes.expr ?? '').match(/\[\.\.\/[^\]]+\]/g) ?? []), ...children.flatMap(outerPaths)];
}
