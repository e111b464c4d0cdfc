import { describe, expect, it } from 'vitest';
import { covers } from '../compatibility.js';
import { logOn, openMock, post } from './soap-client.js';

const DENIED = "<faultstring xsi:type='xsd:string'>XTK-170019 Access denied.</faultstring>";

const SCHEMA = `<srcSchema xtkschema="xtk:srcSchema" namespace="cus" name="shop"><element name="shop" autopk="true">
  <attribute name="code"/></element></srcSchema>`;

describe('an operator of the Campaign mock', () => {
  it('has the named rights that he is told at logon', async () => {
    covers('campaign', '4.4 Logon', 'operators with named rights in userInfo');
    await using mock = await openMock();
    const workflow = await (await logOn(mock, 'workflow')).call('xtk:session#GetUserInfo');
    expect(workflow).toContain('login="workflow"');
    expect(workflow.match(/login-right right="\w+"/g)).toEqual([
      'login-right right="workflow"',
      'login-right right="import"',
      'login-right right="export"',
    ]);
    expect(await (await logOn(mock, 'profiles')).call('xtk:session#GetUserInfo')).not.toContain('login-right');
  });

  it('without rights may still read and write profiles', async () => {
    await using mock = await openMock();
    const { write, query } = await logOn(mock, 'profiles');
    expect(await write('<recipient xtkschema="nms:recipient" email="a@rights.example"/>')).toContain('<WriteResponse ');
    const found = await query(`<queryDef schema="nms:recipient" operation="count"><where>
      <condition expr="@email = 'a@rights.example'"/></where></queryDef>`);
    expect(found).toBe('<recipient count="1"/>');
  });

  it.each([
    ['a schema', 'xtk:persist#Write', `<d>${SCHEMA}</d>`],
    ['schemas at once', 'xtk:persist#WriteCollection', `<d><c xtkschema="xtk:srcSchema">${SCHEMA}</c></d>`],
    ['an option', 'xtk:persist#Write', '<d><option xtkschema="xtk:option" _key="@name" name="WdbcTimeZone"/></d>'],
    ['an external account', 'xtk:persist#Write', '<d><extAccount xtkschema="nms:extAccount" name="x"/></d>'],
    ['an operator', 'xtk:persist#Write', '<d><operator xtkschema="xtk:operator" name="x"/></d>'],
    ['a folder', 'xtk:persist#Write', '<d><folder xtkschema="xtk:folder" name="x"/></d>'],
  ])('without rights may not write %s', async (_, action, args) => {
    covers('campaign', '6.3 Errors', 'insufficient rights: XTK-170019');
    await using mock = await openMock();
    expect(await (await logOn(mock, 'profiles')).call(action, args)).toContain(DENIED);
    expect(await (await logOn(mock)).call(action, args)).not.toContain('Fault');
  });

  it('may not reach through a link what he may not write by itself', async () => {
    await using mock = await openMock();
    const { write } = await logOn(mock, 'profiles');
    const through = (folder: string) => write(`<r xtkschema="nms:recipient" email="b@r.example">${folder}</r>`);
    expect(await through('<folder _key="@name" name="nmsRootFolder" label="Mine"/>')).toContain(DENIED);
    expect(await through('<folder _operation="none" name="nmsRootFolder"/>')).toContain('<WriteResponse ');
    expect(mock.rows('xtk:folder').find((row) => row.name === 'nmsRootFolder')?.label).toBe('Recipients');
  });

  it.each([
    ['makes', '<folder name="cusNew"/>'],
    ['makes without a key', '<folder label="New"/>'],
    ['inserts', '<folder _operation="insert" name="cusNew"/>'],
    [
      'changes',
      '<folder _operation="none" name="nmsRootFolder"><parent _key="@name" name="xtkRoot" label="Mine"/></folder>',
    ],
    ['deletes', '<folder _operation="delete" name="nmsRootFolder"/>'],
    ['makes before it is used', '<folder name="cusNew"/></r><r email="d@r.example"><folder name="cusNew"/>'],
  ])('never %s through a link what he may not write', async (_, folder) => {
    await using mock = await openMock();
    const { writeCollection } = await logOn(mock, 'profiles');
    const before = JSON.stringify([mock.rows('xtk:folder'), mock.rows('nms:recipient')]);
    const answer = await writeCollection(`<c xtkschema="nms:recipient"><r email="c@r.example">${folder}</r></c>`);
    expect(answer).toContain(DENIED);
    expect(JSON.stringify([mock.rows('xtk:folder'), mock.rows('nms:recipient')])).toBe(before);
  });

  it('may name through a link what there is, and take the link away', async () => {
    await using mock = await openMock();
    const { write } = await logOn(mock, 'profiles');
    const through = (folder: string) =>
      write(`<r xtkschema="nms:recipient" _key="@email" email="e@r.example">${folder}</r>`);
    const linked = () => mock.rows('nms:recipient').find((row) => row.email === 'e@r.example')?.['folder-id'];
    expect(await through('<folder name="nmsRootFolder"/>')).toContain('<WriteResponse ');
    expect(linked()).toBe(mock.rows('xtk:folder').find((row) => row.name === 'nmsRootFolder')?.id);
    expect(await through('<folder id="0"/>')).toContain('<WriteResponse ');
    expect(linked()).toBe(0);
  });

  it('is not taken for one who may write a thing by what the thing calls itself', async () => {
    await using mock = await openMock();
    const { write, writeCollection } = await logOn(mock, 'profiles');
    const folder = '<folder xtkschema="nms:recipient" _key="@name" name="nmsRootFolder" label="Mine"/>';
    expect(await write(`<r xtkschema="nms:recipient" email="b@r.example">${folder}</r>`)).toContain(DENIED);
    const source =
      '<srcSchema xtkschema="nms:recipient" namespace="cus" name="mine"><element name="mine"/></srcSchema>';
    expect(await writeCollection(`<c xtkschema="xtk:srcSchema">${source}</c>`)).toContain(DENIED);
    expect(mock.rows('xtk:folder').find((row) => row.name === 'nmsRootFolder')?.label).toBe('Recipients');
    expect(mock.rows('xtk:srcSchema').some((row) => row.name === 'mine')).toBe(false);
  });

  it.each([
    ['builds schemas', 'xtk:builder#BuildSchemaFromId', '<id>nms:recipient</id>'],
    ['deletes options', 'xtk:persist#DeleteCollection', '<schema>xtk:option</schema><where/><i/>'],
    ['starts workflows', 'xtk:workflow#Start', '<id>cleanup</id>'],
    ['imports', 'xtk:persist#ImportCollection', '<d><c xtkschema="nms:recipient"/></d>'],
    ['sees who is connected', 'xtk:session#GetCnxInfo', ''],
    ['ends sessions', 'xtk:session#KillSession', '<id>x</id>'],
    ['lists tables', 'xtk:sqlSchema#BuildTableList', '<d>nms:extAccount:x</d><f>%%</f>'],
    ['tests accounts', 'nms:extAccount#TestAccount', '<p/>'.repeat(13)],
  ])('without rights never %s', async (_, action, args) => {
    await using mock = await openMock();
    expect(await (await logOn(mock, 'profiles')).call(action, args)).toContain(DENIED);
  });

  it('is added by a tester, with his password and rights', async () => {
    await using mock = await openMock({ operators: [{ login: 'ann', password: 'a/b', rights: ['admin'] }] });
    const { write } = await logOn(mock, 'ann', 'a/b');
    expect(await write('<option xtkschema="xtk:option" name="X" dataType="6" stringValue="y"/>')).toContain(
      '<WriteResponse ',
    );
    const [row] = mock.rows('xtk:operator').filter(({ name }) => name === 'ann');
    expect(mock.rows('xtk:option').at(-1)).toMatchObject({ name: 'X', 'createdBy-id': row?.id });
  });

  it('does not log on any more once his row is disabled', async () => {
    await using mock = await openMock();
    await (await logOn(mock)).write('<o xtkschema="xtk:operator" _key="@name" name="profiles" disabled="1"/>');
    const credentials = '<t/><login>profiles</login><password>profiles</password>';
    expect((await post(mock, 'xtk:session#Logon', credentials)).body).toContain('XSV-350012');
  });

  it('changes his own password, and only with the old one', async () => {
    covers('campaign', '4.8 Session', 'ChangePassword');
    await using mock = await openMock();
    const { call } = await logOn(mock, 'profiles');
    expect(await call('xtk:session#ChangePassword', '<o>wrong</o><n>new</n>')).toContain('XSV-350012');
    expect(await call('xtk:session#ChangePassword', '<o>profiles</o><n>new</n>')).toContain('<ChangePasswordResponse ');
    expect((await logOn(mock, 'profiles', 'new')).sessionToken).toMatch(/^___/);
    await expect(logOn(mock, 'profiles')).rejects.toThrow('XSV-350012');
  });
});
