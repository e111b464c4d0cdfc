import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

/** Twenty-odd MiB that stay, and more than a hundred that outlive two collections of the young generation. */
const MEDIUM_LIVED = `
  const live = Array.from({ length: 200_000 }, (_, at) => ({ at, next: [at] }));
  gc();
  const used = () => process.memoryUsage().heapUsed;
  const alive = used();
  const ring = new Array(100_000);
  let peak = 0;
  for (let at = 0; at < 4_000_000; at++) {
    ring[at % ring.length] = { at, values: [at, at + 1, at + 2] };
    if (at % 10_000 === 0) peak = Math.max(peak, used());
  }
  console.log(live.length > 0 ? peak / alive : 0);
`;

describe('the heap', () => {
  it('holds about as much garbage as what is alive, and no more', () => {
    const bound = peakOverAlive(`import ${JSON.stringify(new URL('../src/heap.ts', import.meta.url).href)};`);
    expect(bound).toBeGreaterThan(1);
    expect(bound).toBeLessThan(4.5);
  });
});

function peakOverAlive(beginning: string): number {
  const flags = ['--expose-gc', '--max-semi-space-size=4', '--input-type=module', '--eval', beginning + MEDIUM_LIVED];
  return Number(execFileSync(process.execPath, flags, { encoding: 'utf8', timeout: 20_000, env: {} }));
}
