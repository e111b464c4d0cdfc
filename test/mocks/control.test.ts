import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createClock, listenMock, type Mock, type MockHandlers, type MockOptions } from '../../mocks/control.js';

let mock: Mock;
afterEach(() => mock.close());

async function start(options: Partial<MockOptions & MockHandlers> = {}): Promise<void> {
  mock = await listenMock({
    name: 'Vendor',
    handle: ({ method, path, body }) => ({ status: 200, body: `${method} ${path} ${body}` }),
    fail: ({ status = 500, code = 'E0', message = '', retryAfter }) => ({
      status,
      headers: { 'retry-after': String(retryAfter ?? 'none') },
      body: `${code} ${message}`,
    }),
    reset: () => {},
    ...options,
  });
}

function post(path: string, body: unknown): Promise<Response> {
  return fetch(mock.url + path, { method: 'POST', body: JSON.stringify(body) });
}

async function get(path: string): Promise<string> {
  const response = await fetch(mock.url + path);
  return `${response.status} ${await response.text()}`;
}

describe('a mock server', () => {
  it('hands a request to the vendor part as it was sent', async () => {
    const seen: unknown[] = [];
    await start({
      handle: ({ target, path, search, origin, body }) => {
        seen.push({ target, path, search, origin, body: body.toString() });
        return { status: 204 };
      },
    });
    await fetch(`${mock.url}/a%20b?$top=1&x=%27`, { method: 'POST', body: 'é' });
    expect(seen).toEqual([
      { target: '/a%20b?$top=1&x=%27', path: '/a%20b', search: '$top=1&x=%27', origin: mock.url, body: 'é' },
    ]);
  });

  it('takes the whole address in a request line, as clients of a proxy send it', async () => {
    await start();
    const socket = connect(mock.port, '127.0.0.1');
    socket.end('GET http://vendor.example/rows?x=1 HTTP/1.1\r\nHost: vendor.example\r\nConnection: close\r\n\r\n');
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    expect(text).toMatch(/GET \/rows $/);
  });

  it('streams an answer that is made piece by piece', async () => {
    async function* pieces() {
      for (let number = 0; number < 1000; number += 1) yield `${number},`.padEnd(1000);
    }
    await start({ handle: () => ({ status: 200, body: pieces() }) });
    const text = await (await fetch(mock.url)).text();
    expect(text).toHaveLength(1_000_000);
    expect(text.slice(-1000)).toMatch(/^999, +$/);
  });

  it('answers a body over its limit with the 413 of the vendor', async () => {
    await start({ maxBodyBytes: 10 });
    expect((await fetch(mock.url, { method: 'POST', body: 'x'.repeat(10) })).status).toBe(200);
    const refused = await fetch(mock.url, { method: 'POST', body: 'x'.repeat(500_000) });
    expect(refused.status).toBe(413);
    expect(await refused.text()).toBe('E0 The request body is too large.');
  });

  it('delays every answer by its latency', async () => {
    await start({ latency: 40 });
    await get('/late');
    expect(mock.requests()[0]?.milliseconds).toBeGreaterThanOrEqual(39);
  });

  it('answers a failure of its own with the 500 of the vendor and goes on', async () => {
    await start({
      handle: ({ path }) => {
        if (path === '/bad') throw new Error('a mistake that this test makes on purpose');
        return { status: 200, body: 'good' };
      },
    });
    expect((await get('/bad')).slice(0, 3)).toBe('500');
    expect(await get('/good')).toBe('200 good');
  });

  it('outlives a client that goes away before the answer', async () => {
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
    const { promise: gone, resolve: leave } = Promise.withResolvers<void>();
    await start({
      handle: async ({ path }) => {
        if (path === '/slow') {
          ask();
          await gone;
        }
        return { status: 200, body: 'answer' };
      },
    });
    const client = connect(mock.port, '127.0.0.1').on('close', () => leave());
    client.write('GET /slow HTTP/1.1\r\nHost: a\r\n\r\n');
    await asked;
    client.destroy();
    expect(await get('/next')).toBe('200 answer');
  });

  it('closes at once although an answer is still awaited', async () => {
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
    await start({
      handle: () => {
        ask();
        return new Promise(() => {});
      },
    });
    const answer = fetch(mock.url).then(
      () => 'answered',
      () => 'dropped',
    );
    await asked;
    await mock.close();
    expect(await answer).toBe('dropped');
  });

  it('rejects when its port is taken', async () => {
    await start();
    const second = listenMock({
      name: 'Second',
      port: mock.port,
      handle: () => ({ status: 200 }),
      fail: () => ({ status: 500 }),
      reset: () => {},
    });
    await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE', port: mock.port });
  });
});

describe('the journal', () => {
  it('keeps vendor requests in order, with their status, and no credentials', async () => {
    await start();
    await fetch(`${mock.url}/first?a=1`, { headers: { authorization: 'Bearer secret-token' } });
    await post('/second', { b: 2 });
    const { requests } = (await (await fetch(`${mock.url}/_mock/requests`)).json()) as { requests: unknown[] };
    expect(requests).toMatchObject([
      { id: 1, method: 'GET', path: '/first?a=1', status: 200, headers: { authorization: 'Bearer [redacted]' } },
      { id: 2, method: 'POST', path: '/second', body: '{"b":2}', status: 200 },
    ]);
    expect(JSON.stringify(requests)).not.toContain('secret-token');
  });

  it('keeps 64 KiB of a longer body', async () => {
    await start();
    await fetch(mock.url, { method: 'POST', body: 'x'.repeat(100_000) });
    expect(mock.requests()[0]?.body).toHaveLength(65_536);
  });

  it('keeps the last 10,000 requests', async () => {
    await start();
    const socket = connect(mock.port, '127.0.0.1');
    const drained = new Promise((resolve) => socket.on('close', resolve));
    socket.resume().write('GET /n HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(10_004));
    socket.write('GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    await drained;
    expect(mock.requests()).toHaveLength(10_000);
    expect(mock.requests()[0]?.id).toBe(6);
    expect(mock.requests().at(-1)?.path).toBe('/last');
  });

  it('is emptied on demand', async () => {
    await start();
    await get('/first');
    await fetch(`${mock.url}/_mock/requests`, { method: 'DELETE' });
    expect(mock.requests()).toEqual([]);
  });
});

describe('faults', () => {
  it('fail the next request once, in the shape of the vendor', async () => {
    await start();
    await post('/_mock/faults', { status: 429, code: 'E429', message: 'Slow down.', retryAfter: 7 });
    const failed = await fetch(mock.url);
    expect([failed.status, failed.headers.get('retry-after'), await failed.text()]).toEqual([
      429,
      '7',
      'E429 Slow down.',
    ]);
    expect(await get('/')).toBe('200 GET / ');
  });

  it('match by method and by part of path and query, as sent or decoded', async () => {
    await start();
    mock.addFault({ match: { method: 'post', path: '/accounts' }, status: 503 });
    mock.addFault({ match: { path: "name eq 'x'" }, status: 504 });
    expect(await get('/accounts')).toBe('200 GET /accounts ');
    expect(await get('/accounts?$filter=name%20eq%20%27x%27')).toBe('504 E0 ');
    expect((await post('/accounts', {})).status).toBe(503);
  });

  it('are taken in the order they were added, each as often as it says', async () => {
    await start();
    mock.addFault({ status: 500, times: 2 });
    mock.addFault({ status: 501 });
    expect(await get('/_mock/faults')).toBe('200 {"faults":[{"status":500,"times":2},{"status":501,"times":1}]}');
    const answers = [await get('/'), await get('/'), await get('/'), await get('/')];
    expect(answers.map((answer) => answer.slice(0, 3))).toEqual(['500', '500', '501', '200']);
  });

  it('drop the connection, after which the mock still answers', async () => {
    await start();
    mock.addFault({ close: true });
    await expect(get('/lost')).rejects.toThrow('fetch failed');
    expect(await get('/found')).toBe('200 GET /found ');
    expect(mock.requests().map(({ path, status }) => [path, status])).toEqual([
      ['/lost', null],
      ['/found', 200],
    ]);
  });

  it('only delay where a delay is all they say', async () => {
    await start();
    mock.addFault({ delayMs: 40 });
    expect(await get('/late')).toBe('200 GET /late ');
    expect(mock.requests()[0]?.milliseconds).toBeGreaterThanOrEqual(39);
  });

  it('let the request be carried out and lose its answer where they come after it', async () => {
    const carriedOut: string[] = [];
    await start({
      handle: ({ path }) => {
        carriedOut.push(path);
        return { status: 200 };
      },
    });
    mock.addFault({ after: true, close: true });
    mock.addFault({ after: true, status: 503 });
    await expect(get('/lost')).rejects.toThrow('fetch failed');
    expect(await get('/late')).toBe('503 E0 ');
    expect(carriedOut).toEqual(['/lost', '/late']);
  });

  it('are for a part of a batch where they say so', async () => {
    await start({
      handle: ({ body }, { faultFor }) => {
        const parts = body.toString().split(',');
        const answers = parts.map((part) => faultFor({ method: 'GET', target: part })?.body ?? `${part} done`);
        return { status: 200, body: answers.join() };
      },
    });
    mock.addFault({ match: { path: '/batch', part: { method: 'get', path: '/b' } }, status: 503, code: 'E503' });
    const answer = async (path: string) => (await fetch(mock.url + path, { method: 'POST', body: '/a,/b,/b' })).text();
    expect(await answer('/other')).toBe('/a done,/b done,/b done');
    expect(await answer('/batch')).toBe('/a done,E503 ,/b done');
  });

  it('of a part drop or delay the answer of the whole batch', async () => {
    await start({ handle: (_, { faultFor }) => faultFor({ method: 'GET', target: '/a' }) ?? { status: 200 } });
    mock.addFault({ match: { part: {} }, close: true });
    mock.addFault({ match: { part: {} }, delayMs: { uniform: [40, 41] } });
    await expect(get('/lost')).rejects.toThrow('fetch failed');
    expect(await get('/late')).toBe('200 ');
    expect(mock.requests()[1]?.milliseconds).toBeGreaterThanOrEqual(39);
  });

  it('are removed on demand and leave the control API alone', async () => {
    await start();
    mock.addFault({ status: 500 });
    expect((await get('/_mock/health')).slice(0, 3)).toBe('200');
    await fetch(`${mock.url}/_mock/faults`, { method: 'DELETE' });
    expect(await get('/')).toBe('200 GET / ');
  });

  it.each([
    [{ sattus: 500 }, 'A fault has no field "sattus"; its fields are match, times, status,'],
    [{ status: '500' }, 'Expected "status" to be an HTTP status from 200 to 599.'],
    [{ status: 500, times: 0 }, 'Expected "times" to be a whole number from 1.'],
    [{ match: 'x' }, 'Expected "match" to be an object with "method", "path" and "part".'],
    [{ match: { url: 'x' } }, '"match" has no field "url"; its fields are method, path, part.'],
    [{ match: { part: 'x' } }, 'Expected "match.part" to be an object with "method" and "path".'],
    [{ match: { part: { part: {} } } }, '"match.part" has no field "part"; its fields are method, path.'],
    [{ match: { path: 1 } }, 'Expected "match.path" to be a string.'],
    [{ delayMs: 1e12 }, 'Expected "delayMs" to be milliseconds from 0 to 3600000, {"uniform": [from, to]} or'],
    [{ delayMs: { uniform: [5, 1] } }, 'Expected "delayMs" to be milliseconds'],
    [{ delayMs: { logNormal: { median: 5 } } }, 'Expected "delayMs" to be milliseconds'],
    [{ after: 1 }, 'Expected "after" to be true or false.'],
    [[], 'Expected a fault to be a JSON object.'],
  ])('refuse %j by naming the field', async (fault, message) => {
    await start();
    const refused = await post('/_mock/faults', fault);
    expect(refused.status).toBe(400);
    expect(((await refused.json()) as { error: string }).error).toContain(message);
    expect(await get('/_mock/faults')).toBe('200 {"faults":[]}');
  });
});

describe('the clock', () => {
  it('is set, runs on, and is moved', async () => {
    await start();
    await post('/_mock/clock', { now: '2030-01-31T12:00:00Z' });
    await post('/_mock/clock', { advanceSeconds: 3600 });
    expect(mock.clock.now().toISOString()).toMatch(/^2030-01-31T13:00:/);
  });

  it('is one for all the mocks that share it', async () => {
    const clock = createClock();
    await start({ clock });
    clock.set(new Date('2040-05-05T00:00:00Z'));
    expect(await get('/_mock/health')).toMatch(/^200 {"name":"Vendor","status":"ok","now":"2040-05-05T00:00:/);
  });

  it.each([
    [{}, 'Give either "now" or "advanceSeconds".'],
    [{ now: 'noon' }, 'Expected "now" to be a date and time in ISO 8601, as in 2030-01-31T12:00:00Z.'],
    [{ advanceSeconds: '60' }, 'Expected "advanceSeconds" to be a number.'],
    [{ advance: 60 }, 'The clock has no field "advance"; give "now" or "advanceSeconds".'],
    [{ advanceSeconds: 1e300 }, 'Expected "now" or "advanceSeconds" to lead to a year from 1970 to 9900.'],
    [{ now: '+275760-09-13T00:00:00Z' }, 'Expected "now" or "advanceSeconds" to lead to a year from 1970 to 9900.'],
  ])('refuses %j by naming the field', async (body, message) => {
    await start();
    const refused = await post('/_mock/clock', body);
    expect([refused.status, await refused.json()]).toEqual([400, { error: message }]);
  });
});

describe('the control API', () => {
  it('resets data, journal, faults and clock', async () => {
    let resets = 0;
    await start({
      reset: () => {
        resets += 1;
      },
    });
    await get('/');
    mock.addFault({ status: 500 });
    mock.clock.set(new Date(0));
    expect((await post('/_mock/reset', {})).status).toBe(200);
    expect([resets, mock.requests().length, mock.clock.now().getFullYear() > 2000]).toEqual([1, 0, true]);
    expect(await get('/')).toBe('200 GET / ');
  });

  it('answers what it does not know with 400, 404 or 405', async () => {
    await start();
    const notJson = await fetch(`${mock.url}/_mock/faults`, { method: 'POST', body: '{' });
    expect([notJson.status, await notJson.json()]).toEqual([400, { error: 'Expected the body to be JSON.' }]);
    expect((await get('/_mock/nothing')).slice(0, 3)).toBe('404');
    const wrongMethod = await fetch(`${mock.url}/_mock/reset`);
    expect([wrongMethod.status, wrongMethod.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('tells of the health that the vendor part adds', async () => {
    await start({ health: () => ({ contacts: 1000 }) });
    expect(await (await fetch(`${mock.url}/_mock/health`)).json()).toMatchObject({ name: 'Vendor', contacts: 1000 });
  });
});
