import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createCampaignConnector } from '../../src/connectors/campaign/create-campaign-connector.js';
import { type Data, setUp, startGateway, type TestGateway } from '../support/gateway.js';

describe('writing both sides of a mapped record', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway({ contacts: 10 });
    await setUp(gateway);
  });
  beforeEach(() => gateway.mocks.clearRequests());
  afterEach(() => {
    gateway.mocks.dynamics.clearFaults();
    gateway.mocks.campaign.clearFaults();
  });
  afterAll(() => gateway.close());

  const SIDES = `id dynamics { status error { code message remedy field upstream { system status code } } }
    campaign { status error { code message remedy field upstream { system status code } } }`;

  async function write(mutation: string, record = 'record { id lastname syncState }'): Promise<Data> {
    const data = await gateway.ask(`mutation { it: ${mutation} { ${SIDES} ${record} } }`);
    return data.it;
  }

  const create = (input: string, id = '') => write(`createContact(${id && `id: "${id}", `}input: ${input})`);
  const update = (id: string, input: string, ifMatch = '') =>
    write(`updateContact(id: "${id}", ${ifMatch && `ifMatch: "${ifMatch}", `}input: ${input})`);
  const remove = (id: string) => write(`deleteContact(id: "${id}")`, '');

  function states({ dynamics, campaign }: Data): readonly string[] {
    return [dynamics.status, campaign.status];
  }

  function inDynamics(id: string) {
    return gateway.mocks.dynamics.row('contact', id);
  }

  function inCampaign(id: string): readonly Data[] {
    return gateway.mocks.campaign.rows('nms:recipient').filter((row) => row.crmId === id);
  }

  function asked(): readonly string[] {
    return gateway.mocks
      .requests()
      .map(
        ({ method, path, headers }) =>
          headers.soapaction?.replace(/^.*#/, '') ??
          `${method} ${path.split('(')[0]?.split('?')[0]?.replace(/^.*\//, '')}`,
      );
  }

  async function versionOf(id: string): Promise<string> {
    const { dynamics } = await gateway.ask(`{ dynamics { contact(id: "${id}") { versionnumber } } }`);
    return String(dynamics.contact.versionnumber);
  }

  it('makes it in Dynamics, then in Campaign with the id as its key', async () => {
    const made = await write(
      `createContact(input: { firstname: "Zoë", lastname: "O'Neil & <Co>", birthdate: "1980-02-29", donotbulkemail: true,
        gendercode: 2, address1_city: "Köln" })`,
      'record { id lastname gendercode { label } syncState drift { column } campaign { lastName birthDate blackListEmail location { city } } }',
    );
    expect(states(made)).toEqual(['CREATED', 'CREATED']);
    expect(made.record).toEqual({
      id: made.id,
      lastname: "O'Neil & <Co>",
      gendercode: { label: 'Female' },
      syncState: 'IN_SYNC',
      drift: [],
      campaign: {
        lastName: "O'Neil & <Co>",
        birthDate: '1980-02-29',
        blackListEmail: true,
        location: { city: 'Köln' },
      },
    });
    expect(asked()).toEqual(['PATCH contacts', 'GET contacts', 'ExecuteQuery', 'WriteCollection', 'ExecuteQuery']);
  });

  it('changes both, and empties both', async () => {
    const { id } = await create('{ lastname: "Doe", address1_city: "Ulm", emailaddress1: "a@x.example" }');
    const changed = await write(
      `updateContact(id: "${id}", input: { lastname: "Roe", address1_city: null })`,
      'record { lastname address1_city emailaddress1 campaign { lastName email location { city } } }',
    );
    expect(states(changed)).toEqual(['UPDATED', 'UPDATED']);
    expect(changed.record).toEqual({
      lastname: 'Roe',
      address1_city: null,
      emailaddress1: 'a@x.example',
      campaign: { lastName: 'Roe', email: 'a@x.example', location: { city: null } },
    });
  });

  it('deletes both, and tells when there was none', async () => {
    const { id } = await create('{ lastname: "Doe" }');
    gateway.mocks.clearRequests();
    expect(states(await remove(id))).toEqual(['DELETED', 'DELETED']);
    expect(asked()).toEqual(['DELETE contacts', 'ExecuteQuery', 'WriteCollection']);
    expect([inDynamics(id), inCampaign(id)]).toEqual([undefined, []]);
    expect(states(await remove(id))).toEqual(['UNCHANGED', 'UNCHANGED']);
  });

  it.each<[string, string, string]>([
    [
      'createContact(input: { address1_postalcode: "123456789012345678901" })',
      'BAD_USER_INPUT',
      'input.address1_postalcode',
    ],
    ['createContact(input: { lastname: "a\\u0002" })', 'BAD_USER_INPUT', 'input.lastname'],
    ['createContact(id: "7", input: { lastname: "x" })', 'BAD_USER_INPUT', 'id'],
    ['updateContact(id: "00000000-0000-0000-0000-000000000001", input: {})', 'BAD_USER_INPUT', 'input'],
    [
      'updateContact(id: "00000000-0000-0000-0000-000000000001", input: { parentcustomerid: { table: "lead", id: "00000000-0000-0000-0000-000000000001" } })',
      'BAD_USER_INPUT',
      '',
    ],
  ])('writes on neither side what does not fit one of them: %s', async (mutation, code, field) => {
    const { errors } = await gateway.send(`mutation { ${mutation} { id } }`);
    expect(errors[0]?.extensions).toMatchObject({ code, ...(field && { field }) });
    expect(asked()).toEqual([]);
  });

  it('goes no further than Dynamics where that refuses', async () => {
    const refused = await create('{ gendercode: 77 }');
    expect(states(refused)).toEqual(['FAILED', 'SKIPPED']);
    expect(refused.dynamics.error).toMatchObject({
      code: 'UPSTREAM_REJECTED',
      upstream: { system: 'dynamics', status: 400 },
    });
    expect(refused.record).toBeNull();
    const missing = await update('00000000-0000-0000-0000-00000000b001', '{ lastname: "x" }');
    expect(states(missing)).toEqual(['FAILED', 'SKIPPED']);
    expect(missing.dynamics.error.code).toBe('NOT_FOUND');
    expect(asked().filter((action) => action.includes('Write') || action.includes('Query'))).toEqual([]);
  });

  it('tells of a failure in Campaign beside what Dynamics holds, and a repetition with the id converges', async () => {
    gateway.mocks.campaign.addFault({ match: { method: 'POST', path: 'WriteCollection' }, times: 1, status: 404 });
    const half = await write('createContact(input: { lastname: "Half" })', 'record { lastname dynamics { lastname } }');
    expect(states(half)).toEqual(['CREATED', 'FAILED']);
    expect(half.record).toEqual({ lastname: 'Half', dynamics: { lastname: 'Half' } });
    expect(half.campaign.error).toMatchObject({
      upstream: { system: 'campaign' },
      remedy: expect.stringContaining(half.id),
    });
    expect(inCampaign(half.id)).toEqual([]);
    const repeated = await create('{ lastname: "Half" }', half.id);
    expect(states(repeated)).toEqual(['UNCHANGED', 'CREATED']);
    expect(repeated.record).toEqual({ id: half.id, lastname: 'Half', syncState: 'IN_SYNC' });
    expect(states(await create('{ lastname: "Half" }', half.id))).toEqual(['UNCHANGED', 'UNCHANGED']);
    expect(inCampaign(half.id)).toHaveLength(1);
  });

  it('says that nobody knows where the answer of Campaign was lost, and a repetition converges', async () => {
    const { id } = await create('{ lastname: "Doe" }');
    gateway.mocks.campaign.addFault({ match: { method: 'POST', path: 'WriteCollection' }, times: 4, close: true });
    const lost = await update(id, '{ lastname: "Lost" }');
    expect(states(lost)).toEqual(['UPDATED', 'UNKNOWN']);
    expect(lost.campaign.error).toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      remedy: expect.stringContaining('Repeat'),
    });
    gateway.mocks.campaign.clearFaults();
    expect(states(await update(id, '{ lastname: "Lost" }'))).toEqual(['UPDATED', 'UPDATED']);
    expect(inCampaign(id)).toMatchObject([{ lastName: 'Lost' }]);
  });

  it('says that nobody knows where the answer of Dynamics was lost, and a repetition makes no second record', async () => {
    gateway.mocks.dynamics.addFault({ match: { method: 'PATCH', path: 'contacts(' }, times: 4, close: true });
    const lost = await create('{ lastname: "Perhaps" }');
    expect(states(lost)).toEqual(['UNKNOWN', 'SKIPPED']);
    expect(lost.dynamics.error.remedy).toContain(lost.id);
    gateway.mocks.dynamics.clearFaults();
    expect(isDone(states(await create('{ lastname: "Perhaps" }', lost.id)))).toBe(true);
    expect(gateway.mocks.dynamics.rows('contact').filter((row) => row.lastname === 'Perhaps')).toHaveLength(1);
    expect(inCampaign(lost.id)).toHaveLength(1);
  });

  it('finds what was made though no answer came, by the id it was told', async () => {
    const match = { method: 'PATCH', path: 'contacts(' };
    gateway.mocks.dynamics.addFault({ match, times: 4, after: true, close: true });
    const lost = await create('{ lastname: "Made", donotphone: true, gendercode: 1, birthdate: "1999-12-31" }');
    expect(states(lost)).toEqual(['UNKNOWN', 'SKIPPED']);
    expect(inDynamics(lost.id)).toMatchObject({ lastname: 'Made' });
    const repeated = await create(
      '{ lastname: "Made", donotphone: true, gendercode: 1, birthdate: "1999-12-31" }',
      lost.id,
    );
    expect(states(repeated)).toEqual(['UNCHANGED', 'CREATED']);
  });

  it('is no conflict with itself where the answer to a change was lost', async () => {
    const { id } = await create('{ lastname: "One" }');
    const match = { method: 'PATCH', path: 'contacts(' };
    gateway.mocks.dynamics.addFault({ match, times: 1, after: true, close: true });
    const changed = await update(id, '{ lastname: "Two" }', await versionOf(id));
    expect(states(changed)).toEqual(['UNCHANGED', 'UPDATED']);
    expect(inCampaign(id)).toMatchObject([{ lastName: 'Two' }]);
  });

  it.each(['POST', 'DELETE'])('converges where the answer to a deletion was lost on the way of %s', async (method) => {
    const { id } = await create('{ lastname: "Doe" }');
    const mock = method === 'POST' ? gateway.mocks.campaign : gateway.mocks.dynamics;
    const path = method === 'POST' ? 'WriteCollection' : 'contacts(';
    mock.addFault({ match: { method, path }, times: 4, after: true, close: true });
    expect(states(await remove(id))).toContain('UNKNOWN');
    mock.clearFaults();
    expect(states(await remove(id))).toContain('UNCHANGED');
    expect([inDynamics(id), inCampaign(id)]).toEqual([undefined, []]);
  });

  it('ties a lookup on both sides', async () => {
    const account = String(gateway.mocks.dynamics.rows('account')[0]?.accountid);
    const { id, record } = await create(
      `{ lastname: "Tied", parentcustomerid: { table: "account", id: "${account}" } }`,
    );
    expect(record.syncState).toBe('IN_SYNC');
    expect(inCampaign(id)).toMatchObject([{ parentcustomerid: account, parentcustomerid_type: 'account' }]);
    const untied = await update(id, '{ parentcustomerid: null }');
    expect(untied.record.syncState).toBe('IN_SYNC');
    expect(inCampaign(id)).toMatchObject([{ parentcustomerid: '', parentcustomerid_type: '' }]);
  });

  function isDone(found: readonly string[]): boolean {
    return found.every((status) => ['CREATED', 'UNCHANGED'].includes(status));
  }

  it('does not take another record for the one that was to be made', async () => {
    const { id } = await create('{ lastname: "First" }');
    const other = await create('{ lastname: "Second" }', id);
    expect(states(other)).toEqual(['FAILED', 'SKIPPED']);
    expect(other.dynamics.error).toMatchObject({ code: 'CONFLICT', remedy: expect.stringContaining('lastname') });
    expect(inDynamics(id)).toMatchObject({ lastname: 'First' });
  });

  it('is refused where the record was changed since, and goes on where it was this change', async () => {
    const { id } = await create('{ lastname: "One" }');
    const version = await versionOf(id);
    gateway.mocks.campaign.addFault({ match: { method: 'POST', path: 'WriteCollection' }, times: 1, status: 404 });
    expect(states(await update(id, '{ lastname: "Two" }', version))).toEqual(['UPDATED', 'FAILED']);
    expect(states(await update(id, '{ lastname: "Two" }', version))).toEqual(['UNCHANGED', 'UPDATED']);
    const late = await update(id, '{ lastname: "Three" }', version);
    expect(states(late)).toEqual(['FAILED', 'SKIPPED']);
    expect(late.dynamics.error.code).toBe('CONFLICT');
    expect(inCampaign(id)).toMatchObject([{ lastName: 'Two' }]);
  });

  it('leaves the record in Campaign where Dynamics refuses to delete its own', async () => {
    const { id } = await create('{ lastname: "Kept" }');
    gateway.mocks.dynamics.addFault({
      match: { method: 'DELETE', path: 'contacts(' },
      times: 1,
      status: 403,
      code: '0x80040220',
      message: 'missing privilege',
    });
    const refused = await remove(id);
    expect(states(refused)).toEqual(['FAILED', 'SKIPPED']);
    expect(refused.dynamics.error.code).toBe('FORBIDDEN');
    expect(inCampaign(id)).toHaveLength(1);
  });

  it('deletes neither where the record was changed since', async () => {
    const { id } = await create('{ lastname: "One" }');
    const version = await versionOf(id);
    await update(id, '{ lastname: "Two" }');
    const refused = await write(`deleteContact(id: "${id}", ifMatch: "${version}")`, '');
    expect([...states(refused), refused.dynamics.error.code]).toEqual(['FAILED', 'SKIPPED', 'CONFLICT']);
    expect([inDynamics(id), inCampaign(id)]).toMatchObject([{ lastname: 'Two' }, [{ lastName: 'Two' }]]);
  });

  it('finds the record that was left in Campaign when a deletion is repeated', async () => {
    const { id } = await create('{ lastname: "Doe" }');
    gateway.mocks.campaign.addFault({ match: { method: 'POST', path: 'WriteCollection' }, times: 1, status: 404 });
    expect(states(await remove(id))).toEqual(['DELETED', 'FAILED']);
    expect(inCampaign(id)).toHaveLength(1);
    expect(states(await remove(id))).toEqual(['UNCHANGED', 'DELETED']);
    expect(inCampaign(id)).toEqual([]);
  });

  it('touches none of several Campaign records that hold the same id', async () => {
    const { id } = await create('{ lastname: "Doe" }');
    const [recipient] = inCampaign(id);
    await insertTwin(id);
    const changed = await update(id, '{ lastname: "Roe" }');
    expect(states(changed)).toEqual(['UPDATED', 'FAILED']);
    expect(changed.campaign.error).toMatchObject({ code: 'CONFLICT', message: expect.stringContaining(id) });
    expect(states(await remove(id))).toEqual(['DELETED', 'FAILED']);
    expect(inCampaign(id).map(({ lastName }) => lastName)).toEqual([recipient?.lastName, 'Twin']);
  });

  /** A second recipient with the same id, as an import by hand may leave one. */
  async function insertTwin(crmId: string): Promise<void> {
    const campaign = createCampaignConnector({ url: gateway.mocks.campaign.url, user: 'admin', password: 'admin' });
    const [to] = await campaign.introspect(['nms:recipient']);
    if (to) await campaign.write({ to, operation: 'create', key: 'id', records: [{ crmId, lastName: 'Twin' }] });
    await campaign.close();
  }

  it('shows later fields of the same operation what was written', async () => {
    const { id } = await create('{ lastname: "Old" }');
    const { one, two } = await gateway.ask(`mutation {
      one: updateContact(id: "${id}", input: { lastname: "New" }) { record { campaign { lastName } } }
      deleteContact(id: "${id}") { id }
      two: updateContact(id: "${id}", input: { lastname: "Newer" }) { record { campaign { lastName } } dynamics { status } } }`);
    expect(one.record.campaign).toEqual({ lastName: 'New' });
    expect(two).toEqual({ record: null, dynamics: { status: 'FAILED' } });
  });
});
