import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { createLogger } from '../src/log.js';

it('writes one line of JSON an entry, with its level and time', () => {
  const { log, entries } = listening();
  log.info({ run: 'r1' }, 'run started');
  expect(entries()).toEqual([
    expect.objectContaining({
      level: 'info',
      name: 'isthmus',
      run: 'r1',
      msg: 'run started',
      time: expect.stringMatching(/Z$/),
    }),
  ]);
});

it('never writes what stands under the name of a secret', () => {
  const { log, text } = listening();
  log.info({
    password: 'hidden',
    account: { clientSecret: 'hidden', privateKey: 'hidden' },
    request: { headers: { authorization: 'Bearer hidden', 'x-api-key': 'hidden', 'set-cookie': 'hidden' } },
    config: { campaign: { user: 'admin', password: 'hidden' } },
  });
  expect(text()).not.toContain('hidden');
  expect(text()).toContain('"user":"admin"');
});

it('writes an error with its code, its cause and its stack', () => {
  const { log, entries } = listening();
  const error = Object.assign(new Error('no answer', { cause: new Error('socket closed') }), {
    code: 'UPSTREAM_UNAVAILABLE',
  });
  log.error({ error }, 'run failed');
  expect(entries()[0]?.error).toMatchObject({ message: 'no answer: socket closed', code: 'UPSTREAM_UNAVAILABLE' });
});

it('keeps quiet below its level', () => {
  const { log, text } = listening('warn');
  log.info('nothing to see');
  expect(text()).toBe('');
});

function listening(level: 'info' | 'warn' = 'info') {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const text = () => lines.join('');
  const entries = (): Record<string, unknown>[] => lines.map((line) => JSON.parse(line));
  return { log: createLogger(level, destination), text, entries };
}
