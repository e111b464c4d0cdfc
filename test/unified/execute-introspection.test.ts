import { type ExecutionResult, execute, getIntrospectionQuery, getOperationAST, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { EMPTY_CATALOG } from '../../src/model/catalog.js';
import { isIntrospection } from '../../src/unified/execute-introspection.js';
import { createOperationExecutor } from '../../src/unified/execute-operation.js';
import { WrittenData, writeAnswer, writeRest } from '../../src/unified/written-data.js';
import { CRM_CATALOG, column, table } from './catalogs.js';
import { schemaOf } from './fake-remotes.js';

const schema = schemaOf(CRM_CATALOG);
const WHOLE = parse(getIntrospectionQuery());
const NAMES = parse('{ __schema { types { name } } }');

function request(document = WHOLE, variables: Readonly<Record<string, unknown>> = {}) {
  return { schema, document, operation: getOperationAST(document) ?? undefined, request: { variables }, context: {} };
}

function isIt(text: string): boolean {
  const operation = getOperationAST(parse(text));
  return operation != null && isIntrospection(operation);
}

/** What a client gets. */
function sent(result: ExecutionResult): ExecutionResult {
  const rest = writeRest(result);
  return JSON.parse(result.data instanceof WrittenData ? [...writeAnswer(result.data, rest)].join('') : rest);
}

describe('introspection', () => {
  it('is what asks for the GraphQL schema and nothing else', () => {
    expect(isIt('{ __schema { types { name } } __typename }')).toBe(true);
    expect(isIt('{ __schema { types { name } } version }')).toBe(false);
    expect(isIt('{ ...all } fragment all on Query { __schema { types { name } } }')).toBe(false);
    expect(isIt('{ __typename }')).toBe(false);
  });

  it('is answered as GraphQL itself answers it', async () => {
    const { data } = sent(await createOperationExecutor()(request()));
    expect(data).toEqual(JSON.parse(JSON.stringify((await execute({ schema, document: WHOLE })).data)));
  });

  it.each([
    'query ($name: String!) { __type(name: $name) { name } __schema { types { ...of } } } fragment of on __Type { name }',
    '{ a: __schema { names: types { name } kinds: types { kind } directives { name } __typename } b: __schema { types { name } } __typename }',
    '{ __schema { directives { name } } }',
    '{ __schema { ...parts ... on __Schema { types { kind } } } } fragment parts on __Schema { types { name } queryType { fields { name } } }',
    'query ($no: Boolean = false) { __schema { types @include(if: $no) { name } queryType { name } } }',
  ])('is answered so however it is asked: %s', async (text) => {
    const document = parse(text);
    const variableValues = { name: 'DynamicsAccount' };
    const { data } = sent(await createOperationExecutor()(request(document, variableValues)));
    expect(data).toEqual(JSON.parse(JSON.stringify((await execute({ schema, document, variableValues })).data)));
  });

  it('leaves other work its turn', async () => {
    let isDone = false;
    let turns = 0;
    const tables = Array.from({ length: 40 }, (_, at) => table(`table${at}`, [column('name')]));
    const many = { ...request(), schema: schemaOf({ ...EMPTY_CATALOG, tables }) };
    const answer = createOperationExecutor()(many).then(() => {
      isDone = true;
    });
    while (!isDone) {
      await new Promise((resolve) => setImmediate(resolve));
      turns += 1;
    }
    await answer;
    expect(turns).toBeGreaterThan(10);
  });

  it('is made once for all who ask the same at the same time, each with an answer of its own', async () => {
    const run = createOperationExecutor();
    const [one, same, other] = await Promise.all([run(request()), run(request()), run(request(NAMES))]);
    expect(one?.data).toBe(same?.data);
    expect(one).not.toBe(same);
    expect(Object.keys(sent(other ?? {}).data?.__schema ?? {})).toEqual(['types']);
    expect((await run(request())).data).not.toBe(one?.data);
  });

  it('is text, beside which errors and extensions may stand', async () => {
    const { data } = await createOperationExecutor()(request(NAMES));
    const { extensions, data: written } = sent({ ...(data && { data }), extensions: { cost: 1 } });
    expect([extensions, written]).toEqual([{ cost: 1 }, JSON.parse(JSON.stringify(data))]);
  });

  it('goes on after one that could not be answered', async () => {
    const run = createOperationExecutor();
    const broken = parse('query ($name: String!) { __type(name: $name) { name } __schema { types { name } } }');
    const [failed, fine] = await Promise.all([run(request(broken)), run(request(NAMES))]);
    expect(failed?.errors?.[0]?.message).toContain('$name');
    expect(fine?.errors).toBeUndefined();
  });
});
