import { describe, expect, it } from 'vitest';
import type { CampaignMock } from '../../../mocks/campaign/server.js';
import { covers } from '../compatibility.js';
import { logOn, openMock, type RawSession } from './soap-client.js';

async function withWorkflow(mock: CampaignMock): Promise<RawSession> {
  const session = await logOn(mock, 'workflow');
  await session.write('<workflow xtkschema="xtk:workflow" internalName="import" label="Import"/>');
  return session;
}

const state = (mock: CampaignMock) =>
  mock.rows('xtk:workflow').find((row) => row.internalName === 'import')?.state ?? 0;

describe('a workflow of the Campaign mock', () => {
  it('is started, paused, started again and stopped, by its name or its id', async () => {
    covers('campaign', '4.9 Workflow', 'Start, Stop, Pause');
    await using mock = await openMock();
    const { call } = await withWorkflow(mock);
    const id = mock.rows('xtk:workflow').find((row) => row.internalName === 'import')?.id;
    const states = [];
    for (const [method, key] of [
      ['Start', 'import'],
      ['Pause', id],
      ['Start', id],
      ['Stop', 'import'],
    ]) {
      expect(await call(`xtk:workflow#${method}`, `<id>${key}</id>`)).toContain(`<${method}Response `);
      states.push(state(mock));
    }
    expect(states).toEqual([11, 13, 11, 20]);
  });

  it('is not stopped before it was started, and does not start twice', async () => {
    await using mock = await openMock();
    const { call } = await withWorkflow(mock);
    expect(await call('xtk:workflow#Stop', '<id>import</id>')).toContain("The workflow 'import' cannot be stopped");
    await call('xtk:workflow#Start', '<id>import</id>');
    expect(await call('xtk:workflow#Start', '<id>import</id>')).toContain('SOP-330011');
    expect(await call('xtk:workflow#Start', '<id>nothing</id>')).toContain('XSV-350000');
    expect(state(mock)).toBe(11);
  });

  it('is started with variables, which the root of their document must say', async () => {
    covers('campaign', '4.9 Workflow', 'StartWithParameters: root variables is checked');
    await using mock = await openMock();
    const { call } = await withWorkflow(mock);
    const start = (root: string) =>
      call('xtk:workflow#StartWithParameters', `<id>import</id><p><${root} day="Monday"/></p>`);
    expect(await start('parameters')).toContain('SOP-330011');
    expect(state(mock)).toBe(0);
    expect(await start('variables')).toContain('<StartWithParametersResponse ');
    expect(mock.recorded().at(-1)).toMatchObject({
      method: 'StartWithParameters',
      details: { variables: { day: 'Monday' } },
    });
  });

  it('takes events while it is started, keeps them while it is paused, and refuses them otherwise', async () => {
    covers('campaign', '4.9 Workflow', 'PostEvent: queued while paused');
    await using mock = await openMock();
    const { call } = await withWorkflow(mock);
    const post = () =>
      call('xtk:workflow#PostEvent', '<id>import</id><a>signal</a><t/><p><variables n="1"/></p><c>false</c>');
    expect(await post()).toContain('cannot be sent an event');
    await call('xtk:workflow#Start', '<id>import</id>');
    await post();
    await call('xtk:workflow#Pause', '<id>import</id>');
    await post();
    const queued = () => mock.recorded().map(({ details }) => details.queued);
    expect(queued()).toEqual([false, true]);
    await call('xtk:workflow#Start', '<id>import</id>');
    expect(queued()).toEqual([false, false]);
  });

  it('is spawned as a started copy, or only simulated', async () => {
    covers('campaign', '4.9 Workflow', 'SpawnWithParameters, SpawnWithParametersEx');
    covers('campaign', '4.9 Workflow', 'SimulateWithParameters');
    await using mock = await openMock();
    const { call } = await withWorkflow(mock);
    const copies = () => mock.rows('xtk:workflow').filter((row) => String(row.internalName).startsWith('import_'));
    await call('xtk:workflow#SpawnWithParametersEx', '<id>import</id><s>true</s><p><variables/></p>');
    await call('xtk:workflow#SimulateWithParameters', '<id>import</id><p><variables/></p>');
    expect(copies()).toEqual([]);
    await call('xtk:workflow#SpawnWithParameters', '<id>import</id><p><variables a="1"/></p>');
    expect(copies()).toMatchObject([{ state: 11, label: 'Import' }]);
    expect(state(mock)).toBe(0);
  });
});
