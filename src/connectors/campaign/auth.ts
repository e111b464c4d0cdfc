import type { CallOptions } from '../../model/call.js';
import { childElements, type XmlElement } from '../../model/xml.js';
import { orAbort } from '../or-abort.js';
import { isSessionExpired, unexpectedAnswer } from './errors.js';
import { documentOutput, type SoapCall, textOutput } from './soap.js';

/** Who logs on. The password is kept in memory only and is sent with `Logon` alone. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** What `Logon` gave. Both tokens go with every later call. */
export interface Session {
  readonly sessionToken: string;
  readonly securityToken: string;
  /** `<sessionInfo>`: the server's version, the operator and the operator's rights; null where the server told none. */
  readonly info: XmlElement | null;
}

export const NO_SESSION: Session = { sessionToken: '', securityToken: '', info: null };

/** Sends one call within a session and resolves with its outputs. */
export type SendCall = (call: SoapCall, session: Session, options: CallOptions) => Promise<readonly XmlElement[]>;

interface Lease {
  readonly session: Session;
  callsUnderWay: number;
  retired: boolean;
}

/**
 * Keeps one session for all callers: logs on when the first call needs it, once for calls that come together, and again
 * when Campaign says that the session is over. A session that was replaced is logged off when its last call has ended.
 */
export class SessionKeeper {
  private current: Promise<Lease> | null = null;
  /** The lease of `current`, once it is there: most calls need not wait for it. */
  private ready: Lease | null = null;

  constructor(
    private readonly send: SendCall,
    private readonly credentials: Credentials,
  ) {}

  /** Runs a call within the session; once more in a new one where the session turns out to be over. */
  async use<T>(work: (session: Session) => Promise<T>, options: CallOptions = {}): Promise<T> {
    const lease = await this.lease(options);
    try {
      return await this.within(lease, work);
    } catch (error) {
      if (!isSessionExpired(error)) throw error;
      await this.forget(lease);
      return await this.within(await this.lease(options), work);
    }
  }

  /** Logs on anew. Calls under way finish on the session they began with; if the logon fails, that session stays. */
  async renew(options: CallOptions = {}): Promise<void> {
    const fresh = await orAbort(this.logOn(options), options.signal);
    const replaced = this.current;
    this.keep(Promise.resolve(fresh));
    if (replaced) await this.retire(replaced);
  }

  /** Logs off, without a word where that fails: the session then ends by its time limit. */
  async close(): Promise<void> {
    const closing = this.current;
    this.keep(null);
    const lease = await closing?.catch(() => null);
    if (lease) await this.logOff(lease);
  }

  private async lease(options: CallOptions): Promise<Lease> {
    if (this.ready && !this.ready.retired) return this.ready;
    const current = this.current ?? this.startLogOn(options);
    const lease = await orAbort(current, options.signal);
    return lease.retired ? this.lease(options) : lease;
  }

  private keep(current: Promise<Lease> | null): void {
    this.current = current;
    this.ready = null;
    current?.then(
      (lease) => {
        if (this.current === current) this.ready = lease;
      },
      () => undefined,
    );
  }

  /** A logon that failed is forgotten, so that the next call tries again. */
  private startLogOn({ onCall }: CallOptions): Promise<Lease> {
    // Without the caller's signal: others wait for the same logon.
    const logOn = this.logOn(onCall ? { onCall } : {});
    this.keep(logOn);
    logOn.catch(() => {
      if (this.current === logOn) this.keep(null);
    });
    return logOn;
  }

  private async logOn(options: CallOptions): Promise<Lease> {
    const { user, password } = this.credentials;
    const outputs = await this.send(logonCall(user, password), NO_SESSION, options);
    const [sessionToken, info, securityToken] = outputs;
    const session = {
      sessionToken: textOutput(sessionToken),
      securityToken: textOutput(securityToken),
      info: documentOutput(info),
    };
    if (session.sessionToken === '') throw unexpectedAnswer('xtk:session#Logon', 'a session token');
    return { session, callsUnderWay: 0, retired: false };
  }

  private async within<T>(lease: Lease, work: (session: Session) => Promise<T>): Promise<T> {
    lease.callsUnderWay++;
    try {
      return await work(lease.session);
    } finally {
      lease.callsUnderWay--;
      if (lease.retired && lease.callsUnderWay === 0) void this.logOff(lease);
    }
  }

  private async forget(lease: Lease): Promise<void> {
    const current = this.current;
    if (current && (await current.catch(() => null)) === lease && this.current === current) this.keep(null);
  }

  private async retire(replaced: Promise<Lease>): Promise<void> {
    const lease = await replaced.catch(() => null);
    if (lease === null) return;
    lease.retired = true;
    if (lease.callsUnderWay === 0) await this.logOff(lease);
  }

  private async logOff({ session }: Lease): Promise<void> {
    const call = { service: 'xtk:session', method: 'Logoff', parameters: [] };
    await this.send(call, session, { signal: AbortSignal.timeout(LOGOFF_TIMEOUT_MS) }).catch(() => undefined);
  }
}

const LOGOFF_TIMEOUT_MS = 2_000;

function logonCall(user: string, password: string): SoapCall {
  return {
    service: 'xtk:session',
    method: 'Logon',
    parameters: [
      { name: 'strLogin', value: user },
      { name: 'strPassword', value: password },
      { name: 'elemParameters', value: null },
    ],
  };
}

/** Named rights of the operator, as in `admin`; null where the server told none. */
export function operatorRights(session: Session): readonly string[] | null {
  const user = session.info ? childElements(session.info, 'userInfo')[0] : undefined;
  const rights = user ? childElements(user, 'login-right').map((element) => element.attributes.right ?? '') : [];
  return rights.length === 0 ? null : rights;
}
