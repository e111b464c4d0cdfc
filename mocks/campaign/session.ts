import { randomBytes, randomUUID } from 'node:crypto';
import type { MockClock } from '../control.js';
import { sessionExpired } from './errors.js';
import type { SchemaGeneration } from './schemas.js';

/** Who may log on. */
export interface Operator {
  readonly id: number;
  readonly login: string;
  readonly label: string;
}

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
}

interface StoredSession extends Session {
  readonly securityToken: string;
  readonly sessionEnds: number;
  readonly securityEnds: number;
}

const MAX_SESSIONS = 10_000;

/**
 * Sessions and their two tokens: one in a cookie (or in the body), one in the header `X-Security-Token`.
 * https://experienceleague.adobe.com/docs/campaign-classic/using/configuring-campaign-classic/api/web-service-calls.html
 */
export class Sessions {
  private readonly sessions = new Map<string, StoredSession>();

  constructor(
    private readonly clock: MockClock,
    private readonly limits: SessionLimits,
  ) {}

  open(session: Session, rememberMe: boolean): SessionTokens {
    this.makeRoom();
    const now = this.clock.now().getTime();
    const lifetime = rememberMe ? this.limits.longSessionLifetime : this.limits.sessionLifetime;
    // Shapes as Campaign's: "___" and a UUID, and about 109 characters of base64 after an "@".
    const tokens = { sessionToken: `___${randomUUID()}`, securityToken: `@${randomBytes(79).toString('base64')}` };
    this.sessions.set(tokens.sessionToken, {
      ...session,
      securityToken: tokens.securityToken,
      sessionEnds: now + lifetime * 1_000,
      securityEnds: now + this.limits.securityLifetime * 1_000,
    });
    return tokens;
  }

  /** The session of these tokens. Refuses tokens that are missing, unknown, expired or not of one session. */
  find(sessionToken: string, securityToken: string): Session {
    const session = this.sessions.get(sessionToken);
    const now = this.clock.now().getTime();
    if (!session || session.sessionEnds <= now) throw sessionExpired();
    if (securityToken === '' && !this.limits.requireBothTokens) return session;
    if (securityToken !== session.securityToken || session.securityEnds <= now) throw sessionExpired();
    return session;
  }

  close(sessionToken: string): void {
    this.sessions.delete(sessionToken);
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
