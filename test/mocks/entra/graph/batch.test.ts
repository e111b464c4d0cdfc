import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createEntraMock, type EntraMock } from '../../../../mocks/entra/server.js';
import { covers } from '../../compatibility.js';
import { GraphClient, type Json } from './graph-client.js';

let entra: EntraMock;
let graph: GraphClient;
beforeAll(async () => {
  entra = await createEntraMock();
  graph = new GraphClient(entra);
});
beforeEach(() => entra.reset());
afterAll(() => entra.close());

async function send(...requests: readonly Json[]): Promise<readonly Json[]> {
  return (await graph.post('/$batch', { requests })).body.responses as readonly Json[];
}

const create = (id: string, displayName: unknown = 'x', rest: object = {}) => ({
  id,
  method: 'POST',
  url: '/applications',
  headers: { 'Content-Type': 'application/json' },
  body: { displayName },
  ...rest,
});

describe('a batch', () => {
  it('answers each of its requests, with a version in the URL or without', async () => {
    covers('entra', 'Graph 7.4 Queries', 'POST /$batch: up to 20 requests, both forms of URL');
    const [made, listed] = await send(create('1'), {
      id: '2',
      method: 'GET',
      url: "/v1.0/applications?$filter=displayName eq 'x'",
    });
    expect(made).toMatchObject({
      id: '1',
      status: 201,
      body: { displayName: 'x' },
      headers: { Location: expect.any(String) },
    });
    expect(listed).toMatchObject({ id: '2', status: 200, body: { value: [{ displayName: 'x' }] } });
  });

  it('leaves out what depends on a request that failed', async () => {
    covers('entra', 'Graph 7.4 Queries', 'dependsOn: 424 after a failed request');
    const responses = await send(create('1', 5), create('2', 'y', { dependsOn: ['1'] }), create('3'));
    expect(responses.map(({ status }) => status)).toEqual([400, 424, 201]);
    expect(await graph.list("/applications?$filter=displayName eq 'y'")).toEqual([]);
  });

  it('has one of its requests fail where a fault is for that', async () => {
    covers('entra', 'Testers', 'faults of single requests of a $batch');
    entra.addFault({
      match: { path: '/$batch', part: { method: 'POST', path: 'applications' } },
      status: 429,
      retryAfter: 3,
    });
    const responses = await send({ id: '1', method: 'GET', url: '/users' }, create('2'), create('3'));
    expect(responses).toMatchObject([
      { status: 200 },
      { status: 429, headers: { 'Retry-After': '3' }, body: { error: { code: 'TooManyRequests' } } },
      { status: 201 },
    ]);
  });

  it.each([
    [[], "'requests' is missing"],
    [Array.from({ length: 21 }, (_, id) => create(`${id}`)), 'exceeds the maximum value of 20'],
    [[create('1'), create('1')], 'must be unique'],
    [[create('1', 'x', { dependsOn: ['2'] }), create('2')], 'may depend on requests before it only'],
    [[{ id: '1', method: 'GET' }], "needs 'id', 'method' and 'url'"],
  ])('is refused as a whole where it is not well formed (%#)', async (requests, message) => {
    const [status, , text] = await graph.refusal(graph.post('/$batch', { requests }));
    expect(status).toBe(400);
    expect(text).toContain(message);
  });
});
