export interface FloorOptions {
  readonly dynamics: string;
  readonly entra: string;
  readonly campaign: string;
}

/**
 * What a program does that is written by hand for this one question: a token and a session taken once, then one request to each system,
 * the second with the ids of the first, the answers read as JSON and as text.
 */
export async function createFloor(options: FloorOptions): Promise<() => Promise<unknown>> {
  const token = await fetchToken(options);
  const session = await logOn(options);
  return async () => {
    const response = await fetch(`${options.dynamics}/api/data/v9.2/contacts?$select=fullname,emailaddress1,jobtitle`, {
      headers: { authorization: `Bearer ${token}`, accept: 'application/json', prefer: 'odata.maxpagesize=100' },
    });
    const { value } = (await response.json()) as { value: { contactid: string; fullname: string }[] };
    const recipients = await queryRecipients(
      options,
      session,
      value.map((contact) => contact.contactid),
    );
    return JSON.stringify(value.map((contact) => ({ dynamics: contact, campaign: recipients.get(contact.contactid) })));
  };
}

async function fetchToken({ dynamics, entra }: FloorOptions): Promise<string> {
  const response = await fetch(`${entra}/11111111-1111-1111-1111-111111111111/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: '22222222-2222-2222-2222-222222222222',
      client_secret: 'mock-secret',
      scope: `${dynamics}/.default`,
    }),
  });
  return ((await response.json()) as { access_token: string }).access_token;
}

interface Session {
  readonly token: string;
  readonly security: string;
}

async function logOn({ campaign }: FloorOptions): Promise<Session> {
  const answer = await soap(
    campaign,
    'xtk:session#Logon',
    {},
    `<Logon xmlns="urn:xtk:session"><sessiontoken/><strLogin>admin</strLogin><strPassword>admin</strPassword><elemParameters/></Logon>`,
  );
  const token = /<pstrSessionToken[^>]*>([^<]+)/.exec(answer)?.[1];
  const security = /<pstrSecurityToken[^>]*>([^<]+)/.exec(answer)?.[1];
  if (!token || !security) throw new Error(`Expected a session, but got ${answer.slice(0, 300)}`);
  return { token, security };
}

async function queryRecipients(
  { campaign }: FloorOptions,
  session: Session,
  ids: readonly string[],
): Promise<Map<string, Record<string, string>>> {
  const list = ids.map((id) => `'${id}'`).join(',');
  const query = `<queryDef schema="nms:recipient" operation="select" lineCount="${ids.length}"><select><node expr="@crmId"/><node expr="@email"/><node expr="@firstName"/><node expr="@lastName"/></select><where><condition expr="@crmId IN (${list})"/></where></queryDef>`;
  const answer = await soap(
    campaign,
    'xtk:queryDef#ExecuteQuery',
    { cookie: `__sessiontoken=${session.token}`, 'x-security-token': session.security },
    `<ExecuteQuery xmlns="urn:xtk:queryDef"><sessiontoken>${session.token}</sessiontoken><entity>${query}</entity></ExecuteQuery>`,
  );
  const found = new Map<string, Record<string, string>>();
  for (const [, attributes = ''] of answer.matchAll(/<recipient ([^>]*?)\/?>/g)) {
    const record = Object.fromEntries(
      [...attributes.matchAll(/([\w-]+)=["']([^"']*)["']/g)].map(([, name = '', value = '']) => [name, value]),
    );
    if (record.crmId) found.set(record.crmId, record);
  }
  if (found.size !== ids.length)
    throw new Error(`Expected ${ids.length} recipients, but got ${found.size}: ${answer.slice(0, 300)}`);
  return found;
}

async function soap(campaign: string, action: string, headers: Record<string, string>, body: string): Promise<string> {
  const response = await fetch(`${campaign}/nl/jsp/soaprouter.jsp`, {
    method: 'POST',
    headers: { 'content-type': 'text/xml; charset=utf-8', soapaction: action, ...headers },
    body: `<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Body>${body}</SOAP-ENV:Body></SOAP-ENV:Envelope>`,
  });
  return response.text();
}
