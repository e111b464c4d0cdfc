import { expect, it } from 'vitest';
import { createJournal, type Journal } from '../../../mocks/control/journal.js';
import { createClock } from '../../../mocks/control.js';

const LONG = Buffer.alloc(64 * 1024, 'x');

function enter(journal: Journal, target: string, body: Buffer): void {
  const entry = journal.begin({
    method: 'POST',
    target,
    path: target,
    search: '',
    headers: {},
    body,
    origin: 'http://127.0.0.1',
  });
  entry.answered(204);
  entry.ended();
}

it('the journal keeps the newest requests, in their order, and no more of long bodies than one answer can tell', () => {
  const journal = createJournal(createClock());
  for (let at = 1; at <= 3000; at += 1) enter(journal, `/${at}`, LONG);
  const entries = journal.entries();
  const characters = entries.reduce((sum, { body }) => sum + body.length, 0);
  expect(characters).toBeLessThanOrEqual(64 * 1024 * 1024);
  expect(characters).toBeGreaterThan(32 * 1024 * 1024);
  expect(entries.map(({ id, path }) => [id, path])).toEqual(
    entries.map((_, at) => [3001 - entries.length + at, `/${3001 - entries.length + at}`]),
  );
});

it('the journal keeps the last 10,000 short requests after long ones have gone', () => {
  const journal = createJournal(createClock());
  for (let at = 1; at <= 1500; at += 1) enter(journal, '/long', LONG);
  for (let at = 1; at <= 12_000; at += 1) enter(journal, `/${at}`, Buffer.alloc(0));
  expect(journal.entries().map(({ path }) => path)).toEqual(Array.from({ length: 10_000 }, (_, at) => `/${at + 2001}`));
});
