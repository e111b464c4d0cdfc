import fc from 'fast-check';
import { type ExecutionResult, execute, type GraphQLError, getOperationAST, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createOperationExecutor } from '../../src/unified/execute-operation.js';
import { mayCompile } from '../../src/unified/may-compile.js';
import { randomQuery } from './random-query.js';
import { zooSchema } from './zoo-schema.js';

const schema = zooSchema();
const tapes = fc.array(fc.nat(10_000), { minLength: 1, maxLength: 60 });

describe('a compiled query', () => {
  it('gives the answer of graphql-js, whatever is asked, errors included', async () => {
    const counts = { compiled: 0, failed: 0 };
    await fc.assert(
      fc.asyncProperty(tapes, async (tape) => {
        const { text, variables } = randomQuery(schema, tape);
        const document = parse(text);
        fc.pre(validate(schema, document).length === 0);
        const operation = getOperationAST(document) ?? undefined;
        fc.pre(operation !== undefined && mayCompile(document, operation));
        const run = createOperationExecutor({ compileFrom: 1 });
        const ours = await run({ schema, document, operation, request: { variables }, context: {} });
        const theirs = await execute({ schema, document, variableValues: variables, contextValue: {} });
        counts.compiled += 1;
        if (theirs.errors) counts.failed += 1;
        expect(comparable(ours, theirs), text).toEqual(comparable(theirs, ours));
      }),
      { numRuns: 300 },
    );
    expect(counts.failed).toBeGreaterThan(25);
    expect(counts.failed).toBeLessThan(counts.compiled - 25);
  }, 120_000);
});

/**
 * The text of the data, and the errors by the null that each led to. Where several fields fail below one null, an answer need not tell
 * all of them, so that one stands for the others: https://spec.graphql.org/October2021/#sec-Handling-Field-Errors
 */
function comparable({ data, errors }: ExecutionResult, other: ExecutionResult) {
  const mine = byNull(data, errors);
  const theirs = byNull(other.data, other.errors);
  const told = [...mine].map(([place, found]) => {
    const shared = found.filter((error) => theirs.get(place)?.includes(error));
    return [place, ...(shared.length > 0 ? ['a failure of both'] : found)];
  });
  return { data: JSON.stringify(data), errors: told.sort() };
}

function byNull(data: unknown, errors: readonly GraphQLError[] = []): Map<string, string[]> {
  const places = new Map<string, string[]>();
  for (const error of errors) {
    const place = nullOn(data, error.path ?? []).join('.');
    places.set(place, [...(places.get(place) ?? []), JSON.stringify(error)]);
  }
  return places;
}

/** As much of a path as the data has. */
function nullOn(data: unknown, path: readonly (string | number)[]): readonly (string | number)[] {
  let value = data;
  for (const [index, key] of path.entries()) {
    if (typeof value !== 'object' || value === null) return path.slice(0, index);
    value = Reflect.get(value, key);
  }
  return path;
}
