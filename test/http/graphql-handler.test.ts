import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway.js';

describe('the endpoint', () => {
  let gateway: TestGateway;
  let url: string;
  beforeAll(async () => {
    gateway = await startGateway({ contacts: 10 });
    url = `${gateway.app.gateway.url}/graphql`;
  });
  afterAll(() => gateway?.close());

  function post(body: string | Buffer, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : new Uint8Array(body),
    });
  }

  it('takes a .graphql file as it is', async () => {
    const response = await post('{ __typename }', { 'content-type': 'application/graphql' });
    expect(await response.json()).toEqual({ data: { __typename: 'Query' } });
  });

  it('takes a query by GET, at a path with a slash too', async () => {
    const response = await fetch(`${url}/?query=${encodeURIComponent('{ __typename }')}`);
    expect(await response.json()).toEqual({ data: { __typename: 'Query' } });
  });

  it.each([
    [{ version: 1, sha256Hash: 'deadbeef' }, 'provided sha does not match query'],
    [{ version: 2, sha256Hash: 'deadbeef' }, 'Unsupported persisted query version'],
    ['deadbeef', 'Unsupported persisted query version'],
  ])('refuses the persisted query %j as the fault of its client', async (persistedQuery, message) => {
    const response = await post(JSON.stringify({ query: '{ __typename }', extensions: { persistedQuery } }));
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ errors: [{ message, extensions: { code: 'BAD_USER_INPUT' } }] });
  });

  it('tells the length of its answer, in bytes', async () => {
    const response = await post(JSON.stringify({ query: '{ é: __typename }' }));
    const text = await response.text();
    expect(Number(response.headers.get('content-length') ?? Buffer.byteLength(text))).toBe(Buffer.byteLength(text));
  });

  it.each<[string, string | Buffer, Record<string, string>, number, string]>([
    ['that is not JSON', '{ query', {}, 400, 'not JSON'],
    ['that is too large', JSON.stringify({ query: ' '.repeat(1024 * 1024) }), {}, 413, '1048576 bytes'],
    [
      'that is nested too deeply',
      `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`,
      {},
      400,
      'at most 200 lists and objects',
    ],
    ['in another character set', '{}', { 'content-type': 'application/json; charset=utf-16' }, 415, 'utf-16'],
    ['that is compressed', gzipSync('{}'), { 'content-encoding': 'gzip' }, 415, 'gzip'],
  ])('refuses a body %s, in JSON', async (_, body, headers, status, text) => {
    const response = await post(body, headers);
    const { errors } = (await response.json()) as { errors: { message: string; extensions: unknown }[] };
    expect([response.status, errors[0]?.extensions]).toEqual([status, { code: 'BAD_USER_INPUT' }]);
    expect(errors[0]?.message).toContain(text);
  });

  it('outlives a client that leaves in the middle of its body', async () => {
    const half = request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': 100 },
    });
    half.on('error', () => undefined);
    await new Promise<void>((resolve) => half.write('{ "query": ', () => resolve()));
    half.destroy();
    expect((await post('{"query":"{ __typename }"}')).status).toBe(200);
  });

  it('sends a browser that opens it to GraphiQL', async () => {
    const response = await fetch(url, { headers: { accept: 'text/html,application/xhtml+xml' }, redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([302, '/graphiql/']);
  });

  it('answers under no type that it has not', async () => {
    const response = await post('{"query":"{ __typename }"}', { accept: 'text/xml' });
    expect(response.status).toBe(406);
  });

  it('leaves every other path to the pages', async () => {
    const response = await fetch(`${gateway.app.gateway.url}/graphqlx`);
    expect(response.status).toBe(404);
  });
});
