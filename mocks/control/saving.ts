/** Writes the state of a mock while it runs, so that one that is killed loses little. */
export interface Saving {
  /** To be told that the state may have changed. */
  changed(): void;
  /** Waits for a saving under way and saves once more. Rejects with the error of that. */
  close(): Promise<void>;
}

/** What is written within this time is saved together. */
const DELAY_MS = 1000;

/** A large state takes long to save: it is done so seldom that it takes no more than a twentieth of the time. */
const PAUSES = 20;

/**
 * Saves some time after a change. `report` is told of the first of errors in a row that nobody waits for; the next change tries again.
 */
export function createSaving(save: () => void | Promise<void>, report: (error: unknown) => void): Saving {
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> | null = null;
  let isChanged = false;
  let pauseMs = DELAY_MS;
  let isClosed = false;
  let isFailing = false;
  const attempt = async () => {
    try {
      await save();
      isFailing = false;
    } catch (error) {
      if (!isFailing) report(error);
      isFailing = true;
    }
  };
  const run = async () => {
    const start = performance.now();
    isChanged = false;
    await attempt();
    pauseMs = Math.max(DELAY_MS, (performance.now() - start) * PAUSES);
    running = null;
    if (isChanged) schedule();
  };
  const schedule = () => {
    if (timer !== null || running !== null || isClosed) return;
    timer = setTimeout(() => {
      timer = null;
      running = run();
    }, pauseMs);
    // A program that has nothing else to do need not wait: it saves when it closes.
    timer.unref();
  };
  return {
    changed: () => {
      isChanged = true;
      schedule();
    },
    close: async () => {
      isClosed = true;
      if (timer !== null) clearTimeout(timer);
      await running;
      await save();
    },
  };
}
