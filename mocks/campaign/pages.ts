import type { MockRequest, MockResponse } from '../control.js';
import type { Engine } from './engine.js';
import { Refusal, unknownSchema } from './errors.js';
import { VERSION } from './services/session-methods.js';
import type { Session, Sessions } from './session.js';
import type { CampaignSettings } from './settings.js';
import { writeFault } from './soap.js';
import { formatMoment } from './values.js';
import { writeWsdl } from './wsdl.js';
import { formatXml, xml } from './xml.js';

/** What pages tell about. */
export interface PageContext {
  readonly engine: Engine;
  readonly sessions: Sessions;
  readonly settings: CampaignSettings;
  /** The session of the request; refuses as SOAP calls are refused. */
  authenticate(request: MockRequest): Session;
}

/**
 * Answers what is not SOAP: health, pings, monitoring and WSDL files; undefined where there is no such page.
 * https://experienceleague.adobe.com/docs/campaign-classic/using/monitoring-campaign-classic/production-procedures/monitoring-processes.html
 */
export function answerPage(request: MockRequest, context: PageContext): MockResponse | undefined {
  const page = PAGES.get(request.path);
  return page?.(request, context);
}

type Page = (request: MockRequest, context: PageContext) => MockResponse;

const PAGES: ReadonlyMap<string, Page> = new Map<string, Page>([
  ['/r/test', (request, { engine }) => xmlPage(testPage(engine.clock.now(), request))],
  ['/nl/jsp/ping.jsp', authenticated(({ engine }) => plainText(200, `OK\n${formatMoment(engine.clock.now())}\n`))],
  ['/nl/jsp/mcPing.jsp', authenticated(pingMessageCenter)],
  ['/nl/jsp/monitor.jsp', authenticated(monitor)],
  ['/nl/jsp/schemawsdl.jsp', wsdlPage],
]);

function authenticated(page: (context: PageContext) => MockResponse): Page {
  return (request, context) => {
    context.authenticate(request);
    return page(context);
  };
}

/** Needs no session. */
function testPage(now: Date, request: MockRequest): string {
  const [host = 'localhost'] = (request.headers.host ?? '').split(':');
  return (
    `<redir status='OK' date='${formatMoment(now)}' build='${VERSION.build}' sha1='${VERSION.commit}' ` +
    `instance='${VERSION.instance}' sourceIP='${clientAddress(request)}' host='${host.replace(/[^\w.-]/g, '')}' ` +
    `localHost='mock' version='${VERSION.release}'/>`
  );
}

/** Of the client, as a proxy in front tells it; the mock itself is only reached from its own machine. */
export function clientAddress({ headers }: MockRequest): string {
  const forwarded = headers['x-forwarded-for'];
  const [first = ''] = (Array.isArray(forwarded) ? forwarded.join(',') : (forwarded ?? '')).split(',');
  return /^[0-9a-fA-F.:]+$/.test(first.trim()) ? first.trim() : '127.0.0.1';
}

/** Events wait for a delivery, and nothing delivers them here: every event that was pushed is pending. */
function pingMessageCenter({ engine, settings }: PageContext): MockResponse {
  const pending = engine.countRows('nms:rtEvent') + engine.countRows('nms:batchEvent');
  const limit = settings.eventQueueSize;
  if (pending >= limit) return plainText(200, `Error\nThe queue is full (${pending}/${limit})\n`);
  return plainText(200, `Ok\n${formatMoment(engine.clock.now())}\n${pending}/${limit} pending events\n`);
}

function monitor({ engine, sessions }: PageContext): MockResponse {
  const started = engine.rows('xtk:workflow').filter((row) => row.state === 11).length;
  const running = engine.rows('xtk:job').filter((row) => row.status === 2).length;
  const indicators = [
    xml('process', { name: 'web@default', status: 'OK' }),
    xml('indicator', { name: 'sessions', value: String(sessions.list().length) }),
    xml('indicator', { name: 'startedWorkflows', value: String(started) }),
    xml('indicator', { name: 'runningJobs', value: String(running) }),
  ];
  const attributes = { instance: VERSION.instance, build: VERSION.build, date: formatMoment(engine.clock.now()) };
  return xmlPage(`<?xml version='1.0'?>\n${formatXml(xml('monitor', attributes, indicators))}`);
}

/** Without a session the page sends the browser to where one logs on. */
function wsdlPage(request: MockRequest, context: PageContext): MockResponse {
  const session = sessionOf(request, context);
  if (!session) {
    const target = encodeURIComponent(request.target);
    return { status: 302, headers: { location: `${request.origin}/nl/jsp/logon.jsp?target=${target}` }, body: '' };
  }
  const id = new URLSearchParams(request.search).get('schema') ?? '';
  const wsdl = writeWsdl(id, session.schemas, `${request.origin}/nl/jsp/soaprouter.jsp`);
  return wsdl === undefined ? xmlPage(writeFault(unknownSchema(id))) : xmlPage(wsdl);
}

function sessionOf(request: MockRequest, context: PageContext): Session | undefined {
  try {
    return context.authenticate(request);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** Text that a browser shows as it is. */
export function plainText(status: number, body: string): MockResponse {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body };
}

/** XML, SOAP or not. */
export function xmlPage(body: string, status = 200): MockResponse {
  return { status, headers: { 'content-type': 'text/xml; charset=utf-8' }, body };
}
