import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SharedReads } from '../../src/connectors/share-reads.js';
import { WriteWatch } from '../../src/connectors/write-watch.js';
import type { CallOptions, UpstreamCall } from '../../src/model/call.js';

/** A remote whose answers come when a test lets them. */
class Remote {
  readonly writes = new WriteWatch();
  readonly reads = new SharedReads<string>(this.writes);
  readonly sent: Sent[] = [];

  ask(key: string, options: CallOptions = {}, by: readonly unknown[] = []): Promise<string> {
    return this.reads.read(
      { mayShare: true, ...options },
      () => ({ gist: key.split(' ')[0] ?? '', asked: { key }, by }),
      (call = {}) => {
        const { promise, resolve, reject } = Promise.withResolvers<string>();
        call.signal?.addEventListener('abort', () => reject(call.signal?.reason));
        this.sent.push({ call, resolve, reject });
        return promise;
      },
    );
  }

  answer(at: number, text: string): void {
    this.sent[at]?.resolve(text);
  }
}

interface Sent {
  readonly call: CallOptions;
  readonly resolve: (text: string) => void;
  readonly reject: (error: unknown) => void;
}

const CALL: UpstreamCall = { system: 'dynamics', method: 'GET', target: '/contacts', status: 200, milliseconds: 7 };

describe('Reads under way are shared:', () => {
  let remote: Remote;

  beforeEach(() => {
    vi.useFakeTimers();
    remote = new Remote();
  });
  afterEach(() => vi.useRealTimers());

  it('the same read is sent once, and all who ask for it get its answer', async () => {
    const asked = [remote.ask('a'), remote.ask('a'), remote.ask('a')];
    expect(remote.sent).toHaveLength(1);
    remote.answer(0, 'found');
    expect(await Promise.all(asked)).toEqual(['found', 'found', 'found']);
  });

  it.each([
    ['another read', 'b', {}, [1]],
    ['another one that looks alike', 'a further one', {}, [1]],
    ['one that is decoded by another description', 'a', {}, [2]],
    ['one whose caller did not ask for it', 'a', { mayShare: false }, [1]],
  ])('but not %s', async (_, key, options, by) => {
    const asked = [remote.ask('a', {}, [1]), remote.ask(key, options, by)];
    expect(remote.sent).toHaveLength(2);
    remote.answer(0, 'first');
    remote.answer(1, 'second');
    expect(await Promise.all(asked)).toEqual(['first', 'second']);
  });

  it('but not where no writes are heard of', () => {
    const alone = new SharedReads<string>(undefined);
    const send = vi.fn(() => new Promise<string>(() => undefined));
    const identify = () => ({ gist: 'a', asked: 'a', by: [] });
    alone.read({ mayShare: true }, identify, send);
    alone.read({ mayShare: true }, identify, send);
    expect(send).toHaveBeenCalledTimes(2);
  });

  it('an answer is not kept: who asks after it came asks anew', async () => {
    const first = remote.ask('a');
    remote.answer(0, 'old');
    await first;
    const second = remote.ask('a');
    remote.answer(1, 'new');
    expect(await second).toBe('new');
  });

  it('a failure is not kept either, and is told to all who waited', async () => {
    const asked = [remote.ask('a'), remote.ask('a')];
    const fault = new Error('down');
    remote.sent[0]?.reject(fault);
    const settled = await Promise.allSettled(asked);
    expect(settled.map((one) => one.status === 'rejected' && one.reason)).toEqual([fault, fault]);
    const later = remote.ask('a');
    remote.answer(1, 'up again');
    expect(await later).toBe('up again');
  });

  it('a read is joined within a second of its beginning, and no longer', () => {
    remote.ask('a');
    vi.advanceTimersByTime(999);
    remote.ask('a');
    expect(remote.sent).toHaveLength(1);
    vi.advanceTimersByTime(1);
    remote.ask('a');
    expect(remote.sent).toHaveLength(2);
    remote.ask('a');
    expect(remote.sent).toHaveLength(2);
  });

  it('the end of an older read lets those be that took its place', async () => {
    const old = remote.ask('a');
    vi.advanceTimersByTime(1_000);
    remote.ask('a');
    remote.answer(0, 'old');
    await old;
    remote.ask('a');
    expect(remote.sent).toHaveLength(2);
  });

  it('who leaves is rejected alone', async () => {
    const [one, other] = [new AbortController(), new AbortController()];
    const left = remote.ask('a', { signal: one.signal });
    const stayed = remote.ask('a', { signal: other.signal });
    one.abort(new Error('gone'));
    await expect(left).rejects.toThrow('gone');
    expect(remote.sent[0]?.call.signal?.aborted).toBe(false);
    remote.answer(0, 'found');
    expect(await stayed).toBe('found');
  });

  it('the read is ended when the last one has left, and joined no more', async () => {
    const [one, other] = [new AbortController(), new AbortController()];
    const asked = [remote.ask('a', { signal: one.signal }), remote.ask('a', { signal: other.signal })];
    other.abort(new Error('first to go'));
    one.abort(new Error('last to go'));
    const settled = await Promise.allSettled(asked);
    expect(settled.map((it) => it.status === 'rejected' && it.reason.message)).toEqual(['last to go', 'first to go']);
    expect(remote.sent[0]?.call.signal?.reason.message).toBe('last to go');
    const next = remote.ask('a');
    remote.answer(1, 'found');
    expect(await next).toBe('found');
  });

  it('a read that somebody waits for without a signal goes on when all others have left', async () => {
    const one = new AbortController();
    const left = remote.ask('a', { signal: one.signal });
    const stayed = remote.ask('a');
    one.abort(new Error('gone'));
    await expect(left).rejects.toThrow('gone');
    remote.answer(0, 'found');
    expect(await stayed).toBe('found');
  });

  it('who has left before asking does not join', async () => {
    remote.ask('a');
    const gone = remote.ask('a', { signal: AbortSignal.abort(new Error('gone')) });
    expect(remote.sent).toHaveLength(2);
    gone.catch(() => undefined);
  });

  it('hears no more of a signal when the answer has come', async () => {
    const { signal } = new AbortController();
    const removed = vi.spyOn(signal, 'removeEventListener');
    const asked = remote.ask('a', { signal });
    remote.answer(0, 'found');
    await asked;
    await Promise.resolve();
    expect(removed).toHaveBeenCalledOnce();
  });

  it('what was begun before a write, or during it, is not joined after it', async () => {
    remote.ask('a');
    const { promise, resolve } = Promise.withResolvers<void>();
    const write = remote.writes.during(() => promise);
    remote.ask('a');
    expect(remote.sent).toHaveLength(2);
    resolve();
    await write;
    remote.ask('a');
    expect(remote.sent).toHaveLength(3);
    remote.ask('a');
    expect(remote.sent).toHaveLength(3);
  });

  it('a write that fails counts as one that was carried out', async () => {
    remote.ask('a');
    await expect(remote.writes.during(() => Promise.reject(new Error('lost')))).rejects.toThrow('lost');
    remote.ask('a');
    expect(remote.sent).toHaveLength(2);
  });

  it('requests are told as they are to who sent them, and as shared to all others, also to who comes later', () => {
    const told: Record<string, UpstreamCall[]> = { first: [], second: [], third: [] };
    const hearer = (name: string) => ({ onCall: (call: UpstreamCall) => void told[name]?.push(call) });
    remote.ask('a', hearer('first'));
    remote.ask('a', hearer('second'));
    remote.sent[0]?.call.onCall?.({ ...CALL, status: 503 });
    remote.ask('a', hearer('third'));
    remote.sent[0]?.call.onCall?.(CALL);
    expect(told.first).toEqual([{ ...CALL, status: 503 }, CALL]);
    expect(told.second).toEqual([
      { ...CALL, status: 503, shared: true },
      { ...CALL, shared: true },
    ]);
    expect(told.third).toEqual(told.second);
  });

  it('requests are told to who sent them even when it has left, as they count once', async () => {
    const controller = new AbortController();
    const told: UpstreamCall[] = [];
    const left = remote.ask('a', { signal: controller.signal, onCall: (call) => told.push(call) });
    remote.ask('a');
    controller.abort(new Error('gone'));
    await expect(left).rejects.toThrow('gone');
    remote.sent[0]?.call.onCall?.(CALL);
    expect(told).toEqual([CALL]);
  });

  it('at most a thousand callers join one read', () => {
    for (let caller = 0; caller <= 1_000; caller += 1) remote.ask('a');
    expect(remote.sent).toHaveLength(1);
    remote.ask('a');
    expect(remote.sent).toHaveLength(2);
  });

  it('at most a thousand reads are remembered', () => {
    for (let read = 0; read < 1_001; read += 1) remote.ask(`read-${read}`);
    remote.ask('read-999');
    expect(remote.sent).toHaveLength(1_001);
    remote.ask('read-1000');
    expect(remote.sent).toHaveLength(1_002);
  });

  it('reads that look alike and differ are each joined by their own', async () => {
    const asked = ['like this', 'like that', 'like that', 'like this'].map((key) => remote.ask(key));
    expect(remote.sent).toHaveLength(2);
    remote.answer(0, 'this');
    await asked[0];
    remote.ask('like that');
    expect(remote.sent).toHaveLength(2);
    remote.answer(1, 'that');
    expect(await Promise.all(asked)).toEqual(['this', 'that', 'that', 'this']);
    remote.ask('like this');
    expect(remote.sent).toHaveLength(3);
  });

  it('at most sixteen reads that look alike are remembered', () => {
    for (let read = 0; read < 17; read += 1) remote.ask(`alike ${read}`);
    remote.ask('alike 15');
    expect(remote.sent).toHaveLength(17);
    remote.ask('alike 16');
    expect(remote.sent).toHaveLength(18);
  });

  it('a read makes room for others when it is settled', async () => {
    const asked = Array.from({ length: 1_000 }, (_, read) => remote.ask(`read-${read}`));
    remote.answer(7, 'settled');
    await asked[7];
    remote.ask('another');
    remote.ask('another');
    expect(remote.sent).toHaveLength(1_001);
  });
});
