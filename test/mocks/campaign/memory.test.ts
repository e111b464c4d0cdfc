import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { logOn, openMock } from './soap-client.js';

const MESSAGES = 25;
const PADDING = `<!--${' '.repeat(4 * 2 ** 20)}-->`;
const LONG = 'l'.repeat(70_000);

/** Bytes of what is still reachable; long texts lie outside of the heap. */
async function memoryInUse(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  // What was let go of is freed between tasks.
  for (let round = 0; round < 3; round += 1) {
    collect();
    await setImmediate();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

describe('what the Campaign mock keeps of the messages it has read', () => {
  it.each([
    ['the text of rows as they were', (at: number) => `email="person${at}@memory.example" lastName="Changed"`],
    ['dates', (at: number) => `email="person${at}@memory.example" created="2026-03-01 10:00:00.0${10 + at}Z"`],
    [
      'keys',
      (at: number) => `_key="@email,${' '.repeat(at)}@lastName" email="person${at}@memory.example" lastName="Last"`,
    ],
  ])('is not more than it stores: %s', async (_, attributes) => {
    await using mock = await openMock();
    const { writeCollection } = await logOn(mock);
    const record = (at: number) => `<r _key="@email" email="person${at}@memory.example" lastName="Last"/>`;
    const all = Array.from({ length: MESSAGES }, (_unused, at) => record(at)).join('');
    await writeCollection(`<c xtkschema="nms:recipient">${all}</c>`);
    const before = await memoryInUse();
    for (let at = 0; at < MESSAGES; at += 1) {
      const key = attributes(at).includes('_key') ? '' : '_key="@email" ';
      const answer = await writeCollection(`<c xtkschema="nms:recipient"><r ${key}${attributes(at)}/>${PADDING}</c>`);
      expect(answer).toContain('<WriteCollectionResponse ');
    }
    expect(((await memoryInUse()) - before) / 2 ** 20).toBeLessThan(20);
  });

  it('is not more than it stores: long text', async () => {
    await using mock = await openMock();
    const { write } = await logOn(mock);
    const before = await memoryInUse();
    for (let at = 0; at < MESSAGES; at += 1) {
      await write(`<r xtkschema="nms:recipient" email="p${at}@memory.example"><data>${LONG}</data>${PADDING}</r>`);
    }
    const kept = mock.rows('nms:recipient').filter(({ data }) => data === LONG);
    expect([kept.length, Math.floor(((await memoryInUse()) - before) / 2 ** 20 / 20)]).toEqual([MESSAGES, 0]);
  });
});
