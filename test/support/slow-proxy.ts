import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

export interface SlowProxy {
  readonly url: string;
  close(): void;
}

/**
 * Passes requests on at once and hands their answers over late: what was so when the remote answered may be so no more by then. `target` is
 * the address of the remote, `delayMs` tells by path and body of a request how long to keep its answer.
 */
export async function startSlowProxy(target: () => string, delayMs: (request: string) => number): Promise<SlowProxy> {
  const server = createServer((incoming, outgoing) => void passOn(incoming, outgoing).catch(() => outgoing.destroy()));

  async function passOn(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method, headers, url = '/' } = incoming;
    const sent = await buffer(incoming);
    const passed = request(new URL(url, target()), { method, headers });
    const answer = new Promise<IncomingMessage>((resolve, reject) =>
      passed.on('response', resolve).on('error', reject),
    );
    passed.end(sent);
    const { statusCode = 502, headers: answered } = await answer;
    const body = await buffer(await answer);
    await delay(delayMs(`${url} ${sent}`));
    outgoing.writeHead(statusCode, answered).end(body);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
