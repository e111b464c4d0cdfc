import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { Store } from '../../../mocks/campaign/store.js';
import { logOn, openMock } from './soap-client.js';

const MESSAGES = 25;
const PADDING = `<!--${' '.repeat(4 * 2 ** 20)}-->`;
const LONG = 'l'.repeat(70_000);

/** Paths of the columns that the bits of a number name. */
function columnsOf(bits: number): readonly string[] {
  return Array.from({ length: 10 }, (_, at) => `c${at}`).filter((_, at) => (bits >> at) & 1);
}

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

describe('what a table of the Campaign mock keeps for keys that somebody named', () => {
  it('is no index for each of them, and all of them still find their rows', async () => {
    const store = new Store(1);
    const table = store.table('T');
    const row = (at: number) => Object.fromEntries(columnsOf(1_023).map((path) => [path, `${path} of row ${at}`]));
    for (let at = 0; at < 5_000; at += 1) store.insert(table, row(at));
    const before = await memoryInUse();
    const find = (bits: number) =>
      table.find(
        columnsOf(bits),
        columnsOf(bits).map((path) => `${path} of row 7`),
      );
    for (let bits = 1; bits < 500; bits += 1) expect(find(bits)).toHaveLength(1);
    for (const found of find(1)) store.remove(table, found);
    for (let bits = 1; bits < 500; bits += 17) expect(find(bits)).toEqual([]);
    expect(((await memoryInUse()) - before) / 2 ** 20).toBeLessThan(100);
  });
});
