import { buildClientSchema, buildSchema, getIntrospectionQuery, type IntrospectionQuery, printType } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway.js';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ contacts: 10 });
  for (const file of ['01-create-external-account', '04-map-tables']) await gateway.example(`${file}.graphql`);
});
afterAll(() => gateway?.close());

function introspect(headers: Record<string, string> = {}, signal?: AbortSignal): Promise<Response> {
  return fetch(`${gateway.app.gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query: getIntrospectionQuery() }),
    ...(signal && { signal }),
  });
}

async function readSchema(response: Response) {
  const { data } = (await response.json()) as { data: IntrospectionQuery };
  return buildClientSchema(data);
}

describe('the whole graph over HTTP', () => {
  it('is told by introspection as by /schema.graphql, the first time and later', async () => {
    const printed = buildSchema(await (await fetch(`${gateway.app.gateway.url}/schema.graphql`)).text());
    for (let time = 0; time < 3; time++) {
      const schema = await readSchema(await introspect());
      expect(Object.keys(schema.getTypeMap()).sort()).toEqual(Object.keys(printed.getTypeMap()).sort());
      const type = schema.getType('Node');
      const same = printed.getType('Node');
      expect(type && printType(type)).toBe(same && printType(same));
    }
  });

  it('has the type and the headers of every other answer, and its cost beside the data', async () => {
    const response = await introspect({ accept: 'application/graphql-response+json', 'isthmus-cost': 'true' });
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      'application/graphql-response+json; charset=utf-8',
    ]);
    const { extensions, data } = (await response.json()) as { extensions: unknown; data: IntrospectionQuery };
    expect(extensions).toMatchObject({ cost: { limit: 100_000 } });
    expect(data.__schema.queryType.name).toBe('Query');
  });

  it('may be left by a client half-way, and is told to the next', async () => {
    const leaving = new AbortController();
    const response = await introspect({}, leaving.signal);
    leaving.abort();
    await expect(response.text()).rejects.toThrow();
    expect((await readSchema(await introspect())).getQueryType()?.name).toBe('Query');
  });
});
