import { describe, expect, it } from 'vitest';
import { createConnections } from '../../src/connectors/connections.js';
import type { DynamicsConnector } from '../../src/connectors/dynamics/dynamics-connector.js';
import type { AccountConnection } from '../../src/model/account.js';

/** Connectors that tell their number, and whose `introspect` waits until it is let go. */
function openFakes() {
  const opened: { closed: boolean; letGo: () => void }[] = [];
  const openDynamics = (): DynamicsConnector => {
    const state = { closed: false, letGo: () => {} };
    const held = new Promise<void>((resolve) => {
      state.letGo = resolve;
    });
    opened.push(state);
    const number = String(opened.length);
    const page = { number };
    return {
      summaries: async () => [number],
      introspect: () => held.then(() => (state.closed ? Promise.reject(new Error('closed')) : [number])),
      async *changes() {
        yield page;
        await held;
        yield page;
      },
      close: async () => {
        state.closed = true;
      },
    } as unknown as DynamicsConnector; // only what the tests call
  };
  let exists = true;
  const connections = createConnections({
    findConnection: async () => (exists ? ({} as AccountConnection) : null), // nothing looks into it
    openDynamics,
    openCampaign: null,
  });
  const removeAccount = () => {
    exists = false;
  };
  return { connections, opened, removeAccount };
}

describe('the connections', () => {
  it('let calls under way end before the connector of changed settings closes', async () => {
    const { connections, opened } = openFakes();
    const connector = await connections.dynamics('crm');
    const reading = connector.introspect(['contact']);
    await Promise.resolve();
    await connections.forget('crm');
    expect(opened[0]?.closed).toBe(false);
    opened[0]?.letGo();
    expect(await reading).toEqual(['1']);
    expect(opened[0]?.closed).toBe(true);
  });

  it('send the next call of whoever holds a connector by the new settings', async () => {
    const { connections } = openFakes();
    const connector = await connections.dynamics('crm');
    expect(await connector.summaries()).toEqual(['1']);
    await connections.forget('crm');
    expect(await connector.summaries()).toEqual(['2']);
  });

  it('keep the connector of a pass over changes open until its last page', async () => {
    const { connections, opened } = openFakes();
    const connector = await connections.dynamics('crm');
    const pages: unknown[] = [];
    for await (const page of connector.changes({} as never, null)) {
      pages.push(page);
      if (pages.length === 1) await connections.forget('crm');
      opened[0]?.letGo();
    }
    expect(pages).toEqual([{ number: '1' }, { number: '1' }]);
    expect(opened[0]?.closed).toBe(true);
  });

  it('close at once what nobody uses, and in the end everything', async () => {
    const { connections, opened } = openFakes();
    await connections.dynamics('idle');
    await connections.forget('idle');
    expect(opened[0]?.closed).toBe(true);
    await connections.dynamics('other');
    await connections.close();
    expect(opened.every(({ closed }) => closed)).toBe(true);
  });

  it('tell whoever holds the connector of an account that is gone', async () => {
    const { connections, removeAccount } = openFakes();
    const connector = await connections.dynamics('crm');
    removeAccount();
    await connections.forget('crm');
    await expect(connector.summaries()).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
