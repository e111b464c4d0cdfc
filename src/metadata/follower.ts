import type { Logger } from 'pino';
import type { System } from '../model/system.js';

export interface FollowerOptions {
  readonly system: System;
  /** How often to look; 0: until the first look has been made, and not again. */
  readonly seconds: number;
  /** Looks once. Gives false where there is nothing to look at yet, or what was found could not be kept. */
  readonly look: () => Promise<boolean>;
  /** True where something is waiting for the first look. */
  readonly isAwaited: boolean;
  readonly log: Logger;
}

/** How often there is a try at the first look where no period is set. */
const RETRY_SECONDS = 60;

/** While a remote does not answer, looks are farther and farther apart, up to so many periods. */
const MOST_PERIODS = 16;

/** Looks at one system time and again, and more rarely while it does not answer. */
export class Follower {
  private hasLooked = false;
  private failures = 0;
  private timer: NodeJS.Timeout | undefined;
  private isClosed = false;

  constructor(private readonly options: FollowerOptions) {}

  /** Looks soon: at once where that is awaited, else after a period. */
  begin(): void {
    if (this.options.isAwaited) void this.turn();
    else this.wait();
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
  }

  private async turn(): Promise<void> {
    const { look, log, system } = this.options;
    clearTimeout(this.timer);
    try {
      this.hasLooked = (await look()) || this.hasLooked;
      if (this.failures > 0) log.info({ system }, 'what a remote describes is followed again');
      this.failures = 0;
    } catch (err) {
      this.failures += 1;
      // Once: how a remote fares is told by those who need its records.
      if (this.failures === 1 && !this.isClosed)
        log.warn({ err, system }, 'a remote does not tell what has changed in it; the graph stays as it is');
    }
    this.wait();
  }

  private wait(): void {
    clearTimeout(this.timer);
    const { seconds, isAwaited } = this.options;
    const isDone = seconds === 0 && (this.hasLooked || !isAwaited);
    if (this.isClosed || isDone) return;
    const delay = waitSeconds(seconds || RETRY_SECONDS, this.failures, Math.random());
    this.timer = setTimeout(() => void this.turn(), delay * 1000).unref();
  }
}

/** Seconds until the next look: a period, more after failures, and never the same for all processes. `chance` is from 0 to 1. */
export function waitSeconds(period: number, failures: number, chance: number): number {
  return period * Math.min(2 ** failures, MOST_PERIODS) * (0.75 + chance / 2);
}
