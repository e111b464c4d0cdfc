import { afterEach, describe, expect, it } from 'vitest';
import { createCampaignMock } from '../../mocks/campaign/server.js';
import { parseCommandLine } from '../../mocks/command-line.js';
import { listenMock, type Mock } from '../../mocks/control.js';
import { createEntraMock } from '../../mocks/entra/server.js';

const open: Mock[] = [];
afterEach(async () => {
  for (const mock of open.splice(0)) await mock.close();
});

async function call(mock: Mock, method: string, path: string, body?: unknown) {
  const response = await fetch(`${mock.url}${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('the settings of a mock', () => {
  it('are told and changed by the control API', async () => {
    const mock = await createCampaignMock();
    open.push(mock);
    expect((await call(mock, 'GET', '/_mock/settings')).body).toMatchObject({ rowCap: 10_000 });
    expect(await call(mock, 'POST', '/_mock/settings', { rowCap: 5 })).toMatchObject({
      status: 200,
      body: { rowCap: 5 },
    });
    expect(mock.settings().rowCap).toBe(5);
  });

  it('that are wrong are refused by name and change nothing', async () => {
    const mock = await createCampaignMock();
    open.push(mock);
    const { status, body } = await call(mock, 'POST', '/_mock/settings', { rowCap: 'many' });
    expect(status).toBe(400);
    expect(body.error).toContain('rowCap');
    expect(mock.settings().rowCap).toBe(10_000);
  });

  it('are not there where a mock has none', async () => {
    const mock = await createEntraMock();
    open.push(mock);
    expect((await call(mock, 'GET', '/_mock/settings')).status).toBe(404);
    expect((await call(mock, 'GET', '/_mock/recorded')).status).toBe(404);
  });

  it('may be given on the command line, as JSON', () => {
    expect(parseCommandLine(['--campaign', '{"rowCap":200}'])).toMatchObject({ campaign: { rowCap: 200 } });
    expect(() => parseCommandLine(['--campaign', 'rowCap=200'])).toThrow('--campaign');
  });
});

it('a mock takes URLs as long as Dataverse does', async () => {
  const mock = await listenMock({
    name: 'vendor',
    handle: ({ target }) => ({ status: 200, body: String(target.length) }),
    fail: () => ({ status: 500 }),
    reset: () => undefined,
  });
  open.push(mock);
  const response = await fetch(`${mock.url}/${'x'.repeat(65_000)}`);
  expect(await response.text()).toBe('65001');
});
