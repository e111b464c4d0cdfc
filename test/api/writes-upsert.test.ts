import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { declareKey } from '../support/dynamics-key.js';
import { type Data, setUp, startGateway, type TestGateway } from '../support/gateway.js';

describe('upserting a record of a mapped table', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway({ contacts: 10 });
    await declareKey(gateway.mocks, 'account', 'by_number', ['accountnumber']);
    await declareKey(gateway.mocks, 'account', 'by_place', ['name', 'address1_city']);
    await setUp(gateway);
  });
  beforeEach(() => gateway.mocks.clearRequests());
  afterAll(() => gateway.close());

  const ID = '00000000-0000-0000-0000-00000000a001';

  async function upsert(table: 'Account' | 'Contact', args: string, fields: string): Promise<Data> {
    const name = `upsertDynamics${table}`;
    const data = await gateway.ask(`mutation { ${name}(${args}) { created record { ${fields} } } }`);
    return data[name];
  }

  function sent(): readonly string[] {
    return gateway.mocks.dynamics.requests().map(({ method }) => method);
  }

  it('makes it with the id given, then changes it, and tells which of the two', async () => {
    const made = await upsert(
      'Contact',
      `id: "${ID}", input: { lastname: "Doe", nickname: "J" }`,
      'contactid nickname',
    );
    expect(made).toEqual({ created: true, record: { contactid: ID, nickname: 'J' } });
    expect(sent()).toEqual(['PATCH', 'GET']);
    const changed = await upsert('Contact', `id: "${ID}", input: { nickname: null }`, 'lastname nickname');
    expect(changed).toEqual({ created: false, record: { lastname: 'Doe', nickname: null } });
  });

  it('finds it by an alternate key, which a new record then has', async () => {
    const made = await upsert('Account', `accountnumber: "X'1", input: { name: "Ex" }`, 'accountid accountnumber');
    expect(made).toEqual({ created: true, record: { accountid: expect.any(String), accountnumber: "X'1" } });
    expect(sent()).toEqual(['PATCH', 'GET']);
    const again = await upsert('Account', `accountnumber: "X'1", input: { name: "Ex two" }`, 'accountid name');
    expect(again).toEqual({ created: false, record: { accountid: made.record.accountid, name: 'Ex two' } });
  });

  it('finds it by a key of several columns', async () => {
    const by = 'name: "Both", address1_city: "Ulm"';
    const made = await upsert('Account', `${by}, input: { revenue: 1 }`, 'name address1_city revenue');
    expect(made).toEqual({ created: true, record: { name: 'Both', address1_city: 'Ulm', revenue: 1 } });
    expect(await upsert('Account', `${by}, input: { revenue: 2 }`, 'revenue')).toMatchObject({ created: false });
  });

  it('sends nothing but the write where nobody asks for the record', async () => {
    await gateway.ask(`mutation { upsertDynamicsContact(id: "${ID}", input: { nickname: "K" }) { created } }`);
    expect(sent()).toEqual(['PATCH']);
  });

  it.each([
    ['id: "00000000-0000-0000-0000-00000000a002", mode: UPDATE_ONLY, input: { nickname: "x" }', 'NOT_FOUND'],
    [`id: "${ID}", mode: CREATE_ONLY, input: { nickname: "x" }`, 'CONFLICT'],
    [`id: "${ID}", input: { statecode: 1 }`, 'GRAPHQL_VALIDATION_FAILED'],
    ['id: "7", input: { nickname: "x" }', 'BAD_USER_INPUT'],
  ])('refuses a contact of %s with %s', async (args, code) => {
    const { errors } = await gateway.send(`mutation { upsertDynamicsContact(${args}) { created } }`);
    expect(errors[0]?.extensions.code).toBe(code);
    expect(gateway.mocks.dynamics.row('contact', ID)).not.toMatchObject({ nickname: 'x' });
  });

  it.each([
    ['accountnumber: "X1", mode: UPDATE_ONLY, input: { name: "x" }', 'NOT_FOUND'],
    ['accountnumber: "X1", input: { accountnumber: "X2" }', 'BAD_USER_INPUT', 'input.accountnumber'],
    ['name: "Both", input: { revenue: 3 }', 'BAD_USER_INPUT', 'name'],
    [`id: "${ID}", accountnumber: "X1", input: { name: "x" }`, 'BAD_USER_INPUT', 'id'],
    ['accountnumber: "a/b", input: { name: "x" }', 'BAD_USER_INPUT'],
  ])('refuses an account of %s with %s', async (args, code, field?: string) => {
    const before = gateway.mocks.dynamics.rows('account').length;
    const { errors } = await gateway.send(`mutation { upsertDynamicsAccount(${args}) { created } }`);
    expect(errors[0]?.extensions).toMatchObject({ code, ...(field && { field }) });
    expect(gateway.mocks.dynamics.rows('account')).toHaveLength(before);
  });

  it('does not say that it made a record that it may only have found', async () => {
    const fault = { match: { method: 'PATCH', path: 'contacts(' }, times: 1, close: true } as const;
    gateway.mocks.dynamics.addFault(fault);
    const { created } = await upsert('Contact', `id: "${ID}", input: { nickname: "L" }`, 'nickname');
    expect(created).toBeNull();
  });

  it('shows later fields of the same operation what was written', async () => {
    const { one, two } = await gateway.ask(`mutation {
      one: updateDynamicsContact(id: "${ID}", input: { parentcustomerid: { table: "account", id: "${await anAccount()}" } }) { ...Company }
      upsertDynamicsAccount(id: "${await anAccount()}", input: { name: "Renamed" }) { created }
      two: updateDynamicsContact(id: "${ID}", input: { nickname: "M" }) { ...Company } }
      fragment Company on DynamicsContact { parentcustomerid { ... on DynamicsAccount { name } } }`);
    expect(one.parentcustomerid.name).not.toBe('Renamed');
    expect(two.parentcustomerid.name).toBe('Renamed');
  });

  async function anAccount(): Promise<string> {
    return String(gateway.mocks.dynamics.rows('account')[0]?.accountid);
  }
});
