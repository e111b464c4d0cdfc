import { BlockList } from 'node:net';
import { ControlError } from '../control/input.js';
import type { MockRequest, MockResponse } from '../control.js';
import { Engine, type EngineState } from './engine.js';
import { addressRefused, badLogin, MethodError, methodFailed, Refusal, SoapFault, sessionExpired } from './errors.js';
import { ADMIN, type Operator } from './operators.js';
import { answerPage, clientAddress, plainText, xmlPage } from './pages.js';
import type { RecordedCall } from './recorder.js';
import { assertArguments } from './services/check-arguments.js';
import { DocumentWriter } from './services/document-writer.js';
import { DOCUMENT_METHODS } from './services/persist-methods.js';
import { findMethod } from './services/services.js';
import { sessionInfo } from './services/session-methods.js';
import { type Session, Sessions } from './session.js';
import { type CampaignSettings, decodeSettings } from './settings.js';
import {
  readCall,
  readSoapAction,
  type SoapAction,
  type SoapCall,
  type SoapOutput,
  writeFault,
  writeResponse,
} from './soap.js';
import type { RowValues } from './store.js';
import type { TextPieces } from './text-pieces.js';
import { ValueError } from './values.js';
import { isTrue, type XmlElement, type XmlEvents } from './xml.js';
import { decodeXml } from './xml-encoding.js';

/** One Campaign server without its port: routes requests, and knows who asks. */
export class CampaignInstance {
  private readonly sessions: Sessions;
  private readonly initial: CampaignSettings;
  private settings: CampaignSettings;
  /** What was changed while it ran, which a state file keeps. */
  private changed: Partial<CampaignSettings>;
  private allowed: BlockList;
  /** SOAP calls left until one is to fail, by the setting that says so; 0 where none is. */
  private readonly countdown = { expireOnCall: 0, truncateOnCall: 0 };

  constructor(
    private engine: Engine,
    settings: CampaignSettings,
    changed: Partial<CampaignSettings> = {},
  ) {
    this.changed = changed;
    this.initial = settings;
    this.settings = settings;
    this.sessions = new Sessions(engine.clock, () => this.settings);
    this.allowed = addressList(settings.allowedAddresses);
    this.apply(settings);
  }

  handle(request: MockRequest): MockResponse {
    try {
      return this.route(request);
    } catch (error) {
      if (error instanceof Refusal) return plainText(error.status, error.message);
      if (error instanceof SoapFault) return xmlPage(writeFault(error), this.settings.faultHttpStatus);
      throw error;
    }
  }

  /** Returns to the stock rows and schemas, and to the settings at the start. */
  reset(): void {
    this.engine = new Engine(this.engine.clock);
    this.sessions.clear();
    this.settings = this.initial;
    this.changed = {};
    this.apply(this.initial);
  }

  health(): Record<string, unknown> {
    return { sessions: this.sessions.size, schemas: this.engine.registry.current.ids().length };
  }

  currentSettings(): CampaignSettings {
    return this.settings;
  }

  /** Changes some settings from here on. Throws a `ControlError` naming the field that is wrong. */
  changeSettings(input: unknown): CampaignSettings {
    const change = decodeSettings(input);
    if (Object.keys(change).length === 0) throw new ControlError('Expected at least one setting.');
    this.settings = { ...this.settings, ...change };
    this.changed = { ...this.changed, ...change };
    this.apply(change);
    return this.settings;
  }

  rows(schema: string): readonly RowValues[] {
    return this.engine.rows(schema);
  }

  recorded(): readonly RecordedCall[] {
    return this.engine.recorder.all();
  }

  state(): EngineState {
    // Calls are counted anew in the next run.
    const { expireOnCall: _, truncateOnCall: __, ...settings } = this.changed;
    return { ...this.engine.state(), settings };
  }

  private apply(change: Partial<CampaignSettings>): void {
    if (change.allowedAddresses) this.allowed = addressList(change.allowedAddresses);
    if (change.operators && change.operators.length > 0) this.engine.addOperators(change.operators);
    if (change.expireOnCall !== undefined) this.countdown.expireOnCall = change.expireOnCall;
    if (change.truncateOnCall !== undefined) this.countdown.truncateOnCall = change.truncateOnCall;
  }

  private route(request: MockRequest): MockResponse {
    const isSoap = request.path === '/nl/jsp/soaprouter.jsp' && request.method === 'POST';
    if (isSoap) return this.answerSoap(request);
    const { engine, sessions, settings } = this;
    const authenticate = (asked: MockRequest) => this.authenticate(asked, '');
    const page = answerPage(request, { engine, sessions, settings, authenticate });
    return page ?? plainText(404, `The requested URL ${request.path} was not found on this server.`);
  }

  private answerSoap(request: MockRequest): MockResponse {
    const isTruncated = this.counts('truncateOnCall');
    if (this.counts('expireOnCall')) throw sessionExpired();
    const action = readSoapAction(header(request, 'soapaction'));
    const message = decodeXml(request.body, header(request, 'content-type'));
    const response = WRITES.has(action.method)
      ? this.answerWrite(request, action, message)
      : this.answerCall(request, readCall(action, message));
    return isTruncated ? { ...response, body: firstHalf(response) } : response;
  }

  /** The document is written while it is read. Whatever is wrong with the message, be it its last character, all of that is undone. */
  private answerWrite(request: MockRequest, action: SoapAction, message: string): MockResponse {
    return this.engine.store.transaction(() => {
      let writer: DocumentWriter | undefined;
      const call = readCall(action, message, (token) => {
        const opened = this.openWriter(request, action, token);
        writer = opened === 'refused' ? undefined : opened;
        return opened === 'refused' ? NOBODY : opened;
      });
      return this.answerCall(request, call, writer);
    });
  }

  /** Undefined where the method wants elements; a call that is refused is so in its turn, when all of it has been read. */
  private openWriter(
    request: MockRequest,
    { service, method: name }: SoapAction,
    token: string,
  ): DocumentWriter | 'refused' | undefined {
    try {
      const { engine, settings } = this;
      const session = this.authenticate(request, token);
      const { method } = findMethod(service, name, session.schemas, settings.lenientSession);
      const kind = DOCUMENT_METHODS.get(method);
      return kind && new DocumentWriter({ engine, session, view: engine.view(session), settings }, kind);
    } catch (error) {
      if (error instanceof Refusal || error instanceof SoapFault || error instanceof MethodError) return 'refused';
      throw error;
    }
  }

  /** Counts a call; tells whether it is the one that the setting names. */
  private counts(setting: 'expireOnCall' | 'truncateOnCall'): boolean {
    if (this.countdown[setting] === 0) return false;
    this.countdown[setting] -= 1;
    return this.countdown[setting] === 0;
  }

  private answerCall(request: MockRequest, call: SoapCall, writer?: DocumentWriter): MockResponse {
    const { service, method } = call;
    try {
      if (!isLogon(call)) return soapPage(writeResponse(service, method, this.call(request, call, writer)));
      const outputs = this.logOn(request, call);
      const [token] = outputs;
      return withSessionCookie(
        soapPage(writeResponse(service, method, outputs)),
        token?.type === 'string' ? token.text : '',
      );
    } catch (error) {
      if (error instanceof MethodError) throw methodFailed(service, method, error.lines);
      if (error instanceof ValueError)
        throw methodFailed(service, method, [`ODB-240000 ODBC error: ERROR: ${error.message}`]);
      throw error;
    }
  }

  private logOn(request: MockRequest, { method, args }: SoapCall): readonly SoapOutput[] {
    this.assertAllowed(request);
    const [first = '', second = ''] = args.map((arg) => arg.text);
    const operator = method === 'Logon' ? this.known(first, second) : this.technicalAccount(first);
    if (!operator) throw badLogin();
    const rememberMe = isTrue(args[2]?.children[0]?.attributes.rememberMe);
    const session: Session = { operator, schemas: this.engine.registry.current };
    const { sessionToken, securityToken } = this.sessions.open(session, rememberMe);
    const { sessionLifetime, longSessionLifetime, securityLifetime } = this.settings;
    const lifetimes = { session: rememberMe ? longSessionLifetime : sessionLifetime, security: securityLifetime };
    return [
      { name: 'pstrSessionToken', type: 'string', text: sessionToken },
      { name: 'pSessionInfo', type: 'element', element: sessionInfo(session, this.engine.clock.now(), lifetimes) },
      { name: 'pstrSecurityToken', type: 'string', text: securityToken },
    ];
  }

  private known(login: string, password: string): Operator | undefined {
    const operator = this.engine.operators.authenticate(login, password);
    return operator && this.engine.isEnabled(login) ? operator : undefined;
  }

  private technicalAccount(bearer: string): Operator | undefined {
    return this.settings.bearerTokens.includes(bearer) ? ADMIN : undefined;
  }

  private call(
    request: MockRequest,
    { service, method, token, args }: SoapCall,
    writer: DocumentWriter | undefined,
  ): readonly SoapOutput[] {
    const session = this.authenticate(request, token);
    if (service === 'xtk:session' && method === 'Logoff') {
      this.sessions.close(sessionTokenOf(request, token));
      return [];
    }
    const { declared } = findMethod(service, method, session.schemas, this.settings.lenientSession);
    if (declared) assertArguments(service, declared, args);
    return this.invoke(session, { service, method, args }, writer);
  }

  private invoke(
    session: Session,
    { service, method: name, args }: Omit<SoapCall, 'token'>,
    writer?: DocumentWriter,
  ): readonly SoapOutput[] {
    const { engine, sessions, settings } = this;
    const { method, schemaId } = findMethod(service, name, session.schemas, settings.lenientSession);
    const view = engine.view(session);
    const invoke = (otherService: string, otherName: string, otherArgs: readonly XmlElement[]) =>
      this.invoke(session, { service: otherService, method: otherName, args: otherArgs });
    return method({ engine, session, sessions, view, schemaId, args, settings, writer, invoke });
  }

  /** The session of a request: by its tokens, by a bearer token that stands for a technical account, or by `login/password`. */
  private authenticate(request: MockRequest, bodyToken: string): Session {
    this.assertAllowed(request);
    const schemas = this.engine.registry.current;
    const bearer = /^Bearer (.+)$/.exec(header(request, 'authorization'))?.[1];
    if (bearer !== undefined) {
      const operator = this.technicalAccount(bearer);
      if (!operator) throw sessionExpired();
      return { operator, schemas };
    }
    const token = sessionTokenOf(request, bodyToken);
    const at = token.indexOf('/');
    if (at < 0) return this.sessions.find(token, header(request, 'x-security-token'));
    const isZoneOpen = this.settings.allowUserPassword && this.settings.sessionTokenOnly;
    const operator = isZoneOpen ? this.known(token.slice(0, at), token.slice(at + 1)) : undefined;
    if (!operator) throw isZoneOpen ? badLogin() : sessionExpired();
    return { operator, schemas };
  }

  private assertAllowed(request: MockRequest): void {
    const address = clientAddress(request);
    const isAllowed = this.allowed.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
    if (!isAllowed) throw addressRefused(address);
  }
}

/** Names of the methods that may write a document while it is read. */
const WRITES: ReadonlySet<string> = new Set(['Write', 'WriteCollection', 'ImportCollection']);

/** Who is told a document that nobody is going to write. */
const NOBODY: XmlEvents = { open: () => {}, text: () => {}, close: () => {} };

/** An answer that is long is sent in pieces. */
function soapPage(text: TextPieces): MockResponse {
  const pieces = text.pieces();
  const page = xmlPage(pieces[0] ?? '');
  return pieces.length <= 1 ? page : { ...page, body: eachOf(pieces) };
}

async function* eachOf(pieces: readonly string[]): AsyncGenerator<string> {
  yield* pieces;
}

/** A list of addresses and ranges. It is Node's list of what to block, used for what to let in. */
function addressList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    const family = address.includes(':') ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}

function isLogon({ service, method }: SoapCall): boolean {
  return service === 'xtk:session' && (method === 'Logon' || method === 'BearerTokenLogon');
}

function header(request: MockRequest, name: string): string {
  const value = request.headers[name];
  return Array.isArray(value) ? (value[0] ?? '') : (value ?? '');
}

/** The token of the body, or the one of the cookie where the body leaves it out. */
function sessionTokenOf(request: MockRequest, bodyToken: string): string {
  if (bodyToken !== '') return bodyToken;
  const cookies = header(request, 'cookie').split(';');
  const cookie = cookies.map((it) => it.trim()).find((it) => it.startsWith('__sessiontoken='));
  return cookie === undefined ? '' : decodeCookie(cookie.slice('__sessiontoken='.length));
}

function decodeCookie(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function withSessionCookie(response: MockResponse, token: string): MockResponse {
  const headers = { ...response.headers, 'set-cookie': `__sessiontoken=${token};path=/;HttpOnly` };
  return { ...response, headers };
}

/** A body that breaks off: the connection is dropped in the middle of it. */
async function* firstHalf({ body = '' }: MockResponse): AsyncGenerator<string> {
  let text = '';
  if (typeof body === 'string') text = body;
  else for await (const piece of body) text += String(piece);
  yield text.slice(0, text.length / 2);
  throw new Error('The answer breaks off here, as it was told to.');
}
