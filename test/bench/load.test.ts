import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { load } from '../../bench/load.js';
import { requestText } from '../../bench/load-generator.js';

async function startServer(listener: RequestListener): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // of a server that listens on a port
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { port, [Symbol.asyncDispose]: close };
}

function turn(port: number, ...bodies: readonly unknown[]) {
  const requests = bodies.map((body) => requestText(port, body));
  return load({ port, requests, connections: 3, milliseconds: 50 });
}

it('the load asks over and over with the whole body, and counts every answer', async () => {
  const bodies: string[] = [];
  await using server = await startServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    bodies.push(body);
    response.writeHead(200, { 'content-length': 100_000 }).end('x'.repeat(100_000));
  });
  const { answers } = await turn(server.port, { query: '{ é }' });
  expect(answers).toBe(bodies.length);
  expect(answers).toBeGreaterThanOrEqual(3);
  expect(new Set(bodies)).toEqual(new Set(['{"query":"{ é }"}']));
});

it('the load sends a request of its own over each connection, whose answers may be of other lengths', async () => {
  const asked = new Map<unknown, Set<string>>();
  await using server = await startServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    asked.set(request.socket, (asked.get(request.socket) ?? new Set()).add(body));
    response.writeHead(200, { 'content-length': body.length }).end(body);
  });
  const { answers } = await turn(server.port, { first: 9 }, { first: 10 }, { first: 100 });
  expect(answers).toBeGreaterThanOrEqual(3);
  const texts = [...asked.values()].map((bodies) => [...bodies].join());
  expect(texts.toSorted()).toEqual(['{"first":100}', '{"first":10}', '{"first":9}']);
});

it('the load waits for headers that come in pieces', async () => {
  await using server = await startServer((_, response) => {
    response.socket?.write('HTTP/1.1 200 OK\r\nContent-');
    setImmediate(() => response.socket?.write('Length: 4\r\n\r\nab'));
    setTimeout(() => response.socket?.end('cd'), 10);
  });
  await expect(
    load({ port: server.port, requests: [requestText(server.port, {})], connections: 1, milliseconds: 1 }),
  ).resolves.toMatchObject({ answers: 1 });
});

it.each([
  ['a status that is not 200', 503, 'busy', 'HTTP/1.1 503'],
  ['an answer of another length, as one with errors is', 200, 'short', 'Expected status 200 and 11 bytes'],
])('the load refuses %s', async (_, status, text, message) => {
  let count = 0;
  await using server = await startServer((_request, response) => {
    count += 1;
    const [code, body] = count > 5 ? [status, text] : [200, 'the answer.'];
    response.writeHead(code, { 'content-length': body.length }).end(body);
  });
  await expect(turn(server.port, {})).rejects.toThrow(message);
});
