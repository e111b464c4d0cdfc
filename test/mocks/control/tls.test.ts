import { request } from 'node:https';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createCertificateAuthority } from '../../../mocks/control/certificates.js';
import { listenMock, type Mock, type MockOptions } from '../../../mocks/control.js';

const mocks: Mock[] = [];
afterEach(async () => {
  for (const mock of mocks.splice(0)) await mock.close();
});

async function start(options: MockOptions): Promise<Mock> {
  const mock = await listenMock({
    name: 'vendor',
    handle: ({ method, origin, body }) => ({ status: 200, body: `${method} ${origin} ${body.length}` }),
    fail: () => ({ status: 500 }),
    reset: () => {},
    ...options,
  });
  mocks.push(mock);
  return mock;
}

/** Posts over https, trusting one authority. */
function post(url: string, ca: string | null, body: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const sent = request(url, { method: 'POST', ca: ca ?? '', agent: false }, (response) => {
    let text = '';
    response.on('data', (chunk) => {
      text += chunk;
    });
    response.on('end', () => resolve(text));
  });
  sent.on('error', reject).end(body);
  return promise;
}

describe('a mock with TLS', () => {
  it('answers https to whoever trusts its authority, by each of its names', async () => {
    const { ca, port, url } = await start({ tls: true });
    expect(url).toBe(`https://127.0.0.1:${port}`);
    const large = 'x'.repeat(200_000);
    for (const host of ['127.0.0.1', 'localhost'])
      expect(await post(`https://${host}:${port}`, ca, large)).toBe(`POST https://${host}:${port} 200000`);
  });

  it('is not trusted by whoever trusts another', async () => {
    const [one, other] = [await start({ tls: true }), await start({ tls: true })];
    await expect(post(one.url, other.ca, '')).rejects.toThrow(/certificate/);
    expect(await post(one.url, one.ca, '')).toContain('POST');
  });

  it('answers plain http on the same port', async () => {
    const { port } = await start({ tls: true });
    const large = 'x'.repeat(200_000);
    const response = await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body: large });
    expect(await response.text()).toBe(`POST http://127.0.0.1:${port} 200000`);
  });

  it('shares its authority where it is given one', async () => {
    const tls = await createCertificateAuthority();
    const [one, other] = [await start({ tls }), await start({ tls })];
    expect([one.ca, other.ca]).toEqual([tls.ca, tls.ca]);
    expect(await post(other.url, one.ca, '')).toContain('POST');
  });

  it('outlives what is neither, and closes what is open', async () => {
    const mock = await start({ tls: true });
    const closed = (first: string) =>
      new Promise<string>((resolve) => {
        const socket = connect(mock.port, '127.0.0.1', () => socket.write(first));
        socket.on('error', () => {}).on('close', () => resolve('closed'));
        socket.resume();
      });
    expect(await closed('\u0016nonsense that is no handshake at all')).toBe('closed');
    const idle = closed('GET / HTTP/1.1\r\n');
    expect(await post(mock.url, mock.ca, '')).toContain('POST');
    await mock.close();
    expect(await idle).toBe('closed');
  });

  it('has no authority without TLS', async () => {
    expect((await start({})).ca).toBeNull();
  });
});
