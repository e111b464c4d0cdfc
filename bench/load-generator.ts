import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LoadOrder, LoadResult } from './load.js';

/** The process that makes the load. */
export interface LoadGenerator {
  /** Rejects where an answer is not a 200 as long as the first. */
  run(order: LoadOrder): Promise<LoadResult>;
  close(): void;
}

export function startLoadGenerator(): LoadGenerator {
  const child = fork(fileURLToPath(new URL('./load-process.js', import.meta.url)), { execArgv: [] });
  return {
    run(order) {
      const answer = answerOf(child);
      child.send(order);
      return answer;
    },
    close: () => child.disconnect(),
  };
}

/** The whole request, so that the load only has to send it. */
export function requestText(port: number, body: unknown): string {
  const text = JSON.stringify(body);
  return [
    'POST /graphql HTTP/1.1',
    `Host: 127.0.0.1:${port}`,
    'Content-Type: application/json',
    'Accept: application/json',
    `Content-Length: ${Buffer.byteLength(text)}`,
    '',
    text,
  ].join('\r\n');
}

type LoadMessage = { readonly result: LoadResult } | { readonly error: string };

function answerOf(child: ChildProcess): Promise<LoadResult> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error('The process that makes the load ended.'));
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      const answer = message as LoadMessage; // as load-process.ts sends it
      if ('error' in answer) reject(new Error(answer.error));
      else resolve(answer.result);
    });
  });
}
