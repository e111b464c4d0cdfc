import { describe, expect, it } from 'vitest';
import { parseXml } from '../../../mocks/campaign/xml.js';
import { covers } from '../compatibility.js';
import { logOn, openMock, type RawSession } from './soap-client.js';

const SESSION = ({ sessionToken, securityToken }: RawSession) => ({
  headers: { cookie: `__sessiontoken=${sessionToken}`, 'x-security-token': securityToken },
  redirect: 'manual' as const,
});

describe('a page of the Campaign mock', () => {
  it('tells the health and the version to everybody', async () => {
    covers('campaign', '4.1 Endpoints', 'GET /r/test');
    await using mock = await openMock();
    const text = await (
      await fetch(`${mock.url}/r/test`, { headers: { 'x-forwarded-for': '10.9.8.7, 10.0.0.1' } })
    ).text();
    expect(text).toMatch(
      /^<redir status='OK' date='[-0-9: .]+Z' build='9396' .* sourceIP='10\.9\.8\.7' host='127\.0\.0\.1' /,
    );
  });

  it.each(['ping', 'mcPing', 'monitor'])('%s.jsp needs a session', async (page) => {
    await using mock = await openMock();
    const { status } = await fetch(`${mock.url}/nl/jsp/${page}.jsp`);
    expect(status).toBe(403);
    expect((await fetch(`${mock.url}/nl/jsp/${page}.jsp`, SESSION(await logOn(mock)))).status).toBe(200);
  });

  it('pings', async () => {
    covers('campaign', '4.1 Endpoints', 'GET /nl/jsp/ping.jsp');
    await using mock = await openMock();
    const answer = await fetch(`${mock.url}/nl/jsp/ping.jsp`, SESSION(await logOn(mock)));
    expect(await answer.text()).toMatch(/^OK\n\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z\n$/);
  });

  it('counts the pending events of Message Center, until its queue is full', async () => {
    covers('campaign', '4.1 Endpoints', 'GET /nl/jsp/mcPing.jsp');
    await using mock = await openMock({ eventQueueSize: 2 });
    const session = await logOn(mock);
    const ping = async () => (await fetch(`${mock.url}/nl/jsp/mcPing.jsp`, SESSION(session))).text();
    const push = () =>
      session.call('nms:rtEvent#PushEvent', '<e><rtEvent type="x" email="a@e.example"><ctx/></rtEvent></e>');
    expect(await ping()).toMatch(/^Ok\n[-0-9: .]+Z\n0\/2 pending events\n$/);
    await push();
    await push();
    expect(await ping()).toBe('Error\nThe queue is full (2/2)\n');
  });

  it('monitors sessions, workflows and jobs', async () => {
    covers('campaign', '4.1 Endpoints', 'GET /nl/jsp/monitor.jsp');
    await using mock = await openMock();
    const session = await logOn(mock);
    await session.write('<workflow xtkschema="xtk:workflow" internalName="w" label="W"/>');
    await session.call('xtk:workflow#Start', '<id>w</id>');
    const text = await (await fetch(`${mock.url}/nl/jsp/monitor.jsp`, SESSION(session))).text();
    expect(text).toContain('<indicator name="sessions" value="1"/>');
    expect(text).toContain('<indicator name="startedWorkflows" value="1"/>');
  });

  it('does not exist where Campaign has none', async () => {
    await using mock = await openMock();
    expect((await fetch(`${mock.url}/nl/jsp/other.jsp`)).status).toBe(404);
  });
});

describe('the WSDL page of the Campaign mock', () => {
  it('sends those without a session to where they log on', async () => {
    covers('campaign', '4.1 Endpoints', 'GET /nl/jsp/schemawsdl.jsp (302 without a session)');
    await using mock = await openMock();
    const answer = await fetch(`${mock.url}/nl/jsp/schemawsdl.jsp?schema=xtk:session`, { redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([
      302,
      `${mock.url}/nl/jsp/logon.jsp?target=%2Fnl%2Fjsp%2Fschemawsdl.jsp%3Fschema%3Dxtk%3Asession`,
    ]);
  });

  it.each(['xtk:session', 'xtk:persist', 'xtk:queryDef', 'nms:rtEvent'])('describes the methods of %s', async (id) => {
    await using mock = await openMock();
    const answer = await fetch(`${mock.url}/nl/jsp/schemawsdl.jsp?schema=${id}`, SESSION(await logOn(mock)));
    const wsdl = parseXml(await answer.text());
    const [types, ...others] = wsdl.children;
    expect(types?.children[0]?.children.length).toBe(2 * (others.filter(({ name }) => name === 'message').length / 2));
    expect(wsdl.attributes.targetNamespace).toBe(`urn:${id}`);
  });

  it('names parameters as they travel, after the session token and the object', async () => {
    await using mock = await openMock();
    const session = SESSION(await logOn(mock));
    const text = await (await fetch(`${mock.url}/nl/jsp/schemawsdl.jsp?schema=xtk:queryDef`, session)).text();
    const execute = text.slice(text.indexOf('name="ExecuteQuery"'), text.indexOf('name="BuildQuery"'));
    expect([...execute.matchAll(/minOccurs="1" name="(\w+)"/g)].map(([, name]) => name)).toEqual([
      'sessiontoken',
      'entity',
      'pdomOutput',
    ]);
    expect(text).toContain('<soap:operation soapAction="xtk:queryDef#ExecuteQuery" style="document"/>');
    expect(text).toContain(`<soap:address location="${mock.url}/nl/jsp/soaprouter.jsp"/>`);
  });

  it('faults for a schema that does not exist', async () => {
    await using mock = await openMock();
    const answer = await fetch(`${mock.url}/nl/jsp/schemawsdl.jsp?schema=cus:none`, SESSION(await logOn(mock)));
    expect(await answer.text()).toContain("XFR-180000 Document of identifier 'cus:none'");
  });
});
