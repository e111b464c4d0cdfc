/** How long a new object is waited for until every replica of the directory shows it. */
export interface Patience {
  /** Milliseconds before the first repetition; each pause is twice the one before. */
  readonly firstMs: number;
  readonly totalMs: number;
}

/** Usually below half a minute, at times minutes; Microsoft promises no bound. */
export const DIRECTORY_PATIENCE: Patience = { firstMs: 2_000, totalMs: 120_000 };

/** The pauses between attempts, in milliseconds. */
export function pausesOf({ firstMs, totalMs }: Patience): readonly number[] {
  const pauses: number[] = [];
  for (let pause = firstMs, total = pause; total <= totalMs; pause *= 2, total += pause) pauses.push(pause);
  return pauses;
}

/**
 * Ids of what the set-up has just made in the directory, and the addresses of it: only about these is "there is no such object" taken for
 * "not yet", for as long as the patience lasts.
 */
export class RecentlyMade {
  private readonly madeAt = new Map<string, number>();

  constructor(readonly patience: Patience = DIRECTORY_PATIENCE) {}

  add(...names: readonly string[]): void {
    const now = performance.now();
    for (const name of names) this.madeAt.set(name, now);
  }

  has(name: string): boolean {
    this.forgetOld();
    return this.madeAt.has(name);
  }

  /** Tells whether a text speaks of any of them. */
  isIn(text: string): boolean {
    this.forgetOld();
    return [...this.madeAt.keys()].some((name) => text.includes(name));
  }

  private forgetOld(): void {
    const since = performance.now() - this.patience.totalMs;
    for (const [name, at] of this.madeAt) if (at < since) this.madeAt.delete(name);
  }
}
