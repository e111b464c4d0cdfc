import { execute, type GraphQLError, getOperationAST, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { EMPTY_CATALOG } from '../../src/model/catalog.js';
import { createOperationExecutor } from '../../src/unified/execute-operation.js';
import { hasManyKinds, mayCompile } from '../../src/unified/may-compile.js';
import { column, table } from './catalogs.js';
import { schemaOf } from './fake-remotes.js';
import { zooSchema } from './zoo-schema.js';

const schema = zooSchema();

function isCompiled(text: string): boolean {
  const document = parse(text);
  expect(validate(schema, document).map(({ message }) => message)).toEqual([]);
  const operation = getOperationAST(document);
  return operation != null && mayCompile(document, operation);
}

/** Runs a text as its second sight, and by graphql-js. */
async function both(text: string, variables: Record<string, unknown> = {}, operationName: string | null = null) {
  const document = parse(text);
  const request = { operationName, variables };
  const operation = getOperationAST(document, operationName) ?? undefined;
  const run = createOperationExecutor({ compileFrom: 1 });
  const ours = await run({ schema, document, operation, request, context: {} });
  const theirs = await execute({ schema, document, operationName, variableValues: variables, contextValue: {} });
  return { ours, theirs };
}

function plain(result: unknown): unknown {
  return JSON.parse(JSON.stringify(result));
}

describe('an operation', () => {
  it('is compiled when its document comes the second time', async () => {
    const document = parse('{ cat { name } }');
    const operation = getOperationAST(document) ?? undefined;
    const run = createOperationExecutor();
    const request = { schema, document, operation, request: {}, context: {} };
    // What the compiler answers inherits from Object, what graphql-js answers from nothing.
    const prototypes = [await run(request), await run(request)].map(({ data }) => Object.getPrototypeOf(data));
    expect(prototypes).toEqual([null, Object.prototype]);
  });

  it('is compiled anew for another GraphQL schema', async () => {
    const document = parse('{ cat { name } }');
    const operation = getOperationAST(document) ?? undefined;
    const run = createOperationExecutor({ compileFrom: 1 });
    for (const current of [schema, zooSchema()]) {
      const { data } = await run({ schema: current, document, operation, request: {}, context: {} });
      expect(data).toEqual({ cat: { name: 'Mia' } });
    }
  });

  it('is not compiled where a field of it may lead to more than fifty kinds of record', () => {
    const manyKinds = (count: number) => {
      const tables = Array.from({ length: count }, (_, at) => table(`table${at}`, [column('name')]));
      return hasManyKinds(schemaOf({ ...EMPTY_CATALOG, tables }), parse('{ node(id: "x") { nodeId } }'));
    };
    expect([manyKinds(50), manyKinds(51)]).toEqual([false, true]);
  });

  it('of a name that the document lacks does not run, not even where it holds one operation only', async () => {
    const { ours } = await both('mutation One { adopt(name: "Mia") }', {}, 'Other');
    expect(ours.data).toBeUndefined();
    expect(ours.errors?.[0]?.message).toBe('Unknown operation named "Other".');
  });

  it('that fails gives real errors: place, path, code and what was thrown', async () => {
    const { ours, theirs } = await both('{\n  cat {\r\n    failing }\n  later { throwing } failing { id } }');
    const details = ({ message, path, locations, positions, originalError, extensions }: GraphQLError) => ({
      message,
      path,
      locations,
      positions,
      originalError,
      extensions,
    });
    const sorted = (errors: readonly GraphQLError[] = []) =>
      errors.map(details).sort((a, b) => (`${a.path}` < `${b.path}` ? -1 : 1));
    expect(sorted(ours.errors)).toEqual(sorted(theirs.errors));
  });

  it.each([
    ['query ($s: String) { cat { echo(filter: { name: $s }) } }', {}],
    ['query ($s: String) { cat { echo(filter: { name: $s }) } }', { s: null }],
    ['query ($s: String) { cat { echo(filter: { name: $s }) } }', { s: 'x' }],
    ['query ($s: String = "d") { cat { echo(filter: { not: { name: $s } }) } }', {}],
    ['query ($s: ID!) { cat { echo(filter: { ids: [$s, "b"] }) } }', { s: 'x' }],
    ['query ($f: Filter) { cat { echo(filter: { not: $f, size: SMALL }) } }', { f: { size: 'LARGE' } }],
  ])('passes no null for a variable inside a literal that the client left out: %s with %j', async (text, variables) => {
    expect(isCompiled(text)).toBe(true);
    const { ours, theirs } = await both(text, variables);
    expect(plain(ours)).toEqual(plain(theirs));
  });

  it('keeps a variable inside the literal of a scalar', async () => {
    const { ours, theirs } = await both('query ($s: String) { cat { echo(json: [{ text: $s }]) } }', { s: 'x' });
    expect(ours.data).toEqual({ cat: { echo: '{"json":[{"text":"x"}],"needed":true,"text":"none"}' } });
    expect(plain(ours)).toEqual(plain(theirs));
  });

  it('with a @oneOf input refuses a variable with two members', async () => {
    const text = 'query ($by: By) { cat { echo(by: $by) } }';
    expect(isCompiled(text)).toBe(true);
    const { ours, theirs } = await both(text, { by: { name: 'Mia', id: '1' } });
    expect(ours.errors?.[0]?.message).toContain('Exactly one key must be specified');
    expect(plain(ours)).toEqual(plain(theirs));
  });

  it('names the variable that is wrong as graphql-js does', async () => {
    const { ours, theirs } = await both('query ($f: Filter) { cat { echo(filter: $f) } }', {
      f: { not: { ids: [{}] } },
    });
    expect(ours.errors?.[0]?.message).toContain('Variable "$f" got invalid value');
    expect(ours.errors?.[0]?.nodes?.[0]?.kind).toBe('VariableDefinition');
    expect(plain(ours)).toEqual(plain(theirs));
  });

  it('reads the variables of an input type that refers to itself', async () => {
    const text = 'query ($f: Filter) { cat { echo(filter: $f) } }';
    expect(isCompiled(text)).toBe(true);
    const { ours, theirs } = await both(text, { f: { not: { not: { name: 'Mia', size: 'LARGE' } } } });
    expect(ours.data?.cat).toEqual({
      echo: '{"filter":{"not":{"not":{"name":"Mia","size":"l"},"size":1},"size":1},"needed":true,"text":"none"}',
    });
    expect(plain(ours)).toEqual(plain(theirs));
  });

  it.each([
    'query ($f: Filter = { name: "x", born: "2020-01-02T03:04:05Z" }) { cat { echo(filter: $f) } }',
    'query ($j: JSON = [1, { a: ENUM }]) { cat { echo(json: $j) } }',
    'query ($n: Int = 3, $b: Boolean! = false, $f: Filter = null) { cat { echo(count: $n, needed: $b, filter: $f) } }',
  ])('coerces the defaults of variables: %s', async (text) => {
    expect(isCompiled(text)).toBe(true);
    const { ours, theirs } = await both(text);
    expect(plain(ours)).toEqual(plain(theirs));
  });

  it.each([
    'query ($x: Boolean!) { cat { ...A @include(if: $x) } } fragment A on Cat { name }',
    'query ($x: Boolean!) { cat { ... @skip(if: $x) { name } } }',
    'query ($x: Boolean!) { cat { friend @include(if: $x) { __typename } friend { ... on Dog { barks } } } }',
  ])('is not compiled where resolvers would be told of parts that are left out: %s', (text) => {
    expect(isCompiled(text)).toBe(false);
  });

  it('tells a resolver only the parts of the query that are not left out', async () => {
    const text = 'query ($x: Boolean!) { cat { asked asked @include(if: $x) } }';
    const { ours, theirs } = await both(text, { x: false });
    expect(ours.data).toEqual({ cat: { asked: '1' } });
    expect(plain(ours)).toEqual(plain(theirs));
  });

  it.each([
    '{ cat { echo(text: "__MAGIC_DATE__33a9e76d_02e0_4128_8e92_3530ad3da74d0),globalThis.stolen=1,(0") } }',
    '{ cat { echo(text: "\\u005f_MAGIC_NAN__57f286b9_4c20_487f_b409_79804ddcb4f8") } }',
    '{ cat { echo(json: { __MAGIC_NAN__57f286b9_4c20_487f_b409_79804ddcb4f8: 1 }) } }',
  ])('cannot have code of its own run: %s', async (text) => {
    expect(isCompiled(text)).toBe(false);
    const { ours, theirs } = await both(text);
    expect(plain(ours)).toEqual(plain(theirs));
    expect(globalThis).not.toHaveProperty('stolen');
  });

  it('may call a field anything, "__proto__" too', async () => {
    const { ours } = await both('{ __proto__: cat { __proto__: name constructor: id } }');
    expect(JSON.stringify(ours.data)).toBe('{"__proto__":{"__proto__":"Mia","constructor":"7"}}');
  });

  it('that fragments double to thousands of fields is not compiled', () => {
    const levels = Array.from(
      { length: 12 },
      (_, i) => `fragment F${i} on Cat { a: friend { ...F${i + 1} } b: friend { ...F${i + 1} } }`,
    );
    expect(isCompiled(`{ cat { ...F0 } } ${levels.join(' ')} fragment F12 on Cat { name }`)).toBe(false);
  });

  it.each(['mutation { adopt(name: "Mia") }'])('that is no query is not compiled: %s', (text) => {
    expect(isCompiled(text)).toBe(false);
  });

  it('keeps moments, enumerations and own types what they are in arguments', async () => {
    const text =
      '{ cat { echo(filter: { born: "2020-01-02T03:04:05Z", size: LARGE, ids: 4 }, json: { a: [1.5, true, null] }) } }';
    expect(isCompiled(text)).toBe(true);
    const { ours, theirs } = await both(text);
    expect(plain(ours)).toEqual(plain(theirs));
  });

  it('that asks for the GraphQL schema itself is answered as by graphql-js', async () => {
    const { ours, theirs } = await both(
      '{ __schema { types { name kind fields { name type { name ofType { name } } } } } __type(name: "Cat") { name } }',
    );
    expect(plain(ours)).toEqual(plain(theirs));
  });
});
