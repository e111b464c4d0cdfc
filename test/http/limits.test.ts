import { buildSchema, type GraphQLError, getIntrospectionQuery, getOperationAST, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createLimitCheck, DEFAULT_LIMITS } from '../../src/http/limits.js';

const schema = buildSchema(`
  type Query { contact(id: ID): Contact contacts(first: Int, after: String): Contacts types(first: Int = 10): [Contact!]! summary: Summary _entities(representations: [Any!]!): [Contact]! }
  scalar Any
  type Mutation { write: Payload }
  type Payload { side: Count record: Contact }
  type Summary { count: Int groupBy(first: Int = 100): [Group!] }
  type Group { key: Contact count: Int sum: Count }
  type Contacts { nodes: [Contact!]! edges: [Edge!]! pageInfo: PageInfo totalCount: Count }
  type Edge { cursor: String node: Contact }
  type Contact { name: String account: Contact contacts(first: Int): Contacts tags: [Tag] }
  type Tag { name: String }
  type PageInfo { endCursor: String }
  type Count { value: Int }
`);

function check(text: string, variables: Record<string, unknown> = {}, limits = DEFAULT_LIMITS) {
  const document = parse(text);
  const operation = getOperationAST(document);
  if (!operation) throw new Error('Expected one operation.');
  return createLimitCheck(limits).assertWithin(schema, document, operation, variables);
}

function refusal(text: string, limits: Partial<typeof DEFAULT_LIMITS> = {}, variables = {}): GraphQLError {
  try {
    check(text, variables, { ...DEFAULT_LIMITS, ...limits });
  } catch (error) {
    return error as GraphQLError; // nothing else is thrown
  }
  throw new Error('Expected a refusal.');
}

describe('the cost of an operation', () => {
  it.each([
    ['{ __typename }', 0],
    ['{ contact { name account { name } } }', 2],
    ['{ contacts(first: 100) { nodes { name } } }', 101],
    ['{ contacts { nodes { name } } }', 51],
    [
      '{ contacts(first: 100) { edges { node { account { name } } } pageInfo { endCursor } totalCount { value } } }',
      303,
    ],
    ['{ contacts(first: 10) { nodes { contacts(first: 50) { nodes { name } } } } }', 1 + 10 * (1 + 1 + 50)],
    ['mutation { write { side { value } record { account { name } contacts(first: 5) { nodes { name } } } } }', 10],
    ['{ types { name } }', 10],
    ['{ types(first: 3) { account { name } } }', 6],
    ['{ summary { count groupBy { key { name } count sum { value } } } }', 1 + 100 * 3],
    ['{ _entities(representations: [{ id: 1 }, { id: 2 }]) { account { name } } }', 4],
    ['{ summary { groupBy(first: 5) { key { account { name } } } } }', 1 + 5 * 3],
    [
      '{ contacts(first: 5) { ...N } } fragment N on Contacts { nodes { ...C ... { account { name } } } } fragment C on Contact { tags { name } }',
      16,
    ],
  ])('counts the objects that %s may give: %i', (text, cost) => {
    expect(check(text)).toEqual({ cost, limit: 100_000 });
  });

  it('counts a page size that is a variable with its value, its default, or the usual page', () => {
    const text =
      'query ($n: Int, $m: Int = 7) { a: contacts(first: $n) { nodes { name } } b: contacts(first: $m) { nodes { name } } }';
    expect([check(text, { n: 20 }), check(text), check(text, { n: null, m: 1 })].map(({ cost }) => cost)).toEqual([
      1 + 20 + 1 + 7,
      1 + 50 + 1 + 7,
      1 + 50 + 1 + 1,
    ]);
  });

  it('is measured anew for other variables', () => {
    const document = parse('query ($n: Int) { contacts(first: $n) { nodes { name } } }');
    const operation = getOperationAST(document);
    if (!operation) throw new Error('Expected one operation.');
    const limits = createLimitCheck();
    const costs = [1, 5000].map((n) => limits.assertWithin(schema, document, operation, { n }).cost);
    expect(costs).toEqual([2, 5001]);
  });

  it('counts what is asked of records that are named by key as often as they are many', () => {
    const text =
      'query ($r: [Any!]!) { _entities(representations: $r) { ... on Contact { contacts(first: 5) { nodes { name } } } } }';
    const many = Array.from({ length: 1000 }, (_, id) => ({ id }));
    expect([many, [{}], {}].map((r) => check(text, { r }).cost)).toEqual([7000, 7, 7]);
  });

  it('over the limit is told with the limit', () => {
    const error = refusal('{ contacts(first: 5000) { nodes { contacts(first: 5000) { nodes { name } } } } }');
    expect(error.extensions).toEqual({
      code: 'BAD_USER_INPUT',
      cost: { cost: 25_010_001, limit: 100_000 },
      http: { status: 400 },
    });
    expect(error.message).toContain('smaller pages');
  });

  it('cannot be hidden in a variable', () => {
    const text = 'query ($n: Int) { contacts(first: $n) { nodes { contacts(first: $n) { nodes { name } } } } }';
    expect(refusal(text, {}, { n: 5000 }).extensions.cost).toEqual({ cost: 25_010_001, limit: 100_000 });
  });
});

describe('an operation', () => {
  it('that is deeper than allowed is refused, through fragments too', () => {
    expect(
      refusal('{ contact { account { ...A } } } fragment A on Contact { account { name } }', { maxDepth: 3 }).message,
    ).toBe('Expected an operation of at most 3 levels, but got 4. Ask for less at once.');
  });

  it('with more aliases than allowed is refused', () => {
    const aliases = Array.from({ length: 201 }, (_, index) => `a${index}: __typename`);
    expect(refusal(`{ contact { ${aliases.join(' ')} } }`).message).toContain('at most 200 aliases, but got 201');
  });

  it('whose fragments double is measured without writing them out', () => {
    const doubling = Array.from(
      { length: 30 },
      (_, index) => `fragment F${index} on Contact { ...F${index + 1} x: account { ...F${index + 1} } }`,
    );
    const text = `{ contact { ...F0 } } ${doubling.join(' ')} fragment F30 on Contact { name }`;
    expect(refusal(text, { maxDepth: 100 }).message).toContain('at most 5000 fields');
  });

  it('with too many root fields is refused', () => {
    const roots = Array.from({ length: 51 }, (_, index) => `a${index}: contact { name }`);
    expect(refusal(`{ ${roots.join(' ')} }`).message).toContain('at most 50 root fields, but got 51');
  });

  it('that introspects is allowed under the lowest depth that can be set', () => {
    const limits = { ...DEFAULT_LIMITS, maxDepth: 16 };
    const query = getIntrospectionQuery({ inputValueDeprecation: true, oneOf: true, schemaDescription: true });
    expect(check(query, {}, limits).cost).toBeLessThan(100);
  });
});
