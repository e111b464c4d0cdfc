import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Data, startGateway, type TestGateway } from '../support/gateway.js';
import { KEPT, mapAccounts, mapContacts, post, SHAPES, WHIMS, WHIMSICAL } from '../support/mapping-changes.js';

const WIDE = mapContacts([...KEPT, WHIMS]);
const NARROW = mapContacts(KEPT);
const WRITES = { method: 'POST', path: 'xtk:persist#Write' };
const DESCRIBES = { method: 'POST', path: 'xtk:persist#GetEntityIfMoreRecent' };

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ contacts: 20 });
  await gateway.example('01-create-external-account.graphql');
  await gateway.ask(mapAccounts());
  await gateway.ask(WIDE);
});
afterAll(() => gateway?.close());
beforeEach(async () => {
  gateway.mocks.campaign.clearFaults();
  await gateway.ask(WIDE);
});

describe('a change of mappings that fails half-way', () => {
  it('leaves the mappings as they were, and no query of what stays has failed', async () => {
    // The column is gone, and it is seen to be: Campaign then fails to describe what it has built.
    await failAfter(DESCRIBES, { delayMs: 500, code: 'XSV-350023', message: 'No.', times: 1 }, 1);
    const ending = gateway.send(NARROW).finally(() => {
      ended = true;
    });
    let ended = false;
    const wrong: unknown[] = [];
    while (!ended) wrong.push(...(await wrongAnswers()));
    expect((await ending).errors.map(({ message }) => message)).toEqual([expect.stringContaining('XSV-350023')]);
    expect(wrong).toEqual([]);
    expect(await judge()).toBe('answered');
    expect(await mappedColumns()).toContain(WHIMS);
  }, 120_000);
});

describe('changes of mappings at once', () => {
  it('wait for no operation that waits for them', async () => {
    const drift = '{ drift { kind } }';
    await Promise.all([NARROW, drift, WIDE, NARROW, drift, WIDE].map((operation) => gateway.ask(operation)));
    expect(await judge()).toBe('answered');
    // Less than the query timeout, which is how long a change waits at most.
  }, 50_000);
});

describe('a change of mappings that is cut off', () => {
  /** Campaign has carried out all of it, and is out of reach from then on until the process has begun anew. */
  async function cutOff(): Promise<void> {
    await failAfter(WRITES, { close: true, times: 1_000 });
    gateway.mocks.campaign.addFault({
      match: { path: 'xtk:session#Logon' },
      status: 500,
      code: 'XSV-350023',
      times: 1,
    });
    expect((await gateway.send(NARROW)).errors).not.toEqual([]);
    await gateway.restart();
    gateway.mocks.campaign.clearFaults();
  }

  it('is served without what Campaign may lack, also after a restart', async () => {
    await cutOff();
    expect(await wrongAnswers()).toEqual([]);
    expect(await judge()).toBe('not there');
    expect(await mappedColumns()).toContain(WHIMS);
  }, 120_000);

  it.each([
    ['is finished by the same call', NARROW, 'not there'],
    ['is put back by one that maps as before', WIDE, 'answered'],
    ['is put back by one that changes nothing else', mapAccounts(), 'answered'],
  ])(
    '%s',
    async (_, operation, outcome) => {
      await cutOff();
      await gateway.ask(operation);
      expect(await judge()).toBe(outcome);
      expect((await mappedColumns()).includes(WHIMS)).toBe(outcome === 'answered');
      expect(await wrongAnswers()).toEqual([]);
      const { mapTables } = await gateway.ask(operation);
      expect(mapTables.changes).toEqual([]);
    },
    120_000,
  );
});

describe('a request under way when the last table is unmapped', () => {
  it('ends with the account it began with', async () => {
    const { campaign, dynamics } = gateway.mocks;
    campaign.addFault({ match: WRITES, times: 100, delayMs: 300 });
    const unmapping = gateway.ask(
      'mutation { unmapTables(input: { account: "dynamicsCRM", tables: ["account", "contact"] }) { mappings { table } } }',
    );
    while ((await gateway.send('{ unified { contacts(first: 1) { nodes { id } } } }')).errors.length === 0);
    const isAsked = () => dynamics.requests().some(({ path }) => path.includes('accounts?'));
    dynamics.clearRequests();
    dynamics.addFault({ match: { path: 'accounts?' }, delayMs: 6_000 });
    // A list in a list in a list is asked for after the rest.
    const inner = 'contact_customer_contacts(first: 1) { nodes { contactid } }';
    const asking = gateway.send(
      `{ dynamics { accounts(first: 5) { nodes { contact_customer_accounts(first: 2) { nodes { lastname ${inner} } } } } } }`,
    );
    while (!isAsked()) await delay(10);
    expect((await unmapping).unmapTables.mappings).toEqual([]);
    expect((await gateway.send('{ dynamics { contacts(first: 1) { nodes { contactid } } } }')).data).toBeUndefined();
    const asked = dynamics.requests().length;
    expect(await asking).toMatchObject({ errors: [], data: { dynamics: { accounts: {} } } });
    expect(dynamics.requests().length).toBeGreaterThan(asked);
  }, 120_000);
});

type Fault = Parameters<TestGateway['mocks']['campaign']['addFault']>[0];

/** Lets as many requests pass as the change that takes the column away makes, but for the last `fewer`, and does this to those that follow. */
async function failAfter(match: typeof WRITES, fault: Omit<Fault, 'match'>, fewer = 0): Promise<void> {
  const { campaign } = gateway.mocks;
  campaign.clearRequests();
  await gateway.ask(NARROW);
  const made = campaign.requests().filter(({ path }) => decodeURIComponent(path).includes(match.path)).length;
  await gateway.ask(WIDE);
  campaign.addFault({ match, times: made - fewer, delayMs: 20 });
  campaign.addFault({ match, ...fault });
}

/** The answers to queries of what stays mapped that are not as they must be. */
async function wrongAnswers(): Promise<readonly unknown[]> {
  const answers = await Promise.all(
    SHAPES.map(async ([name, { query, judge }]) => {
      const answer = await post(gateway.app.gateway.url, query);
      return judge(answer) === null ? [{ name, ...answer.body }] : [];
    }),
  );
  return answers.flat();
}

async function judge(): Promise<string | null> {
  return WHIMSICAL.judge(await post(gateway.app.gateway.url, WHIMSICAL.query));
}

async function mappedColumns(): Promise<readonly string[]> {
  const { externalAccount } = await gateway.ask(
    '{ externalAccount(name: "dynamicsCRM") { mappings { table fields { column } } } }',
  );
  const mapping = externalAccount.mappings.find(({ table }: Data) => table === 'contact');
  return mapping.fields.map(({ column }: Data) => column);
}
