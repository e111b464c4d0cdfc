import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createNetServer, type Server as NetServer, type Socket } from 'node:net';
import type { ServerCertificate } from './certificates.js';

/** A server that listens. */
export interface Listener {
  readonly port: number;
  /** Ends open connections at once. */
  close(): Promise<void>;
}

/** Listens for http, and with a certificate for https on the same port; rejects with the system's error. */
export async function startListener(
  handle: RequestListener,
  {
    port,
    host,
    certificate,
  }: { readonly port: number; readonly host: string; readonly certificate?: ServerCertificate },
): Promise<Listener> {
  const plain = createHttpServer(LIMITS, handle);
  if (certificate === undefined) {
    return { port: await listen(plain, port, host), close: () => close(plain, () => plain.closeAllConnections()) };
  }
  const secure = createHttpsServer({ ...certificate, ...LIMITS }, handle);
  // A handshake that fails is the client's affair.
  secure.on('tlsClientError', (_error, socket) => socket.destroy());
  const sockets = new Set<Socket>();
  const front = createNetServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
    handOver(socket, plain, secure);
  });
  const dropAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return { port: await listen(front, port, host), close: () => close(front, dropAll) };
}

/** Dataverse takes URLs of 32,768 characters, and of 65,536 in a batch; Node itself would refuse them. */
const LIMITS = { maxHeaderSize: 128 * 1024 };

const TLS_HANDSHAKE = 0x16;
const FIRST_BYTE_MS = 60_000;

/** The first byte tells TLS from http, as no method of http begins with that of a handshake. */
function handOver(socket: Socket, plain: Server, secure: Server): void {
  const giveUp = () => socket.destroy();
  socket.setTimeout(FIRST_BYTE_MS, giveUp);
  socket.once('data', (first: Buffer) => {
    socket.setTimeout(0).off('timeout', giveUp);
    socket.pause();
    socket.unshift(first);
    (first[0] === TLS_HANDSHAKE ? secure : plain).emit('connection', socket);
    process.nextTick(() => socket.resume());
  });
}

function listen(server: NetServer, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      if (address === null || typeof address === 'string')
        reject(new Error('Expected the mock to listen on a TCP port.'));
      else resolve(address.port);
    });
  });
}

function close(server: NetServer, dropConnections: () => void): Promise<void> {
  if (!server.listening) return Promise.resolve();
  return new Promise((resolve) => {
    server.close(() => resolve());
    dropConnections();
  });
}
