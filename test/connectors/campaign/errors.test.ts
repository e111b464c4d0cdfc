import { describe, expect, it } from 'vitest';
import { isSessionExpired, redact, remoteErrorOf } from '../../../src/connectors/campaign/errors.js';

function ofFault(summary: string, detail = '', status = 200) {
  return remoteErrorOf({ status, answer: { kind: 'fault', summary, detail }, action: 'xtk:persist#Write' });
}

function ofText(text: string, status = 403) {
  return remoteErrorOf({ status, answer: { kind: 'other', text }, action: 'xtk:session#Logon' });
}

describe('faults of Campaign', () => {
  it.each([
    ['XTK-170019 Access denied.', '', 'FORBIDDEN', 'XTK-170019'],
    ['XFR-180000 The schema nms:nope does not exist.', '', 'NOT_FOUND', 'XFR-180000'],
    [
      "SOP-330011 Error while executing 'Write'.",
      'ODB-240000 duplicate key value violates unique constraint',
      'CONFLICT',
      'ODB-240000',
    ],
    [
      "SOP-330011 Error while executing 'Write'.",
      'ODB-240000 value too long\nXSV-350023 Unable to save',
      'UPSTREAM_REJECTED',
      'ODB-240000',
    ],
    ['XTK-170036 Unable to parse expression.', "Attribute 'x' unknown", 'UPSTREAM_REJECTED', 'XTK-170036'],
    ['SOP-330006 The method is not defined.', '', 'UPSTREAM_REJECTED', 'SOP-330006'],
    ['The XML SOAP message is invalid.', '', 'UPSTREAM_REJECTED', null],
  ])('reads %s %s as %s', (summary, detail, code, remoteCode) => {
    for (const status of [200, 500]) {
      expect(ofFault(summary, detail, status)).toMatchObject({
        code,
        upstream: { code: remoteCode, status, system: 'campaign' },
      });
    }
  });

  it('tells an expired session by its code, in a fault or in plain text', () => {
    expect(isSessionExpired(ofText('XSV-350008 Session has expired or is invalid. Please reconnect.'))).toBe(true);
    expect(isSessionExpired(ofFault('SOP-330011 Error', 'XSV-350008 Session has expired'))).toBe(true);
    expect(isSessionExpired(ofText('XSV-350012 Invalid login or password.'))).toBe(false);
  });

  it('tells what to do about a refused logon', () => {
    const password = ofText('XSV-350012 Invalid login or password. Connection denied.');
    expect(password).toMatchObject({
      code: 'UPSTREAM_UNAUTHENTICATED',
      message: expect.stringContaining('CAMPAIGN_PASSWORD'),
    });
    const zone = ofText('XSV-350013 The IP address is not authorised.');
    expect(zone).toMatchObject({ code: 'UPSTREAM_UNAUTHENTICATED', message: expect.stringContaining('security zone') });
  });

  it('takes an answer that is not SOAP for a server that is not there, and does not repeat it', () => {
    const error = ofText('<html>Proxy page for secret-host</html>', 502);
    expect(error).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', message: expect.stringContaining('CAMPAIGN_URL') });
    expect(error.message).not.toContain('secret-host');
  });

  it('keeps the first lines of a long detail', () => {
    const detail = Array.from({ length: 50 }, (_, line) => `line ${line}`).join('\n');
    const { message } = ofFault('XTK-170006 Failed.', detail).upstream;
    expect(message).toContain('line 3');
    expect(message).not.toContain('line 9');
  });

  it('never repeats a token', () => {
    const token = '___7f3c0b5e-1111-2222-3333-444455556666';
    const security = '@abcdefghijklmnopqrstuvwxyz0123456789ABCDEF/+==';
    const error = ofFault(`SOP-330011 Token ${token} is bad`, `security token ${security}`);
    expect(error.message + error.upstream.message).not.toMatch(/7f3c0b5e|abcdefghij/);
    expect(redact('@email = 1')).toBe('@email = 1');
  });
});
