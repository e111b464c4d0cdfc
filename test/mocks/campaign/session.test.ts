import { describe, expect, it } from 'vitest';
import { covers } from '../compatibility.js';
import { between, logOn, openMock, post } from './soap-client.js';

const LOGON = '<sessiontoken/><login>admin</login><password>admin</password><parameters/>';

describe('a session of the Campaign mock', () => {
  it('answers a logon in the shape of Campaign, with quotes around the SOAPAction or without', async () => {
    covers('campaign', '4.4 Logon', 'Logon: tokens, sessionInfo, userInfo');
    await using mock = await openMock();
    const quoted = await post(mock, '"xtk:session#Logon"', LOGON);
    expect(quoted.body).toContain("<LogonResponse xmlns='urn:xtk:session' SOAP-ENV:encodingStyle=");
    expect(between(quoted.body, "<pstrSessionToken xsi:type='xsd:string'>", '<')).toMatch(/^___[0-9a-f-]{36}$/);
    expect(between(quoted.body, "<pstrSecurityToken xsi:type='xsd:string'>", '<')).toHaveLength(109);
    expect(quoted.body).toContain('<login-right right="admin"/>');
    expect(quoted.headers.get('set-cookie')).toMatch(/^__sessiontoken=___/);
  });

  it('refuses a wrong password with 403 and plain text', async () => {
    covers('campaign', '6.3 Errors', 'bad login: 403 and XSV-350012 as plain text');
    await using mock = await openMock();
    const { status, body } = await post(mock, 'xtk:session#Logon', LOGON.replace('>admin</password', '>no</password'));
    expect([status, body]).toEqual([403, 'XSV-350012 Invalid login or password. Connection denied.']);
  });

  it('takes the session token from the cookie or from the body', async () => {
    covers('campaign', '4.4 Logon', 'session token in cookie or body, X-Security-Token beside it');
    await using mock = await openMock();
    const { sessionToken, securityToken, call } = await logOn(mock);
    expect(await call('xtk:session#TestCnx')).toContain('<TestCnxResponse ');
    const body = `<sessiontoken>${sessionToken}</sessiontoken>`;
    const answer = await post(mock, 'xtk:session#TestCnx', body, { 'x-security-token': securityToken });
    expect(answer.body).toContain('<TestCnxResponse ');
  });

  it('refuses a call without the security token', async () => {
    covers('campaign', '6.3 Errors', 'missing or expired token: 403 and XSV-350008 as plain text');
    await using mock = await openMock();
    const { sessionToken } = await logOn(mock);
    const answer = await post(mock, 'xtk:session#TestCnx', `<sessiontoken>${sessionToken}</sessiontoken>`);
    expect([answer.status, answer.body]).toEqual([
      403,
      'XSV-350008 Session has expired or is invalid. Please reconnect.',
    ]);
  });

  it('refuses the tokens of two different sessions', async () => {
    await using mock = await openMock();
    const [first, second] = [await logOn(mock), await logOn(mock)];
    const headers = { cookie: `__sessiontoken=${first.sessionToken}`, 'x-security-token': second.securityToken };
    expect((await post(mock, 'xtk:session#TestCnx', '<sessiontoken/>', headers)).status).toBe(403);
  });

  it('takes a session token alone where it is told to', async () => {
    covers('campaign', '6.3 Errors', 'switch: requireBothTokens');
    await using mock = await openMock({ requireBothTokens: false });
    const { sessionToken } = await logOn(mock);
    expect((await post(mock, 'xtk:session#TestCnx', `<t>${sessionToken}</t>`)).status).toBe(200);
  });

  it("ends a session when its lifetime is over by the mock's clock", async () => {
    covers('campaign', '4.4 Logon', 'expiry by the clock of the mock');
    await using mock = await openMock({ sessionLifetime: 600 });
    const { call } = await logOn(mock);
    mock.clock.advance(599);
    expect(await call('xtk:session#TestCnx')).toContain('TestCnxResponse');
    mock.clock.advance(2);
    expect(await call('xtk:session#TestCnx')).toContain('XSV-350008');
  });

  it('ends every session when it is reset', async () => {
    await using mock = await openMock();
    const { call } = await logOn(mock);
    await mock.reset();
    expect(await call('xtk:session#TestCnx')).toContain('XSV-350008');
  });

  it('accepts a configured bearer token in place of tokens', async () => {
    covers('campaign', '4.4 Logon', 'bearer token of a technical account in Authorization');
    await using mock = await openMock({ bearerTokens: ['technical-account'] });
    const answer = (bearer: string) =>
      post(mock, 'xtk:session#GetUserInfo', '<sessiontoken/>', { authorization: `Bearer ${bearer}` });
    expect((await answer('technical-account')).body).toContain('<userInfo ');
    expect((await answer('another')).status).toBe(403);
  });

  it('answers an unknown option with an empty text and the type 0', async () => {
    covers('campaign', '4.7 Options', 'missing option: empty text and type 0');
    await using mock = await openMock();
    const body = await (await logOn(mock)).call('xtk:session#GetOption', '<name>no.such</name>');
    expect(body).toContain("<pstrValue xsi:type='xsd:string'></pstrValue><pbtType xsi:type='xsd:byte'>0</pbtType>");
  });
});

describe('a call to the Campaign mock', () => {
  it('faults with SOP-330006 and status 200 for a method that does not exist', async () => {
    covers('campaign', '6.3 Errors', 'unknown service or method: SOP-330006');
    await using mock = await openMock();
    const { call } = await logOn(mock);
    const unknown = "SOP-330006 The method 'Nothing' is not defined in SOAP service 'xtk:session'.";
    expect(await call('xtk:session#Nothing')).toContain(`<faultstring xsi:type='xsd:string'>${unknown}</faultstring>`);
    expect(await call('xtk:session#constructor')).toContain('SOP-330006');
    expect(await call('nms:nothing#SubmitDelivery')).toContain('SOP-330006');
  });

  it('faults for a Write to xtk:session, unless it is lenient', async () => {
    covers(
      'campaign',
      '6.3 Errors',
      'Write, WriteCollection of xtk:session: SOP-330011 with SOP-330024 (switch lenientSession)',
    );
    await using strict = await openMock();
    await using lenient = await openMock({ lenientSession: true });
    const document = '<d><recipient xtkschema="nms:recipient" email="a@session.example"/></d>';
    const refused = await (await logOn(strict)).call('xtk:session#Write', document);
    expect(refused).toContain("SOP-330011 Error while executing the method 'Write' of service 'xtk:session'.");
    expect(refused).toContain('SOP-330024');
    expect(await (await logOn(lenient)).call('xtk:session#Write', document)).toContain('<WriteResponse ');
  });

  it.each([
    ['no XML', 'not xml at all'],
    ['a document type', '<!DOCTYPE x [<!ENTITY e "boom">]><E><Body><TestCnx>&e;</TestCnx></Body></E>'],
    ['no body', '<Envelope/>'],
    ['nesting without end', '<a>'.repeat(300)],
  ])('faults for %s', async (_, body) => {
    await using mock = await openMock();
    const headers = { soapaction: 'xtk:session#TestCnx' };
    const answer = await fetch(`${mock.url}/nl/jsp/soaprouter.jsp`, { method: 'POST', headers, body });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain("The XML SOAP message is invalid (service 'xtk:session', method 'TestCnx').");
  });

  it('sends faults with status 500 where it plays v8', async () => {
    await using mock = await openMock({ faultHttpStatus: 500 });
    const { sessionToken, securityToken } = await logOn(mock);
    const headers = { 'x-security-token': securityToken };
    const answer = await post(mock, 'xtk:session#Nothing', `<t>${sessionToken}</t>`, headers);
    expect([answer.status, answer.body.includes('SOP-330006')]).toEqual([500, true]);
  });

  it('fails as told: with a SOAP fault, or with a status', async () => {
    covers('campaign', '6.3 Errors', 'injected faults, latency and HTTP errors');
    await using mock = await openMock();
    const { call } = await logOn(mock);
    mock.addFault({ code: 'XTK-170019', message: 'Access denied.' });
    mock.addFault({ status: 503, message: 'Try later', retryAfter: 7 });
    expect(await call('xtk:session#TestCnx')).toContain("<faultstring xsi:type='xsd:string'>XTK-170019 Access denied.");
    const answer = await post(mock, 'xtk:session#TestCnx', '');
    expect([answer.status, answer.headers.get('retry-after'), answer.body]).toEqual([503, '7', 'Try later']);
  });

  it('answers /r/test without a session', async () => {
    await using mock = await openMock();
    expect(await (await fetch(`${mock.url}/r/test`)).text()).toMatch(/^<redir status='OK' .* version='7\.4\.3'\/>$/);
  });
});
