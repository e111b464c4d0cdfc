import { Outcome } from '../outcome.js';

/** Carries out what a mutation of the set-up finds to do, one thing after the other, or with a dry run only tells it. */
export class Steps {
  readonly changes: string[] = [];

  constructor(readonly dryRun: boolean) {}

  /** Does one thing that the text tells in the form of an order, as in `Enable the user.`; null where nothing may be done. */
  async take<Result>(text: string, act: () => Promise<Result>): Promise<Result | null> {
    const result = this.dryRun ? null : await act();
    this.changes.push(text);
    return result;
  }

  /** What became, or would become, of a thing that was or was not there before. */
  outcome(existed: boolean): Outcome {
    if (!existed) return Outcome.CREATED;
    return this.changes.length > 0 ? Outcome.UPDATED : Outcome.UNCHANGED;
  }
}
