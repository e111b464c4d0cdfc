import { describe, expect, it } from 'vitest';
import { covers } from '../compatibility.js';
import { logOn, openMock } from './soap-client.js';

const FDA = { externalTables: { pg2: { 'public.x': { i: 'long', name: 'string' }, 'public.y': {} } } };

describe('the services of the Campaign mock', () => {
  it('subscribe a recipient, found by its key and made where it is asked for', async () => {
    covers('campaign', '4.10 Business calls', 'nms:subscription Subscribe');
    await using mock = await openMock();
    const { call } = await logOn(mock);
    const subscribe = (create: boolean) =>
      call(
        'nms:subscription#Subscribe',
        `<s>newsletter</s><r><recipient _key="email" email="new@sub.example" firstName="Ann"/></r><c>${create}</c>`,
      );
    expect(await subscribe(false)).toContain('XSV-350000');
    expect(mock.rows('nms:subscription')).toEqual([]);
    expect(await subscribe(true)).toContain('<SubscribeResponse ');
    await subscribe(true);
    const recipient = mock.rows('nms:recipient').find((row) => row.email === 'new@sub.example');
    expect(recipient).toMatchObject({ firstName: 'Ann' });
    expect(mock.rows('nms:subscription')).toMatchObject([{ 'recipient-id': recipient?.id }]);
  });

  it('unsubscribe from a service, or from everything where none is named', async () => {
    covers('campaign', '4.10 Business calls', 'nms:subscription Unsubscribe; without a service: blackList');
    await using mock = await openMock();
    const { call, write } = await logOn(mock);
    await write('<recipient xtkschema="nms:recipient" email="a@sub.example"/>');
    const recipient = '<r><recipient _key="@email" email="a@sub.example"/></r>';
    const blackList = () => mock.rows('nms:recipient').find((row) => row.email === 'a@sub.example')?.blackList ?? 0;
    await call('nms:subscription#Subscribe', `<s>newsletter</s>${recipient}<c>false</c>`);
    await call('nms:subscription#Unsubscribe', `<s>newsletter</s>${recipient}`);
    expect([mock.rows('nms:subscription'), Number(blackList())]).toEqual([[], 0]);
    await call('nms:subscription#Unsubscribe', `<s></s>${recipient}`);
    expect(Number(blackList())).toBe(1);
    expect(await call('nms:subscription#Unsubscribe', `<s>nothing</s>${recipient}`)).toContain('XSV-350000');
  });

  it.each(['rtEvent', 'batchEvent'])('take a %s and give its id', async (name) => {
    covers('campaign', '4.10 Business calls', 'nms:batchEvent PushEvent, PushEvents');
    covers('campaign', '4.10 Business calls', 'nms:rtEvent PushEvent, PushEvents');
    await using mock = await openMock();
    const { call } = await logOn(mock);
    const event = (type: string, email: string) =>
      `<${name} type="${type}" email="${email}"><ctx><no>7</no></ctx></${name}>`;
    const pushed = await call(`nms:${name}#PushEvent`, `<e>${event('order', 'a@e.example')}</e>`);
    const [row] = mock.rows(`nms:${name}`);
    expect(pushed).toContain(`<plId xsi:type='xsd:long'>${row?.id}</plId>`);
    expect(row).toMatchObject({ type: 'order', email: 'a@e.example' });
    expect(mock.recorded().at(-1)?.details).toMatchObject({
      id: row?.id,
      event: expect.stringContaining('<no>7</no>'),
    });
    const both = `${event('order', 'b@e.example')}${event('order', 'c@e.example')}`;
    await call(`nms:${name}#PushEvents`, `<e><events>${both}</events></e>`);
    expect(mock.rows(`nms:${name}`)).toHaveLength(3);
  });

  it.each([
    ['no type', '<rtEvent email="a@e.example"><ctx/></rtEvent>', "The event has no 'type'."],
    ['no address', '<rtEvent type="x"><ctx/></rtEvent>', "The event has neither 'email' nor 'mobilePhone'."],
    ['a wrong address', '<rtEvent type="x" email="nobody"><ctx/></rtEvent>', "'nobody' is not an e-mail address."],
    ['no context', '<rtEvent type="x" email="a@e.example"/>', "The event has no element 'ctx'."],
  ])('refuse an event with %s, and every other of its collection', async (_, event, message) => {
    await using mock = await openMock();
    const { call } = await logOn(mock);
    const good = '<rtEvent type="x" email="a@e.example"><ctx/></rtEvent>';
    expect(await call('nms:rtEvent#PushEvents', `<e><events>${good}${event}</events></e>`)).toContain(message);
    expect(mock.rows('nms:rtEvent')).toEqual([]);
  });

  it('submit a delivery from a template', async () => {
    covers('campaign', '4.10 Business calls', 'nms:delivery SubmitDelivery (recorded, nothing is sent)');
    await using mock = await openMock();
    const { call, write } = await logOn(mock);
    await write('<delivery xtkschema="nms:delivery" internalName="welcome" label="Welcome" isModel="1"/>');
    const content = '<c><delivery label="Welcome, Ann"><targets/></delivery></c>';
    expect(await call('nms:delivery#SubmitDelivery', `<s>welcome</s>${content}`)).toContain('<SubmitDeliveryResponse ');
    expect(mock.rows('nms:delivery').at(-1)).toMatchObject({ label: 'Welcome, Ann', state: 55 });
    expect(mock.recorded().at(-1)).toMatchObject({ method: 'SubmitDelivery', details: { scenario: 'welcome' } });
    expect(await call('nms:delivery#SubmitDelivery', `<s>none</s>${content}`)).toContain('XSV-350000');
  });

  it('count up, each name by itself', async () => {
    covers('campaign', '4.10 Business calls', 'xtk:counter IncreaseValue');
    await using mock = await openMock();
    const { call } = await logOn(mock);
    const next = (name: string) => call('xtk:counter#IncreaseValue', `<name>${name}</name>`);
    const values = [await next('a'), await next('a'), await next('b')].map((body) => /int'>(\d+)</.exec(body)?.[1]);
    expect(values).toEqual(['1', '2', '1']);
    expect(await next('')).toContain('SOP-330011');
  });

  it('list the tables of an external database, and make a source schema of one', async () => {
    covers('campaign', '4.10 Business calls', 'xtk:sqlSchema BuildTableList');
    covers('campaign', '4.10 Business calls', 'xtk:builder GenerateSchema');
    await using mock = await openMock(FDA);
    const { call, write } = await logOn(mock);
    await write('<extAccount xtkschema="nms:extAccount" name="pg2" type="7"/>');
    expect(await call('xtk:sqlSchema#BuildTableList', '<d>nms:extAccount:pg2</d><f>%%</f>')).toContain(
      '<sqlSchema><table name="public.x"/><table name="public.y"/></sqlSchema>',
    );
    expect(await call('xtk:sqlSchema#BuildTableList', '<d>nms:extAccount:none</d><f>%%</f>')).toContain('XSV-350000');
    const draft = '<srcSchema dataSource="nms:extAccount:pg2" name="new2" namespace="cus" label="New"/>';
    const made = await call('xtk:builder#GenerateSchema', `<t><tmp sqltable="public.x"/></t><s>${draft}</s>`);
    expect(made).toContain('<element dataSource="nms:extAccount:pg2" label="New" name="new2" sqltable="public.x">');
    expect(made).toContain('<attribute advanced="false" label="i" name="i" sqlname="i" type="long"/>');
  });

  it('test an external account', async () => {
    covers('campaign', '4.10 Business calls', 'nms:extAccount TestAccount');
    await using mock = await openMock(FDA);
    const { call } = await logOn(mock);
    const test = (name: string) =>
      call(
        'nms:extAccount#TestAccount',
        `<p>7</p><p>1</p><p>PostgreSQL:db.example</p><p>me</p><p>@x</p><p/><p/><p>${name}</p>${'<p/>'.repeat(5)}`,
      );
    expect(await test('pg2')).toContain("<pstrServer xsi:type='xsd:string'>db.example</pstrServer>");
    expect(await test('pg3')).toContain("could not connect to server 'PostgreSQL:db.example' as 'me'");
  });
});
