import { createRequire } from 'node:module';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type CampaignMock, createCampaignMock } from '../../../mocks/campaign/server.js';
import { covers } from '../compatibility.js';
import { logOn } from './soap-client.js';

// The library has no types, and NLWS is made at run time from the schemas that the server answers.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Client = any;

/** The refresher works by itself; a busy machine may keep it waiting. */
const PATIENTLY = { timeout: 15_000 };

const sdk: Client = createRequire(import.meta.url)('@adobe/acc-js-sdk');

describe('a session of @adobe/acc-js-sdk with the Campaign mock', () => {
  let mock: CampaignMock;
  beforeEach(async () => {
    mock = await createCampaignMock({ allowUserPassword: true, sessionTokenOnly: true });
  });
  afterEach(() => mock.close());

  async function connect(parameters: Client): Promise<Client> {
    const client = await sdk.init(parameters);
    await client.logon();
    return client;
  }

  const byPassword = (options = {}) => sdk.ConnectionParameters.ofUserAndPassword(mock.url, 'admin', 'admin', options);

  it('is opened by password, by bearer token, by session token and by an account of Adobe', async () => {
    covers('campaign', '5 acc-js-sdk', 'logon by password, bearer token, session token and IMS token');
    const first = await connect(byPassword());
    const { ConnectionParameters } = sdk;
    const others = [
      ConnectionParameters.ofBearerToken(mock.url, 'mock-bearer-token'),
      ConnectionParameters.ofSessionToken(mock.url, first._sessionToken),
      ConnectionParameters.ofImsBearerToken(mock.url, 'mock-bearer-token'),
    ];
    for (const parameters of others) {
      const client = await connect(parameters);
      expect((await client.NLWS.xtkSession.getUserInfo()).login).toBe('admin');
    }
  });

  it('learns by its cache refresher that a schema has changed', async () => {
    covers('campaign', '5 acc-js-sdk', 'cache refresher');
    const client = await connect(byPassword());
    const asked = (what: string) => mock.requests().filter(({ body }) => body.includes(what)).length;
    const fetched = () => asked('>xtk:schema|nms:recipient<');
    client.startRefreshCaches(10);
    // The first answers empty both caches.
    await vi.waitFor(() => expect(asked('GetModifiedEntities')).toBeGreaterThan(4), PATIENTLY);
    await client.getSchema('nms:recipient');
    await client.getSchema('nms:recipient');
    expect(fetched()).toBe(1);
    mock.clock.advance(1);
    const other = await logOn(mock);
    await other.write(`<srcSchema xtkschema="xtk:srcSchema" namespace="cus" name="recipient" extendedSchema="nms:recipient">
      <element name="recipient"><attribute name="loyalty"/></element></srcSchema>`);
    await other.call('xtk:builder#BuildSchemaFromId', '<id>cus:recipient</id>');
    await vi.waitFor(async () => {
      await client.getSchema('nms:recipient');
      expect(fetched()).toBe(2);
    }, PATIENTLY);
    client.stopRefreshCaches();
    await client.logoff();
  });

  it('is renewed by refreshClient when it has expired', async () => {
    covers('campaign', '5 acc-js-sdk', 'expiry with refreshClient');
    const refreshClient = vi.fn(async (client: Client) => {
      client.reinit(byPassword({ refreshClient }));
      await client.logon();
      return client;
    });
    const client = await connect(byPassword({ refreshClient }));
    mock.clock.advance(86_401);
    expect(await client.getOption('WdbcTimeZone', false)).toBe('Europe/Paris');
    mock.changeSettings({ expireOnCall: 1 });
    expect(await client.getOption('XtkDatabaseId', false)).toMatch(/^u/);
    expect(refreshClient).toHaveBeenCalledTimes(2);
  });

  it('reads the account and the password of another server as the mock encrypted it', async () => {
    covers('campaign', '4.11 Password encryption', 'AES-256-CBC by XtkSecretKey, read by ofExternalAccount');
    const client = await connect(byPassword());
    const password = await client.NLWS.xtkPersist.encryptPassword('pass word é');
    const account = {
      xtkschema: 'nms:extAccount',
      name: 'mid',
      type: 3,
      server: 'http://mid',
      account: 'me',
      password,
    };
    await client.NLWS.xtkSession.write(account);
    const parameters = await sdk.ConnectionParameters.ofExternalAccount(client, 'mid');
    expect([parameters._endpoint, parameters._credentials._getUser(), parameters._credentials._getPassword()]).toEqual([
      'http://mid',
      'me',
      'pass word é',
    ]);
  });

  it('sees faults of v8 as errors with the status 500', async () => {
    covers('campaign', '5 acc-js-sdk', 'faults with HTTP 200 and 500 as CampaignException');
    const client = await connect(byPassword());
    const broken = () => client.NLWS.xtkSession.write({ xtkschema: 'nms:recipient', nothing: '1' });
    await expect(broken()).rejects.toMatchObject({ statusCode: 500, errorCode: 'SOP-330011' });
    mock.changeSettings({ profile: 'v8' });
    await expect(broken()).rejects.toMatchObject({ statusCode: 500, faultString: 'Internal Server Error' });
  });

  it('is told what it may not do', async () => {
    const client = await connect(sdk.ConnectionParameters.ofUserAndPassword(mock.url, 'profiles', 'profiles'));
    expect(client.application.operator.hasRight('admin')).toBe(false);
    await expect(client.NLWS.xtkWorkflow.start('cleanup')).rejects.toMatchObject({ errorCode: 'XTK-170019' });
  });

  it('pings Message Center', async () => {
    covers('campaign', '4.13 Pings', 'mcPing.jsp as the library reads it');
    const client = await connect(byPassword());
    expect(await client.mcPing()).toMatchObject({ status: 'Ok', eventQueueSize: '0', eventQueueMaxSize: '400' });
  });
});
