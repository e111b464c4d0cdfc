/** Hears of all that may change what reads of one remote give, so that no read is shared across it. */
export class WriteWatch {
  private changes = 0;

  /** Another number after the beginning and after the end of each write. */
  get moment(): number {
    return this.changes;
  }

  /** Does a write. One that fails may have been carried out. */
  async during<Result>(write: () => Promise<Result>): Promise<Result> {
    this.changed();
    try {
      return await write();
    } finally {
      this.changed();
    }
  }

  /** What is read from now on may differ from what is being read. */
  changed(): void {
    this.changes += 1;
  }
}
