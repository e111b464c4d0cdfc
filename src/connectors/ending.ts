/**
 * What ends one call before its time: its caller's signal, or whoever ends all that is under way. It does what `AbortSignal.any` would,
 * whose weak references cost more than all else about a small request. `release` must be called when the call is over.
 */
export class Ending {
  /** Why the call was ended; undefined while it may go on. */
  reason: unknown;
  private readonly hearers = new Set<(reason: unknown) => void>();
  private readonly onAbort = () => this.end(this.signal?.reason);

  constructor(private readonly signal: AbortSignal | undefined) {
    if (signal?.aborted) this.onAbort();
    else signal?.addEventListener('abort', this.onAbort);
  }

  get isOver(): boolean {
    return this.reason !== undefined;
  }

  /** Ends the call for this reason, unless it has been ended before. */
  end(reason: unknown): void {
    if (this.isOver) return;
    this.reason = reason;
    for (const hear of [...this.hearers]) hear(reason);
  }

  /** Calls back when the call is ended, at once where it has been; returns what makes it forget that. */
  onEnd(hear: (reason: unknown) => void): () => void {
    if (this.isOver) hear(this.reason);
    else this.hearers.add(hear);
    return () => this.hearers.delete(hear);
  }

  /** Settles as the work does, or rejects with the reason as soon as the call is ended, whatever the work waits for. */
  or<Result>(work: Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.onEnd(reject);
      work.then(resolve, reject);
    });
  }

  /** Hears no more of the signal. */
  release(): void {
    this.signal?.removeEventListener('abort', this.onAbort);
  }
}
