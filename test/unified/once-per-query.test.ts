import { type FragmentDefinitionNode, getOperationAST, Kind, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createFieldMemo, createQueryMemo } from '../../src/unified/once-per-query.js';
import { zooSchema } from './zoo-schema.js';

const schema = zooSchema();

/** How often something is computed in two requests for the first field of a query. */
function timesComputed(text: string, schemas = [schema, schema], create = createQueryMemo<number>): number {
  const document = parse(text);
  const fragments: Record<string, FragmentDefinitionNode> = {};
  for (const one of document.definitions) if (one.kind === Kind.FRAGMENT_DEFINITION) fragments[one.name.value] = one;
  const nodes = getOperationAST(document)?.selectionSet.selections.filter((node) => node.kind === Kind.FIELD) ?? [];
  const once = create();
  let times = 0;
  for (const one of schemas) once({ schema: one, fragments }, nodes, 'Cat', () => ++times);
  return times;
}

describe('what is asked for below a place of a query', () => {
  it.each([
    '{ cat { name friend { name } } }',
    'query ($name: String) { cat(name: $name) { name } }',
    '{ cat { ...A } } fragment A on Cat { name friend { ...B } } fragment B on Cat { echo(text: "t", ids: [1]) @skip(if: false) }',
  ])('is computed once for all requests where no variable stands there: %s', (text) => {
    expect(timesComputed(text)).toBe(1);
  });

  it.each([
    'query ($x: Int) { cat { echo(count: $x) } }',
    'query ($x: ID) { cat { echo(filter: { not: { ids: ["a", $x] } }) } }',
    'query ($x: Boolean!) { cat { name @include(if: $x) } }',
    'query ($x: Boolean!) { cat { ... @skip(if: $x) { name } } }',
    'query ($x: Boolean!) { cat { ...A } } fragment A on Cat { ...B @skip(if: $x) } fragment B on Cat { name }',
    'query ($x: Int) { cat { ...A } } fragment A on Cat { friend { ...B } } fragment B on Cat { echo(count: $x) }',
  ])('is computed for each request where one does: %s', (text) => {
    expect(timesComputed(text)).toBe(2);
  });

  it.each([
    ['{ cat { echo(text: "t") } }', 1],
    ['{ cat(name: "Tom") { name } }', 1],
    ['query ($name: String) { cat(name: $name) { name } }', 2],
    ['query ($names: [String], $x: Int) { cat(filter: { not: { names: $names } }) { name } }', 2],
    ['query ($x: Int) { cat(name: "Tom") { echo(count: $x) } }', 2],
  ])('may be computed of its arguments too: %s', (text, times) => {
    expect(timesComputed(text, [schema, schema], createFieldMemo<number>)).toBe(times);
  });

  it('is computed anew for another GraphQL schema', () => {
    expect(timesComputed('{ cat { name } }', [schema, zooSchema()])).toBe(2);
  });
});
