import { ControlError, isRecord, isWhole, names } from '../control/input.js';
import type { MockClock } from '../control.js';
import { DynamicsError } from './errors.js';

/** What one user may do within a sliding window. https://learn.microsoft.com/power-apps/developer/data-platform/api-limits */
export interface ServiceProtectionLimits {
  /** Requests in a window; default 6000. */
  readonly requests: number;
  /** Milliseconds that all requests of a window may take together; default 1,200,000. */
  readonly executionMs: number;
  /** Requests at the same time; default 52. */
  readonly concurrent: number;
  /** Length of the window; default 300. */
  readonly windowSeconds: number;
  /** How long every request is taken to work, in milliseconds beyond what it really does; default 0. */
  readonly requestMs: number;
}

const DEFAULTS: ServiceProtectionLimits = {
  requests: 6000,
  executionMs: 1_200_000,
  concurrent: 52,
  windowSeconds: 300,
  requestMs: 0,
};

/** Headers of an answer: what is left of requests and of time. */
export type LimitHeaders = Readonly<Record<string, string>>;

/** A request that was let in. `end` is to be called once, when it is answered. */
export interface Admission {
  readonly headers: LimitHeaders;
  /** Milliseconds for which the answer is to be held back. */
  readonly holdMs: number;
  end(): void;
}

/**
 * Checks limits that a tester gives.
 *
 * @throws ControlError naming the field that is wrong and what it takes.
 */
export function decodeLimits(input: unknown): ServiceProtectionLimits | null {
  if (input === null || input === false) return null;
  if (input === true) return DEFAULTS;
  if (!isRecord(input)) throw new ControlError('Expected "serviceProtection" to be an object of limits, true or null.');
  for (const [name, value] of Object.entries(input)) {
    if (!Object.hasOwn(DEFAULTS, name))
      throw new ControlError(`"serviceProtection" has no field "${name}"; there are ${names(DEFAULTS)}.`);
    if (!isWhole(value, name === 'requestMs' ? 0 : 1, 1_000_000_000))
      throw new ControlError(`Expected "serviceProtection.${name}" to be a whole number from 1 to 1000000000.`);
  }
  return { ...DEFAULTS, ...input };
}

interface Use {
  /** By the mock's clock. */
  readonly at: number;
  milliseconds: number;
}

/** What one user did. */
class UserWindow {
  uses: Use[] = [];
  running = 0;
  /** Requests that were refused since one was last let in. */
  refused = 0;
}

/** Counts what each user does and refuses what goes beyond the limits. Off where the limits are null. */
export class ServiceProtection {
  private readonly windows = new Map<string, UserWindow>();

  constructor(
    private readonly clock: MockClock,
    public limits: ServiceProtectionLimits | null,
  ) {}

  /** Every user begins anew. */
  clear(): void {
    this.windows.clear();
  }

  /** @throws DynamicsError 429 with a `Retry-After` that grows while the user goes on asking. */
  admit(userId: string): Admission {
    const { limits } = this;
    if (limits === null) return UNLIMITED;
    const window = this.windowOf(userId, limits);
    const violation = violationOf(window, limits);
    if (violation !== null) throw this.refusal(window, limits, violation);
    window.refused = 0;
    window.running += 1;
    const use: Use = { at: this.clock.now().getTime(), milliseconds: limits.requestMs };
    window.uses.push(use);
    const start = performance.now();
    return {
      headers: headersOf(window, limits),
      holdMs: limits.requestMs,
      end: () => {
        window.running -= 1;
        use.milliseconds = Math.max(use.milliseconds, performance.now() - start);
      },
    };
  }

  /** What lies before the window, or after a clock that was set back, counts no more. */
  private windowOf(userId: string, { windowSeconds }: ServiceProtectionLimits): UserWindow {
    const window = this.windows.get(userId) ?? new UserWindow();
    this.windows.set(userId, window);
    const now = this.clock.now().getTime();
    const isOutside = ({ at }: Use) => at <= now - windowSeconds * 1000 || at > now;
    if (window.uses.some(isOutside)) window.uses = window.uses.filter((use) => !isOutside(use));
    return window;
  }

  private refusal(window: UserWindow, limits: ServiceProtectionLimits, { code, message }: Violation): DynamicsError {
    window.refused += 1;
    const oldest = window.uses[0]?.at ?? this.clock.now().getTime();
    const untilFree = Math.ceil((oldest + limits.windowSeconds * 1000 - this.clock.now().getTime()) / 1000);
    const seconds = code === CONCURRENCY ? window.refused : untilFree + window.refused - 1;
    const retryAfter = String(Math.min(limits.windowSeconds, Math.max(1, seconds)));
    return new DynamicsError(429, code, message, { ...headersOf(window, limits), 'retry-after': retryAfter });
  }
}

interface Violation {
  readonly code: string;
  readonly message: string;
}

const CONCURRENCY = '0x80072326';

function violationOf(window: UserWindow, limits: ServiceProtectionLimits): Violation | null {
  const over = `over time window of ${limits.windowSeconds} seconds.`;
  if (window.running >= limits.concurrent)
    return { code: CONCURRENCY, message: `Number of concurrent requests exceeded the limit of ${limits.concurrent}.` };
  if (window.uses.length >= limits.requests)
    return { code: '0x80072322', message: `Number of requests exceeded the limit of ${limits.requests} ${over}` };
  if (executionOf(window) < limits.executionMs) return null;
  const limit = limits.executionMs.toLocaleString('en-US');
  return {
    code: '0x80072321',
    message: `Combined execution time of incoming requests exceeded limit of ${limit} milliseconds ${over} Decrease number of concurrent requests or reduce the duration of requests and try again later.`,
  };
}

function executionOf({ uses }: UserWindow): number {
  return uses.reduce((sum, use) => sum + use.milliseconds, 0);
}

/** Seconds are written with two decimals and a comma for thousands. */
function headersOf(window: UserWindow, limits: ServiceProtectionLimits): LimitHeaders {
  const seconds = Math.max(0, limits.executionMs - executionOf(window)) / 1000;
  return {
    'x-ms-ratelimit-burst-remaining-xrm-requests': String(Math.max(0, limits.requests - window.uses.length)),
    'x-ms-ratelimit-time-remaining-xrm-requests': seconds.toLocaleString('en-US', {
      minimumFractionDigits: 2,
      maximumFractionDigits: 2,
    }),
  };
}

const UNLIMITED: Admission = { headers: {}, holdMs: 0, end: () => {} };
