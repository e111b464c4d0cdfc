import { describe, expect, it } from 'vitest';
import { covers } from '../compatibility.js';
import { startOrganization } from './support.js';

describe('service protection', () => {
  it('is off, and tells the numbers of an idle server', async () => {
    await using organization = await startOrganization({ contacts: 0 });
    const { headers } = await organization.get('WhoAmI');
    expect(headers.get('x-ms-ratelimit-burst-remaining-xrm-requests')).toBe('5999');
    expect(headers.get('x-ms-ratelimit-time-remaining-xrm-requests')).toBe('1,200.00');
  });

  it('refuses more requests than a window holds, until the window has passed', async () => {
    covers('dynamics', '7 Service protection', 'Requests per user and window: 429, Retry-After, headers');
    await using organization = await startOrganization({ contacts: 0, serviceProtection: { requests: 3 } });
    const left = [];
    for (let at = 0; at < 3; at += 1)
      left.push((await organization.get('WhoAmI')).headers.get('x-ms-ratelimit-burst-remaining-xrm-requests'));
    expect(left).toEqual(['2', '1', '0']);
    const { status, headers, body } = await organization.get('WhoAmI');
    expect([status, body.error]).toEqual([
      429,
      { code: '0x80072322', message: 'Number of requests exceeded the limit of 3 over time window of 300 seconds.' },
    ]);
    organization.mock.clock.advance(Number(headers.get('retry-after')));
    expect((await organization.get('WhoAmI')).status).toBe(200);
  });

  it('lets a client wait the longer the more it goes on asking', async () => {
    covers('dynamics', '7 Service protection', 'Retry-After grows while the client goes on asking');
    await using organization = await startOrganization({ contacts: 0, serviceProtection: { requests: 1 } });
    organization.mock.clock.advance(0);
    await organization.get('WhoAmI');
    organization.mock.clock.advance(100);
    const waits = [];
    for (let at = 0; at < 3; at += 1) waits.push(Number((await organization.get('WhoAmI')).headers.get('retry-after')));
    expect(waits).toEqual([200, 201, 202]);
  });

  it('counts each user apart', async () => {
    covers('dynamics', '7 Service protection', 'A window for each user');
    const claims = {
      one: { appid: '22222222-2222-2222-2222-222222222222' },
      two: { oid: '44444444-4444-4444-4444-444444444444', scp: 'x' },
    };
    await using organization = await startOrganization({
      contacts: 0,
      serviceProtection: { requests: 1 },
      authenticate: (token) => (token === 'two' ? claims.two : claims.one),
    });
    const as = (token: string) => organization.get('WhoAmI', { authorization: `Bearer ${token}` });
    expect([(await as('one')).status, (await as('two')).status, (await as('one')).status]).toEqual([200, 200, 429]);
  });

  it('adds up the time that requests take', async () => {
    covers('dynamics', '7 Service protection', 'Combined execution time');
    await using organization = await startOrganization({
      contacts: 0,
      serviceProtection: { executionMs: 2_000_000, requestMs: 1 },
    });
    const first = await organization.get('WhoAmI');
    expect(first.headers.get('x-ms-ratelimit-time-remaining-xrm-requests')).toBe('2,000.00');
    organization.mock.protect({ executionMs: 2, requestMs: 2 });
    await organization.get('WhoAmI');
    const { status, body } = await organization.get('WhoAmI');
    expect([status, body.error.code]).toEqual([429, '0x80072321']);
    expect(body.error.message).toMatch(
      /^Combined execution time of incoming requests exceeded limit of 2 milliseconds/,
    );
  });

  it('limits how many requests run at the same time', async () => {
    covers('dynamics', '7 Service protection', 'Concurrent requests');
    await using organization = await startOrganization({
      contacts: 0,
      serviceProtection: { concurrent: 2, requestMs: 100 },
    });
    const answers = await Promise.all([1, 2, 3].map(() => organization.get('WhoAmI')));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 429]);
    expect(answers.find(({ status }) => status === 429)?.body.error).toEqual({
      code: '0x80072326',
      message: 'Number of concurrent requests exceeded the limit of 2.',
    });
  });

  it('is changed while the mock runs, and returns to what it was by a reset', async () => {
    await using organization = await startOrganization({ contacts: 0 });
    organization.mock.protect({ requests: 1 });
    await organization.get('WhoAmI');
    expect((await organization.get('WhoAmI')).status).toBe(429);
    await organization.mock.reset();
    expect((await organization.get('WhoAmI')).headers.get('x-ms-ratelimit-burst-remaining-xrm-requests')).toBe('5999');
    expect(() => organization.mock.protect(JSON.parse('{"request": 1}'))).toThrow(
      '"serviceProtection" has no field "request"',
    );
  });

  it('is changed by the control API', async () => {
    covers('dynamics', '7 Service protection', 'Limits by option, flag and control API; off by default');
    await using organization = await startOrganization({ contacts: 0 });
    const url = `${organization.mock.url}/_mock/settings`;
    const change = (body: string) => fetch(url, { method: 'POST', body });
    expect(await (await fetch(url)).json()).toMatchObject({ serviceProtection: null });
    expect((await change('{"serviceProtection": {"requests": 1}}')).status).toBe(200);
    await organization.get('WhoAmI');
    expect((await organization.get('WhoAmI')).status).toBe(429);
    expect((await change('{"serviceProtection": {"requests": 0}}')).status).toBe(400);
    expect((await change('{"serviceProtection": null}')).status).toBe(200);
    expect((await organization.get('WhoAmI')).status).toBe(200);
  });
});
