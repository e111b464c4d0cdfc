import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CampaignMock, createCampaignMock } from '../../../mocks/campaign/server.js';
import { covers } from '../compatibility.js';

// The library has no types, and NLWS is made at run time from the schemas that the server answers.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Client = any;

const sdk: Client = createRequire(import.meta.url)('@adobe/acc-js-sdk');

describe('the Campaign mock behind @adobe/acc-js-sdk', () => {
  let mock: CampaignMock;
  let client: Client;

  beforeAll(async () => {
    mock = await createCampaignMock();
    client = await connect('admin', 'admin');
  });
  afterAll(() => mock.close());

  async function connect(user: string, password: string): Promise<Client> {
    const parameters = sdk.ConnectionParameters.ofUserAndPassword(mock.url, user, password);
    const connected: Client = await sdk.init(parameters);
    await connected.logon();
    return connected;
  }

  function query(definition: object): Promise<Client> {
    return client.NLWS.xtkQueryDef.create(definition).executeQuery();
  }

  it('tells who logged on and to which build', () => {
    covers('campaign', '5 acc-js-sdk', 'logon by password');
    expect(client.application.operator.login).toBe('admin');
    expect(client.application.buildNumber).toBe('9396');
    expect(client.application.operator.hasRight('admin')).toBe(true);
  });

  it("refuses a wrong password with 403 and Campaign's text", async () => {
    await expect(connect('admin', 'wrong')).rejects.toMatchObject({
      statusCode: 403,
      detail: 'XSV-350012 Invalid login or password. Connection denied.',
    });
  });

  it('answers test and ping', async () => {
    covers('campaign', '4.13 Pings', 'r/test and ping.jsp as the library reads them');
    expect(await client.test()).toMatchObject({ status: 'OK', build: '9396' });
    expect(await client.ping()).toMatchObject({ status: 'OK' });
  });

  it('describes nms:recipient with its key, links and enumerations', async () => {
    const schema = await client.application.getSchema('nms:recipient');
    expect(schema.root.children['@email'].length).toBe(128);
    expect(schema.root.keys.id.fields['@id'].type).toBe('long');
    expect(schema.root.children.folder.joins).toMatchObject([{ src: '@folder-id', dst: '@id' }]);
    expect(schema.root.children.subscription.isCollection).toBe(true);
    expect((await client.application.getSysEnum('nms:recipient:gender')).values.female.value).toBe(2);
  });

  it('gives null for a schema that does not exist', async () => {
    covers('campaign', '3.5 GetEntityIfMoreRecent', 'missing and not required: empty');
    expect(await client.application.getSchema('cus:nothing')).toBeNull();
  });

  it('selects with a condition, an order and a link', async () => {
    const found = await query({
      schema: 'nms:recipient',
      operation: 'select',
      lineCount: 2,
      select: { node: [{ expr: '@firstName' }, { expr: '[folder/@name]' }, { expr: '[location/@city]' }] },
      where: { condition: [{ expr: "@lastName = 'Nowak'" }] },
      orderBy: { node: [{ expr: '@firstName' }] },
    });
    expect(found.recipient).toEqual([
      { firstName: 'Amélie', folder: { name: 'nmsRootFolder' }, location: { city: 'Paris' } },
      { firstName: 'Bruno', folder: { name: 'nmsRootFolder' }, location: { city: 'Milano' } },
    ]);
  });

  it('counts, gets, and gives null where getIfExists finds nothing', async () => {
    covers('campaign', '4.5 Queries', 'operation getIfExists; get without a row faults');
    const where = { condition: [{ expr: "@email LIKE '%nobody.example'" }] };
    const select = { node: [{ expr: '@id' }] };
    expect(await query({ schema: 'nms:recipient', operation: 'count', select })).toEqual({ count: '36' });
    expect(await query({ schema: 'nms:recipient', operation: 'getIfExists', select, where })).toBeNull();
    await expect(query({ schema: 'nms:recipient', operation: 'get', select, where })).rejects.toMatchObject({
      errorCode: 'SOP-330011',
    });
  });

  it('answers an empty select with an empty list', async () => {
    const where = { condition: [{ expr: "@email = 'nobody@nobody.example'" }] };
    const found = await query({
      schema: 'nms:recipient',
      operation: 'select',
      select: { node: [{ expr: '@id' }] },
      where,
    });
    expect(found).toEqual({ recipient: [] });
  });

  it('selects every field after selectAll', async () => {
    const definition = {
      schema: 'xtk:option',
      operation: 'get',
      where: { condition: [{ expr: "@name = 'WdbcTimeZone'" }] },
    };
    const all = client.NLWS.xtkQueryDef.create(definition);
    await all.selectAll(false);
    expect(await all.executeQuery()).toMatchObject({ stringValue: 'Europe/Paris', dataType: '6', longValue: '0' });
  });

  it('writes one record, then a collection whose root is named after the schema', async () => {
    const one = { xtkschema: 'nms:recipient', _key: '@email', email: 'sdk@one.example', lastName: 'One' };
    await client.NLWS.xtkSession.write(one);
    await client.NLWS.xtkSession.writeCollection({
      xtkschema: 'nms:recipient',
      recipient: [{ _key: '@email', email: 'sdk@one.example', lastName: 'Changed' }, { email: 'sdk@two.example' }],
    });
    const rows = mock.rows('nms:recipient').filter((row) => String(row.email).startsWith('sdk@'));
    expect(rows).toMatchObject([{ email: 'sdk@one.example', lastName: 'Changed' }, { email: 'sdk@two.example' }]);
  });

  it('reads and sets options', async () => {
    expect(await client.getOption('no.such.option')).toBeNull();
    await client.setOption('LASTIMPORT_crm', '2026/01/31 10:00:00');
    expect(await client.getOption('LASTIMPORT_crm', false)).toBe('2026/01/31 10:00:00');
  });

  it('gives the server time, new ids and the user', async () => {
    covers('campaign', '4.8 Session', 'GetServerTime, GetUserInfo, TestCnx, GetNewIdsEx');
    expect(await client.NLWS.xtkSession.getServerTime()).toBeInstanceOf(Date);
    expect((await client.NLWS.xtkSession.getNewIdsEx(2, 'XtkNewId')).split(',')).toHaveLength(2);
    expect(await client.NLWS.xtkSession.getUserInfo()).toMatchObject({ login: 'admin', loginId: '1059' });
    await client.NLWS.xtkSession.testCnx();
  });

  it('makes a new instance with its defaults', async () => {
    covers('campaign', '6.2 Full', 'persist: NewInstance, Duplicate');
    const recipient = client.NLWS.nmsRecipient.create({ xtkschema: 'nms:recipient', lastName: 'New' });
    await recipient.newInstance();
    const folder = mock.rows('xtk:folder').find((row) => row.name === 'nmsRootFolder');
    expect(recipient.entity).toMatchObject({ lastName: 'New', 'folder-id': String(folder?.id) });
  });

  it('duplicates a document without what makes it unique', async () => {
    const option = mock.rows('xtk:option').find((row) => row.name === 'WdbcTimeZone');
    const copy = client.NLWS.xtkOption.create({ xtkschema: 'xtk:option' });
    await copy.duplicate(`xtk:option|${option?.id}`);
    expect(copy.entity).toMatchObject({ stringValue: 'Europe/Paris', dataType: '6' });
    expect(copy.entity).not.toHaveProperty('id');
    expect(copy.entity).not.toHaveProperty('name');
  });

  it('deletes what a where finds', async () => {
    covers('campaign', '6.2 Full', 'persist: DeleteCollection');
    await client.NLWS.xtkSession.write({ xtkschema: 'nms:recipient', email: 'gone@delete.example' });
    const where = { condition: [{ expr: "@email LIKE '%@delete.example'" }] };
    await client.NLWS.xtkSession.deleteCollection('nms:recipient', where, false);
    expect(mock.rows('nms:recipient').filter((row) => String(row.email).endsWith('@delete.example'))).toEqual([]);
    expect(mock.rows('nms:recipient').length).toBeGreaterThanOrEqual(36);
  });

  it('takes a bearer token for a log-on', async () => {
    covers('campaign', '4.4 Logon', 'BearerTokenLogon');
    const bearer: Client = await sdk.init(sdk.ConnectionParameters.ofBearerToken(mock.url, 'mock-bearer-token'));
    await bearer.logon();
    expect(await bearer.getOption('WdbcTimeZone')).toBe('Europe/Paris');
  });

  it('ends a session at log-off', async () => {
    covers('campaign', '4.4 Logon', 'Logoff');
    const other = await connect('admin', 'admin');
    const tokens = { session: other._sessionToken, security: other._securityToken };
    await other.logoff();
    const headers = { cookie: `__sessiontoken=${tokens.session}`, 'x-security-token': tokens.security };
    const answer = await fetch(`${mock.url}/nl/jsp/ping.jsp`, { headers });
    expect([answer.status, await answer.text()]).toEqual([
      403,
      'XSV-350008 Session has expired or is invalid. Please reconnect.',
    ]);
  });

  it('lets the library notice an expired session', async () => {
    const other = await connect('admin', 'admin');
    mock.clock.advance(86_401);
    await expect(other.getOption('WdbcTimeZone', false)).rejects.toMatchObject({
      statusCode: 401,
      errorCode: 'SDK-000012',
    });
    mock.clock.reset();
  });
});
