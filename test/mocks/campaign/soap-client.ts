import { type CampaignMock, createCampaignMock } from '../../../mocks/campaign/server.js';

/** A session over raw SOAP, with nothing in between: what goes over the wire is what a test writes. */
export interface RawSession {
  readonly sessionToken: string;
  readonly securityToken: string;
  /** Calls a method; `args` is XML. Gives the body of the answer. */
  call(action: string, args?: string): Promise<string>;
  query(queryDef: string): Promise<string>;
  write(document: string): Promise<string>;
  writeCollection(collection: string): Promise<string>;
}

const ENVELOPE = "xmlns:SOAP-ENV='http://schemas.xmlsoap.org/soap/envelope/'";

/** Posts one SOAP call and gives the whole answer. */
export async function post(
  mock: CampaignMock,
  action: string,
  content: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: string; headers: Headers }> {
  const method = action.replace(/"/g, '').split('#')[1] ?? '';
  const body = `<SOAP-ENV:Envelope ${ENVELOPE}><SOAP-ENV:Body><${method}>${content}</${method}></SOAP-ENV:Body></SOAP-ENV:Envelope>`;
  const response = await fetch(`${mock.url}/nl/jsp/soaprouter.jsp`, {
    method: 'POST',
    headers: { 'content-type': 'text/xml', soapaction: action, ...headers },
    body,
  });
  return { status: response.status, body: await response.text(), headers: response.headers };
}

/** Logs on as `admin`, or as another operator, whose password is his login. */
export async function logOn(mock: CampaignMock, login = 'admin', password = login): Promise<RawSession> {
  const credentials = `<sessiontoken/><login>${login}</login><password>${password}</password><parameters/>`;
  const { body } = await post(mock, 'xtk:session#Logon', credentials);
  const sessionToken = between(body, "<pstrSessionToken xsi:type='xsd:string'>", '<');
  const securityToken = between(body, "<pstrSecurityToken xsi:type='xsd:string'>", '<');
  const headers = { cookie: `__sessiontoken=${sessionToken}`, 'x-security-token': securityToken };
  const call = async (action: string, args = '') => (await post(mock, action, `<sessiontoken/>${args}`, headers)).body;
  return {
    sessionToken,
    securityToken,
    call,
    query: (queryDef) => call('xtk:queryDef#ExecuteQuery', `<document>${queryDef}</document>`).then(output),
    write: (document) => call('xtk:persist#Write', `<domDoc>${document}</domDoc>`),
    writeCollection: (collection) => call('xtk:persist#WriteCollection', `<domDoc>${collection}</domDoc>`),
  };
}

/** Starts a mock for one test; `await using` closes it. */
export async function openMock(
  options: Parameters<typeof createCampaignMock>[0] = {},
): Promise<CampaignMock & AsyncDisposable> {
  const mock = await createCampaignMock(options);
  return { ...mock, [Symbol.asyncDispose]: () => mock.close() };
}

/** The document in the first XML output of an answer, or the whole answer where it is a fault. */
export function output(body: string): string {
  const start = body.indexOf("xsi:type='ns:Element'");
  return start < 0 ? body : body.slice(body.indexOf('>', start) + 1, body.lastIndexOf('</pdomOutput>'));
}

export function between(text: string, start: string, end: string): string {
  const from = text.indexOf(start);
  if (from < 0) throw new Error(`Expected "${start}" in ${text.slice(0, 500)}`);
  return text.slice(from + start.length, text.indexOf(end, from + start.length));
}
