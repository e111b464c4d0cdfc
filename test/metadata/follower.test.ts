import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLogger } from '../../src/log.js';
import { Follower, type FollowerOptions, waitSeconds } from '../../src/metadata/follower.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function follow(facts: Partial<FollowerOptions> = {}) {
  const lines: string[] = [];
  const log = createLogger('info', { write: (line: string) => void lines.push(JSON.parse(line).msg) });
  const look = vi.fn(async () => true);
  const follower = new Follower({ system: 'dynamics', seconds: 60, isAwaited: false, look, log, ...facts });
  return { follower, look, lines };
}

const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000);

describe('a remote that is followed', () => {
  it('is looked at once in a period, the first time after one', async () => {
    const { follower, look } = follow();
    follower.begin();
    await pass(40);
    expect(look).not.toHaveBeenCalled();
    await pass(40);
    expect(look).toHaveBeenCalledOnce();
    await pass(80);
    expect(look).toHaveBeenCalledTimes(2);
    follower.close();
    await pass(1_000);
    expect(look).toHaveBeenCalledTimes(2);
  });

  it('is looked at at once where something is awaited', async () => {
    const { follower, look } = follow({ isAwaited: true });
    follower.begin();
    await pass(0);
    expect(look).toHaveBeenCalledOnce();
    follower.close();
  });

  it('is left alone without a period, once what is awaited has been read', async () => {
    const look = vi.fn(async () => look.mock.calls.length > 1);
    const { follower } = follow({ seconds: 0, isAwaited: true, look });
    follower.begin();
    await pass(10_000);
    expect(look).toHaveBeenCalledTimes(2);
    const idle = follow({ seconds: 0 });
    idle.follower.begin();
    await pass(10_000);
    expect(idle.look).not.toHaveBeenCalled();
  });

  it('is asked more and more rarely while it does not answer, and that is told once', async () => {
    let isDown = true;
    const look = vi.fn(async () => {
      if (isDown) throw new Error('refused');
      return true;
    });
    const { follower, lines } = follow({ look });
    follower.begin();
    await pass(60 * 1.25 * (1 + 2 + 4 + 8));
    expect(look.mock.calls.length).toBeLessThan(8);
    expect(lines).toEqual(['a remote does not tell what has changed in it; the graph stays as it is']);
    isDown = false;
    await pass(60 * 1.25 * 16);
    expect(lines.at(-1)).toBe('what a remote describes is followed again');
    follower.close();
  });
});

describe('the wait until the next look', () => {
  it('is a period and a quarter more or less, so that processes do not look at the same moment', () => {
    expect([waitSeconds(60, 0, 0), waitSeconds(60, 0, 1)]).toEqual([45, 75]);
  });

  it('doubles with each failure, up to sixteen periods', () => {
    expect([1, 2, 4, 9].map((failures) => waitSeconds(60, failures, 0.5))).toEqual([120, 240, 960, 960]);
  });
});
