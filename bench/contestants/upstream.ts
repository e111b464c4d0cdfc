import { type Dispatcher, errors, Pool } from 'undici';

const DYNAMICS = process.env.BENCH_DYNAMICS ?? '';
const ENTRA = process.env.BENCH_ENTRA ?? '';
const CAMPAIGN = process.env.BENCH_CAMPAIGN ?? '';

export interface ContactRow {
  readonly contactid: string;
  readonly fullname: string | null;
  readonly emailaddress1?: string | null;
  readonly jobtitle?: string | null;
}

export interface AccountRow {
  readonly accountid: string;
  readonly name: string | null;
  readonly contact_customer_accounts: readonly ContactRow[];
}

export interface Page<Row> {
  readonly value: readonly Row[];
  readonly '@odata.count'?: number;
}

export interface Recipient {
  readonly email: string | null;
  readonly firstName: string | null;
  readonly lastName: string | null;
}

/** The calls that a program makes which is written by hand for four questions: kept-alive connections, one token and one session. */
export interface Upstream {
  /** A page of rows of the Web API: `contacts?$select=fullname`. */
  list<Row>(resource: string, size: number): Promise<Page<Row>>;
  /** One row: `contacts(<id>)?$select=fullname`. */
  row<Row>(resource: string): Promise<Row>;
  /** Campaign's recipients by the Dynamics id that they hold. */
  recipients(ids: readonly string[]): Promise<ReadonlyMap<string, Recipient>>;
}

export async function connect(): Promise<Upstream> {
  const token = await fetchToken();
  const session = await logOn();
  const dynamics = new Pool(DYNAMICS);
  const campaign = new Pool(CAMPAIGN);

  async function get(resource: string, headers: Record<string, string>): Promise<unknown> {
    const { body } = await send(dynamics, {
      path: `/api/data/v9.2/${encodeURI(resource)}`,
      method: 'GET',
      headers: { authorization: `Bearer ${token}`, accept: 'application/json', ...headers },
    });
    return JSON.parse(await body.text());
  }

  return {
    // Rows are what the resource selects.
    list: async <Row>(resource: string, size: number) =>
      (await get(resource, { prefer: `odata.maxpagesize=${size}` })) as Page<Row>,
    row: async <Row>(resource: string) => (await get(resource, {})) as Row,

    async recipients(ids) {
      const { body } = await send(campaign, {
        path: '/nl/jsp/soaprouter.jsp',
        method: 'POST',
        headers: {
          'content-type': 'text/xml; charset=utf-8',
          soapaction: 'xtk:queryDef#ExecuteQuery',
          cookie: `__sessiontoken=${session.token}`,
          'x-security-token': session.security,
        },
        body: envelope(recipientQuery(session.token, ids)),
      });
      return readRecipients(await body.text());
    },
  };
}

/** Once more where a connection that waited between two rounds was closed as it was taken up again. All that is asked only reads. */
function send(pool: Pool, options: Dispatcher.RequestOptions): Promise<Dispatcher.ResponseData> {
  return pool.request(options).catch((error: unknown) => {
    if (!(error instanceof errors.SocketError)) throw error;
    return pool.request(options);
  });
}

function recipientQuery(token: string, ids: readonly string[]): string {
  const list = ids.map((id) => `'${id}'`).join(',');
  const nodes = ['crmId', 'email', 'firstName', 'lastName'].map((name) => `<node expr="@${name}"/>`).join('');
  return `<ExecuteQuery xmlns="urn:xtk:queryDef"><sessiontoken>${token}</sessiontoken><entity><queryDef schema="nms:recipient" operation="select" lineCount="${Math.max(1, ids.length)}"><select>${nodes}</select><where><condition expr="@crmId IN (${list})"/></where></queryDef></entity></ExecuteQuery>`;
}

function readRecipients(answer: string): ReadonlyMap<string, Recipient> {
  if (answer.includes(':Fault>')) throw new Error(`Expected recipients, but got ${answer.slice(0, 600)}`);
  const found = new Map<string, Recipient>();
  for (const [, attributes = ''] of answer.matchAll(/<recipient ([^>]*?)\/?>/g)) {
    const record: Record<string, string> = {};
    for (const [, name = '', double, single = ''] of attributes.matchAll(/([\w-]+)=(?:"([^"]*)"|'([^']*)')/g)) {
      record[name] = decodeEntities(double ?? single);
    }
    const { crmId, email, firstName, lastName } = record;
    if (crmId) found.set(crmId, { email: email || null, firstName: firstName || null, lastName: lastName || null });
  }
  return found;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#(\d+)|(\w+));/g, (whole, code, name) =>
    code ? String.fromCodePoint(Number(code)) : (ENTITIES[name] ?? whole),
  );
}

async function fetchToken(): Promise<string> {
  const response = await fetch(`${ENTRA}/11111111-1111-1111-1111-111111111111/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: '22222222-2222-2222-2222-222222222222',
      client_secret: 'mock-secret',
      scope: `${DYNAMICS}/.default`,
    }),
  });
  return ((await response.json()) as { access_token: string }).access_token; // what a token endpoint answers
}

async function logOn(): Promise<{ readonly token: string; readonly security: string }> {
  const body = `<Logon xmlns="urn:xtk:session"><sessiontoken/><strLogin>admin</strLogin><strPassword>admin</strPassword><elemParameters/></Logon>`;
  const response = await fetch(`${CAMPAIGN}/nl/jsp/soaprouter.jsp`, {
    method: 'POST',
    headers: { 'content-type': 'text/xml; charset=utf-8', soapaction: 'xtk:session#Logon' },
    body: envelope(body),
  });
  const answer = await response.text();
  const token = /<pstrSessionToken[^>]*>([^<]+)/.exec(answer)?.[1];
  const security = /<pstrSecurityToken[^>]*>([^<]+)/.exec(answer)?.[1];
  if (!token || !security) throw new Error(`Expected a session, but got ${answer.slice(0, 300)}`);
  return { token, security };
}

function envelope(body: string): string {
  return `<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Body>${body}</SOAP-ENV:Body></SOAP-ENV:Envelope>`;
}
