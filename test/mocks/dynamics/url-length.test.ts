import { expect, it } from 'vitest';
import { covers } from '../compatibility.js';
import { startOrganization } from './support.js';

/** A query of one condition, whose URL has this many characters. */
function queryOf(length: number): string {
  const begin = '/api/data/v9.2/contacts?$select=fullname&$filter=lastname%20eq%20%27';
  return `${begin}${'x'.repeat(length - begin.length - 3)}%27`;
}

async function statusInBatch(url: string): Promise<number> {
  await using organization = await startOrganization({ contacts: 1 });
  const parts = [
    '--b',
    'Content-Type: application/http',
    'Content-Transfer-Encoding: binary',
    '',
    `GET ${url} HTTP/1.1`,
  ];
  const body = [...parts, 'Accept: application/json', '', '', '--b--', ''].join('\r\n');
  const { text } = await organization.send('POST', '$batch', body, { 'content-type': 'multipart/mixed;boundary=b' });
  return Number(/HTTP\/1\.1 (\d+)/.exec(text)?.[1]);
}

it('a part of a batch may have a URL of 65,536 characters, and no more', async () => {
  covers('dynamics', '3 Queries', 'URLs of up to 65,536 characters in a batch');
  expect(await statusInBatch(queryOf(65_536))).toBe(200);
  expect(await statusInBatch(queryOf(65_537))).toBe(414);
});

it('a request may have a URL of 32,768 characters, and no more', async () => {
  covers('dynamics', '6 Errors', '414 for a URL over the limit');
  await using organization = await startOrganization({ contacts: 1 });
  const { origin } = new URL(organization.api);
  expect((await organization.get(origin + queryOf(32_768))).status).toBe(200);
  const refused = await organization.get(origin + queryOf(32_769));
  expect([refused.status, refused.body.error.code]).toEqual([414, '0x80060888']);
  expect((await organization.get(origin + queryOf(100_000))).status).toBe(414);
});
