import { afterEach, describe, expect, it } from 'vitest';
import { type CampaignMock, createCampaignMock } from '../../../mocks/campaign/server.js';
import { createCampaignConnector } from '../../../src/connectors/campaign/create-campaign-connector.js';
import { openLocalServer } from '../dynamics/local-server.js';

interface Failure {
  readonly what: string;
  readonly settings?: Parameters<CampaignMock['changeSettings']>[0];
  readonly user?: string;
  readonly password?: string;
  readonly step: string;
  readonly detail: string;
  readonly remedy: string;
}

const READER = { login: 'reader', password: 'reader', rights: ['export'] };

const FAILURES: readonly Failure[] = [
  {
    what: 'an operator that does not exist',
    user: 'nobody',
    step: 'Campaign logon',
    detail: 'XSV-350012',
    remedy: 'Check CAMPAIGN_USER and CAMPAIGN_PASSWORD',
  },
  {
    what: 'a wrong password',
    password: 'wrong',
    step: 'Campaign logon',
    detail: 'XSV-350012',
    remedy: 'Check CAMPAIGN_USER and CAMPAIGN_PASSWORD',
  },
  {
    what: 'a security zone without our address',
    settings: { allowedAddresses: ['10.0.0.0/8'] },
    step: 'Campaign logon',
    detail: 'XSV-350013',
    remedy: 'security zone',
  },
  {
    what: 'an operator who may not write schemas',
    settings: { operators: [READER] },
    user: 'reader',
    password: 'reader',
    step: 'Campaign schema rights',
    detail: 'ADMINISTRATION',
    remedy: 'Add the operator of CAMPAIGN_USER to a group',
  },
];

describe('the connection test of Campaign', () => {
  let mock: CampaignMock | null = null;
  afterEach(async () => {
    await mock?.close();
    mock = null;
  });

  async function check(url: string, user = 'admin', password = 'admin') {
    const connector = createCampaignConnector({ url, user, password, retries: 0 });
    return connector.check().finally(() => connector.close());
  }

  it.each(FAILURES)('ends at "$step" for $what, with its remedy', async (failure) => {
    mock = await createCampaignMock(failure.settings);
    const steps = await check(mock.url, failure.user, failure.password);
    const last = steps.at(-1);
    expect(last).toMatchObject({ name: failure.step, ok: false });
    expect(last?.detail).toContain(failure.detail);
    expect(last?.remedy).toContain(failure.remedy);
    expect(last?.detail).not.toContain(last?.remedy);
    expect(steps.slice(0, -1).every(({ ok }) => ok)).toBe(true);
  });

  it('tells of a server that does not answer', async () => {
    const [step] = await check('http://127.0.0.1:1');
    expect(step).toMatchObject({ ok: false, remedy: expect.stringContaining('Check CAMPAIGN_URL') });
    expect(step?.detail).toContain('refused the connection');
  });

  it('tells of a server that is no Campaign server', async () => {
    const other = await openLocalServer(() => ({ body: '<html>Welcome</html>' }));
    const [step] = await check(other.url);
    await other.close();
    expect(step).toMatchObject({ name: 'Campaign address', ok: false, remedy: expect.stringContaining('Campaign') });
  });
});
