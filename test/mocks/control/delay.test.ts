import { describe, expect, it } from 'vitest';
import { drawDelay, isDelay, MAX_DELAY_MS } from '../../../mocks/control/delay.js';

/** Numbers from 0 up to 1 that seem random and are always the same. */
function evenly(): () => number {
  let state = 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

function drawMany(delay: Parameters<typeof drawDelay>[0], count = 2000): number[] {
  const random = evenly();
  return Array.from({ length: count }, () => drawDelay(delay, random)).sort((a, b) => a - b);
}

describe('a delay', () => {
  it('is always the same where it is a number', () => {
    expect(drawDelay(80)).toBe(80);
  });

  it('lies evenly between two limits', () => {
    const delays = drawMany({ uniform: [100, 300] });
    expect([delays[0], delays.at(-1)]).toEqual([100, 300]);
    expect([500, 1000, 1500].map((index) => Math.round((delays[index] ?? 0) / 50) * 50)).toEqual([150, 200, 250]);
  });

  it('is log-normal: half above the median, and the late ones much later than the early ones are early', () => {
    const delays = drawMany({ logNormal: { median: 100, sigma: 0.5 } });
    const [first = 0, middle = 0, last = 0] = [delays[100], delays[1000], delays[1900]];
    expect(middle).toBeGreaterThan(95);
    expect(middle).toBeLessThan(105);
    expect(last - middle).toBeGreaterThan(1.5 * (middle - first));
  });

  it('is exactly its median without spread, and never more than an hour', () => {
    expect(drawDelay({ logNormal: { median: 70, sigma: 0 } })).toBe(70);
    expect(drawDelay({ logNormal: { median: MAX_DELAY_MS, sigma: 10 } }, () => 0.99)).toBeLessThanOrEqual(MAX_DELAY_MS);
  });

  it.each([0, 1.5, -1, '5', [1, 2], { uniform: [0, 1] }, { uniform: [0] }, { logNormal: { median: 1, sigma: -1 } }])(
    'is told from what is none: %j',
    (value) => {
      expect(isDelay(value)).toBe(value === 0 || JSON.stringify(value) === '{"uniform":[0,1]}');
    },
  );
});
