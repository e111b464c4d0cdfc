import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createCampaignConnector } from '../../src/connectors/campaign/create-campaign-connector.js';
import { parseXml } from '../../src/connectors/campaign/xml-text.js';
import { type Data, setUp, startGateway, type TestGateway } from '../support/gateway.js';

/** A customer's own schema with a unique key, a memo, one of each kind of value, and links. */
const LOYALTY = `<srcSchema namespace="cus" name="loyalty" label="Loyalty cards" labelSingular="Loyalty card"
    xtkschema="xtk:srcSchema" entitySchema="xtk:srcSchema" mappingType="sql">
  <enumeration name="level" basetype="string">
    <value name="silver" label="Silver" value="S"/><value name="gold" label="Gold" value="G"/>
  </enumeration>
  <element name="loyalty" autopk="true">
    <key name="card"><keyfield xpath="@card"/></key>
    <key name="shop"><keyfield xpath="@shop"/><keyfield xpath="@number"/></key>
    <attribute name="card" length="20" required="true" label="Card"/>
    <attribute name="shop" length="20" label="Shop"/>
    <attribute name="number" type="long" label="Number"/>
    <attribute name="level" enum="cus:loyalty:level" length="1" label="Level"/>
    <attribute name="points" type="int64" label="Points"/>
    <attribute name="rate" type="double" label="Rate"/>
    <attribute name="active" type="boolean" label="Active"/>
    <attribute name="since" type="date" label="Since"/>
    <attribute name="seen" type="datetime" label="Seen"/>
    <attribute name="upper" expr="Upper(@card)" label="Upper"/>
    <element name="remark" type="memo" label="Remark"/>
    <element name="terms"><attribute name="kind" length="20"/></element>
    <element name="folder" type="link" target="xtk:folder" label="Folder"/>
  </element>
</srcSchema>`;

describe('writing Campaign records of a mapped schema', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway({ contacts: 10 });
    await writeSchema();
    await setUp(gateway);
    await gateway.ask(`mutation { mapTables(input: { account: "dynamicsCRM", tables: [
      { table: "lead", columns: ["lastname"], target: { schema: "cus:loyalty", fields: [{ column: "subject", path: "@shop" }] } }
    ] }) { changes { kind } } }`);
  });
  beforeEach(() => {
    gateway.mocks.clearRequests();
    gateway.mocks.campaign.clearFaults();
  });
  afterAll(() => gateway.close());

  async function writeSchema(): Promise<void> {
    const campaign = createCampaignConnector({ url: gateway.mocks.campaign.url, user: 'admin', password: 'admin' });
    await campaign.writeSourceSchema(parseXml(LOYALTY));
    await campaign.close();
  }

  const RECIPIENT = '{ id email lastName birthDate blackList gender { value } location { city } folder { name } }';

  async function create(input: string): Promise<Data> {
    const data = await gateway.ask(`mutation { createCampaignNmsRecipient(input: ${input}) ${RECIPIENT} }`);
    return data.createCampaignNmsRecipient;
  }

  async function loyalty(id: unknown): Promise<Data> {
    const { campaign } =
      await gateway.ask(`{ campaign { cusLoyalty(id: "${id}") { id card shop number level { value } points rate
      active since seen remark terms { kind } folder { name } } } }`);
    return campaign.cusLoyalty;
  }

  /** `GetNewIdsEx`, `WriteCollection` … as Campaign was asked. */
  function asked(): readonly (string | undefined)[] {
    return gateway.mocks.campaign.requests().map(({ headers }) => headers.soapaction?.replace(/^.*#/, ''));
  }

  it('makes one and answers with what Campaign then holds', async () => {
    await create('{ lastName: "First" }');
    gateway.mocks.clearRequests();
    const recipient =
      await create(`{ email: "zoe@x.example", lastName: "O'Neil & <Co>", birthDate: "1980-02-29", blackList: true,
      gender: 2, location: { city: "Köln" }, folder: { name: "nmsRootFolder" } }`);
    expect(recipient).toEqual({
      id: expect.stringMatching(/^\d+$/),
      email: 'zoe@x.example',
      lastName: "O'Neil & <Co>",
      birthDate: '1980-02-29',
      blackList: true,
      gender: { value: '2' },
      location: { city: 'Köln' },
      folder: { name: 'nmsRootFolder' },
    });
    expect(asked().filter((action) => action !== 'GetEntityIfMoreRecent')).toEqual([
      'GetNewIdsEx',
      'WriteCollection',
      'ExecuteQuery',
    ]);
  });

  it('changes what is given, empties what is null and leaves the rest', async () => {
    const { id } = await create('{ email: "a@x.example", lastName: "Doe", gender: 1, location: { city: "Ulm" } }');
    gateway.mocks.clearRequests();
    const { updateCampaignNmsRecipient } = await gateway.ask(
      `mutation { updateCampaignNmsRecipient(id: "${id}", input: { lastName: "Roe", email: null, gender: null, folder: null }) ${RECIPIENT} }`,
    );
    expect(updateCampaignNmsRecipient).toMatchObject({
      id,
      lastName: 'Roe',
      email: null,
      gender: { value: '0' },
      location: { city: 'Ulm' },
      folder: null,
    });
    expect(asked()).toEqual(['WriteCollection', 'ExecuteQuery']);
  });

  it('deletes one, and tells when there was none', async () => {
    const { id } = await create('{ lastName: "Doe" }');
    const remove = `mutation { deleteCampaignNmsRecipient(id: "${id}") }`;
    gateway.mocks.clearRequests();
    expect(await gateway.ask(remove)).toEqual({ deleteCampaignNmsRecipient: true });
    expect(asked()).toEqual(['ExecuteQuery', 'WriteCollection']);
    gateway.mocks.clearRequests();
    expect(await gateway.ask(remove)).toEqual({ deleteCampaignNmsRecipient: false });
    expect(asked()).toEqual(['ExecuteQuery']);
  });

  it('upserts by a unique key of the schema, and tells which of the two it was', async () => {
    const upsert = (input: string) =>
      gateway.ask(
        `mutation { upsertCampaignCusLoyalty(card: "A-1", input: ${input}) { created record { id card level { label } } } }`,
      );
    const made = (await upsert('{ level: "S" }')).upsertCampaignCusLoyalty;
    expect(made).toEqual({
      created: true,
      record: { id: expect.any(String), card: 'A-1', level: { label: 'Silver' } },
    });
    gateway.mocks.clearRequests();
    const changed = (await upsert('{ level: "G" }')).upsertCampaignCusLoyalty;
    expect(changed).toEqual({ created: false, record: { id: made.record.id, card: 'A-1', level: { label: 'Gold' } } });
    expect(asked()).toEqual(['ExecuteQuery', 'WriteCollection', 'ExecuteQuery']);
  });

  it('upserts by a key of several attributes', async () => {
    const upsert = `mutation { upsertCampaignCusLoyalty(shop: "Ulm", number: 7, input: { card: "B-7" }) { created record { id } } }`;
    const first = (await gateway.ask(upsert)).upsertCampaignCusLoyalty;
    const second = (await gateway.ask(upsert)).upsertCampaignCusLoyalty;
    expect([first.created, second.created]).toEqual([true, false]);
    expect(await loyalty(second.record.id)).toMatchObject({ id: first.record.id, shop: 'Ulm', number: 7, card: 'B-7' });
  });

  it('keeps a value of every kind, and empties each', async () => {
    const values = {
      card: 'K-1',
      points: '9007199254740993',
      rate: 1.25,
      active: true,
      since: '2024-02-29',
      seen: '2024-03-01T10:00:00.000Z',
      remark: 'one\ntwo ]]> <three>',
      terms: { kind: 'long' },
    };
    const folder = gateway.mocks.campaign.rows('xtk:folder').find(({ name }) => name === 'nmsRootFolder');
    const { createCampaignCusLoyalty } = await gateway.ask(
      'mutation ($input: CampaignCusLoyaltyInput!) { createCampaignCusLoyalty(input: $input) { id } }',
      { input: { ...values, seen: '2024-03-01T12:00:00+02:00', folder: { id: folder?.id } } },
    );
    const held = await loyalty(createCampaignCusLoyalty.id);
    expect(held).toMatchObject({ ...values, folder: { name: 'nmsRootFolder' } });
    await gateway.ask(
      'mutation ($id: ID!, $input: CampaignCusLoyaltyInput!) { updateCampaignCusLoyalty(id: $id, input: $input) { id } }',
      {
        id: createCampaignCusLoyalty.id,
        input: { points: null, rate: null, active: null, since: null, seen: null, remark: null, terms: { kind: null } },
      },
    );
    expect(await loyalty(createCampaignCusLoyalty.id)).toMatchObject({
      card: 'K-1',
      points: 0,
      rate: 0,
      active: false,
      since: null,
      seen: null,
      remark: null,
      terms: { kind: null },
    });
  });

  it.each<[string, string, string, string?]>([
    [
      'createCampaignNmsRecipient(input: { lastName: "LONG" }) { id }',
      'BAD_USER_INPUT',
      '100 characters',
      'input.lastName',
    ],
    ['createCampaignNmsRecipient(input: { gender: 7 }) { id }', 'BAD_USER_INPUT', '1 Male', 'input.gender'],
    [
      'createCampaignNmsRecipient(input: { location: { zipCode: "LONG" } }) { id }',
      'BAD_USER_INPUT',
      '20',
      'input.location.zipCode',
    ],
    ['createCampaignNmsRecipient(input: { location: null }) { id }', 'BAD_USER_INPUT', 'an object', 'input.location'],
    [
      'createCampaignNmsRecipient(input: { lastName: "a\\u0001b" }) { id }',
      'BAD_USER_INPUT',
      'control',
      'input.lastName',
    ],
    ['createCampaignNmsRecipient(input: { folder: {} }) { id }', 'BAD_USER_INPUT', 'one key', 'input.folder.id'],
    ['createCampaignNmsRecipient(input: { folder: { name: "noSuchFolder" } }) { id }', 'NOT_FOUND', 'folder'],
    ['createCampaignNmsRecipient(input: { crmId: "x" }) { id }', 'GRAPHQL_VALIDATION_FAILED', 'crmId'],
    ['createCampaignNmsRecipient(input: { domain: "x" }) { id }', 'GRAPHQL_VALIDATION_FAILED', 'domain'],
    [
      'createCampaignNmsRecipient(input: { lastModified: "2024-01-01T00:00:00Z" }) { id }',
      'GRAPHQL_VALIDATION_FAILED',
      'lastModified',
    ],
    ['updateCampaignNmsRecipient(id: "987654", input: { lastName: "x" }) { id }', 'NOT_FOUND', '987654', 'id'],
    ['updateCampaignNmsRecipient(id: "0", input: { lastName: "x" }) { id }', 'BAD_USER_INPUT', '"id"', 'id'],
    ['updateCampaignNmsRecipient(id: "x", input: { lastName: "x" }) { id }', 'BAD_USER_INPUT', 'whole number', 'id'],
    ['updateCampaignNmsRecipient(id: "987654", input: {}) { id }', 'BAD_USER_INPUT', 'at least one', 'input'],
    ['createCampaignCusLoyalty(input: { level: "G" }) { id }', 'UPSTREAM_REJECTED', 'not-null'],
    [
      'upsertCampaignCusLoyalty(shop: "Ulm", input: { level: "G" }) { created }',
      'BAD_USER_INPUT',
      'shop with number',
      'shop',
    ],
    ['upsertCampaignCusLoyalty(card: "C", input: { card: "D" }) { created }', 'BAD_USER_INPUT', '"card"', 'input.card'],
  ])('refuses %s with %s, and writes nothing', async (mutation, code, text, field) => {
    const count = () =>
      gateway.mocks.campaign.rows('nms:recipient').length + gateway.mocks.campaign.rows('cus:loyalty').length;
    const before = count();
    const { errors } = await gateway.send(`mutation { ${mutation.replace('LONG', 'x'.repeat(101))} }`);
    expect(errors[0]?.extensions).toMatchObject({ code, ...(field && { field }) });
    expect(errors[0]?.message).toContain(text);
    expect(count()).toBe(before);
  });

  it('tells of a value that another record has already with CONFLICT', async () => {
    const make = 'mutation { createCampaignCusLoyalty(input: { card: "U-1" }) { id } }';
    await gateway.ask(make);
    const { errors } = await gateway.send(make);
    expect(errors[0]?.extensions).toMatchObject({
      code: 'CONFLICT',
      upstream: { system: 'campaign', code: 'ODB-240000' },
    });
  });

  it('says of a write that was never answered that nobody knows whether it was made', async () => {
    fault({ times: 4 });
    const { errors } = await gateway.send(
      'mutation { createCampaignNmsRecipient(input: { lastName: "Lost" }) { id } }',
    );
    expect(errors[0]?.extensions.code).toBe('UPSTREAM_UNAVAILABLE');
    expect(errors[0]?.message).toContain('not known');
    expect(recipients('Lost')).toEqual([]);
  });

  it.each([
    ['before it was made', { times: 1 }],
    ['after it was made', { times: 1, after: true }],
    ['after it was made, again and again', { times: 4, after: true }],
  ])('makes one record where the connection is lost %s', async (_when, facts) => {
    const lastName = `Found ${JSON.stringify(facts)}`;
    fault(facts);
    const { createCampaignNmsRecipient } = await gateway.ask(
      'mutation ($input: CampaignNmsRecipientInput!) { createCampaignNmsRecipient(input: $input) { id } }',
      { input: { lastName } },
    );
    expect(recipients(lastName)).toEqual([createCampaignNmsRecipient.id]);
  });

  it.each([{ times: 1 }, { times: 1, after: true }])(
    'repeats a change where the connection is lost: %j',
    async (facts) => {
      const { id } = await create('{ lastName: "Doe" }');
      fault(facts);
      const { updateCampaignNmsRecipient } = await gateway.ask(
        `mutation { updateCampaignNmsRecipient(id: "${id}", input: { lastName: "Again" }) { lastName } }`,
      );
      expect(updateCampaignNmsRecipient).toEqual({ lastName: 'Again' });
    },
  );

  function fault(facts: { readonly times: number; readonly after?: boolean }): void {
    gateway.mocks.campaign.addFault({ match: { method: 'POST', path: 'WriteCollection' }, close: true, ...facts });
  }

  function recipients(lastName: string): readonly string[] {
    const found = gateway.mocks.campaign.rows('nms:recipient').filter((row) => row.lastName === lastName);
    return found.map(({ id }) => String(id));
  }

  it('shows later fields of the same operation what was written', async () => {
    const { id } = await create('{ lastName: "Old" }');
    const { one, two } = await gateway.ask(`mutation {
      one: updateCampaignNmsRecipient(id: "${id}", input: { lastName: "New" }) { lastName }
      two: updateCampaignNmsRecipient(id: "${id}", input: { firstName: "Ann" }) { lastName firstName } }`);
    expect([one, two]).toEqual([{ lastName: 'New' }, { lastName: 'New', firstName: 'Ann' }]);
  });

  it('offers no mutation for schemas that are not mapped', async () => {
    const { errors } = await gateway.send('mutation { deleteCampaignXtkFolder(id: "1") }');
    expect(errors[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
  });
});
