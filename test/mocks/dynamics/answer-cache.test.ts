import { request } from 'node:https';
import { expect, it } from 'vitest';
import { startOrganization } from './support.js';

it('an answer that is remembered is not given after a write, a reset, or to another user', async () => {
  const claims = {
    one: { appid: '22222222-2222-2222-2222-222222222222' },
    two: { oid: '44444444-4444-4444-4444-444444444444', scp: 'user_impersonation' },
  };
  await using organization = await startOrganization({
    contacts: 3,
    authenticate: (token) => (token === 'two' ? claims.two : claims.one),
  });
  const [contact] = organization.mock.rows('contact');
  const id = String(contact?.contactid);
  const readOnce = async () => (await organization.get(`contacts(${id})?$select=jobtitle`)).body.jobtitle;
  /** What comes again is remembered. */
  const read = async () => {
    const titles = [await readOnce(), await readOnce(), await readOnce()];
    expect(new Set(titles).size).toBe(1);
    return titles[0];
  };
  const before = await read();
  await organization.send('PATCH', `contacts(${id})`, { jobtitle: 'Changed' });
  expect(await read()).toBe('Changed');
  await organization.mock.reset();
  expect(await read()).toBe(before);
  organization.mock.update('contact', id, { jobtitle: 'By a test' });
  expect(await read()).toBe('By a test');
  const mine = "contacts?$select=jobtitle&$filter=Microsoft.Dynamics.CRM.EqualUserId(PropertyName='ownerid')";
  const [one, two] = [await organization.get(mine), await organization.get(mine, { authorization: 'Bearer two' })];
  expect(one.body.value.length + two.body.value.length).toBeLessThanOrEqual(3);
  const annotated = await organization.get(`contacts(${id})?$select=createdon`, {
    prefer: 'odata.include-annotations="*"',
  });
  expect(annotated.text).toContain('FormattedValue');
  expect((await organization.get(`contacts(${id})?$select=createdon`)).text).not.toContain('FormattedValue');
});

it('what depends on the time is asked anew', async () => {
  await using organization = await startOrganization({ contacts: 0 });
  organization.mock.insert('contact', { lastname: 'New' });
  const today = "contacts?$select=lastname&$filter=Microsoft.Dynamics.CRM.Today(PropertyName='createdon')";
  expect((await organization.get(today)).body.value).toHaveLength(1);
  organization.mock.clock.advance(3 * 86_400);
  expect((await organization.get(today)).body.value).toEqual([]);
});

it('links lead to http or to https as the client came, whoever asked before', async () => {
  await using organization = await startOrganization({ contacts: 3, tls: true });
  const { ca, port } = organization.mock;
  const path = '/api/data/v9.2/contacts?$select=fullname';
  const plain = `http://127.0.0.1:${port}`;
  for (let times = 0; times < 3; times += 1)
    expect((await organization.get(plain + path)).body['@odata.context']).toContain(`${plain}/`);
  expect(await getSecurely(`https://127.0.0.1:${port}${path}`, ca)).toContain(
    `"@odata.context":"https://127.0.0.1:${port}/`,
  );
});

/** Gets over https, trusting one authority. */
function getSecurely(url: string, ca: string | null): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const headers = { authorization: 'Bearer test', accept: '*/*' };
  request(url, { headers, ca: ca ?? '', agent: false }, (response) => {
    response
      .setEncoding('utf8')
      .toArray()
      .then((chunks) => resolve(chunks.join('')), reject);
  })
    .on('error', reject)
    .end();
  return promise;
}
