import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LocalRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface LocalAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON, a text as it is. */
  readonly body?: unknown;
}

export interface LocalServer {
  readonly url: string;
  readonly requests: LocalRequest[];
  close(): Promise<void>;
}

/** A server on a free port that answers from a function and keeps what it was asked. */
export async function openLocalServer(answer: (request: LocalRequest) => LocalAnswer): Promise<LocalServer> {
  const requests: LocalRequest[] = [];
  const server = createServer(async (incoming, response) => {
    let body = '';
    for await (const chunk of incoming) body += chunk;
    const request = { method: incoming.method ?? '', target: incoming.url ?? '', headers: incoming.headers, body };
    requests.push(request);
    const { status = 200, headers = {}, body: content } = answer(request);
    const type = typeof content === 'string' ? 'text/html' : 'application/json; odata.metadata=minimal';
    response.writeHead(status, { 'Content-Type': type, ...headers });
    response.end(typeof content === 'string' ? content : JSON.stringify(content));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo; // a TCP server's address is never a text
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
