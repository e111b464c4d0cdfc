/** Something that a caller asked for which changes no row, or not only rows. */
export interface RecordedCall {
  /** ISO 8601, by the mock's clock. */
  readonly at: string;
  /** Login of who called. */
  readonly operator: string;
  /** `xtk:workflow` */
  readonly service: string;
  /** `PostEvent` */
  readonly method: string;
  /** What was given, by name. */
  readonly details: Readonly<Record<string, unknown>>;
}

const MAX_CALLS = 10_000;

/** Calls that testers may want to see again: variables of workflows, events, submitted deliveries. The newest 10,000 are kept. */
export class Recorder {
  private readonly calls: RecordedCall[];

  constructor(calls: readonly RecordedCall[] = []) {
    this.calls = [...calls];
  }

  add(call: RecordedCall): void {
    this.calls.push(call);
    if (this.calls.length > MAX_CALLS) this.calls.shift();
  }

  /** Events that a paused workflow was sent reach it when it goes on. */
  deliverQueued(workflowId: string): void {
    this.calls.forEach((call, index) => {
      const isQueued = call.details.queued === true && call.details.workflowId === workflowId;
      if (isQueued) this.calls[index] = { ...call, details: { ...call.details, queued: false } };
    });
  }

  /** Oldest first. */
  all(): readonly RecordedCall[] {
    return [...this.calls];
  }
}
