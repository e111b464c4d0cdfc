import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createTransport,
  type Transport,
  type TransportOptions,
  type TransportRequest,
} from '../../src/connectors/transport.js';
import type { UpstreamCall } from '../../src/model/call.js';

const GET: TransportRequest = { method: 'GET', target: '/things?a=1', headers: {}, idempotent: true };
const POST: TransportRequest = { method: 'POST', target: '/things', headers: {}, body: '{}', idempotent: false };

let server: Server | undefined;
let transport: Transport | undefined;

afterEach(async () => {
  await transport?.close();
  server?.closeAllConnections();
  server?.close();
});

async function open(answer: RequestListener, options: Partial<TransportOptions> = {}): Promise<Transport> {
  server = createServer(answer);
  await new Promise<void>((listening) => server?.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo; // a TCP server's address is never a string
  transport = createTransport({ system: 'dynamics', baseUrl: `http://127.0.0.1:${port}`, ...options });
  const { send, endAll, close } = transport;
  return { send: send.bind(transport), endAll: endAll.bind(transport), close: close.bind(transport) };
}

/** Answers the first requests with these statuses, every later one with 200. */
function answering(...statuses: number[]): RequestListener {
  return (_request, response) => {
    const status = statuses.shift() ?? 200;
    response.writeHead(status, status === 429 ? { 'Retry-After': '0' } : {}).end(`status ${status}`);
  };
}

describe('transport', () => {
  it('gives back status, headers and body, and tells onCall of the request', async () => {
    const calls: UpstreamCall[] = [];
    const { send } = await open((_request, response) => response.writeHead(404, { 'X-Id': '7' }).end('none'));
    const response = await send(GET, { onCall: (call) => calls.push(call) });
    expect([response.status, response.headers.get('x-id'), response.body.toString()]).toEqual([404, '7', 'none']);
    expect(calls).toMatchObject([{ system: 'dynamics', method: 'GET', target: '/things?a=1', status: 404 }]);
  });

  it('tries again after 503 and 429, and tells onCall of every attempt under its label', async () => {
    const calls: UpstreamCall[] = [];
    const { send } = await open(answering(503, 429));
    const response = await send({ ...GET, label: 'read things' }, { onCall: (call) => calls.push(call) });
    expect(response.status).toBe(200);
    expect(calls.map((call) => [call.target, call.status])).toEqual([
      ['read things', 503],
      ['read things', 429],
      ['read things', 200],
    ]);
  });

  it('does not repeat a request that may have been carried out', async () => {
    const seen: string[] = [];
    const { send } = await open((request, response) =>
      response.writeHead(503).end(seen.push(request.method ?? '').toString()),
    );
    await expect(send(POST)).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', upstream: { status: 503 } });
    expect(seen).toEqual(['POST']);
  });

  it('repeats even such a request when the remote refused it with 429', async () => {
    const { send } = await open(answering(429));
    expect((await send(POST)).status).toBe(200);
  });

  it('gives up at once when asked to wait longer than it may', async () => {
    let asked = 0;
    const { send } = await open((_request, response) => {
      asked++;
      response.writeHead(429, { 'Retry-After': '600' }).end();
    });
    await expect(send(GET)).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfter: 600 });
    expect(asked).toBe(1);
  });

  it('carries the code that readFault finds', async () => {
    const readFault = () => ({ code: '0x80072322', message: 'Number of requests exceeded', requestId: 'r-1' });
    const { send } = await open(answering(503), { retries: 0, readFault });
    const upstream = { status: 503, code: '0x80072322', requestId: 'r-1' };
    await expect(send(GET)).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', upstream });
  });

  it('names the host and the remedy when nothing listens', async () => {
    const baseUrl = 'http://127.0.0.1:1';
    transport = createTransport({ system: 'campaign', baseUrl, retries: 1 });
    await expect(transport.send(POST)).rejects.toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      message: expect.stringMatching(/127\.0\.0\.1:1 .*refused the connection\. Check the address and port/),
    });
  });

  it('tries again when the connection is dropped without an answer', async () => {
    let asked = 0;
    const { send } = await open((request, response) => {
      if (++asked === 1) request.socket.destroy();
      else response.end('at last');
    });
    expect((await send(GET)).body.toString()).toBe('at last');
  });

  it('gives up on an answer that does not come in time', async () => {
    const { send } = await open(() => {}, { timeoutMs: 50, retries: 0 });
    await expect(send(GET)).rejects.toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      message: expect.stringContaining('within 0.05 s'),
    });
  });

  it('refuses an answer beyond its size limit', async () => {
    const { send } = await open((_request, response) => response.end('x'.repeat(5_000)), { maxResponseBytes: 1_000 });
    await expect(send(GET)).rejects.toMatchObject({
      code: 'UPSTREAM_REJECTED',
      message: expect.stringContaining('longer'),
    });
  });

  it('does not follow a redirect to another host', async () => {
    const { send } = await open((_request, response) =>
      response.writeHead(302, { Location: 'http://192.0.2.1/' }).end(),
    );
    expect((await send(GET)).status).toBe(302);
  });

  it('rejects with the reason of an abort, under way and while it waits', async () => {
    const { send } = await open(() => {}, { concurrency: 1 });
    const abort = new AbortController();
    const both = Promise.allSettled([send(GET, { signal: abort.signal }), send(GET, { signal: abort.signal })]);
    abort.abort(new Error('enough'));
    expect((await both).map((outcome) => outcome.status === 'rejected' && String(outcome.reason))).toEqual([
      'Error: enough',
      'Error: enough',
    ]);
  });

  it('aborts a pause between two attempts', async () => {
    const abort = new AbortController();
    const { send } = await open((_request, response) => response.writeHead(429, { 'Retry-After': '30' }).end());
    const onCall = () => abort.abort(new Error('enough'));
    await expect(send(GET, { signal: abort.signal, onCall })).rejects.toThrow('enough');
  });

  it('never has more requests under way than allowed', async () => {
    let underWay = 0;
    let most = 0;
    const { send } = await open(
      (_request, response) => {
        most = Math.max(most, ++underWay);
        setTimeout(() => response.end(String(underWay--)), 5);
      },
      { concurrency: 2 },
    );
    await Promise.all(Array.from({ length: 7 }, () => send(GET)));
    expect(most).toBe(2);
  });

  it('leaves a failing remote alone, then lets one request probe it', async () => {
    let asked = 0;
    const recovered = answering(502, 502);
    const { send } = await open(
      (request, response) => {
        asked++;
        recovered(request, response);
      },
      {
        retries: 0,
        breakAfter: 2,
        probeAfterMs: 40,
      },
    );
    await expect(send(GET)).rejects.toThrow('502');
    await expect(send(GET)).rejects.toThrow('502');
    await expect(send(GET)).rejects.toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      message: expect.stringContaining('in a row'),
      retryAfter: 1,
    });
    expect(asked).toBe(2);
    await new Promise((later) => setTimeout(later, 60));
    expect((await send(GET)).status).toBe(200);
  });

  it('ends what is under way for a reason that it is given, and sends what comes later', async () => {
    const { send, endAll } = await open((request, response) => request.method === 'POST' && response.end('sent'));
    const waiting = send(GET);
    await new Promise((resolve) => server?.once('request', resolve));
    endAll(new Error('The connector was closed.'));
    await expect(waiting).rejects.toThrow('The connector was closed.');
    expect((await send(POST)).body.toString()).toBe('sent');
  });

  it('aborts what is under way when it is closed', async () => {
    const { send, close } = await open(() => {});
    const pending = send(GET);
    const outcome = expect(pending).rejects.toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      message: expect.stringContaining('closed'),
    });
    await close();
    await outcome;
  });

  it.each<[string, boolean, RequestListener]>([
    ['the answer never comes', true, (request) => request.socket.destroy()],
    ['a gateway gave up waiting', true, answering(504)],
    ['the remote has no time', false, answering(503)],
    ['the rate is limited', false, answering(429)],
  ])('tells whether a request may have been carried out where %s: %s', async (_what, mayHaveArrived, answer) => {
    const { send } = await open(answer, { retries: 0 });
    await expect(send(POST)).rejects.toMatchObject({ name: 'RemoteError', mayHaveArrived });
  });

  it('remembers of an earlier attempt that it may have been carried out', async () => {
    const statuses = [504, 503];
    const { send } = await open((_request, response) => response.writeHead(statuses.shift() ?? 503).end(), {
      retries: 1,
    });
    await expect(send(GET)).rejects.toMatchObject({ upstream: { status: 503 }, mayHaveArrived: true });
  });

  it('knows that nothing was carried out where nobody listens', async () => {
    const { send } = await open(answering(), { retries: 0 });
    await new Promise((closed) => server?.close(closed));
    await expect(send(POST)).rejects.toMatchObject({ upstream: { code: 'ECONNREFUSED' }, mayHaveArrived: false });
  });
});
