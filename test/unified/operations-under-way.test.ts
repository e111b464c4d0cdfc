import { buildSchema, type ExecutionResult, type GraphQLSchema, getOperationAST, parse } from 'graphql';
import { describe, expect, it, vi } from 'vitest';
import { createOperationsUnderWay } from '../../src/unified/operations-under-way.js';

const STATIC = 'drift: Int';
const own = schema(STATIC);
const wide = schema(`${STATIC} contacts: Int leads: Int`);
const narrow = schema(`${STATIC} contacts: Int`);

/** Operations that run until they are released, by the text of their query. */
function prepare() {
  const running = new Map<string, { readonly schema: GraphQLSchema; readonly release: () => void }>();
  const operations = createOperationsUnderWay(({ schema: on, document }) => {
    const { promise, resolve } = Promise.withResolvers<ExecutionResult>();
    running.set(document.loc?.source.body ?? '', { schema: on, release: () => resolve({ data: {} }) });
    return promise;
  }, own);
  operations.serve(wide);
  const run = (text: string, on = wide) => {
    const document = parse(text);
    return operations.run({
      schema: on,
      document,
      operation: getOperationAST(document) ?? undefined,
      request: {},
      context: {},
    });
  };
  const drain = (timeoutMs = 60_000) => {
    const ended = vi.fn();
    const draining = operations.drain(timeoutMs).then(ended);
    return { ended, draining };
  };
  return { operations, running, run, drain };
}

describe('operations under way', () => {
  it('are waited for where they began on an earlier GraphQL schema, and no others', async () => {
    const { operations, running, run, drain } = prepare();
    run('{ leads }');
    operations.serve(narrow);
    run('{ contacts }', narrow);
    const { ended, draining } = drain();
    await settle();
    expect(ended).not.toHaveBeenCalled();
    running.get('{ leads }')?.release();
    await draining;
  });

  it('are waited for no longer than they may take', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { operations, run, drain } = prepare();
      run('{ leads }');
      operations.serve(narrow);
      const { ended, draining } = drain(30_000);
      await vi.advanceTimersByTimeAsync(29_999);
      expect(ended).not.toHaveBeenCalled();
      await vi.advanceTimersByTimeAsync(1);
      await draining;
    } finally {
      vi.useRealTimers();
    }
  });

  it.each([
    ['a mutation that changes mappings', 'mutation { mapTables }'],
    ['one that writes records beside it', 'mutation { ...Both } fragment Both on Mutation { createContact mapTables }'],
    ['a query of the static API', 'query { ... on Query { drift } }'],
  ])('are not waited for where they may be waiting themselves: %s', async (_, text) => {
    const { operations, running, run, drain } = prepare();
    run(text);
    expect(running.has(text)).toBe(true);
    operations.serve(narrow);
    await drain().draining;
  });

  it('are waited for where they write records', async () => {
    const { operations, running, run, drain } = prepare();
    run('mutation { createContact }');
    operations.serve(narrow);
    const { ended, draining } = drain();
    await settle();
    expect(ended).not.toHaveBeenCalled();
    running.get('mutation { createContact }')?.release();
    await draining;
  });

  it('that come late run on the GraphQL schema being served, or are refused where it lacks what they ask for', async () => {
    const { operations, running, run, drain } = prepare();
    operations.serve(narrow);
    await drain().draining;
    run('{ contacts }', wide);
    expect(running.get('{ contacts }')?.schema).toBe(narrow);
    const { data, errors } = await run('{ leads }', wide);
    expect(running.has('{ leads }')).toBe(false);
    expect([data, errors?.map(({ message, extensions }) => [message, extensions.code])]).toEqual([
      undefined,
      [['Cannot query field "leads" on type "Query".', 'GRAPHQL_VALIDATION_FAILED']],
    ]);
  });

  it('that come late where nothing was taken away run on what they began with', async () => {
    const { operations, running, run } = prepare();
    operations.serve(narrow);
    run('{ leads }', wide);
    expect(running.get('{ leads }')?.schema).toBe(wide);
  });

  it('are forgotten when they fail', async () => {
    const failing = createOperationsUnderWay(() => Promise.reject(new Error('a fault')), own);
    failing.serve(wide);
    const document = parse('{ leads }');
    const operation = getOperationAST(document) ?? undefined;
    await expect(failing.run({ schema: wide, document, operation, request: {}, context: {} })).rejects.toThrow(
      'a fault',
    );
    failing.serve(narrow);
    await failing.drain(60_000);
  });
});

function schema(fields: string): GraphQLSchema {
  const generated = fields === STATIC ? '' : 'createContact: Int';
  return buildSchema(`type Query { ${fields} } type Mutation { mapTables: Int ${generated} }`);
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
}
