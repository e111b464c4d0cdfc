import { globSync, readFileSync } from 'node:fs';
import { type OperationDefinitionNode, parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setUp, startGateway, type TestGateway } from '../support/gateway.js';

interface DocumentedQuery {
  readonly name: string;
  readonly query: string;
  readonly variables: Record<string, unknown>;
}

/** The GraphQL of a page, each with the variables in the block that follows it. */
function queriesOf(file: string): readonly DocumentedQuery[] {
  const blocks = readFileSync(file, 'utf8').matchAll(/```graphql\n(.*?)```(?:\n+```json\n(\{.*?)```)?/gs);
  return [...blocks].map(([, query = '', variables = '{}'], index) => {
    const [operation] = parse(query).definitions.filter((one): one is OperationDefinitionNode => 'operation' in one);
    const name = `${file}: ${operation?.name?.value ?? `the ${index + 1}. block`}`;
    return { name, query, variables: JSON.parse(variables) };
  });
}

const FILES = ['README.md', ...globSync('docs/**/*.md')];
const QUERIES = FILES.flatMap(queriesOf).map((query) => [query.name, query] as const);

describe('the documentation', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    // As many contacts as the demo has: the examples name one of them.
    gateway = await startGateway({ contacts: 1_000 });
    await setUp(gateway);
  });
  afterAll(() => gateway.close());

  it('has an example of reading, of summing up and of writing', () => {
    const text = QUERIES.map(([, { query }]) => query).join('\n');
    for (const field of [
      'unified {',
      'dynamics {',
      'campaign {',
      'Aggregate',
      'filter:',
      'after:',
      'mutation',
      'node(',
    ])
      expect(text).toContain(field);
  });

  it.each(QUERIES)('has a query that the demo answers: %s', async (_, { query, variables }) => {
    const { data, errors } = await gateway.send(query, variables);
    expect(errors).toEqual([]);
    expect(data).not.toBeNull();
  });
});
