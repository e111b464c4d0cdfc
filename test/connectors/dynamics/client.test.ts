import { afterEach, describe, expect, it } from 'vitest';
import type { TokenSource } from '../../../src/connectors/dynamics/auth.js';
import { createClient, type DynamicsClient } from '../../../src/connectors/dynamics/client.js';
import { writeRecords } from '../../../src/connectors/dynamics/writes.js';
import type { WriteRequest } from '../../../src/model/query.js';
import type { Table } from '../../../src/model/table.js';
import { type LocalAnswer, type LocalRequest, type LocalServer, openLocalServer } from './local-server.js';
import { CONTACT, ID } from './tables.js';

let server: LocalServer | undefined;
let client: DynamicsClient | undefined;

afterEach(async () => {
  await client?.close();
  await server?.close();
});

/** Hands out token-1, and another each time one was refused. */
function numberedTokens(): TokenSource {
  let number = 1;
  return {
    token: async (_options, refused) => (refused === undefined ? `token-${number}` : `token-${++number}`),
    close: async () => {},
  };
}

async function open(answer: (request: LocalRequest) => LocalAnswer) {
  server = await openLocalServer(answer);
  client = createClient({ server: server.url, tokens: numberedTokens(), retries: 1 });
  return { client, requests: server.requests };
}

const error = (status: number, code: string, message: string, headers = {}) => ({
  status,
  headers,
  body: { error: { code, message } },
});

describe('Dynamics client', () => {
  it('signs a request and speaks OData 4.0', async () => {
    const { client, requests } = await open(() => ({ body: { UserId: '1' } }));
    expect(await client.get('WhoAmI', 'tell')).toEqual({ UserId: '1' });
    expect(requests).toMatchObject([
      { target: '/api/data/v9.2/WhoAmI', headers: { authorization: 'Bearer token-1', 'odata-version': '4.0' } },
    ]);
  });

  it('renews a refused token once', async () => {
    const { client, requests } = await open(({ headers }) =>
      headers.authorization === 'Bearer token-2' ? { body: {} } : { status: 401, body: '' },
    );
    await client.get('WhoAmI', 'tell');
    expect(requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer token-1', 'Bearer token-2']);
  });

  it('gives up when the renewed token is refused too, without showing either', async () => {
    const { client, requests } = await open(() => ({ status: 401, body: '' }));
    const refused = client.get('WhoAmI', 'tell who we are');
    await expect(refused).rejects.toMatchObject({
      code: 'UPSTREAM_UNAUTHENTICATED',
      message: expect.not.stringContaining('token-'),
    });
    expect(requests).toHaveLength(2);
  });

  it.each([
    [400, '0x80060888', 'UPSTREAM_REJECTED'],
    [403, '0x80040220', 'FORBIDDEN'],
    [403, '0x80072560', 'FORBIDDEN'],
    [404, '0x80040217', 'NOT_FOUND'],
    [412, '0x80060882', 'CONFLICT'],
    [429, '0x80072322', 'RATE_LIMITED'],
    [500, '0x80040333', 'CONFLICT'],
    [500, '0x80040216', 'UPSTREAM_UNAVAILABLE'],
    [501, '0x8006088a', 'UPSTREAM_REJECTED'],
    [503, '', 'UPSTREAM_UNAVAILABLE'],
  ])('makes of %i %s the error %s, with what the vendor needs to know', async (status, code, expected) => {
    const headers = { 'x-ms-service-request-id': 'r-1, r-1', ...(status === 429 ? { 'Retry-After': '99' } : {}) };
    const { client } = await open(() => error(status, code, 'Something is wrong.', headers));
    await expect(client.get('contacts', 'read contacts')).rejects.toMatchObject({
      name: 'RemoteError',
      code: expected,
      upstream: { system: 'dynamics', status, code: code || null, message: 'Something is wrong.', requestId: 'r-1' },
    });
  });

  it('names the remedy for a missing application user', async () => {
    const { client } = await open(() => error(403, '0x80072560', 'The user is not a member of the organization.'));
    await expect(client.get('WhoAmI', 'tell')).rejects.toThrow('Create an application user');
  });

  it('tries again after a deadlock in the database', async () => {
    let asked = 0;
    const { client } = await open(() =>
      ++asked === 1 ? error(500, '0x80044150', 'Generic SQL error.') : { body: { value: [] } },
    );
    expect(await client.get('contacts', 'read')).toEqual({ value: [] });
  });

  it('copes with a page of HTML in place of an answer', async () => {
    const { client } = await open(() => ({ body: '<html>Sign in</html>' }));
    await expect(client.get('contacts', 'read contacts')).rejects.toMatchObject({
      code: 'UPSTREAM_REJECTED',
      message: expect.stringMatching(/text\/html.*Check that the server address/),
    });
  });

  it('does not show a whole page in a message', async () => {
    const { client } = await open(() => ({ status: 400, body: `<html>${'secret '.repeat(1_000)}` }));
    await expect(client.get('contacts', 'read')).rejects.toMatchObject({
      message: expect.not.stringContaining('secret'),
    });
  });

  it('refuses a query that is too long for a URL before it is sent', async () => {
    const { client, requests } = await open(() => ({ body: {} }));
    await expect(client.get(`contacts?$filter=${'x'.repeat(30_001)}`, 'read')).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
    });
    expect(requests).toEqual([]);
  });
});

describe('writes whose answer is lost', () => {
  const write = async (operation: WriteRequest<Table>['operation'], second: LocalAnswer) => {
    let asked = 0;
    const { client, requests } = await open(() => (++asked === 1 ? { status: 502, body: '' } : second));
    const request = { to: CONTACT, operation, key: 'contactid', records: [{ contactid: ID, fullname: 'Ann' }] };
    const outcomes = await writeRecords({ client, setNameOf: async (name) => name, concurrency: 1 }, request);
    return { outcomes, requests };
  };

  it('counts a create as done when the record is there at the second attempt', async () => {
    const { outcomes, requests } = await write(
      'create',
      error(412, '0x80040237', 'A record with matching key values already exists.'),
    );
    expect(outcomes).toEqual([{ ok: true, id: ID }]);
    expect(requests.map(({ target }) => target)).toEqual([
      `/api/data/v9.2/contacts(${ID})`,
      `/api/data/v9.2/contacts(${ID})`,
    ]);
  });

  it('counts a delete as done when the record is gone at the second attempt', async () => {
    expect((await write('delete', error(404, '0x80040217', 'Does Not Exist'))).outcomes).toEqual([
      { ok: true, id: ID },
    ]);
  });

  it('counts an update of a record that is gone as refused', async () => {
    expect((await write('update', error(404, '0x80040217', 'Does Not Exist'))).outcomes).toMatchObject([
      { ok: false, code: 'NOT_FOUND' },
    ]);
  });
});
