/** Answers that are still being written; a client that goes away may leave its own here until the next change. */
const MAX_WAITING = 100;

/**
 * What is still to be read from an organization for answers that are being sent: it is taken before anything changes, so that an answer
 * tells of one state whenever its client reads it.
 */
export class BeforeChange {
  private readonly waiting = new Set<() => void>();

  /** To be called before rows or definitions change. */
  settle(): void {
    for (const take of this.waiting) take();
    this.waiting.clear();
  }

  /** Gives the same pieces, made as they are asked for, or before the next change. */
  *pieces(made: Iterator<string>): Generator<string> {
    let taken: string[] = [];
    const take = () => {
      taken = rest(made);
    };
    if (this.waiting.size >= MAX_WAITING) this.settle();
    this.waiting.add(take);
    try {
      for (let next = made.next(); next.done !== true; next = made.next()) yield next.value;
      yield* taken;
    } finally {
      this.waiting.delete(take);
    }
  }
}

function rest(made: Iterator<string>): string[] {
  const pieces: string[] = [];
  for (let next = made.next(); next.done !== true; next = made.next()) pieces.push(next.value);
  return pieces;
}
