import { describe, expect, it } from 'vitest';
import { inspectToken } from '../../../src/connectors/dynamics/administrator-token.js';
import { assertAllowedServer } from '../../../src/connectors/dynamics/allowed-hosts.js';

const NOW = Date.parse('2030-01-01T00:00:00Z');
const GRAPH = {
  field: 'input.administrator.graphToken',
  service: 'Microsoft Graph',
  audiences: ['https://graph.microsoft.com', '00000003-0000-0000-c000-000000000000'],
  remedy: 'Get one with az.',
};

function token(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'RS256' })}.${part(claims)}.c2lnbmF0dXJl`;
}

describe('a token of an administrator', () => {
  it.each(['https://graph.microsoft.com', 'https://graph.microsoft.com/', '00000003-0000-0000-C000-000000000000'])(
    'for %s is taken, and tells its tenant',
    (aud) => {
      const given = token({ aud, exp: NOW / 1000 + 60, tid: '1111' });
      expect(inspectToken(given, GRAPH, NOW)).toEqual({ tenantId: '1111' });
    },
  );

  it.each([
    [{ aud: 'https://contoso.crm.dynamics.com' }, 'this one is for "https://contoso.crm.dynamics.com"'],
    [{ aud: 'https://graph.microsoft.com', exp: NOW / 1000 - 301 }, 'it expired at 2029-12-31T23:54:59.000Z'],
    [{ aud: 'https://graph.microsoft.com', nbf: NOW / 1000 + 301 }, 'it is not valid before'],
  ])('with %j is refused before it is sent, without being repeated', (claims, words) => {
    const given = token(claims);
    const inspect = () => inspectToken(given, GRAPH, NOW);
    expect(inspect).toThrow(words);
    expect(inspect).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT', field: GRAPH.field }));
    expect(inspect).not.toThrow(given);
  });

  it('that would break a header is refused', () => {
    expect(() => inspectToken('abc\r\nX-Other: 1', GRAPH, NOW)).toThrow('characters that no token has');
  });

  it('of another form is left to the service', () => {
    expect(inspectToken('opaque', GRAPH, NOW)).toEqual({ tenantId: null });
  });
});

describe('a server that credentials are sent to', () => {
  const HOSTS = ['*.dynamics.com', 'crm.contoso.example'];

  it.each([
    ['https://contoso.crm.dynamics.com/main.aspx?x=1', 'https://contoso.crm.dynamics.com'],
    ['https://CONTOSO.crm4.dynamics.com', 'https://contoso.crm4.dynamics.com'],
    ['https://crm.contoso.example', 'https://crm.contoso.example'],
    ['http://127.0.0.1:4010', 'http://127.0.0.1:4010'],
  ])('may be %s', (server, origin) => {
    expect(assertAllowedServer(server, HOSTS, 'input.server')).toBe(origin);
  });

  it.each([
    'https://dynamics.com',
    'https://evildynamics.com',
    'https://contoso.crm.dynamics.com.evil.example',
    'https://evil.example/contoso.crm.dynamics.com',
    'https://contoso.crm.dynamics.com@evil.example',
    'https://other.crm.contoso.example',
    'http://contoso.crm.dynamics.com',
    'http://169.254.169.254',
    'https://127.0.0.1.evil.example',
    'ftp://contoso.crm.dynamics.com',
    'file:///etc/passwd',
    'contoso',
  ])('may not be %s', (server) => {
    expect(() => assertAllowedServer(server, HOSTS, 'input.server')).toThrow(
      expect.objectContaining({ code: 'BAD_USER_INPUT', field: 'input.server' }),
    );
  });

  it('is told with the setting that would allow it', () => {
    expect(() => assertAllowedServer('https://crm.other.example', HOSTS, 'input.server')).toThrow('DYNAMICS_HOSTS');
  });
});
