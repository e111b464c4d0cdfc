import { describe, expect, it } from 'vitest';
import type { CampaignMock } from '../../../mocks/campaign/server.js';
import { covers } from '../compatibility.js';
import { between, logOn, openMock, type RawSession } from './soap-client.js';

const SERVICE = 'xtk:jobInterface|nms:delivery';

async function withDelivery(mock: CampaignMock): Promise<RawSession> {
  const session = await logOn(mock);
  await session.write('<delivery xtkschema="nms:delivery" internalName="DM19" label="Spring"/>');
  return session;
}

async function submit({ call }: RawSession, method = 'Submit', internalName = 'DM19'): Promise<string> {
  const object = `<document><delivery internalName="${internalName}"/></document>`;
  const body = await call(`${SERVICE}#${method}`, `${object}<methodName>Prepare</methodName>`);
  return `<id>${between(body, "<pstrId xsi:type='xsd:string'>", '<')}</id>`;
}

const stateOf = (mock: CampaignMock) =>
  mock.rows('nms:delivery').find((row) => row.internalName === 'DM19')?.state ?? 0;

describe('a job of the Campaign mock', () => {
  it('carries out a method and tells its status, log and progress', async () => {
    covers('campaign', '4.9 Jobs', 'Submit');
    covers('campaign', '4.9 Jobs', 'GetStatus: status, logs after lastLogId, progress');
    await using mock = await openMock();
    const session = await withDelivery(mock);
    const id = await submit(session);
    const status = await session.call('xtk:jobInterface|xtk:job#GetStatus', `${id}<last>0</last><max>100</max>`);
    expect(status).toContain("<piStatus xsi:type='xsd:short'>5</piStatus>");
    expect(status).toContain('<progress current="100" max="100"/>');
    expect(status.match(/message="[^"]*"/g)).toHaveLength(2);
    const last = between(status, '<log id="', '"');
    const later = await session.call('xtk:jobInterface|xtk:job#GetStatus', `${id}<last>${last}</last><max>1</max>`);
    expect(later.match(/message="[^"]*"/g)).toHaveLength(1);
    expect(stateOf(mock)).toBe(45);
  });

  it('runs for as long as it is told to, by the clock of the mock', async () => {
    await using mock = await openMock({ jobDuration: 30 });
    const session = await withDelivery(mock);
    const id = await submit(session);
    const status = () => session.call('xtk:job#GetStatus', `${id}<l>0</l><m>100</m>`);
    expect(await status()).toContain('>2</piStatus>');
    expect(await session.call('xtk:job#GetResult', id)).toContain('has no result: its status is 2');
    mock.clock.advance(31);
    expect(await status()).toContain('>5</piStatus>');
    expect(await session.call('xtk:job#GetResult', id)).toContain('internalName="DM19"');
  });

  it('does nothing once it is cancelled or paused', async () => {
    covers('campaign', '4.9 Jobs', 'Cancel, Pause, WaitJobCancelled');
    await using mock = await openMock({ jobDuration: 30 });
    const session = await withDelivery(mock);
    const [cancelled, paused] = [await submit(session), await submit(session)];
    expect(await session.call('xtk:job#Cancel', cancelled)).toContain('<CancelResponse ');
    await session.call('xtk:job#Pause', paused);
    mock.clock.advance(60);
    expect(await session.call('xtk:job#GetStatus', cancelled)).toContain('>4</piStatus>');
    expect(await session.call('xtk:job#GetStatus', paused)).toContain('>8</piStatus>');
    expect(await session.call('xtk:job#Cancel', cancelled)).toContain('SOP-330011');
    expect(stateOf(mock)).toBe(0);
  });

  it('fails as its method fails, and changes nothing then', async () => {
    await using mock = await openMock();
    const session = await withDelivery(mock);
    const id = await submit(session, 'Execute', 'DM20');
    expect(await session.call('xtk:job#GetStatus', id)).toContain('>6</piStatus>');
    expect(await session.call('xtk:job#GetResult', id)).toContain("XSV-350000 Document of identifier 'DM20'");
    expect(await session.call('xtk:job#HasWarning', id)).toContain("<pbHasWarning xsi:type='xsd:boolean'>false<");
  });

  it('carries out a SOAP call with parameters', async () => {
    covers('campaign', '4.9 Jobs', 'SubmitSoapCall');
    await using mock = await openMock();
    const session = await logOn(mock);
    const soapCall = `<soapCall name="IncreaseValue" service="xtk:counter"><param name="name" value="invoices"/></soapCall>`;
    const body = await session.call(
      `xtk:jobInterface|xtk:counter#SubmitSoapCall`,
      `<o><counter/></o><c>${soapCall}</c>`,
    );
    const id = `<id>${between(body, "<pstrId xsi:type='xsd:string'>", '<')}</id>`;
    expect(await session.call('xtk:job#GetResult', id)).toContain('>1</pstrResponse>');
    expect(mock.rows('xtk:counter')).toMatchObject([{ name: 'invoices', value: 1 }]);
  });

  it('is a row, with its log', async () => {
    await using mock = await openMock();
    const session = await withDelivery(mock);
    await submit(session);
    const jobs = await session.query(`<queryDef schema="xtk:jobLog" operation="count"><where>
      <condition expr="[job/@method] = 'Prepare'"/><condition expr="[job/@status] = 5"/></where></queryDef>`);
    expect(jobs).toBe('<jobLog count="2"/>');
    expect(await session.call('xtk:job#GetStatus', '<id>1</id>')).toContain('XSV-350000');
  });
});
