import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type CryptoKey as Key, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDynamicsMock, type DynamicsMock } from '../../../mocks/dynamics/server.js';
import { covers } from '../compatibility.js';

const TENANT = '11111111-1111-1111-1111-111111111111';
const APP = '22222222-2222-2222-2222-222222222222';
const USER = '44444444-4444-4444-4444-444444444444';

let keyServer: Server;
let mock: DynamicsMock;
/** Bodies are small and told in each test; `any` saves a schema for each. */
// biome-ignore lint/suspicious/noExplicitAny: see above
const jsonOf = (response: Response): Promise<any> => response.json();
let sign: (claims: Record<string, unknown>, key?: Key) => Promise<string>;

beforeAll(async () => {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }] };
  keyServer = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    response.statusCode = request.url === `/${TENANT}/discovery/v2.0/keys` ? 200 : 404;
    response.end(JSON.stringify(keys));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => keyServer.once('listening', resolve));
  const { port } = keyServer.address() as AddressInfo; // a server on TCP has no other form of address
  mock = await createDynamicsMock({ contacts: 0, authority: `http://127.0.0.1:${port}` });
  sign = (claims, key = privateKey) => {
    const seconds = Math.floor(mock.clock.now().getTime() / 1000);
    const standard = {
      iss: `https://sts.windows.net/${TENANT}/`,
      aud: mock.url,
      nbf: seconds,
      exp: seconds + 3599,
      appid: APP,
    };
    return new SignJWT({ ...standard, ...claims }).setProtectedHeader({ alg: 'RS256', kid: 'k1' }).sign(key);
  };
});

afterAll(async () => {
  await mock.close();
  keyServer.close();
});

function whoAmI(token: string | null, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${mock.url}/api/data/v9.2/WhoAmI`, {
    headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...headers },
  });
}

describe('a token', () => {
  it('of an application leads to the user with its client id, the audience with or without a slash', async () => {
    covers('dynamics', '8 Authentication', 'App-only tokens by applicationid');
    for (const aud of [mock.url, `${mock.url}/`]) {
      const body = await jsonOf(await whoAmI(await sign({ aud })));
      expect(mock.row('systemuser', body.UserId)?.applicationid).toBe(APP);
    }
  });

  it('of a user leads to the user with its object id', async () => {
    covers('dynamics', '8 Authentication', 'Delegated tokens by azureactivedirectoryobjectid');
    const body = await jsonOf(await whoAmI(await sign({ oid: USER, scp: 'user_impersonation' })));
    expect(mock.row('systemuser', body.UserId)?.domainname).toBe('crm.user@contoso.example');
  });

  it('that is absent is asked for, with tenant and resource', async () => {
    covers('dynamics', '6 Errors', '401 with WWW-Authenticate');
    const response = await whoAmI(null);
    expect([response.status, await response.text()]).toEqual([401, '']);
    expect(response.headers.get('www-authenticate')).toMatch(
      new RegExp(
        `^Bearer authorization_uri=http://127.0.0.1:\\d+/${TENANT}/oauth2/authorize, resource_id=${mock.url}/$`,
      ),
    );
  });

  it.each([
    ['of another audience', { aud: 'https://other.example' }],
    ['of another tenant', { iss: 'https://sts.windows.net/99999999-9999-9999-9999-999999999999/' }],
    ['that has expired', { exp: 1_000_000_000 }],
    ['that is not valid yet', { nbf: 9_000_000_000 }],
  ])('%s is refused', async (_, claims) => {
    const response = await whoAmI(await sign(claims));
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"');
  });

  it('signed by another key, or not a token at all, is refused', async () => {
    const { privateKey } = await generateKeyPair('RS256');
    expect((await whoAmI(await sign({}, privateKey))).status).toBe(401);
    expect((await whoAmI('nonsense')).status).toBe(401);
  });

  it('expires by the clock of the mock', async () => {
    covers('dynamics', '8 Authentication', 'Expiry by the clock');
    const token = await sign({});
    const statuses = [];
    // Clocks may differ by five minutes.
    for (const seconds of [0, 3600 + 200, 200]) {
      mock.clock.advance(seconds);
      statuses.push((await whoAmI(token)).status);
    }
    expect(statuses).toEqual([200, 200, 401]);
    mock.clock.reset();
  });

  it('of nobody in the organization is forbidden', async () => {
    covers('dynamics', '6 Errors', '403 0x80072560 no member of the organization');
    const response = await whoAmI(await sign({ appid: '99999999-9999-9999-9999-999999999999' }));
    expect([response.status, await jsonOf(response)]).toEqual([
      403,
      { error: { code: '0x80072560', message: 'The user is not a member of the organization.' } },
    ]);
  });

  it('of a disabled user is forbidden', async () => {
    covers('dynamics', '6 Errors', '403 0x80040225 disabled user');
    const [user] = mock.rows('systemuser').filter((row) => row.azureactivedirectoryobjectid === USER);
    mock.update('systemuser', String(user?.systemuserid), { isdisabled: true });
    const response = await whoAmI(await sign({ oid: USER, scp: 'user_impersonation' }));
    expect([response.status, (await jsonOf(response)).error.code]).toEqual([403, '0x80040225']);
    await mock.reset();
  });
});

it('a request may act for another user', async () => {
  const [user] = mock.rows('systemuser').filter((row) => row.azureactivedirectoryobjectid === USER);
  const response = await whoAmI(await sign({}), { mscrmcallerid: String(user?.systemuserid) });
  expect((await jsonOf(response)).UserId).toBe(user?.systemuserid);
});

it('every answer has the headers of the service, errors and injected faults as well', async () => {
  const token = await sign({});
  const response = await whoAmI(token);
  expect(response.headers.get('odata-version')).toBe('4.0');
  expect(response.headers.get('x-ms-ratelimit-time-remaining-xrm-requests')).toBe('1,200.00');
  mock.addFault({ status: 429, retryAfter: 37 });
  const limited = await whoAmI(token);
  expect([limited.status, limited.headers.get('retry-after'), limited.headers.get('odata-version')]).toEqual([
    429,
    '37',
    '4.0',
  ]);
  expect(await limited.json()).toEqual({
    error: {
      code: '0x80072322',
      message: 'Number of requests exceeded the limit of 6000 over time window of 300 seconds.',
    },
  });
});
