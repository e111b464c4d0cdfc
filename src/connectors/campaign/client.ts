import type { CallOptions } from '../../model/call.js';
import type { XmlElement } from '../../model/xml.js';
import { createTransport, type Transport, type TransportResponse } from '../transport.js';
import type { WriteWatch } from '../write-watch.js';
import { type Credentials, type Session, SessionKeeper } from './auth.js';
import { connectorClosed, type FaultyAnswer, redact, remoteErrorOf } from './errors.js';
import { decodeBody, readAnswer, type SoapCall, soapAction, writeEnvelope } from './soap.js';
import { parseXml } from './xml-text.js';

export interface CampaignClientOptions extends Credentials {
  /** `https://campaign.example.com`, without `/nl/jsp/soaprouter.jsp`. */
  readonly url: string;
  /** For one attempt. Default 60,000: a compiled schema or a large page takes Campaign its time. */
  readonly timeoutMs?: number;
  /** Requests under way at once. Default 6. */
  readonly concurrency?: number;
  /** Further attempts after a passing fault. Default 3. */
  readonly retries?: number;
  /** Hears of every call that is no plain read, and of a new session, which may see other schemas. */
  readonly writes?: WriteWatch | undefined;
}

/** A call as the parts of the connector make it. `idempotent` is true where making it twice does no harm. */
export interface CampaignCall extends SoapCall {
  readonly idempotent: boolean;
}

/** What the parts of the connector need to make calls. */
export type SoapCaller = Pick<CampaignClient, 'call'>;

/** Speaks SOAP with one Campaign instance, within a session that it keeps itself. */
export class CampaignClient {
  private readonly transport: Transport;
  private readonly sessions: SessionKeeper;
  private isClosed = false;

  constructor(private readonly options: CampaignClientOptions) {
    this.transport = createTransport({
      system: 'campaign',
      baseUrl: options.url,
      concurrency: options.concurrency ?? 6,
      timeoutMs: options.timeoutMs ?? 60_000,
      retries: options.retries ?? 3,
      readFault,
    });
    this.sessions = new SessionKeeper(
      (call, session, callOptions) => this.send({ ...call, idempotent: true }, session, callOptions),
      options,
    );
  }

  /** Calls a method within the session and resolves with its outputs. Rejects with a `RemoteError`. */
  call(call: CampaignCall, options: CallOptions = {}): Promise<readonly XmlElement[]> {
    const send = () => this.sessions.use((session) => this.send(call, session, options), options);
    return READS.has(soapAction(call)) ? send() : this.during(send);
  }

  /** The session in use, after a logon where there is none. */
  session(options: CallOptions = {}): Promise<Session> {
    return this.sessions.use(async (session) => session, options);
  }

  /** Logs on anew; calls under way finish on the old session. */
  reconnect(options: CallOptions = {}): Promise<void> {
    return this.during(() => this.sessions.renew(options));
  }

  /** Reads the public test page, `<redir status="OK" version="7.4.3" …/>`. Needs no session. */
  async test(options: CallOptions = {}): Promise<XmlElement> {
    const request = { method: 'GET', target: '/r/test', headers: {}, idempotent: true } as const;
    this.assertOpen();
    const response = await this.transport.send(request, options);
    const text = textOf(response);
    try {
      if (response.status === 200) return parseXml(text);
    } catch {
      // told below, as any other answer that is not the test page
    }
    throw remoteErrorOf({ status: response.status, answer: { kind: 'other', text }, action: 'GET /r/test' });
  }

  /** Ends the calls under way, logs off and closes the connections. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    this.transport.endAll(connectorClosed());
    await this.sessions.close();
    await this.transport.close();
  }

  private during<Result>(write: () => Promise<Result>): Promise<Result> {
    return this.options.writes ? this.options.writes.during(write) : write();
  }

  private assertOpen(): void {
    if (this.isClosed) throw connectorClosed();
  }

  private async send(call: CampaignCall, session: Session, options: CallOptions): Promise<readonly XmlElement[]> {
    const action = soapAction(call);
    // Logging off is what closing itself does last.
    if (call.method !== 'Logoff') this.assertOpen();
    const response = await this.transport.send(
      {
        method: 'POST',
        // Campaign reads the header; the address says it too, so that logs and proxies on the way can tell calls apart.
        target: `/nl/jsp/soaprouter.jsp?soapAction=${encodeURIComponent(action)}`,
        headers: headersFor(action, session),
        body: writeEnvelope(call, session.sessionToken),
        idempotent: call.idempotent,
        label: action,
      },
      options,
    );
    const answer = readAnswer(textOf(response));
    if (answer.kind === 'outputs') return answer.outputs;
    throw remoteErrorOf({ status: response.status, answer: this.withoutPassword(answer), action });
  }

  /** A fault may repeat what was sent to it. */
  private withoutPassword(answer: FaultyAnswer['answer']): FaultyAnswer['answer'] {
    const { password } = this.options;
    if (password.length < MIN_SECRET_LENGTH) return answer;
    const strike = (text: string) => text.replaceAll(password, '[password]');
    if (answer.kind === 'other') return { ...answer, text: strike(answer.text) };
    return { ...answer, summary: strike(answer.summary), detail: strike(answer.detail) };
  }
}

const READS: ReadonlySet<string> = new Set([
  'xtk:queryDef#ExecuteQuery',
  'xtk:persist#GetEntityIfMoreRecent',
  'xtk:session#GetServerTime',
]);

/** A shorter password is an ordinary word of many messages, and striking it out would only point to it. */
const MIN_SECRET_LENGTH = 8;

function textOf(response: TransportResponse): string {
  return decodeBody(response.body, response.headers.get('content-type'));
}

function headersFor(action: string, { sessionToken, securityToken }: Session): Record<string, string> {
  const headers = { 'content-type': 'text/xml; charset=utf-8', soapaction: action };
  if (sessionToken === '') return headers;
  return { ...headers, cookie: `__sessiontoken=${sessionToken}`, 'x-security-token': securityToken };
}

/** Tells the transport what a 502 to 504 or 429 of Campaign's says. A fault with status 500 is an answer and not a passing fault. */
function readFault(response: TransportResponse): { code: string | null; message: string; requestId: null } | null {
  const answer = readAnswer(textOf(response));
  if (answer.kind !== 'fault') return null;
  const message = redact(answer.summary).slice(0, 300);
  return { code: /^[A-Z]{3}-\d{6}/.exec(message)?.[0] ?? null, message, requestId: null };
}
