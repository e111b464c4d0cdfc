import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Data, setUp, startGateway, type TestGateway } from '../support/gateway.js';

describe('writing records of a mapped table', () => {
  let gateway: TestGateway;
  let accountId: string;
  beforeAll(async () => {
    gateway = await startGateway({ contacts: 10 });
    await setUp(gateway);
    accountId = gateway.mocks.dynamics.rows('account')[0]?.accountid as string; // the mock seeds accounts
  });
  afterAll(() => gateway.close());

  async function create(input: Data): Promise<Data> {
    const { createDynamicsContact } = await gateway.ask(
      `mutation ($input: CreateDynamicsContactInput!) { createDynamicsContact(input: $input) {
        contactid fullname birthdate donotphone annualincome gendercode { value label }
        parentcustomerid { __typename ... on DynamicsAccount { accountid } } } }`,
      { input },
    );
    return createDynamicsContact;
  }

  it('makes one and answers with what Dynamics then holds', async () => {
    const contact = await create({
      firstname: 'Zoë',
      lastname: "O'Neil",
      birthdate: '1980-02-29',
      donotphone: true,
      annualincome: 1234.5,
      gendercode: 2,
      parentcustomerid: { table: 'account', id: accountId },
    });
    expect(contact).toEqual({
      contactid: expect.any(String),
      fullname: "Zoë O'Neil",
      birthdate: '1980-02-29',
      donotphone: true,
      annualincome: 1234.5,
      gendercode: { value: 2, label: 'Female' },
      parentcustomerid: { __typename: 'DynamicsAccount', accountid: accountId },
    });
  });

  it('changes the columns given and empties those that are null', async () => {
    const { contactid } = await create({
      lastname: 'Doe',
      jobtitle: 'Buyer',
      parentcustomerid: { table: 'account', id: accountId },
    });
    const { updateDynamicsContact } = await gateway.ask(
      `mutation { updateDynamicsContact(id: "${contactid}", input: { jobtitle: "Head of purchase", parentcustomerid: null }) {
        lastname jobtitle parentcustomerid { __typename } } }`,
    );
    expect(updateDynamicsContact).toEqual({ lastname: 'Doe', jobtitle: 'Head of purchase', parentcustomerid: null });
  });

  it('answers with the record as it is, also where the request has read it before', async () => {
    const { contactid } = await create({ lastname: 'Doe' });
    const { one, two } = await gateway.ask(
      `mutation { one: updateDynamicsContact(id: "${contactid}", input: { nickname: "A" }) { nickname }
        two: updateDynamicsContact(id: "${contactid}", input: { nickname: "B" }) { nickname } }`,
    );
    expect([one.nickname, two.nickname]).toEqual(['A', 'B']);
  });

  it('says that a conflict may be with the change itself where its answer was lost', async () => {
    const { contactid } = await create({ lastname: 'Doe' });
    const { dynamics } = await gateway.ask(`{ dynamics { contact(id: "${contactid}") { versionnumber } } }`);
    const match = { method: 'PATCH', path: `contacts(${contactid})` };
    gateway.mocks.dynamics.addFault({ match, times: 1, after: true, close: true });
    const { errors } = await gateway.send(
      `mutation { updateDynamicsContact(id: "${contactid}", ifMatch: "${dynamics.contact.versionnumber}", input: { nickname: "A" }) { nickname } }`,
    );
    expect(errors[0]).toMatchObject({
      extensions: { code: 'CONFLICT' },
      message: expect.stringContaining('not known'),
    });
    expect(gateway.mocks.dynamics.row('contact', contactid)).toMatchObject({ nickname: 'A' });
  });

  it('deletes one, and tells when there was none', async () => {
    const { contactid } = await create({ lastname: 'Doe' });
    const remove = `mutation { deleteDynamicsContact(id: "${contactid}") }`;
    expect(await gateway.ask(remove)).toEqual({ deleteDynamicsContact: true });
    expect(await gateway.ask(remove)).toEqual({ deleteDynamicsContact: false });
    expect(await gateway.ask(`{ dynamics { contact(id: "${contactid}") { fullname } } }`)).toEqual({
      dynamics: { contact: null },
    });
  });

  it.each<[string, string, string]>([
    [
      'updateDynamicsContact(id: "00000000-0000-0000-0000-000000000009", input: { lastname: "x" }) { lastname }',
      'NOT_FOUND',
      'Does Not Exist',
    ],
    ['updateDynamicsContact(id: "42", input: { lastname: "x" }) { lastname }', 'BAD_USER_INPUT', 'GUID'],
    [
      'updateDynamicsContact(id: "00000000-0000-0000-0000-000000000009", input: {}) { lastname }',
      'BAD_USER_INPUT',
      'at least one column',
    ],
    ['createDynamicsContact(input: { jobtitle: "JOB" }) { fullname }', 'UPSTREAM_REJECTED', 'jobtitle'],
    ['createDynamicsContact(input: { gendercode: 77 }) { fullname }', 'UPSTREAM_REJECTED', '77'],
  ])('refuses %s with %s', async (mutation, code, text) => {
    const before = gateway.mocks.dynamics.rows('contact').length;
    const { errors } = await gateway.send(`mutation { ${mutation.replace('JOB', 'x'.repeat(101))} }`);
    expect(errors[0]?.extensions.code).toBe(code);
    expect(errors[0]?.message).toContain(text);
    expect(gateway.mocks.dynamics.rows('contact')).toHaveLength(before);
  });

  it('offers no mutation for tables that are not mapped', async () => {
    const { errors } = await gateway.send('mutation { deleteDynamicsLead(id: "1") }');
    expect(errors[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
  });
});
