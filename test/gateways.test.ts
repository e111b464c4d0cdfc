import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { joinGateways } from '../src/gateways.js';
import { createLogger } from '../src/log.js';
import type { GatewayRepository } from '../src/storage/storage.js';

const WATCH_MS = 5_000;
const QUERY_MS = 30_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A database that gateways share, with the revision of its mappings. */
function fakeDatabase() {
  const rows = new Map<string, { revision: string; seenAt: number }>();
  const state = { revision: 'kept' };
  const gateways: GatewayRepository = {
    async tell(id, revision) {
      rows.set(id, { revision, seenAt: Date.now() });
    },
    async leave(id) {
      rows.delete(id);
    },
    async others(id, seconds) {
      const isMeant = ([other, { seenAt }]: readonly [string, { readonly seenAt: number }]) =>
        other !== id && seenAt > Date.now() - seconds * 1000;
      return [...rows].filter(isMeant).map(([, { revision }]) => revision);
    },
  };
  return { rows, state, gateways };
}

async function join({ state, gateways }: ReturnType<typeof fakeDatabase>) {
  const drained = Promise.withResolvers<void>();
  const drain = vi.fn(() => drained.promise);
  const graph = { drain, revision: '' };
  const catchUp = {
    async mappings() {
      graph.revision = state.revision;
    },
  };
  const joined = await joinGateways({
    storage: { gateways, mappings: { ...unused, revision: async () => state.revision } },
    ...{ catchUp, graph, watchMs: WATCH_MS, queryTimeoutMs: QUERY_MS, log: createLogger('silent') },
  });
  const begin = async () => {
    await catchUp.mappings();
    await joined.begin();
  };
  return { ...joined, begin, drained, drain };
}

/** Tells whether a promise has been kept, time and again. */
function watch(promise: Promise<void>) {
  const state = { isOver: false };
  promise.then(() => {
    state.isOver = true;
  });
  return state;
}

describe('a gateway that changes the mappings', () => {
  it('waits for nobody where it is alone', async () => {
    const database = fakeDatabase();
    const one = await join(database);
    await one.begin();
    database.state.revision = 'kept/change';
    await one.following();
    await one.close();
    expect(database.rows.size).toBe(0);
  });

  it('waits until another one has looked, and nobody asks that for anything older', async () => {
    const database = fakeDatabase();
    const [one, other] = [await join(database), await join(database)];
    await Promise.all([one.begin(), other.begin()]);
    database.state.revision = 'kept/change';
    const following = watch(one.following());
    await vi.advanceTimersByTimeAsync(WATCH_MS + 1_000);
    expect([other.drain.mock.calls.length, following.isOver]).toEqual([1, false]);
    other.drained.resolve();
    await vi.advanceTimersByTimeAsync(200);
    expect(following.isOver).toBe(true);
    await Promise.all([one.drained.resolve(), one.close(), other.close()]);
  });

  it('waits for one whose operations take long, as it tells that it lives', async () => {
    const database = fakeDatabase();
    const [one, other] = [await join(database), await join(database)];
    await Promise.all([one.begin(), other.begin()]);
    one.drained.resolve();
    database.state.revision = 'kept/change';
    const following = watch(one.following());
    await vi.advanceTimersByTimeAsync(5 * WATCH_MS);
    expect([other.drain.mock.calls.length, following.isOver]).toEqual([1, false]);
    other.drained.resolve();
    await vi.advanceTimersByTimeAsync(200);
    expect(following.isOver).toBe(true);
    await Promise.all([one.close(), other.close()]);
  });

  it('waits for one that has joined and reads what it is to serve', async () => {
    const database = fakeDatabase();
    const [one, other] = [await join(database), await join(database)];
    await one.begin();
    database.state.revision = 'kept/change';
    const following = watch(one.following());
    await vi.advanceTimersByTimeAsync(1_000);
    expect(following.isOver).toBe(false);
    await other.begin();
    await vi.advanceTimersByTimeAsync(200);
    expect(following.isOver).toBe(true);
  });

  it('does not wait for one that is not heard of any more, nor for ever', async () => {
    const database = fakeDatabase();
    const one = await join(database);
    await one.begin();
    one.drained.resolve();
    await database.gateways.tell('dead', 'kept');
    database.state.revision = 'kept/change';
    const following = watch(one.following());
    await vi.advanceTimersByTimeAsync(3 * WATCH_MS + 200);
    expect(following.isOver).toBe(true);
    const stubborn = setInterval(() => void database.gateways.tell('stubborn', 'kept'), 1_000);
    await vi.advanceTimersByTimeAsync(1_000);
    const bounded = watch(one.following());
    await vi.advanceTimersByTimeAsync(3 * WATCH_MS + QUERY_MS - 1_000);
    expect(bounded.isOver).toBe(false);
    await vi.advanceTimersByTimeAsync(1_500);
    expect(bounded.isOver).toBe(true);
    clearInterval(stubborn);
    await one.close();
  });
});

const unused = { list: fail, find: fail, catalog: fail, replace: fail };

async function fail(): Promise<never> {
  throw new Error('To follow a change needs nothing of this.');
}
