import { execFileSync } from 'node:child_process';
import { isDeepStrictEqual } from 'node:util';
import { expect, it } from 'vitest';
import { createSlot } from '../../src/model/slot.js';

it('keeps a value for each object, and takes another one', () => {
  const slot = createSlot<number>();
  const [one, other] = [{}, {}];
  slot.set(one, 1);
  slot.set(other, 2);
  slot.set(one, 3);
  expect([slot.get(one), slot.get(other), slot.get({})]).toEqual([3, 2, undefined]);
});

it('keeps values of several slots apart', () => {
  const [first, second] = [createSlot<string>(), createSlot<string>()];
  const object = {};
  first.set(object, 'first');
  expect(second.get(object)).toBeUndefined();
});

it('shows nobody that it did, and leaves frozen objects as they are', () => {
  const slot = createSlot<string>();
  const object = { name: 'Ann' };
  slot.set(object, 'kept');
  expect([JSON.stringify(object), { ...object }]).toEqual(['{"name":"Ann"}', { name: 'Ann' }]);
  expect(isDeepStrictEqual(object, { name: 'Ann' })).toBe(true);
  const frozen = Object.freeze({});
  slot.set(frozen, 'kept');
  expect(slot.get(frozen)).toBeUndefined();
});

const SHORT_LIVED = `
  const kept = make();
  for (let time = 0; time < 5; time++) gc();
  const before = process.memoryUsage().heapUsed;
  let most = 0;
  for (let at = 0; at < 60_000; at++) {
    const object = {};
    kept.set(object, Array.from({ length: 100 }, (_, inner) => ({ inner })));
    if (at % 100 === 0) most = Math.max(most, process.memoryUsage().heapUsed - before);
  }
  console.log(most / 1024 / 1024);
`;

it('leaves nothing behind for a collection of the whole heap, as a WeakMap does', () => {
  const url = JSON.stringify(new URL('../../src/model/slot.ts', import.meta.url).href);
  const withSlot = mostInUse(`import { createSlot as make } from ${url};`);
  const withWeakMap = mostInUse('const make = () => new WeakMap();');
  expect(withSlot).toBeLessThan(12);
  expect(withWeakMap).toBeGreaterThan(withSlot);
});

/** MiB in a young generation of two times 4. */
function mostInUse(beginning: string): number {
  const flags = ['--expose-gc', '--max-semi-space-size=4', '--input-type=module', '--eval', beginning + SHORT_LIVED];
  return Number(execFileSync(process.execPath, flags, { encoding: 'utf8', timeout: 20_000, env: {} }));
}
