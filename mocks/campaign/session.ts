import { randomBytes, randomUUID } from 'node:crypto';
import type { MockClock } from '../control.js';
import { sessionExpired } from './errors.js';
import type { Operator } from './operators.js';
import type { SchemaGeneration } from './schemas.js';

/** A logged-on operator. It keeps the schemas that were current when it logged on. */
export interface Session {
  readonly operator: Operator;
  readonly schemas: SchemaGeneration;
}

export interface SessionTokens {
  readonly sessionToken: string;
  readonly securityToken: string;
}

export interface SessionLimits {
  /** Seconds that a session token lives; Campaign's default is 86,400. */
  readonly sessionLifetime: number;
  /** Seconds that a session token lives where logon asked with `rememberMe`; default 1,296,000. */
  readonly longSessionLifetime: number;
  /** Seconds that a security token lives; default 86,400. */
  readonly securityLifetime: number;
  /** Whether a call needs the X-Security-Token header beside its session token. */
  readonly requireBothTokens: boolean;
  /** Whether the security zone is content with the session token. */
  readonly sessionTokenOnly: boolean;
}

/** A session as it is listed: without its tokens. `id` is the part of the session token after the underscores. */
export interface OpenSession {
  readonly id: string;
  readonly operator: Operator;
  readonly startedAt: Date;
}

interface StoredSession extends Session {
  readonly securityToken: string;
  readonly startedAt: Date;
  readonly sessionEnds: number;
  readonly securityEnds: number;
}

const MAX_SESSIONS = 10_000;

/** Session tokens are this and a UUID. */
const PREFIX = '___';

/**
 * Sessions and their two tokens: one in a cookie (or in the body), one in the header `X-Security-Token`.
 * https://experienceleague.adobe.com/docs/campaign-classic/using/configuring-campaign-classic/api/web-service-calls.html
 */
export class Sessions {
  private readonly sessions = new Map<string, StoredSession>();

  /** `limits` are asked for at each use, as they may change. */
  constructor(
    private readonly clock: MockClock,
    private readonly limits: () => SessionLimits,
  ) {}

  open(session: Session, rememberMe: boolean): SessionTokens {
    this.makeRoom();
    const { sessionLifetime, longSessionLifetime, securityLifetime } = this.limits();
    const startedAt = this.clock.now();
    const lifetime = rememberMe ? longSessionLifetime : sessionLifetime;
    // Shapes as Campaign's: "___" and a UUID, and about 109 characters of base64 after an "@".
    const tokens = { sessionToken: PREFIX + randomUUID(), securityToken: `@${randomBytes(79).toString('base64')}` };
    this.sessions.set(tokens.sessionToken, {
      ...session,
      securityToken: tokens.securityToken,
      startedAt,
      sessionEnds: startedAt.getTime() + lifetime * 1_000,
      securityEnds: startedAt.getTime() + securityLifetime * 1_000,
    });
    return tokens;
  }

  /** The session of these tokens. Refuses tokens that are missing, unknown, expired or not of one session. */
  find(sessionToken: string, securityToken: string): Session {
    const { requireBothTokens, sessionTokenOnly } = this.limits();
    const session = this.sessions.get(sessionToken);
    const now = this.clock.now().getTime();
    if (!session || session.sessionEnds <= now) throw sessionExpired();
    if (securityToken === '' && (!requireBothTokens || sessionTokenOnly)) return session;
    if (securityToken !== session.securityToken || session.securityEnds <= now) throw sessionExpired();
    return session;
  }

  close(sessionToken: string): void {
    this.sessions.delete(sessionToken);
  }

  /** Those that have not expired, oldest first. */
  list(): readonly OpenSession[] {
    const now = this.clock.now().getTime();
    return [...this.sessions]
      .filter(([, session]) => session.sessionEnds > now)
      .map(([token, { operator, startedAt }]) => ({ id: token.slice(PREFIX.length), operator, startedAt }));
  }

  /** Ends a session by its token or by the id it is listed under; tells whether there was one. */
  kill(tokenOrId: string): boolean {
    return this.sessions.delete(tokenOrId) || this.sessions.delete(PREFIX + tokenOrId);
  }

  clear(): void {
    this.sessions.clear();
  }

  get size(): number {
    return this.sessions.size;
  }

  /** Drops what has expired, then, if there are still too many, the oldest. */
  private makeRoom(): void {
    if (this.sessions.size < MAX_SESSIONS) return;
    const now = this.clock.now().getTime();
    for (const [token, session] of this.sessions) if (session.sessionEnds <= now) this.sessions.delete(token);
    for (const token of this.sessions.keys()) {
      if (this.sessions.size < MAX_SESSIONS) return;
      this.sessions.delete(token);
    }
  }
}
