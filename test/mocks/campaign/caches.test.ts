import { describe, expect, it } from 'vitest';
import { covers } from '../compatibility.js';
import { between, logOn, openMock, type RawSession } from './soap-client.js';

const ask = ({ call }: RawSession, type: string, known = '') =>
  call('xtk:session#GetModifiedEntities', `<c><cache ${known}><${type} xmlns:xtk="urn:${type}"/></cache></c>`);

const keysOf = (body: string) => [...body.matchAll(/ pk="([^"]+)"/g)].map(([, pk]) => pk);

/** What a client says it knows after an answer. */
const known = (body: string) => `buildNumber="9396" lastModified="${between(body, ' time="', '"')}"`;

describe('a client that caches entities of the Campaign mock', () => {
  it('is told to empty its cache when it asks for the first time, and when the build is another', async () => {
    covers('campaign', '4.8 Session', 'GetModifiedEntities');
    await using mock = await openMock();
    const session = await logOn(mock);
    const first = await ask(session, 'xtk:schema');
    expect(first).toContain('emptyCache="true"');
    expect(await ask(session, 'xtk:schema', known(first).replace('9396', '9000'))).toContain('emptyCache="true"');
    expect(await ask(session, 'xtk:schema', known(first))).not.toContain('emptyCache');
  });

  it('is told which options changed since it asked', async () => {
    await using mock = await openMock();
    const session = await logOn(mock);
    const first = await ask(session, 'xtk:option');
    mock.clock.advance(1);
    await session.write('<option xtkschema="xtk:option" _key="@name" name="WdbcTimeZone" stringValue="UTC"/>');
    const second = await ask(session, 'xtk:option', known(first));
    expect(keysOf(second)).toEqual(['xtk:option|WdbcTimeZone']);
    mock.clock.advance(1);
    expect(keysOf(await ask(session, 'xtk:option', known(await ask(session, 'xtk:option'))))).toEqual([]);
  });

  it('is told which schemas changed: the one that was built, and those that it links to', async () => {
    await using mock = await openMock();
    const session = await logOn(mock);
    const first = await ask(session, 'xtk:schema');
    mock.clock.advance(1);
    await session.write(`<srcSchema xtkschema="xtk:srcSchema" namespace="cus" name="shop"><element name="shop" autopk="true">
      <element name="manager" type="link" target="nms:recipient"/></element></srcSchema>`);
    await session.call('xtk:builder#BuildSchemaFromId', '<id>cus:shop</id>');
    expect(keysOf(await ask(session, 'xtk:schema', known(first))).sort()).toEqual([
      'xtk:schema|cus:shop',
      'xtk:schema|nms:recipient',
    ]);
  });

  it('is told which of the entities that it holds are not as it holds them', async () => {
    covers('campaign', '4.8 Session', 'GetDirtyCacheEntities');
    await using mock = await openMock();
    const session = await logOn(mock);
    const schema = await session.call(
      'xtk:persist#GetEntityIfMoreRecent',
      '<pk>xtk:schema|nms:recipient</pk><m/><e>0</e>',
    );
    const md5 = /<schema [^>]*md5="(\w+)"/.exec(schema)?.[1];
    const held = `<entityCache pk="xtk:schema|nms:recipient" md5="${md5}"/><entityCache pk="xtk:option|XtkSecretKey" md5="0"/>`;
    const dirty = await session.call('xtk:persist#GetDirtyCacheEntities', `<c><cache>${held}</cache></c>`);
    expect(keysOf(dirty)).toEqual(['xtk:option|XtkSecretKey']);
  });

  it('is sent nothing where its md5 is current, in whatever case', async () => {
    covers('campaign', '3.5 GetEntityIfMoreRecent', 'empty where md5 matches');
    await using mock = await openMock();
    const { call } = await logOn(mock);
    const fetch = (md5: string) =>
      call('xtk:persist#GetEntityIfMoreRecent', `<pk>xtk:schema|nms:recipient</pk><m>${md5}</m><e>true</e>`);
    const md5 = /<schema [^>]*md5="([0-9A-F]{32})"/.exec(await fetch(''))?.[1] ?? '';
    expect(await fetch(md5)).toMatch(/<pdomDoc [^>]*><\/pdomDoc>/);
    expect(await fetch(md5.toLowerCase())).toMatch(/<pdomDoc [^>]*><\/pdomDoc>/);
    expect(await fetch('0'.repeat(32))).toContain('<schema ');
  });

  it.each([
    ['xtk:schema|cus:none', 'false', '></pdomDoc>'],
    ['xtk:schema|cus:none', 'true', 'XSV-350000'],
    ['xtk:option|WdbcTimeZone', 'true', '<option '],
    ['xtk:enum|origin', 'true', '<enum '],
    ['nms:extAccount|defaultOther', 'true', '<extAccount '],
    ['xtk:srcSchema|nms:recipient', 'true', '<srcSchema '],
    ['xtk:workflow|x', 'false', "Attribute 'name' unknown (see definition of schema 'Workflows (xtk:workflow)')."],
    ['nonsense', 'false', 'XSV-350000'],
  ])('asks for %s (must exist: %s) and is answered', async (pk, mustExist, expected) => {
    covers(
      'campaign',
      '3.5 GetEntityIfMoreRecent',
      'schemas, source schemas and entities known by name; mustExist; faults',
    );
    await using mock = await openMock();
    const body = await (await logOn(mock)).call(
      'xtk:persist#GetEntityIfMoreRecent',
      `<p>${pk}</p><m/><e>${mustExist}</e>`,
    );
    expect(body).toContain(expected);
  });
});
