import { describe, expect, it } from 'vitest';
import { covers } from '../compatibility.js';
import { logOn, openMock, post } from './soap-client.js';

const REFUSED =
  "XSV-350013 The '10.1.2.3' IP address via which you are connecting is not authorized by the security zone.";
const LOGON = '<t/><login>admin</login><password>admin</password>';

describe('the security zone of the Campaign mock', () => {
  it('lets every address in unless it is told which', async () => {
    await using mock = await openMock();
    expect((await post(mock, 'xtk:session#Logon', LOGON, { 'x-forwarded-for': '10.1.2.3' })).status).toBe(200);
  });

  it('refuses other addresses with 403 and plain text, for logon and for calls', async () => {
    covers('campaign', '6.2 Full', 'security-zone 403: XSV-350013');
    await using mock = await openMock({ allowedAddresses: ['127.0.0.0/8', '192.168.7.1'] });
    const { sessionToken, securityToken } = await logOn(mock);
    const foreign = { 'x-forwarded-for': '10.1.2.3', 'x-security-token': securityToken };
    const logon = await post(mock, 'xtk:session#Logon', LOGON, foreign);
    const call = await post(mock, 'xtk:session#TestCnx', `<t>${sessionToken}</t>`, foreign);
    expect([logon.status, logon.body, call.status, call.body]).toEqual([403, REFUSED, 403, REFUSED]);
    const known = await post(mock, 'xtk:session#Logon', LOGON, { 'x-forwarded-for': '192.168.7.1' });
    expect(known.status).toBe(200);
  });

  it('takes login/password for a session token where it allows passwords and is content with session tokens', async () => {
    covers('campaign', '4.4 Logon', 'login/password as body token (allowUserPassword, sessionTokenOnly)');
    await using open = await openMock({ allowUserPassword: true, sessionTokenOnly: true });
    const userInfo = (token: string) => post(open, 'xtk:session#GetUserInfo', `<t>${token}</t>`);
    expect((await userInfo('profiles/profiles')).body).toContain('login="profiles"');
    expect([(await userInfo('profiles/no')).status, (await userInfo('profiles/no')).body]).toEqual([
      403,
      'XSV-350012 Invalid login or password. Connection denied.',
    ]);
  });

  it.each([{}, { allowUserPassword: true }, { sessionTokenOnly: true }])(
    'does not take login/password with %j',
    async (options) => {
      await using mock = await openMock(options);
      const { status, body } = await post(mock, 'xtk:session#TestCnx', '<t>admin/admin</t>');
      expect([status, body]).toEqual([403, 'XSV-350008 Session has expired or is invalid. Please reconnect.']);
    },
  );

  it('is content with the session token where it says so', async () => {
    await using mock = await openMock({ sessionTokenOnly: true });
    const { sessionToken } = await logOn(mock);
    expect((await post(mock, 'xtk:session#TestCnx', `<t>${sessionToken}</t>`)).status).toBe(200);
  });
});

describe('the sessions of the Campaign mock', () => {
  it('live longer where logon asks to be remembered', async () => {
    covers('campaign', '4.4 Logon', 'long sessions (rememberMe)');
    await using mock = await openMock({ sessionLifetime: 60, longSessionLifetime: 600 });
    const logon = `${LOGON}<parameters><parameters rememberMe="true"/></parameters>`;
    const { body } = await post(mock, 'xtk:session#Logon', logon);
    expect(body).toContain('sessionTimeOut="600"');
    const token = /___[0-9a-f-]{36}/.exec(body)?.[0];
    const security = /@[A-Za-z0-9+/=]{108}/.exec(body)?.[0] ?? '';
    mock.clock.advance(599);
    const call = () => post(mock, 'xtk:session#TestCnx', `<t>${token}</t>`, { 'x-security-token': security });
    expect((await call()).status).toBe(200);
    mock.clock.advance(2);
    expect((await call()).status).toBe(403);
  });

  it('are listed for administrators without their tokens, and ended one by one', async () => {
    covers('campaign', '4.8 Session', 'GetCnxInfo');
    covers('campaign', '4.8 Session', 'KillSession');
    await using mock = await openMock();
    const [admin, other] = [await logOn(mock), await logOn(mock, 'profiles')];
    const list = await admin.call('xtk:session#GetCnxInfo');
    expect(list.match(/login="\w+"/g)).toEqual(['login="admin"', 'login="profiles"']);
    expect(list).not.toContain(other.securityToken);
    const id = other.sessionToken.replace('___', '');
    expect(await admin.call('xtk:session#KillSession', `<id>${id}</id>`)).toContain('<KillSessionResponse ');
    expect(await other.call('xtk:session#TestCnx')).toContain('XSV-350008');
    expect(await admin.call('xtk:session#KillSession', `<id>${id}</id>`)).toContain('XSV-350000');
  });

  it('encrypts a password as clients decrypt it, and never hashes it the same way twice', async () => {
    covers('campaign', '4.8 Session', 'EncryptPassword');
    covers('campaign', '4.8 Session', 'HashPassword');
    await using mock = await openMock();
    const { call } = await logOn(mock);
    const encrypted = await call('xtk:persist#EncryptPassword', '<p>adm/in</p>');
    // AES-256-CBC of "adm/in" and three zero bytes, by a key of 32 zero bytes.
    expect(encrypted).toContain("<pstrEncrypted xsi:type='xsd:string'>@");
    expect(await call('xtk:session#EncryptPassword', '<p>adm/in</p>')).toContain(
      /@[\w+/=]+/.exec(encrypted)?.[0] ?? '?',
    );
    const [first, second] = [
      await call('xtk:session#HashPassword', '<p>x</p>'),
      await call('xtk:session#HashPassword', '<p>x</p>'),
    ];
    expect(first).not.toBe(second);
  });
});
