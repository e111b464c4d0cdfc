import { beforeEach, describe, expect, it } from 'vitest';
import { operatorRights, type Session, SessionKeeper } from '../../../src/connectors/campaign/auth.js';
import { remoteErrorOf } from '../../../src/connectors/campaign/errors.js';
import type { SoapCall } from '../../../src/connectors/campaign/soap.js';
import { parseXml } from '../../../src/connectors/campaign/xml-text.js';
import { xml } from '../../../src/model/xml.js';

const INFO = parseXml('<sessionInfo><userInfo login="admin"><login-right right="admin"/></userInfo></sessionInfo>');

/** A Campaign that gives the sessions s1, s2 … and remembers what it was asked. */
class FakeCampaign {
  readonly asked: string[] = [];
  readonly ended = new Set<string>();
  refuse = false;
  private sessions = 0;

  readonly send = async (call: SoapCall, session: Session) => {
    this.asked.push(session.sessionToken === '' ? call.method : `${call.method} ${session.sessionToken}`);
    if (call.method !== 'Logon') return [];
    if (this.refuse) throw fault('XSV-350012 Invalid login or password.');
    const token = `s${++this.sessions}`;
    return [xml('token', {}, [token]), xml('info', {}, [INFO]), xml('security', {}, [`@${token}`])];
  };

  /** A call that fails where its session has ended. */
  readonly work = async (session: Session) => {
    this.asked.push(`work ${session.sessionToken}`);
    if (this.ended.has(session.sessionToken)) throw fault('XSV-350008 Session has expired or is invalid.');
    return session.sessionToken;
  };
}

function fault(text: string) {
  return remoteErrorOf({ status: 403, answer: { kind: 'other', text }, action: 'xtk:session#Logon' });
}

describe('the session with Campaign', () => {
  let campaign: FakeCampaign;
  let keeper: SessionKeeper;
  beforeEach(() => {
    campaign = new FakeCampaign();
    keeper = new SessionKeeper(campaign.send, { user: 'admin', password: 'admin' });
  });

  it('begins with the first call, once for calls that come together', async () => {
    expect(campaign.asked).toEqual([]);
    expect(await Promise.all([keeper.use(campaign.work), keeper.use(campaign.work)])).toEqual(['s1', 's1']);
    expect(campaign.asked).toEqual(['Logon', 'work s1', 'work s1']);
  });

  it('is begun anew once where it has expired, and the call is repeated', async () => {
    await keeper.use(campaign.work);
    campaign.ended.add('s1');
    expect(await Promise.all([keeper.use(campaign.work), keeper.use(campaign.work)])).toEqual(['s2', 's2']);
    expect(campaign.asked.filter((call) => call === 'Logon')).toHaveLength(2);
  });

  it('is not begun a third time for a call that finds it expired twice', async () => {
    campaign.ended.add('s1').add('s2');
    await expect(keeper.use(campaign.work)).rejects.toMatchObject({ code: 'UPSTREAM_UNAUTHENTICATED' });
    expect(campaign.asked).toEqual(['Logon', 'work s1', 'Logon', 'work s2']);
  });

  it('is tried again by the next call after a refused logon', async () => {
    campaign.refuse = true;
    await expect(keeper.use(campaign.work)).rejects.toMatchObject({ code: 'UPSTREAM_UNAUTHENTICATED' });
    campaign.refuse = false;
    expect(await keeper.use(campaign.work)).toBe('s1');
  });

  it('lets calls under way finish when it is renewed, then logs off', async () => {
    let finish = () => {};
    const slow = keeper.use(
      (session) => new Promise<string>((resolve) => (finish = () => resolve(session.sessionToken))),
    );
    await Promise.resolve().then(() => keeper.use(campaign.work));
    await keeper.renew();
    expect(await keeper.use(campaign.work)).toBe('s2');
    expect(campaign.asked).not.toContain('Logoff s1');
    finish();
    expect(await slow).toBe('s1');
    expect(campaign.asked).toContain('Logoff s1');
  });

  it('stays as it is where renewing fails', async () => {
    await keeper.use(campaign.work);
    campaign.refuse = true;
    await expect(keeper.renew()).rejects.toMatchObject({ code: 'UPSTREAM_UNAUTHENTICATED' });
    expect(await keeper.use(campaign.work)).toBe('s1');
  });

  it('goes on for the others when one of those who wait for it gives up', async () => {
    const controller = new AbortController();
    const first = keeper.use(campaign.work, { signal: controller.signal });
    const second = keeper.use(campaign.work);
    controller.abort(new Error('enough'));
    await expect(first).rejects.toThrow('enough');
    expect(await second).toBe('s1');
  });

  it('is logged off on closing, and nothing is sent where there is none', async () => {
    await keeper.close();
    expect(campaign.asked).toEqual([]);
    await keeper.use(campaign.work);
    await keeper.close();
    expect(campaign.asked.at(-1)).toBe('Logoff s1');
  });

  it('tells the rights of the operator', async () => {
    const session = await keeper.use(async (current) => current);
    expect(operatorRights(session)).toEqual(['admin']);
    expect(operatorRights({ ...session, info: null })).toBeNull();
  });
});
