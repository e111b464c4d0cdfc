import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CampaignMockOptions, createCampaignMock } from '../../../mocks/campaign/server.js';
import { decodeSettings } from '../../../mocks/campaign/settings.js';
import { covers } from '../compatibility.js';
import { logOn, openMock, post } from './soap-client.js';

describe('the settings of the Campaign mock', () => {
  it('play v8 by answering faults with 500, also while it runs', async () => {
    covers('campaign', '6.3 Errors', 'v8 profile: faults with HTTP 500');
    await using mock = await openMock({ profile: 'v8' });
    const { sessionToken, securityToken } = await logOn(mock);
    const fault = () =>
      post(mock, 'xtk:session#Nothing', `<t>${sessionToken}</t>`, { 'x-security-token': securityToken });
    expect((await fault()).status).toBe(500);
    mock.changeSettings({ profile: 'v7' });
    expect((await fault()).status).toBe(200);
  });

  it('let the session of the N-th call from now be expired', async () => {
    covers('campaign', '6.3 Errors', 'switch: expiry on call N');
    await using mock = await openMock();
    const { call } = await logOn(mock);
    mock.changeSettings({ expireOnCall: 2 });
    const answers = [
      await call('xtk:session#TestCnx'),
      await call('xtk:session#TestCnx'),
      await call('xtk:session#TestCnx'),
    ];
    expect(answers.map((body) => body.includes('XSV-350008'))).toEqual([false, true, false]);
  });

  it('break the answer to the N-th call off', async () => {
    covers('campaign', '6.3 Errors', 'switch: truncated body on call N');
    await using mock = await openMock();
    const { call } = await logOn(mock);
    mock.changeSettings({ truncateOnCall: 1 });
    await expect(call('xtk:session#TestCnx')).rejects.toThrow('terminated');
    expect(await call('xtk:session#TestCnx')).toContain('TestCnxResponse');
  });

  it('change lifetimes, row caps and page starts while it runs', async () => {
    covers(
      'campaign',
      '6.3 Errors',
      'switches: rowCap, startLineOffByOne, faultHttpStatus, lifetimes, requireBothTokens',
    );
    await using mock = await openMock();
    const { query } = await logOn(mock);
    mock.changeSettings({ rowCap: 3, startLineOffByOne: true, sessionLifetime: 5, requireBothTokens: false });
    const page = (more: string) =>
      query(`<queryDef schema="nms:country" ${more}><select><node expr="@isoA2"/></select>
      <orderBy><node expr="@isoA2"/></orderBy></queryDef>`);
    expect((await page('')).match(/isoA2/g)).toHaveLength(3);
    const [first, second] = [await page('lineCount="2"'), await page('lineCount="2" startLine="2"')];
    expect(/isoA2="(\w\w)"\/><\/country-collection>/.exec(first)?.[1]).toBe(/isoA2="(\w\w)"/.exec(second)?.[1]);
    const { sessionToken } = await logOn(mock);
    expect((await post(mock, 'xtk:session#TestCnx', `<t>${sessionToken}</t>`)).status).toBe(200);
    mock.clock.advance(6);
    expect((await post(mock, 'xtk:session#TestCnx', `<t>${sessionToken}</t>`)).status).toBe(403);
  });

  it('return to those of the start at a reset', async () => {
    await using mock = await openMock({ rowCap: 7 });
    mock.changeSettings({ rowCap: 3, jobDuration: 10 });
    await mock.reset();
    expect(mock.settings()).toMatchObject({ rowCap: 7, jobDuration: 0 });
  });

  it.each([
    [{ rowCap: 0 }, 'Expected "rowCap" to be a whole number from 1.'],
    [{ faultHttpStatus: 404 }, 'Expected "faultHttpStatus" to be 200 or 500.'],
    [{ profile: 'v9' }, 'Expected "profile" to be v7 or v8.'],
    [{ allowedAddresses: ['10.0.0.0/40'] }, 'Expected "allowedAddresses" to be a list of IP addresses'],
    [{ operators: [{ login: 'x' }] }, 'Expected "operators" to be a list of operators with "login"'],
    [{ externalTables: { a: 1 } }, 'Expected "externalTables" to be an object of accounts'],
    [{ nothing: 1 }, 'There is no setting "nothing"; there are profile, bearerTokens,'],
    [[], 'Expected a JSON object of settings'],
  ])('refuse %j', async (input, message) => {
    expect(() => decodeSettings(input)).toThrow(message);
  });

  it('are checked when the mock starts', async () => {
    // As a tester without types would give them.
    const options = { sessionLifetime: 'long' } as unknown as CampaignMockOptions;
    await expect(createCampaignMock(options)).rejects.toThrow('Expected "sessionLifetime" to be seconds, 0 or more.');
  });

  it('outlive the mock in its state file as operators, jobs, events and counters do', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'campaign-'));
    const stateFile = join(folder, 'campaign.json');
    const first = await createCampaignMock({
      stateFile,
      operators: [{ login: 'ann', password: 'x', rights: ['workflow'] }],
    });
    const ann = await logOn(first, 'ann', 'x');
    await ann.write('<workflow xtkschema="xtk:workflow" internalName="w" label="W"/>');
    await ann.call('xtk:workflow#StartWithParameters', '<id>w</id><p><variables a="1"/></p>');
    await ann.call('xtk:counter#IncreaseValue', '<name>c</name>');
    await ann.call('xtk:session#ChangePassword', '<o>x</o><n>y</n>');
    first.changeSettings({ rowCap: 12 });
    await first.close();

    const second = await createCampaignMock({ stateFile });
    expect(await (await logOn(second, 'ann', 'y')).call('xtk:workflow#Pause', '<id>w</id>')).toContain('PauseResponse');
    expect(second.recorded()).toEqual(first.recorded());
    expect(second.rows('xtk:counter')).toMatchObject([{ name: 'c', value: 1 }]);
    expect(second.settings().rowCap).toBe(12);
    await second.close();
    await rm(folder, { recursive: true });
  });
});
