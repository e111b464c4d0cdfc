import {
  createClock,
  type Fault,
  listenMock,
  type Mock,
  type MockOptions,
  type MockRequest,
  type MockResponse,
} from '../control.js';
import { ADMIN, Engine } from './engine.js';
import {
  badLogin,
  MethodError,
  methodFailed,
  notScriptable,
  Refusal,
  SoapFault,
  sessionExpired,
  unknownMethod,
} from './errors.js';
import type { Method } from './services/method.js';
import { BUILDER_METHODS, QUERY_METHODS } from './services/other-methods.js';
import { PERSIST_METHODS } from './services/persist-methods.js';
import { SESSION_METHODS, sessionInfo, testPage } from './services/session-methods.js';
import { type Session, Sessions } from './session.js';
import { readCall, type SoapCall, type SoapOutput, writeFault, writeResponse } from './soap.js';
import { readState, writeState } from './state-file.js';
import type { RowValues } from './store.js';
import { formatMoment, ValueError } from './values.js';
import { isTrue } from './xml.js';

/** Options of the mock. All but the port may be left as they are. */
export interface CampaignMockOptions extends MockOptions {
  /** Keeps the whole state: read at start where the file exists, written at close. Without it the state ends with the mock. */
  readonly stateFile?: string;
  /** Bearer tokens that `BearerTokenLogon` and the Authorization header accept; default `mock-bearer-token`. */
  readonly bearerTokens?: readonly string[];
  /** Rows of a query without `lineCount`: 10,000 (default) or 200, as Adobe's client library documents it. */
  readonly rowCap?: number;
  /** Has each page but the first begin with the last row of the page before, as was seen on one build; default false. */
  readonly startLineOffByOne?: boolean;
  /** HTTP status of SOAP faults: 200 (default) as v7 sends them, 500 as v8 does. */
  readonly faultHttpStatus?: 200 | 500;
  /** Seconds; default 86,400. */
  readonly sessionLifetime?: number;
  /** Seconds, where logon asks with `rememberMe`; default 1,296,000. */
  readonly longSessionLifetime?: number;
  /** Seconds; default 86,400. */
  readonly securityLifetime?: number;
  /** Whether a call without the security token is refused; default true. */
  readonly requireBothTokens?: boolean;
  /** Lets `xtk:session` answer the methods of `xtk:persist`, as no server does; default false. */
  readonly lenientSession?: boolean;
  /** Has writes leave out attributes and elements that the schema does not know instead of refusing them; default false. */
  readonly ignoreUnknown?: boolean;
}

/** A mock of Adobe Campaign Classic v7 that listens. The operator is `admin` with the password `admin`. */
export interface CampaignMock extends Mock {
  /** Copies of all rows of a schema such as `nms:recipient`, by attribute path without `@`. Throws where it does not exist. */
  rows(schema: string): readonly RowValues[];
}

const DEFAULTS = {
  bearerTokens: ['mock-bearer-token'],
  rowCap: 10_000,
  startLineOffByOne: false,
  faultHttpStatus: 200,
  sessionLifetime: 86_400,
  longSessionLifetime: 1_296_000,
  securityLifetime: 86_400,
  requireBothTokens: true,
  lenientSession: false,
  ignoreUnknown: false,
} as const;

type Settings = Required<Omit<CampaignMockOptions, 'port' | 'host' | 'latency' | 'clock' | 'stateFile'>>;

/** Starts a Campaign server. Rejects where the port is taken or the state file cannot be read. */
export async function createCampaignMock(options: CampaignMockOptions = {}): Promise<CampaignMock> {
  const { stateFile } = options;
  const clock = options.clock ?? createClock();
  const state = stateFile === undefined ? undefined : await readState(stateFile);
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const settings: Settings = { ...DEFAULTS, ...given };
  const instance = new CampaignInstance(new Engine(clock, state), settings);
  const mock = await listenMock({
    ...options,
    clock,
    name: 'campaign',
    handle: (request) => instance.handle(request),
    fail: (fault) => failedResponse(fault, settings),
    reset: () => instance.reset(),
    health: () => instance.health(),
  });
  return {
    ...mock,
    rows: (schema) => instance.rows(schema),
    async close() {
      await mock.close();
      if (stateFile !== undefined) await writeState(stateFile, instance.state());
    },
  };
}

class CampaignInstance {
  private readonly sessions: Sessions;

  constructor(
    private engine: Engine,
    private readonly settings: Settings,
  ) {
    this.sessions = new Sessions(engine.clock, settings);
  }

  handle(request: MockRequest): MockResponse {
    try {
      return this.route(request);
    } catch (error) {
      if (error instanceof Refusal) return plainText(error.status, error.message);
      if (error instanceof SoapFault) return soap(this.settings.faultHttpStatus, writeFault(error));
      throw error;
    }
  }

  reset(): void {
    this.engine = new Engine(this.engine.clock);
    this.sessions.clear();
  }

  health(): Record<string, unknown> {
    return { sessions: this.sessions.size, schemas: this.engine.registry.current.ids().length };
  }

  rows(schema: string): readonly RowValues[] {
    return this.engine.rows(schema);
  }

  state() {
    return this.engine.state();
  }

  private route(request: MockRequest): MockResponse {
    if (request.path === '/nl/jsp/soaprouter.jsp' && request.method === 'POST') return this.answerSoap(request);
    if (request.path === '/r/test') return soap(200, testPage(this.engine.clock.now(), 'localhost'));
    if (request.path === '/nl/jsp/ping.jsp') return this.ping(request);
    return plainText(404, `The requested URL ${request.path} was not found on this server.`);
  }

  private ping(request: MockRequest): MockResponse {
    this.authenticate(request, '');
    return plainText(200, `OK\n${formatMoment(this.engine.clock.now())}\n`);
  }

  private answerSoap(request: MockRequest): MockResponse {
    const call = readCall(header(request, 'soapaction'), request.body.toString('utf8'));
    const { service, method } = call;
    try {
      const outputs = this.isLogon(call) ? this.logOn(call) : this.call(request, call);
      const [first] = outputs;
      const body = writeResponse(service, method, outputs);
      return this.isLogon(call) && first?.type === 'string'
        ? withSessionCookie(soap(200, body), first.text)
        : soap(200, body);
    } catch (error) {
      if (error instanceof MethodError) throw methodFailed(service, method, error.lines);
      if (error instanceof ValueError)
        throw methodFailed(service, method, [`ODB-240000 ODBC error: ERROR: ${error.message}`]);
      throw error;
    }
  }

  private isLogon({ service, method }: SoapCall): boolean {
    return service === 'xtk:session' && (method === 'Logon' || method === 'BearerTokenLogon');
  }

  private logOn({ method, args }: SoapCall): readonly SoapOutput[] {
    const [first = '', second = ''] = args.map((arg) => arg.text);
    const accepted =
      method === 'Logon' ? first === ADMIN.login && second === 'admin' : this.settings.bearerTokens.includes(first);
    if (!accepted) throw badLogin();
    const parameters = args[2]?.children[0];
    const rememberMe = isTrue(parameters?.attributes.rememberMe);
    const session: Session = { operator: ADMIN, schemas: this.engine.registry.current };
    const { sessionToken, securityToken } = this.sessions.open(session, rememberMe);
    const { sessionLifetime, longSessionLifetime, securityLifetime } = this.settings;
    const lifetimes = { session: rememberMe ? longSessionLifetime : sessionLifetime, security: securityLifetime };
    return [
      { name: 'pstrSessionToken', type: 'string', text: sessionToken },
      { name: 'pSessionInfo', type: 'element', element: sessionInfo(session, this.engine.clock.now(), lifetimes) },
      { name: 'pstrSecurityToken', type: 'string', text: securityToken },
    ];
  }

  private call(request: MockRequest, call: SoapCall): readonly SoapOutput[] {
    const session = this.authenticate(request, call.token);
    if (call.service === 'xtk:session' && call.method === 'Logoff') {
      this.sessions.close(sessionTokenOf(request, call.token));
      return [];
    }
    const { engine, settings } = this;
    const { method, schemaId } = this.findMethod(call, session);
    const view = engine.view(session);
    return method({
      engine,
      session,
      view,
      schemaId,
      args: call.args,
      limits: settings,
      ignoreUnknown: settings.ignoreUnknown,
    });
  }

  private findMethod(
    { service, method }: SoapCall,
    session: Session,
  ): { method: Method; schemaId: string | undefined } {
    const [base = '', schemaId] = service.split('|');
    const isUnknownSchema = schemaId !== undefined && !session.schemas.schema(schemaId);
    const found = isUnknownSchema ? undefined : SERVICES.get(base)?.get(method);
    if (found) return { method: found, schemaId };
    const persistent = SERVICES.get('xtk:persist')?.get(method);
    if (service === 'xtk:session' && persistent) {
      if (!this.settings.lenientSession) throw notScriptable();
      return { method: persistent, schemaId };
    }
    throw unknownMethod(service, method);
  }

  /** The session of a request: by its tokens, or by a bearer token that stands for a technical account. */
  private authenticate(request: MockRequest, bodyToken: string): Session {
    const bearer = /^Bearer (.+)$/.exec(header(request, 'authorization'))?.[1];
    if (bearer !== undefined) {
      if (!this.settings.bearerTokens.includes(bearer)) throw sessionExpired();
      return { operator: ADMIN, schemas: this.engine.registry.current };
    }
    return this.sessions.find(sessionTokenOf(request, bodyToken), header(request, 'x-security-token'));
  }
}

const SERVICES: ReadonlyMap<string, ReadonlyMap<string, Method>> = new Map([
  ['xtk:session', new Map(Object.entries(SESSION_METHODS))],
  ['xtk:persist', new Map(Object.entries(PERSIST_METHODS))],
  ['xtk:queryDef', new Map(Object.entries(QUERY_METHODS))],
  ['xtk:builder', new Map(Object.entries(BUILDER_METHODS))],
]);

function header(request: MockRequest, name: string): string {
  const value = request.headers[name];
  return Array.isArray(value) ? (value[0] ?? '') : (value ?? '');
}

/** The token of the body, or the one of the cookie where the body leaves it out. */
function sessionTokenOf(request: MockRequest, bodyToken: string): string {
  if (bodyToken !== '') return bodyToken;
  const cookies = header(request, 'cookie').split(';');
  const cookie = cookies.map((it) => it.trim()).find((it) => it.startsWith('__sessiontoken='));
  return cookie === undefined ? '' : decodeURIComponent(cookie.slice('__sessiontoken='.length));
}

function soap(status: number, body: string): MockResponse {
  return { status, headers: { 'content-type': 'text/xml; charset=utf-8' }, body };
}

function plainText(status: number, body: string): MockResponse {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body };
}

function withSessionCookie(response: MockResponse, token: string): MockResponse {
  const headers = { ...response.headers, 'set-cookie': `__sessiontoken=${token};path=/;HttpOnly` };
  return { ...response, headers };
}

/** An injected fault: a SOAP fault where no status is named, else an HTTP error as the web server in front would send it. */
function failedResponse(fault: Fault, settings: Settings): MockResponse {
  const code = fault.code ?? 'SOP-330011';
  const message = fault.message ?? 'The server could not answer the request.';
  const isRefusal = code === 'XSV-350008' || code === 'XSV-350012' || code === 'XSV-350013';
  const status = fault.status ?? (isRefusal ? 403 : settings.faultHttpStatus);
  const isFault = !isRefusal && (fault.status === undefined || status === 200);
  const text = fault.code === undefined ? message : `${code} ${message}`;
  const response = isFault ? soap(status, writeFault(new SoapFault(code, message))) : plainText(status, text);
  if (fault.retryAfter === undefined) return response;
  return { ...response, headers: { ...response.headers, 'retry-after': String(fault.retryAfter) } };
}
