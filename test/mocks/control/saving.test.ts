import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSaving } from '../../../mocks/control/saving.js';
import { createDynamicsMock } from '../../../mocks/dynamics/server.js';
import { APPLICATION } from '../dynamics/support.js';

describe('a state that is kept', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('is saved once for the changes of a second, and not at all without a change', async () => {
    const save = vi.fn();
    const saving = createSaving(save, () => {});
    await vi.advanceTimersByTimeAsync(60_000);
    expect(save).not.toHaveBeenCalled();
    for (let times = 0; times < 5; times += 1) saving.changed();
    await vi.advanceTimersByTimeAsync(1000);
    expect(save).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(save).toHaveBeenCalledTimes(1);
  });

  it('takes no more than a twentieth of the time, however long it takes', async () => {
    const save = vi.fn(() => vi.advanceTimersByTimeAsync(500).then(() => {}));
    const saving = createSaving(save, () => {});
    saving.changed();
    await vi.advanceTimersByTimeAsync(1500);
    saving.changed();
    await vi.advanceTimersByTimeAsync(9000);
    expect(save).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1500);
    expect(save).toHaveBeenCalledTimes(2);
  });

  it('is saved again after a failure, which is reported once, and a last time at the end', async () => {
    const save = vi.fn().mockRejectedValue(new Error('disk full'));
    const report = vi.fn();
    const saving = createSaving(save, report);
    for (let times = 0; times < 3; times += 1) {
      saving.changed();
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect([save.mock.calls.length, report.mock.calls.length]).toEqual([3, 1]);
    await expect(saving.close()).rejects.toThrow('disk full');
    saving.changed();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(save).toHaveBeenCalledTimes(4);
  });
});

it('a mock Dynamics that is not closed has saved what was written to it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'state-'));
  const stateFile = join(folder, 'dynamics.json');
  await using first = disposable(await createDynamicsMock({ contacts: 1, stateFile, authenticate: () => APPLICATION }));
  await fetch(`${first.url}/api/data/v9.2/contacts`, {
    method: 'POST',
    headers: { authorization: 'Bearer any', 'content-type': 'application/json' },
    body: JSON.stringify({ lastname: 'Kept' }),
  });
  await vi.waitFor(async () => expect(await readFile(stateFile, 'utf8')).toContain('Kept'), 10_000);
  await using second = disposable(await createDynamicsMock({ stateFile, authenticate: () => APPLICATION }));
  expect(second.rows('contact').map((row) => row.lastname)).toContain('Kept');
  await first.close();
  await second.close();
  await rm(folder, { recursive: true });
});

function disposable<Closed extends { close(): Promise<void> }>(mock: Closed): Closed & AsyncDisposable {
  return Object.assign(mock, { [Symbol.asyncDispose]: () => mock.close() });
}
